"""What is known at one moment about a stage, a task, an RDD, an executor, a block manager.

All of them are frozen: an event carries the state of its own moment, however late a listener
reads it. The scheduler makes the next state with ``dataclasses.replace``.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pyspark.storagelevel import StorageLevel

__all__ = [
    "AccumulableInfo",
    "BlockManagerId",
    "BlockUpdatedInfo",
    "ExecutorInfo",
    "ExecutorResourceRequestInfo",
    "RDDInfo",
    "ResourceProfileInfo",
    "StageInfo",
    "TaskInfo",
    "TaskUpdate",
    "now_ms",
]


def now_ms() -> int:
    """Return the time as events carry it: milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class AccumulableInfo:
    """One accumulator, as seen at the end of a task or a stage, or a value a task reports.

    Attributes:
        id: The accumulator's id; made of the name for what a task reports while it runs.
        name: Its name; listeners show only named ones.
        update: What this task added; None on a stage.
        value: The total so far.
        internal: Whether it is one of the engine's own metrics.
        count_failed_values: Whether failed tasks count too.
    """

    id: int
    name: str | None = None
    update: Any = None
    value: Any = None
    internal: bool = False
    count_failed_values: bool = False


@dataclass(frozen=True, slots=True)
class RDDInfo:
    """One RDD of a stage, and how much of it is cached.

    Attributes:
        rdd_id: The RDD's id.
        name: What the user called it, or its class.
        scope: Spark's JSON text naming the operation that made it, such as
            ``{"id":"3","name":"textFile"}``.
        callsite: Where in the user's program it was made.
        parent_ids: The RDDs it is computed from.
        storage_level: Where it is to be cached.
        barrier: Whether it belongs to a barrier stage.
        num_partitions: Number of partitions.
        num_cached_partitions: How many of them are cached.
        memory_size: Bytes in memory.
        disk_size: Bytes on disk.
        deterministic_level: DETERMINATE, UNORDERED or INDETERMINATE.
    """

    rdd_id: int
    name: str
    scope: str | None = None
    callsite: str = ""
    parent_ids: tuple[int, ...] = ()
    storage_level: StorageLevel = field(default_factory=lambda: StorageLevel.NONE)
    barrier: bool = False
    num_partitions: int = 0
    num_cached_partitions: int = 0
    memory_size: int = 0
    disk_size: int = 0
    deterministic_level: str = "DETERMINATE"


@dataclass(frozen=True, slots=True)
class StageInfo:
    """One attempt of a stage.

    Attributes:
        stage_id: The stage.
        attempt_number: Counts from 0.
        name: The call site of the action or shuffle that made it.
        num_tasks: Tasks this attempt runs.
        rdd_infos: The RDDs computed in it.
        parent_ids: The stages it waits for.
        details: The full call site.
        submission_time: When its tasks were handed out; None before.
        completion_time: When the attempt ended; None before.
        failure_reason: Why it failed, if it did.
        accumulables: Named accumulators at its end.
        resource_profile_id: What its tasks ask for; 0 is the default profile.
        is_shuffle_map: Whether its tasks write a shuffle; else they give an action's result.
    """

    stage_id: int
    attempt_number: int
    name: str
    num_tasks: int
    rdd_infos: tuple[RDDInfo, ...] = ()
    parent_ids: tuple[int, ...] = ()
    details: str = ""
    submission_time: int | None = None
    completion_time: int | None = None
    failure_reason: str | None = None
    accumulables: tuple[AccumulableInfo, ...] = ()
    resource_profile_id: int = 0
    is_shuffle_map: bool = False


@dataclass(frozen=True, slots=True)
class TaskInfo:
    """One attempt of a task.

    Attributes:
        task_id: Unique in the application.
        index: Position in its task set.
        attempt: Counts from 0.
        partition_id: The partition it computes.
        launch_time: When it was sent.
        executor_id: Where to.
        host: Of that executor.
        locality: PROCESS_LOCAL, NODE_LOCAL, NO_PREF, RACK_LOCAL or ANY.
        speculative: Whether it is a copy of a slow attempt.
        getting_result_time: When fetching of a large result began; 0 for none.
        finish_time: When it ended; 0 before.
        failed: Whether it ended in failure.
        killed: Whether it was stopped on purpose.
        accumulables: Named accumulators it updated.
    """

    task_id: int
    index: int
    attempt: int
    partition_id: int
    launch_time: int
    executor_id: str
    host: str
    locality: str = "PROCESS_LOCAL"
    speculative: bool = False
    getting_result_time: int = 0
    finish_time: int = 0
    failed: bool = False
    killed: bool = False
    accumulables: tuple[AccumulableInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskUpdate:
    """What a running attempt of a task has come to.

    Attributes:
        task_id: The attempt.
        stage_id: Its stage.
        stage_attempt_id: Counts from 0.
        accumulables: What it has added to, or reported, so far; all of it each time.
    """

    task_id: int
    stage_id: int
    stage_attempt_id: int
    accumulables: tuple[AccumulableInfo, ...]


@dataclass(frozen=True, slots=True)
class ExecutorInfo:
    """One executor as it joined.

    Attributes:
        host: The machine.
        total_cores: Task slots.
        log_urls: Log name -> address.
        attributes: Free-form facts given by the cluster.
        resources: Resource name -> addresses, such as ``{"gpu": ["0"]}``.
        resource_profile_id: The profile it was started for.
    """

    host: str
    total_cores: int
    log_urls: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    resources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    resource_profile_id: int = 0


@dataclass(frozen=True, slots=True)
class BlockManagerId:
    """The address of one executor's blocks.

    Attributes:
        executor_id: The executor.
        host: Its machine.
        port: Where it serves blocks; 0 where it serves none.
    """

    executor_id: str
    host: str
    port: int = 0

    def __str__(self) -> str:
        return f"BlockManagerId({self.executor_id}, {self.host}, {self.port}, None)"


@dataclass(frozen=True, slots=True)
class BlockUpdatedInfo:
    """A block's new state.

    Attributes:
        block_manager_id: Who holds it.
        block_id: Its name, such as ``rdd_3_1``.
        storage_level: Where it is now; StorageLevel.NONE when it was dropped.
        memory_size: Bytes in memory.
        disk_size: Bytes on disk.
    """

    block_manager_id: BlockManagerId
    block_id: str
    storage_level: StorageLevel
    memory_size: int = 0
    disk_size: int = 0


@dataclass(frozen=True, slots=True)
class ExecutorResourceRequestInfo:
    """How much of one resource a profile asks of each executor.

    Attributes:
        resource_name: cores, memory (MiB), offHeap (MiB), gpu, ...
        amount: How much.
        discovery_script: Program that finds the resource's addresses.
        vendor: Vendor of the resource.
    """

    resource_name: str
    amount: int
    discovery_script: str = ""
    vendor: str = ""


@dataclass(frozen=True, slots=True)
class ResourceProfileInfo:
    """What a resource profile asks for.

    Attributes:
        resource_profile_id: 0 is the default profile.
        executor_requests: Per executor.
        task_requests: Resource name -> amount per task; fractions share one.
    """

    resource_profile_id: int
    executor_requests: tuple[ExecutorResourceRequestInfo, ...]
    task_requests: Mapping[str, float]
