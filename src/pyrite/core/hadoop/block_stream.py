"""Hadoop's framing of block codecs (snappy, lz4), as its BlockCompressorStream writes it.

A file is a row of blocks. Each begins with the length of its content, four bytes with the
highest first, followed by chunks: the chunk's compressed length, then its bytes, until the
content is complete.
"""

from __future__ import annotations

import io
import struct
from typing import BinaryIO, cast

from pyrite.core.errors import SparkException

__all__ = ["BlockReader", "BlockWriter"]

_LENGTH = struct.Struct(">I")

#: Hadoop's default buffer of 256 kB, less the room it keeps for data that does not compress.
_BLOCK_SIZE = (256 << 10) - ((256 << 10) // 6 + 32)


class BlockReader(io.RawIOBase):
    """Reads the content of framed blocks.

    Args:
        file: The compressed file; closed with this.
        name: pyarrow's name of the codec.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        import pyarrow as pa

        self._file = file
        self._codec = pa.Codec(name)
        self._name = name
        self._content = memoryview(b"")
        self._left_in_block = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill ``buffer`` with content; 0 at the end."""
        while not self._content:
            while not self._left_in_block:
                length = self._read_length(may_end=True)
                if length is None:
                    return 0
                self._left_in_block = length
            self._content = self._read_chunk()
            self._left_in_block -= len(self._content)
        count = min(len(buffer), len(self._content))
        buffer[:count] = self._content[:count]
        self._content = self._content[count:]
        return count

    def _read_length(self, may_end: bool) -> int | None:
        data = self._file.read(4)
        if may_end and not data:
            return None
        if len(data) < 4:
            raise self._truncated()
        return cast(int, _LENGTH.unpack(data)[0])

    def _read_chunk(self) -> memoryview:
        length = self._read_length(may_end=False) or 0
        data = self._file.read(length)
        if len(data) < length:
            raise self._truncated()
        # Raw lz4 does not say how long its content is, and must be given room for it.
        size = _snappy_length(data) if self._name == "snappy" else self._left_in_block
        return memoryview(self._decompress(data, size))

    def _decompress(self, data: bytes, size: int) -> bytes:
        return cast(bytes, self._codec.decompress(data, decompressed_size=size, asbytes=True))

    def _truncated(self) -> SparkException:
        return SparkException(f"A {self._name} file ends in the middle of a block.")

    def close(self) -> None:
        """Close the compressed file too."""
        self._file.close()
        super().close()


class BlockWriter(io.RawIOBase):
    """Writes framed blocks.

    Args:
        file: Where the compressed bytes go; closed with this.
        name: pyarrow's name of the codec.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        import pyarrow as pa

        self._file = file
        self._codec = pa.Codec(name)
        self._pending = bytearray()

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Add content; full blocks go out."""
        self._pending += data
        while len(self._pending) >= _BLOCK_SIZE:
            self._write_block(bytes(self._pending[:_BLOCK_SIZE]))
            del self._pending[:_BLOCK_SIZE]
        return len(data)

    def _write_block(self, content: bytes) -> None:
        compressed = self._codec.compress(content, asbytes=True)
        self._file.write(_LENGTH.pack(len(content)) + _LENGTH.pack(len(compressed)))
        self._file.write(compressed)

    def close(self) -> None:
        """Write what is left, and close the compressed file."""
        if not self.closed:
            if self._pending:
                self._write_block(bytes(self._pending))
                self._pending.clear()
            self._file.close()
        super().close()


def _snappy_length(data: bytes) -> int:
    """Return the content's length, which snappy writes in front: 7 bits a byte, lowest first."""
    length = 0
    for shift, byte in enumerate(data[:5]):
        length |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            break
    return length
