"""The settings of scheduling: from an application's configuration to the policies that decide."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from pyrite.core.conf import ConfigEntry, parse_bool, parse_bytes, parse_seconds
from pyrite.core.errors import SparkException, SparkIllegalArgumentException
from pyrite.core.scheduler.allocation import AllocationPolicy
from pyrite.core.scheduler.exclusion import ExclusionPolicy
from pyrite.core.scheduler.heartbeat_receiver import HeartbeatPolicy
from pyrite.core.scheduler.local_backend import ExecutorShape
from pyrite.core.scheduler.master import Master
from pyrite.core.scheduler.pool import Scheduling, read_pools
from pyrite.core.scheduler.resources import executor_resources
from pyrite.core.scheduler.task_request import TaskResources
from pyrite.core.scheduler.task_scheduler import TaskPolicy
from pyrite.core.scheduler.task_set_manager import SpeculationPolicy

__all__ = [
    "SchedulerSettings",
    "allocation_policy",
    "exclusion_policy",
    "executor_shape",
    "heartbeat_policy",
    "speculation_interval",
    "task_policy",
    "task_resources",
]


def _milliseconds(text: str) -> float:
    return parse_seconds(text, "ms")


def _some_milliseconds(text: str) -> float:
    seconds = _milliseconds(text)
    if seconds <= 0:
        raise SparkIllegalArgumentException(f"'{text}' must be more than 0.")
    return seconds


def _mebibytes(text: str) -> int:
    return parse_bytes(text, "m")


def _at_least_one(text: str) -> int:
    value = int(text)
    if value < 1:
        raise SparkIllegalArgumentException(f"'{text}' must be at least 1.")
    return value


_CPUS_PER_TASK = ConfigEntry("spark.task.cpus", "1", _at_least_one)
_MAX_STAGE_ATTEMPTS = ConfigEntry("spark.stage.maxConsecutiveAttempts", "4", _at_least_one)
_MAX_FAILURES = ConfigEntry("spark.task.maxFailures", "4", _at_least_one)
_LOCALITY_WAIT = ConfigEntry(
    "spark.locality.wait.process", "3s", _milliseconds, fallback="spark.locality.wait"
)
_BARRIER_INTERVAL = ConfigEntry(
    "spark.scheduler.barrier.maxConcurrentTasksCheck.interval", "15s", parse_seconds
)
_BARRIER_FAILURES = ConfigEntry(
    "spark.scheduler.barrier.maxConcurrentTasksCheck.maxFailures", "40", _at_least_one
)
_SCHEDULER_MODE = ConfigEntry("spark.scheduler.mode", "FIFO", str.upper)

_SPECULATION = ConfigEntry("spark.speculation", "false", parse_bool)
_SPECULATION_INTERVAL = ConfigEntry("spark.speculation.interval", "100ms", _milliseconds)
_SPECULATION_MULTIPLIER = ConfigEntry("spark.speculation.multiplier", "3", float)
_SPECULATION_QUANTILE = ConfigEntry("spark.speculation.quantile", "0.9", float)
_SPECULATION_MIN_RUNTIME = ConfigEntry("spark.speculation.minTaskRuntime", "100ms", _milliseconds)

_EXCLUDE = "spark.excludeOnFailure"
_EXCLUSION = ConfigEntry(f"{_EXCLUDE}.enabled", "false", parse_bool)
_EXCLUDE_TIMEOUT = ConfigEntry(f"{_EXCLUDE}.timeout", "1h", parse_seconds)
_EXCLUDE_KILL = ConfigEntry(f"{_EXCLUDE}.killExcludedExecutors", "false", parse_bool)
_UNSCHEDULABLE_TIMEOUT = ConfigEntry(
    "spark.scheduler.excludeOnFailure.unschedulableTaskSetTimeout", "120s", parse_seconds
)
#: The limits of an ExclusionPolicy, by its attribute.
_EXCLUDE_LIMITS = {
    attribute: ConfigEntry(f"{_EXCLUDE}.{name}", default, int)
    for attribute, name, default in (
        ("task_attempts_per_executor", "task.maxTaskAttemptsPerExecutor", "1"),
        ("task_attempts_per_node", "task.maxTaskAttemptsPerNode", "2"),
        ("stage_failures_per_executor", "stage.maxFailedTasksPerExecutor", "2"),
        ("stage_executors_per_node", "stage.maxFailedExecutorsPerNode", "2"),
        ("failures_per_executor", "application.maxFailedTasksPerExecutor", "2"),
        ("executors_per_node", "application.maxFailedExecutorsPerNode", "2"),
    )
}

_CORES_MAX = ConfigEntry("spark.cores.max", "0", int)
_MERGE_PROFILES = ConfigEntry("spark.scheduler.resource.profileMergeConflicts", "false", parse_bool)

_DRIVER_MEMORY = ConfigEntry("spark.driver.memory", "1g", _mebibytes)
_EXECUTOR_MEMORY = ConfigEntry("spark.executor.memory", "1g", _mebibytes)
_WORKER_MEMORY = ConfigEntry("spark.python.worker.memory", "512m", _mebibytes)
_ADDRESS_SPACE = ConfigEntry("spark.executor.pyspark.memory", "0", _mebibytes)
_MEMORY_FRACTION = ConfigEntry("spark.memory.fraction", "0.6", float)

_HEARTBEAT_INTERVAL = ConfigEntry("spark.executor.heartbeatInterval", "10s", _some_milliseconds)
_NETWORK_TIMEOUT = ConfigEntry("spark.network.timeout", "120s", parse_seconds)

_DYNAMIC = ConfigEntry("spark.dynamicAllocation.enabled", "false", parse_bool)
_MIN_EXECUTORS = ConfigEntry("spark.dynamicAllocation.minExecutors", "0", int)
_MAX_EXECUTORS = ConfigEntry("spark.dynamicAllocation.maxExecutors", "infinity", float)
_INITIAL_EXECUTORS = ConfigEntry(
    "spark.dynamicAllocation.initialExecutors",
    "0",
    int,
    fallback="spark.dynamicAllocation.minExecutors",
)
_IDLE = ConfigEntry("spark.dynamicAllocation.executorIdleTimeout", "60s", parse_seconds)
_CACHED_IDLE = ConfigEntry(
    "spark.dynamicAllocation.cachedExecutorIdleTimeout",
    "infinity",
    lambda text: math.inf if text == "infinity" else parse_seconds(text),
)
_BACKLOG = ConfigEntry("spark.dynamicAllocation.schedulerBacklogTimeout", "1s", parse_seconds)
_SUSTAINED_BACKLOG = ConfigEntry(
    "spark.dynamicAllocation.sustainedSchedulerBacklogTimeout",
    "1s",
    parse_seconds,
    fallback="spark.dynamicAllocation.schedulerBacklogTimeout",
)
_RATIO = ConfigEntry("spark.dynamicAllocation.executorAllocationRatio", "1.0", float)


@dataclass(frozen=True, slots=True)
class SchedulerSettings:
    """All that an application's settings say of scheduling.

    Attributes:
        tasks: How tasks are run.
        executors: What executors are like.
        allocation: How many there are; None when they are fixed.
        heartbeat: When a worker that was stopped is given up.
        speculation_interval: Seconds between looks for stragglers; None for never.
        max_stage_attempts: Attempts in a row a stage may lose to missing map outputs.
        resources: What an executor has for its tasks.
    """

    tasks: TaskPolicy
    executors: ExecutorShape
    allocation: AllocationPolicy | None
    heartbeat: HeartbeatPolicy
    speculation_interval: float | None
    max_stage_attempts: int
    resources: TaskResources

    @classmethod
    def of(cls, conf: Mapping[str, str], master: Master) -> SchedulerSettings:
        """Read them.

        Raises:
            SparkIllegalArgumentException: If a setting cannot be used; the message names it.
        """
        executors = executor_shape(conf, master)
        return cls(
            tasks=task_policy(conf, master),
            executors=executors,
            allocation=allocation_policy(conf, master),
            heartbeat=heartbeat_policy(conf),
            speculation_interval=speculation_interval(conf),
            max_stage_attempts=_MAX_STAGE_ATTEMPTS.read(conf),
            resources=task_resources(conf, master, executors),
        )


def task_policy(conf: Mapping[str, str], master: Master) -> TaskPolicy:
    """Return the policy of running tasks.

    Raises:
        SparkIllegalArgumentException: If a setting cannot be used; the message names it.
    """
    losses = _MAX_FAILURES.read(conf)
    path = conf.get("spark.scheduler.allocation.file")
    return TaskPolicy(
        max_failures=losses if master.max_failures is None else master.max_failures,
        # A killed process says little about the task, so local mode's single try does not apply.
        max_losses=losses,
        locality_wait=_LOCALITY_WAIT.read(conf),
        scheduling=Scheduling(_SCHEDULER_MODE.read(conf), read_pools(path) if path else {}),
        speculation=SpeculationPolicy(
            multiplier=_SPECULATION_MULTIPLIER.read(conf),
            quantile=_SPECULATION_QUANTILE.read(conf),
            min_seconds=_SPECULATION_MIN_RUNTIME.read(conf),
        )
        if _SPECULATION.read(conf)
        else None,
        exclusion=exclusion_policy(conf, master),
        barrier_patience=_BARRIER_INTERVAL.read(conf) * _BARRIER_FAILURES.read(conf),
    )


def exclusion_policy(conf: Mapping[str, str], master: Master) -> ExclusionPolicy | None:
    """Return where failed tasks keep away from, or None when they may run anywhere again.

    Raises:
        SparkIllegalArgumentException: If a setting cannot be used; the message names it.
    """
    if not _EXCLUSION.read(conf):
        return None
    limits = {attribute: entry.read(conf) for attribute, entry in _EXCLUDE_LIMITS.items()}
    timeout, failures = _EXCLUDE_TIMEOUT.read(conf), _MAX_FAILURES.read(conf)
    read = [(_EXCLUDE_LIMITS[attribute].key, value) for attribute, value in limits.items()]
    for key, value in [*read, (_EXCLUDE_TIMEOUT.key, timeout)]:
        if value <= 0:
            raise SparkIllegalArgumentException(f"{key} was {value:g}, but must be > 0.")
    on_node = limits["task_attempts_per_node"]
    if on_node >= failures:
        key = _EXCLUDE_LIMITS["task_attempts_per_node"].key
        raise SparkIllegalArgumentException(
            f"{key} ( = {on_node}) was >= {_MAX_FAILURES.key} ( = {failures} ). Though "
            "excludeOnFailure is enabled, with this configuration, Spark will not be robust to one "
            f"bad node. Decrease {key}, increase {_MAX_FAILURES.key}, or disable excludeOnFailure "
            f"with {_EXCLUSION.key}"
        )
    return ExclusionPolicy(
        timeout=timeout,
        kill=_EXCLUDE_KILL.read(conf) and not master.in_driver,
        replaces=not master.in_driver,
        unschedulable_timeout=_UNSCHEDULABLE_TIMEOUT.read(conf),
        **limits,
    )


def speculation_interval(conf: Mapping[str, str]) -> float | None:
    """Return the seconds between looks for stragglers, or None when speculation is off."""
    return _SPECULATION_INTERVAL.read(conf) if _SPECULATION.read(conf) else None


def heartbeat_policy(conf: Mapping[str, str]) -> HeartbeatPolicy:
    """Return when a worker that was stopped is given up.

    Raises:
        SparkIllegalArgumentException: If a setting cannot be used; the message names it.
    """
    interval, timeout = _HEARTBEAT_INTERVAL.read(conf), _NETWORK_TIMEOUT.read(conf)
    if interval >= timeout:
        raise SparkIllegalArgumentException(
            "[INVALID_SPARK_CONFIG.INVALID_EXECUTOR_HEARTBEAT_INTERVAL] Invalid Spark config: The "
            f"value of {_NETWORK_TIMEOUT.key}={timeout * 1000:.0f}ms must be greater than the "
            f"value of {_HEARTBEAT_INTERVAL.key}={interval * 1000:.0f}ms. SQLSTATE: 42616"
        )
    return HeartbeatPolicy(interval, timeout)


def executor_shape(conf: Mapping[str, str], master: Master) -> ExecutorShape:
    """Return what executors are like.

    An executor's memory is divided among its workers: the share of ``spark.memory.fraction`` is
    for cached blocks; an aggregation may hold ``spark.python.worker.memory`` before it spills.

    Raises:
        SparkIllegalArgumentException: If a setting cannot be used; the message names it.
    """
    cpus = _CPUS_PER_TASK.read(conf)
    if not master.in_driver and master.cores < cpus:
        raise SparkException(
            f"The number of cores per executor (={master.cores}) has to be >= the number of cpus "
            f"per task = {cpus}."
        )
    on_cluster = master.ray_address is not None
    resources = executor_resources(conf, None if on_cluster else master.executors)
    slots = resources.slots(max(master.cores // cpus, 1))
    memory = _EXECUTOR_MEMORY.read(conf)
    if master.in_driver and _EXECUTOR_MEMORY.key not in conf:
        memory = _DRIVER_MEMORY.read(conf)
    memory = min(memory, master.memory or memory)
    address_space = _ADDRESS_SPACE.read(conf)
    allocation = allocation_policy(conf, master)
    count = master.executors if allocation is None else allocation.initial_executors
    names = ("driver",) if master.in_driver else tuple(str(number) for number in range(count))
    return ExecutorShape(
        names=names,
        slots=slots,
        storage_memory=int(memory * _MEMORY_FRACTION.read(conf)) // slots,
        aggregation_memory=min(_WORKER_MEMORY.read(conf), memory),
        address_space=address_space // slots if address_space else None,
        resources=resources,
    )


def task_resources(conf: Mapping[str, str], master: Master, shape: ExecutorShape) -> TaskResources:
    """Return what an executor of a certain shape has for its tasks.

    Raises:
        SparkIllegalArgumentException: If a setting cannot be used; the message names it.
    """
    return TaskResources(
        cores=master.cores,
        slots=shape.slots,
        cpus_per_task=_CPUS_PER_TASK.read(conf),
        per_executor=shape.resources.per_executor,
        per_task=shape.resources.per_task,
        per_slot=shape.resources.per_slot(shape.slots),
        merges_profiles=_MERGE_PROFILES.read(conf),
        has_dynamic_allocation=allocation_policy(conf, master) is not None,
    )


def allocation_policy(conf: Mapping[str, str], master: Master) -> AllocationPolicy | None:
    """Return the policy of dynamic allocation, or None when the executors are fixed.

    Raises:
        SparkIllegalArgumentException: If a setting cannot be used; the message names it.
    """
    if master.in_driver or not _DYNAMIC.read(conf):
        return None
    minimum, maximum = _MIN_EXECUTORS.read(conf), _MAX_EXECUTORS.read(conf)
    if not 0 <= minimum <= maximum or maximum < 1:
        raise SparkIllegalArgumentException(
            f"{_MIN_EXECUTORS.key} ({minimum}) must be at least 0 and at most "
            f"{_MAX_EXECUTORS.key} ({maximum:g}), which must be at least 1."
        )
    ratio = _RATIO.read(conf)
    if not 0 < ratio <= 1:
        raise SparkIllegalArgumentException(f"{_RATIO.key} must be > 0 and <= 1.0, not {ratio}")
    most = min(maximum, _most_executors(conf, master))
    return AllocationPolicy(
        min_executors=int(min(minimum, most)),
        max_executors=most,
        initial_executors=int(min(max(_INITIAL_EXECUTORS.read(conf), minimum), most)),
        idle_seconds=_IDLE.read(conf),
        cached_idle_seconds=_CACHED_IDLE.read(conf),
        backlog_seconds=_BACKLOG.read(conf),
        sustained_backlog_seconds=_SUSTAINED_BACKLOG.read(conf),
        ratio=ratio,
        slots=max(master.cores // _CPUS_PER_TASK.read(conf), 1),
    )


def _most_executors(conf: Mapping[str, str], master: Master) -> float:
    """Return how many executors a master can have: a Ray cluster may grow."""
    if master.ray_address is None:
        return master.executors
    cores = _CORES_MAX.read(conf)
    return max(cores // master.cores, 1) if cores else math.inf
