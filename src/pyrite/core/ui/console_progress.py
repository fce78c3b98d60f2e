"""Console progress: one line on a terminal that shows how far the running stages are.

``render`` decides what the line says, from values alone; ``ConsoleProgressBar`` decides when to
write it and when to wipe it away.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from shutil import get_terminal_size
from typing import TextIO

from pyrite.core.conf import ConfigEntry, parse_bool, parse_seconds
from pyrite.core.events import (
    SparkListener,
    SparkListenerApplicationEnd,
    SparkListenerJobEnd,
    SparkListenerStageCompleted,
    SparkListenerStageSubmitted,
    SparkListenerTaskEnd,
    SparkListenerTaskStart,
    Success,
    now_ms,
)

__all__ = ["ConsoleProgressBar", "StageProgress", "progress_bar_for", "render"]

SHOW_CONSOLE_PROGRESS = ConfigEntry("spark.ui.showConsoleProgress", "true", parse_bool)
_UPDATE_INTERVAL = ConfigEntry(
    "spark.ui.consoleProgress.update.interval", "200", lambda text: parse_seconds(text, "ms")
)
_DELAY = ConfigEntry(
    "spark.ui.consoleProgress.delay", "500", lambda text: parse_seconds(text, "ms")
)
_MAX_STAGES = 3  # shown side by side


@dataclass(slots=True)
class StageProgress:
    """How far one running stage is.

    Attributes:
        stage_id: The stage.
        num_tasks: All its tasks.
        submission_time: When it began, in milliseconds since the epoch.
        completed: Tasks done.
        active: Tasks running.
    """

    stage_id: int
    num_tasks: int
    submission_time: int
    completed: int = 0
    active: int = 0


def render(stages: Sequence[StageProgress], width: int, now: int, delay: float = 0.5) -> str:
    """Return the line for these stages, or an empty text if none has run for long enough.

    Args:
        stages: The running stages.
        width: Columns of the terminal.
        now: Milliseconds since the epoch.
        delay: Seconds; a shorter stage is not shown.

    Example:
        >>> render([StageProgress(0, 8, 0, completed=3, active=2)], width=40, now=1000)
        '[Stage 0:=======>           (3 + 2) / 8]'
    """
    shown = sorted(
        (stage for stage in stages if now - stage.submission_time > delay * 1000),
        key=lambda stage: stage.stage_id,
    )[:_MAX_STAGES]
    return "".join(_render_stage(stage, width // len(shown)) for stage in shown)


def _render_stage(stage: StageProgress, width: int) -> str:
    head = f"[Stage {stage.stage_id}:"
    tail = f"({stage.completed} + {stage.active}) / {stage.num_tasks}]"
    room = max(width - len(head) - len(tail), 0)
    done = room * stage.completed // max(stage.num_tasks, 1)
    bar = "=" * done + (">" if done < room else "")
    return head + bar.ljust(room) + tail


class ConsoleProgressBar(SparkListener):
    """Writes the line again whenever it has changed, and wipes it when there is nothing to show.

    A job's end wipes it before the action returns only if the caller waits for the bus; so
    ``clear`` is public, and the context calls it before it hands a result back.

    Args:
        stream: Where the line goes; a terminal.
        interval: Seconds between looks.
        delay: Seconds a stage must have run to be shown.
        width: Gives the columns of the terminal.
        clock: Gives the time in milliseconds since the epoch.
    """

    def __init__(
        self,
        stream: TextIO,
        interval: float = 0.2,
        delay: float = 0.5,
        width: Callable[[], int] = lambda: get_terminal_size().columns,
        clock: Callable[[], int] = now_ms,
    ) -> None:
        self._stream = stream
        self._interval = interval
        self._delay = delay
        self._width = width
        self._clock = clock
        # Guarded by _lock: the bus thread counts, the timer thread draws, the user's thread clears.
        self._lock = threading.Lock()
        self._stages: dict[tuple[int, int], StageProgress] = {}
        self._line = ""
        self._wake = threading.Event()
        self._stopped = False
        self._thread: threading.Thread | None = None

    def on_stage_submitted(self, event: SparkListenerStageSubmitted) -> None:
        """Begin to count a stage."""
        info = event.stage_info
        begun = self._clock() if info.submission_time is None else info.submission_time
        with self._lock:
            self._stages[info.stage_id, info.attempt_number] = StageProgress(
                info.stage_id, info.num_tasks, begun
            )
            if self._thread is None and not self._stopped:
                self._thread = threading.Thread(
                    target=self._run, name="console-progress", daemon=True
                )
                self._thread.start()
        self._wake.set()

    def on_stage_completed(self, event: SparkListenerStageCompleted) -> None:
        """Count the stage no longer."""
        with self._lock:
            self._stages.pop((event.stage_info.stage_id, event.stage_info.attempt_number), None)
            if not self._stages:
                self._wake.clear()
                self._wipe()

    def on_task_start(self, event: SparkListenerTaskStart) -> None:
        """Count a running task."""
        with self._lock:
            stage = self._stages.get((event.stage_id, event.stage_attempt_id))
            if stage:
                stage.active += 1

    def on_task_end(self, event: SparkListenerTaskEnd) -> None:
        """Count a finished task."""
        with self._lock:
            stage = self._stages.get((event.stage_id, event.stage_attempt_id))
            if stage:
                stage.active -= 1
                stage.completed += isinstance(event.reason, Success)

    def on_job_end(self, event: SparkListenerJobEnd) -> None:
        """Leave a clean line for what the program prints next."""
        self.clear()

    def on_application_end(self, event: SparkListenerApplicationEnd) -> None:
        """Stop drawing."""
        self.stop()

    def refresh(self) -> None:
        """Write the line if it has changed since it was last written."""
        with self._lock:
            stages = list(self._stages.values())
            line = render(stages, self._width(), self._clock(), self._delay)
            if not line:
                self._wipe()
            elif line != self._line:
                # A shorter line must cover the whole of the one before.
                self._write("\r" + line.ljust(len(self._line)))
                self._line = line

    def clear(self) -> None:
        """Wipe the line; the next change draws it again."""
        with self._lock:
            self._wipe()

    def stop(self) -> None:
        """Wipe the line and draw no more."""
        with self._lock:
            self._stopped = True
            self._stages.clear()
            self._wipe()
        self._wake.set()

    def _wipe(self) -> None:
        if self._line:
            self._write("\r" + " " * len(self._line) + "\r")
            self._line = ""

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # the terminal is gone; a progress bar is no reason to fail
            self._stopped = True

    def _run(self) -> None:
        pause = threading.Event()
        while not self._stopped:
            self._wake.wait()  # sleeps for as long as no stage runs
            pause.wait(self._interval)
            if not self._stopped:
                self.refresh()


def progress_bar_for(
    conf: Mapping[str, str], stream: TextIO | None = None
) -> ConsoleProgressBar | None:
    """Return the progress bar these settings ask for.

    Args:
        conf: The application's settings.
        stream: Where to draw; stderr by default.

    Returns:
        None when it is switched off, or ``stream`` is not a terminal.
    """
    stream = sys.stderr if stream is None else stream
    if not SHOW_CONSOLE_PROGRESS.read(conf) or stream is None or not stream.isatty():
        return None
    return ConsoleProgressBar(stream, _UPDATE_INTERVAL.read(conf), _DELAY.read(conf))
