"""What happened in an application, as values that listeners read.

The scheduler posts one small value per happening; everything that watches (event log, progress
bar, status store) is a listener on the bus and can never disturb the scheduler.

There is one module for each idea:

- ``info``: what is known about a stage, task, RDD, executor or block manager at one moment.
- ``metrics``: ``TaskMetrics``, the counters a worker fills while its task runs.
- ``end_reasons``: how a task ended (``Success``, ``ExceptionFailure``, ...).
- ``job_results``: how a job ended.
- ``local_properties``: the names of the properties that jobs carry.
- ``listener_events``: the events themselves, named as Spark names them.
- ``listener``: ``SparkListener``, one method per event.
- ``listener_bus``: ``ListenerBus``, the queue and thread between scheduler and listeners.

Every time in these values is in milliseconds since the epoch, unless its name ends in ``_ns``.
"""

from __future__ import annotations

from pyrite.core.events.end_reasons import (
    ExceptionFailure,
    ExecutorLostFailure,
    FetchFailedReason,
    Resubmitted,
    StackTraceElement,
    Success,
    TaskCommitDenied,
    TaskEndReason,
    TaskKilledReason,
    TaskResultLost,
    UnknownReason,
)
from pyrite.core.events.info import (
    AccumulableInfo,
    BlockManagerId,
    BlockUpdatedInfo,
    ExecutorInfo,
    ExecutorResourceRequestInfo,
    RDDInfo,
    ResourceProfileInfo,
    StageInfo,
    TaskInfo,
    TaskUpdate,
    now_ms,
)
from pyrite.core.events.job_results import JobFailed, JobResult, JobSucceeded
from pyrite.core.events.listener import SparkListener
from pyrite.core.events.listener_bus import ListenerBus
from pyrite.core.events.listener_events import (
    SparkListenerApplicationEnd,
    SparkListenerApplicationStart,
    SparkListenerBlockManagerAdded,
    SparkListenerBlockManagerRemoved,
    SparkListenerBlockUpdated,
    SparkListenerEnvironmentUpdate,
    SparkListenerEvent,
    SparkListenerExecutorAdded,
    SparkListenerExecutorExcluded,
    SparkListenerExecutorMetricsUpdate,
    SparkListenerExecutorRemoved,
    SparkListenerExecutorUnexcluded,
    SparkListenerJobEnd,
    SparkListenerJobStart,
    SparkListenerResourceProfileAdded,
    SparkListenerSpeculativeTaskSubmitted,
    SparkListenerStageCompleted,
    SparkListenerStageSubmitted,
    SparkListenerTaskEnd,
    SparkListenerTaskGettingResult,
    SparkListenerTaskStart,
    SparkListenerUnpersistRDD,
)
from pyrite.core.events.metrics import TaskMetrics

__all__ = [
    "AccumulableInfo",
    "BlockManagerId",
    "BlockUpdatedInfo",
    "ExceptionFailure",
    "ExecutorInfo",
    "ExecutorLostFailure",
    "ExecutorResourceRequestInfo",
    "FetchFailedReason",
    "JobFailed",
    "JobResult",
    "JobSucceeded",
    "ListenerBus",
    "RDDInfo",
    "ResourceProfileInfo",
    "Resubmitted",
    "SparkListener",
    "SparkListenerApplicationEnd",
    "SparkListenerApplicationStart",
    "SparkListenerBlockManagerAdded",
    "SparkListenerBlockManagerRemoved",
    "SparkListenerBlockUpdated",
    "SparkListenerEnvironmentUpdate",
    "SparkListenerEvent",
    "SparkListenerExecutorAdded",
    "SparkListenerExecutorExcluded",
    "SparkListenerExecutorMetricsUpdate",
    "SparkListenerExecutorRemoved",
    "SparkListenerExecutorUnexcluded",
    "SparkListenerJobEnd",
    "SparkListenerJobStart",
    "SparkListenerResourceProfileAdded",
    "SparkListenerSpeculativeTaskSubmitted",
    "SparkListenerStageCompleted",
    "SparkListenerStageSubmitted",
    "SparkListenerTaskEnd",
    "SparkListenerTaskGettingResult",
    "SparkListenerTaskStart",
    "SparkListenerUnpersistRDD",
    "StackTraceElement",
    "StageInfo",
    "Success",
    "TaskCommitDenied",
    "TaskEndReason",
    "TaskInfo",
    "TaskKilledReason",
    "TaskMetrics",
    "TaskResultLost",
    "TaskUpdate",
    "UnknownReason",
    "now_ms",
]
