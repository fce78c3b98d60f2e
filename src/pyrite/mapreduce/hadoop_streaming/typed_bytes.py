r"""Records of typed bytes: ``-io typedbytes``, where keys and values know what they are.

Each begins with a byte that tells its type; numbers are the most significant byte first:

    1 byte, 2 boolean                             1 byte
    3 int, 5 float                                4 bytes
    4 long, 6 double                              8 bytes
    0 bytes, 7 string, 50-200 of an application   their length (4 bytes), and they
    8 vector                                      how many objects (4 bytes), and they
    9 list                                        objects, up to a byte 255
    10 map                                        how many pairs of objects (4 bytes), and they

Inside a job a key or value is kept as these bytes, the first one included, and sorted by them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pyrite.core.hadoop.java_text import java_float, java_text
from pyrite.mapreduce.errors import MapReduceError
from pyrite.mapreduce.hadoop_streaming.byte_columns import (
    ByteStrings,
    interleaved,
    lengths_of,
    strings,
)
from pyrite.mapreduce.hadoop_streaming.raw_bytes import (
    Incomplete,
    big_endian,
    numbers_of,
    read_records,
    whole_bytes,
)
from pyrite.mapreduce.hadoop_streaming.records import Records

__all__ = ["TypedBytes", "typed_text"]

BYTES, BYTE, BOOLEAN, INT, LONG, FLOAT, DOUBLE, STRING, VECTOR, LIST, MAP = range(11)
OF_APPLICATIONS = range(50, 201)
LIST_END = 255

FORMATS = {BYTE: ">b", BOOLEAN: ">?", INT: ">i", LONG: ">q", FLOAT: ">f", DOUBLE: ">d"}
WIDTHS = {code: struct.calcsize(format) for code, format in FORMATS.items()}
HAS_LENGTH = frozenset({BYTES, STRING, *OF_APPLICATIONS})
MOST_NESTED = 500


@dataclass(frozen=True)
class TypedBytes:
    r"""How records are written as typed bytes.

    Attributes:
        given: What the records to be written are: ``typedbytes`` already, ``rawbytes`` (bytes),
            or ``text`` (strings).
        numbered: Whether their keys are numbers as text, which become longs.

    Example:
        >>> bytes(TypedBytes(given="text").write(Records.of([(b"key", b"")])))
        b'\x07\x00\x00\x00\x03key\x07\x00\x00\x00\x00'
    """

    given: str = "typedbytes"
    numbered: bool = False

    def read(self, chunks: Iterable[Any]) -> Iterator[Records]:
        """Yield the records that typed bytes are.

        Args:
            chunks: The bytes, cut anywhere.

        Raises:
            MapReduceError: If they end within a record, or are no typed bytes.
        """
        return read_records(chunks, _typed_piece, "typedbytes")

    def write(self, records: Records) -> Any:
        """Return the bytes of records: an object with the buffer protocol."""
        records = records.spread()
        if self.numbered:
            keys = interleaved(bytes([LONG]), big_endian(numbers_of(records.keys), 8))
        else:
            keys = self._typed(records.keys)
        return whole_bytes(interleaved(keys, self._typed(records.values)))

    def _typed(self, given: ByteStrings) -> ByteStrings:
        if self.given == "typedbytes":
            return given
        code = STRING if self.given == "text" else BYTES
        return interleaved(bytes([code]), big_endian(lengths_of(given), 4), given)


def typed_text(objects: ByteStrings) -> ByteStrings:
    r"""Return typed bytes as Java prints them.

    Example:
        >>> typed_text(strings([b"\x03\0\0\0\x09", b"\x07\0\0\0\x02ab"])).to_pylist()
        [b'9', b'ab']
    """
    return strings([_java(item, 0)[0].encode() for item in objects.to_pylist()])


def _typed_piece(block: bytes, place: int) -> tuple[int, int]:
    return place, _end(block, place, 0)


def _end(block: bytes, place: int, depth: int) -> int:
    """Where the object ends that begins at a place."""
    if place >= len(block):
        raise Incomplete
    if depth > MOST_NESTED:
        raise _no_typed_bytes(f"objects {MOST_NESTED} levels deep")
    code = block[place]
    end = place + 1
    if code in WIDTHS:
        end += WIDTHS[code]
    elif code in HAS_LENGTH:
        end += 4 + _count(block, end)
    elif code == LIST:
        while block[end : end + 1] != b"\xff":
            end = _end(block, end, depth + 1)
        end += 1
    elif code in (VECTOR, MAP):
        count = _count(block, end) * (2 if code == MAP else 1)
        end += 4
        for _ in range(count):
            end = _end(block, end, depth + 1)
    else:
        raise _no_typed_bytes(f"a type {code}")
    if end > len(block):
        raise Incomplete
    return end


def _count(block: bytes, place: int) -> int:
    if place + 4 > len(block):
        raise Incomplete
    count = int.from_bytes(block[place : place + 4], "big", signed=True)
    if count < 0:
        raise _no_typed_bytes(f"a length {count}")
    return count


def _no_typed_bytes(what: str) -> MapReduceError:
    return MapReduceError(
        f"What the command wrote is no typedbytes: there is {what}. Let it write typedbytes, or "
        "choose another -io."
    )


def _java(item: bytes, place: int) -> tuple[str, int]:
    """What Java prints for the object at a place, and where it ends."""
    code = item[place]
    end = place + 1
    if code in FORMATS:
        (value,) = struct.unpack_from(FORMATS[code], item, end)
        text = java_float(value, _shortest(value)) if code == FLOAT else java_text(value)
        return text, end + WIDTHS[code]
    if code in HAS_LENGTH:
        start = end + 4
        end = start + _count(item, end)
        content = item[start:end]
        return content.decode("utf-8", "replace") if code == STRING else content.hex(), end
    texts = []
    if code == LIST:
        while item[end] != LIST_END:
            text, end = _java(item, end)
            texts.append(text)
        end += 1
    else:
        count = _count(item, end) * (2 if code == MAP else 1)
        end += 4
        for _ in range(count):
            text, end = _java(item, end)
            texts.append(text)
    if code == MAP:
        pairs = zip(texts[0::2], texts[1::2], strict=True)
        return "{" + ", ".join(f"{key}={value}" for key, value in pairs) + "}", end
    return "[" + ", ".join(texts) + "]", end


def _shortest(value: float) -> str:
    import numpy as np

    return str(np.float32(value))
