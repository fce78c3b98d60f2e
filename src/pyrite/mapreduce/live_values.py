"""What a running task tells of itself: its counters and status, as named values of events.

``TaskContext.report_progress`` sends them; listeners hear of them as accumulables of a
``SparkListenerExecutorMetricsUpdate``. Here is how those are called, and what they come to over
all tasks of a job.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyrite.core.events import AccumulableInfo

__all__ = ["STATUS", "LiveValues", "counter_of", "counter_value"]

#: The name of a task's status, which is a text.
STATUS = "status"

_COUNTER = "counter:"
_COUNTERS_SHOWN = 3
#: Seconds between two lines of a log that say how tasks are.
_BETWEEN_STATUSES = 1.0


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


class LiveValues:
    """The counters of a job's tasks so far, summed, and the newest status of any of them.

    Args:
        hidden: How the names begin of counters that nobody watches.
        clock: Gives seconds.

    Attributes:
        status: What a task has said last.

    Example:
        >>> from pyrite.core.events import AccumulableInfo
        >>> live = LiveValues()
        >>> for task in (1, 2):
        ...     live.learn(task, [AccumulableInfo(0, counter_value("words", "long"), 1000)])
        >>> live.counters()
        ['words: long=2,000']
    """

    def __init__(
        self, hidden: tuple[str, ...] = (), clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.status = ""
        self._hidden = hidden
        self._clock = clock
        self._amounts: dict[int, dict[str, int]] = {}
        self._said_at = float("-inf")

    def learn(self, task_id: int, values: Iterable[AccumulableInfo]) -> None:
        """Take what the counters of a task have come to."""
        amounts = self._amounts.setdefault(task_id, {})
        for value in values:
            counter = counter_of(value.name)
            if counter is not None and not counter.startswith(self._hidden):
                amounts[counter] = int(value.update)

    def forget(self, task_id: int) -> None:
        """Take back what a task has counted: it failed."""
        self._amounts.pop(task_id, None)

    def hear(self, status: str) -> bool:
        """Take a status; return whether a log, which is for few lines, should say it."""
        if status == self.status:
            return False
        self.status = status
        now = self._clock()
        if now - self._said_at < _BETWEEN_STATUSES:
            return False
        self._said_at = now
        return True

    def counters(self) -> list[str]:
        """Return the first counters and their sums, for people."""
        totals = Counter[str]()
        for amounts in list(self._amounts.values()):
            totals.update(amounts)
        return [f"{name}={totals[name]:,}" for name in sorted(totals)[:_COUNTERS_SHOWN]]
