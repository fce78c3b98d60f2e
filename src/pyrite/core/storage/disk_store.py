"""Blocks on disk: one file each, written under a temporary name and checked when read.

A file is the block's pickled pieces followed by a trailer: the length of the pieces, their
CRC-32 and a mark. A file that is missing, short or changed reads as absent, so that its
partition is computed again.
"""

from __future__ import annotations

import errno
import mmap
import os
import struct
import zlib
from collections.abc import Iterable
from contextlib import suppress
from typing import BinaryIO

from pyrite.core.errors import SparkException
from pyrite.core.storage.block_id import RDDBlockId

__all__ = ["DiskStore"]

_TRAILER = struct.Struct("<QI4s")
_MARK = b"PyBk"
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class DiskStore:
    """The blocks one process keeps on disk.

    Args:
        directories: Where the files go, by turns; made on first use. They should be this
            process's own.
    """

    def __init__(self, *directories: str) -> None:
        self._directories = directories
        self._sizes: dict[RDDBlockId, int] = {}

    def __contains__(self, block_id: RDDBlockId) -> bool:
        return block_id in self._sizes

    def size(self, block_id: RDDBlockId) -> int:
        """Bytes of a block's pieces; 0 when it is not stored."""
        return self._sizes.get(block_id, 0)

    def path(self, block_id: RDDBlockId) -> str:
        """Return the file of a block, whether or not it exists."""
        directory = self._directories[block_id.partition % len(self._directories)]
        return os.path.join(directory, block_id.name)

    def put(self, block_id: RDDBlockId, pieces: Iterable[bytes]) -> int:
        """Write a block and return its size in bytes.

        Raises:
            SparkException: The disk is full or cannot be written; no half file stays behind.
        """
        path = self.path(block_id)
        temporary = f"{path}.{os.getpid()}.tmp"
        file: BinaryIO | None = None
        try:
            try:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                file = open(temporary, "wb", buffering=1 << 16)  # noqa: SIM115
            except OSError as error:
                raise _cannot_write(block_id, path, error) from error
            size = checksum = 0
            for piece in pieces:
                checksum = zlib.crc32(piece, checksum)
                size += len(piece)
                _write(file, piece, block_id, path)
            _write(file, _TRAILER.pack(size, checksum, _MARK), block_id, path)
            try:
                file.close()
                os.replace(temporary, path)
            except OSError as error:
                raise _cannot_write(block_id, path, error) from error
        except BaseException:
            _discard(file, temporary)
            raise
        self._sizes[block_id] = size
        return size

    def adopt(self, block_id: RDDBlockId, size: int) -> None:
        """Count a file that another process put here as a block; ``get`` checks it."""
        self._sizes[block_id] = size

    def get(self, block_id: RDDBlockId) -> memoryview | None:
        """Return a block's pieces, mapped from its file, or None when it is lost or damaged."""
        if block_id not in self._sizes:
            return None
        data = _checked(self.path(block_id))
        if data is None:
            self.remove(block_id)
        return data

    def remove(self, block_id: RDDBlockId) -> bool:
        """Delete a block; tell whether it was there. Readers that have it open keep it."""
        if self._sizes.pop(block_id, None) is None:
            return False
        _unlink(self.path(block_id))
        return True


def _write(file: BinaryIO, data: bytes, block_id: RDDBlockId, path: str) -> None:
    try:
        file.write(data)
    except OSError as error:
        raise _cannot_write(block_id, path, error) from error


def _checked(path: str) -> memoryview | None:
    try:
        with open(path, "rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError):
        return None
    if len(data) < _TRAILER.size:
        return None
    size, checksum, mark = _TRAILER.unpack(data[-_TRAILER.size :])
    pieces = data[: -_TRAILER.size]
    if mark != _MARK or size != len(pieces) or zlib.crc32(pieces) != checksum:
        return None
    return pieces


def _cannot_write(block_id: RDDBlockId, path: str, error: OSError) -> SparkException:
    if error.errno in _NO_SPACE:
        remedy = (
            "Free some space there, or set spark.local.dir to a directory on a disk with more room."
        )
    else:
        remedy = "Set spark.local.dir to a directory that can be written."
    reason = error.strerror or str(error)
    return SparkException(f"Cannot store block {block_id} in {path}: {reason}. {remedy}")


def _discard(file: BinaryIO | None, temporary: str) -> None:
    if file is not None:
        # Closing flushes, which fails again on a full disk; the file goes away anyway.
        with suppress(OSError):
            file.close()
    _unlink(temporary)


def _unlink(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)
