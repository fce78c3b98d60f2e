"""Map tasks: a split through the mapper, and on to the reducers or into the output.

split --blocks of lines--> mapper --its stdout--> records --(sorted--> combiner)--> records
with reducers:      --by partition--> buffers of the shuffle
without reducers:   the elements of the partition, which are written out
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pyrite.core.env import SparkEnv
from pyrite.core.hadoop.splits import FileSplit
from pyrite.core.rdd.input_rdd import InputPartition, SplitsRDD
from pyrite.core.rdd.partition import Partition
from pyrite.mapreduce.hadoop_streaming.encodings import TEXT, lines_of, of_mapper
from pyrite.mapreduce.hadoop_streaming.sorting import sort
from pyrite.mapreduce.hadoop_streaming.stream_job import Command
from pyrite.mapreduce.hadoop_streaming.task_attempt import TaskAttempt, TaskPlan, at_once

if TYPE_CHECKING:
    from pyrite.core.task_context import TaskContext
    from pyrite.mapreduce.hadoop_streaming.inputs import StreamInput
    from pyrite.mapreduce.hadoop_streaming.records import Records

__all__ = ["MapTaskRDD"]

_INPUT_COUNTERS = "File Input Format Counters"
_INPUT_RECORDS = "Map input records"
_OUTPUT_RECORDS = "Map output records"
_OUTPUT_BYTES = "Map output bytes"


class MapTaskRDD(SplitsRDD):
    """What the mappers write, one partition per split.

    Its elements are what a ``BufferWriter`` takes where the job has reducers; otherwise they are
    batches of records.

    Args:
        rdd_id: The id.
        source: What the mappers read.
        plan: What all tasks of the job know.
    """

    def __init__(self, rdd_id: int, source: StreamInput, plan: TaskPlan) -> None:
        super().__init__(rdd_id, source)
        self._input = source
        self._plan = plan

    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Run the mapper on a split."""
        assert isinstance(partition, InputPartition)
        assert isinstance(partition.split, FileSplit)
        self.take_contents(partition)
        task_context.metrics.input_bytes_read += partition.size
        with TaskAttempt(self._plan, task_context, partition.split) as attempt:
            attempt.count_in(_INPUT_COUNTERS, "Bytes Read", partition.size)
            records = self._mapped(attempt, partition.split)
            if self._plan.job.num_reduces:
                yield from self._divided(self._combined(attempt, records))
            else:
                yield from records

    def _mapped(self, attempt: TaskAttempt, split: FileSplit) -> Iterator[Records]:
        """Yield what the mapper makes of a split."""
        mapper = self._plan.job.mapper
        records = (
            attempt.mapped(mapper, self._text(attempt, split))
            if isinstance(mapper, Command)
            else self._records(attempt, split)
        )
        for batch in records:
            attempt.count(_OUTPUT_RECORDS, batch.total)
            attempt.count(_OUTPUT_BYTES, batch.text_bytes)
            yield batch

    def _text(self, attempt: TaskAttempt, split: FileSplit) -> Iterator[bytes]:
        """Yield what the mapper reads on its stdin."""
        job = self._plan.job
        if job.mapper_gets_keys or job.io.map_input != TEXT:
            yield from map(of_mapper(job).stdin.write, self._records(attempt, split))
        elif self._input.is_text:
            for block, count in self._input.lines(split, SparkEnv.get().spill_dir):
                attempt.count(_INPUT_RECORDS, count)
                yield block
        else:
            yield from (lines_of(batch.values) for batch in self._records(attempt, split))

    def _records(self, attempt: TaskAttempt, split: FileSplit) -> Iterator[Records]:
        for batch in self._input.records(split, SparkEnv.get().spill_dir):
            attempt.count(_INPUT_RECORDS, batch.total)
            yield batch

    def _combined(self, attempt: TaskAttempt, records: Iterator[Records]) -> Iterator[Records]:
        """Pass what the mapper wrote through the combiner, once and in order."""
        job, env = self._plan.job, SparkEnv.get()
        if job.combiner is None:
            return records
        ordered = sort(
            records, self._plan.ordering, env.memory_limit, env.spill_dir, attempt.metrics
        )
        return attempt.combined(job.combiner, at_once(ordered))

    def _divided(self, records: Iterable[Records]) -> Iterator[tuple[int, bytes, int]]:
        """Yield the records of each partition as buffers of the shuffle."""
        reduces = self._plan.job.num_reduces
        partitioner = self._plan.partitioner
        for batch in records:
            for reduce, rows in batch.split(partitioner.place(batch), reduces):
                yield reduce, rows.encode(), rows.total
