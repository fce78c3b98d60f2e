"""TaskScheduler: which task runs next on which free worker, and what a task's end means.

Pure: it knows task sets and workers by name, gets the time as an argument, and answers with
instructions (launch, kill, announce) and with events for the DAG scheduler.
"""

from __future__ import annotations

import itertools
import math
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from pyrite.core import events
from pyrite.core.executor.messages import TaskFailed, TaskProgress, TaskSucceeded
from pyrite.core.scheduler import dag_events as dag
from pyrite.core.scheduler.barrier import Barrier, Released
from pyrite.core.scheduler.exclusion import ExclusionPolicy, HealthTracker, TaskSetExcludelist
from pyrite.core.scheduler.failure import describe_failure, user_error
from pyrite.core.scheduler.pool import Scheduling
from pyrite.core.scheduler.slot_blocks import block_of, free_blocks
from pyrite.core.scheduler.stage import TaskSet, TaskSpec
from pyrite.core.scheduler.task_set_manager import (
    Attempt,
    Choice,
    SpeculationPolicy,
    TaskSetManager,
)

__all__ = [
    "KillTask",
    "LaunchTask",
    "ReleaseBarrier",
    "ReplaceExecutors",
    "TaskInstruction",
    "TaskPolicy",
    "TaskScheduler",
    "Tell",
    "Worker",
]


@dataclass(frozen=True)
class TaskPolicy:
    """The settings that decide about tasks.

    Attributes:
        max_failures: Failures of one task by its own fault before its job fails
            (``spark.task.maxFailures``; the F of ``local[N,F]``).
        max_losses: Workers one task may lose before its job fails.
        locality_wait: Seconds a task waits for the worker that holds its data.
        scheduling: The order among task sets.
        speculation: When to start second attempts; None for never.
        exclusion: Where failed tasks keep away from; None for nowhere.
        barrier_patience: Seconds a barrier stage waits for lost slots to be replaced.
    """

    max_failures: int
    max_losses: int
    locality_wait: float
    scheduling: Scheduling
    speculation: SpeculationPolicy | None = None
    exclusion: ExclusionPolicy | None = None
    barrier_patience: float = 0.0


@dataclass(frozen=True)
class Worker:
    """A process that runs one task at a time.

    Attributes:
        worker_id: Its name; tasks' preferred locations are such names.
        executor_id: The executor it is a slot of.
        host: Its machine.
    """

    worker_id: str
    executor_id: str
    host: str


@dataclass(frozen=True, slots=True)
class LaunchTask:
    """Start a task on a worker.

    Attributes:
        worker_id: The worker.
        task_id: The attempt's number.
        task_set: What it belongs to.
        spec: The partition.
        attempt: How many attempts of it were started before.
        barrier_addresses: Where the stage's tasks run when it is a barrier stage, else None.
        beside: Workers of the same executor whose slots it takes as well.
    """

    worker_id: str
    task_id: int
    task_set: TaskSet
    spec: TaskSpec
    attempt: int
    barrier_addresses: tuple[str, ...] | None
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KillTask:
    """Stop a running task."""

    worker_id: str
    task_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReleaseBarrier:
    """Let a task that waits at its barrier go on, or fail if the barrier is ``broken``."""

    worker_id: str
    messages: tuple[str, ...]
    broken: bool


@dataclass(frozen=True, slots=True)
class ReplaceExecutors:
    """End executors and have others in their place."""

    executor_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tell:
    """Hand an event to the DAG scheduler."""

    event: dag.SchedulerEvent


TaskInstruction = LaunchTask | KillTask | ReleaseBarrier | ReplaceExecutors | Tell | dag.Announce

TaskSetKey = tuple[int, int]


