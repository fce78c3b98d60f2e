"""Groups of two inputs side by side: both are sorted by their keys, so they are merged."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pyrite.sql.execution.python.groups import GroupedRows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["paired_chunks"]

#: A chunk of pairs has this many rows of both sides together, if there are so many.
_CHUNK_ROWS = 50_000

#: An input: its groups, the places of its keys, and a table of its columns without rows.
Side = tuple[Iterator[GroupedRows], Sequence[int], "pa.Table"]


def paired_chunks(left: Side, right: Side) -> Iterator[tuple[GroupedRows, GroupedRows]]:
    """Yield groups of equal keys side by side; a side that has no such key gives no rows.

    The lengths of both parts are as many, some of them 0.
    """
    pairs: list[tuple[pa.Table, pa.Table]] = []
    rows = 0
    for pair in _merged(left, right):
        pairs.append(pair)
        rows += pair[0].num_rows + pair[1].num_rows
        if rows >= _CHUNK_ROWS:
            yield _joined(pairs)
            pairs, rows = [], 0
    if pairs:
        yield _joined(pairs)


def _joined(pairs: Sequence[tuple[pa.Table, pa.Table]]) -> tuple[GroupedRows, GroupedRows]:
    left, right = zip(*pairs, strict=True)
    return _concatenated(left), _concatenated(right)


def _concatenated(tables: Sequence[pa.Table]) -> GroupedRows:
    import pyarrow as pa

    return GroupedRows(pa.concat_tables(tables), tuple(table.num_rows for table in tables))


def _merged(left: Side, right: Side) -> Iterator[tuple[pa.Table, pa.Table]]:
    sides = [_groups(groups, keys) for groups, keys, _ in (left, right)]
    nothing = (left[2], right[2])
    current = [next(side, None) for side in sides]
    while any(current):
        least = min(group[0] for group in current if group is not None)
        pair = []
        for place, group in enumerate(current):
            if group is not None and group[0] == least:
                pair.append(group[1])
                current[place] = next(sides[place], None)
            else:
                pair.append(nothing[place])
        yield pair[0], pair[1]


def _groups(
    chunks: Iterable[GroupedRows], keys: Sequence[int]
) -> Iterator[tuple[tuple[Any, ...], pa.Table]]:
    for chunk in chunks:
        firsts = [column.to_pylist() for column in chunk.firsts(keys).columns]
        values = zip(*firsts, strict=True) if firsts else itertools.repeat((), len(chunk.lengths))
        start = 0
        for key, length in zip(values, chunk.lengths, strict=True):
            yield tuple(map(_ordered, key)), chunk.rows.slice(start, length)
            start += length


def _ordered(value: Any) -> tuple[Any, ...]:
    """Return what compares as DuckDB sorts: nulls first, NaN last, parts one by one."""
    if value is None:
        return (0,)
    if isinstance(value, float) and value != value:
        return (2,)
    if isinstance(value, dict):
        return (1, *map(_ordered, value.values()))
    if isinstance(value, list):
        return (1, *map(_ordered, value))
    return (1, value)
