"""What an RDD needs of the context that owns it; ``SparkContext`` implements it.

Declared on this side so that RDDs do not import the context: Spark's own import cycle, cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pyspark.resource import ResourceProfile

    from pyrite.core.codegen import Sink
    from pyrite.core.rdd.lineage import BaseRDD
    from pyrite.core.task_context import TaskContext

__all__ = ["JobContext", "JobHandle", "TaskFunction"]

#: Runs in each task: the task's context and the partition's elements to that task's result.
TaskFunction = Callable[["TaskContext", Iterator[Any]], Any]


class JobHandle(Protocol):
    """A job that was submitted and not waited for."""

    def result(self, timeout: float | None = None) -> list[Any]:
        """Wait for the results of all partitions, in order.

        Args:
            timeout: Seconds to wait; None waits until the job ends.

        Raises:
            TimeoutError: If the job is still running after ``timeout``.
        """
        ...

    def cancel(self) -> None:
        """Stop the job's tasks; no effect on a finished job."""
        ...


class JobContext(Protocol):
    """Runs jobs, hands out ids, and keeps the settings."""

    @property
    def default_parallelism(self) -> int:
        """Number of partitions where nothing else decides."""
        ...

    @property
    def default_min_partitions(self) -> int:
        """Least number of partitions of an input file."""
        ...

    @property
    def conf(self) -> Mapping[str, str]:
        """The application's settings, as text."""
        ...

    @property
    def local_dir(self) -> str:
        """The application's scratch directory on this machine."""
        ...

    @property
    def checkpoint_dir(self) -> str | None:
        """Where checkpoints go; None until ``setCheckpointDir``."""
        ...

    def next_rdd_id(self) -> int:
        """Return an RDD id not used before; raises when the context is stopped."""
        ...

    def next_shuffle_id(self) -> int:
        """Return a shuffle id not used before."""
        ...

    def run_job(
        self,
        rdd: BaseRDD,
        func: TaskFunction | Sink,
        partitions: Sequence[int] | None = None,
        on_result: Callable[[int, Any], None] | None = None,
    ) -> list[Any]:
        """Run ``func`` over the given partitions (all by default), results in their order."""
        ...

    def submit_job(
        self,
        rdd: BaseRDD,
        func: TaskFunction | Sink,
        partitions: Sequence[int] | None = None,
        on_result: Callable[[int, Any], None] | None = None,
    ) -> JobHandle:
        """Like ``run_job``, but return at once."""
        ...

    def check_profile(self, profile: ResourceProfile) -> None:
        """Refuse a resource profile that no executor can meet."""
        ...

    def persist_rdd(self, rdd: BaseRDD) -> None:
        """Remember that the RDD's blocks are to be kept."""
        ...

    def unpersist_rdd(self, rdd_id: int, blocking: bool = False) -> None:
        """Drop the RDD's blocks everywhere."""
        ...

    def clean_shuffle(self, shuffle_id: int) -> None:
        """Delete the map outputs of a shuffle."""
        ...

    def getLocalProperty(self, key: str) -> str | None:
        """Return a property of the jobs this thread submits."""
        ...

    def setLocalProperty(self, key: str, value: str | None) -> None:
        """Set a property of the jobs this thread submits; None removes it."""
        ...

    def setJobGroup(self, groupId: str, description: str, interruptOnCancel: bool = False) -> None:
        """Put the jobs this thread submits into a group."""
        ...
