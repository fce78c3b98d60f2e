"""The file that one map task leaves for all reducers.

    magic (8 bytes) | n + 1 offsets (8 bytes each) | n checksums (4 bytes each) | n segments

Segment ``i`` holds the frames of reduce partition ``i``, from offset ``i`` to offset ``i + 1`` of
the file. The file is written under a temporary name and renamed when whole, so a reader finds
all of it or nothing; each attempt has a name of its own, so attempts never mix.
"""

from __future__ import annotations

import mmap
import os
import uuid
import zlib
from array import array
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from typing import Self

from pyrite.core.shuffle.spill_file import explain_disk_errors

__all__ = [
    "CorruptMapFile",
    "MapFileWriter",
    "check_segments",
    "read_segments",
    "remove_map_files",
    "segment_spans",
]

_MAGIC = b"PYRSHUF1"
_MAP_ABOVE = 4 << 20  # bytes from which mapping a segment beats reading it
_BUFFER = 1 << 18


class CorruptMapFile(Exception):
    """A map file is truncated or damaged; the message says where."""


class MapFileWriter:
    """Writes one map file, segment by segment in partition order.

    It is a binary file for the code that writes frames. Used as a context manager it removes
    the temporary file unless ``commit`` was reached.

    Args:
        directory: Where the file goes; made when it does not exist.
        shuffle_id: First part of the name.
        map_id: Second part of the name.
        num_partitions: How many segments there will be.
    """

    def __init__(self, directory: str, shuffle_id: int, map_id: int, num_partitions: int) -> None:
        name = f"shuffle_{shuffle_id}_{map_id}_{uuid.uuid4().hex[:12]}"
        self.path = os.path.join(directory, f"{name}.data")
        # With the process's number: if it is killed, the driver knows what to remove.
        self._temporary = os.path.join(directory, f".{name}.{os.getpid()}.tmp")
        self._num_partitions = num_partitions
        self._checksums = array("I")
        self._checksum = 0
        self._position = _header_size(num_partitions)
        self._offsets = array("Q", [self._position])
        with explain_disk_errors(self._temporary):
            os.makedirs(directory, exist_ok=True)
            self._file = open(self._temporary, "wb", buffering=_BUFFER)  # noqa: SIM115
            self._file.seek(self._position)

    def write(self, data: bytes | memoryview) -> int:
        """Append bytes to the current segment."""
        self._file.write(data)
        self._checksum = zlib.crc32(data, self._checksum)
        self._position += len(data)
        return len(data)

    def end_segment(self) -> None:
        """Close the current segment; what follows belongs to the next partition."""
        self._offsets.append(self._position)
        self._checksums.append(self._checksum)
        self._checksum = 0

    def commit(self) -> array[int]:
        """Make the file visible under its final name.

        Returns:
            The bytes of each segment, as an array of type ``Q``.
        """
        if len(self._checksums) != self._num_partitions:
            raise ValueError(
                f"{len(self._checksums)} of {self._num_partitions} segments were written"
            )
        with explain_disk_errors(self.path):
            self._file.seek(0)
            self._file.write(_MAGIC)
            self._file.write(self._offsets)
            self._file.write(self._checksums)
            self._file.close()
            os.rename(self._temporary, self.path)
        offsets = self._offsets
        return array("Q", (end - start for start, end in pairwise(offsets)))

    def abort(self) -> None:
        """Remove what was written; harmless after ``commit``."""
        with suppress(OSError):  # a full disk cannot take the buffer: it is not wanted either
            self._file.close()
        with suppress(FileNotFoundError):
            os.unlink(self._temporary)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.abort()


def _header_size(num_partitions: int) -> int:
    return len(_MAGIC) + 8 * (num_partitions + 1) + 4 * num_partitions


