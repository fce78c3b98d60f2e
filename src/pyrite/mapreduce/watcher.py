"""Watcher: what people see of a job of classes while it runs, at a terminal or in a log."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from pyrite.core.events import (
    SparkListener,
    SparkListenerExecutorMetricsUpdate,
    SparkListenerStageSubmitted,
    SparkListenerTaskEnd,
    Success,
)
from pyrite.mapreduce.live_values import STATUS, counter_of
from pyrite.mapreduce.phases import FRAMEWORK

if TYPE_CHECKING:
    from pyrite.mapreduce.console import Console

__all__ = ["Watcher"]

#: Seconds between two lines of a log that say how tasks are.
_BETWEEN_STATUSES = 1.0
_COUNTERS_SHOWN = 3


class Watcher(SparkListener):
    """Shows stages, counters and status: in a line of life, or the status in lines of a log.

    The inline runner tells it the status; of the engine it is a listener.

    Args:
        console: Where to.
        num_stages: How many stages the job has.
        clock: Gives seconds.
    """

    def __init__(
        self, console: Console, num_stages: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._console = console
        self._num_stages = num_stages
        self._clock = clock
        self._lock = threading.Lock()
        self._stages_begun = self._tasks = 0
        self._done: set[int] = set()
        self._amounts: dict[int, dict[str, int]] = {}
        self._status = ""
        self._is_closed = False
        self._status_time = float("-inf")

    def status(self, message: str) -> None:
        """Show what a task says it is doing."""
        with self._lock:
            if message == self._status:
                return
            self._status = message
            now = self._clock()
            if not self._console.live and now - self._status_time >= _BETWEEN_STATUSES:
                self._status_time = now
                self._console.plain(f"status: {message}")
        self._show()

    def on_stage_submitted(self, event: SparkListenerStageSubmitted) -> None:
        """Learn how many tasks there are."""
        if event.stage_info.attempt_number == 0:
            self._stages_begun += 1
            self._tasks = event.stage_info.num_tasks
            self._done.clear()
        self._show()

    def on_task_end(self, event: SparkListenerTaskEnd) -> None:
        """Count a task that is done."""
        if isinstance(event.reason, Success):
            self._done.add(event.task_info.partition_id)
        else:
            self._amounts.pop(event.task_info.task_id, None)
        self._show()

    def on_executor_metrics_update(self, event: SparkListenerExecutorMetricsUpdate) -> None:
        """Show what a running task says."""
        for update in event.task_updates:
            amounts = self._amounts.setdefault(update.task_id, {})
            for value in update.accumulables:
                counter = counter_of(value.name)
                if counter is not None and not counter.startswith(FRAMEWORK):
                    amounts[counter] = int(value.update)
                if value.name == STATUS:
                    self.status(str(value.update))
        self._show()

    def close(self) -> None:
        """Wipe the line of life for good."""
        with self._lock:
            self._is_closed = True
            self._console.show("")

    def _show(self) -> None:
        if not self._console.live:
            return
        texts: list[str] = []
        if self._stages_begun:
            percent = 100 * len(self._done) // self._tasks if self._tasks else 100
            texts.append(f"stage {self._stages_begun} of {self._num_stages}  {percent}%")
        totals: dict[str, int] = {}
        for amounts in list(self._amounts.values()):
            for counter, amount in amounts.items():
                totals[counter] = totals.get(counter, 0) + amount
        texts += [f"{name}={totals[name]:,}" for name in sorted(totals)[:_COUNTERS_SHOWN]]
        if self._status:
            texts.append(self._status)
        with self._lock:
            if not self._is_closed:
                self._console.show("  |  ".join(texts))
