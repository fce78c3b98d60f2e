"""RDD: the whole of PySpark's interface, and its barrier mode."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Generic, NoReturn, TypeVar

from pyrite.core.errors import PySparkRuntimeError
from pyrite.core.rdd.approximate import Approximation
from pyrite.core.rdd.checkpointing import Checkpointing
from pyrite.core.rdd.hadoop_output import HadoopOutput
from pyrite.core.rdd.ordered import Ordering
from pyrite.core.rdd.pipelined import MapPartitionsRDD, PartitionFunction
from pyrite.core.rdd.statistics import Statistics
from pyrite.core.rdd.transformations import ignore_index

__all__ = ["RDD", "RDDBarrier"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")


class RDD(
    Ordering[T_co],
    Statistics[T_co],
    Approximation[T_co],
    HadoopOutput[T_co],
    Checkpointing[T_co],
):
    """A Resilient Distributed Dataset: elements in partitions that many tasks work on at once.

    Transformations such as ``map`` only describe a new RDD. Actions such as ``count`` run a
    job: tasks compute the partitions from the description, again where something was lost.
    """

    def barrier(self) -> RDDBarrier[T_co]:
        """Start a stage whose tasks all run at the same time.

        Example:
            >>> sc.parallelize([1, 2], 1).barrier().mapPartitions(lambda part: part).collect()
            [1, 2]
        """
        return RDDBarrier(self)

    def toDF(self, schema: Any = None, sampleRatio: float | None = None) -> NoReturn:
        """Make a DataFrame of the rows; needs a SparkSession.

        Args:
            schema: Names or types of the columns.
            sampleRatio: Share of the rows to look at to find the types.

        Raises:
            PySparkRuntimeError: While there is no SparkSession.

        Example:
            >>> sc.parallelize([(1, "a")]).toDF(["id", "name"])  # doctest: +SKIP
            DataFrame[id: bigint, name: string]
        """
        raise PySparkRuntimeError(
            errorClass="CALL_BEFORE_INITIALIZE",
            messageParameters={"func_name": "RDD.toDF", "object": "SparkSession"},
        )


class RDDBarrier(Generic[T]):
    """An RDD whose next stage runs all its tasks together; made by ``RDD.barrier``.

    In such a stage ``BarrierTaskContext.get()`` lets tasks wait for each other. If one fails,
    all run again.

    Args:
        rdd: Where the elements come from.
    """

    def __init__(self, rdd: RDD[T]) -> None:
        self.rdd = rdd

    def mapPartitions(
        self, f: Callable[[Iterable[T]], Iterable[U]], preservesPartitioning: bool = False
    ) -> RDD[U]:
        """Pass each partition through a function, in tasks that run together.

        Args:
            f: From an iterator over a partition to its new elements.
            preservesPartitioning: Whether ``f`` leaves the keys of pairs alone.

        Example:
            >>> sc.parallelize([1, 2], 1).barrier().mapPartitions(lambda part: [sum(part)]).first()
            3
        """
        return self.mapPartitionsWithIndex(partial(ignore_index, f), preservesPartitioning)

    def mapPartitionsWithIndex(
        self, f: Callable[[int, Iterable[T]], Iterable[U]], preservesPartitioning: bool = False
    ) -> RDD[U]:
        """Pass each partition, and its index, through a function, in tasks that run together.

        Args:
            f: From the index and an iterator over the partition to its new elements.
            preservesPartitioning: Whether ``f`` leaves the keys of pairs alone.

        Example:
            >>> barrier = sc.parallelize([1, 2], 1).barrier()
            >>> barrier.mapPartitionsWithIndex(lambda index, part: [index]).collect()
            [0]
        """
        function: PartitionFunction = f
        node = MapPartitionsRDD(
            self.rdd.ctx.next_rdd_id(),
            self.rdd.node,
            function,
            preserves_partitioning=preservesPartitioning,
            is_barrier=True,
        )
        return RDD(node, self.rdd.ctx)
