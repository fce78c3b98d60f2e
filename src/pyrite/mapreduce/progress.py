"""How a job fares, on a console: what Hadoop's client says while it waits for a job.

``JobProgress`` listens to the engine's events; only the beginning and the end are told to it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyrite.core.events import (
    ExceptionFailure,
    SparkListener,
    SparkListenerExecutorMetricsUpdate,
    SparkListenerStageSubmitted,
    SparkListenerTaskEnd,
    Success,
    TaskKilledReason,
)
from pyrite.mapreduce.live_values import STATUS, LiveValues

if TYPE_CHECKING:
    from pyrite.core.events import TaskInfo
    from pyrite.mapreduce.console import Console
    from pyrite.mapreduce.counters import Counters

__all__ = ["JobProgress"]

_JOB = "mapreduce.Job"
_JOB_SUBMITTER = "mapreduce.JobSubmitter"
_MAP, _REDUCE = "m", "r"
#: How the groups begin of which there are counters in every job; a person has seen them before.
_COMMON_GROUPS = ("Map-Reduce Framework", "File ", "Job Counters")


@dataclass
class _Phase:
    """The tasks of one kind: how many there are, and which partitions are done."""

    num_tasks: int = 0
    done: set[int] = field(default_factory=set)

    @property
    def percent(self) -> int:
        return 100 * len(self.done) // self.num_tasks if self.num_tasks else 0


class JobProgress(SparkListener):
    """Says how a job fares: its id, how far it is, what its tasks say, which of them failed.

    Add it to the bus of the job's context before the job, and ``finish`` or ``fail`` it after.

    Args:
        console: Where to.
        job_id: The job, such as ``job_202601011200_0001``.
        has_reduce: Whether it has a reduce phase.
        clock: Gives seconds.
    """

    def __init__(
        self,
        console: Console,
        job_id: str,
        *,
        has_reduce: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = console
        self._job_id = job_id
        self._has_reduce = has_reduce
        self._live = LiveValues(_COMMON_GROUPS, clock)
        self._phases = {_MAP: _Phase(), _REDUCE: _Phase()}
        self._kinds: dict[int, str] = {}
        self._percents: tuple[int, int] | None = None
        self._is_running = False

    def on_stage_submitted(self, event: SparkListenerStageSubmitted) -> None:
        """Learn how many tasks there are."""
        stage = event.stage_info
        kind = _REDUCE if self._has_reduce and not stage.is_shuffle_map else _MAP
        self._kinds[stage.stage_id] = kind
        if stage.attempt_number == 0:
            self._phases[kind].num_tasks = stage.num_tasks
        self._begin()
        self._say_percents()

    def on_task_end(self, event: SparkListenerTaskEnd) -> None:
        """Count a task that is done, and tell of one that failed."""
        kind = self._kinds.get(event.stage_id, _MAP)
        if isinstance(event.reason, Success):
            self._phases[kind].done.add(event.task_info.partition_id)
            self._live.learn(event.task_info.task_id, event.task_info.accumulables)
        else:
            self._live.forget(event.task_info.task_id)
            if not isinstance(event.reason, TaskKilledReason):
                attempt = self._attempt(kind, event.task_info)
                self._console.info(_JOB, f"Task Id : {attempt}, Status : FAILED\n{_why(event)}")
        self._say_percents()

    def on_executor_metrics_update(self, event: SparkListenerExecutorMetricsUpdate) -> None:
        """Tell what a running task says."""
        for update in event.task_updates:
            self._live.learn(update.task_id, update.accumulables)
            kind = self._kinds.get(update.stage_id, _MAP)
            for value in update.accumulables:
                if value.name == STATUS:
                    self._say_status(kind, str(value.update))
        self._say_live()

    def finish(self, counters: Counters) -> None:
        """Say that the job succeeded, and what was counted.

        Args:
            counters: The counters of its tasks.
        """
        self._begin()
        self._say_percents(finished=True)
        self._console.show("")
        self._console.info(_JOB, f"Job {self._job_id} completed successfully")
        self._console.info(_JOB, counters.to_text())

    def fail(self, reason: str) -> None:
        """Say that the job failed.

        Args:
            reason: Why, for people.
        """
        self._begin()
        self._console.show("")
        self._console.info(_JOB, f"Job {self._job_id} failed with state FAILED due to: {reason}")

    def _begin(self) -> None:
        if not self._is_running:
            self._is_running = True
            splits = self._phases[_MAP].num_tasks
            self._console.info(_JOB_SUBMITTER, f"number of splits:{splits}")
            self._console.info(_JOB, f"Running job: {self._job_id}")

    def _attempt(self, kind: str, task: TaskInfo) -> str:
        job = self._job_id.removeprefix("job_")
        return f"attempt_{job}_{kind}_{task.partition_id:06}_{task.attempt}"

    def _say_percents(self, *, finished: bool = False) -> None:
        """Say how far the job is, if that has changed."""
        percents = self._phases[_MAP].percent, self._phases[_REDUCE].percent
        if finished:
            percents = 100, 100 if self._has_reduce else 0
        if percents != self._percents:
            self._percents = percents
            if finished or not self._console.live:
                self._console.info(_JOB, " map {}% reduce {}%".format(*percents))
        self._say_live()

    def _say_status(self, kind: str, status: str) -> None:
        if self._live.hear(status) and not self._console.live:
            name = "map" if kind == _MAP else "reduce"
            self._console.info("mapred.Task", f"Status of a {name} task: {status}")

    def _say_live(self) -> None:
        if not self._console.live:
            return
        map_percent, reduce_percent = self._percents or (0, 0)
        texts = [f"{self._job_id}  map {map_percent}%  reduce {reduce_percent}%"]
        if self._live.status:
            texts.append(self._live.status)
        texts += self._live.counters()
        self._console.show("  |  ".join(texts))


def _why(event: SparkListenerTaskEnd) -> str:
    """Return why an attempt failed, without the engine's own traceback."""
    reason = event.reason
    if isinstance(reason, ExceptionFailure):
        return f"Error: {reason.description}"
    return f"Error: {reason.error_text}"
