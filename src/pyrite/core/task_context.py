"""What a running task knows of itself, and how the tasks of a barrier stage meet.

``TaskContext.get()`` inside a function that runs on an executor tells the stage, partition and
attempt; ``BarrierTaskContext.get()`` adds the meeting points of ``rdd.barrier()`` stages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from pyrite.core.errors import PySparkRuntimeError, not_expected_type

if TYPE_CHECKING:
    from pyspark.resource import ResourceInformation

    from pyrite.core.events import TaskMetrics

__all__ = ["BarrierTaskContext", "BarrierTaskInfo", "TaskContext"]

#: Sends this task's message to the meeting point and returns everyone's, by partition.
Rendezvous = Callable[[str], Sequence[str]]

#: Sends what a named value of this task has come to.
ReportProgress = Callable[[str, object], None]


class TaskContext:
    """Facts about the task that is running, as ``TaskContext.get()`` returns them.

    Example:
        >>> TaskContext.get() is None  # not inside a task
        True
    """

    _active: ClassVar[TaskContext | None] = None

    def __init__(
        self,
        *,
        stage_id: int,
        partition_id: int,
        attempt_number: int,
        task_attempt_id: int,
        metrics: TaskMetrics,
        stage_attempt_number: int = 0,
        cpus: int = 1,
        local_properties: Mapping[str, str] | None = None,
        resources: Mapping[str, ResourceInformation] | None = None,
        report_progress: ReportProgress | None = None,
    ) -> None:
        self.metrics = metrics
        self._stage_id = stage_id
        self._stage_attempt_number = stage_attempt_number
        self._partition_id = partition_id
        self._attempt_number = attempt_number
        self._task_attempt_id = task_attempt_id
        self._cpus = cpus
        self._local_properties = dict(local_properties or {})
        self._resources = dict(resources or {})
        self._report_progress = report_progress

    @classmethod
    def get(cls) -> TaskContext | None:
        """Return the context of the running task, or None in the driver."""
        return TaskContext._active

    @staticmethod
    def set_active(context: TaskContext | None) -> None:
        """Tell this process which task it runs; None between tasks."""
        TaskContext._active = context

    def stageId(self) -> int:
        """Return the id of the stage this task belongs to."""
        return self._stage_id

    def stageAttemptNumber(self) -> int:
        """Return how many times the stage was tried before, from 0."""
        return self._stage_attempt_number

    def partitionId(self) -> int:
        """Return the id of the partition this task computes."""
        return self._partition_id

    def attemptNumber(self) -> int:
        """Return how many times this task was tried before: 0 for the first attempt."""
        return self._attempt_number

    def taskAttemptId(self) -> int:
        """Return an id that no other attempt of any task of the application shares."""
        return self._task_attempt_id

    def getLocalProperty(self, key: str) -> str | None:
        """Return a property set by ``SparkContext.setLocalProperty`` upstream, or None."""
        return self._local_properties.get(key)

    def cpus(self) -> int:
        """Return the number of CPUs allotted to this task (``spark.task.cpus``)."""
        return self._cpus

    def resources(self) -> dict[str, ResourceInformation]:
        """Return the resources allotted to this task, such as GPUs, by name."""
        return self._resources

    def report_progress(self, name: str, value: object) -> None:
        """Tell the application's listeners, while this task runs, what a named value has come to.

        They hear of it as an accumulator of that name in a ``SparkListenerExecutorMetricsUpdate``
        and, with the last values, at the task's end. The newest value takes the place of the one
        before; this costs little, however often it is called, and may be called in any thread of
        the task. Nothing is added up: that is for an accumulator, or for the listener.

        Args:
            name: What it is.
            value: A number or a text; listeners and the event log show it as text.

        Example:
            >>> context = TaskContext.get()
            >>> if context is not None:
            ...     context.report_progress("pages read", 7)
        """
        if self._report_progress is not None:
            self._report_progress(name, value)


class BarrierTaskInfo:
    """Where one task of a barrier stage runs.

    Attributes:
        address: ``host`` or ``host:port`` of its executor.
    """

    def __init__(self, address: str) -> None:
        self.address = address

    def __repr__(self) -> str:
        return f"BarrierTaskInfo({self.address!r})"


class BarrierTaskContext(TaskContext):
    """The context of a task in a barrier stage, whose tasks all run at once and can meet.

    Args:
        addresses: Where each task of the stage runs, by partition.
        rendezvous: How this task meets the others.
        facts: What ``TaskContext`` takes.
    """

    def __init__(self, *, addresses: Sequence[str], rendezvous: Rendezvous, **facts: Any) -> None:
        super().__init__(**facts)
        self._addresses = list(addresses)
        self._rendezvous = rendezvous

    @classmethod
    def get(cls) -> BarrierTaskContext:
        """Return the context of the running barrier task.

        Raises:
            PySparkRuntimeError: If the caller does not run in a barrier stage.
        """
        context = TaskContext._active
        if not isinstance(context, BarrierTaskContext):
            raise PySparkRuntimeError(
                errorClass="NOT_IN_BARRIER_STAGE",
                messageParameters={},
            )
        return context

    def barrier(self) -> None:
        """Wait until every task of this stage has called ``barrier()`` as often as this one.

        Raises:
            PySparkRuntimeError: If another task of the stage ended without calling it.
        """
        self._rendezvous("")

    def allGather(self, message: str = "") -> list[str]:
        """Wait for every task of this stage and exchange one message with each.

        Args:
            message: What this task tells the others.

        Returns:
            The messages of all tasks, in the order of their partitions.

        Raises:
            PySparkTypeError: If ``message`` is not a string.
        """
        if not isinstance(message, str):
            raise not_expected_type("message", "str", message)
        return list(self._rendezvous(message))

    def getTaskInfos(self) -> list[BarrierTaskInfo]:
        """Return where each task of this stage runs, in the order of their partitions."""
        return [BarrierTaskInfo(address) for address in self._addresses]
