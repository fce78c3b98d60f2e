"""One map task's buffers into one file: records that are bytes already, such as Arrow batches.

    (partition, buffer, number of records), ... --(by partition)--> buckets --> map file
                                                    |  past the memory limit
                                                    v
                                                spill file --copied into--^

Whoever wrote the buffers knows how to read them; here they are neither combined nor sorted.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from pyrite.core.codegen import Operator, fuse
from pyrite.core.events import TaskMetrics
from pyrite.core.serializers import frame_header
from pyrite.core.shuffle.handle import ShuffleHandle
from pyrite.core.shuffle.map_file import MapFileWriter
from pyrite.core.shuffle.map_output_tracker import MapStatus
from pyrite.core.shuffle.spill_file import Span, SpillFile, explain_disk_errors

__all__ = ["BufferWriter"]

Buffer = bytes | memoryview


class BufferWriter:
    """Writes the output of one map task.

    Args:
        handle: The shuffle; only the number of its partitions counts.
        map_id: The map task's partition.
        directory: Where map files go; every reducer of the node can read it.
        executor_id: Who is writing.
        memory_limit: Bytes of buffers that are held before they go to disk.
        spill_directory: Where they go.
        metrics: Counts what is written.
        location: This machine's block server; empty if there is one machine only.
    """

    def __init__(
        self,
        handle: ShuffleHandle,
        map_id: int,
        directory: str,
        executor_id: str,
        memory_limit: int,
        spill_directory: str,
        metrics: TaskMetrics,
        location: str = "",
    ) -> None:
        self._handle = handle
        self._map_id = map_id
        self._directory = directory
        self._executor_id = executor_id
        self._memory_limit = memory_limit
        self._spill_directory = spill_directory
        self._metrics = metrics
        self._location = location
        count = handle.partitioner.numPartitions
        self._held: list[list[Buffer]] = [[] for _ in range(count)]
        self._held_bytes = 0
        self._spans: list[list[Span]] = [[] for _ in range(count)]
        self._spilled: SpillFile | None = None

    def write(
        self, source: Iterable[tuple[int, Buffer, int]], operators: tuple[Operator, ...] = ()
    ) -> MapStatus:
        """Write buffers.

        Args:
            source: The number of a partition, a buffer, and how many records are in it.
            operators: Narrow operators still to be applied.

        Returns:
            Where the output is and how large each partition's part is.

        Raises:
            OSError: If the disk is full or cannot be written; nothing is left on it.
        """
        records = 0
        try:
            for partition, buffer, count in fuse(operators)(source) if operators else source:
                self._held[partition] += (frame_header(buffer), buffer)
                self._held_bytes += len(buffer)
                records += count
                if self._held_bytes > self._memory_limit:
                    self._spill()
            return self._write_file(records)
        finally:
            if self._spilled is not None:
                self._spilled.close()

    def _spill(self) -> None:
        file = self._spilled
        if file is None:
            file = self._spilled = SpillFile(self._spill_directory, self._metrics)
        for spans, held in zip(self._spans, self._held, strict=True):
            if held:
                spans.append(file.write_bytes(held))
                held.clear()
        self._metrics.memory_bytes_spilled += self._held_bytes
        self._held_bytes = 0

    def _write_file(self, records: int) -> MapStatus:
        started = time.perf_counter_ns()
        count = len(self._held)
        with MapFileWriter(self._directory, self._handle.shuffle_id, self._map_id, count) as file:
            with explain_disk_errors(self._directory):
                for partition in range(count):
                    for chunk in self._chunks(partition):
                        file.write(chunk)
                    file.end_segment()
            sizes = file.commit()
        self._metrics.shuffle_write_time_ns += time.perf_counter_ns() - started
        self._metrics.shuffle_write_bytes += sum(sizes)
        self._metrics.shuffle_write_records += records
        return MapStatus(self._map_id, self._executor_id, file.path, sizes, self._location, records)

    def _chunks(self, partition: int) -> Iterator[Buffer]:
        if self._spilled is not None:
            for span in self._spans[partition]:
                yield from self._spilled.read_bytes(span)
        yield from self._held[partition]
        self._held[partition].clear()
