"""Groups: where one ends and the next begins, in rows that are sorted by their keys.

Nulls are equal here, and so are NaNs.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["GroupedRows", "group_starts", "grouped_chunks"]

#: A chunk of groups has this many rows, if there are so many.
_CHUNK_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class GroupedRows:
    """Whole groups.

    Attributes:
        rows: Their rows, one group after the other.
        lengths: How many rows each has; never 0.
    """

    rows: pa.Table
    lengths: tuple[int, ...]

    def firsts(self, columns: Sequence[int]) -> pa.Table:
        """Return some columns of the first row of each group."""
        starts, start = [], 0
        for length in self.lengths:
            starts.append(start)
            start += length
        return self.rows.select(list(columns)).take(starts)


def grouped_chunks(
    batches: Iterator[pa.RecordBatch], keys: Sequence[int], parallelism: int
) -> Iterator[GroupedRows]:
    """Cut sorted rows between groups, into parts that are neither too large nor too few.

    Args:
        batches: The rows, sorted by the keys.
        keys: The places of the key columns; without any, all rows are one group.
        parallelism: How many parts there should be at least, if the groups allow it.
    """
    builder = _Builder(keys)
    for batch in batches:
        if batch.num_rows:
            builder.add(batch)
        while builder.rows > parallelism * _CHUNK_ROWS and (part := builder.take(_CHUNK_ROWS)):
            yield part
    size = max(-(-builder.rows // parallelism), 1)
    while builder.rows:
        part = builder.take(size, last=True)
        assert part is not None
        yield part


class _Builder:
    """Rows and the lengths of their groups; the last group may go on."""

    def __init__(self, keys: Sequence[int]) -> None:
        self._keys = list(keys)
        self._batches: list[pa.RecordBatch] = []
        self._lengths: list[int] = []
        self._previous: pa.RecordBatch | None = None
        self.rows = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Take the next rows, at least one."""
        starts = group_starts(self._previous, batch.select(self._keys))
        bounds = [*starts, batch.num_rows]
        if self._lengths:
            self._lengths[-1] += bounds[0]
        self._lengths += [end - start for start, end in itertools.pairwise(bounds)]
        self._batches.append(batch)
        self._previous = batch.select(self._keys).slice(batch.num_rows - 1)
        self.rows += batch.num_rows

    def take(self, size: int, last: bool = False) -> GroupedRows | None:
        """Remove the first groups, of ``size`` rows or somewhat more; None if there are not."""
        import pyarrow as pa

        count = rows = 0
        complete = len(self._lengths) - (0 if last else 1)
        while count < complete and rows < size:
            rows += self._lengths[count]
            count += 1
        if not count:
            return None
        lengths, self._lengths = tuple(self._lengths[:count]), self._lengths[count:]
        table = pa.Table.from_batches(self._batches)
        self._batches = table.slice(rows).to_batches()
        self.rows -= rows
        return GroupedRows(table.slice(0, rows), lengths)


def group_starts(previous: pa.RecordBatch | None, keys: pa.RecordBatch) -> list[int]:
    """Return the places of the rows that differ from the row before.

    Args:
        previous: The keys of the row before the first one; None if there is none.
        keys: The keys, at least one row.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    first = [] if previous is not None else [0]
    if not keys.num_columns:
        return first
    changed: Any = None
    for place, column in enumerate(keys.columns):
        if previous is not None:
            column = pa.concat_arrays([previous.column(place), column])
        differs = _differs(column)
        changed = differs if changed is None else pc.or_(changed, differs)
    found: list[int] = pc.indices_nonzero(changed).to_pylist()
    return found if previous is not None else [0, *(place + 1 for place in found)]


def _differs(column: pa.Array) -> Any:
    """Return for each value but the first whether it differs from the one before."""
    import pyarrow as pa
    import pyarrow.compute as pc

    before, after = column.slice(0, len(column) - 1), column.slice(1)
    if pa.types.is_nested(column.type) or pa.types.is_null(column.type):
        pairs = zip(before.to_pylist(), after.to_pylist(), strict=True)
        return pa.array([left != right for left, right in pairs], pa.bool_())
    if pa.types.is_floating(column.type):
        both_nan = pc.and_(pc.is_nan(before), pc.is_nan(after))
        differs = pc.and_(pc.not_equal(before, after), pc.invert(both_nan))
    else:
        differs = pc.not_equal(before, after)
    # A null beside a value gives null; beside another null it is the same group.
    return pc.coalesce(differs, pc.xor(pc.is_null(before), pc.is_null(after)))
