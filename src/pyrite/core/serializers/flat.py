"""Whether a batch may be pickled without a memo.

A pickler in fast mode keeps no memo: more than twice as fast, but an object met twice is written
twice, and one that contains itself is never finished. Neither matters for immutable scalars,
for tuples of them, or for lists that occur once. Every element is checked, none is sampled.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain
from typing import Any

__all__ = ["is_flat"]

_SCALARS = frozenset({str, bytes, int, float, bool, type(None), complex})
_TUPLES = _SCALARS | {tuple}
_CONTAINERS = _TUPLES | {list}
_MAX_DEPTH = 3


def is_flat(batch: Collection[Any]) -> bool:
    """Tell whether nothing in ``batch`` needs a pickler's memo.

    True for exact scalars, and for tuples and lists of such up to three levels deep, when no
    list occurs twice. Subclasses and every other type are refused.

    Example:
        >>> is_flat([("a", 1), ("b", [2.0, None])])
        True
        >>> shared = [1]
        >>> is_flat([("a", shared), ("b", shared)])
        False
    """
    level: Collection[Any] = batch
    lists_seen: set[int] = set()
    for _ in range(_MAX_DEPTH + 1):
        types = set(map(type, level))
        if types <= _SCALARS:
            return True
        if not types <= _CONTAINERS:
            return False
        if list in types:
            identities = [id(element) for element in level if type(element) is list]
            before = len(lists_seen)
            lists_seen.update(identities)
            if len(lists_seen) != before + len(identities):
                return False
        if types.isdisjoint(_SCALARS):
            level = list(chain.from_iterable(level))
        else:
            level = [
                inner
                for element in level
                if type(element) is tuple or type(element) is list
                for inner in element
            ]
    return False
