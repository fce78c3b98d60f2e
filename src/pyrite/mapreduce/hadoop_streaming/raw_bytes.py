"""Records as raw bytes: ``-io rawbytes``, where any byte may stand in a key or a value.

length of the key (4 bytes) | key | length of the value (4 bytes) | value
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from pyrite.core.hadoop.writable import encode_vint
from pyrite.mapreduce.errors import MapReduceError
from pyrite.mapreduce.hadoop_streaming.blocks import in_blocks
from pyrite.mapreduce.hadoop_streaming.byte_columns import (
    ByteStrings,
    column,
    cut,
    integers,
    interleaved,
    ints_of,
    lengths_of,
    offsets_of,
    strings,
)
from pyrite.mapreduce.hadoop_streaming.records import Records

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = [
    "Incomplete",
    "RawBytes",
    "big_endian",
    "numbers_of",
    "raw_text",
    "read_records",
    "whole_bytes",
]

BLOCK_BYTES = 4 << 20

Piece = tuple[int, int]  # where the bytes of a key or value begin and end in a block


class Incomplete(Exception):
    """The block ends within a key or value."""


@dataclass(frozen=True)
class RawBytes:
    r"""How records are written with their lengths.

    Attributes:
        numbered: Whether the keys to be written are numbers as text: they become eight bytes.
        has_lengths: Whether keys and values to be written are texts, which Hadoop writes with
            their length before them: as a part of the bytes, of which it says the length, too.

    Example:
        >>> bytes(RawBytes().write(Records.of([(b"key", b"\n")])))
        b'\x00\x00\x00\x03key\x00\x00\x00\x01\n'
    """

    numbered: bool = False
    has_lengths: bool = False

    def read(self, chunks: Iterable[Any]) -> Iterator[Records]:
        """Yield the records that bytes are.

        Args:
            chunks: The bytes, cut anywhere.

        Raises:
            MapReduceError: If the bytes end within a record.
        """
        return read_records(chunks, _raw_piece, "rawbytes")

    def write(self, records: Records) -> Any:
        """Return the bytes of records: an object with the buffer protocol."""
        records = records.spread()
        keys, values = records.keys, records.values
        if self.has_lengths:
            values = _with_lengths(values)
        if self.numbered:
            keys = big_endian(numbers_of(keys), 8)
        elif self.has_lengths:
            keys = _with_lengths(keys)
        return whole_bytes(
            interleaved(
                big_endian(lengths_of(keys), 4), keys, big_endian(lengths_of(values), 4), values
            )
        )


def _with_lengths(items: ByteStrings) -> ByteStrings:
    """Each string behind its length in Hadoop's variable form."""
    import numpy as np

    lengths, places = np.unique(lengths_of(items), return_inverse=True)
    encoded = strings([encode_vint(length) for length in lengths.tolist()])
    return interleaved(encoded.take(integers(places)), items)


def read_records(
    chunks: Iterable[Any], piece_at: Callable[[bytes, int], Piece], name: str
) -> Iterator[Records]:
    """Yield records that are keys and values one after the other.

    Args:
        chunks: Their bytes, cut anywhere.
        piece_at: Finds the key or value at a place of a block; it ends where the next begins.
        name: What the encoding is called, for the error.

    Raises:
        MapReduceError: If the bytes end within a record.
    """
    read = partial(_records, piece_at=piece_at)
    records, rest = read((yield from in_blocks(chunks, BLOCK_BYTES, read)))
    if len(records):
        yield records
    if rest:
        raise MapReduceError(
            f"What the command wrote ends within a record: {len(rest)} bytes are left that are no "
            f"whole key and value. Let it write {name}, or choose another -io."
        )


def _records(block: bytes, piece_at: Callable[[bytes, int], Piece]) -> tuple[Records, bytes]:
    """Cut a block into records, and what is left of it."""
    pieces: list[Piece] = []
    whole = end = 0
    try:
        while end < len(block):
            key = piece_at(block, end)
            value = piece_at(block, key[1])
            pieces += (key, value)
            whole = end = value[1]
    except Incomplete:
        pass
    keys, values = _pieces_of(block, pieces[0::2]), _pieces_of(block, pieces[1::2])
    return Records(keys, values), block[whole:]


def _pieces_of(block: bytes, pieces: list[Piece]) -> ByteStrings:
    """Pieces of a block as a column."""
    import numpy as np

    bounds = np.array(pieces, np.int64).reshape(-1, 2)
    return cut(block, bounds[:, 0], bounds[:, 1])


def _raw_piece(block: bytes, place: int) -> Piece:
    start = place + 4
    end = start + int.from_bytes(block[place:start], "big")
    if end > len(block) or start > len(block):
        raise Incomplete
    return start, end


def raw_text(items: ByteStrings) -> ByteStrings:
    """Return bytes as Java prints them: ``6b 65 79``."""
    return strings([item.hex(" ").encode() for item in items.to_pylist()])


def numbers_of(texts: ByteStrings) -> Ints:
    """Return the whole numbers that strings are the text of."""
    import pyarrow as pa

    return ints_of(texts.cast(pa.large_string()).cast(pa.int64()))


def big_endian(numbers: Ints, width: int) -> ByteStrings:
    """Return numbers as strings of four or eight bytes, the most significant first."""
    import numpy as np

    offsets = np.arange(0, width * len(numbers) + 1, width)
    return column(offsets, numbers.astype(f">i{width}"))


def whole_bytes(strings: ByteStrings) -> Any:
    """Return the bytes of all strings of a column that begins at its first byte."""
    buffer = strings.buffers()[2]
    return memoryview(buffer or b"")[: int(offsets_of(strings)[-1])]
