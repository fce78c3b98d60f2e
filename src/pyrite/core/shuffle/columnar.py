"""Sums, groups, sorts and placement of numeric columns, equal to the plain way to the bit.

Keys are numbered in the order of their first appearance, as a dictionary would keep them; sums
add in the order of the records, starting from -0.0, to which adding anything changes nothing;
integers are summed only while no sum can leave 64 bits. numpy is imported on first use, so
callers come here only with many records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from pyrite.core.codegen import is_addition
from pyrite.core.serializers import Columns
from pyrite.core.shuffle.handle import Aggregator, AggregatorKind
from pyrite.core.shuffle.partitioner import Partitioner, RangePlacement, portable_hash

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = [
    "MANY_RECORDS",
    "ColumnGathering",
    "ColumnSort",
    "ColumnSums",
    "can_sum_columns",
    "columns_of",
    "concatenate",
    "group_columns",
    "split_columns",
]

MANY_RECORDS = 8192
"""From how many numeric records on columns are worth numpy's import."""

_HASH_MODULUS = (1 << 61) - 1  # CPython's, for numbers: smaller ones are their own hash
_FOLD_ROWS = 1 << 18
_SORTED_ROWS = 4096  # made into records at a time, so that these are still in the caches
_INT_BITS = 63  # without the sign
_MAX_INT = (1 << _INT_BITS) - 1


def can_sum_columns(aggregator: Aggregator) -> bool:
    """Tell whether the aggregator does nothing but add."""
    return aggregator.kind is AggregatorKind.REDUCE and is_addition(aggregator.merge_value)


class ColumnGathering(Protocol):
    """What gathers columns, and gives back what it makes of them as records."""

    def add(self, columns: Columns | None) -> bool:
        """Add records; False if they do not fit, and then nothing was added."""

    def records(self) -> Iterable[tuple[int, Any]]:
        """Return what was made of all the records."""

    def leftovers(self) -> Iterator[list[tuple[int, Any]]]:
        """Return what is here in pieces for the plain way, after a refusal."""


class ColumnSums:
    """Sums by key of numeric records that arrive as columns.

    Columns that do not fit (another type of value, or sums beyond 64 bits) are refused; the
    caller then takes what is here as records and goes on in the plain way.
    """

    def __init__(self) -> None:
        self._total: Columns | None = None
        self._pending: list[Columns] = []
        self._rows = 0
        self._typecode = ""
        self._bound = 0

    def add(self, columns: Columns | None) -> bool:
        """Add records.

        Returns:
            False if they do not fit, as None never does; then nothing was added.
        """
        if columns is None:
            return False
        if self._typecode and columns.typecode != self._typecode:
            return False
        if columns.typecode == "q":
            bound = self._bound + _sum_bound(columns)
            if bound > _MAX_INT:
                return False
            self._bound = bound
        self._typecode = columns.typecode
        self._pending.append(columns)
        self._rows += len(columns)
        if self._rows >= max(_FOLD_ROWS, len(self._total or ())):
            self._fold()
        return True

    def take(self) -> Columns | None:
        """Return the sums by key, in order of first appearance, and start anew.

        None means that there were no records.
        """
        self._fold()
        total, self._total = self._total, None
        self._bound = 0
        return total

    def records(self) -> list[tuple[int, Any]]:
        """Return the sums as records, and start anew."""
        total = self.take()
        return total.records() if total is not None else []

    def leftovers(self) -> Iterator[list[tuple[int, Any]]]:
        """Return what is here as records for the plain way, and start anew."""
        yield self.records()

    def _fold(self) -> None:
        if not self._pending:
            return
        import numpy as np

        parts = [self._total, *self._pending] if self._total is not None else self._pending
        keys, values = concatenate(parts).arrays()
        codes, distinct = first_seen_codes(keys)
        if self._typecode == "q":
            sums: NDArray[Any] = np.zeros(len(distinct), np.int64)
        else:
            sums = np.full(len(distinct), -0.0)
        with np.errstate(all="ignore"):
            np.add.at(sums, codes, values)
        self._total = Columns(distinct, sums, self._typecode)
        self._pending = []
        self._rows = 0


class ColumnGroups:
    """Lists of values by key of numeric records that arrive as columns of one type."""

    def __init__(self) -> None:
        self._parts: list[Columns] = []

    def add(self, columns: Columns | None) -> bool:
        """Add records; False if they do not fit, and then nothing was added."""
        if columns is None or (self._parts and self._parts[0].typecode != columns.typecode):
            return False
        self._parts.append(columns)
        return True

    def records(self) -> list[tuple[int, Any]]:
        """Return each key with its list of values."""
        return group_columns(concatenate(self._parts)) if self._parts else []

    def leftovers(self) -> Iterator[list[tuple[int, Any]]]:
        """Return what is here as ungrouped records for the plain way."""
        for part in self._parts:
            yield part.records()


class ColumnSort:
    """Numeric records of one type, sorted by key; equal keys stay in order of arrival."""

    def __init__(self, ascending: bool) -> None:
        self._ascending = ascending
        self._parts: list[Columns] = []

    def add(self, columns: Columns | None) -> bool:
        """Add records; False if they do not fit, and then nothing was added."""
        if columns is None or (self._parts and self._parts[0].typecode != columns.typecode):
            return False
        self._parts.append(columns)
        return True

    def records(self) -> Iterator[tuple[int, Any]]:
        """Return the records in order, made a few at a time."""
        if not self._parts:
            return iter(())
        keys, values = concatenate(self._parts).arrays()
        # The complement turns the order of all 64-bit integers round, without overflow.
        order = stable_order(keys if self._ascending else ~keys)
        keys, values = keys[order], values[order]
        starts = range(0, len(keys), _SORTED_ROWS)
        return chain.from_iterable(
            zip(
                keys[i : i + _SORTED_ROWS].tolist(),
                values[i : i + _SORTED_ROWS].tolist(),
                strict=True,
            )
            for i in starts
        )

    def leftovers(self) -> Iterator[list[tuple[int, Any]]]:
        """Return what is here as unsorted records for the plain way."""
        for part in self._parts:
            yield part.records()


