"""Dictionaries and sorts that go on past the memory limit and give the same answer.

A dictionary that has grown too far is written out in buckets by hash and emptied. At the end
the pieces of one bucket are merged, then those of the next; a bucket that is still too large is
split again. A group too large by itself ends as a ``SpilledList``. The order of keys is that of
their first appearance as long as nothing is spilled, and by bucket afterwards.

A sort that has grown too far writes a sorted run; the runs are merged at the end, with equal
elements in their order of arrival, exactly as one sort in memory.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, overload

from pyrite.core.events import TaskMetrics
from pyrite.core.shuffle.memory import MemoryMeter
from pyrite.core.shuffle.spill_file import Span, SpillFile

__all__ = ["SLICE", "ExternalMerger", "ExternalSorter", "MergeLoop", "SpilledList", "slices"]

Record = tuple[Any, Any]
MergeLoop = Callable[[Iterable[Record], dict[Any, Any]], None]
"""Merges records into a dictionary, as a fused loop with a COMBINE sink does."""

SLICE = 16384
"""Records between two looks at the memory."""

_BUCKETS = 32
_LAST_DEPTH = 2  # 32 ** 3 buckets: keys that are still together then have equal hashes
_FEW_KEYS = 64


def slices(source: Iterable[Any], size: int = SLICE) -> Iterator[Iterable[Any]]:
    """Cut an iterable into pieces, each to be used up before the next is asked for.

    Example:
        >>> [list(piece) for piece in slices(range(5), 2)]
        [[0, 1], [2, 3], [4]]
    """
    if isinstance(source, list | range) and len(source) <= size:
        if source:
            yield source
        return
    iterator = iter(source)
    for first in iterator:
        yield chain((first,), islice(iterator, size - 1))


class SpilledList(Sequence[Any]):
    """A list whose elements are in a file, except the latest ones.

    It iterates, counts and indexes like a list, and pickles as one.
    """

    def __init__(self, file: SpillFile, values: Iterable[Any] = ()) -> None:
        self._file = file
        self._spans: list[Span] = []
        self._ends: list[int] = []  # how many elements there are up to the end of each span
        self._tail = list(values)

    def append(self, value: Any) -> None:
        """Add one element."""
        self._tail.append(value)

    def extend(self, values: Iterable[Any]) -> None:
        """Add elements in order."""
        for piece in slices(values):
            self._tail.extend(piece)
            if len(self._tail) >= SLICE:
                self.flush()

    def flush(self) -> None:
        """Move the elements in memory to the file."""
        for start in range(0, len(self._tail), SLICE):
            piece = self._tail[start : start + SLICE]
            self._spans.append(self._file.write(piece, SLICE))
            self._ends.append(self._spilled() + len(piece))
        self._tail.clear()

    def _spilled(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __len__(self) -> int:
        return self._spilled() + len(self._tail)

    def __iter__(self) -> Iterator[Any]:
        for span in self._spans:
            for batch in self._file.batches(span):
                yield from batch
        yield from self._tail

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        position = index + len(self) if index < 0 else index
        if not 0 <= position < len(self):
            raise IndexError("list index out of range")
        if position >= self._spilled():
            return self._tail[position - self._spilled()]
        which = bisect_right(self._ends, position)
        start = self._ends[which - 1] if which else 0
        (batch,) = self._file.batches(self._spans[which])
        return batch[position - start]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, list | SpilledList):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, islice(self, 10)))
        return f"[{shown}{', ...' if len(self) > 10 else ''}]"

    def __reduce__(self) -> tuple[type[list[Any]], tuple[list[Any]]]:
        return list, (list(self),)


class ExternalMerger:
    """A dictionary of combiners by key that spills past a memory limit.

    Args:
        merge_combiners: Merges ``(key, combiner)`` records, later ones into earlier ones.
        memory_limit: Bytes the process may grow by while records are gathered.
        spill_directory: Where spill files go.
        metrics: Counts what was spilled.
        spill_groups: For combiners that are lists: moves the lists of a dictionary into the
            file, where one key alone can exceed the limit.
        depth: How many times these keys were split into buckets before.
    """

    def __init__(
        self,
        merge_combiners: MergeLoop,
        memory_limit: int,
        spill_directory: str,
        metrics: TaskMetrics,
        spill_groups: Callable[[dict[Any, Any], SpillFile], None] | None = None,
        depth: int = 0,
    ) -> None:
        self._merge_combiners = merge_combiners
        self._memory_limit = memory_limit
        self._spill_directory = spill_directory
        self._metrics = metrics
        self._spill_groups = spill_groups
        self._depth = depth
        self._table: dict[Any, Any] = {}
        self._meter = MemoryMeter(memory_limit)
        self._file: SpillFile | None = None
        self._buckets: list[list[Span]] = [[] for _ in range(_BUCKETS)]
        self._spilled = False

    def insert(self, pieces: Iterable[Iterable[Record]], merge: MergeLoop | None = None) -> None:
        """Merge records in, looking at the memory after each piece.

        Args:
            pieces: Records in pieces of some ten thousand.
            merge: The loop that merges them; by default they are combiners already.
        """
        merge = merge or self._merge_combiners
        table, exceeded = self._table, self._meter.exceeded
        for piece in pieces:
            merge(piece, table)
            if exceeded():
                self._spill()

    def items(self) -> Iterable[Record]:
        """Return every key with its combiner. The merger is used up by it."""
        if not self._spilled:
            return self._table.items()
        return self._merged_buckets()

    def _new_file(self) -> SpillFile:
        if self._file is None:
            self._file = SpillFile(self._spill_directory, self._metrics)
        return self._file

    def _spill(self) -> None:
        self._metrics.memory_bytes_spilled += self._meter.grown
        few = self._depth > 0 and not self._spilled and len(self._table) <= _FEW_KEYS
        if self._depth < _LAST_DEPTH and not few:
            self._spill_table()
        elif self._spill_groups is not None:
            self._spill_groups(self._table, self._new_file())
        self._meter.released()

    def _spill_table(self) -> None:
        file, depth = self._new_file(), self._depth
        pieces: list[list[Record]] = [[] for _ in range(_BUCKETS)]
        appends = [piece.append for piece in pieces]
        for item in self._table.items():
            appends[hash((depth, item[0])) % _BUCKETS](item)
        self._table.clear()
        for index, piece in enumerate(pieces):
            if piece:
                self._buckets[index].append(file.write(piece))
                piece.clear()
        self._spilled = True

    def _merged_buckets(self) -> Iterator[Record]:
        self._spill_table()
        file = self._new_file()
        for spans in self._buckets:
            merger = ExternalMerger(
                self._merge_combiners,
                self._memory_limit,
                self._spill_directory,
                self._metrics,
                self._spill_groups,
                self._depth + 1,
            )
            for span in spans:
                merger.insert(file.batches(span))
            yield from merger.items()


class ExternalSorter:
    """A stable sort that spills past a memory limit.

    Args:
        key: From an element to what is compared.
        ascending: Whether small comes first.
        memory_limit: Bytes the process may grow by while elements are gathered.
        spill_directory: Where spill files go.
        metrics: Counts what was spilled.

    Example:
        >>> sorter = ExternalSorter(abs, True, 1 << 40, "/tmp", TaskMetrics())
        >>> list(sorter.sort([[3, -1], [2, 1]]))
        [-1, 1, 2, 3]
    """

    def __init__(
        self,
        key: Callable[[Any], Any] | None,
        ascending: bool,
        memory_limit: int,
        spill_directory: str,
        metrics: TaskMetrics,
    ) -> None:
        self._key = key
        self._reverse = not ascending
        self._memory_limit = memory_limit
        self._spill_directory = spill_directory
        self._metrics = metrics

    def sort(self, pieces: Iterable[Iterable[Any]]) -> Iterable[Any]:
        """Return all elements in order.

        Args:
            pieces: The elements, in pieces of some ten thousand.
        """
        meter = MemoryMeter(self._memory_limit)
        elements: list[Any] = []
        file: SpillFile | None = None
        runs: list[Span] = []
        for piece in pieces:
            elements.extend(piece)
            if meter.exceeded():
                self._metrics.memory_bytes_spilled += meter.grown
                file = file or SpillFile(self._spill_directory, self._metrics)
                elements.sort(key=self._key, reverse=self._reverse)
                runs.append(file.write(elements))
                elements.clear()
                meter.released()
        elements.sort(key=self._key, reverse=self._reverse)
        if file is None:
            return elements
        sorted_runs: list[Iterable[Any]] = [chain.from_iterable(file.batches(run)) for run in runs]
        return heapq.merge(*sorted_runs, elements, key=self._key, reverse=self._reverse)
