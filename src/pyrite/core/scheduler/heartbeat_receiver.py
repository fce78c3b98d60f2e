"""HeartbeatReceiver: finds processes that were stopped and that nobody lets go on.

A worker is not asked whether it lives: a task may compute for hours in a function that never
lets another thread run, and would not answer. The system is asked instead. A process that it
does not let run, since someone stopped it (SIGSTOP), misses heartbeats; one that computes, reads
or sleeps does not. A thread of its own looks, since the one that schedules may itself be waiting
for a stopped worker to read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import psutil

__all__ = ["HeartbeatPolicy", "HeartbeatReceiver"]


@dataclass(frozen=True)
class HeartbeatPolicy:
    """When a stopped process counts as lost.

    Attributes:
        interval: Seconds between looks (``spark.executor.heartbeatInterval``).
        timeout: Seconds it may stay stopped (``spark.network.timeout``).
    """

    interval: float
    timeout: float


class HeartbeatReceiver:
    """Looks at processes from time to time.

    Args:
        policy: How often, and for how long one may stay stopped.
        processes: Returns the ids of the processes to look at.
        expired: Called, in this class's thread, with the id of one that stayed stopped too long.

    Example:
        >>> import os
        >>> HeartbeatReceiver(HeartbeatPolicy(10, 120), lambda: [os.getpid()], print).look()
    """

    def __init__(
        self,
        policy: HeartbeatPolicy,
        processes: Callable[[], Iterable[int]],
        expired: Callable[[int], None],
    ) -> None:
        self._policy = policy
        self._processes = processes
        self._expired = expired
        #: Looks in a row that found a process stopped. Not a time: should this process itself be
        #: stopped for a while, its next look is one look.
        self._missed: dict[int, int] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pyrite-heartbeats", daemon=True)

    def start(self) -> None:
        """Look from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._policy.interval):
            self.look()

    def look(self) -> None:
        """Look once."""
        stopped = filter(_is_stopped, self._processes())
        self._missed = {pid: self._missed.get(pid, 0) + 1 for pid in stopped}
        for pid, missed in self._missed.items():
            if missed * self._policy.interval >= self._policy.timeout:
                self._expired(pid)


def _is_stopped(pid: int) -> bool:
    try:
        # A process that a debugger holds has another status, and is left to it.
        return bool(psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    except psutil.Error:  # it has ended, which is found out elsewhere
        return False
