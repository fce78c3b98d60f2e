"""How much memory a task has taken since it began to gather records.

The measure is the growth of the process's private resident memory: it sees everything, whatever
the records are made of, and reading it costs microseconds, paid once per some ten thousand
records. Files mapped into memory do not count. Memory that an earlier task freed but the
allocator kept is given back to the system first, where the C library can, so that it is not
handed out again unseen.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from functools import cache

import psutil

__all__ = ["MemoryMeter"]

_STATM = "/proc/self/statm"


class MemoryMeter:
    """Tells when the process has grown by more than a limit since the meter was made.

    Attributes:
        limit: Bytes of growth that are allowed.
        grown: Bytes of growth at the last look.

    Example:
        >>> MemoryMeter(1 << 40).exceeded()
        False
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.grown = 0
        self._allowed = limit
        self._start = private_memory()

    def exceeded(self) -> bool:
        """Look now: has the process grown past the limit?"""
        self.grown = private_memory() - self._start
        return self.grown >= self._allowed

    def released(self) -> None:
        """Say that what was gathered has been let go.

        The allocator may keep part of it; growth is then allowed a little further, or every
        later look would find the limit exceeded.
        """
        trim_memory()
        kept = private_memory() - self._start
        self._allowed = max(self.limit, int(kept + self.limit * 0.05))


def private_memory() -> int:
    """Return the bytes of this process that are resident and not backed by files."""
    try:
        with open(_STATM, "rb") as file:
            _, resident, shared, *_ = file.read().split()
    except OSError:  # not Linux
        return int(psutil.Process().memory_info().rss)
    return (int(resident) - int(shared)) * _page_size()


def trim_memory() -> None:
    """Give freed memory back to the system, where the C library can."""
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@cache
def _page_size() -> int:
    return os.sysconf("SC_PAGE_SIZE")


@cache
def _malloc_trim() -> Callable[[int], int] | None:
    trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim
