"""One reduce task's records out of many map files.

Map outputs are read in the order of their map tasks, so keys come out in the order in which one
dictionary would have met them, as in PySpark.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from pyrite.core.errors import FetchFailed
from pyrite.core.events import TaskMetrics
from pyrite.core.network import BlockClient
from pyrite.core.serializers import Frame, iter_frames
from pyrite.core.shuffle.columnar import MANY_RECORDS, ColumnGathering, ColumnSort, columns_of
from pyrite.core.shuffle.external import ExternalMerger, ExternalSorter, slices
from pyrite.core.shuffle.handle import Aggregator, AggregatorKind, ShuffleHandle
from pyrite.core.shuffle.map_file import CorruptMapFile
from pyrite.core.shuffle.map_output_tracker import MapStatus
from pyrite.core.shuffle.merge_loops import (
    cogroup_loops,
    combiner_loop,
    spill_cogroups,
    spill_groups,
    value_loop,
)
from pyrite.core.shuffle.segments import Segments

__all__ = ["ShuffleReader", "cogroup"]

_COLUMN_BYTES = 16  # of one record in a columnar frame
_OBJECT_RATIO = 8  # how much larger combined records are as objects

Record = tuple[Any, Any]


class ShuffleReader:
    """Reads the reduce partitions ``start_reduce`` up to ``end_reduce`` of a shuffle.

    With ``maps`` it reads a part of them: what some of the map tasks wrote. Values of one key are
    then combined as far as that part has them.

    Args:
        handle: The shuffle.
        statuses: Where each map output is, in the order of map tasks; None where unknown.
        start_reduce: First reduce partition.
        end_reduce: The partition after the last.
        memory_limit: Bytes the process may grow by before it spills.
        spill_directory: Where spilled pieces go.
        metrics: Counts what is read; None counts nothing.
        location: This machine's block server; empty if there is one machine only.
        client: Reads from other machines, if there are any.
        maps: The map tasks whose outputs are read; all by default.
    """

    def __init__(
        self,
        handle: ShuffleHandle,
        statuses: Sequence[MapStatus | None],
        start_reduce: int,
        end_reduce: int,
        memory_limit: int,
        spill_directory: str,
        metrics: TaskMetrics | None = None,
        location: str = "",
        client: BlockClient | None = None,
        maps: range | None = None,
    ) -> None:
        self._handle = handle
        self._statuses = statuses
        self._start = start_reduce
        self._maps = range(len(statuses)) if maps is None else maps
        self._segments = Segments(statuses, start_reduce, end_reduce, self._maps, location, client)
        self._memory_limit = memory_limit
        self._spill_directory = spill_directory
        self._metrics = metrics if metrics is not None else TaskMetrics()

    def read(self) -> Iterable[Record]:
        """Return the records, combined and sorted as the handle says.

        Raises:
            FetchFailed: If a map output is missing or damaged; now or while iterating.
        """
        aggregator, ordering = self._handle.aggregator, self._handle.key_ordering
        pieces: Iterable[Iterable[Record]]
        if aggregator is None:
            if ordering is None:
                return chain.from_iterable(self.batches())
            by_key = ordering.key_function is None
            columns = ColumnSort(ordering.ascending) if by_key else None
            in_order, pieces = self._through_columns(columns)
            if in_order is not None:
                return in_order
        else:
            records = self._combined(aggregator)
            if ordering is None:
                return records
            pieces = slices(records)
        sorter = ExternalSorter(
            ordering.sort_key(),
            ordering.ascending,
            self._memory_limit,
            self._spill_directory,
            self._metrics,
        )
        return sorter.sort(pieces)

    def buffers(self) -> Iterator[memoryview]:
        """Read what a ``BufferWriter`` wrote, without copying what is on this machine.

        Raises:
            FetchFailed: If a map output is missing or damaged.
        """
        return (frame.payload for frame in self._frames())

    def batches(self) -> Iterator[list[Record]]:
        """Read the records as they crossed the shuffle, in the batches they were written in.

        Raises:
            FetchFailed: If a map output is missing or damaged.
        """
        return self._decoded(self._frames())

    def _decoded(self, frames: Iterator[Frame]) -> Iterator[list[Record]]:
        metrics = self._metrics
        for frame in frames:
            batch = frame.records()
            metrics.shuffle_read_records += len(batch)
            yield batch

    def _combined(self, aggregator: Aggregator) -> Iterable[Record]:
        columns = columns_of(aggregator, self._handle.map_side_combine)
        combined, pieces = self._through_columns(columns)
        if combined is not None:
            return combined
        merger = ExternalMerger(
            combiner_loop(aggregator),
            self._memory_limit,
            self._spill_directory,
            self._metrics,
            spill_groups if aggregator.kind is AggregatorKind.GROUP else None,
        )
        loop = None if self._handle.map_side_combine else value_loop(aggregator)
        merger.insert(pieces, loop)
        return merger.items()

    def _through_columns(
        self, columns: ColumnGathering | None
    ) -> tuple[Iterable[Record] | None, Iterator[list[Record]]]:
        """Combine or sort the frames as columns, where that is possible, pays and fits.

        Returns:
            The resulting records, if it did; otherwise the records still to be gathered.
        """
        frames = self._frames()
        statuses = self._statuses[self._maps.start : self._maps.stop]
        wanted = sum(self._segments.bytes_of(status) for status in statuses if status)
        large = wanted >= _COLUMN_BYTES * MANY_RECORDS
        if columns is None or not large or wanted * _OBJECT_RATIO > self._memory_limit:
            return None, self._decoded(frames)
        for frame in frames:
            part = frame.columns()
            if not columns.add(part):
                return None, chain(columns.leftovers(), self._decoded(chain((frame,), frames)))
            self._metrics.shuffle_read_records += len(part or ())
        return columns.records(), iter(())

    def _frames(self) -> Iterator[Frame]:
        for segment in self.segments():
            yield from iter_frames(segment)

    def segments(self) -> Iterator[memoryview]:
        """Read the non-empty segments as they were written, in the order of map tasks.

        Raises:
            FetchFailed: If a map output is missing or damaged.
        """
        metrics = self._metrics
        for map_id in self._maps:
            status = self._statuses[map_id]
            if status is None:
                raise self._failed(map_id, "", "its output is not registered")
            wanted = self._segments.bytes_of(status)
            if not wanted:
                continue
            try:
                yield from self._segments.read(status)
            except (CorruptMapFile, OSError) as error:
                raise self._failed(map_id, status.executor_id, str(error)) from error
            if self._segments.is_remote(status):
                metrics.shuffle_read_remote_blocks += 1
                metrics.shuffle_read_remote_bytes += wanted
            else:
                metrics.shuffle_read_local_blocks += 1
                metrics.shuffle_read_local_bytes += wanted

    def _failed(self, map_id: int, executor_id: str, reason: str) -> FetchFailed:
        """Report a lost output, and which of those not read yet are lost too."""
        also_lost = self._segments.lost_after(map_id)
        return FetchFailed(
            self._handle.shuffle_id, map_id, self._start, executor_id, reason, also_lost
        )


def cogroup(
    inputs: Sequence[Iterable[Record]],
    memory_limit: int,
    spill_directory: str,
    metrics: TaskMetrics | None = None,
) -> Iterable[tuple[Any, tuple[Any, ...]]]:
    """Group several inputs by key.

    Args:
        inputs: Iterables of pairs; each is read once, one after the other.
        memory_limit: Bytes the process may grow by before it spills.
        spill_directory: Where spilled pieces go.
        metrics: Counts what was spilled; None counts nothing.

    Returns:
        For each key, in the order of first appearance, one list of values per input.

    Example:
        >>> list(cogroup([[("a", 1)], [("b", 2), ("a", 3)]], 1 << 30, "/tmp"))
        [('a', ([1], [3])), ('b', ([], [2]))]
    """
    loops, merge_groups = cogroup_loops(len(inputs))
    merger = ExternalMerger(
        merge_groups,
        memory_limit,
        spill_directory,
        metrics if metrics is not None else TaskMetrics(),
        spill_cogroups,
    )
    for records, loop in zip(inputs, loops, strict=True):
        merger.insert(slices(records), loop)
    return merger.items()
