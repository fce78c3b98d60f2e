"""Which reducer a record goes to, for all keys of a batch at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pyrite.mapreduce.hadoop_streaming.byte_columns import (
    ByteStrings,
    bytes_of,
    interleaved,
    ints_of,
    offsets_of,
)
from pyrite.mapreduce.hadoop_streaming.key_fields import KeyField, cut_fields, parse_key_fields
from pyrite.mapreduce.hadoop_streaming.records import Records
from pyrite.mapreduce.hadoop_streaming.stream_job import KEY_FIELD_PARTITIONER

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pyrite.mapreduce.hadoop_streaming.stream_job import StreamJob

    Ints = NDArray[np.int64]
    Hashes = NDArray[np.uint32]

__all__ = [
    "HashPartitioner",
    "KeyFieldPartitioner",
    "OffsetPartitioner",
    "Partitioner",
    "hash_bytes",
    "hash_text",
    "make_partitioner",
]

_OPTIONS = "mapreduce.partition.keypartitioner.options"
_FIRST_FIELDS = "num.key.fields.for.partition"  # older, and what counts where both are given
_SEPARATOR = "mapreduce.map.output.key.field.separator"

FACTOR = 31
PIECE_UNITS = 1 << 16  # hashed together: tables and sums of a piece stay in the cache
MODULUS = 1 << 32


@dataclass(frozen=True)
class Partitioner(ABC):
    """Divides records among reducers by their keys.

    Attributes:
        partitions: How many reducers there are.
    """

    partitions: int

    def place(self, records: Records) -> Ints:
        """Return each row's reducer: 0 ... ``partitions`` - 1."""
        import numpy as np

        if self.partitions == 1:
            return np.zeros(len(records), np.int64)
        return (self._hashes(records.keys) & 0x7FFFFFFF).astype(np.int64) % self.partitions

    @abstractmethod
    def _hashes(self, keys: ByteStrings) -> Hashes:
        """Return a hash of each key."""


class HashPartitioner(Partitioner):
    """By the hash of the whole key, which is Hadoop's own: part files have the same keys.

    Example:
        >>> HashPartitioner(3).place(Records.of([(b"the", b""), (b"a", b"")])).tolist()
        [1, 2]
    """

    def _hashes(self, keys: ByteStrings) -> Hashes:
        return hash_bytes(keys)


@dataclass(frozen=True)
class KeyFieldPartitioner(Partitioner):
    r"""By fields of the key: Hadoop's KeyFieldBasedPartitioner.

    Attributes:
        fields: The fields; without any it is the whole key, as a string.
        separator: What is between the fields of a key.

    Example:
        >>> partitioner = KeyFieldPartitioner(5, parse_key_fields("-k1,1", "options"))
        >>> records = Records.of([(b"a\t1", b""), (b"a\t2", b""), (b"b\t1", b"")])
        >>> partitioner.place(records).tolist()
        [2, 2, 3]
    """

    fields: tuple[KeyField, ...] = ()
    separator: bytes = b"\t"

    def _hashes(self, keys: ByteStrings) -> Hashes:
        if not self.fields:
            return hash_text(keys)
        parts = [part for part, _ in cut_fields(keys, self.separator, self.fields)]
        return hash_bytes(parts[0] if len(parts) == 1 else interleaved(*parts), start=0)


@dataclass(frozen=True)
class OffsetPartitioner(Partitioner):
    """By keys that are numbers: the hash of a LongWritable is the number."""

    def _hashes(self, keys: ByteStrings) -> Hashes:
        import numpy as np
        import pyarrow as pa

        numbers = keys.cast(pa.large_string()).cast(pa.int64())
        return ints_of(numbers).astype(np.uint32)


def make_partitioner(job: StreamJob) -> Partitioner:
    """Return the partitioner that a job's options ask for.

    Raises:
        SparkIllegalArgumentException: If the options of the partitioner are not understood.
    """
    conf = job.conf
    if job.keys_are_offsets:
        return OffsetPartitioner(job.num_reduces)
    if job.partitioner != KEY_FIELD_PARTITIONER:
        return HashPartitioner(job.num_reduces)
    first_fields = conf.integer(_FIRST_FIELDS, 0, least=0)
    options = f"-k1,{first_fields}" if first_fields else conf.get(_OPTIONS, "")
    fields = parse_key_fields(options, _OPTIONS)
    return KeyFieldPartitioner(job.num_reduces, fields, conf[_SEPARATOR].encode())


def hash_bytes(strings: ByteStrings, start: int = 1) -> Hashes:
    """Return each string's hash as Hadoop has it for a Text, as 32 bits without a sign.

    Args:
        strings: What to hash; bytes have a sign in it.
        start: The hash of nothing.
    """
    import numpy as np

    return _hashed(bytes_of(strings).view(np.int8), offsets_of(strings), start)


def hash_text(strings: ByteStrings) -> Hashes:
    """Return each string's hash as Java has it for a String, as 32 bits without a sign."""
    import numpy as np

    offsets = offsets_of(strings)
    if not (bytes_of(strings)[offsets[0] : offsets[-1]] & 0x80).any():
        return hash_bytes(strings, start=0)
    texts = [text.decode("utf-8", "replace").encode("utf-16-le") for text in strings.to_pylist()]
    offsets = np.cumsum([0, *map(len, texts)]) // 2
    return _hashed(np.frombuffer(b"".join(texts), "<u2"), offsets, start=0)


def _hashed(units: NDArray[Any], offsets: Ints, start: int) -> Hashes:
    """The hash of each string of units.

    It begins with ``start``, and for each unit becomes 31 times itself plus the unit. With the
    powers of 31, units of many strings can be added up at once: the hash of one string is the
    difference of two of these sums, times a power. 31 is odd, so each power has an inverse.
    """
    import numpy as np

    hashes = np.empty(len(offsets) - 1, np.uint32)
    for first, last in _pieces(offsets):
        begin, end = int(offsets[first]), int(offsets[last])
        powers, inverses = _powers(1 << max(16, (end - begin).bit_length()))
        sums = np.zeros(end - begin + 1, np.uint32)
        weighted = units[begin:end].astype(np.uint32) * inverses[1 : end - begin + 1]
        np.cumsum(weighted, out=sums[1:], dtype=np.uint32)
        at = offsets[first : last + 1] - begin
        ends, starts = at[1:], at[:-1]
        hashes[first:last] = powers[ends - starts] * np.uint32(start)
        hashes[first:last] += powers[ends] * (sums[ends] - sums[starts])
    return hashes


def _pieces(offsets: Ints) -> Iterator[tuple[int, int]]:
    """Ranges of strings that are short together."""
    import numpy as np

    first = 0
    while first < len(offsets) - 1:
        last = int(np.searchsorted(offsets, offsets[first] + PIECE_UNITS, "right")) - 1
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
