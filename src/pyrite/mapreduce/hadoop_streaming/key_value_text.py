r"""Records as lines of text: ``key TAB value NEWLINE``, as most scripts read and write them.

    b"the\t1\na\t1\nthe\t1\n"  --read-->  keys   values  counts    --write-->  the same lines,
                                          the    1       2                     equal ones together
                                          a      1       1

Equal lines are counted where that is worth it, as the block of lines before tells, or else a look
at the first ones: to find them costs little where they are many, and much where each is different.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import expm1
from typing import TYPE_CHECKING, Any

from pyrite.mapreduce.hadoop_streaming.blocks import in_blocks, with_newlines
from pyrite.mapreduce.hadoop_streaming.byte_columns import (
    ByteStrings,
    bytes_of,
    column,
    cut,
    find_all,
    interleaved,
    offsets_of,
    repeated,
)
from pyrite.mapreduce.hadoop_streaming.line_counts import LineCounts
from pyrite.mapreduce.hadoop_streaming.records import Records

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["KeyValueText", "line_blocks"]

BLOCK_BYTES = 8 << 20
"""How much of a child's output becomes one batch."""

SAMPLE_LINES = 1 << 15
"""So many lines of a block are looked at ..."""

WORTH_COUNTING = 0.5
"""... and equal ones are counted where no larger share of the block is likely to be distinct."""


def line_blocks(chunks: Iterable[Any], block_bytes: int) -> Iterator[bytes]:
    r"""Yield chunks of bytes as blocks of whole lines, each of which ends with ``\n``.

    A line ends where Hadoop ends it: at ``\n``, ``\r\n``, or a ``\r`` alone.

    Args:
        chunks: Bytes, cut anywhere.
        block_bytes: About how long blocks are.

    Example:
        >>> list(line_blocks([b"one\r", b"\ntwo\nth", b"ree"], 100))
        [b'one\ntwo\nthree\n']
    """
    rest = yield from in_blocks(chunks, block_bytes, _whole_lines)
    if rest:
        yield with_newlines(rest)


def _whole_lines(block: bytes) -> tuple[bytes, bytes]:
    # A \r that ends a block may be the first half of \r\n
    end = max(block.rfind(b"\n"), block.rfind(b"\r", 0, len(block) - 1)) + 1
    return with_newlines(block[:end]), block[end:]


@dataclass(frozen=True)
class KeyValueText:
    r"""How records are written as lines.

    Attributes:
        separator: What is between key and value.
        key_fields: How many separated fields are the key: it ends at the separator with this
            number. A line with fewer of them is all key, with an empty value.
        counting: Whether equal lines may be counted, which changes their order.
        with_keys: Whether keys are written, too.

    Example:
        >>> text = KeyValueText()
        >>> [records.pairs() for records in text.read([b"b\t1\nalone\n"])]
        [[(b'b', b'1'), (b'alone', b'')]]
        >>> bytes(text.write(Records.of([(b"b", b"1"), (b"alone", b"")])))
        b'b\t1\nalone\t\n'
    """

    separator: bytes = b"\t"
    key_fields: int = 1
    counting: bool = False
    with_keys: bool = True

    def read(self, chunks: Iterable[Any]) -> Iterator[Records]:
        """Yield the records that lines are.

        Args:
            chunks: The lines' bytes, cut anywhere.
        """
        counts = LineCounts()
        even = True
        share: float | None = None  # of distinct lines, as far as the block before tells
        for block in line_blocks(chunks, BLOCK_BYTES):
            lines = _lines(block)
            if self.counting and share is None:
                share = _share_of_distinct(lines, even)
            if share is None or share > WORTH_COUNTING:
                yield self._records(lines)
                share = None
                continue
            share = counts.add(lines) / len(lines)
            # Where some lines are frequent and the others all different, it was guessed too low
            even = even and share <= WORTH_COUNTING
            if counts.is_full():
                yield self._counted(counts)
        if counts:
            yield self._counted(counts)

    def write(self, records: Records) -> Any:
        """Return the lines of records: an object with the buffer protocol."""
        if not len(records):
            return b""
        key = (records.keys, self.separator) if self.with_keys else ()
        lines = interleaved(*key, records.values, b"\n")
        if records.counts is not None:
            return repeated(lines, records.counts)
        return memoryview(lines.buffers()[2])[: int(offsets_of(lines)[-1])]

    def _counted(self, counts: LineCounts) -> Records:
        lines, times = counts.take()
        records = self._records(lines)
        return Records(records.keys, records.values, times)

    def _records(self, lines: ByteStrings) -> Records:
        """Cut lines into key and value."""
        data = bytes_of(lines)
        offsets = offsets_of(lines)
        starts, ends = offsets[:-1], offsets[1:] - 1
        separators = self._separators(data, starts, ends)
        after = separators + len(self.separator)
        # Where there is none, the value is the empty string before the line's end
        return Records(cut(data, starts, separators), cut(data, after.clip(max=ends), ends))

    def _separators(self, data: Any, starts: Ints, ends: Ints) -> Ints:
        """Where each line's separator begins, or the line's end where it has none."""
        import numpy as np

        found = find_all(data, self.separator)
        if not len(found):
            return ends
        one_each = len(found) == len(starts)  # most often
        if self.key_fields == 1 and one_each and ((found >= starts) & (found < ends)).all():
            return found
        wanted = np.searchsorted(found, starts) + (self.key_fields - 1)
        places = found[wanted.clip(max=len(found) - 1)]
        missing = (wanted >= len(found)) | (places >= ends)
        return np.where(missing, ends, places)


def _lines(block: bytes) -> ByteStrings:
    r"""Cut a block into lines with their ``\n``."""
    import numpy as np

    newlines = np.flatnonzero(np.frombuffer(block, np.uint8) == 10)
    offsets = np.empty(len(newlines) + 1, np.int64)
    offsets[0] = 0
    np.add(newlines, 1, out=offsets[1:])
    return column(offsets, block)


def _share_of_distinct(lines: ByteStrings, even: bool) -> float:
    """Guess which share of some lines is distinct.

    Args:
        lines: The lines; the first ones are looked at.
        even: Whether each line may be as frequent as any other. Then few repetitions in the
            sample tell of many in all: of n lines drawn from x times fewer, a share of
            (1 - exp(-x)) / x is distinct.
    """
    sample = lines.slice(0, SAMPLE_LINES)
    share = len(sample.dictionary_encode().dictionary) / len(sample)
    if not even or share == 1:
        return share
    low, high = 0.0, 1 / share
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if -expm1(-middle) > share * middle else (low, middle)
    times = high * len(lines) / len(sample)
    return -expm1(-times) / times
