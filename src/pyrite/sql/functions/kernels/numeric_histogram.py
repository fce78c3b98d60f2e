"""histogram_numeric: a histogram of few bins, built value by value.

The method of Ben-Haim and Tom-Tov ("A Streaming Parallel Decision Tree Algorithm"): every value
is a bin until there are too many, then the two nearest bins become one. Ties are broken by
Java's random numbers from a fixed seed, so that results are those of Spark.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

__all__ = ["numeric_histogram"]

_SEED = 31183


class _JavaRandom:
    """java.util.Random, as far as nextDouble."""

    def __init__(self, seed: int) -> None:
        self._state = (seed ^ 0x5DEECE66D) & ((1 << 48) - 1)

    def _next(self, bits: int) -> int:
        self._state = (self._state * 0x5DEECE66D + 0xB) & ((1 << 48) - 1)
        return self._state >> (48 - bits)

    def next_double(self) -> float:
        return ((self._next(26) << 27) + self._next(27)) * 2.0**-53


def numeric_histogram(values: Iterable[float], most: int) -> list[tuple[float, float]]:
    """Return the bins of values: their centres and how many values each has.

    Args:
        values: In the order in which they are met.
        most: How many bins there may be.

    Example:
        >>> numeric_histogram([1, 2, 9], 2)
        [(1.5, 2.0), (9, 1.0)]
    """
    centres: list[float] = []
    counts: list[float] = []
    random = _JavaRandom(_SEED)
    for value in values:
        place = bisect_left(centres, value)
        if place < len(centres) and centres[place] == value:
            counts[place] += 1.0
            continue
        centres.insert(place, value)
        counts.insert(place, 1.0)
        if len(centres) > most:
            _merge_nearest(centres, counts, random)
    return list(zip(centres, counts, strict=True))


def _merge_nearest(centres: list[float], counts: list[float], random: _JavaRandom) -> None:
    smallest, place, ties = centres[1] - centres[0], 0, 1
    for i in range(1, len(centres) - 1):
        gap = centres[i + 1] - centres[i]
        if gap < smallest:
            smallest, place, ties = gap, i, 1
        elif gap == smallest:
            ties += 1
            if random.next_double() <= 1.0 / ties:
                place = i
    total = counts[place] + counts[place + 1]
    # In this order of operations, for the same last digits.
    centres[place] = (
        centres[place] * (counts[place] / total) + centres[place + 1] / total * counts[place + 1]
    )
    counts[place] = total
    del centres[place + 1], counts[place + 1]
