from __future__ import annotations

import io
import threading

import pytest

from pyrite.core import events as e
from pyrite.core.ui.console_progress import (
    ConsoleProgressBar,
    StageProgress,
    progress_bar_for,
    render,
)


def test_one_stage_fills_the_terminal_as_in_spark() -> None:
    line = render([StageProgress(1, 10, 0, completed=2, active=4)], width=100, now=1000)
    assert line == "[Stage 1:===============>" + " " * 62 + "(2 + 4) / 10]"
    assert len(line) == 100


def test_stages_share_the_terminal() -> None:
    stages = [StageProgress(1, 10, 0), StageProgress(0, 6, 0, completed=2, active=4)]
    assert render(stages, width=100, now=1000) == (
        "[Stage 0:=========>                   (2 + 4) / 6]"
        "[Stage 1:>                           (0 + 0) / 10]"
    )


def test_three_stages_at_most() -> None:
    stages = [StageProgress(i, 4, 0, completed=i, active=1) for i in range(5)]
    assert render(stages, width=91, now=1000) == (
        "[Stage 0:>        (0 + 1) / 4][Stage 1:==>      (1 + 1) / 4][Stage 2:====>    (2 + 1) / 4]"
    )


def test_a_stage_shows_only_after_half_a_second() -> None:
    stage = StageProgress(0, 4, submission_time=1000)
    assert render([stage], width=80, now=1500) == ""
    assert render([stage], width=80, now=1501) != ""


def test_a_finished_stage_has_no_arrow() -> None:
    assert ">" not in render([StageProgress(0, 4, 0, completed=4)], width=60, now=1000)


def test_a_narrow_terminal_still_shows_the_numbers() -> None:
    assert render([StageProgress(0, 4, 0, active=1)], 5, 1000) == "[Stage 0:(0 + 1) / 4]"


class Screen(io.StringIO):
    """What a terminal's current line shows."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()

    def write(self, text: str) -> int:
        self.written.set()
        return super().write(text)

    def isatty(self) -> bool:
        return True

    def line(self) -> str:
        cells: list[str] = []
        column = 0
        for character in self.getvalue():
            if character == "\r":
                column = 0
                continue
            cells[column : column + 1] = [character]
            column += 1
        return "".join(cells).rstrip()


def submitted(stage_id: int, attempt: int = 0) -> e.SparkListenerStageSubmitted:
    return e.SparkListenerStageSubmitted(
        e.StageInfo(stage_id, attempt, "count", 2, submission_time=0)
    )


def task() -> e.TaskInfo:
    return e.TaskInfo(0, 0, 0, 0, 0, "driver", "localhost")


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def bar(screen: Screen) -> ConsoleProgressBar:
    # The long interval keeps the bar's own thread quiet: the tests call refresh.
    return ConsoleProgressBar(screen, interval=3600, width=lambda: 40, clock=lambda: 1000)


def test_the_bar_follows_the_tasks(bar: ConsoleProgressBar, screen: Screen) -> None:
    bar.on_stage_submitted(submitted(0))
    bar.on_task_start(e.SparkListenerTaskStart(0, 0, task()))
    bar.refresh()
    assert screen.line().endswith("(0 + 1) / 2]")
    bar.on_task_end(e.SparkListenerTaskEnd(0, 0, "ResultTask", e.Success(), task()))
    bar.refresh()
    assert screen.line().endswith("(1 + 0) / 2]")
    bar.on_stage_completed(e.SparkListenerStageCompleted(submitted(0).stage_info))
    assert screen.line() == ""
    assert screen.getvalue().endswith("\r")


def test_a_failed_task_is_not_done(bar: ConsoleProgressBar, screen: Screen) -> None:
    bar.on_stage_submitted(submitted(0))
    bar.on_task_start(e.SparkListenerTaskStart(0, 0, task()))
    bar.on_task_end(e.SparkListenerTaskEnd(0, 0, "ResultTask", e.TaskResultLost(), task()))
    bar.refresh()
    assert screen.line().endswith("(0 + 0) / 2]")


def test_an_unchanged_line_is_not_written_again(bar: ConsoleProgressBar, screen: Screen) -> None:
    bar.on_stage_submitted(submitted(0))
    bar.refresh()
    written = screen.getvalue()
    bar.refresh()
    assert screen.getvalue() == written


def test_a_job_end_leaves_a_clean_line(bar: ConsoleProgressBar, screen: Screen) -> None:
    bar.on_stage_submitted(submitted(0))
    bar.on_stage_submitted(submitted(1))
    bar.refresh()
    bar.on_job_end(e.SparkListenerJobEnd(0, 1, e.JobSucceeded()))
    assert screen.line() == ""
    bar.refresh()
    assert "Stage 1" in screen.line()


def test_nothing_is_drawn_after_the_end(bar: ConsoleProgressBar, screen: Screen) -> None:
    bar.on_stage_submitted(submitted(0))
    bar.refresh()
    bar.on_application_end(e.SparkListenerApplicationEnd(1))
    bar.refresh()
    assert screen.line() == ""


def test_a_closed_terminal_is_no_error(bar: ConsoleProgressBar, screen: Screen) -> None:
    bar.on_stage_submitted(submitted(0))
    screen.close()
    bar.refresh()


def test_the_bar_draws_by_itself(screen: Screen) -> None:
    bar = ConsoleProgressBar(screen, interval=0.001, width=lambda: 40, clock=lambda: 1000)
    bus = e.ListenerBus()
    bus.add_listener(bar)
    bus.post(submitted(0))
    assert screen.written.wait(60)
    bus.post(e.SparkListenerApplicationEnd(1))
    bus.stop()
    assert bar._thread is not None
    bar._thread.join(60)
    assert not bar._thread.is_alive()
    assert screen.line() == ""


def test_the_bar_needs_a_terminal_and_the_setting(screen: Screen) -> None:
    assert progress_bar_for({}, screen) is not None
    assert progress_bar_for({}, io.StringIO()) is None
    assert progress_bar_for({"spark.ui.showConsoleProgress": "false"}, screen) is None
