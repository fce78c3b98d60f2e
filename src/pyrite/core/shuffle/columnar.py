"""Sums, sets, groups, sorts and placement of numeric columns, equal to the plain way to the bit.

Keys are numbered in the order of their first appearance, as a dictionary would keep them; sums
add in the order of the records, starting from -0.0, to which adding anything changes nothing;
integers are summed only while no sum can leave 64 bits. numpy is imported on first use, so
callers come here only with many records.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from pyrite.core.codegen import is_addition, keeps_first
from pyrite.core.serializers import PAIRS, Columns
from pyrite.core.shuffle.column_order import first_rows_of_pairs, first_seen_codes, stable_order
from pyrite.core.shuffle.handle import Aggregator, AggregatorKind
from pyrite.core.shuffle.partitioner import (
    TUPLE_FACTOR,
    TUPLE_SEED,
    Partitioner,
    RangePlacement,
    portable_hash,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = [
    "MANY_RECORDS",
    "ColumnCombining",
    "ColumnGathering",
    "ColumnSort",
    "columns_of",
    "combining_columns",
    "concatenate",
    "group_columns",
    "split_columns",
]

MANY_RECORDS = 8192
"""From how many numeric records on columns are worth numpy's import."""

_HASH_MODULUS = (1 << 61) - 1  # CPython's, for numbers: smaller ones are their own hash
_FOLD_ROWS = 1 << 18
_WARM = 4096  # rows made into records at a time, so that these are still in the caches
_MAX_INT = (1 << 63) - 1


class ColumnGathering(Protocol):
    """What gathers columns, and gives back what it makes of them as records."""

    def add(self, columns: Columns | None) -> bool:
        """Add records; False if they do not fit, and then nothing was added."""

    def records(self) -> Iterable[tuple[Any, Any]]:
        """Return what was made of all the records."""

    def leftovers(self) -> Iterator[list[tuple[Any, Any]]]:
        """Return what is here in pieces for the plain way, after a refusal."""


class ColumnCombining(ABC):
    """One record of each key, out of numeric records that arrive as columns.

    Columns that do not fit are refused; the caller then takes what is here as records and goes
    on in the plain way.
    """

    def __init__(self) -> None:
        self._total: Columns | None = None
        self._pending: list[Columns] = []
        self._rows = 0

    def add(self, columns: Columns | None) -> bool:
        """Add records.

        Returns:
            False if they do not fit, as None never does; then nothing was added.
        """
        if columns is None or not self._fits(columns):
            return False
        self._pending.append(columns)
        self._rows += len(columns)
        if self._rows >= max(_FOLD_ROWS, len(self._total or ())):
            self._fold()
        return True

    def take(self) -> Columns | None:
        """Return the combined records, in order of first appearance, and start anew.

        None means that there were no records.
        """
        self._fold()
        total, self._total = self._total, None
        return total

    def records(self) -> Iterable[tuple[Any, Any]]:
        """Return the combined records, made a few at a time, and start anew."""
        total = self.take()
        if total is None:
            return iter(())
        parts = (total[start : start + _WARM] for start in range(0, len(total), _WARM))
        return chain.from_iterable(part.records() for part in parts)

    def leftovers(self) -> Iterator[list[tuple[Any, Any]]]:
        """Return what is here as records for the plain way, and start anew."""
        yield list(self.records())

    def _fold(self) -> None:
        if self._pending:
            parts = [self._total, *self._pending] if self._total is not None else self._pending
            self._total = self._combined(concatenate(parts))
            self._pending = []
            self._rows = 0

    @abstractmethod
    def _fits(self, columns: Columns) -> bool:
        """Tell whether the columns can be combined with those that are here."""

    @abstractmethod
    def _combined(self, columns: Columns) -> Columns:
        """Combine the records of each key."""


class ColumnSums(ColumnCombining):
    """Sums by key. Values of two types do not fit, nor sums that may leave 64 bits."""

    def __init__(self) -> None:
        super().__init__()
        self._typecode = ""
        self._bound = 0

    def take(self) -> Columns | None:
        """Return the sums by key, in order of first appearance, and start anew."""
        self._bound = 0
        return super().take()

    def _fits(self, columns: Columns) -> bool:
        if columns.typecode == PAIRS or self._typecode not in ("", columns.typecode):
            return False
        if columns.typecode == "q":
            bound = self._bound + _sum_bound(columns)
            if bound > _MAX_INT:
                return False
            self._bound = bound
        self._typecode = columns.typecode
        return True

    def _combined(self, columns: Columns) -> Columns:
        import numpy as np

        keys, values = columns.arrays()
        codes, distinct = first_seen_codes(keys)
        if columns.typecode == "q":
            sums: NDArray[Any] = np.zeros(len(distinct), np.int64)
        else:
            sums = np.full(len(distinct), -0.0)
        with np.errstate(all="ignore"):
            np.add.at(sums, codes, values)
        return Columns(distinct, sums, columns.typecode)


