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
from pyrite.mapreduce.live_values import STATUS, LiveValues
from pyrite.mapreduce.phases import FRAMEWORK

if TYPE_CHECKING:
    from pyrite.mapreduce.console import Console

__all__ = ["Watcher"]


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
        self._live = LiveValues((FRAMEWORK,), clock)
        self._lock = threading.Lock()
        self._stages_begun = self._tasks = 0
        self._done: set[int] = set()
        self._is_closed = False

    def status(self, message: str) -> None:
        """Show what a task says it is doing."""
        with self._lock:
            if self._live.hear(message) and not self._console.live:
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
            self._live.forget(event.task_info.task_id)
        self._show()

    def on_executor_metrics_update(self, event: SparkListenerExecutorMetricsUpdate) -> None:
        """Show what a running task says."""
        for update in event.task_updates:
            self._live.learn(update.task_id, update.accumulables)
            for value in update.accumulables:
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
        texts += self._live.counters()
        if self._live.status:
            texts.append(self._live.status)
        with self._lock:
            if not self._is_closed:
                self._console.show("  |  ".join(texts))
