"""EventLoggingListener: writes Spark's own event log, which Spark's history server reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pyspark

from pyrite.core.conf import ConfigEntry, parse_bool
from pyrite.core.events import (
    SparkListener,
    SparkListenerBlockUpdated,
    SparkListenerEnvironmentUpdate,
    SparkListenerEvent,
    SparkListenerJobStart,
    SparkListenerSpeculativeTaskSubmitted,
    SparkListenerStageSubmitted,
    SparkListenerTaskEnd,
    SparkListenerTaskGettingResult,
    SparkListenerTaskStart,
)
from pyrite.core.ui.event_log_writers import open_event_log
from pyrite.core.ui.json_protocol import event_to_line, log_start
from pyrite.core.ui.redaction import redact

__all__ = ["EVENT_LOG_ENABLED", "EventLoggingListener"]

EVENT_LOG_ENABLED = ConfigEntry("spark.eventLog.enabled", "false", parse_bool)
_LOG_BLOCK_UPDATES = ConfigEntry("spark.eventLog.logBlockUpdates.enabled", "false", parse_bool)


class EventLoggingListener(SparkListener):
    """Appends every event to the application's log.

    The log can be read at any time: it is flushed when a job begins and when a stage or
    job ends, so a crash loses at most the tasks of the running stages.

    Args:
        app_id: The application's id.
        conf: The application's settings; ``spark.eventLog.*`` say where and how.

    Raises:
        SparkException: If ``spark.eventLog.dir`` does not exist.
        SparkIllegalArgumentException: If a setting cannot be used.
    """

    def __init__(self, app_id: str, conf: Mapping[str, str]) -> None:
        self._conf = dict(conf)
        self._log_block_updates = _LOG_BLOCK_UPDATES.read(conf)
        self._writer = open_event_log(app_id, conf)
        self._closed = False
        self._writer.write(log_start(pyspark.__version__), flush=True)

    @property
    def log_path(self) -> str:
        """The log's final file, or its directory when it rolls."""
        return self._writer.path

    def close(self) -> None:
        """Finish the log and drop its ``.inprogress``; call it after the bus has stopped."""
        if not self._closed:
            self._closed = True
            self._writer.close()

    def _log(self, event: SparkListenerEvent, *, flush: bool = True) -> None:
        # A bus that could not stop in time may still deliver; the log is complete by then.
        if not self._closed:
            self._writer.write(event_to_line(event), flush)

    def _log_buffered(self, event: SparkListenerEvent) -> None:
        self._log(event, flush=False)

    # The handlers that only log. The events of single tasks are many, and wait for the next flush.
    on_application_start = _log
    on_application_end = _log
    on_job_end = _log
    on_stage_completed = _log
    on_executor_added = _log
    on_executor_removed = _log
    on_executor_excluded = _log
    on_executor_unexcluded = _log
    on_block_manager_added = _log
    on_block_manager_removed = _log
    on_unpersist_rdd = _log
    on_resource_profile_added = _log

    def on_task_start(self, event: SparkListenerTaskStart) -> None:
        """Log a task's start."""
        self._log_buffered(event)

    def on_task_getting_result(self, event: SparkListenerTaskGettingResult) -> None:
        """Log the fetch of a large result."""
        self._log_buffered(event)

    def on_speculative_task_submitted(self, event: SparkListenerSpeculativeTaskSubmitted) -> None:
        """Log a second copy of a task."""
        self._log_buffered(event)

    def on_task_end(self, event: SparkListenerTaskEnd) -> None:
        """Log a task's end."""
        self._log_buffered(event)

    def on_job_start(self, event: SparkListenerJobStart) -> None:
        """Log a job's start, without secrets among its properties."""
        self._log(replace(event, properties=redact(event.properties, self._conf)))

    def on_stage_submitted(self, event: SparkListenerStageSubmitted) -> None:
        """Log a stage's start, without secrets among its properties."""
        self._log_buffered(replace(event, properties=redact(event.properties, self._conf)))

    def on_environment_update(self, event: SparkListenerEnvironmentUpdate) -> None:
        """Log the environment, without its secrets."""
        self._log_buffered(
            replace(
                event,
                spark_properties=redact(event.spark_properties, self._conf),
                hadoop_properties=redact(event.hadoop_properties, self._conf),
                system_properties=redact(event.system_properties, self._conf),
            )
        )

    def on_block_updated(self, event: SparkListenerBlockUpdated) -> None:
        """Log a block's change if ``spark.eventLog.logBlockUpdates.enabled`` is set."""
        if self._log_block_updates:
            self._log(event)
