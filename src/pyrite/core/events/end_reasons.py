"""How one task attempt ended; the scheduler decides by class, people read ``error_text``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from pyrite.core.events.info import AccumulableInfo, BlockManagerId

__all__ = [
    "ExceptionFailure",
    "ExecutorLostFailure",
    "FetchFailedReason",
    "Resubmitted",
    "StackTraceElement",
    "Success",
    "TaskCommitDenied",
    "TaskEndReason",
    "TaskKilledReason",
    "TaskResultLost",
    "UnknownReason",
]


@dataclass(frozen=True, slots=True)
class StackTraceElement:
    """One frame of a failed task's traceback.

    Attributes:
        declaring_class: The module (Spark: the class) of the function.
        method_name: The function.
        file_name: Its source file.
        line_number: The line being run.
    """

    declaring_class: str
    method_name: str
    file_name: str
    line_number: int


@dataclass(frozen=True, slots=True)
class Success:
    """The task gave its result."""

    name: ClassVar[str] = "Success"
    error_text: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class Resubmitted:
    """A finished map task must run again: the executor that held its output is lost."""

    name: ClassVar[str] = "Resubmitted"
    error_text: ClassVar[str] = "Resubmitted (resubmitted due to lost executor)"


@dataclass(frozen=True, slots=True)
class TaskResultLost:
    """The task finished, but its result could not be read."""

    name: ClassVar[str] = "TaskResultLost"
    error_text: ClassVar[str] = "TaskResultLost (result lost from block manager)"


@dataclass(frozen=True, slots=True)
class UnknownReason:
    """The engine cannot tell why the task ended."""

    name: ClassVar[str] = "UnknownReason"
    error_text: ClassVar[str] = "UnknownReason"


@dataclass(frozen=True, slots=True)
class FetchFailedReason:
    """A map output could not be read.

    Attributes:
        block_manager: Where the output was recorded to be, if anywhere.
        shuffle_id: The shuffle.
        map_id: The id of the map task (unique over attempts).
        map_index: The map task's partition; -1 when the whole shuffle is gone.
        reduce_id: The reducer that asked.
        message: One sentence for people.
    """

    block_manager: BlockManagerId | None
    shuffle_id: int
    map_id: int
    map_index: int
    reduce_id: int
    message: str
    name: ClassVar[str] = "FetchFailed"

    @property
    def error_text(self) -> str:
        """Spark's one-paragraph form."""
        address = "null" if self.block_manager is None else str(self.block_manager)
        return (
            f"FetchFailed({address}, shuffleId={self.shuffle_id}, mapIndex={self.map_index}, "
            f"mapId={self.map_id}, reduceId={self.reduce_id}, message=\n{self.message}\n)"
        )


@dataclass(frozen=True, slots=True)
class ExceptionFailure:
    """The user's function, or the engine under it, raised.

    Attributes:
        class_name: The exception's class, with its module unless it is a builtin.
        description: The exception's text.
        stack_trace: Its frames, innermost first.
        full_stack_trace: The formatted traceback.
        accumulator_updates: What the task had counted so far.
    """

    class_name: str
    description: str
    stack_trace: tuple[StackTraceElement, ...] = ()
    full_stack_trace: str = ""
    accumulator_updates: tuple[AccumulableInfo, ...] = ()
    name: ClassVar[str] = "ExceptionFailure"

    @property
    def error_text(self) -> str:
        """The traceback, or class and text where none was kept."""
        return self.full_stack_trace or f"{self.class_name}: {self.description}"


@dataclass(frozen=True, slots=True)
class ExecutorLostFailure:
    """The process that ran the task is gone.

    Attributes:
        executor_id: The lost executor.
        exit_caused_by_app: Whether the application's own code is to blame, so that the loss
            counts as a failure of the task.
        loss_reason: One sentence for people.
    """

    executor_id: str
    exit_caused_by_app: bool = True
    loss_reason: str | None = None
    name: ClassVar[str] = "ExecutorLostFailure"

    @property
    def error_text(self) -> str:
        """Spark's one-line form."""
        cause = (
            "caused by one of the running tasks"
            if self.exit_caused_by_app
            else "unrelated to the running tasks"
        )
        reason = f" Reason: {self.loss_reason}" if self.loss_reason else ""
        return f"ExecutorLostFailure (executor {self.executor_id} exited {cause}){reason}"


@dataclass(frozen=True, slots=True)
class TaskKilledReason:
    """The task was stopped on purpose.

    Attributes:
        reason: Why, such as ``another attempt succeeded``.
        accumulator_updates: What the task had counted so far.
    """

    reason: str
    accumulator_updates: tuple[AccumulableInfo, ...] = ()
    name: ClassVar[str] = "TaskKilled"

    @property
    def error_text(self) -> str:
        """Spark's one-line form."""
        return f"TaskKilled ({self.reason})"


@dataclass(frozen=True, slots=True)
class TaskCommitDenied:
    """Another attempt of the same partition may commit its output, this one may not.

    Attributes:
        job_id: The output job (the stage, in Spark's numbering).
        partition_id: The partition both attempts wrote.
        attempt_number: The attempt that was refused.
    """

    job_id: int
    partition_id: int
    attempt_number: int
    name: ClassVar[str] = "TaskCommitDenied"

    @property
    def error_text(self) -> str:
        """Spark's one-line form."""
        return (
            f"TaskCommitDenied (Driver denied task commit) for job: {self.job_id}, "
            f"partition: {self.partition_id}, attemptNumber: {self.attempt_number}"
        )


TaskEndReason: TypeAlias = (
    Success
    | Resubmitted
    | TaskResultLost
    | UnknownReason
    | FetchFailedReason
    | ExceptionFailure
    | ExecutorLostFailure
    | TaskKilledReason
    | TaskCommitDenied
)
