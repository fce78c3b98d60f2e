"""Records: many pairs of key and value at once, as two columns of byte strings.

A batch of records is what crosses the shuffle and what is sorted. Where a mapper writes the same
record again and again, as a word count does, a batch holds each record once, with a count of how
often it stands for.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyrite.mapreduce.hadoop_streaming.byte_columns import (
    ByteStrings,
    bytes_of,
    column,
    integers,
    lengths_of,
    offsets_of,
    strings,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["Records"]

_HEAD = struct.Struct("<Q?B6x")  # how many rows, whether they have counts, a length's width


@dataclass(frozen=True)
class Records:
    """A batch of records.

    Attributes:
        keys: Each row's key, an Arrow array of ``large_binary``.
        values: Each row's value, of the same type and length.
        counts: How many equal records each row stands for, at least 1; None where each row is
            one record.

    Example:
        >>> records = Records.of([(b"the", b"1"), (b"a", b"1")])
        >>> Records.decode(records.encode()).pairs()
        [(b'the', b'1'), (b'a', b'1')]
    """

    keys: ByteStrings
    values: ByteStrings
    counts: Ints | None = None

    @classmethod
    def of(cls, pairs: Sequence[tuple[bytes, bytes]]) -> Records:
        """Return the batch of some pairs of key and value."""
        return cls(strings([key for key, _ in pairs]), strings([value for _, value in pairs]))

    def __len__(self) -> int:
        """How many rows there are; fewer than records where rows have counts."""
        return len(self.keys)

    @property
    def total(self) -> int:
        """How many records there are."""
        return len(self) if self.counts is None else int(self.counts.sum())

    @property
    def nbytes(self) -> int:
        """How much memory the rows take."""
        numbers = 2 if self.counts is None else 3
        text = _text_bytes(self.keys) + _text_bytes(self.values)
        return text + numbers * 8 * len(self)

    @property
    def text_bytes(self) -> int:
        """How many bytes of keys and values there are when each record is written out."""
        lengths = lengths_of(self.keys) + lengths_of(self.values)
        return int(lengths.sum() if self.counts is None else lengths @ self.counts)

    def pairs(self) -> list[tuple[bytes, bytes]]:
        """Return all records as Python's own objects, each as often as it is counted."""
        rows = zip(self.keys.to_pylist(), self.values.to_pylist(), strict=True)
        if self.counts is None:
            return list(rows)
        counted = zip(rows, self.counts.tolist(), strict=True)
        return [row for row, count in counted for _ in range(count)]

    def take(self, rows: Any) -> Records:
        """Return the rows with these numbers, in the order of the numbers."""
        numbers = integers(rows)
        counts = None if self.counts is None else self.counts[rows]
        return Records(self.keys.take(numbers), self.values.take(numbers), counts)

    def slice(self, start: int, length: int) -> Records:
        """Return neighbouring rows without copying them."""
        counts = None if self.counts is None else self.counts[start : start + length]
        return Records(self.keys.slice(start, length), self.values.slice(start, length), counts)

    def spread(self) -> Records:
        """Return the same records with a row for each."""
        import numpy as np

        if self.counts is None:
            return self
        rows = self.take(np.repeat(np.arange(len(self)), self.counts))
        return Records(rows.keys, rows.values)

    def split(self, places: Ints, parts: int) -> Iterator[tuple[int, Records]]:
        """Yield the rows of each part that has some, in the order they have here.

        Args:
            places: The part each row belongs to: 0 ... ``parts`` - 1.
            parts: How many there are.
        """
        import numpy as np

        if not len(self):
            return
        if parts == 1:
            yield 0, self
            return
        small = np.uint8 if parts <= 1 << 8 else np.uint16 if parts <= 1 << 16 else np.int64
        # numpy sorts small numbers by their digits
        rows = self.take(np.argsort(places.astype(small), kind="stable"))
        ends = np.cumsum(np.bincount(places, minlength=parts)).tolist()
        for part, (start, end) in enumerate(zip([0, *ends], ends, strict=False)):
            if end > start:
                yield part, rows.slice(start, end - start)

    @staticmethod
    def concat(batches: Sequence[Records]) -> Records:
        """Return all rows of some batches, in order."""
        import numpy as np
        import pyarrow as pa

        if not batches:
            return Records.of([])
        if len(batches) == 1:
            return batches[0]
        counts = None
        if any(batch.counts is not None for batch in batches):
            ones = (np.ones(len(b), np.int64) if b.counts is None else b.counts for b in batches)
            counts = np.concatenate(list(ones))
        return Records(
            pa.concat_arrays([batch.keys for batch in batches]),
            pa.concat_arrays([batch.values for batch in batches]),
            counts,
        )

    def encode(self) -> bytes:
        """Return the batch as bytes, for the shuffle or a file.

        After a head they are the counts if there are any, the lengths of all keys, the lengths of
        all values, the keys and the values.
        """
        columns = (self.keys, self.values)
        lengths = [lengths_of(column) for column in columns]
        width = 8 if any((found >= 1 << 32).any() for found in lengths) else 4
        parts: list[Any] = [_HEAD.pack(len(self), self.counts is not None, width)]
        if self.counts is not None:
            parts.append(self.counts)
        parts += [found.astype(f"<u{width}") for found in lengths]
        for array in columns:
            offsets = offsets_of(array)
            parts.append(bytes_of(array)[offsets[0] : offsets[-1]])
        return b"".join(parts)

    @classmethod
    def decode(cls, buffer: Any) -> Records:
        """Return the batch that ``encode`` made these bytes of; they are not copied.

        Args:
            buffer: Bytes, or anything with the buffer protocol.
        """
        import numpy as np

        rows, has_counts, width = _HEAD.unpack_from(buffer)
        place = _HEAD.size
        counts = None
        if has_counts:
            counts = np.frombuffer(buffer, np.int64, rows, place)
            place += counts.nbytes
        text = place + 2 * rows * width
        columns = []
        for _ in range(2):
            offsets = np.zeros(rows + 1, np.int64)
            np.cumsum(np.frombuffer(buffer, f"<u{width}", rows, place), out=offsets[1:])
            columns.append(column(offsets, memoryview(buffer)[text:]))
            place += rows * width
            text += int(offsets[-1])
        keys, values = columns
        return cls(keys, values, counts)


def _text_bytes(strings: ByteStrings) -> int:
    offsets = offsets_of(strings)
    return int(offsets[-1] - offsets[0])
