"""Starts one process under ``supervise``, in a scratch folder, and reads what it cost."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.engines import ROOT, CannotRun

__all__ = ["run_supervised"]

_TIME_LIMIT = 900.0  # seconds for one run


def run_supervised(
    title: str,
    command: Sequence[str],
    scratch: Path,
    environment: Mapping[str, str],
    sample_every: float = 0,
    *,
    where: str = "",
) -> tuple[str, dict[str, Any]]:
    """Run a command to its very end.

    Args:
        title: What it is called in errors.
        command: The program and its arguments.
        scratch: A folder for it alone.
        environment: Its environment variables, but for those that name the scratch folder.
        sample_every: Seconds between two looks at memory, which cost time; 0 for none.
        where: What it runs on, as errors say it: `` on PySpark``.

    Returns:
        What it printed, and the report of ``supervise``.

    Raises:
        CannotRun: It failed, or left processes behind.
    """
    report = scratch / "report.json"
    supervisor = [sys.executable, "-m", "benchmarks.supervise", str(report), str(sample_every)]
    ended = subprocess.run(
        [*supervisor, *command],
        env={**environment, "TMPDIR": str(scratch), "SPARK_LOCAL_DIRS": str(scratch)},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=_TIME_LIMIT,
        check=False,
    )
    if ended.returncode:
        raise CannotRun(f"{title} failed{where}:\n{ended.stderr[-4000:]}")
    seen: dict[str, Any] = json.loads(report.read_text())
    if not seen["clean"]:
        raise CannotRun(f"{title} left processes behind{where}.")
    return ended.stdout, seen
