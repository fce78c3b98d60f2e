"""What the DAG scheduler is told and what it answers: its events and its instructions.

Events say what happened in the world; instructions say what is to be done about it. Both are
plain values, so that any order of events can be written down in a test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pyrite.core import events
from pyrite.core.executor.messages import LargeResult
from pyrite.core.scheduler.job import AnyJob, JobResult
from pyrite.core.scheduler.stage import TaskSet
from pyrite.core.shuffle import MapStatus

__all__ = [
    "AbandonTaskSet",
    "Announce",
    "BarrierTaskFailed",
    "CallLater",
    "CancelTaskSet",
    "DeliverResult",
    "FetchFailure",
    "FinishJob",
    "Instruction",
    "JobSubmitted",
    "JobsCancelled",
    "MergeAccumulators",
    "OutputsLost",
    "OutputsMoved",
    "ResubmitFailedStages",
    "SchedulerEvent",
    "SubmitTaskSet",
    "TaskCompleted",
    "TaskResult",
    "TaskSetFailed",
    "TaskSetUnsendable",
]

#: A map task's output, or a result task's pickled value.
TaskResult = MapStatus | bytes | LargeResult

# ------------------------------------------------------------------------------ what happens


@dataclass(frozen=True, slots=True)
class JobSubmitted:
    """A thread of the driver asks for a job."""

    job: AnyJob


@dataclass(frozen=True, slots=True)
class JobsCancelled:
    """Someone wants some jobs stopped.

    Attributes:
        select: Whether a job is meant.
        reason: What its error says after ``Job N cancelled``.
    """

    select: Callable[[AnyJob], bool]
    reason: str


@dataclass(frozen=True, slots=True)
class TaskCompleted:
    """A partition is computed.

    Attributes:
        stage_id: The stage.
        attempt: Its attempt.
        index: The task's index in the stage.
        result: Where the output is, for map stages; else the pickled value.
        accumulators: What the task added to each accumulator.
    """

    stage_id: int
    attempt: int
    index: int
    result: TaskResult
    accumulators: Mapping[int, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskSetFailed:
    """A task failed too often, or could not even be sent.

    Attributes:
        stage_id: The stage.
        attempt: Its attempt.
        reason: What happened, for people.
        cause: The user's exception, when that was it.
    """

    stage_id: int
    attempt: int
    reason: str
    cause: BaseException | None = None


@dataclass(frozen=True, slots=True)
class TaskSetUnsendable:
    """A stage's task cannot be pickled; its jobs end with that very error."""

    stage_id: int
    attempt: int
    error: BaseException


@dataclass(frozen=True, slots=True)
class FetchFailure:
    """A task could not read a map output."""

    stage_id: int
    attempt: int
    shuffle_id: int
    map_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class BarrierTaskFailed:
    """A task of a barrier stage failed, so the whole stage runs again."""

    stage_id: int
    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class OutputsLost:
    """A machine is gone, and the map outputs there with it."""

    location: str


@dataclass(frozen=True, slots=True)
class OutputsMoved:
    """Map outputs of a machine are elsewhere now.

    Attributes:
        location: The machine's block server.
        moved: For each file there, its new block server and path.
    """

    location: str
    moved: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ResubmitFailedStages:
    """The delay after a lost map output is over."""


SchedulerEvent = (
    JobSubmitted
    | JobsCancelled
    | TaskCompleted
    | TaskSetFailed
    | TaskSetUnsendable
    | FetchFailure
    | BarrierTaskFailed
    | OutputsLost
    | OutputsMoved
    | ResubmitFailedStages
)


# ---------------------------------------------------------------------------- what is to be done


@dataclass(frozen=True, slots=True)
class SubmitTaskSet:
    """Run these tasks."""

    task_set: TaskSet


@dataclass(frozen=True, slots=True)
class AbandonTaskSet:
    """Start no more tasks of this stage attempt; let the running ones end."""

    stage_id: int
    attempt: int


@dataclass(frozen=True, slots=True)
class CancelTaskSet:
    """Stop this stage attempt's running tasks and start no more."""

    stage_id: int
    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class DeliverResult:
    """Give the job's waiter the result of its ``position``-th partition.

    A map stage's job has one result, the statistics of its output.
    """

    job_id: int
    position: int
    result: JobResult


@dataclass(frozen=True, slots=True)
class MergeAccumulators:
    """Add a task's updates to the driver's accumulators."""

    updates: Mapping[int, Any]


@dataclass(frozen=True, slots=True)
class FinishJob:
    """Tell the job's waiter that it is over; ``error`` is None when it succeeded."""

    job_id: int
    error: BaseException | None


@dataclass(frozen=True, slots=True)
class Announce:
    """Post a listener event."""

    event: events.SparkListenerEvent


@dataclass(frozen=True, slots=True)
class CallLater:
    """Hand an event back after some seconds."""

    seconds: float
    event: SchedulerEvent


Instruction = (
    SubmitTaskSet
    | AbandonTaskSet
    | CancelTaskSet
    | DeliverResult
    | MergeAccumulators
    | FinishJob
    | Announce
    | CallLater
)
