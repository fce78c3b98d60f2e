"""``--supervise``: a driver that fails is started again, as by Spark's workers."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import NoReturn

__all__ = ["run_child", "supervise"]

#: A driver that ran for this long had started well: the next wait is a short one again.
_RAN_WELL_SECONDS = 5.0
_STOP_SECONDS = 10.0


def supervise(
    run: Callable[[], int],
    say: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Run something until it succeeds; each wait is twice as long as the last.

    Args:
        run: Runs it once and returns its exit code.
        say: Tells people what happens.
        sleep: Waits.
        clock: Tells the time in seconds.

    Returns:
        0.
    """
    wait = 1
    while True:
        started = clock()
        code = run()
        if code == 0:
            return 0
        if clock() - started > _RAN_WELL_SECONDS:
            wait = 1
        say(f"The driver ended with exit code {code}; it starts again in {wait} s.")
        sleep(wait)
        wait *= 2


def run_child(command: Sequence[str]) -> int:
    """Run a command to its end; it ends with this process when that is told to end."""
    told: list[int] = []
    # At no moment is there a child that would stay when this process ends.
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    child = subprocess.Popen(command)
    try:
        signal.signal(signal.SIGTERM, _end)
        for number in told:
            _end(number, None)
        return child.wait()
    finally:
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()


def _end(number: int, _: FrameType | None) -> NoReturn:
    sys.exit(128 + number)
