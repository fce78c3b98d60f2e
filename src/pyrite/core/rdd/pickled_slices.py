"""A collection's slices, pickled a few elements at a time: short ones in memory, others in a file.

    driver   SliceWriter.add(elements) -> PickledSlice ---- sent with each task ---+
                 | pieces, once they are many                                      |
                 v                                                                 v
             <local dir>/collection_7  <---- piece by piece, as they are used ---- load()

A piece stays in the processor's caches while it is pickled and while its elements are used, so
a long slice is neither copied as a whole nor ever as a whole in a worker's memory; and what
goes through the file does not pass through the driver's one scheduling thread.
"""

from __future__ import annotations

import io
import os
import pickle
import weakref
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO, Self

import cloudpickle

from pyrite.core.env import open_driver_file
from pyrite.core.serializers import pickle_batch
from pyrite.core.shuffle.spill_file import explain_disk_errors

__all__ = ["PickledSlice", "SliceWriter"]

_PIECE = 8192
"""Elements in a piece."""
_MESSAGE_BYTES = 1 << 17
"""A slice up to this size fits into a socket's buffer: nobody waits while it is sent."""


class _CollectionFile:
    """The file of one collection. It goes when nothing in the driver refers to this object."""

    def __init__(self, path: str) -> None:
        self.path = path


@dataclass(frozen=True, slots=True)
class _Span:
    """Where in a file a slice is."""

    file: _CollectionFile
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class PickledSlice:
    """The elements of one slice, as they were when they were pickled.

    Attributes:
        pieces: How many pickled lists there are, one after another.
        place: The pickles, or where they are.
    """

    pieces: int
    place: bytes | _Span

    def load(self) -> Iterable[Any]:
        """Return the elements: new objects each time.

        Raises:
            FileNotFoundError: If the application has ended.
        """
        lists = self._lists()
        return next(lists, []) if self.pieces <= 1 else chain.from_iterable(lists)

    def _lists(self) -> Iterator[list[Any]]:
        with self._open() as stream:
            for _ in range(self.pieces):
                yield pickle.load(stream)

    def _open(self) -> BinaryIO:
        if isinstance(self.place, bytes):
            return io.BytesIO(self.place)
        return open_driver_file(self.place.file.path, (self.place.start, self.place.length))


class SliceWriter:
    """Pickles the slices of one collection.

    Used as a context manager, it removes what it wrote when an exception leaves it.

    Args:
        path: The file for slices too large for messages; made only when there is one.
    """

    def __init__(self, path: str) -> None:
        self._file = _CollectionFile(path)
        self._remove = weakref.finalize(self._file, _remove, path)
        # The application removes its whole directory when it ends; a forked child must not.
        self._remove.atexit = False
        self._stream: BinaryIO | None = None

    def add(self, elements: list[Any], start: int, end: int) -> PickledSlice:
        """Pickle the elements from ``start`` to ``end``; classes of the main program by value.

        Raises:
            pickle.PicklingError: If an element cannot be pickled.
            OSError: If the disk is full or cannot be written.
        """
        buffer = io.BytesIO()
        pickler = cloudpickle.Pickler(buffer, pickle.HIGHEST_PROTOCOL)
        first: int | None = None
        starts = range(start, end, _PIECE)
        for position in starts:
            _pickle(elements[position : min(position + _PIECE, end)], pickler, buffer)
            if first is not None or buffer.tell() > _MESSAGE_BYTES:
                written = self._write(buffer)
                first = written if first is None else first
        if first is None:
            return PickledSlice(len(starts), buffer.getvalue())
        assert self._stream is not None
        return PickledSlice(len(starts), _Span(self._file, first, self._stream.tell() - first))

    def _write(self, buffer: io.BytesIO) -> int:
        """Move what the buffer holds into the file, and tell where it begins there."""
        with explain_disk_errors(self._file.path):
            if self._stream is None:
                self._stream = open(self._file.path, "wb")  # noqa: SIM115
            start = self._stream.tell()
            with buffer.getbuffer() as pickles:
                self._stream.write(pickles)
        buffer.seek(0)
        buffer.truncate()
        return start

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._remove()
        if self._stream is not None:
            with explain_disk_errors(self._file.path):
                self._stream.close()


def _pickle(piece: list[Any], pickler: cloudpickle.Pickler, buffer: io.BytesIO) -> None:
    """Append a piece to the buffer, which is the pickler's file too."""
    try:
        # Looking at the first one spares looking at millions of numbers.
        if type(piece[0]) is str and set(map(type, piece)) == {str}:
            buffer.write(pickle_batch(piece))
        else:
            pickler.clear_memo()  # it slows down the more it holds
            pickler.dump(piece)
    except Exception as error:
        raise pickle.PicklingError(
            f"Could not serialize object: {type(error).__name__}: {error}"
        ) from error


def _remove(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)
