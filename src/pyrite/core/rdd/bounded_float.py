"""A number known up to bounds, and how the bounds are found from part of the data."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, inf, lgamma, log, log1p, sqrt
from statistics import NormalDist, fmean, variance

__all__ = ["BoundedFloat", "bounded_mean", "bounded_sum", "student_t_quantile"]

#: With more values than this Student's distribution is taken for the normal one.
_MANY = 100


class BoundedFloat(float):
    """A float with bounds that the true value lies between, with a certain confidence.

    Attributes:
        confidence: The probability that it does; 1.0 where the value is exact.
        low: The lower bound.
        high: The upper bound.

    Example:
        >>> BoundedFloat(100.0, 0.95, 95.0, 105.0)
        100.0
    """

    confidence: float
    low: float
    high: float

    def __new__(cls, mean: float, confidence: float, low: float, high: float) -> BoundedFloat:
        """Make one from its four numbers."""
        self = super().__new__(cls, mean)
        self.confidence = confidence
        self.low = low
        self.high = high
        return self

    def __getnewargs__(self) -> tuple[float, float, float, float]:  # type: ignore[override]
        return float(self), self.confidence, self.low, self.high


def bounded_sum(sums: Sequence[float], total: int, confidence: float) -> BoundedFloat:
    """Estimate a sum from the sums of some of ``total`` equal parts.

    Example:
        >>> bounded_sum([1.0, 2.0], 2, 0.95).low
        3.0
    """
    n = len(sums)
    if n == total:
        exact = sum(sums)
        return BoundedFloat(exact, 1.0, exact, exact)
    if n == 0:
        return BoundedFloat(0.0, 0.0, -inf, inf)
    mean = fmean(sums)
    missing = total - n
    share = n / total
    if n == 1:
        return BoundedFloat(mean * total, confidence, -inf, inf)
    mean_variance = variance(sums) / n
    count_variance = n * (1 - share) / (share * share)
    # The variance of a product of two independent estimates: a part's sum, and their number.
    deviation = sqrt(
        mean * mean * count_variance
        + missing * missing * mean_variance
        + mean_variance * count_variance
    )
    return _around(mean * total, deviation, n, confidence)


def bounded_mean(
    parts: Sequence[tuple[int, float, float]], total: int, confidence: float
) -> BoundedFloat:
    """Estimate a mean from the statistics of some of ``total`` parts.

    Args:
        parts: For each part: number of values, mean, sum of squared distances from it.
        total: How many parts there are.
        confidence: How likely the true mean is to lie within the bounds.

    Example:
        >>> bounded_mean([(2, 1.5, 0.5)], 1, 0.95).high
        1.5
    """
    n = sum(part[0] for part in parts)
    mean = sum(part[0] * part[1] for part in parts) / n if n else 0.0
    if len(parts) == total:
        return BoundedFloat(mean, 1.0, mean, mean)
    if n < 2:
        return BoundedFloat(mean, confidence if n else 0.0, -inf, inf)
    squares = sum(part[2] + part[0] * (part[1] - mean) ** 2 for part in parts)
    return _around(mean, sqrt(squares / (n - 1) / n), n, confidence)


def _around(value: float, deviation: float, n: int, confidence: float) -> BoundedFloat:
    probability = 1 - (1 - confidence) / 2
    if n > _MANY:
        factor = NormalDist().inv_cdf(probability)
    else:
        factor = student_t_quantile(probability, n - 1)
    return BoundedFloat(value, confidence, value - factor * deviation, value + factor * deviation)


def student_t_quantile(probability: float, freedom: int) -> float:
    """Return what a Student-t variable stays below with a probability of at least one half.

    Args:
        probability: From 0.5 up to, and not including, 1.
        freedom: The degrees of freedom.

    Example:
        >>> round(student_t_quantile(0.975, 6), 4)
        2.4469
    """
    low, high = 0.0, 1.0
    while _student_t_below(high, freedom) < probability:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if _student_t_below(middle, freedom) < probability:
            low = middle
        else:
            high = middle
    return high


def _student_t_below(t: float, freedom: int) -> float:
    x = freedom / (freedom + t * t)
    return 1 - _incomplete_beta(freedom / 2, 0.5, x) / 2


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularized incomplete beta function, by its continued fraction."""
    if x in (0.0, 1.0):
        return x
    if x > (a + 1) / (a + b + 2):  # where the fraction converges slowly, mirror
        return 1 - _incomplete_beta(b, a, 1 - x)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    tiny = 1e-300
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1) or tiny)
    value = d
    for m in range(1, 500):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / (1 + numerator * d or tiny)
            c = 1 + numerator / c or tiny
            value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return front * value
