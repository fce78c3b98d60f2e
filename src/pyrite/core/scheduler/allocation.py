"""ExecutorAllocationManager: how many executors a backlog deserves.

Executors are asked for in rounds of 1, 2, 4, ... while tasks keep waiting, and given up when
idle for long enough: ``spark.dynamicAllocation.*``, as Spark does it. Pure: the time is an
argument.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, field

__all__ = ["AllocationPolicy", "ExecutorAllocationManager"]


@dataclass(frozen=True)
class AllocationPolicy:
    """The settings of dynamic allocation.

    Attributes:
        min_executors: Never fewer.
        max_executors: Never more.
        initial_executors: At the start.
        idle_seconds: An executor without tasks is given up after this long.
        cached_idle_seconds: The same for one that holds cached blocks.
        backlog_seconds: Tasks must wait this long before the first executor is asked for.
        sustained_backlog_seconds: And this long before each further round.
        ratio: Share of full parallelism to aim at.
        slots: Tasks an executor runs at once.
    """

    min_executors: int
    max_executors: float
    initial_executors: int
    idle_seconds: float
    cached_idle_seconds: float
    backlog_seconds: float
    sustained_backlog_seconds: float
    ratio: float
    slots: int


@dataclass
class ExecutorAllocationManager:
    """Watches the backlog and idle executors.

    Attributes:
        policy: The settings.
        target: How many executors are wanted now.
    """

    policy: AllocationPolicy
    target: int = field(init=False)
    _to_add: int = field(default=1, init=False)
    _add_at: float | None = field(default=None, init=False)
    _idle_since: dict[str, float] = field(default_factory=dict, init=False)
    _may_end: bool = field(default=False, init=False)
    #: No task has come yet, so that those of the start stay.
    _initial: bool = field(default=True, init=False)

    def __post_init__(self) -> None:
        self.target = self.policy.initial_executors

    def update(
        self,
        now: float,
        *,
        waiting: int,
        running: int,
        idle: Collection[str],
        cached: Collection[str],
        executors: int,
    ) -> tuple[int, list[str]]:
        """Look at the application and decide.

        Args:
            now: A monotonic time in seconds.
            waiting: Tasks without a worker.
            running: Running tasks.
            idle: Executors that run nothing.
            cached: Executors that hold cached blocks.
            executors: How many executors there are.

        Returns:
            The number of executors wanted, of which some may not have come yet, and the idle
            ones to end.
        """
        needed = math.ceil((waiting + running) * self.policy.ratio / self.policy.slots)
        most = int(min(self.policy.max_executors, max(needed, self.policy.min_executors)))
        self._initial = self._initial and not needed
        if not self._initial:  # those that were asked for and have not come may not be needed now
            self.target = min(self.target, max(most, executors))
        if not waiting:
            self._add_at, self._to_add = None, 1
        elif self._add_at is None:
            self._add_at = now + self.policy.backlog_seconds
        elif now >= self._add_at:
            before = max(self.target, executors)
            self.target = min(before + self._to_add, max(most, executors))
            self._to_add = self._to_add * 2 if self.target == before + self._to_add else 1
            self._add_at = now + self.policy.sustained_backlog_seconds
        ended = self._end_idle(now, idle, cached, executors)
        if ended:
            self._initial = False
            self.target = max(executors - len(ended), self.policy.min_executors)
        return self.target, ended

    def _end_idle(
        self, now: float, idle: Collection[str], cached: Collection[str], executors: int
    ) -> list[str]:
        self._idle_since = {name: self._idle_since.get(name, now) for name in sorted(idle)}
        spare = executors - self.policy.min_executors
        ended = [
            name
            for name, since in self._idle_since.items()
            if now >= self._deadline(since, name in cached)
        ][: max(spare, 0)]
        for name in ended:
            del self._idle_since[name]
        self._may_end = spare > len(ended)
        return ended

    def _deadline(self, since: float, cached: bool) -> float:
        return since + (self.policy.cached_idle_seconds if cached else self.policy.idle_seconds)

    def wakes_at(self, cached: Collection[str]) -> float | None:
        """Return when something may be decided next, if nothing else happens."""
        times = []
        if self._may_end:  # at the minimum, an executor that was idle for long is no deadline
            times = [self._deadline(at, name in cached) for name, at in self._idle_since.items()]
        if self._add_at is not None:
            times.append(self._add_at)
        return min((time for time in times if time != math.inf), default=None)
