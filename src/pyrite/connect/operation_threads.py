"""Threads of operations: kept a while for the next one, which then starts at once.

A new thread costs more than a small query: the engine below warms up anew in each.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

from pyrite.connect.deep_plans import STACK_BYTES

__all__ = ["run_in_thread", "wait_for_tasks"]

Task = Callable[[], None]

#: How long a thread waits for its next task before it ends.
_KEPT_SECONDS = 10.0

#: Where threads that have nothing to do look for their next task.
_idle: list[SimpleQueue[tuple[Task, threading.Event]]] = []

#: Each is set once its task is over and its thread has let go of it.
_busy: set[threading.Event] = set()

_starting = threading.Lock()


def run_in_thread(task: Task) -> None:
    """Run something in a thread of its own.

    Args:
        task: What to run; it lets no exception out.

    Raises:
        RuntimeError: If there is no idle thread and no new one can be started.

    Example:
        >>> done = threading.Event()
        >>> run_in_thread(done.set)
        >>> done.wait()
        True
    """
    try:
        inbox = _idle.pop()
    except IndexError:
        inbox = SimpleQueue()
        _start(inbox)
    ended = threading.Event()
    _busy.add(ended)
    inbox.put((task, ended))


def wait_for_tasks(seconds: float) -> None:
    """Wait until the tasks there are have ended, and their threads hold nothing of them.

    A thread still inside the engine when the interpreter ends takes the process down; what one
    holds then is never freed.

    Args:
        seconds: How long to wait at most.
    """
    until = time.monotonic() + seconds
    for ended in list(_busy):
        ended.wait(max(0.0, until - time.monotonic()))


def _start(inbox: SimpleQueue[tuple[Task, threading.Event]]) -> None:
    thread = threading.Thread(target=_serve, args=(inbox,), name="operations", daemon=True)
    with _starting:
        usual = threading.stack_size(STACK_BYTES)
        try:
            thread.start()
        finally:
            threading.stack_size(usual)


def _serve(inbox: SimpleQueue[tuple[Task, threading.Event]]) -> None:
    while True:
        try:
            task, ended = inbox.get(timeout=_KEPT_SECONDS)
        except Empty:
            try:
                _idle.remove(inbox)
            except ValueError:
                continue  # a task is on its way
            return
        contextvars.Context().run(task)
        del task  # it may hold much
        _idle.append(inbox)
        _busy.discard(ended)
        ended.set()
