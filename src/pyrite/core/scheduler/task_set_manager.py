"""TaskSetManager: the tasks of one stage attempt, from pending to done.

It decides which task a free worker should run (one whose cached data is there, else one that
waits for nobody, else after ``spark.locality.wait`` any), counts failures, and picks stragglers
for a second, speculative attempt. It is pure: times come in as arguments.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from pyrite.core.events import AccumulableInfo, TaskInfo
from pyrite.core.events.local_properties import MAX_FAILURES, POOL
from pyrite.core.scheduler.exclusion import HealthTracker, TaskSetExcludelist
from pyrite.core.scheduler.pool import DEFAULT_POOL
from pyrite.core.scheduler.stage import TaskSet, TaskSpec

__all__ = ["Attempt", "Choice", "SpeculationPolicy", "TaskSetManager"]


@dataclass(frozen=True)
class SpeculationPolicy:
    """When a running task counts as a straggler (``spark.speculation.*``).

    Attributes:
        multiplier: How many times the median duration it must have run.
        quantile: The share of the stage's tasks that must be done before.
        min_seconds: The least time it must have run.
    """

    multiplier: float
    quantile: float
    min_seconds: float


@dataclass(frozen=True, slots=True)
class Choice:
    """A task chosen for a worker.

    Attributes:
        spec: The task.
        attempt: How many attempts of it were started before.
        speculative: Whether another attempt of it is running.
        locality: Spark's name for how close its data is.
    """

    spec: TaskSpec
    attempt: int
    speculative: bool
    locality: str


@dataclass(slots=True)
class Attempt:
    """A running attempt of a task.

    Attributes:
        choice: The task.
        worker_id: The worker that runs it.
        started: When, in seconds.
        info: What listeners know of it.
        beside: Workers that stay idle meanwhile, since it takes their slots.
        kill_reason: Why it was told to stop.
        progress: What it has said of itself so far, as listeners are told.
    """

    choice: Choice
    worker_id: str
    started: float
    info: TaskInfo
    beside: tuple[str, ...] = ()
    kill_reason: str | None = None
    progress: tuple[AccumulableInfo, ...] = ()


@dataclass
class TaskSetManager:
    """The state of one stage attempt's tasks.

    Attributes:
        task_set: What is to be run.
        locality_wait: Seconds a task waits for the worker that holds its data.
        speculation: When to start second attempts; None for never.
        excludes: Where its tasks failed; None when that keeps them from nowhere.
        pending: Tasks not running and not done, by index, in order.
        running: Running attempts by task id.
        done: Indices of finished tasks.
        zombie: No task is started any more; running ones may still end.
    """

    task_set: TaskSet
    locality_wait: float
    speculation: SpeculationPolicy | None = None
    excludes: TaskSetExcludelist | None = None
    pending: dict[int, TaskSpec] = field(init=False)
    running: dict[int, Attempt] = field(default_factory=dict, init=False)
    done: set[int] = field(default_factory=set, init=False)
    zombie: bool = field(default=False, init=False)
    failures: dict[int, int] = field(default_factory=dict, init=False)
    losses: dict[int, int] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.pending = {spec.index: spec for spec in self.task_set.tasks}
        self._started: dict[int, int] = {}
        self._stragglers: dict[int, TaskSpec] = {}
        self._durations: list[float] = []
        self._last_launch: float | None = None
        self._unlocated = sum(1 for spec in self.task_set.tasks if not spec.locations)

    @property
    def priority(self) -> int:
        """The job that needs it first."""
        return self.task_set.priority

    @property
    def stage_id(self) -> int:
        """The stage."""
        return self.task_set.stage_id

    @property
    def slots(self) -> int:
        """How many slots each of its tasks takes."""
        return self.task_set.request.slots

    @property
    def running_count(self) -> int:
        """How many attempts run."""
        return len(self.running)

    @property
    def pool(self) -> str:
        """The pool the job was submitted to."""
        return self.task_set.properties.get(POOL, DEFAULT_POOL)

    @property
    def max_failures(self) -> int | None:
        """How often one of its tasks may fail, where the job has a limit of its own."""
        limit = self.task_set.properties.get(MAX_FAILURES, "")
        return int(limit) if limit.isdecimal() and int(limit) else None

    @property
    def finished(self) -> bool:
        """Whether nothing of it runs or will run."""
        return not self.running and (self.zombie or not self.pending)

    # ------------------------------------------------------------------------------- choosing

    def choose(
        self,
        worker_id: str,
        rank: int,
        workers: Collection[str],
        now: float,
        barred: Collection[int] = (),
    ) -> Choice | None:
        """Choose a task for a free worker, or None to leave the worker free for others.

        Args:
            worker_id: The free worker.
            rank: Its position among the workers: tasks without preferences are spread so that
                the same partition meets the same worker in the next stage too.
            workers: All living workers.
            now: The time in seconds.
            barred: The tasks, by index, that are not to run on this worker.
        """
        if self.zombie:
            return None
        if self._last_launch is None:
            self._last_launch = now
        spec, locality = self._choose_pending(worker_id, rank, workers, now, barred)
        if spec is not None:
            del self.pending[spec.index]
            self._last_launch = now
            return Choice(spec, self._next_attempt(spec.index), False, locality)
        for spec in self._stragglers.values():
            holders = {a.worker_id for a in self.running.values() if a.choice.spec is spec}
            if worker_id not in holders and spec.index not in barred:
                del self._stragglers[spec.index]
                return Choice(spec, self._next_attempt(spec.index), True, "ANY")
        return None

    def _choose_pending(
        self,
        worker_id: str,
        rank: int,
        workers: Collection[str],
        now: float,
        barred: Collection[int],
    ) -> tuple[TaskSpec | None, str]:
        if self._unlocated == len(self.task_set.tasks):
            return self._spread(rank, len(workers), barred), "PROCESS_LOCAL"
        free: TaskSpec | None = None
        anywhere: TaskSpec | None = None
        for spec in self.pending.values():
            if spec.index in barred:
                continue
            if worker_id in spec.locations:
                return spec, "PROCESS_LOCAL"
            if anywhere is None:
                anywhere = spec
            if free is None and not any(place in workers for place in spec.locations):
                free = spec
        if free is not None:
            return free, "NO_PREF"
        assert self._last_launch is not None
        if anywhere is not None and now - self._last_launch >= self.locality_wait:
            return anywhere, "ANY"
        return None, ""

    def barred_on(self, executor_id: str, host: str) -> Collection[int]:
        """Return the tasks, by index, that are not to run on an executor of a host."""
        excludes = self.excludes
        if excludes is None or not excludes.failures:
            return ()
        return {i for i in self._waiting() if excludes.is_barred(i, executor_id, host)}

    def barred_everywhere(
        self, executors: Mapping[str, str], health: HealthTracker
    ) -> TaskSpec | None:
        """Return a pending task that may run on none of the executors, if there is one.

        Args:
            executors: Their hosts by id.
            health: What the application keeps away from.
        """
        excludes = self.excludes
        if self.zombie or excludes is None or not executors:
            return None
        left = {n: host for n, host in executors.items() if not health.is_barred(n, host)}
        if left and not excludes.failures:
            return None
        for spec in self.pending.values():
            if all(excludes.is_barred(spec.index, name, host) for name, host in left.items()):
                return spec
        return None

    def _waiting(self) -> set[int]:
        return self.pending.keys() | self._stragglers.keys()

    def take_any(self) -> Choice:
        """Choose the first pending task, wherever its data is: a barrier stage cannot wait."""
        spec = next(iter(self.pending.values()))
        del self.pending[spec.index]
        return Choice(spec, self._next_attempt(spec.index), False, "ANY")

    def _spread(self, rank: int, workers: int, barred: Collection[int]) -> TaskSpec | None:
        """Prefer partitions that are this worker's by number, then take any.

        Looking at a few is enough: with every worker taking its own, its next one is near the
        front.
        """
        first: TaskSpec | None = None
        for position, spec in enumerate(self.pending.values()):
            if spec.index in barred:
                continue
            if spec.partition.index % workers == rank:
                return spec
            if first is None:
                first = spec
            if position >= 2 * workers:
                break
        return first

    def wakes_at(self) -> float | None:
        """Return when a task stops waiting for its preferred worker, if one does wait."""
        if self.zombie or not self.pending or self._last_launch is None:
            return None
        return self._last_launch + self.locality_wait

    def _next_attempt(self, index: int) -> int:
        attempt = self._started.get(index, 0)
        self._started[index] = attempt + 1
        return attempt

    # -------------------------------------------------------------------------------- outcomes

    def launched(self, task_id: int, attempt: Attempt) -> None:
        """Note that a chosen task was started."""
        self.running[task_id] = attempt

    def succeeded(self, task_id: int, now: float) -> tuple[bool, list[int]]:
        """Note a success.

        Returns:
            Whether it is the first of its task, and the other attempts to be stopped.
        """
        attempt = self.running.pop(task_id)
        index = attempt.choice.spec.index
        if index in self.done:
            return False, []
        self._durations.append(now - attempt.started)
        return True, self.needs_no_more(index)

    def needs_no_more(self, index: int) -> list[int]:
        """Note that a task's result is there; return the attempts of it to be stopped."""
        self.done.add(index)
        self.pending.pop(index, None)
        self._stragglers.pop(index, None)
        return self._attempts_of(index)

    def failed(self, task_id: int, *, counts: bool, worker_lost: bool = False) -> int:
        """Note a failure and put the task back, unless another attempt of it is under way.

        Args:
            task_id: The attempt that failed.
            counts: Whether the failure is the task's own.
            worker_lost: Whether the whole worker was lost.

        Returns:
            How often the task has failed now, in the way it failed this time.
        """
        attempt = self.running.pop(task_id)
        spec = attempt.choice.spec
        if spec.index not in self.done and not self._attempts_of(spec.index):
            self.pending[spec.index] = spec
            self._stragglers.pop(spec.index, None)
        if not counts:
            return 0
        counter = self.losses if worker_lost else self.failures
        counter[spec.index] = counter.get(spec.index, 0) + 1
        return counter[spec.index]

    def _attempts_of(self, index: int) -> list[int]:
        return [i for i, other in self.running.items() if other.choice.spec.index == index]

    def find_stragglers(self, now: float) -> list[int]:
        """Mark tasks for a second attempt and return their indices."""
        policy = self.speculation
        total = len(self.task_set.tasks)
        if policy is None or self.zombie or self.task_set.barrier or total < 2:
            return []
        if not self._durations or len(self.done) < max(math.floor(policy.quantile * total), 1):
            return []
        threshold = max(policy.multiplier * statistics.median(self._durations), policy.min_seconds)
        found = []
        for attempt in self.running.values():
            spec = attempt.choice.spec
            alone = len(self._attempts_of(spec.index)) == 1
            if alone and spec.index not in self._stragglers and now - attempt.started > threshold:
                self._stragglers[spec.index] = spec
                found.append(spec.index)
        return found

    def has_work(self) -> bool:
        """Whether a free worker could be of use."""
        return not self.zombie and bool(self.pending or self._stragglers)

    def backlog(self) -> int:
        """How many tasks wait for a worker."""
        return 0 if self.zombie else len(self.pending) + len(self._stragglers)
