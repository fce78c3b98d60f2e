"""Several RDDs read as one: one after another, or partition by partition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyrite.core.codegen import Operator
from pyrite.core.rdd.dependency import OneToOneDependency, RangeDependency
from pyrite.core.rdd.lineage import BaseRDD
from pyrite.core.rdd.partition import Partition

if TYPE_CHECKING:
    from pyrite.core.task_context import TaskContext

__all__ = ["PartitionerAwareUnionRDD", "UnionRDD", "union_of"]


@dataclass(frozen=True, slots=True)
class UnionPartition(Partition):
    """A partition that is one of a parent's.

    Attributes:
        slot: Which parent.
        parent: The parent's partition.
    """

    slot: int
    parent: Partition


class UnionRDD(BaseRDD):
    """The partitions of all parents, one parent after another."""

    def __init__(self, rdd_id: int, rdds: Sequence[BaseRDD]) -> None:
        dependencies = []
        start = 0
        for rdd in rdds:
            length = len(rdd.partitions)
            dependencies.append(RangeDependency(rdd, 0, start, length))
            start += length
        super().__init__(rdd_id, dependencies)
        sizes = {rdd.batch_size for rdd in rdds}
        if len(sizes) == 1:  # else PySpark pickles all of them anew
            (self.batch_size,) = sizes

    def _make_partitions(self) -> list[Partition]:
        pairs = [
            (slot, parent)
            for slot, dependency in enumerate(self._dependencies)
            for parent in dependency.rdd.partitions
        ]
        return [UnionPartition(i, slot, parent) for i, (slot, parent) in enumerate(pairs)]

    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Compute the parent's partition."""
        assert isinstance(partition, UnionPartition)
        return self._dependencies[partition.slot].rdd.iterator(partition.parent, task_context)

    def _source(
        self, partition: Partition, task_context: TaskContext
    ) -> tuple[Iterable[Any], tuple[Operator, ...]]:
        assert isinstance(partition, UnionPartition)
        return self._dependencies[partition.slot].rdd.pipeline(partition.parent, task_context)


@dataclass(frozen=True, slots=True)
class AlignedPartition(Partition):
    """The partitions of the same position in every parent."""

    parents: tuple[Partition, ...]


class PartitionerAwareUnionRDD(BaseRDD):
    """Parents with one partitioner: partition *i* is every parent's partition *i* in turn."""

    def __init__(self, rdd_id: int, rdds: Sequence[BaseRDD]) -> None:
        super().__init__(rdd_id, [OneToOneDependency(rdd) for rdd in rdds], rdds[0].partitioner)

    def _make_partitions(self) -> list[Partition]:
        columns = zip(*(dep.rdd.partitions for dep in self._dependencies), strict=True)
        return [AlignedPartition(i, parents) for i, parents in enumerate(columns)]

    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Chain the parents' partitions of this position."""
        assert isinstance(partition, AlignedPartition)
        for dependency, parent in zip(self._dependencies, partition.parents, strict=True):
            yield from dependency.rdd.iterator(parent, task_context)

    def _batches(self, partition: Partition, task_context: TaskContext) -> Iterator[Iterable[Any]]:
        assert isinstance(partition, AlignedPartition)
        for dependency, parent in zip(self._dependencies, partition.parents, strict=True):
            yield from dependency.rdd.batches(parent, task_context)


def union_of(rdd_id: int, rdds: Sequence[BaseRDD]) -> BaseRDD:
    """Return the union of ``rdds``, keeping their partitioner when they share one."""
    partitioner = rdds[0].partitioner
    if partitioner is not None and all(rdd.partitioner == partitioner for rdd in rdds[1:]):
        return PartitionerAwareUnionRDD(rdd_id, rdds)
    return UnionRDD(rdd_id, rdds)
