"""Line blocks: from the bytes of a file to Arrow arrays of its lines, at Arrow's speed.

Blocks end with lines, so each can be looked at by itself: whether it is valid, and how its lines
end. Only what is unusual is taken apart in Python.
"""

from __future__ import annotations

import codecs
import io
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ASCII_LIKE", "LINE_END", "line_array", "read_blocks"]

#: Encodings in which the byte of a line feed is nothing else.
ASCII_LIKE = frozenset({"utf-8", "ascii", "iso8859-1", "iso8859-15", "cp1252"})

#: What ends a line, if nobody says what does.
LINE_END = re.compile("\r\n|\n|\r")

_BLOCK_BYTES = 1 << 22


def _seek(opened: io.BufferedIOBase, part: range) -> int:
    """Go to the first line that begins in a part of a file; return the bytes of all such lines."""
    end = _line_start(opened, part.stop)
    start = _line_start(opened, part.start)
    opened.seek(start)
    return end - start


def _line_start(opened: io.BufferedIOBase, offset: int) -> int:
    """Return where the first line begins that does not begin before an offset."""
    if not offset:
        return 0
    opened.seek(offset - 1)
    opened.readline()
    return opened.tell()


def read_blocks(opened: io.BufferedIOBase, part: range | None) -> Iterator[bytes]:
    """Yield the lines of a file or a part of it, some megabytes at a time.

    Args:
        opened: The file.
        part: Which bytes; None for all of them.

    Yields:
        Whole lines, without the line feed of the last one.
    """
    left = sys.maxsize if part is None else _seek(opened, part)
    is_start = part is None or not part.start
    rest = b""
    while data := opened.read(min(_BLOCK_BYTES, left)):
        left -= len(data)
        if is_start:
            data, is_start = data.removeprefix(codecs.BOM_UTF8), False
        lines, end, begun = data.rpartition(b"\n")
        if end:
            yield rest + lines
            rest = b""
        rest += begun
    if rest:
        yield rest


def line_array(block: bytes, encoding: str, only_line_feeds: bool) -> pa.StringArray:
    r"""Return the lines of a block.

    Args:
        block: Lines, without the line feed of the last one.
        encoding: One of ``ASCII_LIKE``.
        only_line_feeds: Whether carriage returns are a part of lines.

    Example:
        >>> line_array(b"a\r\nb", "utf-8", False).to_pylist()
        ['a', 'b']
    """
    import numpy as np
    import pyarrow as pa

    if not only_line_feeds and b"\r" in block:
        block = block.replace(b"\r\n", b"\n").removesuffix(b"\r")
        if b"\r" in block:
            return pa.array(LINE_END.split(block.decode(encoding, "replace")), pa.string())
    if encoding != "utf-8" or not _is_valid(block):
        block = block.decode(encoding, "replace").encode()
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n"))
    offsets = np.empty(len(ends) + 2, np.int32)
    offsets[0] = 0
    offsets[1:-1] = ends - np.arange(len(ends))
    offsets[-1] = len(block) - len(ends)
    packed = pa.py_buffer(block.replace(b"\n", b""))
    return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), packed)


def _is_valid(block: bytes) -> bool:
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True