class TaskScheduler:
    """Task sets and workers as a state machine.

    Args:
        policy: The settings that decide.
    """

    def __init__(self, policy: TaskPolicy) -> None:
        self.policy = policy
        self.workers: dict[str, Worker] = {}
        #: Workers without a task, in the order in which they became free.
        self.free: dict[str, None] = {}
        self.managers: dict[TaskSetKey, TaskSetManager] = {}
        #: The task set of each running attempt.
        self.running: dict[int, TaskSetKey] = {}
        #: Workers whose slots a task takes that another worker runs.
        self._taken: set[str] = set()
        self._barriers: dict[TaskSetKey, Barrier] = {}
        self._task_ids = itertools.count()
        self._ranks: dict[str, int] = {}
        #: Workers that get no more tasks: their executors are on their way out.
        self._retired: set[str] = set()
        self._health = None if policy.exclusion is None else HealthTracker(policy.exclusion)
        #: Until when task sets wait for an executor that one of their tasks may run on.
        self._unschedulable: dict[TaskSetKey, float] = {}
        #: Until when barrier stages wait for as many slots as there have been.
        self._short: dict[TaskSetKey, float] = {}
        self._most_workers = 0
        self._assigned_at = -math.inf

    # -------------------------------------------------------------------------------- workers

    def worker_ready(self, worker: Worker) -> None:
        """Take a new worker into service."""
        self.workers[worker.worker_id] = worker
        self._most_workers = max(self._most_workers, len(self.workers))
        if worker.worker_id not in self._taken:
            self.free[worker.worker_id] = None
        self._rank()

    def worker_lost(
        self, worker_id: str, reason: str, now_ms: int, *, by_task: bool = True
    ) -> list[TaskInstruction]:
        """Forget a worker and put its task, if any, back.

        Args:
            worker_id: Which one.
            reason: How it ended, for people.
            now_ms: The time in milliseconds since the epoch, for listeners.
            by_task: Whether its task may be to blame, so that it counts as a failure.
        """
        worker = self.workers.pop(worker_id, None)
        self.free.pop(worker_id, None)
        self._retired.discard(worker_id)
        self._rank()
        if worker is None:
            return []
        out: list[TaskInstruction] = []
        for task_id, key in list(self.running.items()):
            attempt = self.managers[key].running[task_id]
            if attempt.worker_id != worker_id:
                continue
            self._free(attempt)
            end: events.TaskEndReason
            if attempt.kill_reason is not None:
                end = events.TaskKilledReason(attempt.kill_reason)
            else:
                end = events.ExecutorLostFailure(worker.executor_id, by_task, reason)
            out += self._failed(task_id, end, None, worker_lost=True, now_ms=now_ms)
        return out

    def retire(self, executor_id: str) -> None:
        """Give no more tasks to an executor's workers; what they run may end."""
        for worker in self.workers.values():
            if worker.executor_id == executor_id:
                self._retired.add(worker.worker_id)
                self.free.pop(worker.worker_id, None)

    def _rank(self) -> None:
        self._ranks = {worker_id: rank for rank, worker_id in enumerate(sorted(self.workers))}

    # ------------------------------------------------------------------------------ task sets

    def submit(self, task_set: TaskSet) -> None:
        """Take a stage attempt's tasks."""
        self.managers[task_set.stage_id, task_set.attempt] = TaskSetManager(
            task_set,
            self.policy.locality_wait,
            self.policy.speculation,
            TaskSetExcludelist(self.policy.exclusion) if self.policy.exclusion else None,
        )

    def abandon(self, stage_id: int, attempt: int) -> None:
        """Start no more tasks of a stage attempt."""
        manager = self.managers.get((stage_id, attempt))
        if manager is not None:
            manager.zombie = True
            self._drop_if_finished((stage_id, attempt))

    def cancel(self, stage_id: int, reason: str) -> list[TaskInstruction]:
        """Stop all attempts of a stage."""
        out: list[TaskInstruction] = []
        for key, manager in list(self.managers.items()):
            if key[0] == stage_id:
                manager.zombie = True
                out += [
                    self._kill(attempt, task_id, reason)
                    for task_id, attempt in manager.running.items()
                ]
                self._drop_if_finished(key)
        return out

    @staticmethod
    def _kill(attempt: Attempt, task_id: int, reason: str) -> KillTask:
        attempt.kill_reason = reason
        return KillTask(attempt.worker_id, task_id, reason)

    def _drop_if_finished(self, key: TaskSetKey) -> None:
        if self.managers[key].finished:
            del self.managers[key]
            self._barriers.pop(key, None)
            self._unschedulable.pop(key, None)
            self._short.pop(key, None)

    # ------------------------------------------------------------------------------- launching

    def assign(self, now: float, now_ms: int) -> list[TaskInstruction]:
        """Give free workers to task sets, in the order of the pools.

        Args:
            now: A monotonic time in seconds.
            now_ms: The time in milliseconds since the epoch, for listeners.
        """
        self._assigned_at = now
        out = self._use_again(now, now_ms)
        while self.free and (launched := self._launch_next(now, now_ms)):
            out += launched
        return out + self._give_up_barred(now)

    def _launch_next(self, now: float, now_ms: int) -> list[TaskInstruction]:
        """Let the first task set that can use a free worker have it."""
        if not any(manager.has_work() for manager in self.managers.values()):
            return []
        # Those that only run are ordered too: what they run counts for their pools.
        for manager in self.policy.scheduling.order(self.managers.values()):
            if manager.has_work() and (launched := list(self._offer(manager, now, now_ms))):
                return launched
        return []

    def _offer(self, manager: TaskSetManager, now: float, now_ms: int) -> Iterator[TaskInstruction]:
        if manager.task_set.barrier:
            yield from self._offer_barrier(manager, now, now_ms)
            return
        usable = self._usable(self.free)
        if manager.slots > 1:
            usable = [name for block in free_blocks(usable, manager.slots) for name in block]
        for worker_id in usable:
            worker = self.workers[worker_id]
            barred = manager.barred_on(worker.executor_id, worker.host)
            choice = manager.choose(worker_id, self._ranks[worker_id], self.workers, now, barred)
            if choice is not None:
                yield from self._launch(manager, worker_id, choice, now, now_ms, None)
                return

    def _offer_barrier(
        self, manager: TaskSetManager, now: float, now_ms: int
    ) -> Iterator[TaskInstruction]:
        """Launch all tasks of a barrier stage, or none."""
        key = manager.task_set.stage_id, manager.task_set.attempt
        count = len(manager.task_set.tasks)
        slots = len(free_blocks(self._usable(self.workers), manager.slots))
        if count > slots:
            until = self._short.setdefault(key, now + self.policy.barrier_patience)
            if now < until and count * manager.slots <= self._most_workers:
                return  # an executor was lost, and its successor is on its way
            manager.zombie = True
            reason = (
                "[SPARK-24819]: Barrier execution mode does not allow run a barrier stage that "
                "requires more slots than the total number of slots in the cluster currently. "
                f"The stage needs {count} slots, the application has {slots}. Please "
                "init a new cluster with more resources(e.g. CPU, GPU) or repartition the input "
                "RDD(s) to reduce the number of slots required to run this barrier stage."
            )
            yield Tell(dag.TaskSetFailed(*key, reason))
            return
        self._short.pop(key, None)
        free = free_blocks(self._usable(self.free), manager.slots)
        if count > len(free):
            return
        chosen = [block[0] for block in free[:count]]
        # Spark gives host:port; workers here listen on no port.
        addresses = tuple(f"{self.workers[worker_id].host}:0" for worker_id in chosen)
        self._barriers[key] = Barrier(count)
        for worker_id in chosen:
            choice = manager.take_any()
            yield from self._launch(manager, worker_id, choice, now, now_ms, addresses)

    def _launch(
        self,
        manager: TaskSetManager,
        worker_id: str,
        choice: Choice,
        now: float,
        now_ms: int,
        barrier_addresses: tuple[str, ...] | None,
    ) -> Iterator[TaskInstruction]:
        task_id = next(self._task_ids)
        worker = self.workers[worker_id]
        info = events.TaskInfo(
            task_id=task_id,
            index=choice.spec.index,
            attempt=choice.attempt,
            partition_id=choice.spec.partition.index,
            launch_time=now_ms,
            executor_id=worker.executor_id,
            host=worker.host,
            locality=choice.locality,
            speculative=choice.speculative,
        )
        slots = manager.slots
        block = block_of(worker_id, slots)
        beside = tuple(name for name in block if name != worker_id) if slots > 1 else ()
        manager.launched(task_id, Attempt(choice, worker_id, now, info, beside))
        task_set = manager.task_set
        self.running[task_id] = task_set.stage_id, task_set.attempt
        self._taken.update(beside)
        for name in block:
            del self.free[name]
        yield LaunchTask(
            worker_id, task_id, task_set, choice.spec, choice.attempt, barrier_addresses, beside
        )
        yield dag.Announce(events.SparkListenerTaskStart(task_set.stage_id, task_set.attempt, info))

    def wakes_at(self) -> float | None:
        """Return when tasks may be assigned next, if nothing else happens."""
        times: list[float | None] = [*self._unschedulable.values(), *self._short.values()]
        if self._health is not None:
            times.append(self._health.wakes_at())
        if self.free:
            times += [manager.wakes_at() for manager in self.managers.values()]
        # What was due then and is still there waits for something to happen, not for a time.
        due = (time for time in times if time is not None and time > self._assigned_at)
        return min(due, default=None)

    def find_stragglers(self, now: float) -> list[TaskInstruction]:
        """Mark stragglers for speculative attempts."""
        return [
            dag.Announce(
                events.SparkListenerSpeculativeTaskSubmitted(stage_id, attempt, index, index)
            )
            for (stage_id, attempt), manager in self.managers.items()
            for index in manager.find_stragglers(now)
        ]

    def backlog(self) -> int:
        """Return how many slots the tasks take that wait for a worker."""
        return sum(manager.backlog() * manager.slots for manager in self.managers.values())

    def slots_taken(self) -> int:
        """Return how many slots the running tasks take."""
        return len(self.running) + len(self._taken)

    # --------------------------------------------------------------------------- under way

    def progressed(self, message: TaskProgress) -> list[TaskInstruction]:
        """Take what a running task says of itself."""
        key = self.running.get(message.task_id)
        if key is None:
            return []
        attempt = self.managers[key].running[message.task_id]
        attempt.progress = tuple(
            events.AccumulableInfo(zlib.crc32(name.encode()), name, update=value)
            for name, value in message.values.items()
        )
        update = events.TaskUpdate(message.task_id, *key, attempt.progress)
        event = events.SparkListenerExecutorMetricsUpdate(attempt.info.executor_id, (update,))
        return [dag.Announce(event)]

    # --------------------------------------------------------------------------------- ends

    def succeeded(
        self, message: TaskSucceeded, result: dag.TaskResult, now: float, now_ms: int
    ) -> list[TaskInstruction]:
        """Take a task's success; ``result`` is its MapStatus or its pickled value."""
        key = self.running.pop(message.task_id, None)
        if key is None:
            return []
        manager = self.managers[key]
        attempt = manager.running[message.task_id]
        self._free(attempt)
        first, others = manager.succeeded(message.task_id, now)
        out: list[TaskInstruction] = [
            self._announce_end(manager, attempt, events.Success(), message.metrics, now_ms)
        ]
        out += [self._kill(manager.running[i], i, "another attempt succeeded") for i in others]
        if first:
            index = attempt.choice.spec.index
            out += self._spare_other_attempts(key, index)
            if key in self._barriers:
                out += self._release(manager, self._barriers[key].leave())
            out.append(Tell(dag.TaskCompleted(*key, index, result, message.accumulators)))
            out += self._judge_executors(manager, now, now_ms)
        self._drop_if_finished(key)
        return out

    def _spare_other_attempts(self, key: TaskSetKey, index: int) -> list[TaskInstruction]:
        """Take a task that an abandoned stage attempt finished out of the one that replaced it.

        There it could only fail, and with it the job. The tasks of a barrier stage belong
        together, so they do not stand in for others.
        """
        out: list[TaskInstruction] = []
        for other, manager in list(self.managers.items()):
            if other[0] == key[0] and other != key and not manager.task_set.barrier:
                for task_id in manager.needs_no_more(index):
                    reason = "another attempt succeeded"
                    out.append(self._kill(manager.running[task_id], task_id, reason))
                self._drop_if_finished(other)
        return out

    def failed(self, message: TaskFailed, now_ms: int) -> list[TaskInstruction]:
        """Take a task's failure: try again, or give its stage up."""
        key = self.running.get(message.task_id)
        if key is None:
            return []
        attempt = self.managers[key].running[message.task_id]
        self._free(attempt)
        end: events.TaskEndReason
        if message.killed:
            end = events.TaskKilledReason(attempt.kill_reason or "killed")
        elif message.fetch_failure is not None:
            shuffle_id, map_id, reduce_id, executor_id, reason = message.fetch_failure
            where = events.BlockManagerId(executor_id, attempt.info.host)
            end = events.FetchFailedReason(where, shuffle_id, map_id, map_id, reduce_id, reason)
        else:
            end = events.ExceptionFailure(
                message.class_name, message.description, full_stack_trace=message.traceback
            )
        return self._failed(message.task_id, end, message, worker_lost=False, now_ms=now_ms)

    def _failed(
        self,
        task_id: int,
        end: events.TaskEndReason,
        message: TaskFailed | None,
        *,
        worker_lost: bool,
        now_ms: int,
    ) -> list[TaskInstruction]:
        key = self.running.pop(task_id)
        manager = self.managers[key]
        attempt = manager.running[task_id]
        counts = _is_tasks_fault(end)
        certain = message is not None and message.certain
        if counts and not certain and manager.excludes is not None and not manager.zombie:
            text = describe_failure(attempt, manager.task_set, end, message)
            info = attempt.info
            manager.excludes.task_failed(info.index, info.executor_id, info.host, text)
        times = manager.failed(task_id, counts=counts, worker_lost=worker_lost)
        metrics = message.metrics if message is not None else None
        out: list[TaskInstruction] = [self._announce_end(manager, attempt, end, metrics, now_ms)]
        if manager.zombie or attempt.choice.spec.index in manager.done:
            pass
        elif isinstance(end, events.FetchFailedReason):
            also_lost = message.also_lost if message is not None else ()
            out += [
                Tell(dag.FetchFailure(*key, end.shuffle_id, map_id, end.message))
                for map_id in (end.map_id, *also_lost)
            ]
        elif counts:
            limit = 1 if certain else self._limit(manager, worker_lost)
            text = describe_failure(attempt, manager.task_set, end, message)
            if manager.task_set.barrier and times < limit:
                out.append(Tell(dag.BarrierTaskFailed(*key, text)))
            elif times >= limit:
                index = attempt.choice.spec.index
                reason = (
                    f"Task {index} in stage {manager.task_set.name} failed {times} times, "
                    f"most recent failure: {text}"
                )
                out.append(Tell(dag.TaskSetFailed(*key, reason, user_error(message))))
        elif manager.task_set.barrier:  # one of its tasks cannot be tried again alone
            text = describe_failure(attempt, manager.task_set, end, message)
            out.append(Tell(dag.BarrierTaskFailed(*key, text)))
        self._drop_if_finished(key)
        return out

    def _limit(self, manager: TaskSetManager, worker_lost: bool) -> int:
        """Return how many failures of this kind a task of a task set may have."""
        if (own := manager.max_failures) is not None:
            return own
        return self.policy.max_losses if worker_lost else self.policy.max_failures

    def _free(self, attempt: Attempt) -> None:
        for worker_id in (attempt.worker_id, *attempt.beside):
            if worker_id in self.workers and worker_id not in self._retired:
                self.free[worker_id] = None
        if attempt.beside:
            self._taken.difference_update(attempt.beside)

    @staticmethod
    def _announce_end(
        manager: TaskSetManager,
        attempt: Attempt,
        end: events.TaskEndReason,
        metrics: events.TaskMetrics | None,
        now_ms: int,
    ) -> dag.Announce:
        failed = not isinstance(end, events.Success)
        killed = isinstance(end, events.TaskKilledReason)
        info = replace(
            attempt.info,
            finish_time=now_ms,
            failed=failed and not killed,
            killed=killed,
            accumulables=attempt.progress,
        )
        task_set = manager.task_set
        kind = type(task_set.task).__name__
        return dag.Announce(
            events.SparkListenerTaskEnd(
                task_set.stage_id, task_set.attempt, kind, end, info, metrics
            )
        )

    # ------------------------------------------------------------------------------ exclusion

    def _usable(self, worker_ids: Collection[str]) -> Collection[str]:
        """Leave out workers of executors and machines the application keeps away from."""
        health = self._health
        if health is None or not health.executors:
            return worker_ids
        workers = [self.workers[worker_id] for worker_id in worker_ids]
        return [w.worker_id for w in workers if not health.is_barred(w.executor_id, w.host)]

    def _use_again(self, now: float, now_ms: int) -> list[TaskInstruction]:
        """Use executors again that were excluded for long enough."""
        over = [] if self._health is None else self._health.expire(now)
        return [dag.Announce(events.SparkListenerExecutorUnexcluded(now_ms, i)) for i in over]

    def _judge_executors(
        self, manager: TaskSetManager, now: float, now_ms: int
    ) -> list[TaskInstruction]:
        """Exclude executors where tasks failed that succeeded elsewhere, once all have."""
        if self._health is None or manager.excludes is None:
            return []
        task_set = manager.task_set
        if len(manager.done) < len(task_set.tasks):
            return []
        stage = task_set.stage_id, task_set.attempt
        found = self._health.stage_succeeded(stage, manager.excludes, now)
        out: list[TaskInstruction] = [
            dag.Announce(
                events.SparkListenerExecutorExcluded(now_ms, each.executor_id, each.failures)
            )
            for each in found
        ]
        if found and self._health.policy.kill:
            out.append(ReplaceExecutors(tuple(each.executor_id for each in found)))
        return out

    def _give_up_barred(self, now: float) -> list[TaskInstruction]:
        """Replace an idle executor for a task that may run nowhere; fail it if that is no use."""
        health = self._health
        if health is None:
            return []
        executors = {worker.executor_id: worker.host for worker in self.workers.values()}
        out: list[TaskInstruction] = []
        for key, manager in self.managers.items():
            spec = manager.barred_everywhere(executors, health)
            if spec is None:
                if executors:  # while one is replaced there may be none
                    self._unschedulable.pop(key, None)
                continue
            until = self._unschedulable.get(key)
            idle = self._idle_executor() if until is None and health.policy.replaces else None
            if idle is not None:
                self._unschedulable[key] = now + health.policy.unschedulable_timeout
                out.append(ReplaceExecutors((idle,)))
            elif until is None or now >= until:
                manager.zombie = True
                out.append(Tell(dag.TaskSetFailed(*key, _barred_text(manager, spec))))
        return out

    def _idle_executor(self) -> str | None:
        busy = {self.workers[worker_id].executor_id for worker_id in self.worker_of()}
        idle = {self.workers[worker_id].executor_id for worker_id in self.free} - busy
        return min(idle, default=None)

    # ------------------------------------------------------------------------------- barriers

    def arrived(self, task_id: int, text: str) -> list[TaskInstruction]:
        """Take a task's arrival at its barrier; the last one releases all."""
        key = self.running.get(task_id)
        barrier = self._barriers.get(key) if key is not None else None
        if key is None or barrier is None:
            return []
        manager = self.managers[key]
        index = manager.running[task_id].choice.spec.partition.index
        return self._release(manager, barrier.arrive(task_id, index, text))

    @staticmethod
    def _release(manager: TaskSetManager, released: Released) -> list[TaskInstruction]:
        return [
            ReleaseBarrier(manager.running[member].worker_id, released.messages, released.broken)
            for member in released.task_ids
            if member in manager.running
        ]

    def worker_of(self) -> Mapping[str, int]:
        """Return the task each busy worker runs."""
        return {
            self.managers[key].running[task_id].worker_id: task_id
            for task_id, key in self.running.items()
        }


def _is_tasks_fault(end: events.TaskEndReason) -> bool:
    if isinstance(end, events.ExecutorLostFailure):
        return end.exit_caused_by_app
    return not isinstance(end, events.TaskKilledReason | events.FetchFailedReason)


def _barred_text(manager: TaskSetManager, spec: TaskSpec) -> str:
    """Say that a task may run nowhere, in Spark's words."""
    assert manager.excludes is not None
    return (
        f"\nAborting TaskSet {manager.task_set.name} because task {spec.index} (partition "
        f"{spec.partition.index})\ncannot run anywhere due to node and executor "
        f"excludeOnFailure.\nMost recent failure:\n{manager.excludes.latest}\n\n"
        "ExcludeOnFailure behavior can be configured via spark.excludeOnFailure.*.\n"
    )
