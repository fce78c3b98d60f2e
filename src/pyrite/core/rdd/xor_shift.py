"""The generator of Spark's random numbers: a 64-bit xorshift seeded through MurmurHash3.

``repartition`` decides with it where to begin dealing: each partition deals its batches around
the new partitions, from a place that depends on its index alone. The ``rand`` of SQL draws its
numbers from it too.
"""

from __future__ import annotations

__all__ = ["XorShift", "first_int"]

_WORD = (1 << 32) - 1
_LONG = (1 << 64) - 1
_SEED = 0x3C074A61  # Scala's seed for hashing arrays


class XorShift:
    """One sequence of random bits.

    Args:
        seed: Any integer; its low 64 bits count.
    """

    def __init__(self, seed: int) -> None:
        self._state = _mixed(seed)

    def bits(self, count: int) -> int:
        """Return the next ``count`` bits (at most 32) as a number."""
        state = self._state
        state ^= (state << 21) & _LONG
        state ^= state >> 35
        state ^= (state << 4) & _LONG
        self._state = state
        return state & ((1 << count) - 1)


def first_int(seed: int, bound: int) -> int:
    """Return the generator's first integer below ``bound`` (at least 1) for ``seed``.

    Example:
        >>> [first_int(index, 7) for index in range(4)]
        [2, 5, 1, 6]
    """
    generator = XorShift(seed)
    while True:
        bits = generator.bits(31)
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
