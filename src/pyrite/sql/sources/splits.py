"""Splits: a scan cut into scans that read its rows together, each row once.

::

    files, as the scan has them   [a          ][b    ][c][d ]
    pieces: row groups, lines     | | | | | | || | | ||  |  |
    splits, of about equal bytes  |----0----|----1---|--2---|

Pieces stay in the order of the scan, so the rows of all splits, one after the other, are in that
order too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from pyrite.sql.sources.file_format import FileScan
from pyrite.sql.sources.file_index import FileIndex

if TYPE_CHECKING:
    from pyrite.sql.plans.scan import Scan

__all__ = ["can_split_scan", "split_scan"]

#: Files are cut into pieces of a fourth of a split, so that splits are about equally large.
_PIECES_OF_A_SPLIT = 4


class _Piece(NamedTuple):
    """A piece of the file at a place in the index; ``rows`` is None for all of the file."""

    place: int
    rows: range | None
    bytes: int


def can_split_scan(scan: Scan) -> bool:
    """Whether ``split_scan`` can cut a scan; no file is opened for the answer."""
    if not isinstance(scan, FileScan):
        return False
    return scan.request.texts is None and scan.request.index.sample is None


def split_scan(scan: Scan, count: int) -> tuple[FileScan, ...] | None:
    """Cut a scan into scans of about equal bytes.

    Args:
        scan: How a source is read.
        count: How many scans to return; some of them may have no files.

    Returns:
        None for a scan that cannot be cut: it reads no files, or is itself a part of another.
    """
    if not isinstance(scan, FileScan) or not can_split_scan(scan):
        return None
    index = scan.request.index
    if count == 1 or not index.files:
        return (scan,) * count
    size = sum(file.length for file in index.files) // (count * _PIECES_OF_A_SPLIT) + 1
    pieces = [*_pieces(scan, size)]
    whole = Counter(piece.place for piece in pieces)
    return tuple(scan.part(_part(index, split, whole)) for split in _packed(pieces, count))


def _pieces(scan: FileScan, size: int) -> Iterator[_Piece]:
    """Yield the pieces of what a scan reads, in its order; small files are in one piece."""
    index = scan.request.index
    for place, (file, part) in enumerate(zip(index.files, index.parts, strict=True)):
        if file.length <= size:
            yield _Piece(place, None, file.length)
            continue
        for piece in scan.pieces(file, size):
            rows = piece.part
            if part is None or rows is None or part.start <= rows.start < part.stop:
                yield _Piece(place, *piece)


def _packed(pieces: Sequence[_Piece], count: int) -> Iterator[Sequence[_Piece]]:
    """Yield pieces that follow each other, about as many bytes as are left for each split."""
    left = sum(piece.bytes for piece in pieces)
    start = 0
    for splits in range(count, 0, -1):
        end, filled = start, 0
        while end < len(pieces) and (
            splits == 1 or (filled + pieces[end].bytes / 2) * splits <= left or end == start
        ):
            filled += pieces[end].bytes
            end += 1
        yield pieces[start:end]
        start, left = end, left - filled


def _part(index: FileIndex, pieces: Iterable[_Piece], whole: Mapping[int, int]) -> FileIndex:
    """Return the index of the files that pieces are of, with what is read of each.

    Args:
        index: All files.
        pieces: Pieces of some of them.
        whole: How many pieces each file has.
    """
    rows: dict[int, range | None] = {}
    for place, group in groupby(pieces, key=lambda piece: piece.place):
        ranges = [piece.rows for piece in group if piece.rows is not None]
        is_whole = not ranges or len(ranges) == whole[place]
        rows[place] = index.parts[place] if is_whole else range(ranges[0].start, ranges[-1].stop)
    return replace(
        index.chosen(rows),
        ranges=tuple(rows.values()),
        sample=next((file for file in index.files if file.length), index.files[0]),
    )
