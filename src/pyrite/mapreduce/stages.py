"""Stages: a job's mapper, combiner or reducer as a program between two pipes.

Between mapper and reducer a line is the key, a tab and the value; where a step groups by a part
of its keys, that part stands in front. So all lines of a group begin alike, and any sort of the
lines brings them together: that of a shell, and that of Hadoop, which looks at the first field.
"""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from pyrite.core.events import TaskMetrics
from pyrite.core.shuffle.external import ExternalSorter, slices
from pyrite.mapreduce.counters import Counters
from pyrite.mapreduce.encodings import Encoding
from pyrite.mapreduce.errors import MapReduceError
from pyrite.mapreduce.output import PairWriter
from pyrite.mapreduce.phases import combine, map_pairs, reduce_pairs
from pyrite.mapreduce.plan import JobPlan, Step
from pyrite.mapreduce.tasks import TaskFacts, make_task

__all__ = ["STAGES", "run_stage"]

Pair = tuple[Any, Any]

_TAB = "\t"
_SORT_MEMORY = 256 << 20
_SECONDS_BETWEEN_COUNTS = 1.0


def run_stage(job: JobPlan, stage: str, number: int) -> None:
    """Run one stage from standard input to standard output.

    Args:
        job: The job.
        stage: One of ``STAGES``.
        number: Of which step, from 1.

    Raises:
        MapReduceError: If the job has no such step or stage.
    """
    if not 1 <= number <= len(job.steps):
        raise MapReduceError(
            f"There is no step {number}: the job has {len(job.steps)}, counted from 1."
        )
    reporter = _StreamReporter()
    settings = _Settings(job.settings)
    input_file = settings.get("mapreduce.map.input.file") or settings.get("map.input.file")
    facts = TaskFacts(reporter, input_file, settings, _Files(job.file_paths()))
    run = _Stage(job, number - 1, facts)
    lines = io.TextIOWrapper(sys.stdin.buffer, "utf-8", "replace", newline="\n")
    STAGES[stage](run, (line.removesuffix("\n") for line in lines))
    sys.stdout.buffer.flush()
    reporter.flush()


@dataclass(frozen=True)
class _Stage:
    job: JobPlan
    index: int
    facts: TaskFacts

    @property
    def step(self) -> Step:
        return self.job.steps[self.index]

    def map(self, lines: Iterator[str]) -> None:
        step = self.step
        records = self.job.reads.read(_without_return(lines))
        if self.index:
            records = _Between(self.job.between).pairs(lines)
        mapper = make_task(step.mapper_for(self.facts.input_file), self.facts)
        pairs = map_pairs(mapper, records)
        if step.reducer is None:
            self._write_result(pairs)
        else:
            self._write_between(pairs, step.mapper_name)

    def combine(self, lines: Iterator[str]) -> None:
        step = self.step
        if step.combiner is None:
            raise self._missing("combiner")
        pairs = _Between(self.job.between, step).pairs(lines)
        name = type(make_task(step.combiner, self.facts)).__name__
        self._write_between(combine(make_task(step.combiner, self.facts), pairs), name)

    def reduce(self, lines: Iterator[str]) -> None:
        step = self.step
        if step.reducer is None:
            raise self._missing("reducer")
        with tempfile.TemporaryDirectory(prefix="pyrite-mapreduce-") as spill_directory:
            pairs = _Between(self.job.between, step, spill_directory).pairs(lines)
            reducer = make_task(step.reducer, self.facts)
            self._write_result(reduce_pairs(reducer, pairs, step.group_by))

    def _write_result(self, pairs: Iterable[Pair]) -> None:
        """Write what leaves the step: the job's answer, or what the next step maps."""
        name = self.step.last_name
        if self.index + 1 == len(self.job.steps):
            PairWriter.of(self.job.writes, name).write(sys.stdout.buffer, pairs)
        else:
            _Between(self.job.between).write(pairs, name)

    def _write_between(self, pairs: Iterable[Pair], name: str) -> None:
        _Between(self.job.between, self.step).write(pairs, name)

    def _missing(self, stage: str) -> MapReduceError:
        return MapReduceError(f"Step {self.index + 1} has no {stage}. Leave this stage out.")


#: The stages of a step, by their option's name.
STAGES: Mapping[str, Callable[[_Stage, Iterator[str]], None]] = {
    "mapper": _Stage.map,
    "combiner": _Stage.combine,
    "reducer": _Stage.reduce,
}


