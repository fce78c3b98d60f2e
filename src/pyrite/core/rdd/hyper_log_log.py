"""Counting different things in little memory: HyperLogLog.

A register per class of hashes remembers the longest run of zeros seen; how long the runs are
tells how many different hashes there were. Hashes and registers are those of the library Spark
uses, and so are the estimates for few and for very many elements; between these Spark corrects
by measured tables, and this module by a formula (O. Ertl, 2017) that needs none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from math import ceil, log, sqrt

__all__ = ["estimate", "precision_for", "registers"]

_MASK = (1 << 64) - 1
_M = 0xC6A4A7935BD1E995
_SEED = 0xE17A1465

#: Below these counts, by precision, the number of unused registers is the better estimate.
_LINEAR_UP_TO = {
    4: 10, 5: 20, 6: 40, 7: 80, 8: 220, 9: 400, 10: 900, 11: 1800, 12: 3100, 13: 6500,
    14: 11500, 15: 20000, 16: 50000, 17: 120000, 18: 350000,
}  # fmt: skip

#: Equal elements are often near each other; this many at a time are made unique.
_UNIQUE_AMONG = 1 << 16


def precision_for(relative_sd: float) -> int:
    """Return the number of hash bits that choose a register for a wanted relative error.

    Example:
        >>> precision_for(0.05)
        9
    """
    return max(4, ceil(2.0 * log(1.054 / relative_sd) / log(2)))


def registers(precision: int, numbers: Iterable[int]) -> bytes:
    """Return the registers of a sketch of ``numbers``, one byte each.

    Example:
        >>> sum(registers(4, [1, 2, 1])) > 0
        True
    """
    table = bytearray(1 << precision)
    rest = 64 - precision
    low_bits = (1 << rest) - 1
    source = iter(numbers)
    while unique := _unique(source):
        for number in unique:
            hashed = _murmur2(str(number).encode())
            place = hashed >> rest
            run = rest - (hashed & low_bits).bit_length() + 1
            if run > table[place]:
                table[place] = run
    return bytes(table)


def _unique(source: Iterator[int]) -> set[int]:
    return set(islice(source, _UNIQUE_AMONG))


def estimate(precision: int, table: bytes) -> int:
    """Return about how many different numbers a sketch has seen.

    Example:
        >>> estimate(9, registers(9, range(100)))
        99
    """
    size = 1 << precision
    counts = Counter(table)
    if not table or counts[0] == size:
        return 0
    if counts[0]:
        linear = size * log(size / counts[0])
        if linear <= _LINEAR_UP_TO.get(precision, 0):
            return round(linear)
    raw = _alpha(size) * size * size / sum(n * 2.0**-run for run, n in counts.items())
    return round(raw if raw > 5 * size else _improved(precision, counts))


def _alpha(size: int) -> float:
    return {16: 0.673, 32: 0.697, 64: 0.709}.get(size, 0.7213 / (1 + 1.079 / size))


def _improved(precision: int, counts: Counter[int]) -> float:
    """Ertl's estimate, which holds for any number of elements."""
    size = 1 << precision
    longest = 64 - precision
    z = size * _tau(1 - counts[longest + 1] / size)
    for run in range(longest, 0, -1):
        z = (z + counts[run]) / 2
    z += size * _sigma(counts[0] / size)
    return size * size / (2 * log(2) * z)


def _sigma(x: float) -> float:
    power, total = 1.0, x
    while True:
        x *= x
        previous = total
        total += x * power
        power += power
        if total == previous:
            return total


def _tau(x: float) -> float:
    if x in (0.0, 1.0):
        return 0.0
    power, total = 1.0, 1 - x
    while True:
        x = sqrt(x)
        previous = total
        power /= 2
        total -= (1 - x) ** 2 * power
        if total == previous:
            return total / 3


def _murmur2(data: bytes) -> int:
    """MurmurHash2, the 64-bit variant."""
    length = len(data)
    mixed = _SEED ^ (length * _M & _MASK)
    whole = length & ~7
    for start in range(0, whole, 8):
        block = int.from_bytes(data[start : start + 8], "little") * _M & _MASK
        block = (block ^ block >> 47) * _M & _MASK
        mixed = (mixed ^ block) * _M & _MASK
    if whole < length:
        mixed = (mixed ^ int.from_bytes(data[whole:], "little")) * _M & _MASK
    mixed = (mixed ^ mixed >> 47) * _M & _MASK
    return mixed ^ mixed >> 47
