"""Interrupts: stopping a task inside a library that does not look for signals.

Python runs the handler of a signal when its main thread is back from what it called. A library
that computes for minutes comes back after minutes; but it may have a call that stops it, which
another thread can make. That thread is woken by the signal itself, not by its handler.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["stopped_by_interrupts"]


class _Watch:
    """The thread that waits for signals, and what they stop."""

    def __init__(self) -> None:
        self._signals, self._waker = os.pipe()
        for end in (self._signals, self._waker):
            os.set_blocking(end, False)
        self._lock = threading.Lock()
        self._stop: Callable[[], None] | None = None
        threading.Thread(target=self._serve, name="interrupts", daemon=True).start()

    def set(self, stop: Callable[[], None] | None) -> None:
        """Call ``stop`` at the next signal; those that came before are forgotten."""
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)  # others may have set theirs
        with self._lock:
            self._has_come()
            self._stop = stop

    def _serve(self) -> None:
        while True:
            select.select([self._signals], [], [])
            with self._lock:
                if self._has_come() and self._stop is not None:
                    self._stop()

    def _has_come(self) -> bool:
        """Whether signals have come since this was last asked."""
        with contextlib.suppress(BlockingIOError):
            return signal.SIGINT in os.read(self._signals, 4096)
        return False


_watch: _Watch | None = None


@contextmanager
def stopped_by_interrupts(stop: Callable[[], None]) -> Iterator[None]:
    """Have what runs inside the block stopped when the process is interrupted.

    Args:
        stop: Called in another thread; it returns at once.

    Example::

        with stopped_by_interrupts(connection.interrupt):
            connection.execute(query)
    """
    global _watch
    if _watch is None:
        _watch = _Watch()
    _watch.set(stop)
    try:
        yield
    finally:
        _watch.set(None)
