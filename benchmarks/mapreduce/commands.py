"""What is run: a job of ``pyrite mapreduce``, and the same scripts in a pipeline of the shell."""

import os
import shlex
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.engines import pyrite
from benchmarks.supervised import run_supervised

__all__ = ["SCRIPTS", "Run", "digest", "pipeline", "python_command", "scripts_alone", "stream_job"]

SCRIPTS = Path(__file__).parent / "scripts"

_SAMPLE_EVERY = 0.05  # seconds between two looks at memory


@dataclass(frozen=True)
class Run:
    """What one run took, and what it wrote.

    Attributes:
        wall: Seconds from the start of the process to its end.
        cpu: Seconds of CPU time of all its processes.
        memory: The highest sum of their memory in bytes; 0 unless sampled.
        lines: How many lines came out.
        digest: The same for two runs whose lines are the same, whatever their order.
    """

    wall: float
    cpu: float
    memory: int
    lines: int
    digest: int


def pipeline(
    data: Path, mapper: str, reducer: str, variables: Mapping[str, str] | None = None
) -> Run:
    """Run ``cat | mapper | LC_ALL=C sort | reducer``.

    Args:
        data: The input file.
        mapper: A command.
        reducer: A command.
        variables: More environment variables.

    Raises:
        CannotRun: It failed.
    """
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        out = Path(scratch, "out")
        line = f"cat {data} | {mapper} | LC_ALL=C sort -T {scratch} | {reducer} > {out}"
        return _measure(["bash", "-o", "pipefail", "-c", line], Path(scratch), out, variables)


def scripts_alone(data: Path, mapper: str, reducer: str) -> float:
    """Run a mapper, then a reducer on what it wrote, sorted; return their seconds of CPU time.

    Args:
        data: The input file.
        mapper: A command.
        reducer: A command.

    Raises:
        CannotRun: One failed.
    """
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        mapped, ordered, out = (Path(scratch, name) for name in ("mapped", "ordered", "out"))

        def run(line: str) -> float:
            return _measure(["bash", "-c", line], Path(scratch), out, None).cpu

        out.touch()
        spent = run(f"exec {mapper} < {data} > {mapped}")
        run(f"LC_ALL=C exec sort -T {scratch} {mapped} > {ordered}")
        return spent + run(f"exec {reducer} < {ordered} > {out}")


def stream_job(
    data: Path,
    mapper: str,
    reducer: str,
    settings: Sequence[str] = (),
    files: Sequence[Path] = (),
    variables: Mapping[str, str] | None = None,
    sample: bool = False,
) -> Run:
    """Run a job of ``pyrite mapreduce``.

    Args:
        data: The input file.
        mapper: A command.
        reducer: A command.
        settings: Properties, as ``name=value``.
        files: What the commands need beside them.
        variables: More environment variables.
        sample: Look at memory, which costs time.

    Raises:
        CannotRun: It failed, or left processes behind.
    """
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        out = Path(scratch, "out")
        properties = [word for setting in settings for word in ("-D", setting)]
        shipped = ["-files", ",".join(map(str, files))] if files else []
        command = [
            *pyrite().command("from pyrite.deploy.cli import main; main()", "mapreduce"),
            *properties,
            *shipped,
            *("-input", str(data), "-output", str(out)),
            *("-mapper", mapper, "-reducer", reducer),
        ]
        return _measure(command, Path(scratch), out, variables, sample)


def _measure(
    command: list[str],
    scratch: Path,
    output: Path,
    variables: Mapping[str, str] | None,
    sample: bool = False,
) -> Run:
    _, seen = run_supervised(
        shlex.join(command),
        command,
        scratch,
        pyrite().environment() | dict(variables or {}),
        _SAMPLE_EVERY if sample else 0,
    )
    memory = max((size for _, size in seen["memory"]), default=0)
    return Run(seen["wall"], seen["cpu"], memory, *digest(output))


def digest(output: Path) -> tuple[int, int]:
    """Return the number of lines of a file, or of part files, and a sum of their hashes."""
    lines, hashes = 0, 0
    for file in output.glob("part-*") if output.is_dir() else [output]:
        with file.open("rb") as opened:
            for line in opened:
                lines += 1
                hashes += hash(line)
    return lines, hashes


def python_command(script: str) -> str:
    """The command that runs a script of this benchmark wherever it is."""
    return f"{sys.executable} {os.path.join(SCRIPTS, script)}"
