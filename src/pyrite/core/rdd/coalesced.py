"""Fewer partitions without a shuffle: neighbours are read one after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pyrite.core.rdd.dependency import ManyToOneDependency
from pyrite.core.rdd.lineage import BaseRDD
from pyrite.core.rdd.partition import Partition

if TYPE_CHECKING:
    from pyrite.core.task_context import TaskContext

__all__ = ["CoalescedRDD"]


@dataclass(frozen=True, slots=True)
class CoalescedPartition(Partition):
    """A run of the parent's partitions."""

    parents: tuple[Partition, ...]


class CoalescedRDD(BaseRDD):
    """The parent's partitions in at most ``num_partitions`` runs of nearly equal length."""

    def __init__(self, rdd_id: int, parent: BaseRDD, num_partitions: int) -> None:
        size = len(parent.partitions)
        runs = min(num_partitions, size)
        bounds = [i * size // runs for i in range(runs + 1)] if runs else [0]
        groups = [range(start, end) for start, end in pairwise(bounds)]
        super().__init__(rdd_id, (ManyToOneDependency(parent, groups),))

    def _make_partitions(self) -> list[Partition]:
        edge = self._dependencies[0]
        assert isinstance(edge, ManyToOneDependency)
        parents = edge.rdd.partitions
        return [
            CoalescedPartition(i, tuple(parents[j] for j in group))
            for i, group in enumerate(edge.parents)
        ]

    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Chain the parent's partitions."""
        assert isinstance(partition, CoalescedPartition)
        parent = self._dependencies[0].rdd
        for member in partition.parents:
            yield from parent.iterator(member, task_context)

    def _batches(self, partition: Partition, task_context: TaskContext) -> Iterator[Iterable[Any]]:
        assert isinstance(partition, CoalescedPartition)
        parent = self._dependencies[0].rdd
        for member in partition.parents:
            yield from parent.batches(member, task_context)
