"""What all writers of map outputs have in common: whose output it is, and the file it goes to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from pyrite.core.events import TaskMetrics
from pyrite.core.shuffle.handle import ShuffleHandle
from pyrite.core.shuffle.map_file import MapFileWriter
from pyrite.core.shuffle.map_output_tracker import MapStatus
from pyrite.core.shuffle.spill_file import explain_disk_errors

__all__ = ["MapOutputWriter"]


class MapOutputWriter:
    """Writes the output of one map task.

    Args:
        handle: The shuffle.
        map_id: The map task's partition.
        directory: Where map files go; every reducer of the node can read it.
        executor_id: Who is writing.
        memory_limit: Bytes that may be held before they go to disk.
        spill_directory: Where they go.
        metrics: Counts what is written; None counts nothing.
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
        metrics: TaskMetrics | None = None,
        location: str = "",
    ) -> None:
        self._handle = handle
        self._map_id = map_id
        self._directory = directory
        self._executor_id = executor_id
        self._memory_limit = memory_limit
        self._spill_directory = spill_directory
        self._metrics = metrics if metrics is not None else TaskMetrics()
        self._location = location

    def _write_file(
        self, chunks: Callable[[int], Iterable[bytes | memoryview]], records: int
    ) -> MapStatus:
        """Write the bytes of each partition; return where they are.

        Args:
            chunks: From a partition to its bytes.
            records: How many records they are.
        """
        handle, metrics = self._handle, self._metrics
        count = handle.partitioner.numPartitions
        started = time.perf_counter_ns()
        with MapFileWriter(self._directory, handle.shuffle_id, self._map_id, count) as file:
            with explain_disk_errors(self._directory):
                for partition in range(count):
                    for chunk in chunks(partition):
                        file.write(chunk)
                    file.end_segment()
            sizes = file.commit()
        metrics.shuffle_write_time_ns += time.perf_counter_ns() - started
        metrics.shuffle_write_bytes += sum(sizes)
        metrics.shuffle_write_records += records
        return MapStatus(self._map_id, self._executor_id, file.path, sizes, self._location, records)
