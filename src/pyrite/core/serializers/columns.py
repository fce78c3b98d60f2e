"""Batches of numeric records as two arrays of 64-bit numbers.

    q    (int, int)             keys and values
    d    (int, float)           keys and values
    p    ((int, int), None)     the firsts and the seconds of the keys, as distinct pairs have them

Exact types only: a bool is not an int here, and an int outside 64 bits keeps the whole batch a
list. So the way back gives the very same records, -0.0 and NaN included.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["PAIRS", "Columns", "is_numeric_record", "to_columns"]

PAIRS = "p"
"""The typecode of pairs of integers that are keys without a value."""

_KEY = itemgetter(0)
_VALUE = itemgetter(1)
_TYPECODES = {int: "q", float: "d"}


@dataclass(frozen=True, slots=True)
class Columns:
    """A batch as two columns of equal length.

    Attributes:
        keys: 64-bit integers, one per record: the keys, or the firsts of the keys.
        values: 64-bit integers or floats, one per record: the values, or the seconds of the keys.
        typecode: ``q``, ``d`` or ``p``: what the records are like.
    """

    keys: Any
    values: Any
    typecode: str

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, rows: slice) -> Columns:
        """Return some of the records, without copying where the columns can."""
        return Columns(self.keys[rows], self.values[rows], self.typecode)

    def records(self) -> list[tuple[Any, Any]]:
        """Return the batch as Python records."""
        rows = zip(self.keys.tolist(), self.values.tolist(), strict=True)
        return list(zip(rows, repeat(None)) if self.typecode == PAIRS else rows)

    def arrays(self) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """Return both columns as numpy arrays that share this batch's memory."""
        import numpy as np

        value_type = np.float64 if self.typecode == "d" else np.int64
        return np.frombuffer(self.keys, np.int64), np.frombuffer(self.values, value_type)


def is_numeric_record(record: object) -> bool:
    """Tell whether one record could be part of a columnar batch.

    Example:
        >>> is_numeric_record((1, 0.5)), is_numeric_record((True, 1))
        (True, False)
        >>> is_numeric_record(((1, 2), None))
        True
    """
    if type(record) is not tuple or len(record) != 2:
        return False
    key, value = record
    if value is None:
        return type(key) is tuple and len(key) == 2 and set(map(type, key)) == {int}
    return type(key) is int and type(value) in _TYPECODES


def to_columns(batch: Sequence[Any]) -> Columns | None:
    """Turn a batch into columns, or return None when any record does not fit.

    Example:
        >>> to_columns([(1, 0.5), (2, -0.0)]).records()
        [(1, 0.5), (2, -0.0)]
        >>> to_columns([(1, 0.5), (2, 3)]) is None
        True
    """
    if not batch or not is_numeric_record(batch[0]):
        return None
    if set(map(type, batch)) != {tuple} or set(map(len, batch)) != {2}:
        return None
    keys = list(map(_KEY, batch))
    values = list(map(_VALUE, batch))
    value_types = set(map(type, values))
    try:
        if value_types == {type(None)}:
            return _pairs(keys)
        if len(value_types) != 1 or set(map(type, keys)) != {int}:
            return None
        typecode = _TYPECODES.get(value_types.pop())
        if typecode is None:
            return None
        return Columns(array("q", keys), array(typecode, values), typecode)
    except OverflowError:
        return None


def _pairs(keys: list[Any]) -> Columns | None:
    if set(map(type, keys)) != {tuple} or set(map(len, keys)) != {2}:
        return None
    if set(map(type, chain.from_iterable(keys))) != {int}:
        return None
    return Columns(array("q", map(_KEY, keys)), array("q", map(_VALUE, keys)), PAIRS)
