from __future__ import annotations

from collections.abc import Callable

import pytest

from pyrite.core import events as e
from pyrite.core.errors import PySparkTypeError
from pyrite.core.ui.status_store import AppStatusStore
from pyrite.core.ui.status_tracker import (
    SparkExecutorInfo,
    SparkJobInfo,
    SparkStageInfo,
    StatusTracker,
)

Play = Callable[[e.SparkListener, list[e.SparkListenerEvent]], None]


@pytest.fixture
def store() -> AppStatusStore:
    return AppStatusStore({})


@pytest.fixture
def tracker(store: AppStatusStore) -> StatusTracker:
    return StatusTracker(store)


def test_groups_know_their_jobs(
    store: AppStatusStore,
    tracker: StatusTracker,
    application: list[e.SparkListenerEvent],
    play: Play,
) -> None:
    play(store, application)
    assert tracker.getJobIdsForGroup("sums") == [2, 0]
    assert tracker.getJobIdsForGroup() == [1]
    assert tracker.getJobIdsForGroup("nobody's") == []


def test_finished_jobs_and_stages(
    store: AppStatusStore,
    tracker: StatusTracker,
    application: list[e.SparkListenerEvent],
    play: Play,
) -> None:
    play(store, application)
    assert tracker.getActiveJobsIds() == []
    assert tracker.getActiveStageIds() == []
    assert tracker.getJobInfo(1) == SparkJobInfo(1, [2], "FAILED")
    assert tracker.getStageInfo(2) == SparkStageInfo(2, 0, "count at program.py:9", 2, 0, 1, 1)
    assert tracker.getExecutorInfos() == [
        SparkExecutorInfo("localhost", 0, 200, 0, 200, 0, 1000, 0)
    ]


def test_running_jobs_and_stages(store: AppStatusStore, tracker: StatusTracker) -> None:
    for number in (0, 1):
        info = e.StageInfo(number, 0, "count", 2)
        store.on_job_start(e.SparkListenerJobStart(number, 1, (info,)))
        store.on_stage_submitted(e.SparkListenerStageSubmitted(info))
    task = e.TaskInfo(0, 0, 0, 0, 1, "driver", "localhost")
    store.on_task_start(e.SparkListenerTaskStart(1, 0, task))
    assert tracker.getActiveJobsIds() == [0, 1]
    assert tracker.getActiveStageIds() == [0, 1]
    assert tracker.getJobInfo(0) == SparkJobInfo(0, [0], "RUNNING")
    assert tracker.getStageInfo(1) == SparkStageInfo(1, 0, "count", 2, 1, 0, 0)


def test_what_is_unknown_is_none(tracker: StatusTracker) -> None:
    assert tracker.getJobInfo(7) is None
    assert tracker.getStageInfo(7) is None


def test_ids_must_be_numbers(tracker: StatusTracker) -> None:
    with pytest.raises(PySparkTypeError, match="jobId"):
        tracker.getJobInfo("0")  # type: ignore[arg-type]
    with pytest.raises(PySparkTypeError, match="stageId"):
        tracker.getStageInfo(None)  # type: ignore[arg-type]


def test_the_fields_are_those_of_pyspark() -> None:
    assert SparkJobInfo._fields == ("jobId", "stageIds", "status")
    assert SparkStageInfo._fields == (
        "stageId",
        "currentAttemptId",
        "name",
        "numTasks",
        "numActiveTasks",
        "numCompletedTasks",
        "numFailedTasks",
    )
    assert SparkExecutorInfo._fields == (
        "host",
        "port",
        "cacheSize",
        "numRunningTasks",
        "usedOnHeapStorageMemory",
        "usedOffHeapStorageMemory",
        "totalOnHeapStorageMemory",
        "totalOffHeapStorageMemory",
    )
