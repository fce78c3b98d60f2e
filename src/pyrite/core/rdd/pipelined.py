"""Narrow nodes with one parent: an operator per element, or a function per partition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pyrite.core.codegen import Operator, OperatorKind
from pyrite.core.rdd.dependency import OneToOneDependency
from pyrite.core.rdd.lineage import BaseRDD
from pyrite.core.rdd.partition import Partition

if TYPE_CHECKING:
    from pyrite.core.task_context import TaskContext

__all__ = ["MapPartitionsRDD", "PartitionFunction", "PipelinedRDD", "RepartitionedRDD"]

#: Index of the partition and its elements, to the new elements.
PartitionFunction = Callable[[int, Iterator[Any]], Iterable[Any]]


class _OneParentRDD(BaseRDD):
    """A node whose partitions are its parent's."""

    def __init__(self, rdd_id: int, parent: BaseRDD, *, preserves_partitioning: bool) -> None:
        super().__init__(
            rdd_id,
            (OneToOneDependency(parent),),
            parent.partitioner if preserves_partitioning else None,
        )

    def _make_partitions(self) -> list[Partition]:
        return self._dependencies[0].rdd.partitions


class PipelinedRDD(_OneParentRDD):
    """The parent's elements, each passed through an operator.

    Args:
        rdd_id: The id.
        parent: Where the elements come from.
        operator: What happens to each.
        preserves_partitioning: Whether keys stay in the partition they are in.
    """

    def __init__(
        self,
        rdd_id: int,
        parent: BaseRDD,
        operator: Operator,
        *,
        preserves_partitioning: bool = False,
    ) -> None:
        super().__init__(rdd_id, parent, preserves_partitioning=preserves_partitioning)
        self.operator = operator

    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Apply the operator and all pending ones above it in one loop."""
        return self._computed(partition, task_context)


class RepartitionedRDD(PipelinedRDD):
    """The elements of the batches that ``repartition`` moved.

    Args:
        rdd_id: The id.
        batches: The batches.
    """

    def __init__(self, rdd_id: int, batches: BaseRDD) -> None:
        super().__init__(rdd_id, batches, Operator(OperatorKind.FLAT_MAP, _itself))

    @property
    def batches_node(self) -> BaseRDD:
        """The RDD of the batches themselves."""
        return self._dependencies[0].rdd

    def _batches(self, partition: Partition, task_context: TaskContext) -> Iterator[Iterable[Any]]:
        return iter(self.batches_node.iterator(partition, task_context))


def _itself(batch: list[Any]) -> list[Any]:
    return batch


class MapPartitionsRDD(_OneParentRDD):
    """The result of a function of each whole partition.

    Args:
        rdd_id: The id.
        parent: Where the elements come from.
        function: Called with the partition's index and an iterator over its elements.
        preserves_partitioning: Whether keys stay in the partition they are in.
        is_barrier: Whether all tasks must run at the same time.
    """

    def __init__(
        self,
        rdd_id: int,
        parent: BaseRDD,
        function: PartitionFunction,
        *,
        preserves_partitioning: bool = False,
        is_barrier: bool = False,
    ) -> None:
        super().__init__(rdd_id, parent, preserves_partitioning=preserves_partitioning)
        self.function = function
        self.is_barrier = self.is_barrier or is_barrier

    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Call the function on the parent's partition."""
        elements = self._dependencies[0].rdd.iterator(partition, task_context)
        return self.function(partition.index, iter(elements))
