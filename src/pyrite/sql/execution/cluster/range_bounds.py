"""Range bounds: where the ranges of a partitioning by ranges begin, as some of the keys say."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["WANTED_KEYS", "range_bounds"]

#: How many keys are looked at, for a range each, so that the ranges come out about equal.
WANTED_KEYS = 5000


def range_bounds(keys: Iterable[bytes], count: int) -> tuple[bytes, ...]:
    """Return where ranges begin that have about equally many of the keys.

    Args:
        keys: Some keys, in any order.
        count: How many ranges are wanted. Where many keys are equal, there will be fewer.

    Returns:
        The first key of each range but the first one, in order.

    Example:
        >>> range_bounds([b"d", b"a", b"c", b"b"], 2)
        (b'c',)
    """
    ordered = sorted(keys)
    if not ordered:
        return ()
    bounds = dict.fromkeys(ordered[len(ordered) * place // count] for place in range(1, count))
    return tuple(bound for bound in bounds if bound > ordered[0])
