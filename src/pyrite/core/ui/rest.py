"""Spark's REST form of what the status store knows: same paths, same keys.

``respond`` answers a path below ``/api/v1``; it reads the store and knows nothing of HTTP.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pyspark
from pyspark.storagelevel import StorageLevel

from pyrite.core.ui.redaction import redact
from pyrite.core.ui.status_data import (
    ExecutorData,
    JobData,
    RDDData,
    StageData,
    StageStatus,
    TaskCounts,
    TaskData,
)
from pyrite.core.ui.status_store import AppStatusStore

__all__ = ["NotFound", "respond"]

Json: TypeAlias = dict[str, Any]


class NotFound(Exception):
    """There is nothing at this path; the message says what is missing."""


def respond(store: AppStatusStore, path: str) -> Any:
    """Return the JSON value at ``path``, such as ``applications/local-1/jobs/3``.

    Raises:
        NotFound: If the path, or the application, job or stage it names, is unknown.
    """
    for pattern, answer in _ROUTES:
        match = pattern.fullmatch(path.strip("/"))
        if match:
            app_id = store.application.app_id if store.application else None
            named = match.groupdict().get("app", app_id)
            if named != app_id:
                raise NotFound(f"no such app: {named}")
            return answer(store, *(int(part) for part in match.groups()[1:]))
    raise NotFound(f"no such path: {path}")


def _applications(store: AppStatusStore) -> list[Json]:
    return [_application(store)] if store.application else []


def _application(store: AppStatusStore) -> Json:
    started = store.application
    if started is None:
        raise NotFound("the application has not started")
    end = store.end_time
    return {
        "id": started.app_id,
        "name": started.app_name,
        "attempts": [
            {
                "startTime": _time(started.timestamp),
                "endTime": _time(-1 if end is None else end),
                "duration": 0 if end is None else end - started.timestamp,
                "sparkUser": started.user,
                "completed": end is not None,
                "appSparkVersion": pyspark.__version__,
                "startTimeEpoch": started.timestamp,
                "endTimeEpoch": -1 if end is None else end,
            }
        ],
    }


def _jobs(store: AppStatusStore) -> list[Json]:
    return [_job_form(job) for job in store.jobs()]


def _job(store: AppStatusStore, job_id: int) -> Json:
    job = store.job(job_id)
    if job is None:
        raise NotFound(f"unknown job: {job_id}")
    return _job_form(job)


def _stages(store: AppStatusStore) -> list[Json]:
    return [_stage_form(stage) for stage in store.stages()]


def _stage_attempts(store: AppStatusStore, stage_id: int) -> list[Json]:
    found = [stage for stage in store.stages() if stage.info.stage_id == stage_id]
    if not found:
        raise NotFound(f"unknown stage: {stage_id}")
    return [_stage_form(stage) for stage in found]


def _stage(store: AppStatusStore, stage_id: int, attempt: int) -> Json:
    return _stage_form(_known_stage(store, stage_id, attempt))


def _tasks(store: AppStatusStore, stage_id: int, attempt: int) -> list[Json]:
    stage = _known_stage(store, stage_id, attempt)
    return [_task_form(task) for task in stage.task_data.values()]


def _executors(store: AppStatusStore) -> list[Json]:
    return [_executor_form(executor) for executor in store.executors()]


def _all_executors(store: AppStatusStore) -> list[Json]:
    return [_executor_form(executor) for executor in store.executors(active_only=False)]


def _rdds(store: AppStatusStore) -> list[Json]:
    return [_rdd_form(rdd) for rdd in store.rdds()]


def _rdd(store: AppStatusStore, rdd_id: int) -> Json:
    for rdd in store.rdds():
        if rdd.rdd_id == rdd_id:
            return _rdd_form(rdd)
    raise NotFound(f"no rdd found w/ id {rdd_id}")


def _environment(store: AppStatusStore) -> Json:
    event = store.environment
    if event is None:
        raise NotFound("the environment is not known yet")

    def shown(properties: Any) -> list[list[str]]:
        return [list(item) for item in sorted(redact(properties, event.spark_properties).items())]

    return {
        "runtime": dict(event.runtime_information),
        "sparkProperties": shown(event.spark_properties),
        "hadoopProperties": shown(event.hadoop_properties),
        "systemProperties": shown(event.system_properties),
        "metricsProperties": shown(event.metrics_properties),
        "classpathEntries": shown(event.classpath_entries),
        "resourceProfiles": [],
    }


_ROUTES: tuple[tuple[re.Pattern[str], Callable[..., Any]], ...] = tuple(
    (re.compile(pattern), answer)
    for pattern, answer in (
        (r"applications", _applications),
        (r"applications/(?P<app>[^/]+)", _application),
        (r"applications/(?P<app>[^/]+)/jobs", _jobs),
        (r"applications/(?P<app>[^/]+)/jobs/(\d+)", _job),
        (r"applications/(?P<app>[^/]+)/stages", _stages),
        (r"applications/(?P<app>[^/]+)/stages/(\d+)", _stage_attempts),
        (r"applications/(?P<app>[^/]+)/stages/(\d+)/(\d+)", _stage),
        (r"applications/(?P<app>[^/]+)/stages/(\d+)/(\d+)/taskList", _tasks),
        (r"applications/(?P<app>[^/]+)/executors", _executors),
        (r"applications/(?P<app>[^/]+)/allexecutors", _all_executors),
        (r"applications/(?P<app>[^/]+)/storage/rdd", _rdds),
        (r"applications/(?P<app>[^/]+)/storage/rdd/(\d+)", _rdd),
        (r"applications/(?P<app>[^/]+)/environment", _environment),
    )
)


def _known_stage(store: AppStatusStore, stage_id: int, attempt: int) -> StageData:
    stage = store.stage(stage_id, attempt, with_tasks=True)
    if stage is None:
        raise NotFound(f"unknown stage: {stage_id} attempt {attempt}")
    return stage


def _time(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}GMT"


def _present(key: str, value: object) -> Json:
    return {} if value is None else {key: value}


def _moment(key: str, milliseconds: int | None) -> Json:
    return {} if milliseconds is None else {key: _time(milliseconds)}


def _job_form(job: JobData) -> Json:
    tasks = job.tasks
    return {
        "jobId": job.job_id,
        "name": job.name,
        **_present("description", job.description),
        "submissionTime": _time(job.submission_time),
        **_moment("completionTime", job.completion_time),
        "stageIds": list(job.stage_ids),
        **_present("jobGroup", job.group),
        "jobTags": list(job.tags),
        "status": job.status,
        "numTasks": job.num_tasks,
        "numActiveTasks": tasks.active,
        "numCompletedTasks": tasks.completed,
        "numSkippedTasks": job.num_skipped_tasks,
        "numFailedTasks": tasks.failed,
        "numKilledTasks": tasks.killed,
        "numCompletedIndices": min(tasks.completed, job.num_tasks),
        "numActiveStages": job.num_active_stages,
        "numCompletedStages": job.num_completed_stages,
        "numSkippedStages": job.num_skipped_stages,
        "numFailedStages": job.num_failed_stages,
        "killedTasksSummary": tasks.killed_reasons,
    }


def _stage_form(stage: StageData) -> Json:
    info, tasks, metrics = stage.info, stage.tasks, stage.metrics
    ran = stage.status is not StageStatus.SKIPPED
    return {
        "status": stage.status,
        "stageId": info.stage_id,
        "attemptId": info.attempt_number,
        "numTasks": info.num_tasks,
        "numActiveTasks": tasks.active,
        "numCompleteTasks": tasks.completed,
        "numFailedTasks": tasks.failed,
        "numKilledTasks": tasks.killed,
        "numCompletedIndices": min(tasks.completed, info.num_tasks),
        **(_moment("submissionTime", info.submission_time) if ran else {}),
        **_moment("firstTaskLaunchedTime", stage.first_task_launched_time),
        **(_moment("completionTime", info.completion_time) if ran else {}),
        **_present("failureReason", info.failure_reason),
        "executorDeserializeTime": metrics.executor_deserialize_time,
        "executorDeserializeCpuTime": metrics.executor_deserialize_cpu_time_ns,
        "executorRunTime": metrics.executor_run_time,
        "executorCpuTime": metrics.executor_cpu_time_ns,
        "resultSize": metrics.result_size,
        "jvmGcTime": metrics.gc_time,
        "resultSerializationTime": metrics.result_serialization_time,
        "memoryBytesSpilled": metrics.memory_bytes_spilled,
        "diskBytesSpilled": metrics.disk_bytes_spilled,
        "peakExecutionMemory": metrics.peak_execution_memory,
        "inputBytes": metrics.input_bytes_read,
        "inputRecords": metrics.input_records_read,
        "outputBytes": metrics.output_bytes_written,
        "outputRecords": metrics.output_records_written,
        "shuffleRemoteBlocksFetched": metrics.shuffle_read_remote_blocks,
        "shuffleLocalBlocksFetched": metrics.shuffle_read_local_blocks,
        "shuffleFetchWaitTime": metrics.shuffle_read_fetch_wait_time,
        "shuffleRemoteBytesRead": metrics.shuffle_read_remote_bytes,
        "shuffleRemoteBytesReadToDisk": metrics.shuffle_read_remote_bytes_to_disk,
        "shuffleLocalBytesRead": metrics.shuffle_read_local_bytes,
        "shuffleReadBytes": metrics.shuffle_read_remote_bytes + metrics.shuffle_read_local_bytes,
        "shuffleReadRecords": metrics.shuffle_read_records,
        "shuffleWriteBytes": metrics.shuffle_write_bytes,
        "shuffleWriteTime": metrics.shuffle_write_time_ns,
        "shuffleWriteRecords": metrics.shuffle_write_records,
        "name": info.name,
        **_present("description", stage.description),
        "details": info.details,
        "schedulingPool": stage.pool,
        "rddIds": [rdd.rdd_id for rdd in info.rdd_infos],
        "accumulatorUpdates": [],
        "killedTasksSummary": tasks.killed_reasons,
        "resourceProfileId": info.resource_profile_id,
    }


def _task_form(task: TaskData) -> Json:
    info = task.info
    return {
        "taskId": info.task_id,
        "index": info.index,
        "attempt": info.attempt,
        "partitionId": info.partition_id,
        "launchTime": _time(info.launch_time),
        **_present("duration", info.finish_time - info.launch_time if info.finish_time else None),
        "executorId": info.executor_id,
        "host": info.host,
        "status": task.status,
        "taskLocality": info.locality,
        "speculative": info.speculative,
        "accumulatorUpdates": [],
        **_present("errorMessage", task.error_text or None),
    }


def _total(tasks: TaskCounts) -> int:
    return tasks.active + tasks.completed + tasks.failed + tasks.killed


def _executor_form(executor: ExecutorData) -> Json:
    tasks, metrics = executor.tasks, executor.metrics
    return {
        "id": executor.executor_id,
        "hostPort": f"{executor.host}:{executor.port}",
        "isActive": executor.is_active,
        "rddBlocks": executor.rdd_blocks,
        "memoryUsed": executor.memory_used,
        "diskUsed": executor.disk_used,
        "totalCores": executor.total_cores,
        "maxTasks": executor.total_cores,
        "activeTasks": tasks.active,
        "failedTasks": tasks.failed,
        "completedTasks": tasks.completed,
        "totalTasks": _total(tasks),
        "totalDuration": executor.total_duration,
        "totalGCTime": metrics.gc_time,
        "totalInputBytes": metrics.input_bytes_read,
        "totalShuffleRead": metrics.shuffle_read_remote_bytes + metrics.shuffle_read_local_bytes,
        "totalShuffleWrite": metrics.shuffle_write_bytes,
        "maxMemory": executor.max_memory,
        "addTime": _time(executor.add_time),
        **_moment("removeTime", executor.remove_time),
        **_present("removeReason", executor.remove_reason),
        "executorLogs": {},
        "attributes": {},
        "resources": {},
        "resourceProfileId": 0,
        "isExcluded": executor.is_excluded,
        "excludedInStages": [],
    }


def _rdd_form(rdd: RDDData) -> Json:
    return {
        "id": rdd.rdd_id,
        "name": rdd.name,
        "numPartitions": rdd.num_partitions,
        "numCachedPartitions": rdd.num_cached_partitions,
        "storageLevel": _level(rdd.storage_level),
        "memoryUsed": rdd.memory_used,
        "diskUsed": rdd.disk_used,
        "partitions": [
            {
                "blockName": name,
                "storageLevel": _level(next(iter(held.values())).storage_level),
                "memoryUsed": sum(block.memory_size for block in held.values()),
                "diskUsed": sum(block.disk_size for block in held.values()),
                "executors": list(held),
            }
            for name, held in sorted(rdd.blocks.items())
        ],
    }


def _level(level: StorageLevel) -> str:
    return str(level)
