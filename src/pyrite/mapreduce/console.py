"""The console of a job: Hadoop's log lines, and below them one line that is written over and over.

Programs read the log lines, such as mrjob; so they look as Hadoop's do. The live line is for
people at a terminal.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime
from shutil import get_terminal_size
from typing import TextIO

__all__ = ["Console"]


class Console:
    """Writes log lines, and keeps a live line below them.

    Args:
        stream: Where to; usually stderr.
        live: Whether to show the live line: only where a person looks at a terminal.
        clock: Gives the seconds since the epoch.
        width: Gives the columns of the terminal.

    Example:
        >>> import sys
        >>> Console(sys.stdout, clock=lambda: 0.25).info("mapreduce.Job", "Done")  # in UTC
        1970-01-01 00:00:00,250 INFO mapreduce.Job: Done
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        live: bool = False,
        clock: Callable[[], float] = time.time,
        width: Callable[[], int] = lambda: get_terminal_size().columns,
    ) -> None:
        self.live = live
        self._stream = stream
        self._clock = clock
        self._width = width
        # Guarded by _lock: what listeners show comes in another thread than what the program says.
        self._lock = threading.Lock()
        self._line = ""

    def info(self, source: str, message: str) -> None:
        """Write a log line.

        Args:
            source: Which of Hadoop's classes would say it, such as ``mapreduce.Job``.
            message: What it says; further lines follow as they are.
        """
        self._log("INFO", source, message)

    def warn(self, source: str, message: str) -> None:
        """Write a log line that warns."""
        self._log("WARN", source, message)

    def error(self, source: str, message: str) -> None:
        """Write a log line about an error."""
        self._log("ERROR", source, message)

    def plain(self, message: str) -> None:
        """Write a line as it is."""
        with self._lock:
            line = self._wipe()
            self._write(f"{message}\n{line}")

    def show(self, line: str) -> None:
        """Make this the live line, or wipe it with an empty text; nothing where none is wanted."""
        if not self.live:
            return
        line = " ".join(line.split())[: max(self._width() - 1, 0)]
        with self._lock:
            if line != self._line:
                wiped, self._line = self._wiping(), line
                self._write(wiped + line)

    def _log(self, level: str, source: str, message: str) -> None:
        now = self._clock()
        time_text = datetime.fromtimestamp(now).strftime("%Y-%m-%d %H:%M:%S")
        self.plain(f"{time_text},{int(now * 1000) % 1000:03} {level} {source}: {message}")

    def _wipe(self) -> str:
        """Wipe the live line and return it, to be written again below what comes now."""
        self._write(self._wiping())
        return self._line

    def _wiping(self) -> str:
        return f"\r{' ' * len(self._line)}\r" if self._line else ""

    def _write(self, text: str) -> None:
        if not text:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            pass  # nobody is there to read it any more; that is no reason for a job to fail
