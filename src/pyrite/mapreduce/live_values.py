"""What a running task tells of itself: its counters and status, as named values of events.

``TaskContext.report_progress`` sends them; listeners hear of them as accumulables of a
``SparkListenerExecutorMetricsUpdate``. Here is how those are called.
"""

from __future__ import annotations

__all__ = ["STATUS", "counter_of", "counter_value"]

#: The name of a task's status, which is a text.
STATUS = "status"

_COUNTER = "counter:"


def counter_value(group: str, name: str) -> str:
    """Return the name of the value that has a counter's amount.

    Example:
        >>> counter_value("words", "long")
        'counter:words,long'
    """
    return f"{_COUNTER}{group},{name}"


def counter_of(value_name: str | None) -> str | None:
    """Return how to show the counter that a value belongs to, or None if it is something else.

    Example:
        >>> counter_of(counter_value("words", "long"))
        'words: long'
    """
    if value_name is None or not value_name.startswith(_COUNTER):
        return None
    return value_name.removeprefix(_COUNTER).replace(",", ": ", 1)
