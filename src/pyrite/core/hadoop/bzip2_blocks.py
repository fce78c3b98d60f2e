"""bzip2 by blocks: what lets several tasks share one .bz2 file.

A bzip2 file is a row of blocks of up to 900 kB of content that do not depend on each other.
Each begins with a marker of 48 bits, at any bit. A block is read by making a file of it alone.
"""

from __future__ import annotations

import bz2
from collections.abc import Iterator
from typing import BinaryIO

from pyrite.core.errors import SparkException

__all__ = ["read_blocks"]

_BLOCK = 0x314159265359
_END_OF_STREAM = 0x177245385090
_MARKER_BITS = 48
_WINDOW = 7  # bytes that a marker at any bit may touch
_READ_SIZE = 1 << 20


def _needles() -> list[tuple[bytes, int, int, int]]:
    """Return (whole bytes inside the marker, their offset, bits before the marker, marker)."""
    needles = []
    for marker in (_BLOCK, _END_OF_STREAM):
        for shift in range(8):
            window = (marker << (8 - shift)).to_bytes(_WINDOW, "big")
            needles.append((window[1:6], 1, shift, marker))
    return needles


_NEEDLES = _needles()


def read_blocks(file: BinaryIO, start: int) -> Iterator[tuple[int, bytes]]:
    """Yield each block that begins at or after ``start``: its offset in the file, its content.

    Args:
        file: The open compressed file; it must be able to seek.
        start: Where to begin to look for markers, in bytes.

    Raises:
        SparkException: If the file ends in the middle of a block.
        OSError: If a block is corrupt.
    """
    file.seek(start)
    data, base, scanned = b"", start, 0
    block: int | None = None  # the bit of ``data`` where the block not yet complete begins
    while piece := file.read(_READ_SIZE):
        data += piece
        for bit, is_block in _find_markers(data, scanned):
            if block is not None:
                yield base + block // 8, _decompress(data, block, bit)
            block = bit if is_block else None
        scanned = max(len(data) - _WINDOW + 1, 0)
        done = scanned if block is None else min(block // 8, scanned)
        data, base, scanned = data[done:], base + done, scanned - done
        if block is not None:
            block -= done * 8
    if block is not None:
        raise SparkException("A bzip2 file ends in the middle of a block.")


def _find_markers(data: bytes, start: int) -> list[tuple[int, bool]]:
    """Return the bits where markers begin in ``data[start:]``, and whether a block's."""
    found = []
    for needle, offset, shift, marker in _NEEDLES:
        position = data.find(needle, start + offset)
        while position >= 0:
            first = position - offset
            window = data[first : first + _WINDOW]
            bits = int.from_bytes(window, "big") >> (8 - shift) & ((1 << _MARKER_BITS) - 1)
            if len(window) == _WINDOW and bits == marker:
                found.append((first * 8 + shift, marker == _BLOCK))
            position = data.find(needle, position + 1)
    return sorted(found)


def _decompress(data: bytes, first: int, last: int) -> bytes:
    """Decompress the block in the bits from ``first`` to before ``last``."""
    size = last - first
    bits = int.from_bytes(data[first // 8 : (last + 7) // 8], "big") >> (-last % 8)
    bits &= (1 << size) - 1
    # The checksum of a stream of one block is the block's, which follows the marker.
    checksum = bits >> (size - _MARKER_BITS - 32) & 0xFFFFFFFF
    bits = (bits << _MARKER_BITS | _END_OF_STREAM) << 32 | checksum
    size += _MARKER_BITS + 32
    padding = -size % 8
    return bz2.decompress(b"BZh9" + (bits << padding).to_bytes((size + padding) // 8, "big"))
