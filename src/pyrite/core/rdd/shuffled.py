"""Nodes that read a shuffle: pairs brought together by key, from one parent or from several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyrite.core.codegen import OperatorKind
from pyrite.core.env import SparkEnv
from pyrite.core.rdd.dependency import OneToOneDependency, ShuffleDependency
from pyrite.core.rdd.lineage import BaseRDD, Dependency
from pyrite.core.rdd.partition import Partition
from pyrite.core.shuffle import JoinType, ShuffleHandle, ShuffleReader, cogroup, join

if TYPE_CHECKING:
    from pyrite.core.shuffle import Partitioner
    from pyrite.core.task_context import TaskContext

__all__ = [
    "CoGroupedRDD",
    "JoinedRDD",
    "ShufflePart",
    "ShuffledPartsRDD",
    "ShuffledRDD",
    "shuffle_reader",
]


@dataclass(frozen=True, slots=True)
class ShufflePart(Partition):
    """What one task reads of a shuffle: some reduce partitions, out of all map outputs or some.

    Neighbours that are small are read together; of one that is large, each of several tasks
    reads what some map tasks wrote.

    Attributes:
        reduces: The reduce partitions.
        maps: The map tasks; None for all.

    Example:
        >>> small, half = ShufflePart(0, range(0, 8)), ShufflePart(1, range(8, 9), range(0, 50))
    """

    reduces: range
    maps: range | None = None


def shuffle_reader(
    handle: ShuffleHandle, part: ShufflePart, task_context: TaskContext
) -> ShuffleReader:
    """Return the reader of a part of a shuffle, in the task that asks."""
    env = SparkEnv.get()
    return ShuffleReader(
        handle,
        env.map_output_tracker.statuses(handle.shuffle_id),
        part.reduces.start,
        part.reduces.stop,
        env.memory_limit,
        env.spill_dir,
        task_context.metrics,
        env.network.location,
        env.network.client,
        part.maps,
    )


def _read(
    handle: ShuffleHandle, partition: Partition, task_context: TaskContext
) -> Iterable[tuple[Any, Any]]:
    """Read what all map tasks wrote for one partition."""
    index = partition.index
    return shuffle_reader(handle, ShufflePart(index, range(index, index + 1)), task_context).read()


class ShuffledRDD(BaseRDD):
    """The parent's pairs, each in the partition its key belongs to.

    Args:
        rdd_id: The id.
        dependency: The shuffle; its handle says how pairs are combined and ordered.
    """

    def __init__(self, rdd_id: int, dependency: ShuffleDependency) -> None:
        super().__init__(rdd_id, (dependency,), dependency.handle.partitioner)

    def _make_partitions(self) -> list[Partition]:
        assert self._partitioner is not None
        return [Partition(i) for i in range(self._partitioner.numPartitions)]

    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Read the partition's pairs, combined and ordered as the handle says."""
        dependency = self._dependencies[0]
        assert isinstance(dependency, ShuffleDependency)
        return _read(dependency.handle, partition, task_context)


class ShuffledPartsRDD(BaseRDD):
    """The pairs of a shuffle in partitions that were chosen when their sizes were known.

    Args:
        rdd_id: The id.
        dependency: The shuffle.
        parts: What each partition reads of it, by index.
    """

    def __init__(
        self, rdd_id: int, dependency: ShuffleDependency, parts: Sequence[ShufflePart]
    ) -> None:
        super().__init__(rdd_id, (dependency,))
        self._parts = tuple(parts)

    def _make_partitions(self) -> list[Partition]:
        return list(self._parts)

    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Read the part's pairs, combined and ordered as the handle says."""
        dependency = self._dependencies[0]
        assert isinstance(dependency, ShuffleDependency)
        assert isinstance(partition, ShufflePart)
        return shuffle_reader(dependency.handle, partition, task_context).read()


@dataclass(frozen=True, slots=True)
class CoGroupPartition(Partition):
    """A partition of a cogroup: the parents' own partitions where they need no shuffle."""

    narrow: tuple[Partition | None, ...]


class CoGroupedRDD(BaseRDD):
    """For each key, the list of its values in every parent: ``(key, (values, values, ...))``.

    A parent that is already partitioned by ``partitioner`` is read in place.

    Args:
        rdd_id: The id.
        dependencies: One per parent: one-to-one, or a shuffle.
        partitioner: Where each key goes.
    """

    def __init__(
        self, rdd_id: int, dependencies: Sequence[Dependency], partitioner: Partitioner
    ) -> None:
        super().__init__(rdd_id, dependencies, partitioner)

    def _make_partitions(self) -> list[Partition]:
        assert self._partitioner is not None
        return [
            CoGroupPartition(
                i,
                tuple(
                    dep.rdd.partitions[i] if isinstance(dep, OneToOneDependency) else None
                    for dep in self._dependencies
                ),
            )
            for i in range(self._partitioner.numPartitions)
        ]

    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Bring the parents' values together by key; keys in the order first seen."""
        env = SparkEnv.get()
        inputs = self._inputs(partition, task_context)
        return cogroup(inputs, env.memory_limit, env.spill_dir, task_context.metrics)

    def _inputs(self, partition: Partition, task_context: TaskContext) -> list[Iterable[Any]]:
        """Return the parents' pairs for one partition."""
        assert isinstance(partition, CoGroupPartition)
        inputs = []
        for dep, parent in zip(self._dependencies, partition.narrow, strict=True):
            if isinstance(dep, ShuffleDependency):
                inputs.append(_read(dep.handle, partition, task_context))
            else:
                assert parent is not None
                inputs.append(dep.rdd.iterator(parent, task_context))
        return inputs


class JoinedRDD(CoGroupedRDD):
    """The values of each key in two parents, paired: ``(key, (value, other))``.

    Args:
        rdd_id: The id.
        dependencies: One per parent: one-to-one, or a shuffle.
        partitioner: Where each key goes.
        join_type: Which keys stay that only one parent has.
    """

    def __init__(
        self,
        rdd_id: int,
        dependencies: Sequence[Dependency],
        partitioner: Partitioner,
        join_type: JoinType,
    ) -> None:
        super().__init__(rdd_id, dependencies, partitioner)
        self._join_type = join_type
        left = dependencies[0]
        #: Whether no two pairs of the first parent's partition can have equal keys.
        self.left_is_unique = isinstance(left, OneToOneDependency) and _has_unique_keys(left.rdd)

    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Pair the parents' values by key; keys in the order first seen."""
        env = SparkEnv.get()
        left, right = self._inputs(partition, task_context)
        return join(
            left,
            right,
            self._join_type,
            env.memory_limit,
            env.spill_dir,
            task_context.metrics,
            left_is_unique=self.left_is_unique,
        )


def _has_unique_keys(node: BaseRDD) -> bool:
    """Tell whether no two pairs of a partition can have equal keys."""
    while node.operator is not None and node.operator.kind in _KEEPING_KEYS:
        node = node.dependencies[0].rdd
    if not isinstance(node, ShuffledRDD):
        return False
    dependency = node.dependencies[0]
    return isinstance(dependency, ShuffleDependency) and dependency.handle.aggregator is not None


_KEEPING_KEYS = frozenset({OperatorKind.MAP_VALUES, OperatorKind.FILTER})
