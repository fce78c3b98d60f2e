r"""Blocks: chunks of bytes that are cut anywhere, put together until much can be read at once.

Also the endings of lines, which Hadoop has three of and scripts one.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import Any, TypeVar

__all__ = ["in_blocks", "with_newlines"]

#: Something that may have nothing in it.
Read = TypeVar("Read", bound=Any)


def in_blocks(
    chunks: Iterable[Any], block_bytes: int, read: Callable[[bytes], tuple[Read, bytes]]
) -> Generator[Read, None, bytes]:
    r"""Yield what is read of blocks, where that is anything.

    Args:
        chunks: Bytes, cut anywhere.
        block_bytes: About how long blocks are; twice as long as what was left of one at least, so
            that a record longer than a block is not put together again and again.
        read: Reads a block; returns what it read, and the bytes of it that need those after them.

    Returns:
        The bytes at the end that were not read.

    Example:
        >>> def whole_lines(block):
        ...     end = block.rfind(b"\n") + 1
        ...     return block[:end], block[end:]
        >>> list(in_blocks([b"one\ntw", b"o\nth", b"ree"], 4, whole_lines))
        [b'one\n', b'two\n']
    """
    held: list[Any] = []
    size = 0
    enough = block_bytes
    for chunk in chunks:
        held.append(chunk)
        size += len(chunk)
        if size < enough:
            continue
        done, rest = read(b"".join(held))
        held, size = [rest], len(rest)
        enough = max(block_bytes, 2 * size)
        if len(done):
            yield done
    return b"".join(held)


def with_newlines(block: bytes) -> bytes:
    r"""Return lines that end in any of Hadoop's ways, the last one perhaps in none, with ``\n``.

    Example:
        >>> with_newlines(b"one\r\ntwo\rthree")
        b'one\ntwo\nthree\n'
    """
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return block if not block or block.endswith(b"\n") else block + b"\n"
