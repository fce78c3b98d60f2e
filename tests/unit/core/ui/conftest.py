"""Two recordings to play to listeners: one event of every kind, and one small application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from pyspark.storagelevel import StorageLevel

from pyrite.core import events as e

_START = 1_700_000_000_000
_HERE = e.BlockManagerId("driver", "localhost", 0)
_PROFILE = e.ResourceProfileInfo(
    0,
    (
        e.ExecutorResourceRequestInfo("cores", 1),
        e.ExecutorResourceRequestInfo("memory", 1024),
        e.ExecutorResourceRequestInfo("offHeap", 0),
    ),
    {"cpus": 1.0},
)
_STAGE = e.StageInfo(
    0,
    0,
    "count at program.py:10",
    4,
    (
        e.RDDInfo(0, "ParallelCollectionRDD", '{"id":"0","name":"parallelize"}', "program.py:9"),
        e.RDDInfo(2, "PythonRDD", None, "count at program.py:10", (0,)),
    ),
)
_STAGE_METRIC = e.AccumulableInfo(7, "internal.metrics.executorRunTime", None, 1234, True, True)
_TASK_METRIC = replace(_STAGE_METRIC, update=5)
_UPDATE = e.AccumulableInfo(7, None, "244", None, False, True)
_FRAME = e.StackTraceElement("program", "divide", "program.py", 16)
_TASK = e.TaskInfo(1, 1, 0, 1, _START, "driver", "localhost")


def _task_end(
    reason: e.TaskEndReason, task: e.TaskInfo = _TASK, metrics: e.TaskMetrics | None = None
) -> e.SparkListenerTaskEnd:
    ended = replace(task, finish_time=_START + 1)
    return e.SparkListenerTaskEnd(0, 0, "ResultTask", reason, ended, metrics)


@pytest.fixture
def every_event() -> list[e.SparkListenerEvent]:
    """The events of the golden log after its first line, in its order."""
    done = replace(
        _STAGE, submission_time=_START, completion_time=_START, accumulables=(_STAGE_METRIC,)
    )
    counted = replace(_TASK, accumulables=(_TASK_METRIC,))
    metrics = e.TaskMetrics()
    return [
        e.SparkListenerResourceProfileAdded(_PROFILE),
        e.SparkListenerExecutorAdded(_START, "driver", e.ExecutorInfo("localhost", 2)),
        e.SparkListenerBlockManagerAdded(_HERE, 100, _START, 100, 0),
        e.SparkListenerEnvironmentUpdate(*({"a name": "a text"} for _ in range(6))),
        e.SparkListenerApplicationStart("golden", "local-1", _START, "ada"),
        e.SparkListenerJobStart(0, _START, (_STAGE,), {"a name": "a text"}),
        e.SparkListenerStageSubmitted(
            replace(_STAGE, submission_time=_START), {"a name": "a text"}
        ),
        e.SparkListenerTaskStart(0, 0, _TASK),
        _task_end(e.Success(), counted, metrics),
        e.SparkListenerStageCompleted(done),
        e.SparkListenerJobEnd(0, _START, e.JobSucceeded()),
        e.SparkListenerUnpersistRDD(1),
        _task_end(
            e.ExceptionFailure(
                "ZeroDivisionError", "division by zero", (_FRAME,), "Traceback ...", (_UPDATE,)
            ),
            counted,
            metrics,
        ),
        e.SparkListenerStageCompleted(replace(done, failure_reason="division by zero")),
        e.SparkListenerJobEnd(2, _START, e.JobFailed("division by zero", (_FRAME,))),
        _task_end(e.TaskKilledReason("Stage cancelled", (_UPDATE,)), _TASK, metrics),
        e.SparkListenerApplicationEnd(_START, 0),
        e.SparkListenerExecutorRemoved(_START, "1", "gone"),
        e.SparkListenerExecutorExcluded(_START, "1", 3),
        e.SparkListenerExecutorUnexcluded(_START, "1"),
        e.SparkListenerSpeculativeTaskSubmitted(1, 0),
        e.SparkListenerBlockManagerRemoved(_HERE, _START),
        e.SparkListenerTaskGettingResult(_TASK),
        _task_end(e.FetchFailedReason(_HERE, 1, 2, 3, 4, "a block is missing")),
        _task_end(e.FetchFailedReason(None, 1, 2, 3, 4, "a block is missing")),
        _task_end(e.ExecutorLostFailure("1", True, "lost it")),
        _task_end(e.ExecutorLostFailure("1", True)),
        _task_end(e.TaskCommitDenied(1, 2, 3)),
        _task_end(e.TaskResultLost()),
        _task_end(e.Resubmitted()),
        _task_end(e.UnknownReason()),
        e.SparkListenerBlockUpdated(
            e.BlockUpdatedInfo(_HERE, "rdd_3_1", StorageLevel.MEMORY_ONLY, 10, 20)
        ),
    ]


class _Recorder:
    """Writes down the events of a small application, a second apart in places."""

    def __init__(self) -> None:
        self.events: list[e.SparkListenerEvent] = []
        self.now = _START
        self._next_task = 0

    def add(self, event: e.SparkListenerEvent) -> None:
        self.events.append(event)

    def run_stage(
        self,
        stage: e.StageInfo,
        task_type: str,
        ends: list[e.TaskEndReason],
        properties: dict[str, str],
        failure: str | None = None,
    ) -> None:
        stage = replace(stage, submission_time=self.now)
        self.add(e.SparkListenerStageSubmitted(stage, properties))
        for partition, end in enumerate(ends):
            task = e.TaskInfo(
                self._next_task, partition, 0, partition, self.now, "driver", "localhost"
            )
            self._next_task += 1
            self.add(e.SparkListenerTaskStart(stage.stage_id, stage.attempt_number, task))
            self.now += 1000
            task = replace(
                task,
                finish_time=self.now,
                failed=not isinstance(end, e.Success | e.TaskKilledReason),
                killed=isinstance(end, e.TaskKilledReason),
            )
            metrics = e.TaskMetrics(
                executor_run_time=1000, result_size=50, input_bytes_read=10, shuffle_write_bytes=7
            )
            self.add(
                e.SparkListenerTaskEnd(
                    stage.stage_id, stage.attempt_number, task_type, end, task, metrics
                )
            )
        self.add(
            e.SparkListenerStageCompleted(
                replace(stage, completion_time=self.now, failure_reason=failure)
            )
        )


@pytest.fixture
def application() -> list[e.SparkListenerEvent]:
    """One application.

    Job 0 (group ``sums``) runs stages 0 and 1 and succeeds, with RDD 1 cached in two blocks;
    job 1 fails in stage 2; job 2 has its map stage 3 skipped and is killed in stage 4.
    """
    return record_application()


def record_application() -> list[e.SparkListenerEvent]:
    recorder = _Recorder()
    cached = e.RDDInfo(
        1, "squares", None, "map at program.py:3", (0,), StorageLevel.MEMORY_ONLY, False, 2
    )
    map_stage = e.StageInfo(
        0, 0, "reduceByKey at program.py:4", 2, (cached,), (), "details", is_shuffle_map=True
    )
    result_stage = e.StageInfo(1, 0, "collect at program.py:5", 3, (), (0,), "details")
    sums = {"spark.jobGroup.id": "sums", "spark.job.description": "add it all up"}
    recorder.add(e.SparkListenerResourceProfileAdded(_PROFILE))
    recorder.add(e.SparkListenerExecutorAdded(_START, "driver", e.ExecutorInfo("localhost", 2)))
    recorder.add(e.SparkListenerBlockManagerAdded(_HERE, 1000, _START, 1000, 0))
    recorder.add(
        e.SparkListenerEnvironmentUpdate(
            {"Java Version": "none"}, {"spark.app.name": "small", "my.secret": "hush"}
        )
    )
    recorder.add(e.SparkListenerApplicationStart("small", "local-1700000000000", _START, "ada"))

    recorder.add(e.SparkListenerJobStart(0, recorder.now, (result_stage, map_stage), sums))
    recorder.run_stage(map_stage, "ShuffleMapTask", [e.Success(), e.Success()], sums)
    for partition in (0, 1):
        recorder.add(
            e.SparkListenerBlockUpdated(
                e.BlockUpdatedInfo(_HERE, f"rdd_1_{partition}", StorageLevel.MEMORY_ONLY, 100, 0)
            )
        )
    recorder.run_stage(result_stage, "ResultTask", [e.Success()] * 3, sums)
    recorder.add(e.SparkListenerJobEnd(0, recorder.now, e.JobSucceeded()))

    failing = e.StageInfo(2, 0, "count at program.py:9", 2)
    failure = e.ExceptionFailure("ZeroDivisionError", "division by zero")
    recorder.add(e.SparkListenerJobStart(1, recorder.now, (failing,)))
    recorder.run_stage(failing, "ResultTask", [e.Success(), failure], {}, "Job aborted")
    recorder.add(e.SparkListenerJobEnd(1, recorder.now, e.JobFailed("Job aborted")))

    skipped = replace(map_stage, stage_id=3)
    killed = e.StageInfo(4, 0, "collect at program.py:12", 1, (), (3,))
    recorder.add(e.SparkListenerJobStart(2, recorder.now, (killed, skipped), sums))
    recorder.run_stage(killed, "ResultTask", [e.TaskKilledReason("cancelled")], sums, "cancelled")
    recorder.add(e.SparkListenerJobEnd(2, recorder.now, e.JobFailed("cancelled")))
    recorder.add(e.SparkListenerApplicationEnd(recorder.now))
    return recorder.events


@pytest.fixture
def play() -> Callable[[e.SparkListener, list[e.SparkListenerEvent]], None]:
    """Deliver events to a listener, as the bus would."""

    def deliver(listener: e.SparkListener, events: list[e.SparkListenerEvent]) -> None:
        for event in events:
            getattr(listener, event.handler)(event)

    return deliver
