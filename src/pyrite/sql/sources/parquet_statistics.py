"""What the footers of Parquet files say: how many rows there are, and between which values.

What is kept of all footers is small; of a few files all of it is kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from pyrite.core.hadoop.filesystem import FileStatus
from pyrite.sql.sources.parquet import opened_parquet

__all__ = ["column_bounds", "ends", "file_metadata", "row_count"]

_EPOCH = date(1970, 1, 1)

#: By the Python type of a bound: the number that Spark has for such a value.
_NUMBERS: dict[type, Callable[[Any], float]] = {
    int: float,
    float: float,
    Decimal: float,
    date: lambda value: float((value - _EPOCH).days),
    datetime: lambda value: value.replace(tzinfo=value.tzinfo or UTC).timestamp() * 1e6,
}

#: Of so many files the footers are read; the others are thought to be like them.
_MOST_FILES, _MOST_FILES_ELSEWHERE = 256, 16

Bounds = tuple[float, float] | None


class _Footer(NamedTuple):
    """What is kept of a footer: the number of rows, and bounds of columns once they are asked."""

    rows: int
    bounds: dict[str, Bounds]


def row_count(files: Sequence[FileStatus]) -> int | None:
    """Return how many rows files have, None if a footer cannot be read.

    Of very many files, it is estimated from some.
    """
    read = _chosen(files)
    footers = [_footer(file) for file in read]
    known = [footer.rows for footer in footers if footer is not None]
    if len(known) < len(read):
        return None
    if len(read) == len(files):
        return sum(known)
    share = sum(file.length for file in read) / max(1, sum(file.length for file in files))
    return round(sum(known) / max(share, 1e-9))


def column_bounds(files: Sequence[FileStatus], columns: Sequence[str]) -> dict[str, Bounds]:
    """Return the least and the greatest value of columns of numbers, dates or times.

    Args:
        files: The files.
        columns: The columns' names, in any case.

    Returns:
        By name: dates in days and times in microseconds since 1970; None if a file does not
        say, or not all of them are asked.
    """
    if len(_chosen(files)) < len(files):
        return dict.fromkeys(columns)
    names = [name.lower() for name in columns]
    by_file = [_file_bounds(file, names) for file in files]
    return {
        c: _widest([known[n] for known in by_file]) for c, n in zip(columns, names, strict=True)
    }


def _widest(bounds: Sequence[Bounds]) -> Bounds:
    known = [pair for pair in bounds if pair is not None]
    if not known or len(known) < len(bounds):
        return None
    return min(low for low, _ in known), max(high for _, high in known)


def _chosen(files: Sequence[FileStatus]) -> Sequence[FileStatus]:
    """Return the files whose footers are read."""
    is_here = all(file.path.startswith("file:") for file in files)
    most = _MOST_FILES if is_here else _MOST_FILES_ELSEWHERE
    return files if len(files) <= most else files[:: len(files) // most + 1]


@lru_cache(maxsize=64)
def file_metadata(file: FileStatus) -> Any:
    """Return what pyarrow knows of a file, None if it cannot be read."""
    import pyarrow as pa

    try:
        with opened_parquet(file) as opened:
            return opened.metadata
    except (pa.ArrowInvalid, OSError):
        return None


@lru_cache(maxsize=16384)
def _footer(file: FileStatus) -> _Footer | None:
    metadata = file_metadata(file)
    return None if metadata is None else _Footer(metadata.num_rows, {})


def _file_bounds(file: FileStatus, names: Sequence[str]) -> dict[str, Bounds]:
    """Return the bounds of columns of one file, by names in lower case."""
    footer = _footer(file)
    known = {} if footer is None else footer.bounds
    asked = [name for name in names if name not in known]
    metadata = file_metadata(file) if asked and footer is not None else None
    if metadata is None:
        return dict.fromkeys(asked) | known
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    paths = [metadata.schema.column(place).path.lower() for place in range(metadata.num_columns)]
    for name in asked:
        places = [place for place, path in enumerate(paths) if path == name]
        known[name] = _bounds(groups, places[0]) if len(places) == 1 else None
    return known


def _bounds(groups: Sequence[Any], place: int) -> Bounds:
    """Return the bounds of the column at a place, None if a row group does not say."""
    numbers: list[float] = []
    for group in groups:
        statistics = group.column(place).statistics
        if statistics is None:
            return None
        if not statistics.has_min_max:
            if statistics.num_values or not statistics.has_null_count:
                return None
            continue
        for value in ends(statistics):
            number = _NUMBERS.get(type(value))
            if number is None:
                return None
            numbers.append(number(value))
    if not numbers or any(map(math.isnan, numbers)):
        return None
    return min(numbers), max(numbers)


def ends(statistics: Any) -> tuple[Any, Any]:
    """Return the least and the greatest value, None for what Python has no value for."""
    try:
        return statistics.min, statistics.max
    except (ValueError, OverflowError, NotImplementedError):  # such as the year 10000
        return None, None