class ColumnPairs(ColumnCombining):
    """One of each pair of integers: keys that have no values."""

    def _fits(self, columns: Columns) -> bool:
        return columns.typecode == PAIRS

    def _combined(self, columns: Columns) -> Columns:
        firsts, seconds = columns.arrays()
        rows = first_rows_of_pairs(firsts, seconds)
        return Columns(firsts[rows], seconds[rows], PAIRS)


class _Kept:
    """Columns of one type, kept as they come until all are there."""

    def __init__(self) -> None:
        self._parts: list[Columns] = []

    def add(self, columns: Columns | None) -> bool:
        """Add records; False if they do not fit, and then nothing was added."""
        if columns is None or not _continues(self._parts, columns):
            return False
        self._parts.append(columns)
        return True

    def leftovers(self) -> Iterator[list[tuple[int, Any]]]:
        """Return what is here as records, as they came, for the plain way."""
        for part in self._parts:
            yield part.records()


class ColumnGroups(_Kept):
    """Lists of values by key of numeric records that arrive as columns of one type."""

    def records(self) -> list[tuple[int, Any]]:
        """Return each key with its list of values."""
        return group_columns(concatenate(self._parts)) if self._parts else []


class ColumnSort(_Kept):
    """Numeric records of one type, sorted by key; equal keys stay in order of arrival."""

    def __init__(self, ascending: bool) -> None:
        super().__init__()
        self._ascending = ascending

    def records(self) -> Iterator[tuple[int, Any]]:
        """Return the records in order, made a few at a time."""
        if not self._parts:
            return iter(())
        keys, values = concatenate(self._parts).arrays()
        # The complement turns the order of all 64-bit integers round, without overflow.
        order = stable_order(keys if self._ascending else ~keys)
        keys, values = keys[order], values[order]
        starts = range(0, len(keys), _WARM)
        return chain.from_iterable(
            zip(
                keys[i : i + _WARM].tolist(),
                values[i : i + _WARM].tolist(),
                strict=True,
            )
            for i in starts
        )


def _continues(parts: list[Columns], columns: Columns) -> bool:
    """Tell whether columns have values, of the type of those before them."""
    return columns.typecode == parts[0].typecode if parts else columns.typecode != PAIRS


def combining_columns(aggregator: Aggregator) -> ColumnCombining | None:
    """Return what combines the records of a key as columns already where they are made, if any."""
    if aggregator.kind is AggregatorKind.REDUCE:
        if is_addition(aggregator.merge_value):
            return ColumnSums()
        if keeps_first(aggregator.merge_value):
            return ColumnPairs()
    return None


def columns_of(aggregator: Aggregator, combined: bool) -> ColumnGathering | None:
    """Return what combines an aggregator's records as columns; None if nothing does.

    Args:
        aggregator: What is to be done with the values of a key.
        combined: Whether the records are combiners already.
    """
    if aggregator.kind is AggregatorKind.GROUP and not combined:
        return ColumnGroups()
    return combining_columns(aggregator)


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
    placed = _place(columns, partitioner)
    order = stable_order(placed)
    keys, values = keys[order], values[order]
    ends = np.cumsum(np.bincount(placed, minlength=count)).tolist()
    starts = [0, *ends[:-1]]
    return [
        (partition, Columns(keys[start:end], values[start:end], columns.typecode))
        for partition, (start, end) in enumerate(zip(starts, ends, strict=True))
        if start < end
    ]


def _place(columns: Columns, partitioner: Partitioner) -> Ints:
    import numpy as np

    keys, values = columns.arrays()
    parts = (keys, values) if columns.typecode == PAIRS else (keys,)
    function = partitioner.partitionFunc
    if function is portable_hash and all(map(_are_their_hashes, parts)):
        hashes = [np.where(part == -1, -2, part) for part in parts]  # -1 would tell of an error
        mixed = _tuple_hashes(hashes) if columns.typecode == PAIRS else hashes[0]
        placed: Ints = mixed % partitioner.numPartitions
        return placed
    if isinstance(function, RangePlacement) and columns.typecode != PAIRS:
        bounds = function.integers()
        if bounds is not None:
            below: Ints = np.searchsorted(np.array(bounds, np.int64), keys)
            return below if function.ascending else len(bounds) - below
    return np.array(partitioner.place([key for key, _ in columns.records()]), np.int64)


def _tuple_hashes(hashes: list[Ints]) -> Ints:
    """Return what ``portable_hash`` gives for tuples, from the hashes at each position."""
    mixed: Any = TUPLE_SEED
    for hashed in hashes:
        mixed = ((mixed ^ hashed) * TUPLE_FACTOR) & _MAX_INT
    result: Ints = mixed ^ len(hashes)
    return result


def _are_their_hashes(numbers: Ints) -> bool:
    """Tell whether CPython hashes all these numbers, but for -1, to themselves."""
    return max(-int(numbers.min()), int(numbers.max())) < _HASH_MODULUS
