"""StatusTracker: PySpark's small window on the status store."""

from __future__ import annotations

from typing import NamedTuple

from pyrite.core.errors import not_expected_type
from pyrite.core.ui.status_data import JobStatus, StageStatus
from pyrite.core.ui.status_store import AppStatusStore

__all__ = ["SparkExecutorInfo", "SparkJobInfo", "SparkStageInfo", "StatusTracker"]


class SparkJobInfo(NamedTuple):
    """A job: ``status`` is RUNNING, SUCCEEDED or FAILED."""

    jobId: int
    stageIds: list[int]
    status: str


class SparkStageInfo(NamedTuple):
    """The last attempt of a stage."""

    stageId: int
    currentAttemptId: int
    name: str
    numTasks: int
    numActiveTasks: int
    numCompletedTasks: int
    numFailedTasks: int


class SparkExecutorInfo(NamedTuple):
    """An executor; sizes are bytes."""

    host: str
    port: int
    cacheSize: int
    numRunningTasks: int
    usedOnHeapStorageMemory: int
    usedOffHeapStorageMemory: int
    totalOnHeapStorageMemory: int
    totalOffHeapStorageMemory: int


class StatusTracker:
    """Tells how jobs and stages progress; ``SparkContext.statusTracker()`` gives one.

    It knows the last jobs and stages only (``spark.ui.retainedJobs``, ``...Stages``).
    """

    def __init__(self, store: AppStatusStore) -> None:
        self._store = store

    def getJobIdsForGroup(self, jobGroup: str | None = None) -> list[int]:
        """Return the ids of a group's known jobs, running or not, the newest first.

        Args:
            jobGroup: The group; None asks for the jobs that belong to none.
        """
        return [job.job_id for job in self._store.jobs() if job.group == jobGroup]

    def getActiveJobsIds(self) -> list[int]:
        """Return the ids of the running jobs, sorted."""
        return sorted(job.job_id for job in self._store.jobs(JobStatus.RUNNING))

    def getActiveStageIds(self) -> list[int]:
        """Return the ids of the running stages, sorted."""
        return sorted(stage.info.stage_id for stage in self._store.stages(StageStatus.ACTIVE))

    def getJobInfo(self, jobId: int) -> SparkJobInfo | None:
        """Return a job, or None if it is unknown or forgotten.

        Raises:
            PySparkTypeError: If ``jobId`` is not an int.
        """
        job = self._store.job(_require_int("jobId", jobId))
        if job is None:
            return None
        return SparkJobInfo(job.job_id, list(job.stage_ids), str(job.status))

    def getStageInfo(self, stageId: int) -> SparkStageInfo | None:
        """Return a stage's last attempt, or None if it is unknown or forgotten.

        Raises:
            PySparkTypeError: If ``stageId`` is not an int.
        """
        stage = self._store.stage(_require_int("stageId", stageId))
        if stage is None:
            return None
        return SparkStageInfo(
            stageId=stage.info.stage_id,
            currentAttemptId=stage.info.attempt_number,
            name=stage.info.name,
            numTasks=stage.info.num_tasks,
            numActiveTasks=stage.tasks.active,
            numCompletedTasks=stage.tasks.completed,
            numFailedTasks=stage.tasks.failed,
        )

    def getExecutorInfos(self) -> list[SparkExecutorInfo]:
        """Return the executors that are up, the driver's own among them."""
        return [
            SparkExecutorInfo(
                host=executor.host,
                port=executor.port,
                cacheSize=executor.memory_used,
                numRunningTasks=executor.tasks.active,
                usedOnHeapStorageMemory=executor.memory_used,
                usedOffHeapStorageMemory=0,
                totalOnHeapStorageMemory=executor.max_memory,
                totalOffHeapStorageMemory=0,
            )
            for executor in self._store.executors()
        ]


def _require_int(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise not_expected_type(name, "int", value)
    return value
