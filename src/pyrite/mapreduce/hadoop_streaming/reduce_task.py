"""Reduce tasks: what all mappers wrote for one partition, in order, through the reducer.

buffers of the shuffle --> records --sorted--> reducer --its stdout--> records, written out
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pyrite.core.env import SparkEnv
from pyrite.core.rdd.dependency import ShuffleDependency
from pyrite.core.rdd.lineage import BaseRDD
from pyrite.core.rdd.partition import Partition
from pyrite.core.rdd.shuffled import ShufflePart, shuffle_reader
from pyrite.mapreduce.hadoop_streaming.comparators import GroupCounter, Ordering
from pyrite.mapreduce.hadoop_streaming.records import Records
from pyrite.mapreduce.hadoop_streaming.sorting import sort
from pyrite.mapreduce.hadoop_streaming.task_attempt import TaskAttempt, TaskPlan, at_once

if TYPE_CHECKING:
    from pyrite.core.task_context import TaskContext

__all__ = ["ReduceTaskRDD"]

_GROUPS = "Reduce input groups"
_OUTPUT_RECORDS = "Reduce output records"


class ReduceTaskRDD(BaseRDD):
    """Batches of the records that the reducers write, one partition per reducer.

    Args:
        rdd_id: The id.
        dependency: The shuffle that the map tasks write.
        plan: What all tasks of the job know.
    """

    def __init__(self, rdd_id: int, dependency: ShuffleDependency, plan: TaskPlan) -> None:
        super().__init__(rdd_id, (dependency,))
        self._plan = plan

    def _make_partitions(self) -> list[Partition]:
        return [Partition(index) for index in range(self._plan.job.num_reduces)]

    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Run the reducer on a partition."""
        with TaskAttempt(self._plan, task_context) as attempt:
            ordering = self._plan.ordering
            ordered = self._ordered(partition, task_context, ordering)
            for batch in attempt.reduced(at_once(_grouped(attempt, ordering, ordered))):
                attempt.count(_OUTPUT_RECORDS, batch.total)
                yield batch

    def _ordered(
        self, partition: Partition, task_context: TaskContext, ordering: Ordering
    ) -> Iterator[Records]:
        (dependency,) = self._dependencies
        assert isinstance(dependency, ShuffleDependency)
        part = ShufflePart(partition.index, range(partition.index, partition.index + 1))
        buffers = shuffle_reader(dependency.handle, part, task_context).buffers()
        env = SparkEnv.get()
        return sort(
            map(Records.decode, buffers),
            ordering,
            env.memory_limit,
            env.spill_dir,
            task_context.metrics,
        )


def _grouped(
    attempt: TaskAttempt, ordering: Ordering, batches: Iterable[Records]
) -> Iterator[Records]:
    """Count how many groups pass in order."""
    groups = GroupCounter(ordering)
    for batch in batches:
        attempt.count(_GROUPS, groups.count(batch))
        yield batch
