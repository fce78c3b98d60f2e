"""SequenceFile: Hadoop's file of key and value records, version 6.

    header   SEQ 6, key class, value class, compressed?, in blocks?, [codec], metadata, marker
    records  length, key length, key, value            (the value may be compressed by itself)
    blocks   marker, count, then four compressed runs: key lengths, keys, value lengths, values

The marker, 16 random bytes behind the length -1, comes every 100 kB. Between two markers lies a
section; a split owns the sections that begin in it.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, BinaryIO

from pyrite.core.errors import SparkException
from pyrite.core.hadoop.codecs import Codec, find_codec
from pyrite.core.hadoop.writable import (
    Writable,
    encode_vint,
    find_writable,
    read_vint,
    writable_for,
)

__all__ = ["SYNC_INTERVAL", "SequenceFileReader", "SequenceFileWriter"]

#: Bytes between two markers, and the smallest split of a sequence file.
SYNC_INTERVAL = 100 << 10

_BLOCK_SIZE = 1_000_000  # bytes of keys and values in a compressed block
_BATCH_SIZE = 1024  # records a reader hands out at once
_ESCAPE = b"\xff\xff\xff\xff"
_SYNC_SIZE = len(_ESCAPE) + 16
_INT = struct.Struct(">i")
_TWO_INTS = struct.Struct(">ii")


@dataclass(frozen=True)
class _Header:
    key_class: str
    value_class: str
    codec: Codec | None
    in_blocks: bool
    sync: bytes
    end: int


class SequenceFileReader:
    """Reads one split of a sequence file.

    Args:
        file: The open file; it must be able to seek.
        path: Its name, for messages.

    Raises:
        SparkException: If it is not a sequence file, or of another version.
    """

    def __init__(self, file: BinaryIO, path: str) -> None:
        self._file = file
        self._path = path
        self._header = self._read_header()

    @property
    def key_class(self) -> str:
        """The Java class of the keys."""
        return self._header.key_class

    @property
    def value_class(self) -> str:
        """The Java class of the values."""
        return self._header.value_class

    def read(self, start: int = 0, end: int | None = None) -> Iterator[list[tuple[Any, Any]]]:
        """Yield lists of (key, value) of the sections that begin in ``[start, end)``.

        A section that begins inside the header is the first one.
        """
        read_key = find_writable(self.key_class).read
        read_value = find_writable(self.value_class).read
        for batch in self.read_raw(start, end):
            yield [(read_key(key, 0)[0], read_value(value, 0)[0]) for key, value in batch]

    def read_raw(
        self, start: int = 0, end: int | None = None
    ) -> Iterator[list[tuple[bytes, bytes]]]:
        """Yield lists of (key, value) as their bytes; see ``read``."""
        limit = float("inf") if end is None else end
        position = self._header.end if start <= self._header.end else self._find_sync(start)
        if position is None or position >= limit:
            return
        self._file.seek(position)
        reader = self._read_blocks if self._header.in_blocks else self._read_records
        yield from reader(position, limit)

    def _read_header(self) -> _Header:
        magic = self._file.read(4)
        if magic[:3] != b"SEQ":
            raise SparkException(f"{self._path} not a SequenceFile")
        version = magic[3] if len(magic) == 4 else 0
        if version != 6:
            raise SparkException(
                f"{self._path} is a SequenceFile of version {version}; Pyrite reads version 6."
            )
        key_class, value_class = self._read_string(), self._read_string()
        compressed, in_blocks = self._exactly(2)
        codec = find_codec(self._read_string()) if compressed else None
        for _ in range(2 * _INT.unpack(self._exactly(4))[0]):
            self._read_string()  # metadata: nothing here needs it
        sync = self._exactly(16)
        return _Header(key_class, value_class, codec, bool(in_blocks), sync, self._file.tell())

    def _exactly(self, size: int) -> bytes:
        data = self._file.read(size)
        if len(data) < size:
            raise SparkException(f"{self._path} ends in the middle of a record.")
        return data

    def _read_vint(self) -> int:
        first = self._exactly(1)
        length = -1 - int.from_bytes(first, "big", signed=True)
        # 111 to 118: a positive number in 1 to 8 more bytes; 119 to 126: a negative one.
        more = length - 119 if length >= 120 else length - 111 if length >= 112 else 0
        return read_vint(first + self._exactly(more), 0)[0]

    def _read_string(self) -> str:
        return self._exactly(self._read_vint()).decode("utf-8")

    def _find_sync(self, position: int) -> int | None:
        """Return where the first marker at or after ``position`` begins, with its escape."""
        self._file.seek(position)
        wanted = _ESCAPE + self._header.sync
        buffer = b""
        while data := self._file.read(SYNC_INTERVAL):
            buffer += data
            found = buffer.find(wanted)
            if found >= 0:
                return position + found
            keep = _SYNC_SIZE - 1
            position += max(len(buffer) - keep, 0)
            buffer = buffer[-keep:]
        return None

    def _skip_sync(self) -> None:
        if self._exactly(16) != self._header.sync:
            raise SparkException(f"{self._path} is corrupt: a sync marker is wrong.")

    def _read_records(self, position: int, limit: float) -> Iterator[list[tuple[bytes, bytes]]]:
        decompress = self._header.codec.decompress if self._header.codec else None
        read = self._file.read
        batch: list[tuple[bytes, bytes]] = []
        while lengths := read(8):
            if lengths[:4] == _ESCAPE:
                if position >= limit:
                    break
                self._file.seek(position + 4)
                self._skip_sync()
                position += _SYNC_SIZE
                continue
            if len(lengths) < 8:
                raise SparkException(f"{self._path} ends in the middle of a record.")
            length, key_length = _TWO_INTS.unpack(lengths)
            data = self._exactly(length)
            position += 8 + length
            value = data[key_length:]
            batch.append((data[:key_length], decompress(value) if decompress else value))
            if len(batch) == _BATCH_SIZE:
                yield batch
                batch = []
        if batch:
            yield batch

    def _read_blocks(self, position: int, limit: float) -> Iterator[list[tuple[bytes, bytes]]]:
        assert self._header.codec is not None
        decompress = self._header.codec.decompress
        while position < limit and (escape := self._file.read(4)):
            if escape != _ESCAPE:
                raise SparkException(f"{self._path} is corrupt: a block has no sync marker.")
            self._skip_sync()
            count = self._read_vint()
            runs = [decompress(self._exactly(self._read_vint())) for _ in range(4)]
            keys, values = _cut(runs[0], runs[1], count), _cut(runs[2], runs[3], count)
            yield list(zip(keys, values, strict=True))
            position = self._file.tell()


def _cut(lengths: bytes, data: bytes, count: int) -> Iterator[bytes]:
    """Cut a run of values at the lengths given as variable-length integers."""
    position = start = 0
    for _ in range(count):
        length, position = read_vint(lengths, position)
        yield data[start : start + length]
        start += length


class SequenceFileWriter:
    """Writes a sequence file.

    Args:
        file: The open empty file; closed with this.
        key_class: Java class of the keys.
        value_class: Java class of the values.
        codec: How to compress, or None.
        in_blocks: Whether many records are compressed together, not each value by itself.

    Raises:
        SparkException: If a class is unknown.
    """

    def __init__(
        self,
        file: BinaryIO,
        key_class: str,
        value_class: str,
        codec: Codec | None = None,
        in_blocks: bool = True,
    ) -> None:
        self._file = file
        self._key = find_writable(key_class)
        self._value = find_writable(value_class)
        self._codec = codec
        self._sync = os.urandom(16)
        self._since_sync = 0
        self._block: list[tuple[bytes, bytes]] = []
        self._block_size = 0
        self._append: Callable[[bytes, bytes], None] = self._append_record
        if codec is not None and in_blocks:
            self._append = self._append_to_block
        self._write_header(codec, codec is not None and in_blocks)

    def __enter__(self) -> SequenceFileWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _write_header(self, codec: Codec | None, in_blocks: bool) -> None:
        names = [self._key.class_name, self._value.class_name]
        flags = bytes([codec is not None, in_blocks])
        strings = b"".join(encode_vint(len(name)) + name.encode() for name in names)
        codec_name = b""
        if codec is not None:
            codec_name = encode_vint(len(codec.class_name)) + codec.class_name.encode()
        no_metadata = _INT.pack(0)
        self._file.write(b"SEQ\x06" + strings + flags + codec_name + no_metadata + self._sync)

    def write_all(self, records: Iterable[tuple[Any, Any]]) -> int:
        """Append records and return how many there were.

        Raises:
            SparkException: If a key or value is not of the file's classes.
        """
        count = 0
        for key, value in records:
            self._append(_encode(self._key, key, "key"), _encode(self._value, value, "value"))
            count += 1
        return count

    def _append_record(self, key: bytes, value: bytes) -> None:
        if self._since_sync >= SYNC_INTERVAL:
            self._file.write(_ESCAPE + self._sync)
            self._since_sync = 0
        if self._codec is not None:
            value = self._codec.compress(value)
        record = _TWO_INTS.pack(len(key) + len(value), len(key)) + key + value
        self._file.write(record)
        self._since_sync += len(record)

    def _append_to_block(self, key: bytes, value: bytes) -> None:
        self._block.append((key, value))
        self._block_size += len(key) + len(value)
        if self._block_size >= _BLOCK_SIZE:
            self._write_block()

    def _write_block(self) -> None:
        assert self._codec is not None
        parts = [_ESCAPE, self._sync, encode_vint(len(self._block))]
        for column in (0, 1):
            items = [record[column] for record in self._block]
            lengths = b"".join(encode_vint(len(item)) for item in items)
            for run in (lengths, b"".join(items)):
                compressed = self._codec.compress(run)
                parts += [encode_vint(len(compressed)), compressed]
        self._file.write(b"".join(parts))
        self._block, self._block_size = [], 0

    def close(self) -> None:
        """Write what is left, and close the file."""
        if self._block:
            self._write_block()
        self._file.close()


def _encode(writable: Writable, value: Any, role: str) -> bytes:
    if not writable.accepts(value):
        actual = writable_for(value).class_name
        raise SparkException(f"wrong {role} class: {actual} is not class {writable.class_name}")
    return writable.write(value)
