"""The count-min sketch: how often values occur, about, in a table of counts.

Cormode and Muthukrishnan's: each row of the table counts every value in a column of its own
hash. The bytes are those of Spark's sketch, version 1.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any

from pyrite.sql.functions.kernels.murmur3 import hash_bytes

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["count_min_sketch"]

_VERSION = 1
_PRIME = (1 << 31) - 1
_MASK = (1 << 48) - 1


def _multipliers(seed: int, depth: int) -> list[int]:
    """Return what java.util.Random draws as ``nextInt(Integer.MAX_VALUE)``."""
    seed = (seed + 2**31) % 2**32 - 2**31  # Spark takes the lower half of a long seed
    state = (seed ^ 0x5DEECE66D) & _MASK
    found: list[int] = []
    while len(found) < depth:
        state = (state * 0x5DEECE66D + 0xB) & _MASK
        bits = state >> 17
        if bits != _PRIME:  # the one number that is drawn again
            found.append(bits % _PRIME)
    return found


def count_min_sketch(values: pa.Array, eps: float, confidence: float, seed: int) -> bytes:
    """Return the sketch of whole numbers, texts or bytes.

    Args:
        values: Without nulls; numbers as int64.
        eps: How wrong a count may be, relative to all counts.
        confidence: How likely it is not more wrong.
        seed: Chooses the hashes.
    """
    import numpy as np
    import pyarrow as pa

    depth = math.ceil(-math.log1p(-confidence) / math.log(2))
    width = math.ceil(2 / eps)
    multipliers = _multipliers(seed, depth)
    if pa.types.is_integer(values.type):
        columns = _columns_of_numbers(values.to_numpy(zero_copy_only=False), multipliers, width)
    else:
        columns = _columns_of_bytes(values.cast(pa.binary()), depth, width)
    table = np.array([np.bincount(column, minlength=width) for column in columns], np.int64)
    head = struct.pack(f">iqii{depth}q", _VERSION, len(values), depth, width, *multipliers)
    return head + table.astype(">i8").tobytes()


def _columns_of_numbers(numbers: Any, multipliers: list[int], width: int) -> list[Any]:
    import numpy as np

    found = []
    for multiplier in multipliers:
        hashes = numbers.astype(np.int64) * np.int64(multiplier)  # wraps around, as in Java
        hashes = hashes + (hashes >> np.int64(32))
        found.append((hashes & np.int64(_PRIME)) % width)
    return found


def _columns_of_bytes(texts: pa.Array, depth: int, width: int) -> list[Any]:
    import numpy as np

    offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset :][: len(texts) + 1]
    data = np.frombuffer(texts.buffers()[2] or b"", np.uint8)
    starts, lengths = offsets[:-1].astype(np.int64), np.diff(offsets)
    first = hash_bytes(data, starts, lengths, np.zeros(len(texts), np.uint32))
    second = hash_bytes(data, starts, lengths, first)
    found = []
    for row in range(depth):
        signed = (first + np.uint32(row) * second).view(np.int32)
        found.append(np.abs(np.fmod(signed, np.int32(width))))
    return found
