"""Kinds of dependency: which partitions of a parent one partition needs.

A narrow dependency is computed within the same task. A ``ShuffleDependency`` needs all of the
parent, so the scheduler cuts the lineage there and runs the parent's side as a stage before.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from pyrite.core.rdd.call_site import call_site
from pyrite.core.rdd.lineage import BaseRDD, Dependency
from pyrite.core.shuffle import ShuffleHandle

__all__ = [
    "Dependency",
    "ManyToOneDependency",
    "NarrowDependency",
    "OneToOneDependency",
    "RangeDependency",
    "ShuffleDependency",
]


class NarrowDependency(Dependency, ABC):
    """A dependency on few partitions of the parent, computed in the same task."""

    @abstractmethod
    def get_parents(self, partition_index: int) -> Sequence[int]:
        """Return the parent's partitions that the child's partition needs."""


class OneToOneDependency(NarrowDependency):
    """Partition *i* needs the parent's partition *i*."""

    def get_parents(self, partition_index: int) -> Sequence[int]:
        """Return the partition of the same position."""
        return (partition_index,)


class RangeDependency(NarrowDependency):
    """A run of the child's partitions is the parent's partitions, as in a union.

    Args:
        rdd: The parent.
        in_start: First partition of the run in the parent.
        out_start: First partition of the run in the child.
        length: How many partitions the run has.
    """

    def __init__(self, rdd: BaseRDD, in_start: int, out_start: int, length: int) -> None:
        super().__init__(rdd)
        self.in_start = in_start
        self.out_start = out_start
        self.length = length

    def get_parents(self, partition_index: int) -> Sequence[int]:
        """Return the matching partition, or none when the child's lies outside the run."""
        offset = partition_index - self.out_start
        return (self.in_start + offset,) if 0 <= offset < self.length else ()


class ManyToOneDependency(NarrowDependency):
    """Each of the child's partitions needs its own listed partitions of the parent.

    Args:
        rdd: The parent.
        parents: For each of the child's partitions, the parent's partitions it needs.
    """

    def __init__(self, rdd: BaseRDD, parents: Sequence[Sequence[int]]) -> None:
        super().__init__(rdd)
        self.parents = parents

    def get_parents(self, partition_index: int) -> Sequence[int]:
        """Return the listed partitions."""
        return self.parents[partition_index]


class ShuffleDependency(Dependency):
    """A dependency on all partitions of a parent of (key, value) pairs, through a shuffle.

    Args:
        rdd: The parent, whose elements are pairs.
        handle: How its pairs are partitioned, combined and ordered.
    """

    crosses_task = True

    def __init__(self, rdd: BaseRDD, handle: ShuffleHandle) -> None:
        super().__init__(rdd)
        self.handle = handle
        #: Where the program asked for it, which names the stage of its map side.
        self.call_site = call_site()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle without the parent: the map side's task binary carries that beside this."""
        return _read_side, (self.handle,)


def _read_side(handle: ShuffleHandle) -> ShuffleDependency:
    edge = ShuffleDependency.__new__(ShuffleDependency)
    edge.handle = handle
    return edge
