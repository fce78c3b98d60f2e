"""The events: one frozen value per happening, named and ordered as Spark names and orders them.

``handler`` is the method of ``SparkListener`` an event arrives in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from pyrite.core.events.end_reasons import TaskEndReason
from pyrite.core.events.info import (
    BlockManagerId,
    BlockUpdatedInfo,
    ExecutorInfo,
    ResourceProfileInfo,
    StageInfo,
    TaskInfo,
    TaskUpdate,
)
from pyrite.core.events.job_results import JobResult
from pyrite.core.events.metrics import TaskMetrics

__all__ = [
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
]


@dataclass(frozen=True, slots=True)
class SparkListenerEvent:
    """Base of all events."""

    handler: ClassVar[str] = "on_other_event"


@dataclass(frozen=True, slots=True)
class SparkListenerApplicationStart(SparkListenerEvent):
    """The application began."""

    handler: ClassVar[str] = "on_application_start"
    app_name: str
    app_id: str
    timestamp: int
    user: str


@dataclass(frozen=True, slots=True)
class SparkListenerApplicationEnd(SparkListenerEvent):
    """The application ended."""

    handler: ClassVar[str] = "on_application_end"
    timestamp: int
    exit_code: int | None = 0


@dataclass(frozen=True, slots=True)
class SparkListenerJobStart(SparkListenerEvent):
    """An action was submitted.

    ``properties`` are the local properties of the submitting thread, the job group among them.
    """

    handler: ClassVar[str] = "on_job_start"
    job_id: int
    submission_time: int
    stage_infos: tuple[StageInfo, ...]
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def stage_ids(self) -> tuple[int, ...]:
        """The job's stages, in the order of ``stage_infos``."""
        return tuple(info.stage_id for info in self.stage_infos)


@dataclass(frozen=True, slots=True)
class SparkListenerJobEnd(SparkListenerEvent):
    """An action has its result or its error."""

    handler: ClassVar[str] = "on_job_end"
    job_id: int
    completion_time: int
    result: JobResult


@dataclass(frozen=True, slots=True)
class SparkListenerStageSubmitted(SparkListenerEvent):
    """A stage attempt's tasks were handed to the task scheduler."""

    handler: ClassVar[str] = "on_stage_submitted"
    stage_info: StageInfo
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SparkListenerStageCompleted(SparkListenerEvent):
    """A stage attempt ended, well or (``stage_info.failure_reason``) not."""

    handler: ClassVar[str] = "on_stage_completed"
    stage_info: StageInfo


@dataclass(frozen=True, slots=True)
class SparkListenerTaskStart(SparkListenerEvent):
    """A task was sent to an executor."""

    handler: ClassVar[str] = "on_task_start"
    stage_id: int
    stage_attempt_id: int
    task_info: TaskInfo


@dataclass(frozen=True, slots=True)
class SparkListenerTaskGettingResult(SparkListenerEvent):
    """The driver began to fetch a result too large to come inline."""

    handler: ClassVar[str] = "on_task_getting_result"
    task_info: TaskInfo


@dataclass(frozen=True, slots=True)
class SparkListenerSpeculativeTaskSubmitted(SparkListenerEvent):
    """A second copy of a slow task is about to run."""

    handler: ClassVar[str] = "on_speculative_task_submitted"
    stage_id: int
    stage_attempt_id: int
    task_index: int = -1
    partition_id: int = -1


@dataclass(frozen=True, slots=True)
class SparkListenerTaskEnd(SparkListenerEvent):
    """A task attempt ended. ``task_type`` is ResultTask or ShuffleMapTask."""

    handler: ClassVar[str] = "on_task_end"
    stage_id: int
    stage_attempt_id: int
    task_type: str
    reason: TaskEndReason
    task_info: TaskInfo
    metrics: TaskMetrics | None = None


@dataclass(frozen=True, slots=True)
class SparkListenerExecutorMetricsUpdate(SparkListenerEvent):
    """An executor says how far running tasks are.

    Spark sends one for all tasks of an executor with its heartbeat; here a task that has
    something to say is the cause, and alone in it.
    """

    handler: ClassVar[str] = "on_executor_metrics_update"
    executor_id: str
    task_updates: tuple[TaskUpdate, ...]


@dataclass(frozen=True, slots=True)
class SparkListenerExecutorAdded(SparkListenerEvent):
    """An executor joined."""

    handler: ClassVar[str] = "on_executor_added"
    timestamp: int
    executor_id: str
    executor_info: ExecutorInfo


@dataclass(frozen=True, slots=True)
class SparkListenerExecutorRemoved(SparkListenerEvent):
    """An executor left."""

    handler: ClassVar[str] = "on_executor_removed"
    timestamp: int
    executor_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class SparkListenerExecutorExcluded(SparkListenerEvent):
    """An executor gets no more tasks for a while: too many failed there."""

    handler: ClassVar[str] = "on_executor_excluded"
    timestamp: int
    executor_id: str
    task_failures: int


@dataclass(frozen=True, slots=True)
class SparkListenerExecutorUnexcluded(SparkListenerEvent):
    """An excluded executor gets tasks again."""

    handler: ClassVar[str] = "on_executor_unexcluded"
    timestamp: int
    executor_id: str


@dataclass(frozen=True, slots=True)
class SparkListenerBlockManagerAdded(SparkListenerEvent):
    """An executor can hold blocks. Sizes are bytes."""

    handler: ClassVar[str] = "on_block_manager_added"
    block_manager_id: BlockManagerId
    maximum_memory: int
    timestamp: int
    maximum_onheap_memory: int | None = None
    maximum_offheap_memory: int | None = None


@dataclass(frozen=True, slots=True)
class SparkListenerBlockManagerRemoved(SparkListenerEvent):
    """An executor's blocks are gone."""

    handler: ClassVar[str] = "on_block_manager_removed"
    block_manager_id: BlockManagerId
    timestamp: int


@dataclass(frozen=True, slots=True)
class SparkListenerBlockUpdated(SparkListenerEvent):
    """A block was stored, moved or dropped."""

    handler: ClassVar[str] = "on_block_updated"
    block_updated_info: BlockUpdatedInfo


@dataclass(frozen=True, slots=True)
class SparkListenerUnpersistRDD(SparkListenerEvent):
    """The user unpersisted an RDD."""

    handler: ClassVar[str] = "on_unpersist_rdd"
    rdd_id: int


@dataclass(frozen=True, slots=True)
class SparkListenerEnvironmentUpdate(SparkListenerEvent):
    """What the application runs with; each part maps a name to a text.

    ``runtime_information`` is what Spark calls JVM information.
    """

    handler: ClassVar[str] = "on_environment_update"
    runtime_information: Mapping[str, str]
    spark_properties: Mapping[str, str]
    hadoop_properties: Mapping[str, str] = field(default_factory=dict)
    system_properties: Mapping[str, str] = field(default_factory=dict)
    metrics_properties: Mapping[str, str] = field(default_factory=dict)
    classpath_entries: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SparkListenerResourceProfileAdded(SparkListenerEvent):
    """A resource profile is used for the first time."""

    handler: ClassVar[str] = "on_resource_profile_added"
    resource_profile: ResourceProfileInfo
