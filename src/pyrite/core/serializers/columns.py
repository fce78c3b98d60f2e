"""Batches of ``(int, int)`` and ``(int, float)`` records as two arrays of 64-bit numbers.

Exact types only: a bool is not an int here, and an int outside 64 bits keeps the whole batch a
list. So the way back gives the very same records, -0.0 and NaN included.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Columns", "is_numeric_record", "to_columns"]

_KEY = itemgetter(0)
_VALUE = itemgetter(1)
_TYPECODES = {int: "q", float: "d"}


@dataclass(frozen=True, slots=True)
class Columns:
    """The keys and the values of a batch, of equal length.

    Attributes:
        keys: 64-bit integers, one per record.
        values: 64-bit integers or floats (``typecode`` says which), one per record.
        typecode: ``q`` or ``d``, as in the array module.
    """

    keys: Any
    values: Any
    typecode: str

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, rows: slice) -> Columns:
        """Return some of the records, without copying where the columns can."""
        return Columns(self.keys[rows], self.values[rows], self.typecode)

    def records(self) -> list[tuple[int, Any]]:
        """Return the batch as Python records."""
        return list(zip(self.keys.tolist(), self.values.tolist(), strict=True))

    def arrays(self) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """Return both columns as numpy arrays that share this batch's memory."""
        import numpy as np

        value_type = np.int64 if self.typecode == "q" else np.float64
        return np.frombuffer(self.keys, np.int64), np.frombuffer(self.values, value_type)


def is_numeric_record(record: object) -> bool:
    """Tell whether one record could be part of a columnar batch.

    Example:
        >>> is_numeric_record((1, 0.5)), is_numeric_record((True, 1))
        (True, False)
    """
    return (
        type(record) is tuple
        and len(record) == 2
        and type(record[0]) is int
        and type(record[1]) in _TYPECODES
    )


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
    if len(value_types) != 1 or set(map(type, keys)) != {int}:
        return None
    typecode = _TYPECODES.get(value_types.pop())
    if typecode is None:
        return None
    try:
        return Columns(array("q", keys), array(typecode, values), typecode)
    except OverflowError:
        return None
