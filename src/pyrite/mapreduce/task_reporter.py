"""TaskReporter: what a task on a worker counts and says, live and for good."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from pyrite.core.task_context import TaskContext
from pyrite.mapreduce.counters import Counters
from pyrite.mapreduce.live_values import STATUS, counter_value

if TYPE_CHECKING:
    from pyspark.accumulators import Accumulator

__all__ = ["TaskReporter"]

_SECONDS_BETWEEN_COUNTS = 0.25


class TaskReporter:
    """Gathers what one phase of a task counts, and tells now and then what it has come to.

    Args:
        accumulator: Where the counters of tasks that succeed are added up.
    """

    def __init__(self, accumulator: Accumulator[Counters]) -> None:
        self._accumulator = accumulator
        self._counters = Counters()
        self._told = _LiveCounters.of_task()
        self._next_time = 0.0

    def count(self, group: str, name: str, amount: int) -> None:
        """Add to a counter."""
        self._counters.add(group, name, amount)
        now = time.monotonic()
        if now >= self._next_time:
            self._next_time = now + _SECONDS_BETWEEN_COUNTS
            self._told.tell(self, self._counters)

    def status(self, message: str) -> None:
        """Show what the task is doing."""
        self._told.report(STATUS, message)

    def finish(self) -> None:
        """Add the counters up, at the end of the phase."""
        self._told.tell(self, self._counters)
        self._accumulator.add(self._counters)


class _LiveCounters:
    """What listeners hear of the counters of a running task, which may have several phases."""

    _latest: ClassVar[_LiveCounters | None] = None

    def __init__(self, context: TaskContext) -> None:
        self._context = context
        self._phases: dict[TaskReporter, Counters] = {}
        self.report = context.report_progress

    @classmethod
    def of_task(cls) -> _LiveCounters:
        """Return those of the task that this process runs."""
        context = TaskContext.get()
        assert context is not None
        if cls._latest is None or cls._latest._context is not context:
            cls._latest = cls(context)
        return cls._latest

    def tell(self, phase: TaskReporter, counters: Counters) -> None:
        """Report what a phase has counted so far, with what the others have."""
        self._phases[phase] = counters
        for group, name, _ in counters:
            total = sum(phase.get(group, name) for phase in self._phases.values())
            self.report(counter_value(group, name), total)
