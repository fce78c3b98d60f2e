"""What a job's console says, from the engine's events."""

import io
import re

from pyrite.core.events import (
    AccumulableInfo,
    ExceptionFailure,
    SparkListenerExecutorMetricsUpdate,
    SparkListenerStageSubmitted,
    SparkListenerTaskEnd,
    StageInfo,
    Success,
    TaskEndReason,
    TaskInfo,
    TaskKilledReason,
    TaskUpdate,
)
from pyrite.mapreduce.console import Console
from pyrite.mapreduce.counters import Counters
from pyrite.mapreduce.live_values import STATUS, counter_value
from pyrite.mapreduce.progress import JobProgress

_JOB = "job_202601011200_0001"


class _Watched:
    """A progress, what it has said, and a clock that stands still."""

    def __init__(self, *, has_reduce: bool = True, live: bool = False) -> None:
        self._stream = io.StringIO()
        self.now = 0.0
        console = Console(self._stream, live=live, width=lambda: 200)
        self.progress = JobProgress(console, _JOB, has_reduce=has_reduce, clock=lambda: self.now)

    def said(self) -> list[str]:
        """Return the lines so far, without their times."""
        lines = self._stream.getvalue().splitlines()
        return [re.sub(r"^[-\d]+ [:\d]+,\d+ ", "", line) for line in lines]

    def shown(self) -> str:
        """Return the live line."""
        return self._stream.getvalue().split("\r")[-1]

    def stage(self, stage_id: int, num_tasks: int, *, is_map: bool) -> None:
        self.progress.on_stage_submitted(
            SparkListenerStageSubmitted(
                StageInfo(stage_id, 0, "", num_tasks, is_shuffle_map=is_map)
            )
        )

    def end(self, stage_id: int, partition: int, reason: TaskEndReason, attempt: int = 0) -> None:
        task_id = stage_id * 100 + partition * 10 + attempt
        info = TaskInfo(task_id, partition, attempt, partition, 0, "driver", "here")
        self.progress.on_task_end(SparkListenerTaskEnd(stage_id, 0, "", reason, info))

    def update(self, stage_id: int, partition: int, **values: object) -> None:
        accumulables = tuple(
            AccumulableInfo(-1, STATUS if name == "status" else counter_value("g", name), v, v)
            for name, v in values.items()
        )
        self.progress.on_executor_metrics_update(
            SparkListenerExecutorMetricsUpdate(
                "driver", (TaskUpdate(stage_id * 100 + partition * 10, stage_id, 0, accumulables),)
            )
        )


def test_a_job_from_its_beginning_to_its_end() -> None:
    watched = _Watched()

    watched.stage(0, 2, is_map=True)
    watched.end(0, 0, Success())
    watched.end(0, 1, Success())
    watched.stage(1, 1, is_map=False)
    watched.end(1, 0, Success())
    watched.progress.finish(Counters({"g": {"n": 3}}))

    assert watched.said() == [
        "INFO mapreduce.JobSubmitter: number of splits:2",
        f"INFO mapreduce.Job: Running job: {_JOB}",
        "INFO mapreduce.Job:  map 0% reduce 0%",
        "INFO mapreduce.Job:  map 50% reduce 0%",
        "INFO mapreduce.Job:  map 100% reduce 0%",
        "INFO mapreduce.Job:  map 100% reduce 100%",
        f"INFO mapreduce.Job: Job {_JOB} completed successfully",
        "INFO mapreduce.Job: Counters: 1",
        "\tg",
        "\t\tn=3",
    ]


def test_a_job_of_mappers_only() -> None:
    watched = _Watched(has_reduce=False)

    watched.stage(0, 1, is_map=False)
    watched.end(0, 0, Success())
    watched.progress.finish(Counters())

    assert "INFO mapreduce.Job:  map 100% reduce 0%" in watched.said()
    assert not any("reduce 100%" in line for line in watched.said())


def test_a_job_without_input_is_done_at_once() -> None:
    watched = _Watched()

    watched.progress.finish(Counters())

    assert watched.said()[:3] == [
        "INFO mapreduce.JobSubmitter: number of splits:0",
        f"INFO mapreduce.Job: Running job: {_JOB}",
        "INFO mapreduce.Job:  map 100% reduce 100%",
    ]


def test_failed_attempts_are_told_and_killed_ones_are_not() -> None:
    watched = _Watched()

    watched.stage(0, 2, is_map=True)
    watched.end(0, 1, ExceptionFailure("StreamTaskError", "exit code 3\nlast words"), attempt=2)
    watched.end(0, 0, TaskKilledReason("another attempt succeeded"))
    watched.progress.fail("Task failed")

    assert watched.said()[3:] == [
        "INFO mapreduce.Job: Task Id : attempt_202601011200_0001_m_000001_2, Status : FAILED",
        "Error: exit code 3",
        "last words",
        f"INFO mapreduce.Job: Job {_JOB} failed with state FAILED due to: Task failed",
    ]


def test_statuses_are_told_now_and_then() -> None:
    watched = _Watched()

    watched.stage(0, 2, is_map=True)
    for step in range(100):
        watched.update(0, 0, status=f"line {step}")
    watched.now = 2
    watched.update(0, 1, status="line 100")
    watched.update(0, 1, status="line 100")

    assert [line for line in watched.said() if "Status of" in line] == [
        "INFO mapred.Task: Status of a map task: line 0",
        "INFO mapred.Task: Status of a map task: line 100",
    ]


def test_the_live_line_has_percents_counters_and_the_newest_status() -> None:
    watched = _Watched(live=True)

    watched.stage(0, 2, is_map=True)
    watched.update(0, 0, words=1500, status="on it")
    watched.update(0, 1, words=1)
    watched.update(0, 1, words=2)
    watched.end(0, 0, Success())

    assert watched.shown() == f"{_JOB} map 50% reduce 0% | on it | g: words=1,502"
    assert not any("map 50%" in line and "INFO" in line for line in watched.said())


def test_what_a_failed_attempt_counted_is_forgotten() -> None:
    watched = _Watched(live=True)

    watched.stage(0, 2, is_map=True)
    watched.update(0, 0, words=7)
    watched.end(0, 0, ExceptionFailure("StreamTaskError", "exit code 3"))

    assert "words" not in watched.shown()


def test_counters_that_every_job_has_are_left_out_of_the_live_line() -> None:
    watched = _Watched(live=True)

    watched.stage(0, 1, is_map=True)
    amount = AccumulableInfo(-1, counter_value("Map-Reduce Framework", "Map input records"), 5, 5)
    update = TaskUpdate(0, 0, 0, (amount,))
    watched.progress.on_executor_metrics_update(
        SparkListenerExecutorMetricsUpdate("driver", (update,))
    )

    assert watched.shown().endswith(f"{_JOB} map 0% reduce 0%")
