"""Which live records may be handed out again, and how, so that no reader sees another's changes.

PySpark keeps a cached partition pickled, so every reader gets new objects and may change them:
``points.reduce(lambda a, b: a.__iadd__(b))`` over a cached RDD gives the same answer twice.
Pyrite keeps records live only when that stays true:

* records made of immutable built-in values alone are shared as they are;
* records that are, or as tuples hold in some position, a flat list, set, dict, bytearray,
  numeric numpy array or group of ``groupByKey`` are handed out with those containers copied;
* anything else is not kept live (``freshness_of`` answers None).

Every record is checked; nothing is sampled.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain
from typing import Any

from pyspark.resultiterable import ResultIterable

__all__ = ["IMMUTABLE", "Freshness", "freshness_of"]

_SCALARS: frozenset[type] = frozenset(
    {int, float, bool, complex, str, bytes, type(None), range, date, datetime, time, timedelta}
    | {Decimal}
)
_FROZEN: frozenset[type] = frozenset({tuple, frozenset})
_NESTING_LIMIT = 8
"""Tuples nested deeper than this are rare enough to be kept pickled."""


@dataclass(frozen=True)
class Freshness:
    """How records of one shape are handed out.

    Attributes:
        columns: None when records are shared. Otherwise the copier of each position of the
            tuples (None where the position is shared), or a single copier when ``whole``.
        whole: The record itself is the container to copy.
    """

    columns: tuple[str | None, ...] | None = None
    whole: bool = False

    @property
    def shared(self) -> bool:
        """Whether the records themselves are handed out."""
        return self.columns is None

    def copier(self) -> Callable[[list[Any]], list[Any]]:
        """Return a function that gives new records for a list of stored ones."""
        if self.columns is None:
            return list
        if self.whole:
            copy = _COPIES[self.columns[0] or ""]
            return lambda records: [copy(record) for record in records]
        names = [f"v{i}" for i in range(len(self.columns))]
        parts = [
            name if kind is None else f"copy_{kind}({name})"
            for name, kind in zip(names, self.columns, strict=True)
        ]
        # One comprehension with the tuple spelt out: three times faster than a loop over it.
        target = ", ".join(names) + ","
        source = f"lambda records: [({', '.join(parts)},) for ({target}) in records]"
        copier: Callable[[list[Any]], list[Any]] = eval(source, _COPY_NAMES)
        return copier


IMMUTABLE = Freshness()
"""Records are shared as they are."""


def freshness_of(records: list[Any]) -> Freshness | None:
    """Find how these records can be kept live, or None when they must be pickled.

    Example:
        >>> freshness_of([1, "a", (2, None)]) == IMMUTABLE
        True
        >>> freshness_of([(1, [2, 3])]).columns
        (None, 'list')
        >>> freshness_of([[[1]]]) is None
        True
    """
    kinds = set(map(type, records))
    if kinds <= _SCALARS:
        return IMMUTABLE
    if kinds == {tuple}:
        arity = set(map(len, records))
        if len(arity) == 1 and arity != {0}:
            return _freshness_of_tuples(records)
    if _immutable(records):
        return IMMUTABLE
    kind = _container(records)
    return Freshness((kind,), whole=True) if kind else None


def _freshness_of_tuples(records: list[Any]) -> Freshness | None:
    columns: list[str | None] = []
    for column in zip(*records, strict=True):
        if _immutable(column):
            columns.append(None)
        elif kind := _container(column):
            columns.append(kind)
        else:
            return None
    return Freshness(tuple(columns)) if any(columns) else IMMUTABLE


def _immutable(values: Iterable[Any], depth: int = _NESTING_LIMIT) -> bool:
    values = values if isinstance(values, (list, tuple)) else list(values)
    kinds = set(map(type, values))
    if kinds <= _SCALARS:
        return True
    nested = kinds - _SCALARS
    if not depth or not all(kind in _FROZEN or _frozen_elsewhere(kind) for kind in nested):
        return False
    inner = [value for value in values if type(value) in _FROZEN]
    return not inner or _immutable(chain.from_iterable(inner), depth - 1)


def _frozen_elsewhere(kind: type) -> bool:
    """Tell whether a type is a numpy scalar; never imports numpy."""
    numpy = sys.modules.get("numpy")
    return (
        numpy is not None
        and kind.__module__ == "numpy"
        and issubclass(kind, (numpy.number, numpy.bool_, numpy.character, numpy.datetime64))
    )


def _container(values: Iterable[Any]) -> str | None:
    """Name the one container type all values have, when their contents are flat scalars."""
    kinds = set(map(type, values))
    if len(kinds) != 1:
        return None
    (kind,) = kinds
    if kind is bytearray:
        return "bytearray"
    if kind in (list, set):
        return kind.__name__ if _immutable(chain.from_iterable(values)) else None
    if kind is dict:
        contents = chain.from_iterable(chain(v.keys(), v.values()) for v in values)
        return "dict" if _immutable(contents) else None
    if kind is ResultIterable:
        groups = [value.data for value in values]
        return "ResultIterable" if _container(groups) == "list" else None
    if kind.__module__ == "numpy" and kind.__name__ == "ndarray":
        return None if any(value.dtype.hasobject for value in values) else "ndarray"
    return None


def _copy_group(group: Any) -> Any:
    return ResultIterable(group.data.copy())


def _copy_array(array: Any) -> Any:
    return array.copy(order="K")


_COPIES: dict[str, Callable[[Any], Any]] = {
    "list": list.copy,
    "set": set.copy,
    "dict": dict.copy,
    "bytearray": bytearray.copy,
    "ndarray": _copy_array,
    "ResultIterable": _copy_group,
}
_COPY_NAMES: dict[str, Any] = {f"copy_{name}": copy for name, copy in _COPIES.items()}
