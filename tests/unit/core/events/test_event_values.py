from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, fields

import pytest

from pyrite.core import events as e


def test_metrics_add_up_field_by_field() -> None:
    total = e.TaskMetrics(gc_time=1, shuffle_write_bytes=10)
    total.add(e.TaskMetrics(gc_time=2, result_size=5))
    assert total == e.TaskMetrics(gc_time=3, shuffle_write_bytes=10, result_size=5)


def test_metrics_travel_between_processes() -> None:
    metrics = e.TaskMetrics(**{field.name: i for i, field in enumerate(fields(e.TaskMetrics))})
    assert pickle.loads(pickle.dumps(metrics)) == metrics


def test_an_event_keeps_the_moment() -> None:
    event = e.SparkListenerUnpersistRDD(1)
    with pytest.raises(FrozenInstanceError):
        event.rdd_id = 2  # type: ignore[misc]


def test_a_job_starts_with_the_ids_of_its_stages() -> None:
    infos = (e.StageInfo(4, 0, "b", 1), e.StageInfo(3, 0, "a", 1))
    assert e.SparkListenerJobStart(0, 1, infos).stage_ids == (4, 3)


HERE = e.BlockManagerId("1", "host", 7)


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (
            e.FetchFailedReason(HERE, 1, 2, 3, 4, "msg"),
            "FetchFailed(BlockManagerId(1, host, 7, None), shuffleId=1, mapIndex=3, mapId=2, "
            "reduceId=4, message=\nmsg\n)",
        ),
        (
            e.FetchFailedReason(None, 1, 2, 3, 4, "msg"),
            "FetchFailed(null, shuffleId=1, mapIndex=3, mapId=2, reduceId=4, message=\nmsg\n)",
        ),
        (
            e.ExecutorLostFailure("1", True, "lost it"),
            "ExecutorLostFailure (executor 1 exited caused by one of the running tasks) "
            "Reason: lost it",
        ),
        (
            e.ExecutorLostFailure("1", False),
            "ExecutorLostFailure (executor 1 exited unrelated to the running tasks)",
        ),
        (
            e.TaskCommitDenied(1, 2, 3),
            "TaskCommitDenied (Driver denied task commit) for job: 1, partition: 2, "
            "attemptNumber: 3",
        ),
        (e.TaskResultLost(), "TaskResultLost (result lost from block manager)"),
        (e.Resubmitted(), "Resubmitted (resubmitted due to lost executor)"),
        (e.UnknownReason(), "UnknownReason"),
        (e.TaskKilledReason("cancelled"), "TaskKilled (cancelled)"),
        (e.ExceptionFailure("ValueError", "bad"), "ValueError: bad"),
        (e.ExceptionFailure("ValueError", "bad", (), "Traceback"), "Traceback"),
    ],
)
def test_reasons_read_as_in_spark(reason: e.TaskEndReason, text: str) -> None:
    assert reason.error_text == text
