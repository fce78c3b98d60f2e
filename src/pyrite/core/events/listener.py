"""SparkListener: one method per event, all doing nothing until overridden."""

from __future__ import annotations

from pyrite.core.events.listener_events import (
    SparkListenerApplicationEnd,
    SparkListenerApplicationStart,
    SparkListenerBlockManagerAdded,
    SparkListenerBlockManagerRemoved,
    SparkListenerBlockUpdated,
    SparkListenerEnvironmentUpdate,
    SparkListenerEvent,
    SparkListenerExecutorAdded,
    SparkListenerExecutorExcluded,
    SparkListenerExecutorMetricsUpdate,
    SparkListenerExecutorRemoved,
    SparkListenerExecutorUnexcluded,
    SparkListenerJobEnd,
    SparkListenerJobStart,
    SparkListenerResourceProfileAdded,
    SparkListenerSpeculativeTaskSubmitted,
    SparkListenerStageCompleted,
    SparkListenerStageSubmitted,
    SparkListenerTaskEnd,
    SparkListenerTaskGettingResult,
    SparkListenerTaskStart,
    SparkListenerUnpersistRDD,
)

__all__ = ["SparkListener"]


class SparkListener:
    """Watches an application: override the methods of the events you care about.

    All methods are called on the bus's own thread, one at a time, in the order things happened.

    Example:
        >>> class CountJobs(SparkListener):
        ...     jobs = 0
        ...
        ...     def on_job_start(self, event: SparkListenerJobStart) -> None:
        ...         self.jobs += 1
    """

    def on_application_start(self, event: SparkListenerApplicationStart) -> None:
        """The application began."""

    def on_application_end(self, event: SparkListenerApplicationEnd) -> None:
        """The application ended."""

    def on_job_start(self, event: SparkListenerJobStart) -> None:
        """An action was submitted."""

    def on_job_end(self, event: SparkListenerJobEnd) -> None:
        """An action has its result or its error."""

    def on_stage_submitted(self, event: SparkListenerStageSubmitted) -> None:
        """A stage attempt's tasks were handed to the task scheduler."""

    def on_stage_completed(self, event: SparkListenerStageCompleted) -> None:
        """A stage attempt ended, well or (``stage_info.failure_reason``) not."""

    def on_task_start(self, event: SparkListenerTaskStart) -> None:
        """A task was sent to an executor."""

    def on_task_getting_result(self, event: SparkListenerTaskGettingResult) -> None:
        """The driver began to fetch a result too large to come inline."""

    def on_speculative_task_submitted(self, event: SparkListenerSpeculativeTaskSubmitted) -> None:
        """A second copy of a slow task is about to run."""

    def on_task_end(self, event: SparkListenerTaskEnd) -> None:
        """A task attempt ended. ``task_type`` is ResultTask or ShuffleMapTask."""

    def on_executor_metrics_update(self, event: SparkListenerExecutorMetricsUpdate) -> None:
        """A running task says how far it is."""

    def on_executor_added(self, event: SparkListenerExecutorAdded) -> None:
        """An executor joined."""

    def on_executor_removed(self, event: SparkListenerExecutorRemoved) -> None:
        """An executor left."""

    def on_executor_excluded(self, event: SparkListenerExecutorExcluded) -> None:
        """An executor gets no more tasks for a while: too many failed there."""

    def on_executor_unexcluded(self, event: SparkListenerExecutorUnexcluded) -> None:
        """An excluded executor gets tasks again."""

    def on_block_manager_added(self, event: SparkListenerBlockManagerAdded) -> None:
        """An executor can hold blocks. Sizes are bytes."""

    def on_block_manager_removed(self, event: SparkListenerBlockManagerRemoved) -> None:
        """An executor's blocks are gone."""

    def on_block_updated(self, event: SparkListenerBlockUpdated) -> None:
        """A block was stored, moved or dropped."""

    def on_unpersist_rdd(self, event: SparkListenerUnpersistRDD) -> None:
        """The user unpersisted an RDD."""

    def on_environment_update(self, event: SparkListenerEnvironmentUpdate) -> None:
        """What the application runs with; each part maps a name to a text."""

    def on_resource_profile_added(self, event: SparkListenerResourceProfileAdded) -> None:
        """A resource profile is used for the first time."""

    def on_other_event(self, event: SparkListenerEvent) -> None:
        """Any event that has no method of its own."""
