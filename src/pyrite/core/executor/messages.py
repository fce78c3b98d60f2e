"""What the driver and a worker say to each other, and the connection that carries it.

Every message is one pickled dataclass in one frame. Large results do not travel: the worker
writes a file into the application's directory and sends its path. So does the driver with large
slices of its own collections.
"""

from __future__ import annotations

import mmap
import os
import pickle
import socket
import weakref
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import cloudpickle

from pyrite.core.events import TaskMetrics
from pyrite.core.network import NetworkSettings
from pyrite.core.storage import BlockUpdate

__all__ = [
    "AddedFiles",
    "AdoptBlocks",
    "BarrierArrived",
    "BarrierReleased",
    "BlocksMoved",
    "CancelTask",
    "DropRdd",
    "ForgetBinaries",
    "LargeResult",
    "MoveBlocks",
    "TaskBinary",
    "TaskDescription",
    "TaskFailed",
    "TaskProgress",
    "TaskSucceeded",
    "WorkerSettings",
    "connection_over",
    "pickle_by_value",
    "read_result",
    "receive",
    "receive_report",
    "send",
    "send_report",
]

_TASK_ENDED, _TASK_GOES_ON = b"E", b"-"

#: Results up to this many bytes travel in the message itself; larger ones go through a file.
INLINE_RESULT_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """Everything a new worker must know; sent to the zygote with the request to fork it.

    Attributes:
        worker_id: Unique in the application; the scheduler's name for this process.
        executor_id: The executor the worker is a slot of.
        host: The machine's name, as it appears in errors and the event log.
        application_id: The application's id.
        conf: The application's settings.
        local_dirs: The application's scratch directories.
        storage_memory: Bytes this worker may use for cached blocks.
        aggregation_memory: Bytes an aggregation or sort may hold before it spills.
        address_space: Hard limit in bytes on the process's address space, or None.
        python_path: The driver's ``sys.path``, so that modules resolve as they do there.
        working_directory: The driver's current directory.
        environment: Variables to set, from ``spark.executorEnv.*`` and ``environment``.
        resources: Addresses of the resources, such as GPUs, of each of the executor's workers,
            by the worker's name and the resource's.
        network: How other machines are reached; None if there is one machine only.
    """

    worker_id: str
    executor_id: str
    host: str
    application_id: str
    conf: Mapping[str, str]
    local_dirs: tuple[str, ...]
    storage_memory: int
    aggregation_memory: int
    address_space: int | None
    python_path: tuple[str, ...]
    working_directory: str
    environment: Mapping[str, str]
    resources: Mapping[str, Mapping[str, tuple[str, ...]]]
    network: NetworkSettings | None = None


@dataclass(frozen=True, slots=True)
class TaskBinary:
    """A stage's pickled task, sent to each worker once before its first task of the stage.

    Attributes:
        binary_id: The stage attempt it belongs to.
        payload: The cloudpickled ``Task``.
        map_outputs: Pickled map statuses, by shuffle id, of the shuffles the stage reads.
    """

    binary_id: int
    payload: bytes
    map_outputs: bytes


@dataclass(frozen=True, slots=True)
class AddedFiles:
    """What ``addFile``, ``addPyFile`` and ``addArchive`` have added.

    Attributes:
        version: How often they have added something.
        python_path: Directories and archives to import from, by their paths in the driver.
    """

    version: int = 0
    python_path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskDescription:
    """One attempt of one task, as a worker receives it.

    Attributes:
        task_id: Unique in the application over all tasks and attempts (Spark's TID).
        attempt: How many times this partition was tried before in this stage attempt.
        stage_id: The stage.
        stage_attempt: How many times the stage was tried before.
        binary_id: Which ``TaskBinary`` to run.
        index: The partition's number in the stage's RDD.
        partition: The pickled ``Partition``.
        properties: The job's local properties.
        cpus: CPUs allotted (``spark.task.cpus``).
        resources: How many of each resource it gets.
        beside: The workers of its executor whose resources it may use as well.
        barrier_addresses: Where the stage's tasks run when it is a barrier stage, else None.
        added_files: What the program had added to the application by then.
    """

    task_id: int
    attempt: int
    stage_id: int
    stage_attempt: int
    binary_id: int
    index: int
    partition: bytes
    properties: Mapping[str, str] = field(default_factory=dict)
    cpus: int = 1
    resources: Mapping[str, int] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    barrier_addresses: tuple[str, ...] | None = None
    added_files: AddedFiles = AddedFiles()


@dataclass(frozen=True, slots=True)
class CancelTask:
    """A task is not wanted any more; an interrupt follows, for when it runs already."""

    task_id: int


@dataclass(frozen=True, slots=True)
class ForgetBinaries:
    """Stage attempts that are over: their binaries and map statuses can go."""

    binary_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DropRdd:
    """Remove an RDD's cached blocks."""

    rdd_id: int


@dataclass(frozen=True, slots=True)
class MoveBlocks:
    """Copy cached blocks to a worker of another machine; `BlocksMoved` answers.

    Attributes:
        worker_id: That worker.
        location: The block server of its machine.
        directories: Where it keeps its blocks.
    """

    worker_id: str
    location: str
    directories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BlocksMoved:
    """Cached blocks were copied to another worker.

    Attributes:
        worker_id: That worker.
        blocks: What it is to adopt.
    """

    worker_id: str
    blocks: tuple[BlockUpdate, ...]


