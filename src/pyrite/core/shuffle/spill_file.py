"""A nameless scratch file that holds spilled batches.

It has no name in the directory, so nothing is left behind however the process ends.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, NamedTuple, cast

from pyrite.core.events import TaskMetrics
from pyrite.core.serializers import dump_batches, load_batches

__all__ = ["Span", "SpillFile", "explain_disk_errors"]

SPILL_BATCH_SIZE = 2048
"""Records per batch: small, since a merge holds one batch of every run in memory."""


class Span(NamedTuple):
    """A piece of a spill file: where it starts, and its length in bytes."""

    offset: int
    length: int


class SpillFile:
    """Batches on disk, written in turn and read back in any order.

    Args:
        directory: Where the file takes its space; made when it does not exist.
        metrics: Counts the bytes written as ``disk_bytes_spilled``.
    """

    def __init__(self, directory: str, metrics: TaskMetrics) -> None:
        self._directory = directory
        self._metrics = metrics
        with explain_disk_errors(directory):
            os.makedirs(directory, exist_ok=True)
            self._file: BinaryIO = cast(BinaryIO, tempfile.TemporaryFile(dir=directory))  # noqa: SIM115

    def write(self, records: Iterable[Any], batch_size: int = SPILL_BATCH_SIZE) -> Span:
        """Append records and return where they are.

        Raises:
            OSError: If the disk is full; the message says what to do.
        """
        with explain_disk_errors(self._directory):
            offset = self._file.seek(0, os.SEEK_END)
            dump_batches(records, self._file, batch_size)
            return self._written(offset)

    def write_bytes(self, chunks: Iterable[bytes | memoryview]) -> Span:
        """Append bytes that are frames already and return where they are."""
        with explain_disk_errors(self._directory):
            offset = self._file.seek(0, os.SEEK_END)
            self._file.writelines(chunks)
            return self._written(offset)

    def batches(self, span: Span) -> Iterator[list[Any]]:
        """Read the batches of a span, one at a time.

        Several spans may be read in turns.
        """
        return load_batches(cast(BinaryIO, _SpanReader(self, span)))

    def read_bytes(self, span: Span) -> Iterator[bytes]:
        """Read the bytes of a span in pieces of at most a megabyte."""
        reader = _SpanReader(self, span)
        while piece := reader.read(1 << 20):
            yield piece

    def close(self) -> None:
        """Free the space; it happens by itself when nothing refers to the file any more."""
        with suppress(OSError):  # a full disk cannot take the buffer: it is not wanted either
            self._file.close()

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            self.close()

    def _written(self, offset: int) -> Span:
        self._file.flush()
        length = self._file.tell() - offset
        self._metrics.disk_bytes_spilled += length
        return Span(offset, length)


class _SpanReader:
    """The read side of a span, with a position of its own; keeps the file open."""

    def __init__(self, spill_file: SpillFile, span: Span) -> None:
        self._spill_file = spill_file
        self._descriptor = spill_file._file.fileno()
        self._position = span.offset
        self._end = span.offset + span.length

    def read(self, size: int) -> bytes:
        data = os.pread(self._descriptor, min(size, self._end - self._position), self._position)
        self._position += len(data)
        return data


@contextmanager
def explain_disk_errors(path: str) -> Iterator[None]:
    """Let an OSError name the path that failed and the setting that helps."""
    try:
        yield
    except OSError as error:
        if "spark.local.dir" in str(error):
            raise
        raise OSError(
            error.errno,
            f"{error.strerror}; scratch files need space: free some, or set "
            "spark.local.dir to a larger disk",
            error.filename or path,
        ) from error
