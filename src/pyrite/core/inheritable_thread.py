"""Threads that take the job properties of the thread that starts them: group, tags, pool."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any

__all__ = ["InheritableThread", "inheritable_thread_target"]


def inheritable_thread_target(f: Any = None) -> Any:
    """Make a function run with the job properties of the thread that prepares it.

    Args:
        f: The function, or a SparkSession (or nothing) when used as ``@...(session)``.

    Returns:
        The function to give to a thread; or, for a session, a decorator that returns it.

    Example:
        >>> thread = threading.Thread(target=inheritable_thread_target(print), args=("in",))
        >>> thread.start(); thread.join()
        in
    """
    return _carrying(f) if callable(f) else _carrying


def _carrying(function: Callable[..., Any]) -> Callable[..., Any]:
    # Asked for and not imported: where no context was ever made, there is nothing to inherit.
    engine = sys.modules.get("pyrite.core.context")
    context = engine and engine.SparkContext._active_spark_context
    if context is None:
        return function
    properties = context.job_properties
    inherited = properties.snapshot()

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        properties.inherit(inherited)
        return function(*args, **kwargs)

    return run


class InheritableThread(threading.Thread):
    """A thread whose jobs have the group, tags and pool of the thread that started it.

    Takes what ``threading.Thread`` takes.

    Example:
        >>> thread = InheritableThread(target=print, args=("in a thread",))
        >>> thread.start(); thread.join()
        in a thread
    """

    def start(self) -> None:
        """Start the thread with the caller's job properties as they are now."""
        self.run = _carrying(self.run)  # type: ignore[method-assign]
        super().start()