def read_segments(path: str, sizes: array[int], start: int, end: int) -> Iterator[memoryview]:
    """Read the non-empty segments of partitions ``start`` up to ``end``, checked.

    Args:
        path: A map file.
        sizes: Bytes of every segment, as its writer reported them.
        start: First partition.
        end: The partition after the last.

    Raises:
        CorruptMapFile: If a segment is not what was written.
        OSError: If the file cannot be read.
    """
    with open(path, "rb", buffering=0) as file:
        descriptor = file.fileno()
        count = end - start
        offsets = _numbers("Q", _read(descriptor, 8 * (count + 1), len(_MAGIC) + 8 * start, path))
        checksums_at = len(_MAGIC) + 8 * (len(sizes) + 1)
        checksums = _numbers("I", _read(descriptor, 4 * count, checksums_at + 4 * start, path))
        if _read(descriptor, len(_MAGIC), 0, path) != _MAGIC:
            raise CorruptMapFile(f"{path} is not a map file")
        for index, checksum in enumerate(checksums):
            offset, length = offsets[index], offsets[index + 1] - offsets[index]
            if length != sizes[start + index]:
                raise CorruptMapFile(
                    f"{path}: partition {start + index} has {length} bytes instead of "
                    f"{sizes[start + index]}"
                )
            if length == 0:
                continue
            if length < _MAP_ABOVE:
                segment = memoryview(_read(descriptor, length, offset, path))
            else:
                segment = _map(descriptor, length, offset, path)
            if zlib.crc32(segment) != checksum:
                raise CorruptMapFile(f"{path}: checksum of partition {start + index} is wrong")
            yield segment


def segment_spans(sizes: array[int], start: int, end: int) -> tuple[tuple[int, int], ...]:
    """Return where a map file has the checksums and the segments of some partitions.

    Args:
        sizes: Bytes of every segment, as its writer reported them.
        start: First partition.
        end: The partition after the last.

    Returns:
        Two pairs of an offset and a number of bytes.

    Example:
        >>> segment_spans(array("Q", [10, 20]), 1, 2)
        ((36, 4), (50, 20))
    """
    count = len(sizes)
    checksums_at = len(_MAGIC) + 8 * (count + 1) + 4 * start
    offset = _header_size(count) + sum(sizes[:start])
    return (checksums_at, 4 * (end - start)), (offset, sum(sizes[start:end]))


def check_segments(
    data: memoryview, path: str, sizes: array[int], start: int, end: int
) -> Iterator[memoryview]:
    """Cut what ``segment_spans`` named into the non-empty segments, checked.

    Raises:
        CorruptMapFile: If a segment is not what was written.
    """
    position = 4 * (end - start)
    checksums = _numbers("I", bytes(data[:position]))
    for index, checksum in enumerate(checksums, start):
        segment = data[position : position + sizes[index]]
        position += sizes[index]
        if zlib.crc32(segment) != checksum and sizes[index]:
            raise CorruptMapFile(f"{path}: checksum of partition {index} is wrong")
        if sizes[index]:
            yield segment


def _numbers(typecode: str, data: bytes) -> array[int]:
    numbers = array(typecode)
    numbers.frombytes(data)
    return numbers


def _read(descriptor: int, length: int, offset: int, path: str) -> bytes:
    data = os.pread(descriptor, length, offset)
    if len(data) < length:
        raise CorruptMapFile(f"{path} is truncated at byte {offset + len(data)}")
    return data


def _map(descriptor: int, length: int, offset: int, path: str) -> memoryview:
    if os.fstat(descriptor).st_size < offset + length:
        raise CorruptMapFile(f"{path} is truncated before byte {offset + length}")
    before = offset % mmap.ALLOCATIONGRANULARITY
    mapped = mmap.mmap(descriptor, before + length, offset=offset - before, access=mmap.ACCESS_READ)
    return memoryview(mapped)[before:]


def remove_map_files(directory: str, shuffle_id: int) -> int:
    """Remove every file of a shuffle, temporary ones included.

    Returns:
        How many files were removed.
    """
    removed = 0
    prefix = f"shuffle_{shuffle_id}_"
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.name.lstrip(".").startswith(prefix):
                os.unlink(entry.path)
                removed += 1
    return removed
