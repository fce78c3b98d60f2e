"""TaskAttempt: one try at a task: its directory, its commands, and what they tell."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from pyspark.accumulators import AccumulatorParam

from pyrite.core.env import SparkEnv
from pyrite.core.events.local_properties import MAX_FAILURES
from pyrite.mapreduce.counters import Counters
from pyrite.mapreduce.hadoop_streaming import encodings
from pyrite.mapreduce.hadoop_streaming.aggregate import PROGRAMS
from pyrite.mapreduce.hadoop_streaming.child_process import ChildProcess, StreamTaskError
from pyrite.mapreduce.hadoop_streaming.comparators import Ordering, make_ordering
from pyrite.mapreduce.hadoop_streaming.debug_script import run_debug_script
from pyrite.mapreduce.hadoop_streaming.failed_task import kept_tasks, run_and_keep
from pyrite.mapreduce.hadoop_streaming.partitioners import Partitioner, make_partitioner
from pyrite.mapreduce.hadoop_streaming.stream_job import (
    Command,
    JavaClass,
    Program,
    StreamJob,
)
from pyrite.mapreduce.hadoop_streaming.task_environment import (
    TaskId,
    TaskPlace,
    task_environment,
)
from pyrite.mapreduce.hadoop_streaming.working_directory import ShippedFiles, WorkingDirectory
from pyrite.mapreduce.live_values import STATUS, counter_value

if TYPE_CHECKING:
    from pyspark.accumulators import Accumulator

    from pyrite.core.events import TaskMetrics
    from pyrite.core.hadoop.committer import FileOutputCommitter
    from pyrite.core.hadoop.splits import FileSplit
    from pyrite.core.task_context import TaskContext
    from pyrite.mapreduce.hadoop_streaming.job_conf import JobConf
    from pyrite.mapreduce.hadoop_streaming.records import Records

__all__ = ["TaskAttempt", "TaskCounters", "TaskCountersParam", "TaskPlan", "at_once"]

_FRAMEWORK = "Map-Reduce Framework"
_REDUCE_INPUT = "Reduce input records"
_COMBINE_INPUT = "Combine input records"
_COMBINE_OUTPUT = "Combine output records"

#: Container images make Python write what is printed at once, for people who watch. Nobody
#: watches a task, and a write for each line costs more than the rest of a short script.
_NOT_INHERITED = frozenset({"PYTHONUNBUFFERED"})

T = TypeVar("T")


#: The counters of each task that succeeded: whether it is a map task, and its number.
TaskCounters = dict[tuple[bool, int], Counters]


class TaskCountersParam(AccumulatorParam[TaskCounters]):
    """The arithmetic of an accumulator of counters by task.

    A map task that runs again because its output was lost takes the place of what it was before.
    """

    def zero(self, value: TaskCounters) -> TaskCounters:
        """Return the counters of no task."""
        return {}

    def addInPlace(self, value1: TaskCounters, value2: TaskCounters) -> TaskCounters:
        """Add the second's tasks to the first's."""
        value1.update(value2)
        return value1


@dataclass(frozen=True)
class TaskPlan:
    """What all tasks of a job know.

    Attributes:
        job: The job.
        job_id: Its id, such as ``job_202601011200_0001``.
        counters: Where the tasks that succeed add their counters.
        shipped: What tasks find in their directory.
        committer: Where the output is written.
    """

    job: StreamJob
    job_id: str
    counters: Accumulator[TaskCounters]
    shipped: ShippedFiles
    committer: FileOutputCommitter

    @property
    def partitioner(self) -> Partitioner:
        """Which reducer a record goes to."""
        return make_partitioner(self.job)

    @property
    def ordering(self) -> Ordering:
        """The order in which records reach a reducer."""
        return make_ordering(self.job)


class TaskAttempt:
    """One try at a task; as a context manager it cleans up, and counts if the task succeeded.

    Args:
        plan: What all tasks of the job know.
        context: Which task it is.
        split: What a map task reads; None for a reduce task.
    """

    def __init__(
        self, plan: TaskPlan, context: TaskContext, split: FileSplit | None = None
    ) -> None:
        self._plan = plan
        self._job = plan.job
        self._context = context
        self._split = split
        self._counters = Counters()
        self._lock = threading.Lock()
        self._directory: WorkingDirectory | None = None
        self._environment: Mapping[str, str] = {}

    def __enter__(self) -> Self:
        parent, shipped = SparkEnv.get().spill_dir, self._plan.shipped.here()
        self._directory = WorkingDirectory(parent, shipped)
        self._environment = self._variables(self._directory)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._directory is not None:
            self._directory.remove()
        if kind is None:
            task = self._split is not None, self._context.partitionId()
            self._plan.counters.add({task: self._counters})

    @property
    def metrics(self) -> TaskMetrics:
        """What the engine counts of the task."""
        return self._context.metrics

    def count(self, name: str, amount: int) -> None:
        """Add to one of the framework's own counters, from any thread."""
        self.count_in(_FRAMEWORK, name, amount)

    def count_in(self, group: str, name: str, amount: int) -> None:
        """Add to any counter, from any thread."""
        with self._lock:
            self._counters.add(group, name, amount)
            total = self._counters.get(group, name)
        self._context.report_progress(counter_value(group, name), total)

    def mapped(self, mapper: Command, stdin: Iterable[bytes]) -> Iterator[Records]:
        """Yield what the mapper's command makes of its input."""
        encoding = encodings.of_mapper(self._job)
        return encoding.stdout.read(self._run(mapper, stdin))

    def combined(self, combiner: Program, records: Iterable[Records]) -> Iterator[Records]:
        """Yield what the combiner makes of sorted records."""
        counted = self._counted(records, _COMBINE_INPUT)
        return self._counted(self._through(combiner, counted), _COMBINE_OUTPUT)

    def reduced(self, records: Iterable[Records]) -> Iterator[Records]:
        """Yield what the reducer makes of sorted records."""
        return self._through(self._job.reducer, self._counted(records, _REDUCE_INPUT))

    def _through(self, program: Program | None, records: Iterable[Records]) -> Iterator[Records]:
        if program is None:
            return iter(records)
        if isinstance(program, JavaClass):
            return PROGRAMS[program.name](records)
        # Hadoop starts no command for nothing
        records = iter(records)
        first = next(records, None)
        if first is None:
            return iter(())
        records = chain([first], records)
        encoding = encodings.of_reducer(self._job)
        return encoding.stdout.read(self._run(program, map(encoding.stdin.write, records)))

    def _run(self, command: Command, stdin: Iterable[bytes]) -> Iterator[bytes]:
        """Yield what a command writes to stdout."""
        assert self._directory is not None
        conf = self._job.conf
        with ChildProcess(
            command.words,
            env=self._environment,
            cwd=self._directory.path,
            timeout=conf.integer("mapreduce.task.timeout") / 1000,
            on_counter=self.count_in,
            on_status=self._show,
            log=_log,
            reporter_prefix=_reporter_prefix(conf),
            nonzero_exit_fails=conf.flag("stream.non.zero.exit.is.failure", True),
        ) as child:
            try:
                if self._is_last:
                    kept = kept_tasks(conf)
                    yield from run_and_keep(child, stdin, self._id, self._directory, kept)
                else:
                    yield from child.run(stdin)
            except StreamTaskError as error:
                if not (script := self._debug_script):
                    raise
                raise run_debug_script(script, child, error, self._directory, conf, _log) from None

    @property
    def _id(self) -> TaskId:
        context = self._context
        is_map = self._split is not None
        return TaskId(self._plan.job_id, is_map, context.partitionId(), context.attemptNumber())

    @property
    def _is_last(self) -> bool:
        """Whether the task is not tried again."""
        limit = self._context.getLocalProperty(MAX_FAILURES)
        return limit is None or self._context.attemptNumber() + 1 >= int(limit)

    @property
    def _debug_script(self) -> str | None:
        kind = "map" if self._split is not None else "reduce"
        option = self._job.map_debug if kind == "map" else self._job.reduce_debug
        return option or self._job.conf.get(f"mapreduce.{kind}.debug.script")

    def _variables(self, directory: WorkingDirectory) -> Mapping[str, str]:
        """Return the variables that this attempt's commands see."""
        context, split, committer = self._context, self._split, self._plan.committer
        output = None
        if split is None or not self._job.num_reduces:
            output = committer.attempt_path(context.partitionId(), context.taskAttemptId())
        read = None if split is None else (split.path, split.start, split.length)
        place = TaskPlace(directory.path, directory.temporary, output, read)
        inherited = {name: os.environ[name] for name in os.environ if name not in _NOT_INHERITED}
        return task_environment(self._job, self._id, place, inherited)

    def _counted(self, records: Iterable[Records], name: str) -> Iterator[Records]:
        for batch in records:
            self.count(name, batch.total)
            yield batch

    def _show(self, message: str) -> None:
        self._context.report_progress(STATUS, message)


def _log(line: bytes) -> None:
    """Write a line to the task's log."""
    os.write(sys.stderr.fileno(), line + b"\n")


def _reporter_prefix(conf: JobConf) -> str | None:
    if not conf.flag("stream.stderr.reporter.enabled", True):
        return None
    return conf["stream.stderr.reporter.prefix"]


def at_once(batches: Iterator[T]) -> Iterator[T]:
    """Compute the first batch now, in this thread, not where and when it is asked for.

    What sorts has read all its input then, so that nothing but the sorted records is left to the
    thread that feeds a command.
    """
    return chain(list(islice(batches, 1)), batches)
