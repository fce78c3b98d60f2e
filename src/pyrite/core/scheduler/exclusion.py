"""Exclusion: which executors and machines a failed task keeps away from, and for how long.

A task that failed on an executor is tried on another one; an executor or machine on which many
tasks of a stage failed gets no more of that stage (`TaskSetExcludelist`); one on which tasks of
several stages failed gets none at all for a while (`HealthTracker`). These are Spark's rules of
``spark.excludeOnFailure.*``. Pure: the time is an argument.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

__all__ = ["ExclusionPolicy", "HealthTracker", "NewlyExcluded", "TaskSetExcludelist"]


@dataclass(frozen=True)
class ExclusionPolicy:
    """How many failures are too many (``spark.excludeOnFailure.*``).

    Attributes:
        timeout: Seconds until an executor or machine is used again.
        task_attempts_per_executor: Attempts of a task on one executor before it keeps away.
        task_attempts_per_node: The same on one machine.
        stage_failures_per_executor: Different tasks of a stage that may fail on an executor
            before the stage keeps away.
        stage_executors_per_node: Excluded executors of a machine before the stage keeps away.
        failures_per_executor: Different tasks that may fail on an executor before the whole
            application keeps away.
        executors_per_node: Excluded executors of a machine before the application keeps away.
        kill: Whether executors the application keeps away from are ended and replaced.
        replaces: Whether executors can be replaced at all.
        unschedulable_timeout: Seconds a task that may run nowhere waits for a new executor.
    """

    timeout: float = 3600.0
    task_attempts_per_executor: int = 1
    task_attempts_per_node: int = 2
    stage_failures_per_executor: int = 2
    stage_executors_per_node: int = 2
    failures_per_executor: int = 2
    executors_per_node: int = 2
    kill: bool = False
    replaces: bool = True
    unschedulable_timeout: float = 120.0


class TaskSetExcludelist:
    """Where the tasks of one stage attempt failed.

    Args:
        policy: How many failures are too many.

    Example:
        >>> excludes = TaskSetExcludelist(ExclusionPolicy())
        >>> excludes.task_failed(0, "executor-1", "host-a", "ValueError")
        >>> excludes.is_barred(0, "executor-1", "host-a"), excludes.is_barred(1, "executor-1", "")
        (True, False)
    """

    def __init__(self, policy: ExclusionPolicy) -> None:
        self._policy = policy
        #: For each executor, how often each task failed there.
        self.failures: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        self.host_of: dict[str, str] = {}
        #: What the latest failure was, for people.
        self.latest = ""
        self._executors: set[str] = set()
        self._hosts: set[str] = set()

    def task_failed(self, index: int, executor_id: str, host: str, reason: str) -> None:
        """Note that an attempt of a task failed by its own fault."""
        self.latest = reason
        policy = self._policy
        failures = self.failures[executor_id]
        failures[index] += 1
        self.host_of[executor_id] = host
        if len(failures) >= policy.stage_failures_per_executor:
            self._executors.add(executor_id)
            excluded = [name for name in self._executors if self.host_of[name] == host]
            if len(excluded) >= policy.stage_executors_per_node:
                self._hosts.add(host)

    def is_barred(self, index: int, executor_id: str, host: str) -> bool:
        """Tell whether a task of the stage is not to run on an executor of a host."""
        if executor_id in self._executors or host in self._hosts:
            return True
        policy = self._policy
        here = self.failures.get(executor_id)
        if here is not None and here.get(index, 0) >= policy.task_attempts_per_executor:
            return True
        on_host = sum(
            failures.get(index, 0)
            for name, failures in self.failures.items()
            if self.host_of[name] == host
        )
        return on_host >= policy.task_attempts_per_node


@dataclass(frozen=True)
class NewlyExcluded:
    """An executor that gets no more tasks.

    Attributes:
        executor_id: Which one.
        failures: How many different tasks failed there.
    """

    executor_id: str
    failures: int


@dataclass
class HealthTracker:
    """Executors and machines that the whole application keeps away from.

    Only failures in stages that succeeded elsewhere count: else a bug in the program would
    exclude every executor.

    Attributes:
        policy: How many failures are too many.
        executors: The excluded executors, and when each is used again.
        hosts: The same of machines.
    """

    policy: ExclusionPolicy
    executors: dict[str, float] = field(default_factory=dict)
    hosts: dict[str, float] = field(default_factory=dict)
    #: For each executor, the tasks (stage, attempt, index) that failed and until when that counts.
    _failures: dict[str, dict[tuple[int, int, int], float]] = field(default_factory=dict)
    _host_of: dict[str, str] = field(default_factory=dict)

    def stage_succeeded(
        self, stage: tuple[int, int], excludes: TaskSetExcludelist, now: float
    ) -> list[NewlyExcluded]:
        """Take the failures of a stage attempt that succeeded in the end.

        Args:
            stage: Its id and attempt.
            excludes: Where its tasks had failed.
            now: A monotonic time in seconds.

        Returns:
            The executors that are excluded from now on.
        """
        until = now + self.policy.timeout
        found = []
        for executor_id, failures in excludes.failures.items():
            known = {
                task: end for task, end in self._failures.get(executor_id, {}).items() if end > now
            }
            known |= dict.fromkeys(((*stage, index) for index in failures), until)
            self._failures[executor_id] = known
            self._host_of[executor_id] = excludes.host_of[executor_id]
            if len(known) >= self.policy.failures_per_executor and (
                executor_id not in self.executors
            ):
                self.executors[executor_id] = until
                self._judge_host(excludes.host_of[executor_id], until)
                found.append(NewlyExcluded(executor_id, len(known)))
        return found

    def _judge_host(self, host: str, until: float) -> None:
        excluded = [name for name in self.executors if self._host_of[name] == host]
        if len(excluded) >= self.policy.executors_per_node:
            self.hosts.setdefault(host, until)

    def is_barred(self, executor_id: str, host: str) -> bool:
        """Tell whether an executor of a host gets no tasks."""
        return executor_id in self.executors or host in self.hosts

    def expire(self, now: float) -> list[str]:
        """Forget what is long ago; return the executors that are used again."""
        over = [name for name, until in self.executors.items() if until <= now]
        for name in over:
            del self.executors[name]
            self._failures.pop(name, None)
        self.hosts = {host: until for host, until in self.hosts.items() if until > now}
        return over

    def wakes_at(self) -> float | None:
        """Return when the next executor or machine is used again, if one is excluded."""
        return min([*self.executors.values(), *self.hosts.values()], default=None)
