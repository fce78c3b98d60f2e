"""The runner on workers: each step is two stages of the RDD engine, or one without a reducer."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

from pyrite.core.conf import SparkConf
from pyrite.core.context import SparkContext
from pyrite.core.env import SparkEnv
from pyrite.core.errors import SparkException
from pyrite.core.hadoop.hadoop_conf import hadoop_conf
from pyrite.core.hadoop.inputs import TextInput
from pyrite.core.hadoop.splits import FileSplit
from pyrite.core.rdd.dependency import ShuffleDependency
from pyrite.core.rdd.input_rdd import HadoopRDD, InputPartition
from pyrite.core.rdd.lineage import BaseRDD
from pyrite.core.rdd.partition import Partition
from pyrite.core.rdd.pipelined import MapPartitionsRDD
from pyrite.core.rdd.rdd import RDD
from pyrite.core.rdd.shuffled import ShuffledRDD, ShufflePart, shuffle_reader
from pyrite.core.shared.files import SparkFiles
from pyrite.core.shuffle import KeyOrdering, Partitioner, ShuffleHandle, portable_hash
from pyrite.core.task_context import TaskContext
from pyrite.mapreduce.counters import Counters, CountersParam
from pyrite.mapreduce.encodings import Encoding
from pyrite.mapreduce.errors import MapReduceError
from pyrite.mapreduce.output import PairWriter, output_job
from pyrite.mapreduce.phases import (
    is_comparison,
    map_phase,
    none_first,
    reduce_phase,
    unsortable_keys,
)
from pyrite.mapreduce.plan import JobPlan, Result, Step
from pyrite.mapreduce.task_reporter import TaskReporter
from pyrite.mapreduce.tasks import TaskFacts

if TYPE_CHECKING:
    from pyspark.accumulators import Accumulator

__all__ = ["context_for", "run_on_workers"]

Pair = tuple[Any, Any]


@contextmanager
def context_for(
    runner: str | SparkContext, job: JobPlan, watched: bool = False
) -> Iterator[SparkContext]:
    """Yield the context that a job is to run in; one made for it is stopped at the end.

    Args:
        runner: A context; or ``local``, for the active one or else one of its own; or a master.
        job: The job; its settings that begin with ``spark.`` are those of a new context.
        watched: Whether somebody shows how the job fares, so that a new context need not.
    """
    if isinstance(runner, SparkContext):
        yield runner
        return
    active = SparkContext._active_spark_context
    if runner == "local" and active is not None:
        yield active
        return
    conf = SparkConf()
    if runner != "local":
        conf.setMaster(runner)
    conf.setIfMissing("spark.app.name", job.settings.get("mapreduce.job.name", "MapReduce"))
    if watched:
        conf.setIfMissing("spark.ui.showConsoleProgress", "false")
    for name, value in job.settings.items():
        if name.startswith("spark."):
            conf.set(name, value)
    with SparkContext(conf=conf) as context:
        yield context


def run_on_workers(
    job: JobPlan,
    context: SparkContext,
    paths: tuple[str, ...],
    records: Iterable[Pair] | None = None,
    output: str | None = None,
    stream: BinaryIO | None = None,
) -> Result:
    """Run a job in a context.

    Args:
        job: The job.
        context: Where its tasks run.
        paths: What to read.
        records: Pairs to map instead of files.
        output: The directory to write, if any.
        stream: Where to print the pairs instead, if anywhere.
    """
    conf = hadoop_conf(context.conf, job.settings)
    counters = context.accumulator(Counters(), CountersParam())
    facts = _Facts(dict(job.settings), _add_files(job, context), counters)
    first, *others = job.steps
    if records is None:
        source = TextInput(",".join(paths), conf, context.default_parallelism)
        node: BaseRDD = _SplitRDD(context.next_rdd_id(), source)
        node = _mapped(context, node, _MapFiles(first, facts, job.reads))
    else:
        node = _mapped(context, context.parallelize(records).node, _MapPairs(first, facts))
    node = _reduced(job, first, context, node, facts)
    for step in others:
        node = _mapped(context, node, _MapPairs(step, facts))
        node = _reduced(job, step, context, node, facts)
    writer = PairWriter.of(job.writes, job.steps[-1].last_name)
    pairs: RDD[Pair] = RDD(node, context)
    collected: list[Pair] = []
    try:
        if output is not None:
            pairs._save(output_job(output, conf, writer))
        elif stream is not None:
            for text in context.run_job(node, partial(_as_bytes, writer)):
                stream.write(text)
        else:
            collected = pairs.collect()
    except SparkException as error:
        if isinstance(error.__cause__, MapReduceError):
            raise error.__cause__ from None
        raise
    return Result(counters.value, collected, output)


def _add_files(job: JobPlan, context: SparkContext) -> dict[str, str]:
    """Give tasks the cache files; return under which name they find each."""
    added = {}
    for name, path in job.file_paths().items():
        context.addFile(path, recursive=True)
        added[name] = path.rstrip("/").rpartition("/")[2]
    return added


def _mapped(
    context: SparkContext, node: BaseRDD, function: Callable[[int, Iterator[Any]], Iterable[Pair]]
) -> BaseRDD:
    return MapPartitionsRDD(context.next_rdd_id(), node, function)


def _reduced(
    job: JobPlan, step: Step, context: SparkContext, node: BaseRDD, facts: _Facts
) -> BaseRDD:
    if step.reducer is None:
        return node
    count = job.reduces_of(step, context.default_parallelism)
    place = portable_hash if step.group_by is None else partial(_place, step.group_by)
    handle = ShuffleHandle(
        context.next_shuffle_id(),
        len(node.partitions),
        Partitioner(count, place),
        key_ordering=KeyOrdering(step.order()),
    )
    dependency = ShuffleDependency(node, handle)
    in_order = _SortedRDD(context.next_rdd_id(), dependency, step.mapper_name)
    return _mapped(context, in_order, _Reduce(step, facts))


def _place(group_by: Callable[[Any], Any], key: Any) -> int:
    return portable_hash(group_by(key))


def _as_bytes(writer: PairWriter, context: TaskContext, pairs: Iterable[Pair]) -> bytes:
    buffer = io.BytesIO()
    writer.write(buffer, pairs)
    return buffer.getvalue()


class _SplitRDD(HadoopRDD):
    """For each split one element: the split and its lines."""

    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Open the split."""
        assert isinstance(partition, InputPartition)
        return [(partition.split, super().compute(partition, task_context))]


