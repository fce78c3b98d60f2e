"""What every method of an RDD rests on: a lineage node, its context, and jobs over it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pyspark.storagelevel import StorageLevel

from pyrite.core.codegen import Operator, OperatorKind, Sink
from pyrite.core.errors import PySparkRuntimeError, PySparkTypeError, SparkException
from pyrite.core.rdd.checkpoint import pending_checkpoints, write_checkpoints
from pyrite.core.rdd.debug_string import debug_string
from pyrite.core.rdd.job_context import JobContext, TaskFunction
from pyrite.core.rdd.lineage import BaseRDD
from pyrite.core.rdd.pipelined import MapPartitionsRDD, PartitionFunction, PipelinedRDD

if TYPE_CHECKING:
    from typing import Self

    from pyspark.resource import ResourceProfile

    from pyrite.core.rdd.rdd import RDD

__all__ = ["RDDHandle", "require_rdd", "without_context"]

T_co = TypeVar("T_co", covariant=True)


class RDDHandle(Generic[T_co]):
    """A node of the lineage in the hands of a driver program.

    Args:
        node: What the RDD computes.
        ctx: The context that runs its jobs.
    """

    def __init__(self, node: BaseRDD, ctx: JobContext) -> None:
        self._node = node
        self.ctx = ctx

    @property
    def node(self) -> BaseRDD:
        """The lineage node: what schedulers work with, and what workers get."""
        return self._node

    @property
    def context(self) -> JobContext:
        """The SparkContext this RDD was made in.

        Example:
            >>> sc.parallelize([1]).context is sc
            True
        """
        return self.ctx

    @property
    def partitioner(self) -> Any:
        """How keys were assigned to partitions; None where that is not known."""
        return self._node.partitioner

    def __reduce__(self) -> Any:
        """Refuse to be pickled: an RDD means nothing inside a task or a broadcast."""
        raise PySparkRuntimeError(
            errorClass="RDD_TRANSFORM_ONLY_VALID_ON_DRIVER", messageParameters={}
        )

    def __repr__(self) -> str:
        node = self._node
        title = f"{type(node).__name__}[{node.id()}] at {node.call_site}"
        return title if node.name() is None else f"{node.name()} {title}"

    def id(self) -> int:
        """Return the id, unique in the context.

        Example:
            >>> sc.parallelize([1]).id() >= 0
            True
        """
        return self._node.id()

    def name(self) -> str | None:
        """Return the name given with ``setName``, or None.

        Example:
            >>> sc.parallelize([1]).setName("one").name()
            'one'
        """
        return self._node.name()

    def setName(self, name: str) -> Self:
        """Give a name, to be recognised in the UI.

        Args:
            name: The name; None takes it away.

        Example:
            >>> sc.parallelize([1]).setName("one").name()
            'one'
        """
        self._node.set_name(name)
        return self

    def getNumPartitions(self) -> int:
        """Return the number of partitions.

        Example:
            >>> sc.parallelize([1, 2, 3], 2).getNumPartitions()
            2
        """
        return len(self._node.partitions)

    def getStorageLevel(self) -> StorageLevel:
        """Return where computed partitions are kept; ``StorageLevel.NONE`` by default.

        Example:
            >>> sc.parallelize([1]).cache().getStorageLevel().useMemory
            True
        """
        return self._node.storage_level

    def cache(self) -> Self:
        """Keep the computed partitions in memory: ``persist(StorageLevel.MEMORY_ONLY)``.

        Example:
            >>> rdd = sc.parallelize([1, 2]).map(str).cache()
            >>> rdd.count(), rdd.collect()
            (2, ['1', '2'])
        """
        return self.persist(StorageLevel.MEMORY_ONLY)

    def persist(self, storageLevel: StorageLevel = StorageLevel.MEMORY_ONLY) -> Self:
        """Keep the partitions once they are computed, for later jobs.

        Args:
            storageLevel: Where to keep them.

        Raises:
            PySparkTypeError: If ``storageLevel`` is not a StorageLevel.
            SparkException: If the RDD already has another level; ``unpersist`` first.

        Example:
            >>> sc.parallelize([1]).persist(StorageLevel.DISK_ONLY).getStorageLevel().useDisk
            True
        """
        if not isinstance(storageLevel, StorageLevel):
            raise PySparkTypeError("storageLevel must be of type pyspark.StorageLevel")
        node = self._node
        if node.storage_level not in (StorageLevel.NONE, storageLevel):
            raise SparkException(
                "Cannot change storage level of an RDD after it was already assigned a level"
            )
        node.storage_level = storageLevel
        self.ctx.persist_rdd(node)
        return self

    @property
    def is_cached(self) -> bool:
        """Whether the partitions are kept once they are computed.

        Example:
            >>> sc.parallelize([1]).cache().is_cached
            True
        """
        return self._node.storage_level != StorageLevel.NONE

    def unpersist(self, blocking: bool = False) -> Self:
        """Stop keeping the partitions and drop those that are kept.

        Args:
            blocking: Whether to wait until they are dropped.

        Example:
            >>> sc.parallelize([1]).cache().unpersist().getStorageLevel().useMemory
            False
        """
        self._node.storage_level = StorageLevel.NONE
        self.ctx.unpersist_rdd(self._node.id(), blocking)
        return self

    def getResourceProfile(self) -> ResourceProfile | None:
        """Return the profile given with ``withResources``, or None.

        Example:
            >>> sc.parallelize([1]).getResourceProfile() is None
            True
        """
        return self._node.resource_profile

    def withResources(self, profile: ResourceProfile) -> Self:
        """Say what the tasks of the stage that computes this RDD take, such as two CPUs.

        Args:
            profile: What each task needs. All executors are alike, so it asks nothing of them.

        Raises:
            SparkException: If no executor has as much, or it is about executors.

        Example:
            >>> from pyspark.resource import ResourceProfileBuilder
            >>> profile = ResourceProfileBuilder().build
            >>> sc.parallelize([1]).withResources(profile).getResourceProfile() is profile
            True
        """
        self.ctx.check_profile(profile)
        self._node.resource_profile = profile
        return self

    def toDebugString(self) -> bytes | None:
        """Describe this RDD and what it is computed from, one RDD per line.

        Indentation marks a shuffle; the number in brackets is that of partitions.

        Example:
            >>> print(sc.parallelize([1], 2).map(str).toDebugString().decode())  # doctest: +SKIP
            (2) PipelinedRDD[1] at map at app.py:1 []
             |  ParallelCollectionRDD[0] at parallelize at app.py:1 []
        """
        return debug_string(self._node).encode()

    # What the methods of the layers above are made of.

    def _derive(self, node: BaseRDD) -> RDD[Any]:
        """Hold ``node`` the way this RDD is held."""
        return type(self)(node, self.ctx)  # type: ignore[return-value]

    def _operate(
        self,
        kind: OperatorKind,
        function: Callable[..., Any] | None = None,
        preserves_partitioning: bool = False,
    ) -> RDD[Any]:
        """Pass each element through an operator."""
        return self._derive(
            PipelinedRDD(
                self.ctx.next_rdd_id(),
                self._node,
                Operator(kind, function),
                preserves_partitioning=preserves_partitioning,
            )
        )

    def _per_partition(
        self, function: PartitionFunction, preserves_partitioning: bool = False
    ) -> RDD[Any]:
        """Pass each partition, with its index, through ``function``."""
        return self._derive(
            MapPartitionsRDD(
                self.ctx.next_rdd_id(),
                self._node,
                function,
                preserves_partitioning=preserves_partitioning,
            )
        )

    def _run(self, func: TaskFunction | Sink, partitions: Sequence[int] | None = None) -> list[Any]:
        """Run a job over this RDD, then write the checkpoints that became due."""
        results = self.ctx.run_job(self._node, func, partitions)
        if pending_checkpoints():
            write_checkpoints(self._node, self.ctx)
        return results

    def _run_per_partition(self, function: Callable[[Any], Any]) -> list[Any]:
        """Run ``function`` over each partition's elements, in a job."""
        return self._run(partial(without_context, function))

    def _default_reduce_partitions(self) -> int:
        """Number of partitions of a shuffle's result where the caller names none."""
        if "spark.default.parallelism" in self.ctx.conf:
            return self.ctx.default_parallelism
        return self.getNumPartitions()


def without_context(function: Callable[[Any], Any], _task_context: Any, elements: Any) -> Any:
    """Call a function of a partition's elements, as the function of a job."""
    return function(elements)


def require_rdd(other: Any, method: str) -> None:
    """Refuse another operand that is no RDD.

    Args:
        other: What the method was given.
        method: The method's name, for the error.

    Raises:
        PySparkTypeError: If it is none.
    """
    if not isinstance(other, RDDHandle):
        raise PySparkTypeError(f"{method}() needs an RDD, not {type(other).__name__}")
