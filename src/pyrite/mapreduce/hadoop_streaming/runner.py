"""The runner: a job of Hadoop Streaming on the RDD engine.

inputs --> MapTaskRDD --shuffle--> ReduceTaskRDD --> OutputJob: part files and _SUCCESS
"""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from pyrite.core.events.local_properties import MAX_FAILURES
from pyrite.core.hadoop.output_job import OutputJob, TaskOutput
from pyrite.core.rdd.dependency import ShuffleDependency
from pyrite.core.shuffle import Partitioner, ShuffleHandle
from pyrite.mapreduce.counters import Counters
from pyrite.mapreduce.hadoop_streaming.comparators import make_ordering
from pyrite.mapreduce.hadoop_streaming.encodings import of_mapper, of_reducer
from pyrite.mapreduce.hadoop_streaming.inputs import StreamInput
from pyrite.mapreduce.hadoop_streaming.map_task import MapTaskRDD
from pyrite.mapreduce.hadoop_streaming.outputs import make_output, to_write
from pyrite.mapreduce.hadoop_streaming.partitioners import make_partitioner
from pyrite.mapreduce.hadoop_streaming.reduce_task import ReduceTaskRDD
from pyrite.mapreduce.hadoop_streaming.task_attempt import TaskCounters, TaskCountersParam, TaskPlan
from pyrite.mapreduce.hadoop_streaming.working_directory import ShippedFiles

if TYPE_CHECKING:
    from pyspark.accumulators import Accumulator

    from pyrite.core.context import SparkContext
    from pyrite.core.rdd.lineage import BaseRDD
    from pyrite.core.task_context import TaskContext
    from pyrite.mapreduce.hadoop_streaming.records import Records
    from pyrite.mapreduce.hadoop_streaming.stream_job import StreamJob

__all__ = ["JobResult", "new_job_id", "run_stream_job"]


@dataclass(frozen=True)
class JobResult:
    """What became of a job that succeeded.

    Attributes:
        job_id: Its id.
        counters: The counters of the tasks that succeeded.
    """

    job_id: str
    counters: Counters


_OUTPUT_COUNTERS = "File Output Format Counters"

#: Settings that are whole numbers -> the smallest that makes sense.
_WHOLE_NUMBERS = MappingProxyType(
    {
        "mapreduce.job.maps": 0,
        "mapreduce.map.maxattempts": 1,
        "mapreduce.reduce.maxattempts": 1,
        "mapreduce.task.timeout": 0,
        "mapreduce.input.lineinputformat.linespermap": 1,
    }
)

_numbers = itertools.count(1)
_process_start = time.strftime("%Y%m%d%H%M%S")


def new_job_id() -> str:
    """Return the id of a job, in Hadoop's form: when this process began, and a number."""
    return f"job_{_process_start}_{next(_numbers):04d}"


def run_stream_job(job: StreamJob, context: SparkContext, job_id: str | None = None) -> JobResult:
    """Run a job to its end.

    Args:
        job: The job.
        context: Where its tasks run.
        job_id: Its id; a new one by default.

    Raises:
        SparkIllegalArgumentException: If a setting cannot be used.
        InvalidInputException: If a path of the input does not exist.
        FileAlreadyExistsException: If the output directory is there already.
        SparkException: If a task failed as often as it may; there is no output then.
    """
    _check(job)
    job_id = job_id or new_job_id()
    by_task: Accumulator[TaskCounters] = context.accumulator({}, TaskCountersParam())
    counters = Counters()
    output = make_output(job, job_id)
    shipped = ShippedFiles.fetch(f"{context.local_dir}/{job_id}", job.files, job.archives)
    plan = TaskPlan(job, job_id, by_task, shipped, output.committer)
    source = StreamInput(job.inputs, job.input_format, job.conf)
    maps = MapTaskRDD(context.next_rdd_id(), source, plan)
    maps.call_site = f"map tasks of {job.name}"

    def run_tasks() -> list[TaskOutput]:
        tasks: BaseRDD = maps
        if job.num_reduces:
            dependency = ShuffleDependency(
                maps,
                ShuffleHandle(
                    context.next_shuffle_id(),
                    len(maps.partitions),
                    Partitioner(job.num_reduces),
                    of_buffers=True,
                ),
            )
            dependency.call_site = maps.call_site
            with _tried(context, job.conf["mapreduce.map.maxattempts"]):
                context.submit_map_stage(dependency).result()
            tasks = ReduceTaskRDD(context.next_rdd_id(), dependency, plan)
            tasks.call_site = f"reduce tasks of {job.name}"
        last = "reduce" if job.num_reduces else "map"
        with _tried(context, job.conf[f"mapreduce.{last}.maxattempts"]):
            written = context.run_job(tasks, partial(_write, job, output))
        size = sum(output.size for output in written)
        counters.add(_OUTPUT_COUNTERS, "Bytes Written", size)
        return written

    try:
        output.run(run_tasks, context.conf)
    finally:
        if shipped.root is not None:
            shutil.rmtree(shipped.root, ignore_errors=True)
    for of_task in by_task.value.values():
        counters.merge(of_task)
    return JobResult(job_id, counters)


def _check(job: StreamJob) -> None:
    """Refuse settings that no task could use, before there are tasks."""
    for name, least in _WHOLE_NUMBERS.items():
        job.conf.integer(name, least=least)
    for make in (make_partitioner, make_ordering, of_mapper, of_reducer):
        make(job)


@contextmanager
def _tried(context: SparkContext, times: str) -> Iterator[None]:
    """Let each task of the jobs in a block be tried so many times."""
    before = context.getLocalProperty(MAX_FAILURES)
    context.setLocalProperty(MAX_FAILURES, times)
    try:
        yield
    finally:
        context.setLocalProperty(MAX_FAILURES, before)


def _write(
    job: StreamJob, output: OutputJob, context: TaskContext, batches: Iterator[Records]
) -> TaskOutput:
    """Write what a task computes, in the task."""
    records = to_write(job, batches)
    written = output.write_task(context.partitionId(), context.taskAttemptId(), records)
    context.metrics.output_records_written += written.records
    context.metrics.output_bytes_written += written.size
    return written
