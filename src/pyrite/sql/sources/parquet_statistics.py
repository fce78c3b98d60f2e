"""What the footers of Parquet files say: how many rows there are, and between which values.

Footers are read once for each time a file was written, and only those of files on local disks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any

from pyrite.core.hadoop.filesystem import FileStatus
from pyrite.sql.types import (
    ByteType,
    DataType,
    DateType,
    DecimalType,
    IntegerType,
    LongType,
    ShortType,
    TimestampNTZType,
    TimestampType,
)

__all__ = ["RowGroup", "column_bounds", "exact_value", "row_count", "row_groups"]

_EPOCH = date(1970, 1, 1)
_EPOCH_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_TIMESTAMPS = (TimestampType, TimestampNTZType)

#: By the Python type of a bound: the number that Spark has for such a value.
_NUMBERS: dict[type, Callable[[Any], float]] = {
    int: float,
    float: float,
    Decimal: float,
    date: lambda value: float((value - _EPOCH).days),
    datetime: lambda value: value.replace(tzinfo=value.tzinfo or UTC).timestamp() * 1e6,
}


#: By the type of a column: the Python type of a bound, and what makes it exact.
_EXACT: dict[type[DataType], tuple[type, Callable[[Any], Any]]] = {
    **{kind: (int, int) for kind in (ByteType, ShortType, IntegerType, LongType)},
    DecimalType: (Decimal, Decimal),
    DateType: (date, lambda value: (value - _EPOCH).days),
    **{kind: (datetime, lambda value: _microseconds(value)) for kind in _TIMESTAMPS},
}


def _microseconds(value: datetime) -> int:
    return (value.replace(tzinfo=value.tzinfo or UTC) - _EPOCH_TIME) // timedelta(microseconds=1)


def row_count(files: Iterable[FileStatus]) -> int | None:
    """Return how many rows files have, None if a footer cannot be read."""
    footers = [_footer(file) for file in files]
    return None if None in footers else sum(footer.num_rows for footer in footers)


@dataclass(frozen=True)
class RowGroup:
    """A row group of a file.

    Attributes:
        rows: The places of its rows in the file.
        metadata: What the footer says of it.
    """

    rows: range
    metadata: Any

    def bounds(self, column: str, data_type: DataType) -> tuple[Any, Any] | None:
        """Return the least and the greatest value of a column, exactly.

        Args:
            column: A column's name, as stored.
            data_type: The column's type.

        Returns:
            Values as of ``exact_value``; None where the footer does not say.
        """
        chunks = [self.metadata.column(place) for place in range(self.metadata.num_columns)]
        named = [chunk for chunk in chunks if chunk.path_in_schema.lower() == column.lower()]
        statistics = named[0].statistics if len(named) == 1 else None
        if statistics is None or not statistics.has_min_max:
            return None
        low, high = (exact_value(end, data_type) for end in (statistics.min, statistics.max))
        return None if low is None or high is None else (low, high)


def exact_value(value: Any, data_type: DataType) -> Any:
    """Return what compares exactly with like values; None for types whose bounds do not tell.

    Args:
        value: As Arrow has it in Python.
        data_type: What the value is of: whole numbers, decimals, dates or times.
    """
    stored, exact = _EXACT.get(type(data_type), (None, None))
    return exact(value) if exact is not None and type(value) is stored else None


def row_groups(file: FileStatus) -> Sequence[RowGroup] | None:
    """Return the row groups of a local file, None if its footer cannot be read."""
    footer = _footer(file)
    if footer is None:
        return None
    groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
    ends = accumulate((group.num_rows for group in groups), initial=0)
    rows = (range(start, end) for start, end in pairwise(ends))
    return [RowGroup(*pair) for pair in zip(rows, groups, strict=True)]


def column_bounds(files: Iterable[FileStatus], column: str) -> tuple[float, float] | None:
    """Return the least and the greatest value of a column of numbers, dates or times.

    Args:
        files: The files.
        column: A column's name, as stored.

    Returns:
        Dates in days and times in microseconds since 1970; None if a file does not say.
    """
    bounds = [_bounds(file, column) for file in files]
    known = [pair for pair in bounds if pair is not None]
    if not known or len(known) < len(bounds):
        return None
    return min(low for low, _ in known), max(high for _, high in known)


@lru_cache(maxsize=1024)
def _footer(file: FileStatus) -> Any:
    """Return the metadata of a file; None if it is not local, or no Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not file.path.startswith("file:"):
        return None
    try:
        return pq.read_metadata(file.path.removeprefix("file:"))
    except (pa.ArrowInvalid, OSError):
        return None


@lru_cache(maxsize=16384)
def _bounds(file: FileStatus, column: str) -> tuple[float, float] | None:
    footer = _footer(file)
    if footer is None:
        return None
    names = [footer.schema.column(i).path.lower() for i in range(footer.num_columns)]
    if names.count(column.lower()) != 1:
        return None
    found = [*_row_group_bounds(footer, names.index(column.lower()))]
    numbers = [_NUMBERS.get(type(value)) for pair in found if pair for value in pair]
    if None in found or None in numbers or not found:
        return None
    values = [_NUMBERS[type(value)](value) for pair in found if pair for value in pair]
    if any(math.isnan(value) for value in values):
        return None
    return min(values), max(values)


def _row_group_bounds(footer: Any, place: int) -> Iterator[tuple[Any, Any] | None]:
    """Yield what each row group with values says."""
    for number in range(footer.num_row_groups):
        statistics = footer.row_group(number).column(place).statistics
        if statistics is None:
            yield None
        elif statistics.has_min_max:
            yield statistics.min, statistics.max
        elif statistics.num_values or not statistics.has_null_count:
            yield None
