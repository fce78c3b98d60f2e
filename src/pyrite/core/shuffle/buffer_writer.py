"""One map task's buffers into one file: records that are bytes already, such as Arrow batches.

    (partition, buffer, number of records), ... --(by partition)--> buckets --> map file
                                                    |  past the memory limit
                                                    v
                                                spill file --copied into--^

Whoever wrote the buffers knows how to read them; here they are neither combined nor sorted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyrite.core.codegen import Operator, fuse
from pyrite.core.events import TaskMetrics
from pyrite.core.serializers import frame_header
from pyrite.core.shuffle.map_output_tracker import MapStatus
from pyrite.core.shuffle.map_output_writer import MapOutputWriter
from pyrite.core.shuffle.spill_file import Span, SpillFile

__all__ = ["BufferWriter"]

Buffer = bytes | memoryview


class BufferWriter(MapOutputWriter):
    """Writes buffers; ``memory_limit`` counts their bytes."""

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
        count = self._handle.partitioner.numPartitions
        buckets = _Buckets(count, self._memory_limit, self._spill_directory, self._metrics)
        try:
            for partition, buffer, records in fuse(operators)(source) if operators else source:
                buckets.add(partition, buffer, records)
            return self._write_file(buckets.chunks, buckets.count)
        finally:
            buckets.close()


class _Buckets:
    """Buffers by partition, in memory or on disk.

    Attributes:
        count: How many records were added.
    """

    def __init__(
        self, partitions: int, memory_limit: int, spill_directory: str, metrics: TaskMetrics
    ) -> None:
        self.count = 0
        self._memory_limit = memory_limit
        self._spill_directory = spill_directory
        self._metrics = metrics
        self._held: list[list[Buffer]] = [[] for _ in range(partitions)]
        self._held_bytes = 0
        self._spans: list[list[Span]] = [[] for _ in range(partitions)]
        self._file: SpillFile | None = None

    def add(self, partition: int, buffer: Buffer, records: int) -> None:
        """Put a buffer into its bucket; spill when memory runs short."""
        self._held[partition] += (frame_header(buffer), buffer)
        self._held_bytes += len(buffer)
        self.count += records
        if self._held_bytes > self._memory_limit:
            self._spill()

    def _spill(self) -> None:
        file = self._file
        if file is None:
            file = self._file = SpillFile(self._spill_directory, self._metrics)
        for spans, held in zip(self._spans, self._held, strict=True):
            if held:
                spans.append(file.write_bytes(held))
                held.clear()
        self._metrics.memory_bytes_spilled += self._held_bytes
        self._held_bytes = 0

    def chunks(self, partition: int) -> Iterator[Buffer]:
        """Return the bytes of a partition in order, and let go of its buffers."""
        if self._file is not None:
            for span in self._spans[partition]:
                yield from self._file.read_bytes(span)
        yield from self._held[partition]
        self._held[partition].clear()

    def close(self) -> None:
        """Free the disk space."""
        if self._file is not None:
            self._file.close()
