"""DAGScheduler: the state machine of jobs and stages.

It cuts a job's lineage into stages at its shuffles, runs a stage when the map outputs it reads
exist, and runs lost outputs again. It does no I/O, starts nothing and waits for nothing: events
go in through ``handle`` and instructions come out, for the job loop to carry out.

    JobSubmitted ──> stages ──> SubmitTaskSet ...        TaskCompleted ──> next stage or JobFinished
                                                         FetchFailure  ──> the map stage again
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pyrite.core import events
from pyrite.core.errors import SparkException, SparkIllegalArgumentException
from pyrite.core.rdd.dependency import NarrowDependency, ShuffleDependency
from pyrite.core.rdd.lineage import BaseRDD
from pyrite.core.scheduler.dag_events import (
    AbandonTaskSet,
    Announce,
    BarrierTaskFailed,
    CallLater,
    CancelTaskSet,
    DeliverResult,
    FetchFailure,
    FinishJob,
    Instruction,
    JobsCancelled,
    JobSubmitted,
    MergeAccumulators,
    OutputsLost,
    OutputsMoved,
    ResubmitFailedStages,
    SchedulerEvent,
    SubmitTaskSet,
    TaskCompleted,
    TaskSetFailed,
    TaskSetUnsendable,
)
from pyrite.core.scheduler.job import AnyJob, Job, MapStageJob
from pyrite.core.scheduler.rdd_info import rdd_infos
from pyrite.core.scheduler.stage import ResultStage, ShuffleMapStage, Stage, TaskSet, TaskSpec
from pyrite.core.scheduler.task_request import TaskRequest, TaskResources, profiles_of
from pyrite.core.shuffle import MapOutputStatistics, MapOutputTracker, MapStatus

__all__ = ["DAGScheduler"]

#: Failed stages wait this long, so that one resubmission repairs all the outputs found missing.
RESUBMIT_DELAY_SECONDS = 0.2


class DAGScheduler:
    """Jobs and stages as a state machine.

    A stage is in at most one of ``waiting`` (for its parents), ``running`` and ``failed`` (to be
    submitted again); in none of them it is new or done.

    Args:
        map_outputs: Where map outputs are; this class is the one that changes it.
        cached_locations: The workers that hold an RDD's partition in their cache.
        clock: The time in milliseconds since the epoch.
        max_stage_attempts: Attempts in a row a stage may lose to missing map outputs
            (``spark.stage.maxConsecutiveAttempts``).
        resources: What executors have for tasks.
    """

    def __init__(
        self,
        map_outputs: MapOutputTracker,
        cached_locations: Callable[[int, int], Sequence[str]],
        clock: Callable[[], int],
        max_stage_attempts: int = 4,
        resources: TaskResources | None = None,
    ) -> None:
        self.jobs: dict[int, AnyJob] = {}
        self.stages: dict[int, Stage] = {}
        #: The map stage of each shuffle that a living job reads.
        self.map_stages: dict[int, ShuffleMapStage] = {}
        self.result_stages: dict[int, ResultStage] = {}
        self.waiting: dict[int, Stage] = {}
        self.running: dict[int, Stage] = {}
        self.failed: dict[int, Stage] = {}
        self._map_outputs = map_outputs
        self._cached_locations = cached_locations
        self._clock = clock
        self._max_stage_attempts = max_stage_attempts
        self._resources = resources or TaskResources()
        self._stage_ids = itertools.count()
        self._out: list[Instruction] = []
        self._handlers: dict[type, Callable[[Any], None]] = {
            JobSubmitted: self._job_submitted,
            JobsCancelled: self._jobs_cancelled,
            TaskCompleted: self._task_completed,
            TaskSetFailed: self._task_set_failed,
            TaskSetUnsendable: self._task_set_unsendable,
            FetchFailure: self._fetch_failed,
            BarrierTaskFailed: self._barrier_task_failed,
            OutputsLost: self._outputs_lost,
            OutputsMoved: self._outputs_moved,
            ResubmitFailedStages: self._resubmit_failed_stages,
        }

    def handle(self, event: SchedulerEvent) -> list[Instruction]:
        """Take one event and return what is to be done about it, in order."""
        self._handlers[type(event)](event)
        instructions, self._out = self._out, []
        return instructions

    # ------------------------------------------------------------------------------- jobs

    def _job_submitted(self, event: JobSubmitted) -> None:
        job = event.job
        self.jobs[job.job_id] = job
        try:
            stage = self._final_stage(job)
        except SparkIllegalArgumentException as error:  # resource profiles that conflict
            self._leave_stages(job)
            del self.jobs[job.job_id]
            self._out.append(FinishJob(job.job_id, error))
            return
        stages = [s for s in self.stages.values() if job.job_id in s.job_ids]
        self._announce(
            events.SparkListenerJobStart(
                job_id=job.job_id,
                submission_time=self._clock(),
                stage_infos=tuple(self._describe(s) for s in stages),
                properties=dict(job.properties),
            )
        )
        if isinstance(job, Job) and not job.partitions:
            self._finish_job(job, None)
        elif isinstance(job, MapStageJob) and not self._map_outputs.missing_maps(job.shuffle_id):
            self._finish_map_stage_job(job)
        else:
            self._submit_stage(stage)

    def _jobs_cancelled(self, event: JobsCancelled) -> None:
        for job in [job for job in self.jobs.values() if event.select(job)]:
            self._finish_job(job, _cancelled(job.job_id, event.reason))

    def _finish_map_stage_job(self, job: MapStageJob) -> None:
        """End a job that waited for map outputs: all of them are there."""
        outputs = [status for status in self._map_outputs.statuses(job.shuffle_id) if status]
        statistics = MapOutputStatistics(
            job.shuffle_id,
            job.dependency.handle.partitioner.numPartitions,
            tuple(status.sizes for status in outputs),
            sum(status.records for status in outputs),
        )
        self._out.append(DeliverResult(job.job_id, 0, statistics))
        self._finish_job(job, None)

    def _finish_job(self, job: AnyJob, error: BaseException | None) -> None:
        """End a job and every stage that no other job needs."""
        self._leave_stages(job, "Stage cancelled" if error else None)
        del self.jobs[job.job_id]
        self.result_stages.pop(job.job_id, None)
        self._announce(
            events.SparkListenerJobEnd(
                job_id=job.job_id,
                completion_time=self._clock(),
                result=events.JobSucceeded() if error is None else events.JobFailed(str(error)),
            )
        )
        self._out.append(FinishJob(job.job_id, error))

    def _leave_stages(self, job: AnyJob, failure: str | None = None) -> None:
        """End the stages that no other job needs."""
        for stage in [s for s in self.stages.values() if job.job_id in s.job_ids]:
            stage.job_ids.discard(job.job_id)
            if stage.job_ids:
                continue
            if stage.attempts:  # tasks of an abandoned attempt may run, whatever the stage does
                self._out.append(CancelTaskSet(stage.stage_id, stage.attempt, "its job is over"))
            if stage.stage_id in self.running:
                self._end_attempt(stage, failure)
            self._forget(stage)

    def _forget(self, stage: Stage) -> None:
        for group in (self.stages, self.waiting, self.running, self.failed):
            group.pop(stage.stage_id, None)
        if isinstance(stage, ShuffleMapStage):
            del self.map_stages[stage.handle.shuffle_id]

    # ------------------------------------------------------------------------- from lineage

    def _final_stage(self, job: AnyJob) -> Stage:
        """Return the stage whose end is the job's."""
        if isinstance(job, Job):
            return self._new_result_stage(job)
        self._make_ancestors_first((job.dependency,), job)
        return self._map_stage(job.dependency, job)

    def _new_result_stage(self, job: Job) -> ResultStage:
        parents, reads, barrier, request = self._look_up(job.rdd, job)
        stage = ResultStage(
            next(self._stage_ids), job.rdd, parents, reads, job.call_site, barrier, request, job=job
        )
        stage.job_ids.add(job.job_id)
        self.stages[stage.stage_id] = self.result_stages[job.job_id] = stage
        return stage

    def _map_stage(self, dependency: ShuffleDependency, job: AnyJob) -> ShuffleMapStage:
        """Return the stage that writes a shuffle's map output, new or known."""
        handle = dependency.handle
        stage = self.map_stages.get(handle.shuffle_id)
        if stage is None:
            parents, reads, barrier, request = self._look_up(dependency.rdd, job)
            stage = ShuffleMapStage(
                next(self._stage_ids),
                dependency.rdd,
                parents,
                reads,
                dependency.call_site,
                barrier,
                request,
                handle=handle,
            )
            self.stages[stage.stage_id] = self.map_stages[handle.shuffle_id] = stage
            if not self._map_outputs.contains(handle.shuffle_id):
                self._map_outputs.register_shuffle(handle.shuffle_id, handle.num_maps)
        self._adopt(stage, job)
        return stage

    def _adopt(self, stage: Stage, job: AnyJob) -> None:
        """Note that ``job`` needs a stage and all it reads from."""
        pending = [stage]
        while pending:
            stage = pending.pop()
            if job.job_id not in stage.job_ids:
                stage.job_ids.add(job.job_id)
                pending.extend(stage.parents)

    def _look_up(
        self, rdd: BaseRDD, job: AnyJob
    ) -> tuple[tuple[ShuffleMapStage, ...], tuple[int, ...], bool, TaskRequest]:
        """Walk from ``rdd`` to the nearest shuffles.

        Returns:
            Their stages and ids; and of the stage so far, whether it is a barrier, and what its
            tasks take.
        """
        shuffles = list(self._shuffles_above(rdd))
        members = list(_narrow_lineage(rdd))
        barrier = any(member.is_barrier for member in members)
        profiles = profiles_of(member.resource_profile for member in members)
        request = self._resources.request(profiles)
        # Deep lineages (an iterative program without checkpoints) must not exhaust the stack,
        # so stages are made from the farthest shuffle to the nearest.
        self._make_ancestors_first(shuffles, job)
        parents = tuple(self._map_stage(shuffle, job) for shuffle in shuffles)
        reads = tuple(shuffle.handle.shuffle_id for shuffle in shuffles)
        return parents, reads, barrier, request

    def _make_ancestors_first(self, shuffles: Sequence[ShuffleDependency], job: AnyJob) -> None:
        """Make the stages of ``shuffles``, each after all the stages it reads from."""
        seen: set[int] = set()
        pending = [(shuffle, False) for shuffle in reversed(shuffles)]
        while pending:
            shuffle, ancestors_exist = pending.pop()
            shuffle_id = shuffle.handle.shuffle_id
            if ancestors_exist:
                self._map_stage(shuffle, job)
            elif shuffle_id not in seen and shuffle_id not in self.map_stages:
                seen.add(shuffle_id)
                pending.append((shuffle, True))
                above = list(self._shuffles_above(shuffle.rdd))
                pending.extend((ancestor, False) for ancestor in reversed(above))

    @staticmethod
    def _shuffles_above(rdd: BaseRDD) -> Iterator[ShuffleDependency]:
        seen: set[int] = set()
        for member in _narrow_lineage(rdd):
            for dependency in member.dependencies:
                if isinstance(dependency, ShuffleDependency):
                    shuffle_id = dependency.handle.shuffle_id
                    if shuffle_id not in seen:
                        seen.add(shuffle_id)
                        yield dependency

    # ------------------------------------------------------------------------------- stages

    def _submit_stage(self, stage: Stage) -> None:
        """Run a stage, after whatever it needs that does not exist yet."""
        pending = [stage]
        while pending:
            stage = pending.pop()
            if stage.stage_id not in self.stages:
                continue  # its job ended because a sibling could not be submitted
            if any(stage.stage_id in group for group in (self.running, self.waiting)):
                continue
            self.failed.pop(stage.stage_id, None)
            missing = self._missing_parents(stage)
            if missing:
                self.waiting[stage.stage_id] = stage
                pending.extend(missing[::-1])
            else:
                self._submit_missing_tasks(stage)

    def _missing_parents(self, stage: Stage) -> list[ShuffleMapStage]:
        """Return the map stages with missing output that uncached partitions depend on.

        A task may have to compute what is cached on another worker, so outputs that a task of
        the stage missed are needed even above cached partitions.
        """
        missing: dict[int, ShuffleMapStage] = {
            parent.handle.shuffle_id: parent
            for parent in stage.parents
            if parent.handle.shuffle_id in stage.unreadable
            and self._map_outputs.missing_maps(parent.handle.shuffle_id)
        }
        seen: set[int] = set()
        pending = [stage.rdd]
        while pending:
            rdd = pending.pop()
            if rdd.id() in seen or self._is_fully_cached(rdd):
                continue
            seen.add(rdd.id())
            for dependency in rdd.dependencies:
                if isinstance(dependency, ShuffleDependency):
                    shuffle_id = dependency.handle.shuffle_id
                    if self._map_outputs.missing_maps(shuffle_id):
                        missing[shuffle_id] = self.map_stages[shuffle_id]
                else:
                    pending.append(dependency.rdd)
        return sorted(missing.values(), key=lambda parent: parent.stage_id)

    def _is_fully_cached(self, rdd: BaseRDD) -> bool:
        level = rdd.getStorageLevel()
        return (level.useMemory or level.useDisk) and all(
            self._cached_locations(rdd.id(), partition.index) for partition in rdd.partitions
        )

    def _submit_missing_tasks(self, stage: Stage) -> None:
        partitions = stage.rdd.partitions
        if isinstance(stage, ResultStage):
            wanted = stage.job.partitions
            indices = [i for i in range(len(wanted)) if i not in stage.finished]
            chosen = [(i, partitions[wanted[i]]) for i in indices]
        else:
            assert isinstance(stage, ShuffleMapStage)
            if stage.barrier:  # all of its tasks or none: they meet each other
                self._map_outputs.unregister_map_output(stage.handle.shuffle_id, -1)
            indices = self._map_outputs.missing_maps(stage.handle.shuffle_id)
            chosen = [(i, partitions[i]) for i in indices]
        stage.attempts += 1
        stage.known_moves = self._map_outputs.moves
        stage.pending = set(indices)
        stage.info = self._describe(stage, submission_time=self._clock())
        self.running[stage.stage_id] = stage
        job = self.jobs[min(stage.job_ids)]
        self._announce(events.SparkListenerStageSubmitted(stage.info, dict(job.properties)))
        if not chosen:
            self._stage_done(stage)
            return
        try:
            tasks = tuple(
                TaskSpec(index, partition, self._locations(stage.rdd, partition.index))
                for index, partition in chosen
            )
        except Exception as error:  # where input files are is asked of their file system
            self._abort(stage, f"Task creation failed: {error}", error)
            return
        self._out.append(
            SubmitTaskSet(
                TaskSet(
                    stage.stage_id,
                    stage.attempt,
                    priority=job.job_id,
                    task=stage.task(),
                    reads=stage.reads,
                    tasks=tasks,
                    properties=job.properties,
                    barrier=stage.barrier,
                    request=stage.request,
                )
            )
        )

    def _locations(self, rdd: BaseRDD, index: int) -> tuple[str, ...]:
        """Return where a partition, or the nearest one it is computed from, is cached."""
        pending = [(rdd, index)]
        seen: set[tuple[int, int]] = set()
        while pending:
            rdd, index = pending.pop()
            if (rdd.id(), index) in seen:
                continue
            seen.add((rdd.id(), index))
            cached = self._cached_locations(rdd.id(), index)
            found = tuple(cached) or tuple(rdd.preferred_locations(rdd.partitions[index]))
            if found:
                return found
            for dependency in reversed(rdd.dependencies):
                if isinstance(dependency, NarrowDependency):
                    parents = dependency.get_parents(index)
                    pending.extend((dependency.rdd, parent) for parent in reversed(parents))
        return ()

    # -------------------------------------------------------------------------- task results

    def _task_completed(self, event: TaskCompleted) -> None:
        stage = self.stages.get(event.stage_id)
        if stage is None:
            return
        if stage.barrier and not self._is_current(stage, event.attempt):
            return  # the tasks of a barrier stage met each other: they count together or not
        if isinstance(stage, ResultStage):
            if event.index in stage.finished:
                return
            stage.finished.add(event.index)
            self._merge(event)
            assert not isinstance(event.result, MapStatus)
            self._out.append(DeliverResult(stage.job.job_id, event.index, event.result))
            if len(stage.finished) == stage.num_tasks:
                self._stage_done(stage)
            return
        assert isinstance(stage, ShuffleMapStage)
        assert isinstance(event.result, MapStatus)
        shuffle_id = stage.handle.shuffle_id
        # A result of an abandoned attempt is as good as any: the output exists. It counts once.
        if self._map_outputs.statuses(shuffle_id)[event.index] is None:
            self._merge(event)
            self._map_outputs.register_map_output(shuffle_id, event.index, event.result)
        stage.pending.discard(event.index)
        if stage.stage_id in self.running and not stage.pending:
            self._stage_done(stage)

    def _is_current(self, stage: Stage, attempt: int) -> bool:
        """Whether an attempt of a stage is the one that runs now."""
        return stage.stage_id in self.running and attempt == stage.attempt

    def _merge(self, event: TaskCompleted) -> None:
        if event.accumulators:
            self._out.append(MergeAccumulators(event.accumulators))

    def _stage_done(self, stage: Stage) -> None:
        if stage.stage_id in self.running:
            self._end_attempt(stage, None)
        stage.failed_attempts = 0
        if isinstance(stage, ResultStage):
            self._finish_job(stage.job, None)
            return
        assert isinstance(stage, ShuffleMapStage)
        if self._map_outputs.missing_maps(stage.handle.shuffle_id):
            self._submit_stage(stage)  # outputs were lost while the last ones were computed
            return
        for child in [s for s in self.waiting.values() if stage in s.parents]:
            self.waiting.pop(child.stage_id, None)
            self._submit_stage(child)
        for job in [self.jobs[job_id] for job_id in sorted(stage.job_ids)]:
            if isinstance(job, MapStageJob) and job.shuffle_id == stage.handle.shuffle_id:
                self._finish_map_stage_job(job)

    def _end_attempt(self, stage: Stage, failure: str | None) -> None:
        self.running.pop(stage.stage_id, None)
        assert stage.info is not None
        stage.info = replace(stage.info, completion_time=self._clock(), failure_reason=failure)
        self._announce(events.SparkListenerStageCompleted(stage.info))

    def _task_set_failed(self, event: TaskSetFailed) -> None:
        stage = self.stages.get(event.stage_id)
        if stage is not None and self._is_current(stage, event.attempt):
            self._abort(stage, event.reason, event.cause)

    def _task_set_unsendable(self, event: TaskSetUnsendable) -> None:
        stage = self.stages.get(event.stage_id)
        if stage is not None:
            self._end_jobs(stage, str(event.error), lambda: event.error)

    def _abort(self, stage: Stage, reason: str, cause: BaseException | None) -> None:
        """End every job that needs a stage which cannot be computed."""

        def error() -> BaseException:
            error = SparkException(f"Job aborted due to stage failure: {reason}")
            error.__cause__ = cause
            return error

        self._end_jobs(stage, reason, error)

    def _end_jobs(self, stage: Stage, reason: str, error: Callable[[], BaseException]) -> None:
        if stage.stage_id in self.running:
            self._out.append(CancelTaskSet(stage.stage_id, stage.attempt, reason))
            self._end_attempt(stage, reason)
        for job_id in sorted(stage.job_ids):
            self._finish_job(self.jobs[job_id], error())

    # ---------------------------------------------------------------------------- what is lost

    def _fetch_failed(self, event: FetchFailure) -> None:
        stage = self.stages.get(event.stage_id)
        if stage is None or event.attempt != stage.attempt:
            return  # an older attempt; its tasks read outputs that were replaced since
        # What was moved while the stage ran is not lost; the next attempt looks where it is.
        if not self._map_outputs.moved_since(event.shuffle_id, event.map_id, stage.known_moves):
            self._map_outputs.unregister_map_output(event.shuffle_id, event.map_id)
        stage.unreadable.add(event.shuffle_id)
        if stage.stage_id not in self.running:
            return  # this attempt was given up already; the loss is noted
        if stage.barrier:
            self._restart_barrier(stage, event.reason)
            return
        self._out.append(AbandonTaskSet(stage.stage_id, stage.attempt))
        self._retry_stage(stage, event.reason)

    def _barrier_task_failed(self, event: BarrierTaskFailed) -> None:
        stage = self.stages.get(event.stage_id)
        if stage is not None and self._is_current(stage, event.attempt):
            self._restart_barrier(stage, event.reason)

    def _restart_barrier(self, stage: Stage, reason: str) -> None:
        """Stop all tasks of a barrier stage, which may wait for each other, and run them again."""
        self._out.append(CancelTaskSet(stage.stage_id, stage.attempt, reason))
        if isinstance(stage, ResultStage) and stage.finished:
            self._abort(
                stage,
                f"Could not recover from a failed barrier ResultStage. Most recent failure "
                f"reason: {reason}",
                None,
            )
            return
        self._retry_stage(stage, reason)

    def _retry_stage(self, stage: Stage, reason: str) -> None:
        self._end_attempt(stage, reason)
        stage.failed_attempts += 1
        if stage.failed_attempts >= self._max_stage_attempts:
            kind = type(stage).__name__
            self._abort(
                stage,
                f"{kind} {stage.stage_id} ({stage.call_site}) has failed the maximum allowable "
                f"number of times: {self._max_stage_attempts}. Most recent failure reason:\n"
                f"{reason}",
                None,
            )
            return
        if not self.failed:
            self._out.append(CallLater(RESUBMIT_DELAY_SECONDS, ResubmitFailedStages()))
        self.failed[stage.stage_id] = stage

    def _resubmit_failed_stages(self, event: ResubmitFailedStages) -> None:
        stages, self.failed = self.failed, {}
        for stage in sorted(stages.values(), key=lambda stage: stage.stage_id):
            self._submit_stage(stage)

    def _outputs_lost(self, event: OutputsLost) -> None:
        self._map_outputs.unregister_outputs_at(event.location)

    def _outputs_moved(self, event: OutputsMoved) -> None:
        self._map_outputs.move_outputs(event.location, event.moved)

    # ------------------------------------------------------------------------------ listeners

    def _announce(self, event: events.SparkListenerEvent) -> None:
        self._out.append(Announce(event))

    def _describe(self, stage: Stage, submission_time: int | None = None) -> events.StageInfo:
        return events.StageInfo(
            stage_id=stage.stage_id,
            attempt_number=max(stage.attempt, 0),
            name=stage.call_site,
            num_tasks=stage.num_tasks,
            rdd_infos=rdd_infos(_narrow_lineage(stage.rdd)),
            parent_ids=tuple(sorted(parent.stage_id for parent in stage.parents)),
            details=stage.call_site,
            submission_time=submission_time,
            is_shuffle_map=isinstance(stage, ShuffleMapStage),
            resource_profile_id=stage.request.profile_id,
        )

    def snapshot(self) -> Mapping[str, int]:
        """Return how many jobs and stages are known; all zero when nothing is left behind."""
        return {
            "jobs": len(self.jobs),
            "stages": len(self.stages),
            "waiting": len(self.waiting),
            "running": len(self.running),
            "failed": len(self.failed),
        }


def _cancelled(job_id: int, reason: str) -> SparkException:
    return SparkException(f"[SPARK_JOB_CANCELLED] Job {job_id} cancelled {reason} SQLSTATE: XXKDA")


def _narrow_lineage(rdd: BaseRDD) -> Iterator[BaseRDD]:
    """Walk the RDDs that are computed in the same tasks as ``rdd``, nearest first."""
    seen: set[int] = set()
    pending = [rdd]
    while pending:
        member = pending.pop()
        if member.id() in seen:
            continue
        seen.add(member.id())
        yield member
        pending.extend(
            dependency.rdd
            for dependency in reversed(member.dependencies)
            if not isinstance(dependency, ShuffleDependency)
        )
