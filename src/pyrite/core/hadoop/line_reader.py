r"""Lines: the records of text files, read in bulk.

A line ends at ``\n``, ``\r\n`` or ``\r``, or at the delimiter the user set. The line that begins
exactly where a split begins belongs to the split before, so that both agree without talking;
every split therefore is a range of whole lines, which is read a chunk at a time, decoded and
cut with one call each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

__all__ = [
    "BYTE_ORDER_MARK",
    "read_line_blocks",
    "read_line_bytes",
    "read_lines",
    "read_lines_with_offsets",
    "record_start",
]

#: Bytes read at once; the memory in use is a small multiple of it.
CHUNK_SIZE = 1 << 20

_SEARCH_SIZE = 1 << 16
#: What a file of UTF-8 may begin with; no part of its first line.
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ANY_ENDING = re.compile(rb"([^\r\n]*)(?:\r\n|\r|\n|\Z)")


def read_lines(
    file: BinaryIO,
    start: int = 0,
    end: int | None = None,
    delimiter: bytes | None = None,
    chunk_size: int = CHUNK_SIZE,
) -> Iterator[list[str]]:
    r"""Yield the lines of a split as lists of text, without their endings.

    Bytes that are not UTF-8 become U+FFFD, and a byte order mark at the beginning of the file
    is dropped, as in Spark.

    Args:
        file: The open file; it must be able to seek unless ``start`` is 0 and ``end`` None.
        start: Offset of the split's first byte.
        end: Offset after its last byte; None means the end of the file.
        delimiter: What ends a record, instead of the three line endings.
        chunk_size: Bytes to read at once.

    Example:
        >>> import io
        >>> [line for lines in read_lines(io.BytesIO(b"a\r\nb\rc")) for line in lines]
        ['a', 'b', 'c']
    """
    ending = "\n" if delimiter is None else delimiter.decode("utf-8", "replace")
    for chunk in _without_mark(_whole_lines(file, start, end, delimiter, chunk_size), start):
        text = chunk.decode("utf-8", "replace")
        if delimiter is None and "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        lines = text.split(ending)
        if not lines[-1]:
            lines.pop()
        yield lines


def read_line_bytes(
    file: BinaryIO,
    start: int = 0,
    end: int | None = None,
    delimiter: bytes | None = None,
    chunk_size: int = CHUNK_SIZE,
) -> Iterator[list[bytes]]:
    """Yield the lines of a split as lists of UTF-8 bytes; see ``read_lines``.

    Invalid bytes come out as the UTF-8 form of U+FFFD: Spark's lines have been strings before
    they become bytes.
    """
    ending = b"\n" if delimiter is None else delimiter
    for chunk in _without_mark(_whole_lines(file, start, end, delimiter, chunk_size), start):
        try:
            chunk.decode("utf-8")
        except UnicodeDecodeError:
            chunk = chunk.decode("utf-8", "replace").encode("utf-8")
        if delimiter is None and b"\r" in chunk:
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = chunk.split(ending)
        if not lines[-1]:
            lines.pop()
        yield lines


def read_line_blocks(
    file: BinaryIO,
    start: int = 0,
    end: int | None = None,
    delimiter: bytes | None = None,
    chunk_size: int = CHUNK_SIZE,
) -> Iterator[tuple[int, bytes]]:
    r"""Yield the bytes of a split's lines as they are, many lines at once; see ``read_lines``.

    Every block but the last of a file ends with a line's ending. A byte order mark stays.

    Returns:
        Blocks, each with the offset of its first byte in the file.

    Example:
        >>> import io
        >>> list(read_line_blocks(io.BytesIO(b"a\r\nb\rc")))
        [(0, b'a\r\n'), (3, b'b\rc')]
    """
    position = record_start(file, start, delimiter)
    for chunk in _whole_lines(file, start, end, delimiter, chunk_size):
        yield position, chunk
        position += len(chunk)


def read_lines_with_offsets(
    file: BinaryIO,
    start: int = 0,
    end: int | None = None,
    delimiter: bytes | None = None,
    chunk_size: int = CHUNK_SIZE,
) -> Iterator[list[tuple[int, str]]]:
    """Yield the lines of a split, each with the offset of its first byte in the file."""
    if delimiter is None:
        pattern = _ANY_ENDING
    else:
        pattern = re.compile(rb"(.*?)(?:%s|\Z)" % re.escape(delimiter), re.DOTALL)
    for position, chunk in read_line_blocks(file, start, end, delimiter, chunk_size):
        records = [
            (position + match.start(), match[1].decode("utf-8", "replace"))
            for match in pattern.finditer(chunk)
            if match.start() < len(chunk)
        ]
        if position == 0:
            records[0] = (0, records[0][1].removeprefix("\ufeff"))
        yield records


def record_start(file: BinaryIO, position: int, delimiter: bytes | None = None) -> int:
    """Return the offset after the first ending found at or after ``position``; 0 for 0."""
    if position == 0:
        return 0
    file.seek(position)
    # An ending may lie across two reads, so its possible first part is kept.
    overlap = (2 if delimiter is None else len(delimiter)) - 1
    buffer = b""
    while True:
        data = file.read(_SEARCH_SIZE)
        buffer += data
        found = _end_of_first_record(buffer, delimiter, is_last=not data)
        if found is not None:
            return position + found
        if not data:
            return position + len(buffer)
        done = max(len(buffer) - overlap, 0)
        position += done
        buffer = buffer[done:]


def _end_of_first_record(buffer: bytes, delimiter: bytes | None, is_last: bool) -> int | None:
    """Return the offset after the first ending in ``buffer``, or None if more must be read."""
    if delimiter is not None:
        found = buffer.find(delimiter)
        return None if found < 0 else found + len(delimiter)
    newline, carriage = buffer.find(b"\n"), buffer.find(b"\r")
    if carriage < 0 or 0 <= newline < carriage:
        return None if newline < 0 else newline + 1
    if carriage + 1 == len(buffer) and not is_last:
        return None  # the byte after it decides
    return carriage + 2 if newline == carriage + 1 else carriage + 1


def _whole_lines(
    file: BinaryIO, start: int, end: int | None, delimiter: bytes | None, chunk_size: int
) -> Iterator[bytes]:
    """Yield the bytes of a split's lines, cut only between lines; no chunk is empty."""
    first, rest = 0, None
    if start or end is not None:
        first = record_start(file, start, delimiter)
        if end is not None:
            rest = record_start(file, end, delimiter) - first
        file.seek(first)
    carry = b""
    while rest is None or rest > 0:
        data = file.read(chunk_size if rest is None else min(chunk_size, rest))
        if not data:
            break
        if rest is not None:
            rest -= len(data)
        data = carry + data if carry else data
        cut = _last_boundary(data, delimiter)
        carry = data[cut:]
        if cut:
            yield data[:cut]
        elif len(data) > chunk_size:
            chunk_size *= 2  # a line longer than a chunk: keep the copying linear
    if carry:
        yield carry


def _last_boundary(data: bytes, delimiter: bytes | None) -> int:
    """Return the offset after the last ending in ``data`` that is surely complete, or 0."""
    if delimiter is not None:
        # Cut from the left, since a delimiter such as "aa" may overlap itself.
        return len(data) - len(data.split(delimiter)[-1])
    newline = data.rfind(b"\n")
    if newline >= 0:
        return newline + 1
    return data.rfind(b"\r", 0, len(data) - 1) + 1


def _without_mark(chunks: Iterator[bytes], start: int) -> Iterator[bytes]:
    """Drop the byte order mark of a file whose first split this is."""
    if start == 0:
        first = next(chunks, b"").removeprefix(BYTE_ORDER_MARK)
        if first:
            yield first
    yield from chunks
