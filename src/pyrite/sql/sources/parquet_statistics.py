"""What the footers of Parquet files say: how many rows there are, and between which values.

Footers are read once for each time a file was written, and only those of files on local disks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from pyrite.core.hadoop.filesystem import FileStatus

__all__ = ["column_bounds", "row_count"]

_EPOCH = date(1970, 1, 1)

#: By the Python type of a bound: the number that Spark has for such a value.
_NUMBERS: dict[type, Callable[[Any], float]] = {
    int: float,
    float: float,
    Decimal: float,
    date: lambda value: float((value - _EPOCH).days),
    datetime: lambda value: value.replace(tzinfo=value.tzinfo or UTC).timestamp() * 1e6,
}


def row_count(files: Iterable[FileStatus]) -> int | None:
    """Return how many rows files have, None if a footer cannot be read."""
    footers = [_footer(file) for file in files]
    return None if None in footers else sum(footer.num_rows for footer in footers)


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
