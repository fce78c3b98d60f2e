"""What the status store knows of each job, stage, task, executor and cached RDD.

The words of ``status`` are those of Spark's REST interface. The store alone changes these
records; everybody else gets a ``snapshot``, which changes no more.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from pyspark.storagelevel import StorageLevel

from pyrite.core.events import StageInfo, TaskInfo, TaskMetrics

__all__ = [
    "BlockData",
    "ExecutorData",
    "JobData",
    "JobStatus",
    "RDDData",
    "StageData",
    "StageStatus",
    "TaskCounts",
    "TaskData",
]


class JobStatus(StrEnum):
    """How a job stands."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


class StageStatus(StrEnum):
    """How a stage attempt stands; SKIPPED means its output was there already."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    COMPLETE = "COMPLETE"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


@dataclass(slots=True)
class TaskCounts:
    """Tasks by how they stand; ``killed_reasons`` tells how many were killed for what."""

    active: int = 0
    completed: int = 0
    failed: int = 0
    killed: int = 0
    killed_reasons: dict[str, int] = field(default_factory=dict)

    def snapshot(self) -> TaskCounts:
        """Return a copy that shares nothing that changes."""
        return replace(self, killed_reasons=dict(self.killed_reasons))


@dataclass(slots=True)
class JobData:
    """One action. Times are milliseconds since the epoch."""

    job_id: int
    name: str
    description: str | None
    group: str | None
    tags: tuple[str, ...]
    stage_ids: tuple[int, ...]
    submission_time: int
    num_tasks: int
    status: JobStatus = JobStatus.RUNNING
    completion_time: int | None = None
    tasks: TaskCounts = field(default_factory=TaskCounts)
    num_skipped_tasks: int = 0
    num_active_stages: int = 0
    num_completed_stages: int = 0
    num_skipped_stages: int = 0
    num_failed_stages: int = 0

    def snapshot(self) -> JobData:
        """Return a copy that shares nothing that changes."""
        return replace(self, tasks=self.tasks.snapshot())


@dataclass(frozen=True, slots=True)
class TaskData:
    """One attempt of a task; ``error_text`` is empty unless it ended badly."""

    info: TaskInfo
    status: str = "RUNNING"
    error_text: str = ""
    metrics: TaskMetrics | None = None


@dataclass(slots=True)
class StageData:
    """One attempt of a stage; ``metrics`` is the sum over its ended tasks."""

    info: StageInfo
    job_ids: set[int]
    description: str | None = None
    pool: str = "default"
    status: StageStatus = StageStatus.PENDING
    first_task_launched_time: int | None = None
    tasks: TaskCounts = field(default_factory=TaskCounts)
    metrics: TaskMetrics = field(default_factory=TaskMetrics)
    task_data: dict[int, TaskData] = field(default_factory=dict)

    def snapshot(self, *, with_tasks: bool) -> StageData:
        """Return a copy that shares nothing that changes, perhaps without the single tasks."""
        return replace(
            self,
            job_ids=set(self.job_ids),
            tasks=self.tasks.snapshot(),
            metrics=replace(self.metrics),
            task_data=dict(self.task_data) if with_tasks else {},
        )


@dataclass(slots=True)
class ExecutorData:
    """One executor. Sizes are bytes, ``total_duration`` is the milliseconds its tasks ran."""

    executor_id: str
    host: str
    add_time: int
    port: int = 0
    total_cores: int = 0
    is_active: bool = True
    is_excluded: bool = False
    remove_time: int | None = None
    remove_reason: str | None = None
    max_memory: int = 0
    memory_used: int = 0
    disk_used: int = 0
    rdd_blocks: int = 0
    tasks: TaskCounts = field(default_factory=TaskCounts)
    total_duration: int = 0
    metrics: TaskMetrics = field(default_factory=TaskMetrics)

    def snapshot(self) -> ExecutorData:
        """Return a copy that shares nothing that changes."""
        return replace(self, tasks=self.tasks.snapshot(), metrics=replace(self.metrics))


@dataclass(frozen=True, slots=True)
class BlockData:
    """One cached partition on one executor; sizes are bytes."""

    executor_id: str
    storage_level: StorageLevel
    memory_size: int
    disk_size: int


@dataclass(slots=True)
class RDDData:
    """One RDD that is to be cached, and its blocks: block name -> executor -> block."""

    rdd_id: int
    name: str
    num_partitions: int
    storage_level: StorageLevel
    blocks: dict[str, dict[str, BlockData]] = field(default_factory=dict)

    def snapshot(self) -> RDDData:
        """Return a copy that shares nothing that changes."""
        return replace(self, blocks={name: dict(held) for name, held in self.blocks.items()})

    @property
    def num_cached_partitions(self) -> int:
        """Partitions held by at least one executor."""
        return len(self.blocks)

    @property
    def memory_used(self) -> int:
        """Bytes in memory, over all executors."""
        return sum(b.memory_size for held in self.blocks.values() for b in held.values())

    @property
    def disk_used(self) -> int:
        """Bytes on disk, over all executors."""
        return sum(b.disk_size for held in self.blocks.values() for b in held.values())