def columns_of(aggregator: Aggregator, combined: bool) -> ColumnGathering | None:
    """Return what combines an aggregator's records as columns; None if nothing does.

    Args:
        aggregator: What is to be done with the values of a key.
        combined: Whether the records are combiners already.
    """
    if can_sum_columns(aggregator):
        return ColumnSums()
    if aggregator.kind is AggregatorKind.GROUP and not combined:
        return ColumnGroups()
    return None


def _sum_bound(columns: Columns) -> int:
    """No sum over these integers, of any subset, has a larger absolute value."""
    _, values = columns.arrays()
    if not len(values):
        return 0
    return len(values) * max(int(values.max()), -int(values.min()))


def concatenate(parts: Sequence[Columns]) -> Columns:
    """Put columns of one type after one another."""
    import numpy as np

    if len(parts) == 1:
        return parts[0]
    keys, values = zip(*(part.arrays() for part in parts), strict=True)
    return Columns(np.concatenate(keys), np.concatenate(values), parts[0].typecode)


def first_seen_codes(keys: Ints) -> tuple[Ints, Ints]:
    """Number the distinct keys in order of first appearance.

    Returns:
        The number of each row's key, and the distinct keys by number.
    """
    import numpy as np

    lowest = int(np.min(keys))
    width = int(np.max(keys)) - lowest + 1
    if width > 4 * len(keys) + 1024:
        return _arrow_codes(keys)
    offsets = keys - lowest
    rows = np.arange(len(keys))
    slots = np.empty(width, np.int64)
    slots[offsets[::-1]] = rows[::-1]  # the last assignment stays: each key's first row
    distinct = keys[slots[offsets] == rows]
    slots[distinct - lowest] = np.arange(len(distinct))
    return slots[offsets], distinct


def _arrow_codes(keys: Ints) -> tuple[Ints, Ints]:
    import numpy as np
    import pyarrow as pa

    # From buffers, not pa.array: that one imports pandas.
    keys = np.require(keys, requirements=["C", "A"])
    array = pa.Array.from_buffers(pa.int64(), len(keys), [None, pa.py_buffer(keys)])
    encoded = array.dictionary_encode()
    codes, distinct = encoded.indices, encoded.dictionary
    return (
        np.frombuffer(codes.buffers()[1], np.int32, len(codes)).astype(np.int64),
        np.frombuffer(distinct.buffers()[1], np.int64, len(distinct)),
    )


def stable_order(numbers: Ints) -> Ints:
    """Return the rows ordered by number, equal numbers in row order."""
    import numpy as np

    lowest = int(np.min(numbers))
    row_bits = len(numbers).bit_length()
    if (int(np.max(numbers)) - lowest).bit_length() + row_bits > _INT_BITS:
        return np.argsort(numbers, kind="stable")
    # Number and row in one integer: sorting plain integers is ten times faster than argsort.
    packed = (numbers - lowest) << row_bits | np.arange(len(numbers))
    packed.sort()
    return packed & ((1 << row_bits) - 1)


def group_columns(columns: Columns) -> list[tuple[int, list[Any]]]:
    """Group values by key: keys in order of first appearance, values in order of arrival."""
    import numpy as np

    keys, values = columns.arrays()
    codes, distinct = first_seen_codes(keys)
    ordered = values[stable_order(codes)].tolist()
    ends = np.cumsum(np.bincount(codes, minlength=len(distinct))).tolist()
    starts = [0, *ends[:-1]]
    return [
        (key, ordered[start:end])
        for key, start, end in zip(distinct.tolist(), starts, ends, strict=True)
    ]


def split_columns(columns: Columns, partitioner: Partitioner) -> list[tuple[int, Columns]]:
    """Split records by partition, those of each in order; partitions without any are left out."""
    import numpy as np

    count = partitioner.numPartitions
    if count == 1:
        return [(0, columns)]
    keys, values = columns.arrays()
    placed = _place(keys, partitioner)
    order = stable_order(placed)
    keys, values = keys[order], values[order]
    ends = np.cumsum(np.bincount(placed, minlength=count)).tolist()
    starts = [0, *ends[:-1]]
    return [
        (partition, Columns(keys[start:end], values[start:end], columns.typecode))
        for partition, (start, end) in enumerate(zip(starts, ends, strict=True))
        if start < end
    ]


def _place(keys: Ints, partitioner: Partitioner) -> Ints:
    import numpy as np

    smallest, largest = int(np.min(keys)), int(np.max(keys))
    if partitioner.partitionFunc is portable_hash and max(-smallest, largest) < _HASH_MODULUS:
        hashes = np.where(keys == -1, -2, keys)  # no hash is -1: C functions say error by it
        placed: Ints = hashes % partitioner.numPartitions
        return placed
    function = partitioner.partitionFunc
    if isinstance(function, RangePlacement) and (bounds := function.integers()) is not None:
        below: Ints = np.searchsorted(np.array(bounds, np.int64), keys)
        return below if function.ascending else len(bounds) - below
    return np.array(partitioner.place(keys.tolist()), np.int64)
