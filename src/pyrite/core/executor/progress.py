"""ProgressSender: what a running task says of itself, sent now and then by a thread of its own.

A task may say something with every record it reads. So only the newest values are sent, the
first at once and others a moment apart, and none of it makes the task wait.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["ProgressSender"]

_LOGGER = logging.getLogger(__name__)

_INTERVAL_SECONDS = 0.5


class ProgressSender:
    """Collects one task's progress and sends it.

    Safe to use from several threads, for as long as the task runs.

    Args:
        send: Sends all values; called in another thread, or in the one that calls ``finish``.
        interval: Seconds between two messages at least.

    Example:
        >>> sent = []
        >>> progress = ProgressSender(sent.append)
        >>> progress.report("lines", 7)
        >>> progress.finish()
        >>> sent
        [{'lines': 7}]
    """

    def __init__(
        self, send: Callable[[Mapping[str, Any]], None], interval: float = _INTERVAL_SECONDS
    ) -> None:
        self._send = send
        self._interval = interval
        self._lock = threading.Lock()
        self._values: dict[str, Any] = {}
        self._is_new = False
        self._thread: threading.Thread | None = None
        self._news = threading.Event()
        self._finished = threading.Event()

    def report(self, name: str, value: object) -> None:
        """Say what a named value has come to; it takes the place of what was said before."""
        with self._lock:
            self._values[name] = value
            self._is_new = True
            if self._thread is None and not self._finished.is_set():
                self._thread = threading.Thread(target=self._run, name="task-progress", daemon=True)
                self._thread.start()
        self._news.set()

    def finish(self) -> None:
        """Send what was not sent yet; what is said later is not heard."""
        self._finished.set()
        self._news.set()
        if self._thread is not None:
            with contextlib.suppress(RuntimeError):  # the task was killed before it was started
                self._thread.join()
            self._flush()

    def _run(self) -> None:
        while not self._finished.is_set():
            self._news.wait()
            self._news.clear()
            self._flush()
            self._finished.wait(self._interval)

    def _flush(self) -> None:
        with self._lock:
            values = dict(self._values) if self._is_new else None
            self._is_new = False
        if values is None:
            return
        try:
            self._send(values)
        except Exception as error:  # a value that cannot be sent is no reason to fail
            _LOGGER.warning("The progress of a task was not sent: %r", error)
