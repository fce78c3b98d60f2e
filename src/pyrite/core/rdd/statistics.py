"""Numbers: mean, variance, histogram and their kin."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import partial, reduce
from itertools import chain
from math import isinf, isnan, sqrt
from typing import Any, TypeVar

from pyspark.statcounter import StatCounter

from pyrite.core.rdd.actions import Actions, nothing_to_reduce

__all__ = ["Statistics"]

T_co = TypeVar("T_co", covariant=True)


class Statistics(Actions[T_co]):
    """What describes a set of numbers."""

    def stats(self) -> StatCounter:
        """Return count, mean, variance, minimum and maximum, found in one pass.

        Example:
            >>> sc.parallelize([1, 2, 3]).stats().mean()
            2.0
        """
        parts = self._run_per_partition(_count_up)
        if not parts:
            raise nothing_to_reduce()
        return reduce(StatCounter.mergeStats, map(_as_counter, parts))

    def mean(self) -> float:
        """Return the mean.

        Example:
            >>> sc.parallelize([1, 2, 3]).mean()
            2.0
        """
        return self.stats().mean()

    def variance(self) -> float:
        """Return the variance of the elements as a whole population.

        Example:
            >>> sc.parallelize([1, 2, 3]).variance()
            0.666...
        """
        return self.stats().variance()

    def stdev(self) -> float:
        """Return the standard deviation of the elements as a whole population.

        Example:
            >>> float(sc.parallelize([1, 2, 3]).stdev())
            0.816...
        """
        return self.stats().stdev()

    def sampleVariance(self) -> float:
        """Return the variance of the elements as a sample: divided by N - 1.

        Example:
            >>> sc.parallelize([1, 2, 3]).sampleVariance()
            1.0
        """
        return self.stats().sampleVariance()

    def sampleStdev(self) -> float:
        """Return the standard deviation of the elements as a sample: with N - 1.

        Example:
            >>> float(sc.parallelize([1, 2, 3]).sampleStdev())
            1.0
        """
        return self.stats().sampleStdev()

    def histogram(
        self, buckets: int | list[Any] | tuple[Any, ...]
    ) -> tuple[Sequence[Any], list[int]]:
        """Count the elements between given bounds.

        All ranges but the last exclude their upper bound. NaN and None are not counted.

        Args:
            buckets: The sorted bounds, or how many equal ranges to cut the data's range into.

        Returns:
            The bounds and the counts.

        Raises:
            TypeError: If ``buckets`` is of another type, or the elements are not numbers.
            ValueError: If the bounds are too few, unsorted or repeated, or the data is empty or
                infinite.

        Example:
            >>> rdd = sc.parallelize(range(51))
            >>> rdd.histogram(2), rdd.histogram([0, 5, 25, 50])
            (([0, 25, 50], [25, 26]), ([0, 5, 25, 50], [5, 20, 26]))
        """
        if isinstance(buckets, int):
            if buckets < 1:
                raise ValueError("number of buckets must be >= 1")
            return self._even_histogram(buckets)
        if not isinstance(buckets, (list, tuple)):
            raise TypeError("buckets should be a list or tuple or number(int or long)")
        if len(buckets) < 2:
            raise ValueError("buckets should have more than one value")
        if not all(map(_counts, buckets)):
            raise ValueError("can not have None or NaN in buckets")
        if sorted(buckets) != list(buckets):
            raise ValueError("buckets should be sorted")
        if len(set(buckets)) != len(buckets):
            raise ValueError("buckets should not contain duplicated values")
        return buckets, self._counts_between(buckets, None)

    def _even_histogram(self, count: int) -> tuple[Sequence[Any], list[int]]:
        extremes = self._run_per_partition(_min_max)
        extremes = [pair for pair in extremes if pair is not None]
        if not extremes:
            raise nothing_to_reduce()
        low = min(pair[0] for pair in extremes)
        high = max(pair[1] for pair in extremes)
        if low == high or count == 1:
            return [low, high], [sum(self._run_per_partition(_count_known))]
        try:
            step = (high - low) / count
        except TypeError:
            raise TypeError("Can not generate buckets with non-number in RDD") from None
        if isinf(step):
            raise ValueError("Can not generate buckets with infinite value")
        whole = int(step)
        exact = whole if whole * count == high - low else step
        bounds = [low + i * exact for i in range(count)] + [high]
        return bounds, self._counts_between(bounds, exact)

    def _counts_between(self, bounds: Sequence[Any], step: float | None) -> list[int]:
        parts = self._run_per_partition(partial(_count_between, bounds, step))
        return [sum(column) for column in zip(*parts, strict=True)]


_NO_ELEMENT: Any = object()

#: A StatCounter of plain numbers on its way to the driver: n, mean, m2, minimum, maximum.
_Counted = tuple[int, float, float, float, float]


def _count_up(elements: Iterator[Any]) -> _Counted | StatCounter:
    """Do what ``StatCounter(elements)`` does, with the same operations in the same order."""
    first = next(elements, _NO_ELEMENT)
    if first is _NO_ELEMENT:
        return 0, 0.0, 0.0, float("inf"), float("-inf")
    if not isinstance(first, (int, float)):
        return StatCounter(chain((first,), elements))  # numpy arrays: statistics per place
    # The count is a float, which is exact to 2**53 and divides faster than an integer.
    n, mu, m2 = 1.0, 0.0 + first / 1, 0.0
    m2 += first * (first - mu)
    low = high = first
    for value in elements:
        delta = value - mu
        n += 1.0
        mu += delta / n
        m2 += delta * (value - mu)
        if not low <= value <= high:  # seldom, once a few were seen
            low, high = _minimum(low, value), _maximum(high, value)
    return int(n), mu, m2, _as_float(low), _as_float(high)


def _as_float(extreme: Any) -> Any:
    """Turn an integer that 64 bits hold into a float, as comparing it with numpy does."""
    return float(extreme) if isinstance(extreme, int) and abs(extreme) < 1 << 63 else extreme


def _as_counter(counted: _Counted | StatCounter) -> StatCounter:
    if isinstance(counted, StatCounter):
        return counted
    # Not through __init__, which imports numpy to compare and take roots of arrays.
    counter = StatCounter.__new__(StatCounter)
    counter.n, counter.mu, counter.m2, counter.minValue, counter.maxValue = counted
    for name, function in _SCALAR_FUNCTIONS.items():
        setattr(counter, name, function)
    return counter


def _minimum(a: Any, b: Any) -> Any:
    return a if a != a or a <= b else b


def _maximum(a: Any, b: Any) -> Any:
    return a if a != a or a >= b else b


# NaN wins every comparison, as with numpy.
_SCALAR_FUNCTIONS = {"minimum": _minimum, "maximum": _maximum, "sqrt": sqrt}


def _counts(value: Any) -> bool:
    return value is not None and not (isinstance(value, float) and isnan(value))


def _min_max(elements: Iterator[Any]) -> tuple[Any, Any] | None:
    known = [value for value in elements if _counts(value)]
    return (min(known), max(known)) if known else None


def _count_known(elements: Iterable[Any]) -> int:
    return sum(map(_counts, elements))


def _count_between(bounds: Sequence[Any], step: float | None, elements: Iterable[Any]) -> list[int]:
    counters = [0] * len(bounds)
    first, last = bounds[0], bounds[-1]
    for value in elements:
        # NaN differs even from itself.
        if value is not None and value == value and first <= value <= last:
            place = bisect_right(bounds, value) - 1 if step is None else int((value - first) / step)
            counters[place] += 1
    # What equals the last bound belongs to the last range.
    at_last_bound = counters.pop()
    counters[-1] += at_last_bound
    return counters
