"""RDDs of the driver's own data, sliced as PySpark slices it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.core.rdd.lineage import BaseRDD
from pyrite.core.rdd.partition import Partition
from pyrite.core.rdd.pickled_slices import PickledSlice, SliceWriter

if TYPE_CHECKING:
    from pyrite.core.task_context import TaskContext

__all__ = ["EmptyRDD", "ParallelCollectionRDD", "slice_bounds"]

#: PySpark ships a collection in batches of at most this many elements and slices the batches.
_MOST_IN_BATCH = 1024


def slice_bounds(collection: range | list[Any], num_slices: int) -> list[int]:
    """Tell where PySpark's ``parallelize`` cuts a collection.

    A ``range`` is cut evenly. A list is first cut into batches and these are dealt out, so the
    last slice takes what remains.

    Args:
        collection: The elements.
        num_slices: How many slices to make.

    Returns:
        Where each slice begins, and the end of the last.

    Raises:
        SparkIllegalArgumentException: If ``num_slices`` is less than one.

    Example:
        >>> slice_bounds([0, 1, 2, 3, 4], 2)
        [0, 2, 5]
    """
    if num_slices < 1:
        raise SparkIllegalArgumentException("Positive number of partitions required")
    size = len(collection)
    if isinstance(collection, range):
        return [int(i * size / num_slices) for i in range(num_slices)] + [size]
    batch = _batch_size(size, num_slices)
    batches = -(-size // batch)
    return [min(batch * (i * batches // num_slices), size) for i in range(num_slices + 1)]


def _batch_size(size: int, num_slices: int) -> int:
    return max(1, min(size // num_slices, _MOST_IN_BATCH))


@dataclass(frozen=True, slots=True)
class RangePartition(Partition):
    """A partition that is a piece of a ``range``."""

    elements: range


@dataclass(frozen=True, slots=True)
class PickledPartition(Partition):
    """A partition whose elements are pickled.

    Pickled once, when the RDD is made: later changes of the driver's objects are not seen, each
    task gets objects of its own, and classes of the main program travel by value.
    """

    pickled: PickledSlice


class ParallelCollectionRDD(BaseRDD):
    """The slices of a collection the driver holds.

    Args:
        rdd_id: The id.
        collection: The elements.
        num_slices: How many partitions to make.
        directory: Where large slices go; all tasks can read it.

    Raises:
        pickle.PicklingError: If an element cannot be pickled.
        SparkIllegalArgumentException: If ``num_slices`` is less than one.
    """

    def __init__(
        self, rdd_id: int, collection: Iterable[Any], num_slices: int, directory: str
    ) -> None:
        super().__init__(rdd_id)
        if isinstance(collection, range):
            self._partitions = _range_partitions(collection, num_slices)
        else:
            elements = collection if type(collection) is list else list(collection)
            path = os.path.join(directory, f"collection_{rdd_id}")
            self._partitions = _pickled_partitions(elements, num_slices, path)
            self.batch_size = _batch_size(len(elements), num_slices)

    def _make_partitions(self) -> list[Partition]:
        raise AssertionError("laid out when created")

    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Return the elements that came with the partition, or in its file."""
        if isinstance(partition, RangePartition):
            return partition.elements
        assert isinstance(partition, PickledPartition)
        return partition.pickled.load()


def _range_partitions(numbers: range, num_slices: int) -> list[Partition]:
    bounds = pairwise(slice_bounds(numbers, num_slices))
    return [RangePartition(i, numbers[start:end]) for i, (start, end) in enumerate(bounds)]


def _pickled_partitions(elements: list[Any], num_slices: int, path: str) -> list[Partition]:
    bounds = pairwise(slice_bounds(elements, num_slices))
    with SliceWriter(path) as writer:
        return [
            PickledPartition(i, writer.add(elements, start, end))
            for i, (start, end) in enumerate(bounds)
        ]


class EmptyRDD(BaseRDD):
    """No partitions and no elements.

    Args:
        rdd_id: The id.
    """

    def _make_partitions(self) -> list[Partition]:
        return []

    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Never called."""
        raise AssertionError("an EmptyRDD has no partitions")
