"""Nodes that pair the elements of two RDDs: each with each, or place by place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, product
from typing import TYPE_CHECKING, Any

from pyrite.core.errors import SparkException
from pyrite.core.rdd.dependency import ManyToOneDependency, OneToOneDependency
from pyrite.core.rdd.lineage import BaseRDD
from pyrite.core.rdd.partition import Partition

if TYPE_CHECKING:
    from pyrite.core.task_context import TaskContext

__all__ = ["CartesianRDD", "ZippedRDD"]

_END = object()
_ZIPPED_TOGETHER = 100


@dataclass(frozen=True, slots=True)
class PartitionPair(Partition):
    """A partition made of one of each parent's."""

    left: Partition
    right: Partition


class CartesianRDD(BaseRDD):
    """Every element of one RDD with every element of another, batch by batch as in PySpark."""

    def __init__(self, rdd_id: int, left: BaseRDD, right: BaseRDD) -> None:
        rows, columns = len(left.partitions), len(right.partitions)
        super().__init__(
            rdd_id,
            (
                ManyToOneDependency(left, [(i,) for i in range(rows) for _ in range(columns)]),
                ManyToOneDependency(right, [(j,) for _ in range(rows) for j in range(columns)]),
            ),
        )

    def _make_partitions(self) -> list[Partition]:
        left, right = (edge.rdd.partitions for edge in self._dependencies)
        pairs = [(a, b) for a in left for b in right]
        return [PartitionPair(i, a, b) for i, (a, b) in enumerate(pairs)]

    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Pair the elements of each batch on the left with those of each on the right."""
        return chain.from_iterable(self._batches(partition, task_context))

    def _batches(self, partition: Partition, task_context: TaskContext) -> Iterator[Iterable[Any]]:
        assert isinstance(partition, PartitionPair)
        left, right = (edge.rdd for edge in self._dependencies)
        kept = [tuple(batch) for batch in right.batches(partition.right, task_context)]
        for batch in left.batches(partition.left, task_context):
            rows = tuple(batch)
            for columns in kept:
                yield product(rows, columns)


class ZippedRDD(BaseRDD):
    """The elements at the same places of two RDDs with as many partitions."""

    def __init__(self, rdd_id: int, left: BaseRDD, right: BaseRDD) -> None:
        super().__init__(rdd_id, (OneToOneDependency(left), OneToOneDependency(right)))
        # PySpark moves both sides in the same batches; where one has no fixed size, in these.
        self.batch_size = min(left.batch_size, right.batch_size) or _ZIPPED_TOGETHER

    def _make_partitions(self) -> list[Partition]:
        pairs = zip(*(edge.rdd.partitions for edge in self._dependencies), strict=True)
        return [PartitionPair(i, a, b) for i, (a, b) in enumerate(pairs)]

    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Pair what both parents give, place by place."""
        assert isinstance(partition, PartitionPair)
        left, right = (edge.rdd for edge in self._dependencies)
        others = iter(right.iterator(partition.right, task_context))
        for a in left.iterator(partition.left, task_context):
            b = next(others, _END)
            if b is _END:
                raise _unequal()
            yield a, b
        if next(others, _END) is not _END:
            raise _unequal()


def _unequal() -> SparkException:
    return SparkException("Can only zip RDDs with same number of elements in each partition")
