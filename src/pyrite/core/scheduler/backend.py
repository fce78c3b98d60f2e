"""SchedulerBackend: what it takes to run tasks somewhere, and what a backend reports.

A backend owns processes and the ways to reach them; it decides nothing. The job loop calls its
methods from one thread only, except ``wake``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pyrite.core.executor.messages import TaskBinary, TaskDescription
from pyrite.core.scheduler.task_scheduler import Worker

__all__ = [
    "BackendEvent",
    "ExecutorsDecommissioned",
    "MessageReceived",
    "NoExecutors",
    "NodeLost",
    "OutputsMoved",
    "SchedulerBackend",
    "WorkerLost",
    "WorkerReady",
]


@dataclass(frozen=True, slots=True)
class WorkerReady:
    """A worker started and can take a task."""

    worker: Worker


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """A worker is gone.

    Attributes:
        worker_id: Which one.
        reason: How it ended, for people.
        expected: Whether it was told to go.
        executor_gone: Whether no other worker takes its place in its executor.
        by_task: Whether its task may be to blame, so that it counts as a failure of the task.
    """

    worker_id: str
    reason: str
    expected: bool = False
    executor_gone: bool = False
    by_task: bool = True


@dataclass(frozen=True, slots=True)
class NodeLost:
    """A machine is gone, and all files on it with it.

    Attributes:
        location: Its block server.
        reason: What is known of its end, for people.
    """

    location: str
    reason: str


@dataclass(frozen=True, slots=True)
class ExecutorsDecommissioned:
    """The machine of executors will go: they are to get no more tasks.

    Attributes:
        executor_ids: Which ones.
        reason: What is known, for people.
    """

    executor_ids: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class OutputsMoved:
    """Map outputs of a machine that will go were copied to others.

    Attributes:
        location: Its block server.
        moved: For each file there, where it is now: a block server and a path.
    """

    location: str
    moved: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class NoExecutors:
    """There is no executor, and none can be expected.

    Attributes:
        reason: Why, and what to do about it, for people.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A worker said something: one of the messages of ``pyrite.core.executor.messages``."""

    worker_id: str
    message: object


BackendEvent = (
    WorkerReady
    | WorkerLost
    | NodeLost
    | ExecutorsDecommissioned
    | OutputsMoved
    | NoExecutors
    | MessageReceived
)


class SchedulerBackend(Protocol):
    """Runs workers: processes that take one task at a time."""

    def start(self) -> None:
        """Start what there is to start; workers report as they become ready."""
        ...

    def stop(self) -> None:
        """End every worker and leave nothing behind."""
        ...

    def launch(self, worker_id: str, task: TaskDescription, binary: TaskBinary) -> None:
        """Send a task, and its binary if the worker does not have it yet."""
        ...

    def tell(self, worker_id: str, message: object) -> None:
        """Send a message to one worker; a worker that is gone is no error."""
        ...

    def tell_all(self, message: object) -> None:
        """Send a message to every worker."""
        ...

    def kill_task(self, worker_id: str, task_id: int) -> None:
        """Interrupt a worker's task, and end the worker if the task does not give way."""
        ...

    def request_executors(self, total: int) -> None:
        """Bring the number of executors to ``total``: start new ones, or let go of unstarted."""
        ...

    def kill_executors(self, executor_ids: Sequence[str], *, replace: bool = False) -> None:
        """End executors, and start as many others if they are to be replaced."""
        ...

    def remove_shuffle(self, shuffle_id: int) -> None:
        """Delete a shuffle's map outputs everywhere."""
        ...

    def remove_copies(self, path: str) -> None:
        """Delete what other machines keep of a scratch file of the driver."""
        ...

    def poll(self, timeout: float | None) -> Sequence[BackendEvent]:
        """Wait for events, at most ``timeout`` seconds (None: until there is one)."""
        ...

    def wake(self) -> None:
        """Make a waiting ``poll`` return now; may be called from any thread."""
        ...
