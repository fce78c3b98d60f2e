"""AppStatusStore: the present state of the application, kept up to date from its events.

It remembers a bounded past: the oldest finished jobs and stages are forgotten beyond
``spark.ui.retainedJobs`` and ``spark.ui.retainedStages``. Readers get snapshots, which never
change under them.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import TypeVar

from pyrite.core.conf import ConfigEntry
from pyrite.core.events import (
    BlockUpdatedInfo,
    JobSucceeded,
    SparkListener,
    SparkListenerApplicationEnd,
    SparkListenerApplicationStart,
    SparkListenerBlockManagerAdded,
    SparkListenerBlockManagerRemoved,
    SparkListenerBlockUpdated,
    SparkListenerEnvironmentUpdate,
    SparkListenerExecutorAdded,
    SparkListenerExecutorExcluded,
    SparkListenerExecutorRemoved,
    SparkListenerExecutorUnexcluded,
    SparkListenerJobEnd,
    SparkListenerJobStart,
    SparkListenerStageCompleted,
    SparkListenerStageSubmitted,
    SparkListenerTaskEnd,
    SparkListenerTaskStart,
    SparkListenerUnpersistRDD,
    StageInfo,
    Success,
    TaskEndReason,
    TaskKilledReason,
)
from pyrite.core.events.local_properties import DESCRIPTION, GROUP, POOL, job_tags
from pyrite.core.ui.status_data import (
    BlockData,
    ExecutorData,
    JobData,
    JobStatus,
    RDDData,
    StageData,
    StageStatus,
    TaskCounts,
    TaskData,
)

__all__ = ["AppStatusStore"]

T = TypeVar("T")

_RETAINED_JOBS = ConfigEntry("spark.ui.retainedJobs", "1000", int)
_RETAINED_STAGES = ConfigEntry("spark.ui.retainedStages", "1000", int)
_RETAINED_TASKS = ConfigEntry("spark.ui.retainedTasks", "100000", int)
_RETAINED_EXECUTORS = ConfigEntry("spark.ui.retainedDeadExecutors", "100", int)
_RDD_BLOCK = re.compile(r"rdd_(\d+)_\d+")
_LIVE_STAGES = (StageStatus.PENDING, StageStatus.ACTIVE)


class AppStatusStore(SparkListener):
    """Answers what the application is doing and what it did lately; safe from any thread.

    Args:
        conf: The application's settings; ``spark.ui.retained*`` bound the memory used.

    Attributes:
        application: The event that began the application, once it came.
        end_time: When the application ended, in milliseconds since the epoch.
        environment: What the application runs with, once it came.
    """

    def __init__(self, conf: Mapping[str, str]) -> None:
        self._retained_jobs = _RETAINED_JOBS.read(conf)
        self._retained_stages = _RETAINED_STAGES.read(conf)
        self._retained_tasks = _RETAINED_TASKS.read(conf)
        self._retained_executors = _RETAINED_EXECUTORS.read(conf)
        self._lock = threading.Lock()
        self._jobs: dict[int, JobData] = {}
        self._stages: dict[int, dict[int, StageData]] = {}  # by id, then attempt
        self._executors: dict[str, ExecutorData] = {}
        self._rdds: dict[int, RDDData] = {}
        self.application: SparkListenerApplicationStart | None = None
        self.end_time: int | None = None
        self.environment: SparkListenerEnvironmentUpdate | None = None

    # What readers ask

    def jobs(self, *statuses: JobStatus) -> list[JobData]:
        """Return the jobs, the newest first; only those of ``statuses``, if any are given."""
        with self._lock:
            return [
                self._jobs[job_id].snapshot()
                for job_id in sorted(self._jobs, reverse=True)
                if not statuses or self._jobs[job_id].status in statuses
            ]

    def job(self, job_id: int) -> JobData | None:
        """Return a job, or None if it is unknown or forgotten."""
        with self._lock:
            job = self._jobs.get(job_id)
            return job.snapshot() if job else None

    def stages(self, *statuses: StageStatus) -> list[StageData]:
        """Return the stage attempts without their tasks, newest first, perhaps by status."""
        with self._lock:
            return [
                attempts[number].snapshot(with_tasks=False)
                for _, attempts in sorted(self._stages.items(), reverse=True)
                for number in sorted(attempts, reverse=True)
                if not statuses or attempts[number].status in statuses
            ]

    def stage(
        self, stage_id: int, attempt: int | None = None, *, with_tasks: bool = False
    ) -> StageData | None:
        """Return one attempt of a stage, or None if it is unknown or forgotten.

        Args:
            stage_id: The stage.
            attempt: The attempt; the last one by default.
            with_tasks: Whether to fill ``task_data``.
        """
        with self._lock:
            attempts = self._stages.get(stage_id, {})
            stage = attempts.get(max(attempts, default=0) if attempt is None else attempt)
            return stage.snapshot(with_tasks=with_tasks) if stage else None

    def executors(self, *, active_only: bool = True) -> list[ExecutorData]:
        """Return the executors in the order they joined."""
        with self._lock:
            return [
                executor.snapshot()
                for executor in self._executors.values()
                if executor.is_active or not active_only
            ]

    def rdds(self) -> list[RDDData]:
        """Return the RDDs with at least one cached partition, by id."""
        with self._lock:
            return [rdd.snapshot() for _, rdd in sorted(self._rdds.items()) if rdd.blocks]

    # What events say

    def on_application_start(self, event: SparkListenerApplicationStart) -> None:
        """Remember the application's name and start."""
        self.application = event

    def on_application_end(self, event: SparkListenerApplicationEnd) -> None:
        """Remember the application's end."""
        self.end_time = event.timestamp

    def on_environment_update(self, event: SparkListenerEnvironmentUpdate) -> None:
        """Remember the environment."""
        self.environment = event

    def on_job_start(self, event: SparkListenerJobStart) -> None:
        """Begin a job, and expect its stages."""
        properties = event.properties
        # The last stage is the action's own, so it has the action's name.
        last = max(event.stage_infos, key=lambda info: info.stage_id, default=None)
        with self._lock:
            self._jobs[event.job_id] = JobData(
                job_id=event.job_id,
                name=last.name if last else "",
                description=properties.get(DESCRIPTION),
                group=properties.get(GROUP),
                tags=tuple(sorted(job_tags(properties))),
                stage_ids=event.stage_ids,
                submission_time=event.submission_time,
                num_tasks=sum(info.num_tasks for info in event.stage_infos),
            )
            for info in event.stage_infos:
                stage = self._stage_for(info)
                stage.job_ids.add(event.job_id)
                stage.description = properties.get(DESCRIPTION)
                stage.pool = properties.get(POOL, stage.pool)
            self._forget_jobs()

    def on_job_end(self, event: SparkListenerJobEnd) -> None:
        """End a job; its stages that never had to run were skipped."""
        with self._lock:
            job = self._jobs.get(event.job_id)
            if job is None:
                return
            succeeded = isinstance(event.result, JobSucceeded)
            job.status = JobStatus.SUCCEEDED if succeeded else JobStatus.FAILED
            job.completion_time = event.completion_time
            for stage in self._last_attempts(job.stage_ids):
                if stage.status is StageStatus.PENDING:
                    job.num_skipped_stages += 1
                    job.num_skipped_tasks += stage.info.num_tasks
                    if not any(self._is_running(other) for other in stage.job_ids):
                        stage.status = StageStatus.SKIPPED
            self._forget_jobs()
            self._forget_stages()

    def on_stage_submitted(self, event: SparkListenerStageSubmitted) -> None:
        """Begin a stage attempt."""
        with self._lock:
            stage = self._stage_for(event.stage_info)
            stage.info = event.stage_info
            stage.status = StageStatus.ACTIVE
            for job in self._jobs_of(stage):
                job.num_active_stages += 1
            for info in event.stage_info.rdd_infos:
                level = info.storage_level
                if level.useMemory or level.useDisk:
                    fresh = RDDData(info.rdd_id, info.name, info.num_partitions, level)
                    rdd = self._rdds.setdefault(info.rdd_id, fresh)
                    rdd.name, rdd.storage_level = info.name, level

    def on_stage_completed(self, event: SparkListenerStageCompleted) -> None:
        """End a stage attempt."""
        with self._lock:
            stage = self._stage_for(event.stage_info)
            stage.info = event.stage_info
            was_active = stage.status is StageStatus.ACTIVE
            failed = event.stage_info.failure_reason is not None
            stage.status = StageStatus.FAILED if failed else StageStatus.COMPLETE
            for job in self._jobs_of(stage):
                job.num_active_stages -= was_active
                job.num_failed_stages += failed
                job.num_completed_stages += not failed
            self._forget_stages()

    def on_task_start(self, event: SparkListenerTaskStart) -> None:
        """Count a running task."""
        info = event.task_info
        with self._lock:
            stage = self._stages.get(event.stage_id, {}).get(event.stage_attempt_id)
            if stage is not None:
                if stage.first_task_launched_time is None:
                    stage.first_task_launched_time = info.launch_time
                stage.task_data[info.task_id] = TaskData(info)
                self._forget_tasks(stage)
            for counts in self._counts(stage, info.executor_id):
                counts.active += 1

    def on_task_end(self, event: SparkListenerTaskEnd) -> None:
        """Count an ended task and add its metrics up."""
        info = event.task_info
        with self._lock:
            stage = self._stages.get(event.stage_id, {}).get(event.stage_attempt_id)
            for counts in self._counts(stage, info.executor_id):
                _count_end(counts, event.reason)
            executor = self._executors.get(info.executor_id)
            if executor is not None:
                executor.total_duration += max(info.finish_time - info.launch_time, 0)
            if event.metrics is not None:
                for owner in (stage, executor):
                    if owner is not None:
                        owner.metrics.add(event.metrics)
            if stage is not None and info.task_id in stage.task_data:
                status = _task_status(event.reason)
                text = event.reason.error_text
                stage.task_data[info.task_id] = TaskData(info, status, text, event.metrics)

    def on_executor_added(self, event: SparkListenerExecutorAdded) -> None:
        """Add an executor."""
        with self._lock:
            executor = self._executor_for(
                event.executor_id, event.executor_info.host, event.timestamp
            )
            executor.host = event.executor_info.host
            executor.total_cores = event.executor_info.total_cores

    def on_executor_removed(self, event: SparkListenerExecutorRemoved) -> None:
        """Mark an executor as gone, and its blocks with it."""
        with self._lock:
            executor = self._executors.get(event.executor_id)
            if executor is None:
                return
            executor.is_active = False
            executor.remove_time = event.timestamp
            executor.remove_reason = event.reason
            self._drop_blocks_of(event.executor_id)
            self._forget_executors()

    def on_executor_excluded(self, event: SparkListenerExecutorExcluded) -> None:
        """Mark an executor as excluded."""
        self._set_excluded(event.executor_id, True)

    def on_executor_unexcluded(self, event: SparkListenerExecutorUnexcluded) -> None:
        """Take the mark away."""
        self._set_excluded(event.executor_id, False)

    def on_block_manager_added(self, event: SparkListenerBlockManagerAdded) -> None:
        """Learn how much an executor can hold."""
        address = event.block_manager_id
        with self._lock:
            executor = self._executor_for(address.executor_id, address.host, event.timestamp)
            executor.port = address.port
            executor.max_memory = event.maximum_memory

    def on_block_manager_removed(self, event: SparkListenerBlockManagerRemoved) -> None:
        """Forget the blocks of an executor."""
        with self._lock:
            self._drop_blocks_of(event.block_manager_id.executor_id)

    def on_unpersist_rdd(self, event: SparkListenerUnpersistRDD) -> None:
        """Forget an RDD and its blocks."""
        with self._lock:
            rdd = self._rdds.pop(event.rdd_id, None)
            for held in list(rdd.blocks.values()) if rdd else ():
                for block in held.values():
                    self._account(block, -1)

    def on_block_updated(self, event: SparkListenerBlockUpdated) -> None:
        """Learn that a partition was cached, moved or dropped."""
        info = event.block_updated_info
        match = _RDD_BLOCK.fullmatch(info.block_id)
        with self._lock:
            rdd = self._rdds.get(int(match[1])) if match else None
            if rdd is not None:
                self._update_block(rdd, info)

    # Bookkeeping; the lock is held

    def _stage_for(self, info: StageInfo) -> StageData:
        """Return the record of this attempt, made if need be."""
        attempts = self._stages.setdefault(info.stage_id, {})
        stage = attempts.get(info.attempt_number)
        if stage is None:
            stage = attempts[info.attempt_number] = StageData(info, set())
            for earlier in attempts.values():  # a retry is for the jobs that still wait for it
                stage.job_ids.update(filter(self._is_running, earlier.job_ids))
        return stage

    def _last_attempts(self, stage_ids: tuple[int, ...]) -> list[StageData]:
        known = [self._stages[i] for i in stage_ids if i in self._stages]
        return [attempts[max(attempts)] for attempts in known]

    def _executor_for(self, executor_id: str, host: str, time: int) -> ExecutorData:
        """Return an executor's record; a block manager may register before its executor."""
        return self._executors.setdefault(executor_id, ExecutorData(executor_id, host, time))

    def _is_running(self, job_id: int) -> bool:
        job = self._jobs.get(job_id)
        return job is not None and job.status is JobStatus.RUNNING

    def _jobs_of(self, stage: StageData) -> list[JobData]:
        return [self._jobs[job_id] for job_id in stage.job_ids if job_id in self._jobs]

    def _counts(self, stage: StageData | None, executor_id: str) -> list[TaskCounts]:
        """Return all the counters a task is counted in."""
        counts = [] if stage is None else [stage.tasks]
        if stage is not None:
            counts += [job.tasks for job in self._jobs_of(stage)]
        if executor_id in self._executors:
            counts.append(self._executors[executor_id].tasks)
        return counts

    def _set_excluded(self, executor_id: str, excluded: bool) -> None:
        with self._lock:
            if executor_id in self._executors:
                self._executors[executor_id].is_excluded = excluded

    def _update_block(self, rdd: RDDData, info: BlockUpdatedInfo) -> None:
        executor_id = info.block_manager_id.executor_id
        held = rdd.blocks.setdefault(info.block_id, {})
        before = held.pop(executor_id, None)
        if before is not None:
            self._account(before, -1)
        level = info.storage_level
        if level.useMemory or level.useDisk:
            block = BlockData(executor_id, level, info.memory_size, info.disk_size)
            held[executor_id] = block
            self._account(block, 1)
        if not held:
            del rdd.blocks[info.block_id]

    def _account(self, block: BlockData, sign: int) -> None:
        executor = self._executors.get(block.executor_id)
        if executor is not None:
            executor.memory_used += sign * block.memory_size
            executor.disk_used += sign * block.disk_size
            executor.rdd_blocks += sign

    def _drop_blocks_of(self, executor_id: str) -> None:
        for rdd in self._rdds.values():
            for block_id, held in list(rdd.blocks.items()):
                block = held.pop(executor_id, None)
                if block is not None:
                    self._account(block, -1)
                if not held:
                    del rdd.blocks[block_id]

    # Forgetting: dicts keep the order of arrival, so the first finished ones are the oldest.

    def _forget_jobs(self) -> None:
        if len(self._jobs) > self._retained_jobs:
            done = [i for i, job in self._jobs.items() if job.status is not JobStatus.RUNNING]
            _delete_oldest(self._jobs, done, self._retained_jobs)

    def _forget_stages(self) -> None:
        if len(self._stages) > self._retained_stages:
            done = [
                stage_id
                for stage_id, attempts in self._stages.items()
                if all(stage.status not in _LIVE_STAGES for stage in attempts.values())
            ]
            _delete_oldest(self._stages, done, self._retained_stages)

    def _forget_tasks(self, stage: StageData) -> None:
        if len(stage.task_data) > self._retained_tasks:
            done = [i for i, task in stage.task_data.items() if task.status != "RUNNING"]
            _delete_oldest(stage.task_data, done, self._retained_tasks)

    def _forget_executors(self) -> None:
        dead = {i: executor for i, executor in self._executors.items() if not executor.is_active}
        if len(dead) > self._retained_executors:
            for executor_id in list(dead)[: len(dead) - self._retained_executors]:
                del self._executors[executor_id]


def _delete_oldest(records: dict[int, T], finished: list[int], retained: int) -> None:
    """Bring ``records`` back to ``retained``, by a tenth at once: finding ``finished`` is slow."""
    for key in finished[: max(len(records) - retained, retained // 10)]:
        del records[key]


def _task_status(reason: TaskEndReason) -> str:
    if isinstance(reason, Success):
        return "SUCCESS"
    return "KILLED" if isinstance(reason, TaskKilledReason) else "FAILED"


def _count_end(counts: TaskCounts, reason: TaskEndReason) -> None:
    counts.active -= 1
    match reason:
        case Success():
            counts.completed += 1
        case TaskKilledReason():
            counts.killed += 1
            counts.killed_reasons[reason.reason] = counts.killed_reasons.get(reason.reason, 0) + 1
        case _:
            counts.failed += 1
