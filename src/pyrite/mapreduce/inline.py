"""The inline runner: all tasks in this process, one after the other, without the engine."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO

from pyrite.core.events import TaskMetrics
from pyrite.core.hadoop.hadoop_conf import hadoop_conf
from pyrite.core.hadoop.inputs import TextInput
from pyrite.core.shared.files import UserFiles
from pyrite.core.shuffle import portable_hash
from pyrite.core.shuffle.external import ExternalSorter, slices
from pyrite.mapreduce.counters import Counters
from pyrite.mapreduce.output import PairWriter, output_job
from pyrite.mapreduce.phases import (
    is_comparison,
    map_phase,
    none_first,
    reduce_phase,
    unsortable_keys,
)
from pyrite.mapreduce.plan import JobPlan, Result, Step
from pyrite.mapreduce.tasks import TaskFacts

if TYPE_CHECKING:
    from pyrite.mapreduce.watcher import Watcher

__all__ = ["run_inline"]

Pair = tuple[Any, Any]

#: Bytes a sort may take before it goes on in a file.
_SORT_MEMORY = 512 << 20

_HASHES_KEPT = 1 << 16


def run_inline(
    job: JobPlan,
    paths: tuple[str, ...],
    records: Iterable[Pair] | None = None,
    output: str | None = None,
    stream: BinaryIO | None = None,
    watcher: Watcher | None = None,
) -> Result:
    """Run a job in this process.

    Args:
        job: The job.
        paths: What to read.
        records: Pairs to map instead of files.
        output: The directory to write, if any.
        stream: Where to print the pairs instead, if anywhere.
        watcher: Shows the status.
    """
    reporter = _Reporter(watcher)
    conf = hadoop_conf({}, job.settings)
    writer = PairWriter.of(job.writes, job.steps[-1].last_name)
    with tempfile.TemporaryDirectory(prefix="pyrite-mapreduce-") as spill_directory:
        run = _Run(job, reporter, conf, spill_directory, _local_files(job, spill_directory))
        if output is not None:
            target = output_job(output, conf, writer)
            target.run(
                lambda: [
                    target.write_task(index, 0, pairs)
                    for index, pairs in enumerate(run.partitions(paths, records))
                ],
                conf,
            )
            return Result(reporter.counters, output=output)
        pairs = chain.from_iterable(run.partitions(paths, records))
        if stream is not None:
            writer.write(stream, pairs)
            return Result(reporter.counters)
        return Result(reporter.counters, list(pairs))


@dataclass
class _Reporter:
    watcher: Watcher | None
    counters: Counters = field(default_factory=Counters)

    def count(self, group: str, name: str, amount: int) -> None:
        self.counters.add(group, name, amount)

    def status(self, message: str) -> None:
        if self.watcher is not None:
            self.watcher.status(message)


@dataclass(frozen=True)
class _Run:
    job: JobPlan
    reporter: _Reporter
    conf: dict[str, str]
    spill_directory: str
    files: dict[str, str]

    def partitions(
        self, paths: tuple[str, ...], records: Iterable[Pair] | None
    ) -> Iterable[Iterable[Pair]]:
        """Return the partitions that the last step makes, to be used up in their order."""
        first, *others = self.job.steps
        mapped = (
            self._mapped_files(first, paths) if records is None else [self._mapped(first, records)]
        )
        partitions = self._reduced(first, mapped)
        for step in others:
            partitions = self._reduced(step, map(partial(self._mapped, step), partitions))
        return partitions

    def _mapped_files(self, step: Step, paths: tuple[str, ...]) -> list[Iterator[Pair]]:
        source = TextInput(",".join(paths), self.conf, min_partitions=1)
        read = self.job.reads.read
        return [
            self._mapped(
                step,
                read(chain.from_iterable(source.read(split, self.spill_directory))),
                split.path,
            )
            for split in source.plan()
        ]

    def _mapped(
        self, step: Step, records: Iterable[Pair], input_file: str | None = None
    ) -> Iterator[Pair]:
        return map_phase(step, records, self._facts(input_file))

    def _reduced(self, step: Step, mapped: Iterable[Iterator[Pair]]) -> Iterable[Iterable[Pair]]:
        if step.reducer is None:
            return mapped
        pairs = chain.from_iterable(mapped)
        parts = self._sorted(step, pairs, self.job.reduces_of(step, 1))
        return (reduce_phase(step, part, self._facts(None)) for part in parts)

    def _facts(self, input_file: str | None) -> TaskFacts:
        return TaskFacts(self.reporter, input_file, self.job.settings, self.files)

    def _sorted(self, step: Step, pairs: Iterator[Pair], count: int) -> Iterator[Iterable[Pair]]:
        """Yield the pairs of each reduce task in the order of their keys."""
        kinds: dict[Any, Any] = {}
        order = step.order() or none_first
        sort_key: Callable[[Any], Any]
        items: Iterable[Any] = _remembering(pairs, kinds)
        if count == 1:
            sort_key = lambda pair: order(pair[0])  # noqa: E731
        else:
            place = _placement(step, count)
            items = ((place(pair[0]), pair) for pair in items)
            sort_key = lambda item: (item[0], order(item[1][0]))  # noqa: E731
        sorter = ExternalSorter(sort_key, True, _SORT_MEMORY, self.spill_directory, TaskMetrics())
        try:
            in_order = sorter.sort(slices(items))
        except TypeError as error:
            if is_comparison(error):
                raise unsortable_keys(step.mapper_name, kinds.values(), error) from error
            raise
        if count == 1:
            yield in_order
        else:
            yield from _cut(iter(in_order), count)


def _itself(key: Any) -> Any:
    return key


def _placement(step: Step, count: int) -> Callable[[Any], int]:
    """Return the function from a key to its partition, the same as on workers."""
    group_by = step.group_by or _itself
    # Outside of workers the hash of a string is computed slowly, and keys come again.
    hashed = lru_cache(_HASHES_KEPT)(portable_hash)
    return lambda key: hashed(group_by(key)) % count


def _local_files(job: JobPlan, directory: str) -> dict[str, str]:
    """Return the local paths of the cache files by name, after fetching those that are not here."""
    files = job.file_paths()
    for name, path in files.items():
        if "://" in path:
            fetched = UserFiles(os.path.join(directory, "files", name), imports_here=False)
            files[name] = os.path.join(fetched.root, fetched.add_file(path, recursive=True))
    return files


def _remembering(pairs: Iterable[Pair], kinds: dict[Any, Any]) -> Iterator[Pair]:
    """Pass pairs on, keeping a key of each kind to show in an error."""
    for pair in pairs:
        key = pair[0]
        kind = tuple(map(type, key)) if type(key) is tuple else type(key)
        if kind not in kinds:
            kinds[kind] = key
        yield pair


def _cut(items: Iterator[tuple[int, Pair]], count: int) -> Iterator[Iterator[Pair]]:
    """Yield the pairs of each partition, also of those without any."""
    waiting: list[tuple[int, Pair]] = []

    def of(partition: int) -> Iterator[Pair]:
        for item in chain(waiting[:], items):
            waiting.clear()
            if item[0] != partition:
                waiting.append(item)
                return
            yield item[1]

    for partition in range(count):
        part = of(partition)
        yield part
        for _ in part:  # what the reducer did not read
            pass
