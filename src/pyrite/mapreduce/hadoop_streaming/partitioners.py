"""Which reducer a record goes to, for all keys of a batch at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from pyrite.mapreduce.hadoop_streaming.byte_columns import ByteStrings, bytes_of, offsets_of
from pyrite.mapreduce.hadoop_streaming.records import Records

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Hashes = NDArray[np.uint32]

__all__ = ["HashPartitioner", "Partitioner", "hash_bytes"]

FACTOR = 31
PIECE_BYTES = 1 << 16  # hashed together: tables and sums of a piece stay in the cache
MODULUS = 1 << 32


@dataclass(frozen=True)
class Partitioner(ABC):
    """Divides records among reducers by their keys.

    Attributes:
        partitions: How many reducers there are.
    """

    partitions: int

    @abstractmethod
    def place(self, records: Records) -> Ints:
        """Return each row's reducer: 0 ... ``partitions`` - 1."""


class HashPartitioner(Partitioner):
    """By the hash of the whole key, which is Hadoop's own: part files have the same keys.

    Example:
        >>> HashPartitioner(3).place(Records.of([(b"the", b""), (b"a", b"")])).tolist()
        [0, 2]
    """

    def place(self, records: Records) -> Ints:
        """Return each row's reducer."""
        import numpy as np

        if self.partitions == 1:
            return np.zeros(len(records), np.int64)
        return (hash_bytes(records.keys) & 0x7FFFFFFF).astype(np.int64) % self.partitions


def hash_bytes(strings: ByteStrings) -> Hashes:
    """Return each string's hash as Hadoop has it for a Text, as 32 bits without a sign.

    It is 1, and then for each byte itself times 31 plus the byte, which has a sign. Times the
    powers of 31, bytes of many strings can be added up at once: the hash of one is the
    difference of two of these sums, times a power. 31 is odd, so each power has an inverse.
    """
    import numpy as np

    offsets = offsets_of(strings)
    data = bytes_of(strings).view(np.int8)
    hashes = np.empty(len(strings), np.uint32)
    for first, last in _pieces(offsets):
        start, end = int(offsets[first]), int(offsets[last])
        powers, inverses = _powers(1 << max(16, (end - start).bit_length()))
        sums = np.zeros(end - start + 1, np.uint32)
        weighted = data[start:end].astype(np.uint32) * inverses[1 : end - start + 1]
        np.cumsum(weighted, out=sums[1:], dtype=np.uint32)
        at = offsets[first : last + 1] - start
        ends, lengths = at[1:], np.diff(at)
        hashes[first:last] = powers[lengths] + powers[ends] * (sums[ends] - sums[at[:-1]])
    return hashes


def _pieces(offsets: Ints) -> Iterator[tuple[int, int]]:
    """Ranges of strings with few bytes together."""
    import numpy as np

    first = 0
    while first < len(offsets) - 1:
        last = int(np.searchsorted(offsets, offsets[first] + PIECE_BYTES, "right")) - 1
        last = min(max(last, first + 1), len(offsets) - 1)
        yield first, last
        first = last


@lru_cache(maxsize=2)
def _powers(count: int) -> tuple[Hashes, Hashes]:
    """The powers 0 ... ``count`` of 31, and their inverses, modulo 2 ** 32."""
    import numpy as np

    tables = []
    for base in (FACTOR, pow(FACTOR, -1, MODULUS)):
        factors = np.full(count + 1, base, np.uint32)
        factors[0] = 1
        tables.append(np.cumprod(factors, dtype=np.uint32))
    return tables[0], tables[1]