@dataclass(frozen=True, slots=True)
class AdoptBlocks:
    """Take over cached blocks that were copied into the worker's directories."""

    blocks: tuple[BlockUpdate, ...]


@dataclass(frozen=True, slots=True)
class TaskProgress:
    """A running task has something to say of itself.

    Attributes:
        task_id: The attempt.
        values: By name, all it has said so far.
    """

    task_id: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BarrierArrived:
    """A barrier task waits at its meeting point with a message for the others."""

    task_id: int
    message: str


@dataclass(frozen=True, slots=True)
class BarrierReleased:
    """All tasks of the barrier stage arrived; or, when ``broken``, they never will."""

    messages: tuple[str, ...] = ()
    broken: bool = False


@dataclass(frozen=True, slots=True, weakref_slot=True)
class LargeResult:
    """A result that was too large for a message: the file that holds its pickle.

    Whoever receives it owns the file, which goes when nothing refers to the result any more,
    read or not: its job may have been cancelled, or another attempt may have been first.
    """

    path: str
    size: int

    def __reduce__(self) -> tuple[Any, ...]:
        return _received, (self.path, self.size)


def _received(path: str, size: int) -> LargeResult:
    result = LargeResult(path, size)
    # At exit the whole directory goes.
    weakref.finalize(result, _remove, path).atexit = False
    return result


def _remove(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)


@dataclass(frozen=True, slots=True)
class TaskSucceeded:
    """A task's end and result.

    Attributes:
        task_id: The attempt that ended.
        result: The pickled value, or where it is.
        accumulators: What the task added to each accumulator, by id.
        blocks: Cached blocks stored or dropped while it ran.
        metrics: What the task cost.
    """

    task_id: int
    result: bytes | LargeResult
    accumulators: Mapping[int, Any]
    blocks: tuple[Any, ...]
    metrics: TaskMetrics


@dataclass(frozen=True, slots=True)
class TaskFailed:
    """A task's end by an exception.

    Attributes:
        task_id: The attempt that ended.
        error: The pickled exception, or empty when it cannot be pickled.
        class_name: The exception's class.
        description: The exception's text.
        traceback: The user's own frames, formatted.
        element: repr of the element being processed, where known.
        blocks: Cached blocks stored or dropped while it ran.
        metrics: What the task cost until then.
        killed: Whether the task ended because it was told to stop.
        fetch_failure: The lost map output as ``(shuffle, map, reduce, executor, reason)``
            when that was why.
        also_lost: Other map tasks of that shuffle whose outputs are lost.
        certain: Whether every other attempt would end like this one.
    """

    task_id: int
    error: bytes
    class_name: str
    description: str
    traceback: str
    element: str | None
    blocks: tuple[Any, ...]
    metrics: TaskMetrics
    killed: bool = False
    fetch_failure: tuple[int, int, int, str, str] | None = None
    also_lost: tuple[int, ...] = ()
    certain: bool = False


def connection_over(channel: socket.socket) -> Connection[Any, Any]:
    """Turn a connected socket into a framed connection; the socket object is used up."""
    return Connection(channel.detach())


def send(connection: Connection[Any, Any], message: object) -> None:
    """Send one message.

    Raises:
        OSError: If the other side is gone.
    """
    connection.send_bytes(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))


def pickle_by_value(value: object) -> bytes:
    """Pickle a value; what plain pickle cannot name travels by value."""
    try:
        return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, AttributeError, TypeError):
        # Lambdas, local classes and the like.
        return bytes(cloudpickle.dumps(value, pickle.HIGHEST_PROTOCOL))


def send_report(connection: Connection[Any, Any], report: object) -> None:
    """Send what a worker has to say, so that a reader need not unpickle it to see what it is.

    Raises:
        OSError: If the driver is gone.
    """
    mark = _TASK_ENDED if isinstance(report, TaskSucceeded | TaskFailed) else _TASK_GOES_ON
    connection.send_bytes(mark + pickle_by_value(report))


def receive_report(connection: Connection[Any, Any]) -> tuple[bool, memoryview]:
    """Wait for what a worker has to say.

    Returns:
        Whether its task ended with it, and the pickled message.

    Raises:
        EOFError: If the worker closed the connection.
        OSError: If it died.
    """
    report = connection.recv_bytes()
    return report[:1] == _TASK_ENDED, memoryview(report)[1:]


def receive(connection: Connection[Any, Any]) -> Any:
    """Wait for one message.

    Raises:
        EOFError: If the other side closed the connection.
        OSError: If the other side died.
    """
    return pickle.loads(connection.recv_bytes())


def read_result(result: bytes | LargeResult) -> Any:
    """Unpickle a task's result and delete the file that carried it, if any."""
    if isinstance(result, bytes):
        return pickle.loads(result)
    with open(result.path, "rb") as file:
        os.unlink(result.path)
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as buffer:
            return pickle.loads(buffer)
