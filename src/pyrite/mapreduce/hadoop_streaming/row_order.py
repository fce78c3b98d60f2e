r"""The order of rows by columns of byte strings, found column-wise.

The bytes are compared a few at a time. In each round, every row whose place is still open gets
one number of 64 bits:

    | its group: the rows equal to it so far | next k bytes | 1 + how many are left, at most k + 1 |

The rows are sorted by these numbers; rows without an equal neighbour have found their place. The
others go on with their next bytes, as groups in smaller number spaces, and with the next column
where the string has ended. What is left of a string stands in the number, so "a" is before
"a\0". Sorting machine numbers is what numpy does fastest, and most rows need a round or two.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyrite.mapreduce.hadoop_streaming.byte_columns import ByteStrings, bytes_of, offsets_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Words = NDArray[np.uint64]

__all__ = ["SortColumn", "order_rows", "rows_until"]

LEFT_BITS = 4  # for the number of bytes that are left: up to 8


@dataclass(frozen=True)
class SortColumn:
    """A column that rows are ordered by.

    Attributes:
        strings: What is compared, byte by byte; a string is before its longer continuations.
        descending: Whether large comes first.
    """

    strings: ByteStrings
    descending: bool = False

    @staticmethod
    def concat(parts: Sequence[Sequence[SortColumn]]) -> list[SortColumn]:
        """Return the same columns of several batches as those of one.

        Args:
            parts: The columns of each batch; at least one batch.
        """
        import pyarrow as pa

        return [
            SortColumn(pa.concat_arrays([one.strings for one in same]), same[0].descending)
            for same in zip(*parts, strict=True)
        ]

    def slice(self, start: int, length: int) -> SortColumn:
        """Return neighbouring rows of the column."""
        return SortColumn(self.strings.slice(start, length), self.descending)

    def __getitem__(self, row: int) -> bytes:
        """The string of a row."""
        item: bytes = self.strings[row].as_py()
        return item


def order_rows(columns: Sequence[SortColumn]) -> tuple[Ints, NDArray[np.bool_]]:
    """Return how rows are to be arranged.

    Args:
        columns: What to compare, the most important first; at least one.

    Returns:
        The numbers of the rows in their order, and for each place of it whether the row there
        differs from the row before in some column. Equal rows are in no particular order.

    Example:
        >>> from pyrite.mapreduce.hadoop_streaming.byte_columns import strings
        >>> order, differs = order_rows([SortColumn(strings([b"b", b"a", b"b"]))])
        >>> sorted(order.tolist()[1:]), order.tolist()[0], differs.tolist()
        ([0, 2], 1, [True, True, False])
    """
    import numpy as np

    count = len(columns[0].strings)
    order = np.arange(count)
    differs = np.zeros(count, np.bool_)
    differs[:1] = True
    places = np.arange(count) if count > 1 else np.empty(0, np.int64)  # where rows may be equal
    for column in columns:
        places = _order_by(column, order, differs, places)
        if not len(places):
            break
    return order, differs


def rows_until(columns: Sequence[SortColumn], bound: Sequence[bytes]) -> int:
    """Return how many rows, of rows in order, are not after a bound.

    Args:
        columns: The columns the rows are in the order of.
        bound: What a row at the bound has in them.
    """
    first, end = 0, len(columns[0].strings)
    for column, value in zip(columns, bound, strict=True):
        rows = range(first, end)
        if column.descending:
            start = bisect_left(rows, True, key=lambda row: column[row] <= value)
            stop = bisect_left(rows, True, key=lambda row: column[row] < value)
        else:
            start = bisect_left(rows, True, key=lambda row: column[row] >= value)
            stop = bisect_left(rows, True, key=lambda row: column[row] > value)
        first, end = first + start, first + stop
        if first == end:
            break
    return end


def _order_by(column: SortColumn, order: Ints, differs: NDArray[np.bool_], places: Ints) -> Ints:
    """Arrange rows by one more column.

    Args:
        column: The column.
        order: The rows in the order so far; rearranged.
        differs: Where a row differs from the one before it; completed.
        places: The places of rows that are equal to a neighbour so far, ascending.

    Returns:
        The places of rows that are equal to a neighbour still.
    """
    import numpy as np

    ended: list[Ints] = []
    depth = 0
    while len(places):
        groups = np.cumsum(differs[places], dtype=np.uint64) - np.uint64(1)
        free = 64 - LEFT_BITS - int(groups[-1]).bit_length()
        size = min(7, free // 8)
        rows = order[places]
        words = _words(column.strings, rows, depth, size)
        if column.descending:
            words ^= np.uint64((1 << (8 * size + LEFT_BITS)) - 1)
        words |= groups << np.uint64(8 * size + LEFT_BITS)
        del groups
        if bool((words[1:] < words[:-1]).any()):
            arranged = np.argsort(words)
            words = words[arranged]
            order[places] = rows[arranged]
        equal = words[1:] == words[:-1]
        differs[places[1:][~equal]] = True
        tied = np.zeros(len(places), np.bool_)
        tied[1:] = equal
        tied[:-1] |= equal
        left = words & np.uint64((1 << LEFT_BITS) - 1)
        if column.descending:
            left ^= np.uint64((1 << LEFT_BITS) - 1)
        goes_on = left > size
        ended.append(places[tied & ~goes_on])
        places = places[tied & goes_on]
        depth += size
    if len(ended) == 1:
        return ended[0]
    return np.sort(np.concatenate(ended)) if ended else places


def _words(strings: ByteStrings, rows: Ints, depth: int, size: int) -> Words:
    """The next bytes of some rows as numbers, with how many are left in the lowest bits."""
    import numpy as np

    offsets = offsets_of(strings)
    data = bytes_of(strings)
    if len(data) < 8:
        data = np.concatenate([data, np.zeros(8, np.uint8)])
    starts = offsets[:-1][rows] + depth
    left = (offsets[1:][rows] - starts).clip(0, size + 1)
    # Every eight neighbouring bytes of the data as a number
    eights: Any = np.ndarray((len(data) - 7,), ">u8", data, strides=(1,))
    last = len(data) - 8
    words: Words = eights[np.minimum(starts, last)].astype(np.uint64)
    late = np.flatnonzero(starts > last)  # these stand at the end of a number that begins earlier
    words[late] <<= ((starts[late] - last) * 8).clip(max=63).astype(np.uint64)
    words &= _masks(size)[left]
    words >>= np.uint64(64 - 8 * size - LEFT_BITS)
    words |= left.astype(np.uint64)
    return words


def _masks(size: int) -> Words:
    """For each number of bytes that are left, the bits of them that are compared."""
    import numpy as np

    kept = [min(left, size) for left in range(size + 2)]
    return np.array([((1 << 8 * k) - 1) << (64 - 8 * k) for k in kept], np.uint64)
