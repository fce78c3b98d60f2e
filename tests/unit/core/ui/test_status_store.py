"""The numbers asked of the store for ``application`` are those Spark's history server gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from pyspark.storagelevel import StorageLevel

from pyrite.core import events as e
from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.core.ui.status_data import JobData, JobStatus, StageStatus
from pyrite.core.ui.status_store import AppStatusStore

Play = Callable[[e.SparkListener, list[e.SparkListenerEvent]], None]
HERE = e.BlockManagerId("driver", "localhost", 0)


@pytest.fixture
def store(application: list[e.SparkListenerEvent], play: Play) -> AppStatusStore:
    store = AppStatusStore({})
    play(store, application)
    return store


def job_of(store: AppStatusStore, job_id: int) -> JobData:
    job = store.job(job_id)
    assert job is not None
    return job


def test_a_job_that_succeeded(store: AppStatusStore) -> None:
    job = job_of(store, 0)
    assert (job.name, job.description, job.group) == (
        "collect at program.py:5",
        "add it all up",
        "sums",
    )
    assert job.status == "SUCCEEDED"
    assert job.stage_ids == (1, 0)
    assert job.completion_time == job.submission_time + 5000
    assert (job.num_tasks, job.tasks.completed, job.tasks.active) == (5, 5, 0)
    assert (job.num_completed_stages, job.num_skipped_stages, job.num_active_stages) == (2, 0, 0)


def test_a_job_that_failed(store: AppStatusStore) -> None:
    job = job_of(store, 1)
    assert job.status == "FAILED"
    assert (job.tasks.completed, job.tasks.failed, job.num_failed_stages) == (1, 1, 1)
    assert job.description is None


def test_a_killed_job_with_a_skipped_stage(store: AppStatusStore) -> None:
    job = job_of(store, 2)
    assert (job.num_tasks, job.num_skipped_tasks, job.num_skipped_stages) == (3, 2, 1)
    assert (job.tasks.killed, job.tasks.killed_reasons) == (1, {"cancelled": 1})
    skipped = store.stage(3)
    assert skipped is not None
    assert skipped.status is StageStatus.SKIPPED


def test_jobs_and_stages_come_newest_first_and_by_status(store: AppStatusStore) -> None:
    assert [job.job_id for job in store.jobs()] == [2, 1, 0]
    assert [job.job_id for job in store.jobs(JobStatus.FAILED)] == [2, 1]
    assert [stage.info.stage_id for stage in store.stages()] == [4, 3, 2, 1, 0]
    failed = store.stages(StageStatus.FAILED)
    assert [stage.info.failure_reason for stage in failed] == ["cancelled", "Job aborted"]


def test_a_stage_totals_its_tasks(store: AppStatusStore) -> None:
    stage = store.stage(1, with_tasks=True)
    assert stage is not None
    assert stage.status == "COMPLETE"
    assert (stage.metrics.executor_run_time, stage.metrics.input_bytes_read) == (3000, 30)
    assert [task.status for task in stage.task_data.values()] == ["SUCCESS"] * 3
    without = store.stage(1)
    assert without is not None
    assert without.task_data == {}


def test_a_failed_task_tells_why(store: AppStatusStore) -> None:
    stage = store.stage(2, with_tasks=True)
    assert stage is not None
    assert [task.error_text for task in stage.task_data.values()] == [
        "",
        "ZeroDivisionError: division by zero",
    ]


def test_executors_total_their_tasks(store: AppStatusStore) -> None:
    (executor,) = store.executors()
    assert (executor.executor_id, executor.host, executor.total_cores) == ("driver", "localhost", 2)
    tasks = executor.tasks
    assert (tasks.completed, tasks.failed, tasks.killed, tasks.active) == (6, 1, 1, 0)
    assert executor.total_duration == 8000
    assert (executor.metrics.input_bytes_read, executor.metrics.shuffle_write_bytes) == (80, 56)
    assert (executor.max_memory, executor.memory_used, executor.rdd_blocks) == (1000, 200, 2)


def test_cached_rdds_are_followed_block_by_block(store: AppStatusStore) -> None:
    (rdd,) = store.rdds()
    assert (rdd.rdd_id, rdd.name, rdd.num_partitions) == (1, "squares", 2)
    assert (rdd.num_cached_partitions, rdd.memory_used, rdd.disk_used) == (2, 200, 0)
    for level, memory, disk in ((StorageLevel.DISK_ONLY, 0, 60), (StorageLevel.NONE, 0, 0)):
        store.on_block_updated(
            e.SparkListenerBlockUpdated(e.BlockUpdatedInfo(HERE, "rdd_1_0", level, memory, disk))
        )
        (rdd,) = store.rdds()
        (executor,) = store.executors()
        assert (rdd.memory_used, rdd.disk_used) == (100, disk)
        assert (executor.memory_used, executor.disk_used) == (100, disk)
    store.on_unpersist_rdd(e.SparkListenerUnpersistRDD(1))
    assert store.rdds() == []
    assert store.executors()[0].memory_used == 0


def test_blocks_that_are_no_rdds_are_not_counted(store: AppStatusStore) -> None:
    info = e.BlockUpdatedInfo(HERE, "broadcast_1", StorageLevel.MEMORY_ONLY, 10, 0)
    store.on_block_updated(e.SparkListenerBlockUpdated(info))
    assert store.executors()[0].memory_used == 200


def test_a_lost_executor_takes_its_blocks_along(store: AppStatusStore) -> None:
    store.on_executor_removed(e.SparkListenerExecutorRemoved(9, "driver", "gone"))
    assert store.rdds() == []
    assert store.executors() == []
    (executor,) = store.executors(active_only=False)
    assert (executor.remove_reason, executor.remove_time, executor.rdd_blocks) == ("gone", 9, 0)


def test_exclusion_is_marked_and_unmarked(store: AppStatusStore) -> None:
    store.on_executor_excluded(e.SparkListenerExecutorExcluded(1, "driver", 2))
    assert store.executors()[0].is_excluded
    store.on_executor_unexcluded(e.SparkListenerExecutorUnexcluded(1, "driver"))
    assert not store.executors()[0].is_excluded


def test_a_running_job_is_seen_running(application: list[e.SparkListenerEvent], play: Play) -> None:
    store = AppStatusStore({})
    first_task = next(i for i, x in enumerate(application) if x.handler == "on_task_start")
    play(store, application[: first_task + 1])
    job = job_of(store, 0)
    assert (job.status, job.tasks.active, job.num_active_stages) == ("RUNNING", 1, 1)
    assert [stage.status for stage in store.stages()] == ["PENDING", "ACTIVE"]


def test_a_retried_stage_belongs_to_the_same_job(play: Play) -> None:
    store = AppStatusStore({})
    first = e.StageInfo(0, 0, "count", 1)
    failed = replace(first, failure_reason="fetch failed")
    again = replace(first, attempt_number=1)
    play(
        store,
        [
            e.SparkListenerJobStart(0, 1, (first,)),
            e.SparkListenerStageSubmitted(first),
            e.SparkListenerStageCompleted(failed),
            e.SparkListenerStageSubmitted(again),
            e.SparkListenerStageCompleted(again),
            e.SparkListenerJobEnd(0, 2, e.JobSucceeded()),
        ],
    )
    job = job_of(store, 0)
    assert (job.num_failed_stages, job.num_completed_stages) == (1, 1)
    last = store.stage(0)
    assert last is not None
    assert (last.info.attempt_number, last.job_ids) == (1, {0})


def test_snapshots_do_not_change(store: AppStatusStore) -> None:
    before = store.stage(4)
    assert before is not None
    counts = replace(before.tasks)
    task = e.TaskInfo(99, 0, 1, 0, 1, "driver", "localhost")
    store.on_task_start(e.SparkListenerTaskStart(4, 0, task))
    assert before.tasks == counts


def run_jobs(store: AppStatusStore, count: int) -> None:
    for number in range(count):
        info = e.StageInfo(number, 0, "count", 3)
        store.on_job_start(e.SparkListenerJobStart(number, 1, (info,)))
        store.on_stage_submitted(e.SparkListenerStageSubmitted(info))
        for index in range(3):
            task = e.TaskInfo(number * 3 + index, index, 0, index, 1, "driver", "localhost")
            store.on_task_start(e.SparkListenerTaskStart(number, 0, task))
            store.on_task_end(e.SparkListenerTaskEnd(number, 0, "ResultTask", e.Success(), task))
        store.on_stage_completed(e.SparkListenerStageCompleted(info))
        store.on_job_end(e.SparkListenerJobEnd(number, 2, e.JobSucceeded()))


def test_the_oldest_jobs_stages_and_tasks_are_forgotten() -> None:
    store = AppStatusStore(
        {
            "spark.ui.retainedJobs": "2",
            "spark.ui.retainedStages": "3",
            "spark.ui.retainedTasks": "1",
        }
    )
    run_jobs(store, 7)
    assert [job.job_id for job in store.jobs()] == [6, 5]
    assert [stage.info.stage_id for stage in store.stages()] == [6, 5, 4]
    assert store.job(0) is None
    stage = store.stage(6, with_tasks=True)
    assert stage is not None
    assert list(stage.task_data) == [20]
    assert stage.tasks.completed == 3


def test_a_running_job_is_never_forgotten() -> None:
    store = AppStatusStore({"spark.ui.retainedJobs": "1"})
    for job_id in range(3):
        store.on_job_start(e.SparkListenerJobStart(job_id, 1, ()))
    assert len(store.jobs(JobStatus.RUNNING)) == 3


def test_dead_executors_are_bounded() -> None:
    store = AppStatusStore({"spark.ui.retainedDeadExecutors": "1"})
    for name in ("1", "2", "3"):
        store.on_executor_added(e.SparkListenerExecutorAdded(1, name, e.ExecutorInfo("host", 1)))
    for name in ("1", "2"):
        store.on_executor_removed(e.SparkListenerExecutorRemoved(2, name, "gone"))
    assert [x.executor_id for x in store.executors(active_only=False)] == ["2", "3"]


def test_a_bad_setting_is_named() -> None:
    with pytest.raises(SparkIllegalArgumentException, match=r"spark\.ui\.retainedJobs"):
        AppStatusStore({"spark.ui.retainedJobs": "many"})
