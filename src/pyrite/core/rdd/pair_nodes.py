"""Nodes that pair the elements of two RDDs: each with each, or place by place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyrite.core.errors import SparkException
from pyrite.core.rdd.dependency import ManyToOneDependency, OneToOneDependency
from pyrite.core.rdd.lineage import BaseRDD, Dependency
from pyrite.core.rdd.partition import Partition

if TYPE_CHECKING:
    from pyrite.core.task_context import TaskContext

__all__ = ["CartesianRDD", "ZippedRDD"]

_END = object()


@dataclass(frozen=True, slots=True)
class PartitionPair(Partition):
    """A partition made of one of each parent's."""

    left: Partition
    right: Partition


class _TwoParentRDD(BaseRDD):
    def __init__(self, rdd_id: int, left: Dependency, right: Dependency) -> None:
        super().__init__(rdd_id, (left, right))

    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Pair what both parents give for their partition."""
        assert isinstance(partition, PartitionPair)
        left, right = (edge.rdd for edge in self._dependencies)
        return self._pair(
            left.iterator(partition.left, task_context),
            right.iterator(partition.right, task_context),
        )

    def _pair(self, left: Iterable[Any], right: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        raise NotImplementedError


class CartesianRDD(_TwoParentRDD):
    """Every element of one RDD with every element of another."""

    def __init__(self, rdd_id: int, left: BaseRDD, right: BaseRDD) -> None:
        rows, columns = len(left.partitions), len(right.partitions)
        super().__init__(
            rdd_id,
            ManyToOneDependency(left, [(i,) for i in range(rows) for _ in range(columns)]),
            ManyToOneDependency(right, [(j,) for _ in range(rows) for j in range(columns)]),
        )

    def _make_partitions(self) -> list[Partition]:
        left, right = (edge.rdd.partitions for edge in self._dependencies)
        pairs = [(a, b) for a in left for b in right]
        return [PartitionPair(i, a, b) for i, (a, b) in enumerate(pairs)]

    def _pair(self, left: Iterable[Any], right: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        kept = list(right)
        return ((a, b) for a in left for b in kept)


class ZippedRDD(_TwoParentRDD):
    """The elements at the same places of two RDDs with as many partitions."""

    def __init__(self, rdd_id: int, left: BaseRDD, right: BaseRDD) -> None:
        super().__init__(rdd_id, OneToOneDependency(left), OneToOneDependency(right))

    def _make_partitions(self) -> list[Partition]:
        pairs = zip(*(edge.rdd.partitions for edge in self._dependencies), strict=True)
        return [PartitionPair(i, a, b) for i, (a, b) in enumerate(pairs)]

    def _pair(self, left: Iterable[Any], right: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        others = iter(right)
        for a in left:
            b = next(others, _END)
            if b is _END:
                raise _unequal()
            yield a, b
        if next(others, _END) is not _END:
            raise _unequal()


def _unequal() -> SparkException:
    return SparkException("Can only zip RDDs with same number of elements in each partition")
