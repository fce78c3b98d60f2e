"""PidFile: how a machine remembers the daemons that were started on it.

Like Spark's scripts: one small file for each, in ``SPARK_PID_DIR``, under a name with
``SPARK_IDENT_STRING``. Only the process in it is ever ended, and only if it is still the one.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

__all__ = ["PidFile", "pid_files"]


@dataclass(frozen=True)
class PidFile:
    """The file of one daemon.

    Attributes:
        path: Where it is.
        log: Where that daemon's output goes.
    """

    path: Path
    log: Path

    @classmethod
    def of(cls, role: str, number: int, environment: Mapping[str, str]) -> PidFile:
        """Return the file of the ``number``-th daemon of a role on this machine.

        Example:
            >>> PidFile.of("master", 1, {"SPARK_PID_DIR": "/run", "SPARK_IDENT_STRING": "me"}).path
            PosixPath('/run/pyrite-me-master-1.pid')
        """
        folder = Path(environment.get("SPARK_PID_DIR") or tempfile.gettempdir())
        name = f"{_prefix(environment)}{role}-{number}"
        logs = Path(environment.get("SPARK_LOG_DIR") or folder)
        return cls(folder / f"{name}.pid", logs / f"{name}.out")

    def process(self) -> psutil.Process | None:
        """Return the daemon if it still runs; a later process with its number is not it."""
        try:
            if self.path.stat().st_uid != os.getuid():
                return None  # another user's file in a directory for everyone
            pid, created = self.path.read_text().split()
            process = psutil.Process(int(pid))
            return process if abs(process.create_time() - float(created)) < 1 else None
        except (OSError, ValueError, psutil.Error):
            return None

    def write(self, pid: int) -> None:
        """Remember a daemon."""
        self.path.unlink(missing_ok=True)
        text = f"{pid} {psutil.Process(pid).create_time()}\n"
        with open(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "w") as file:
            file.write(text)

    def remove(self) -> None:
        """Forget the daemon."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)


def pid_files(role: str, environment: Mapping[str, str]) -> list[PidFile]:
    """Return the files of all daemons of a role that were started on this machine."""
    folder = PidFile.of(role, 1, environment).path.parent
    found = folder.glob(f"{_prefix(environment)}{role}-*.pid")
    numbers = (path.stem.rpartition("-")[2] for path in found)
    return [
        PidFile.of(role, number, environment)
        for number in sorted(int(text) for text in numbers if text.isdigit())
    ]


def _prefix(environment: Mapping[str, str]) -> str:
    return f"pyrite-{environment.get('SPARK_IDENT_STRING') or getpass.getuser()}-"
