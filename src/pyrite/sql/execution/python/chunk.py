"""A chunk: the rows one task computes with, as an Arrow file; and its RDD, which grows.

A chunk is written by the driver when its rows are there, so nobody knows beforehand how many
there will be. Each is a job of one partition.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pyrite.core.env import SparkEnv, open_driver_file
from pyrite.core.rdd.lineage import BaseRDD
from pyrite.core.rdd.partition import Partition
from pyrite.sql.user_failure import user_traceback

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.core.shared.file_scope import FileScope
    from pyrite.core.task_context import TaskContext

__all__ = ["Chunk", "ChunkRDD", "UserCodeError", "Work", "read_batches", "write_batches"]


class Work(Protocol):
    """What a task does with its chunk."""

    def run(self, chunk: Chunk) -> Iterable[pa.RecordBatch]:
        """Compute the chunk's results."""


@dataclass(frozen=True, slots=True)
class Chunk(Partition):
    """The rows of one task.

    Attributes:
        sources: Arrow files with the rows; two where two inputs are grouped side by side.
        target: Where the results go.
        groups: For each source: how many rows each group has.
    """

    sources: tuple[str, ...]
    target: str
    groups: tuple[tuple[int, ...], ...] = ()


class UserCodeError(Exception):
    """A user's function failed; its only argument is the text of the traceback."""


class ChunkRDD(BaseRDD):
    """The chunks of one operator, and what is done with each.

    Args:
        rdd_id: The id.
        work: What is done.
        files: Where the session's own files are, if it has any.
    """

    def __init__(self, rdd_id: int, work: Work, files: FileScope | None = None) -> None:
        super().__init__(rdd_id)
        self._work = work
        self._files = files

    def _make_partitions(self) -> list[Partition]:
        return []

    def add(self, chunk: Chunk) -> None:
        """Take a chunk as the next partition."""
        self.partitions.append(chunk)

    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[int]:
        """Write the results of a chunk; the only element is their number of rows.

        Raises:
            UserCodeError: If the user's function raised anything.
        """
        assert isinstance(partition, Chunk)
        with SparkEnv.get().network.driver_files.writing(partition.target) as target:
            # An attempt that is killed in the middle leaves a name that nobody reads.
            unfinished = f"{target}.{task_context.taskAttemptId()}"
            try:
                with self._files.entered() if self._files else nullcontext():
                    count = write_batches(unfinished, self._work.run(partition))
            except Exception as error:
                raise UserCodeError(user_traceback(error)) from None
            os.replace(unfinished, target)
        return [count]


def write_batches(path: str, batches: Iterable[pa.RecordBatch], *, with_empty: bool = True) -> int:
    """Write batches of one schema as an Arrow file; return the number of rows.

    Without any batch, and so without a schema, the file is empty.

    Args:
        path: The file.
        batches: The batches.
        with_empty: Whether batches without rows are written; else they give their schema alone.
    """
    import pyarrow as pa

    rows = 0
    writer = None
    with pa.OSFile(path, "wb") as file:
        try:
            for batch in batches:
                if writer is None:
                    writer = pa.ipc.new_stream(file, batch.schema)
                if with_empty or batch.num_rows:
                    writer.write_batch(batch)
                rows += batch.num_rows
        finally:
            if writer is not None:
                writer.close()
    return rows


def read_batches(path: str) -> Iterator[pa.RecordBatch]:
    """Yield the batches of a file that ``write_batches`` wrote, without copying their values.

    The file may be removed once the first batch is there.
    """
    import pyarrow as pa

    with open_driver_file(path) as file:
        if not os.fstat(file.fileno()).st_size:
            return
        rows = pa.py_buffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    yield from pa.ipc.open_stream(rows)
