"""RDDs of the driver's own data, sliced as PySpark slices it."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cloudpickle

from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.core.rdd.lineage import BaseRDD
from pyrite.core.rdd.partition import Partition
from pyrite.core.serializers import pickle_records

if TYPE_CHECKING:
    from pyrite.core.task_context import TaskContext

__all__ = ["EmptyRDD", "ParallelCollectionRDD", "slice_collection"]

#: PySpark ships a collection in batches of at most this many elements and slices the batches.
_BATCH_SIZE = 1024


def slice_collection(collection: Iterable[Any], num_slices: int) -> list[Sequence[Any]]:
    """Cut a collection into the slices that PySpark's ``parallelize`` makes.

    A ``range`` is cut by arithmetic. Anything else is first cut into batches and the batches
    are dealt out, so the last slice takes what remains.

    Args:
        collection: The elements.
        num_slices: How many slices to make.

    Raises:
        SparkIllegalArgumentException: If ``num_slices`` is less than one.

    Example:
        >>> slice_collection([0, 1, 2, 3, 4], 2)
        [[0, 1], [2, 3, 4]]
    """
    if num_slices < 1:
        raise SparkIllegalArgumentException("Positive number of partitions required")
    if isinstance(collection, range):
        size = len(collection)
        bounds = [int(i * size / num_slices) for i in range(num_slices)] + [size]
        return [collection[bounds[i] : bounds[i + 1]] for i in range(num_slices)]
    elements = collection if type(collection) is list else list(collection)
    batch = max(1, min(len(elements) // num_slices, _BATCH_SIZE))
    batches = -(-len(elements) // batch)
    bounds = [batch * (i * batches // num_slices) for i in range(num_slices + 1)]
    return [elements[bounds[i] : bounds[i + 1]] for i in range(num_slices)]


@dataclass(frozen=True, slots=True)
class RangePartition(Partition):
    """A partition that is a piece of a ``range``."""

    elements: range


@dataclass(frozen=True, slots=True)
class PickledPartition(Partition):
    """A partition that carries its elements pickled.

    Pickled once, when the RDD is made: later changes of the driver's objects are not seen, each
    task gets objects of its own, and classes of the main program travel by value.
    """

    payload: bytes


class ParallelCollectionRDD(BaseRDD):
    """The slices of a collection the driver holds; each task carries its own.

    Args:
        rdd_id: The id.
        slices: The elements of each partition, as ``slice_collection`` cuts them.

    Raises:
        pickle.PicklingError: If an element cannot be pickled.
    """

    def __init__(self, rdd_id: int, slices: Sequence[Sequence[Any]]) -> None:
        super().__init__(rdd_id)
        self._partitions = [_partition(i, elements) for i, elements in enumerate(slices)]

    def _make_partitions(self) -> list[Partition]:
        raise AssertionError("laid out when created")

    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Return the elements that came with the partition."""
        if isinstance(partition, RangePartition):
            return partition.elements
        assert isinstance(partition, PickledPartition)
        elements: list[Any] = pickle.loads(partition.payload)
        return elements


def _partition(index: int, elements: Sequence[Any]) -> Partition:
    if isinstance(elements, range):
        return RangePartition(index, elements)
    try:
        return PickledPartition(index, _pickled(elements))
    except Exception as error:
        raise pickle.PicklingError(
            f"Could not serialize object: {type(error).__name__}: {error}"
        ) from error


def _pickled(elements: Sequence[Any]) -> bytes:
    # Looking at the first one spares looking at millions of numbers.
    if elements and type(elements[0]) is str and set(map(type, elements)) == {str}:
        return pickle_records(list(elements))
    return bytes(cloudpickle.dumps(elements, pickle.HIGHEST_PROTOCOL))


class EmptyRDD(ParallelCollectionRDD):
    """No partitions and no elements.

    Args:
        rdd_id: The id.
    """

    def __init__(self, rdd_id: int) -> None:
        super().__init__(rdd_id, ())