class _SortedRDD(ShuffledRDD):
    """The pairs of each reduce task, in the order of their keys.

    Args:
        rdd_id: The id.
        dependency: The shuffle.
        made_by: The class that made the keys, for errors.
    """

    def __init__(self, rdd_id: int, dependency: ShuffleDependency, made_by: str) -> None:
        super().__init__(rdd_id, dependency)
        self._made_by = made_by

    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Read and sort the pairs."""
        (dependency,) = self.dependencies
        assert isinstance(dependency, ShuffleDependency)
        handle, begun = dependency.handle, False
        try:
            for pair in _read(handle, partition, task_context):
                begun = True
                yield pair
            return
        except TypeError as error:
            if not is_comparison(error):
                raise
            failure = error
        # Plain keys are sorted fastest, but None among them takes a function.
        if not begun and handle.key_ordering == KeyOrdering():
            try:
                ordered = replace(handle, key_ordering=KeyOrdering(none_first))
                yield from _read(ordered, partition, task_context)
                return
            except TypeError as error:
                if not is_comparison(error):
                    raise
        unsorted = _read(replace(handle, key_ordering=None), partition, task_context)
        keys = (pair[0] for pair in unsorted)
        raise unsortable_keys(self._made_by, keys, failure) from failure


def _read(handle: ShuffleHandle, partition: Partition, task_context: TaskContext) -> Iterator[Pair]:
    part = ShufflePart(partition.index, range(partition.index, partition.index + 1))
    yield from shuffle_reader(handle, part, task_context).read()


@dataclass(frozen=True)
class _Facts:
    """What the tasks of a job know of it.

    Attributes:
        settings: The job's settings.
        files: The names of its cache files among those of the context, by the job's names.
        counters: Where counters are added up.
    """

    settings: dict[str, str]
    files: dict[str, str]
    counters: Accumulator[Counters]

    def of_task(self, reporter: TaskReporter, input_file: str | None = None) -> TaskFacts:
        """Return what one task knows, on the machine where it runs."""
        files = {name: SparkFiles.get(added) for name, added in self.files.items()}
        return TaskFacts(reporter, input_file, self.settings, files)


@dataclass(frozen=True)
class _MapPairs:
    """Maps pairs: of the program, or of the step before."""

    step: Step
    facts: _Facts

    def __call__(self, index: int, elements: Iterator[Any]) -> Iterator[Pair]:
        reporter = TaskReporter(self.facts.counters)
        for input_file, records in self._records(elements):
            facts = self.facts.of_task(reporter, input_file)
            yield from map_phase(self.step, records, facts, SparkEnv.get().memory_limit)
        reporter.finish()

    def _records(self, elements: Iterator[Any]) -> Iterable[tuple[str | None, Iterable[Pair]]]:
        return [(None, elements)]


@dataclass(frozen=True)
class _MapFiles(_MapPairs):
    """Maps the lines of splits."""

    reads: Encoding

    def _records(
        self, elements: Iterator[tuple[FileSplit, Iterable[str]]]
    ) -> Iterable[tuple[str | None, Iterable[Pair]]]:
        for split, lines in elements:
            yield split.path, self.reads.read(lines)


@dataclass(frozen=True)
class _Reduce:
    """Reduces sorted pairs."""

    step: Step
    facts: _Facts

    def __call__(self, index: int, pairs: Iterator[Pair]) -> Iterator[Pair]:
        reporter = TaskReporter(self.facts.counters)
        yield from reduce_phase(self.step, pairs, self.facts.of_task(reporter))
        reporter.finish()
