"""Random parts of an RDD; a seed picks the same elements as in PySpark."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from functools import partial
from itertools import accumulate, islice, pairwise
from math import log, sqrt
from random import Random, randint
from typing import TYPE_CHECKING, Any, TypeVar

from pyspark.rddsampler import (
    RDDSampler,
    RDDSamplerBase,
    RDDStratifiedSampler,
)

from pyrite.core.rdd.actions import Actions

if TYPE_CHECKING:
    from pyrite.core.rdd.rdd import RDD
    from pyrite.core.task_context import TaskContext

__all__ = ["Sampling", "count_and_sample"]

T_co = TypeVar("T_co", covariant=True)
K = TypeVar("K")
V = TypeVar("V")

_DRAWN_TOGETHER = 4096


class Sampling(Actions[T_co]):
    """What picks elements at random."""

    def sample(self, withReplacement: bool, fraction: float, seed: int | None = None) -> RDD[T_co]:
        """Pick each element with a certain probability.

        Args:
            withReplacement: Whether an element may be picked several times.
            fraction: The probability, or with replacement the expected number of times.
            seed: Makes the choice repeatable.

        Raises:
            ValueError: If ``fraction`` is negative.

        Example:
            >>> sc.parallelize(range(100), 4).sample(False, 0.1, 81).count() < 30
            True
        """
        if not fraction >= 0:
            raise ValueError("Fraction must be nonnegative.")
        if withReplacement:
            sampler = RDDSampler(True, fraction, seed)
            return self._per_partition(partial(_pick, sampler), True)
        return self._between(RDDSamplerBase(False, seed), 0.0, fraction)

    def randomSplit(
        self, weights: Sequence[int | float], seed: int | None = None
    ) -> list[RDD[T_co]]:
        """Split the elements at random into several RDDs.

        Args:
            weights: The share of each; they need not add up to 1.
            seed: Makes the choice repeatable.

        Raises:
            ValueError: If a weight is negative, or none is positive.

        Example:
            >>> a, b = sc.parallelize(range(500), 1).randomSplit([2, 3], 17)
            >>> a.count() + b.count()
            500
        """
        if not all(weight >= 0 for weight in weights):
            raise ValueError("Weights must be nonnegative")
        total = float(sum(weights))
        if not total > 0:
            raise ValueError("Sum of weights must be positive")
        if seed is None:
            seed = randint(0, 2**32 - 1)
        bounds = accumulate((weight / total for weight in weights), initial=0.0)
        sampler = RDDSamplerBase(False, seed)
        return [self._between(sampler, low, high) for low, high in pairwise(bounds)]

    def _between(self, sampler: RDDSamplerBase, low: float, high: float) -> RDD[T_co]:
        return self._per_partition(partial(_draw_between, sampler, low, high), True)

    def takeSample(self, withReplacement: bool, num: int, seed: int | None = None) -> list[T_co]:
        """Return a random sample of a fixed size, in random order.

        Args:
            withReplacement: Whether an element may be picked several times.
            num: How many to pick; all of them where there are fewer.
            seed: Makes the choice repeatable.

        Raises:
            ValueError: If ``num`` is negative or too large to sample safely.

        Example:
            >>> len(sc.parallelize(range(10)).takeSample(True, 20, 1))
            20
        """
        if num < 0:
            raise ValueError("Sample size cannot be negative.")
        if num == 0 or self.getNumPartitions() == 0:
            return []
        most = sys.maxsize - int(10.0 * sqrt(sys.maxsize))
        if num > most:
            raise ValueError(f"Sample size cannot be greater than {most}.")
        size = self.count()
        if size == 0:
            return []
        random = Random(seed)
        if not withReplacement and num >= size:
            everything = self.collect()
            random.shuffle(everything)
            return everything
        fraction = _fraction_for(num, size, withReplacement)
        found = self.sample(withReplacement, fraction, seed).collect()
        # So unlikely to be too few that trying again is no loop in practice.
        while len(found) < num:
            seed = random.randint(0, sys.maxsize)
            found = self.sample(withReplacement, fraction, seed).collect()
        random.shuffle(found)
        return found[:num]

    def sampleByKey(
        self: Sampling[tuple[K, V]],
        withReplacement: bool,
        fractions: dict[K, float | int],
        seed: int | None = None,
    ) -> RDD[tuple[K, V]]:
        """Pick each pair with the probability of its key.

        Args:
            withReplacement: Whether a pair may be picked several times.
            fractions: For every key, the probability or expected number of times.
            seed: Makes the choice repeatable.

        Raises:
            AssertionError: If a fraction is negative.

        Example:
            >>> pairs = sc.parallelize([("a", n) for n in range(100)])
            >>> pairs.sampleByKey(False, {"a": 0.2}, 2).count() < 50
            True
        """
        for fraction in fractions.values():
            assert fraction >= 0.0, f"Negative fraction value: {fraction}"
        sampler = RDDStratifiedSampler(withReplacement, fractions, seed)
        return self._per_partition(partial(_pick, sampler), True)


def _pick(sampler: RDDSamplerBase, index: int, elements: Iterator[Any]) -> Iterable[Any]:
    # A copy, since a sampler holds one generator and a task may read partitions in turns.
    return copy(sampler).func(index, elements)


def _draw_between(
    sampler: RDDSamplerBase, low: float, high: float, index: int, elements: Iterator[Any]
) -> Iterable[Any]:
    """Draw a number for each element and keep those whose number lies between two bounds."""
    draw = _generator(sampler, index)
    return (element for element in elements if low <= draw() < high)


def _generator(sampler: RDDSamplerBase, index: int) -> Callable[[], float]:
    """Return what draws a partition's numbers: itself, and not through the sampler's method."""
    sampler = copy(sampler)
    sampler.initRandomGenerator(index)
    assert sampler._random is not None
    return sampler._random.random


def count_and_sample(
    most: float, key: Callable[[Any], Any], task_context: TaskContext, elements: Iterable[Any]
) -> tuple[int, list[tuple[float, Any]]]:
    """Count a partition's elements and sample them, in one pass.

    The sample is for any fraction up to ``most`` divided by the number of all elements: those
    drawn below it are what ``sample(False, fraction, 1)`` picks.

    Args:
        most: How many elements are wanted of all partitions together.
        key: From a picked element to what is returned of it.
        task_context: The task that runs this.
        elements: The partition's elements.

    Returns:
        The count; and for each element that may be wanted, the number drawn for it and its key.
    """
    draw = _generator(RDDSamplerBase(False, 1), task_context.partitionId())
    iterator = iter(elements)
    seen, picked = 0, []
    while batch := list(islice(iterator, min(max(64, seen), _DRAWN_TOGETHER))):
        limit = most / (seen + 1)  # the fraction is no larger, since there are more elements
        picked += [(drawn, key(one)) for one in batch if (drawn := draw()) < limit]
        seen += len(batch)
    return seen, picked


def _fraction_for(num: int, size: int, with_replacement: bool) -> float:
    """Return a fraction that yields at least ``num`` of ``size`` elements 99.99% of the time."""
    fraction = num / size
    if with_replacement:
        deviations = 9 if num < 12 else 5
        return fraction + deviations * sqrt(fraction / size)
    gamma = -log(0.00005) / size
    return min(1.0, fraction + gamma + sqrt(gamma * gamma + 2 * gamma * fraction))
