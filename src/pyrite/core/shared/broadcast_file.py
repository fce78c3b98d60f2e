"""One broadcast value in one file, laid out so that its arrays can be mapped into memory.

    pickle (protocol 5) | padding, buffer | padding, buffer ... | index | trailer

Buffers (numpy arrays, Arrow buffers, anything that supports protocol 5) lie outside the
pickle, aligned to 64 bytes. The index gives each buffer's offset and length; the trailer gives
the length of the pickle, the number of buffers and a mark. The index comes last, so that a
value is written in one pass, without a second copy in memory.
"""

from __future__ import annotations

import mmap
import os
import pickle
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

import cloudpickle

__all__ = ["dump_value", "load_value", "map_value", "write_file"]

_ALIGNMENT = 64
_SMALLEST_BUFFER = 4096
"""Buffers below this stay in the pickle: a page of padding and a view cost more than a copy."""
_SMALLEST_MAPPING = 1 << 20
_ENTRY = struct.Struct("<QQ")
_TRAILER = struct.Struct("<QQ8s")
_MARK = b"PyBcast1"


def dump_value(value: object, file: BinaryIO) -> None:
    """Write a value to an open binary file.

    Raises:
        Whatever pickling the value raises.
    """
    buffers: list[memoryview] = []

    def keep_in_pickle(buffer: pickle.PickleBuffer) -> bool:
        view = buffer.raw()
        if view.nbytes < _SMALLEST_BUFFER:
            return True
        buffers.append(view)
        return False

    out = _Counting(file)
    cloudpickle.Pickler(out, protocol=5, buffer_callback=keep_in_pickle).dump(value)
    pickle_length = out.written
    index = b""
    for view in buffers:
        out.write(bytes(-out.written % _ALIGNMENT))
        index += _ENTRY.pack(out.written, view.nbytes)
        out.write(view)
    out.write(index)
    out.write(_TRAILER.pack(pickle_length, len(buffers), _MARK))


def load_value(data: bytearray | mmap.mmap) -> Any:
    """Read a value back from a whole file's contents.

    Arrays are views of ``data``, and writable if it is.

    Raises:
        ValueError: The data is not a complete broadcast.
    """
    view = memoryview(data)
    if len(view) < _TRAILER.size:
        raise ValueError("not a complete broadcast value")
    end = len(view) - _TRAILER.size
    pickle_length, count, mark = _TRAILER.unpack_from(view, end)
    start = end - count * _ENTRY.size
    if mark != _MARK or not pickle_length <= start:
        raise ValueError("not a complete broadcast value")
    entries = _ENTRY.iter_unpack(view[start:end])
    buffers = [view[offset : offset + length] for offset, length in entries]
    return pickle.loads(view[:pickle_length], buffers=buffers)


def map_value(path: str) -> Any:
    """Read a value from a file; large files are mapped, so that processes share their pages.

    A mapping is private: a process that writes into an array changes its own copy only of the
    pages it touches, just as if it had unpickled the array.

    Raises:
        FileNotFoundError: There is no such file.
    """
    with open(path, "rb") as file:
        if os.fstat(file.fileno()).st_size < _SMALLEST_MAPPING:
            return load_value(bytearray(file.read()))
        return load_value(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))


@contextmanager
def write_file(path: str) -> Iterator[BinaryIO]:
    """Open a file that appears under ``path`` complete, or not at all."""
    temporary = f"{path}.{os.getpid()}.tmp"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    try:
        with open(temporary, "wb") as file:
            yield file
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


class _Counting:
    """A file that knows how much went through it, since not every file can tell."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.written = 0

    def write(self, data: bytes | memoryview) -> int:
        self._file.write(data)
        self.written += len(data)
        return len(data)
