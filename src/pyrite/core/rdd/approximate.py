"""Answers within a time limit, or from a sketch: good enough, sooner."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, TypeVar

from pyrite.core.rdd.actions import Actions
from pyrite.core.rdd.bounded_float import BoundedFloat, bounded_mean, bounded_sum
from pyrite.core.rdd.handle import without_context
from pyrite.core.rdd.hyper_log_log import estimate, precision_for, registers
from pyrite.core.shuffle import portable_hash

__all__ = ["Approximation"]

T_co = TypeVar("T_co", covariant=True)


class Approximation(Actions[T_co]):
    """What trades exactness for time or memory."""

    def countApprox(self, timeout: int, confidence: float = 0.95) -> int:
        """Return about how many elements there are, within a time limit.

        Args:
            timeout: Milliseconds to wait at most.
            confidence: How likely the true number is within bounds; here it changes nothing.

        Example:
            >>> sc.parallelize(range(1000), 10).countApprox(10_000)
            1000
        """
        return int(self.mapPartitions(_count).sumApprox(timeout, confidence))

    def sumApprox(self, timeout: int, confidence: float = 0.95) -> BoundedFloat:
        """Return about what the elements add up to, within a time limit.

        Args:
            timeout: Milliseconds to wait at most.
            confidence: How likely the true sum is to lie within the result's bounds.

        Example:
            >>> sc.parallelize(range(1000), 10).sumApprox(10_000)
            499500.0
        """
        done, total = self._run_for(timeout, _sum)
        return bounded_sum(done, total, confidence)

    def meanApprox(self, timeout: int, confidence: float = 0.95) -> BoundedFloat:
        """Return about what the mean of the elements is, within a time limit.

        Args:
            timeout: Milliseconds to wait at most.
            confidence: How likely the true mean is to lie within the result's bounds.

        Example:
            >>> sc.parallelize(range(1000), 10).meanApprox(10_000)
            499.5
        """
        done, total = self._run_for(timeout, _stats)
        return bounded_mean(done, total, confidence)

    def countApproxDistinct(self, relativeSD: float = 0.05) -> int:
        """Return about how many different elements there are, from a small sketch.

        Args:
            relativeSD: How far off the result is on average; smaller costs more memory.

        Raises:
            ValueError: If ``relativeSD`` is less than 0.000017.

        Example:
            >>> sc.parallelize([i % 20 for i in range(1000)]).countApproxDistinct(0.01)
            20
        """
        if relativeSD < 0.000017:
            raise ValueError("relativeSD should be greater than 0.000017")
        precision = precision_for(relativeSD)
        parts = self._run_per_partition(partial(_sketch, precision))
        return estimate(precision, bytes(map(max, *parts)) if len(parts) > 1 else b"".join(parts))

    def _run_for(
        self, timeout: int, function: Callable[[Iterator[Any]], Any]
    ) -> tuple[list[Any], int]:
        """Run over all partitions; return what is there in time, and how many there are."""
        total = self.getNumPartitions()
        done: dict[int, Any] = {}
        job = self.ctx.submit_job(
            self.node, partial(without_context, function), None, done.__setitem__
        )
        try:
            return job.result(timeout / 1000), total
        except TimeoutError:
            job.cancel()
            return list(done.values()), total


def _count(elements: Iterable[Any]) -> list[float]:
    return [float(sum(1 for _ in elements))]


def _sum(elements: Iterator[Any]) -> float:
    return float(sum(elements))


def _stats(elements: Iterator[Any]) -> tuple[int, float, float]:
    """Return the number of elements, their mean, and the sum of squared distances from it."""
    n, mean, squares = 0, 0.0, 0.0
    for value in map(float, elements):
        delta = value - mean
        n += 1
        mean += delta / n
        squares += delta * (value - mean)
    return n, mean, squares


def _sketch(precision: int, elements: Iterator[Any]) -> bytes:
    return registers(precision, (portable_hash(x) & 0xFFFFFFFF for x in elements))