@dataclass(frozen=True)
class _Between:
    """The lines between two stages.

    Attributes:
        encoding: How parts are written.
        step: The step both stages are of; None between two steps.
        spill_directory: Where groups are sorted that do not fit into memory; None leaves the
            pairs of a group in the order of the lines.
    """

    encoding: Encoding
    step: Step | None = None
    spill_directory: str | None = None

    @property
    def _group_by(self) -> Callable[[Any], Any] | None:
        return self.step.group_by if self.step else None

    def write(self, pairs: Iterable[Pair], made_by: str) -> None:
        """Write pairs to standard output."""
        writer = PairWriter(self._line, type(self.encoding).__name__, made_by)
        writer.write(sys.stdout.buffer, pairs)

    def _line(self, key: Any, value: Any) -> str:
        encode, group_by = self.encoding.encode, self._group_by
        line = f"{encode(key)}{_TAB}{encode(value)}"
        return line if group_by is None else f"{encode(group_by(key))}{_TAB}{line}"

    def pairs(self, lines: Iterable[str]) -> Iterator[Pair]:
        """Return the pairs of lines; those of a group follow each other, as their lines do.

        Raises:
            MapReduceError: If a line is not what ``write`` writes.
        """
        if self._group_by is None:
            return self._keyed(lines)
        return self._grouped(lines)

    def _keyed(self, lines: Iterable[str]) -> Iterator[Pair]:
        decode = self.encoding.decode_value
        for text, members in groupby(lines, _first_field):
            start = len(text) + 1
            try:
                key = self.encoding.decode_key(text)
                for line in members:
                    yield key, decode(line[start:])
            except ValueError as error:
                raise self._unreadable(text, error) from error

    def _grouped(self, lines: Iterable[str]) -> Iterator[Pair]:
        assert self.step is not None
        encoding, sort_by = self.encoding, self.step.sort_by or _itself
        for text, members in groupby(lines, _first_field):
            start = len(text) + 1
            cut = (line[start:].partition(_TAB) for line in members)
            pairs = (
                (encoding.decode_key(key), encoding.decode_value(value)) for key, _, value in cut
            )
            if self.spill_directory is None:
                yield from pairs
                continue
            sorter = ExternalSorter(
                lambda pair: sort_by(pair[0]),
                True,
                _SORT_MEMORY,
                self.spill_directory,
                TaskMetrics(),
            )
            try:
                in_order = sorter.sort(slices(pairs))
            except ValueError as error:
                raise self._unreadable(text, error) from error
            yield from in_order

    def _unreadable(self, text: str, error: ValueError) -> MapReduceError:
        return MapReduceError(
            f"The lines that begin with {text!r} are not {type(self.encoding).__name__}, as the "
            f"stage before writes them: {error}. Run all stages of a step with the same program."
        )


class _StreamReporter:
    """Counters and status as lines on standard error, which Hadoop Streaming reads."""

    def __init__(self) -> None:
        self._counters = Counters()
        self._last_flush = time.monotonic()

    def count(self, group: str, name: str, amount: int) -> None:
        self._counters.add(_plain(group), _plain(name), amount)
        if time.monotonic() - self._last_flush > _SECONDS_BETWEEN_COUNTS:
            self.flush()

    def status(self, message: str) -> None:
        self.flush()
        print(f"reporter:status:{' '.join(message.splitlines())}", file=sys.stderr, flush=True)

    def flush(self) -> None:
        for group, name, amount in self._counters:
            print(f"reporter:counter:{group},{name},{amount}", file=sys.stderr)
        sys.stderr.flush()
        self._counters = Counters()
        self._last_flush = time.monotonic()


@dataclass(frozen=True)
class _Settings(Mapping[str, str]):
    """The job's settings, and those that Hadoop Streaming gives in the environment."""

    given: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def __getitem__(self, name: str) -> str:
        found = self.given.get(name)
        return self.environment[re.sub(r"\W", "_", name)] if found is None else found

    def __iter__(self) -> Iterator[str]:
        return iter(self.given)

    def __len__(self) -> int:
        return len(self.given)


@dataclass(frozen=True)
class _Files(Mapping[str, str]):
    """Cache files: in the working directory, where Hadoop puts them, or where the job has them."""

    paths: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return os.path.abspath(name) if os.path.exists(name) else self.paths[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)


def _first_field(line: str) -> str:
    return line.partition(_TAB)[0]


def _without_return(lines: Iterator[str]) -> Iterator[str]:
    """Take the carriage return off lines of files that have them, as the other runners do."""
    return (line.removesuffix("\r") for line in lines)


def _itself(key: Any) -> Any:
    return key


def _plain(name: str) -> str:
    """Leave out what would end a name: commas separate, and a line is one message."""
    return " ".join(name.replace(",", ";").split())
