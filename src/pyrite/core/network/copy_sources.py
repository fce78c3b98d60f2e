"""CopySources: from which machine the next one gets its copy of a file of the driver.

A broadcast goes to every machine. If the driver sent it to all of them, they would share its
network; so it sends a large file to few at a time, and whoever has a whole copy sends it on. With
every round the machines that have one are twice as many, or more.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator

__all__ = ["CopySources", "Source"]

Source = tuple[str, str]
"""A block server, and the path of a file there."""


class CopySources:
    """Which machines have a file, and to how many each is sending it; for several threads.

    Args:
        at_once: To how many a machine sends one file at the same time.
        patience: Seconds to wait for a machine that has time; then the driver sends it anyway.

    Example:
        >>> sources = CopySources(at_once=1)
        >>> with sources.lent("/b7", ("driver:1", "/b7")) as source:
        ...     source
        ('driver:1', '/b7')
        >>> sources.add("/b7", ("m1:1", "/copies/b7"))
        >>> with sources.lent("/b7", ("driver:1", "/b7")) as source:
        ...     source
        ('m1:1', '/copies/b7')
    """

    def __init__(self, at_once: int = 2, patience: float = 20.0) -> None:
        self._at_once = at_once
        self._patience = patience
        self._changed = threading.Condition()
        self._copies: dict[str, dict[Source, None]] = defaultdict(dict)
        self._sending: Counter[Source] = Counter()

    @contextlib.contextmanager
    def lent(self, path: str, own: Source) -> Iterator[Source]:
        """Wait for a machine that can send a file, which is busy with it inside the block.

        Args:
            path: The file, by its path in the driver.
            own: The driver itself.
        """
        source = self._borrow(path, own)
        try:
            yield source
        finally:
            with self._changed:
                self._sending[source] -= 1
                if not self._sending[source]:
                    del self._sending[source]
                self._changed.notify_all()

    def _borrow(self, path: str, own: Source) -> Source:
        until = time.monotonic() + self._patience
        with self._changed:
            while True:
                candidates = (*self._copies.get(path, ()), own)
                source: Source = min(candidates, key=lambda each: self._sending[each])
                if self._sending[source] < self._at_once:
                    break
                if (left := until - time.monotonic()) <= 0:
                    source = own
                    break
                self._changed.wait(left)
            self._sending[source] += 1
            return source

    def add(self, path: str, copy: Source) -> None:
        """Note that a machine has a whole copy."""
        with self._changed:
            self._copies[path][copy] = None
            self._changed.notify_all()

    def drop(self, path: str, copy: Source | None = None) -> None:
        """Note that a machine has no copy any more; None means all of them."""
        with self._changed:
            if copy is None:
                self._copies.pop(path, None)
            elif path in self._copies:
                self._copies[path].pop(copy, None)
