"""Row groups of Parquet files: where their rows are, and between which values exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any

from pyrite.core.hadoop.filesystem import FileStatus
from pyrite.sql.sources.parquet_statistics import ends, file_metadata
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

__all__ = ["exact_value", "row_group_bounds", "row_groups"]

_EPOCH = date(1970, 1, 1)
_EPOCH_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_TIMESTAMPS = (TimestampType, TimestampNTZType)

#: By the type of a column: the Python type of a bound, and what makes it exact.
_EXACT: dict[type[DataType], tuple[type, Callable[[Any], Any]]] = {
    **{kind: (int, int) for kind in (ByteType, ShortType, IntegerType, LongType)},
    DecimalType: (Decimal, Decimal),
    DateType: (date, lambda value: (value - _EPOCH).days),
    **{kind: (datetime, lambda value: _microseconds(value)) for kind in _TIMESTAMPS},
}


def _microseconds(value: datetime) -> int:
    return (value.replace(tzinfo=value.tzinfo or UTC) - _EPOCH_TIME) // timedelta(microseconds=1)


def exact_value(value: Any, data_type: DataType) -> Any:
    """Return what compares exactly with like values; None for types whose bounds do not tell.

    Args:
        value: As Arrow has it in Python.
        data_type: What the value is of: whole numbers, decimals, dates or times.
    """
    stored, exact = _EXACT.get(type(data_type), (None, None))
    return exact(value) if exact is not None and type(value) is stored else None


@lru_cache(maxsize=1024)
def row_groups(file: FileStatus) -> Sequence[range] | None:
    """Return the places of the rows of each row group; None for a file that is not here."""
    metadata = file_metadata(file) if file.path.startswith("file:") else None
    if metadata is None:
        return None
    lengths = [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]
    return [range(*ends) for ends in pairwise(accumulate(lengths, initial=0))]


@lru_cache(maxsize=1024)
def row_group_bounds(
    file: FileStatus, column: str, data_type: DataType
) -> Sequence[tuple[Any, Any] | None]:
    """Return the least and the greatest value of a column in each row group.

    Args:
        file: A file that ``row_groups`` knows.
        column: The column's name, in any case.
        data_type: Its type.

    Returns:
        Values as of ``exact_value``; None where the footer does not say.
    """
    metadata = file_metadata(file)
    names = [metadata.schema.column(i).path.lower() for i in range(metadata.num_columns)]
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    if names.count(column.lower()) != 1:
        return [None] * len(groups)
    place = names.index(column.lower())
    return [_bounds(group.column(place).statistics, data_type) for group in groups]


def _bounds(statistics: Any, data_type: DataType) -> tuple[Any, Any] | None:
    if statistics is None or not statistics.has_min_max:
        return None
    low, high = (exact_value(end, data_type) for end in ends(statistics))
    return None if low is None or high is None else (low, high)
