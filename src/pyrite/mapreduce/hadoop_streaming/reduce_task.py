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
            ordered = _grouped(attempt, self._ordered(partition, task_context))
            for batch in attempt.reduced(at_once(ordered)):
                attempt.count(_OUTPUT_RECORDS, batch.total)
                yield batch

    def _ordered(self, partition: Partition, task_context: TaskContext) -> Iterator[Records]:
        (dependency,) = self._dependencies
        assert isinstance(dependency, ShuffleDependency)
        part = ShufflePart(partition.index, range(partition.index, partition.index + 1))
        buffers = shuffle_reader(dependency.handle, part, task_context).buffers()
        env = SparkEnv.get()
        ordering = self._plan.ordering
        return sort(
            map(Records.decode, buffers),
            ordering,
            env.memory_limit,
            env.spill_dir,
            task_context.metrics,
        )


def _grouped(attempt: TaskAttempt, batches: Iterable[Records]) -> Iterator[Records]:
    """Count how many different keys pass in order: Hadoop's groups, whatever the comparator."""
    import pyarrow.compute as pc

    last: bytes | None = None
    for batch in filter(len, batches):
        keys = batch.keys
        changes = pc.sum(pc.not_equal(keys[1:], keys[:-1])).as_py() or 0
        attempt.count(_GROUPS, changes + (keys[0].as_py() != last))
        last = keys[-1].as_py()
        yield batch
