"""Stages: the pieces of a job's lineage between shuffles, and the task sets that run them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pyrite.core.events import StageInfo
from pyrite.core.rdd.lineage import BaseRDD
from pyrite.core.rdd.partition import Partition
from pyrite.core.scheduler.job import Job
from pyrite.core.scheduler.task import ResultTask, ShuffleMapTask, Task
from pyrite.core.scheduler.task_request import TaskRequest
from pyrite.core.shuffle import ShuffleHandle

__all__ = ["ResultStage", "ShuffleMapStage", "Stage", "TaskSet", "TaskSpec"]


@dataclass(eq=False)
class Stage:
    """A set of identical tasks, one per partition, with no shuffle among them.

    Attributes:
        stage_id: Unique in the application.
        rdd: The last RDD of the stage; its partitions are the stage's tasks.
        parents: The map stages whose output this stage reads.
        reads: The shuffles they belong to.
        call_site: Where the user's program asked for it.
        barrier: Whether all tasks must run at once.
        request: What each task takes.
        job_ids: The jobs that need this stage.
        attempts: How many attempts were started.
        failed_attempts: Attempts in a row that ended by a lost map output.
        known_moves: How often map outputs had been moved when the latest attempt began.
        unreadable: Shuffles of which a task of this stage missed an output.
        pending: Partitions of the running attempt without a result yet.
        info: What listeners know of the running attempt.
    """

    stage_id: int
    rdd: BaseRDD
    parents: tuple[ShuffleMapStage, ...]
    reads: tuple[int, ...]
    call_site: str
    barrier: bool = False
    request: TaskRequest = field(default_factory=TaskRequest)
    job_ids: set[int] = field(default_factory=set)
    attempts: int = 0
    failed_attempts: int = 0
    known_moves: int = 0
    unreadable: set[int] = field(default_factory=set)
    pending: set[int] = field(default_factory=set)
    info: StageInfo | None = None

    @property
    def attempt(self) -> int:
        """Number of the latest attempt, from 0."""
        return self.attempts - 1

    @property
    def num_tasks(self) -> int:
        """How many tasks the whole stage has."""
        return len(self.rdd.partitions)

    def task(self) -> Task:
        """Return the work that each of the stage's tasks does."""
        raise NotImplementedError


@dataclass(eq=False)
class ShuffleMapStage(Stage):
    """A stage that writes map output for a shuffle; several jobs may read it."""

    handle: ShuffleHandle = field(kw_only=True)

    def task(self) -> Task:
        """Return the task that writes one partition's map output."""
        return ShuffleMapTask(self.rdd, self.handle)


@dataclass(eq=False)
class ResultStage(Stage):
    """The last stage of a job, which computes the action's result."""

    job: Job = field(kw_only=True)
    finished: set[int] = field(default_factory=set, kw_only=True)

    @property
    def num_tasks(self) -> int:
        """How many of the RDD's partitions the action wants."""
        return len(self.job.partitions)

    def task(self) -> Task:
        """Return the task that computes the action on one partition."""
        return ResultTask(self.rdd, self.job.function)


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """One partition to compute.

    Attributes:
        index: The partition's number in the stage's RDD, or the position in the job's list of
            partitions for a result stage.
        partition: The partition.
        locations: Workers that hold cached data the task reads, best first.
    """

    index: int
    partition: Partition
    locations: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class TaskSet:
    """The tasks of one stage attempt, as the DAG scheduler hands them to the task scheduler.

    Attributes:
        stage_id: The stage.
        attempt: The stage attempt.
        priority: The job that needs it first: smaller runs first under FIFO.
        task: The work of each task.
        reads: The shuffles whose map statuses the tasks need.
        tasks: The partitions to compute.
        properties: The job's local properties (the scheduling pool among them).
        barrier: Whether all tasks must run at once.
        request: What each task takes.
    """

    stage_id: int
    attempt: int
    priority: int
    task: Task
    reads: tuple[int, ...]
    tasks: tuple[TaskSpec, ...]
    properties: Mapping[str, str]
    barrier: bool = False
    request: TaskRequest = field(default_factory=TaskRequest)

    @property
    def name(self) -> str:
        """``stage.attempt``, as Spark prints it."""
        return f"{self.stage_id}.{self.attempt}"
