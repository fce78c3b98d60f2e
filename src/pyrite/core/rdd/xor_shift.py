"""The random number by which Spark's ``repartition`` decides where to begin dealing.

Each partition deals its batches around the new partitions, beginning at a place that depends on
its index alone. The generator is a 64-bit xorshift seeded through MurmurHash3 (x86, 32 bits).
"""

from __future__ import annotations

__all__ = ["first_int"]

_WORD = (1 << 32) - 1
_LONG = (1 << 64) - 1
_SEED = 0x3C074A61  # Scala's seed for hashing arrays


def first_int(seed: int, bound: int) -> int:
    """Return the generator's first integer below ``bound`` (at least 1) for ``seed``.

    Example:
        >>> [first_int(index, 7) for index in range(4)]
        [2, 5, 1, 6]
    """
    state = _mixed(seed)
    while True:
        state ^= (state << 21) & _LONG
        state ^= state >> 35
        state ^= (state << 4) & _LONG
        bits = state & 0x7FFFFFFF
        if bound & (bound - 1) == 0:
            return (bound * bits) >> 31
        value = bits % bound
        if bits - value + bound - 1 < 1 << 31:  # else in the last, incomplete run of values
            return value


def _mixed(seed: int) -> int:
    data = (seed & _LONG).to_bytes(8, "big")
    low = _murmur3(data, _SEED)
    return _murmur3(data, low) << 32 | low


def _murmur3(data: bytes, seed: int) -> int:
    """MurmurHash3 of a whole number of 4-byte blocks."""
    mixed = seed
    for start in range(0, len(data), 4):
        block = int.from_bytes(data[start : start + 4], "little")
        block = _rotate(block * 0xCC9E2D51 & _WORD, 15) * 0x1B873593 & _WORD
        mixed = (_rotate(mixed ^ block, 13) * 5 + 0xE6546B64) & _WORD
    mixed ^= len(data)
    mixed = (mixed ^ mixed >> 16) * 0x85EBCA6B & _WORD
    mixed = (mixed ^ mixed >> 13) * 0xC2B2AE35 & _WORD
    return mixed ^ mixed >> 16


def _rotate(value: int, bits: int) -> int:
    return (value << bits | value >> (32 - bits)) & _WORD
