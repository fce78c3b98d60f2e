"""One map task's records into one file, combined and sorted into partitions.

    source --operators--> records --(map-side combine)--> buckets --batches--> map file
                                                            |  past the memory limit
                                                            v
                                                       spill file --copied into--^

The user's operators and the combining run as one loop over slices of the source, with a look
at the memory after each. Spilled pieces of a combined table are not merged again here: the
reducer merges combiners anyway.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from typing import Any

from pyrite.core.codegen import Operator, fuse
from pyrite.core.events import TaskMetrics
from pyrite.core.serializers import (
    Columns,
    dump_batch,
    dump_columns,
    to_columns,
)
from pyrite.core.shuffle.columnar import (
    MANY_RECORDS,
    ColumnCombining,
    combining_columns,
    concatenate,
    split_columns,
)
from pyrite.core.shuffle.external import SLICE, MergeLoop, slices
from pyrite.core.shuffle.handle import Aggregator
from pyrite.core.shuffle.map_output_tracker import MapStatus
from pyrite.core.shuffle.map_output_writer import MapOutputWriter
from pyrite.core.shuffle.memory import MemoryMeter
from pyrite.core.shuffle.merge_loops import value_loop
from pyrite.core.shuffle.partitioner import Partitioner
from pyrite.core.shuffle.spill_file import Span, SpillFile

__all__ = ["ShuffleWriter"]

_COLUMN_ROWS = 1 << 17
_WARM = 4096  # records that fit into the caches while they are looked at several times


class ShuffleWriter(MapOutputWriter):
    """Writes records; ``memory_limit`` is how much the process may grow by before it spills."""

    def write(self, source: Iterable[Any], operators: tuple[Operator, ...] = ()) -> MapStatus:
        """Run the operators over the source and write the resulting pairs.

        Args:
            source: What the operators start from.
            operators: Narrow operators still to be applied.

        Returns:
            Where the output is and how large each partition's part is.

        Raises:
            OSError: If the disk is full or cannot be written; nothing is left on it.
        """
        handle = self._handle
        buckets = _Buckets(
            handle.partitioner, self._memory_limit, self._spill_directory, self._metrics
        )
        try:
            if handle.map_side_combine and handle.aggregator is not None:
                self._combine(handle.aggregator, source, operators, buckets)
            else:
                records = fuse(operators)(source) if operators else source
                for piece in slices(records, _WARM):
                    buckets.add(list(piece))
            return self._write_file(buckets.chunks, buckets.count)
        finally:
            buckets.close()

    def _combine(
        self,
        aggregator: Aggregator,
        source: Iterable[Any],
        operators: tuple[Operator, ...],
        buckets: _Buckets,
    ) -> None:
        loop = value_loop(aggregator, operators)
        pieces = slices(source)
        table: dict[Any, Any] = {}
        combining = combining_columns(aggregator)
        if combining is not None:
            # A table that stays small is fastest as it is; a large one of numbers as columns.
            self._merge(loop, pieces, table, buckets, leave_at=MANY_RECORDS)
            if len(table) >= MANY_RECORDS and combining.add(to_columns(list(table.items()))):
                table.clear()
                pieces = slices(fuse(operators)(chain.from_iterable(pieces)), _WARM)
                unfit = self._combine_columns(combining, pieces, buckets)
                if not unfit:
                    return
                table.update(combining.records())
                loop = value_loop(aggregator)
                pieces = chain((unfit,), pieces)
        self._merge(loop, pieces, table, buckets)
        buckets.add_all(table.items())

    def _merge(
        self,
        loop: MergeLoop,
        pieces: Iterator[Iterable[Any]],
        table: dict[Any, Any],
        buckets: _Buckets,
        leave_at: int | None = None,
    ) -> None:
        """Merge pieces into the table, all of them or until it has ``leave_at`` keys."""
        meter = MemoryMeter(self._memory_limit)
        for piece in pieces:
            loop(piece, table)
            if meter.exceeded():
                self._metrics.memory_bytes_spilled += meter.grown
                buckets.add_all(table.items())
                table.clear()
                buckets.spill()
                meter.released()
            if leave_at is not None and len(table) >= leave_at:
                return

    def _combine_columns(
        self, combining: ColumnCombining, pieces: Iterator[Iterable[Any]], buckets: _Buckets
    ) -> list[Any]:
        """Combine pieces, and add what becomes of them to the buckets once all are in.

        Returns:
            The first piece that does not fit, if there is one; the others are then still there.
        """
        meter = MemoryMeter(self._memory_limit)
        for piece in pieces:
            batch = list(piece)
            if not combining.add(to_columns(batch)):
                return batch
            if meter.exceeded():
                self._metrics.memory_bytes_spilled += meter.grown
                buckets.add_columns(combining.take())
                buckets.spill()
                meter.released()
        buckets.add_columns(combining.take())
        return []


class _Buckets:
    """Records by partition: the latest as objects, earlier ones as frames or on disk.

    Attributes:
        count: How many records were added.
    """

    def __init__(
        self,
        partitioner: Partitioner,
        memory_limit: int,
        spill_directory: str,
        metrics: TaskMetrics,
    ) -> None:
        count = partitioner.numPartitions
        self.count = 0
        self._partitioner = partitioner
        self._spill_directory = spill_directory
        self._metrics = metrics
        self._meter = MemoryMeter(memory_limit)
        # Records are pickled soon after they were made: out of the processor's caches it takes
        # twice as long.
        self._batch_size = max(256, SLICE // (2 * count))
        self._columns: list[Columns] = []
        self._column_rows = 0
        self._records: list[list[Any]] = [[] for _ in range(count)]
        self._frames: list[list[bytes]] = [[] for _ in range(count)]
        self._spans: list[list[Span]] = [[] for _ in range(count)]
        self._file: SpillFile | None = None

    def add(self, batch: list[Any]) -> None:
        """Put records into their buckets; spill when memory runs short."""
        columns = to_columns(batch) if self.count >= MANY_RECORDS else None
        if columns is None:
            self._place_columns()
            self._place(batch)
        else:
            self._columns.append(columns)
            self._column_rows += len(columns)
            if self._column_rows >= _COLUMN_ROWS:
                self._place_columns()
        self.count += len(batch)
        if self._meter.exceeded():
            self._metrics.memory_bytes_spilled += self._meter.grown
            self.spill()
            self._meter.released()

    def add_all(self, records: Iterable[Any]) -> None:
        """Put records that are in memory already into their buckets; never spills."""
        for piece in slices(records):
            batch = list(piece)
            self._place(batch)
            self.count += len(batch)

    def add_columns(self, columns: Columns | None) -> None:
        """Put records that are columns already into their buckets; never spills."""
        if columns is not None:
            self._columns.append(columns)
            self.count += len(columns)
            self._place_columns()

    def spill(self) -> None:
        """Move everything to disk."""
        file = self._file
        if file is None:
            file = self._file = SpillFile(self._spill_directory, self._metrics)
        self._place_columns()
        for partition, frames in enumerate(self._frames):
            self._encode(partition)
            if frames:
                self._spans[partition].append(file.write_bytes(frames))
                frames.clear()

    def chunks(self, partition: int) -> Iterator[bytes]:
        """Return the bytes of a partition in order, and let go of its records."""
        self._place_columns()
        if self._file is not None:
            for span in self._spans[partition]:
                yield from self._file.read_bytes(span)
        self._encode(partition)
        yield from self._frames[partition]
        self._frames[partition].clear()

    def close(self) -> None:
        """Free the disk space."""
        if self._file is not None:
            self._file.close()

    def _place(self, batch: list[Any]) -> None:
        if set(map(type, batch)) != {tuple} or set(map(len, batch)) != {2}:
            batch = [(key, value) for key, value in batch]
        buckets = self._records
        if len(buckets) == 1:
            touched = {0}
            buckets[0].extend(batch)
        else:
            placed = self._partitioner.place([key for key, _ in batch])
            appends = [bucket.append for bucket in buckets]
            for partition, record in zip(placed, batch, strict=True):
                appends[partition](record)
            touched = set(placed)
        for partition in touched:
            if len(buckets[partition]) >= self._batch_size:
                self._encode(partition)

    def _place_columns(self) -> None:
        """Turn the columns that wait into frames of their partitions."""
        if not self._columns:
            return
        by_type = groupby(self._columns, key=lambda columns: columns.typecode)
        for _, group in by_type:
            columns = concatenate(list(group))
            for partition, part in split_columns(columns, self._partitioner):
                self._encode(partition)
                buffer = io.BytesIO()
                for start in range(0, len(part), SLICE):
                    dump_columns(part[start : start + SLICE], buffer)
                self._frames[partition].append(buffer.getvalue())
        self._columns = []
        self._column_rows = 0

    def _encode(self, partition: int) -> None:
        records = self._records[partition]
        if records:
            buffer = io.BytesIO()
            dump_batch(records, buffer)
            self._frames[partition].append(buffer.getvalue())
            records.clear()
