"""The command line: word count by ``pyrite mapreduce`` and by the shell in turn, then memory."""

import argparse
import os
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

from benchmarks import data
from benchmarks.engines import CannotRun
from benchmarks.mapreduce import page
from benchmarks.mapreduce.commands import (
    SCRIPTS,
    Run,
    pipeline,
    python_command,
    scripts_alone,
    stream_job,
)
from benchmarks.table import MEGABYTE, Ratio, markdown

HEADINGS = ("Scripts", "", "`pyrite mapreduce`", "Shell pipeline", "Shell / Pyrite")
MEMORY_HEADINGS = ("Limit of a worker, MB", "Data, MB", "Peak of all processes, MB", "Seconds")

_SETTINGS = ("spark.master=local[2]", "mapreduce.job.reduces=6")


@dataclass(frozen=True)
class Scripts:
    """Two scripts that count words.

    Attributes:
        title: What they are called.
        mapper: The mapper's file.
        reducer: The reducer's file.
        variables: More environment variables that they run with.
    """

    title: str
    mapper: str
    reducer: str
    variables: Mapping[str, str] = field(default_factory=dict)


CLASSIC = Scripts("classic", "mapper.py", "reducer.py")
ALL_SCRIPTS = (
    CLASSIC,
    replace(
        CLASSIC, title="classic, each line written at once", variables={"PYTHONUNBUFFERED": "1"}
    ),
    Scripts("of whole blocks", "block_mapper.py", "block_reducer.py"),
)

_WORDS_BYTES = 32_644_843  # of words.txt at scale 1
_TIMES_THE_LIMIT = (1, 10)
_LINE = 64  # bytes of a line of the data that is larger than memory may be


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.mapreduce",
        description="Count words by two Python scripts: pyrite mapreduce with two cores, and "
        "cat | mapper | LC_ALL=C sort | reducer, in turn.",
        epilog="It needs Linux. Nothing else should run on the machine meanwhile.",
    )
    add = parser.add_argument
    add("--rounds", metavar="N", type=int, default=3, help="timed runs of each (3)")
    add("--megabytes", metavar="N", type=float, default=200.0, help="size of the text (200)")
    add("--limit", metavar="MB", type=int, default=32, help="of a worker's memory (32)")
    add("--cache", metavar="DIR", type=Path, default=Path(".benchmarks"), help="for input files")
    add("--write", action="store_true", help=f"also write docs/{page.PAGE.name}")
    return parser.parse_args(arguments)


def measure(text: Path, rounds: int, scripts: Scripts) -> list[tuple[Run, Run]]:
    """Count the words in turn.

    Args:
        text: The input.
        rounds: How often.
        scripts: What counts them.

    Returns:
        For each round the runs, Pyrite's first.

    Raises:
        CannotRun: A run failed, or the results differ.
    """
    names = (scripts.mapper, scripts.reducer)
    runners = {
        "Pyrite": lambda: stream_job(
            text,
            *(f"{sys.executable} {name}" for name in names),
            _SETTINGS,
            [SCRIPTS / name for name in names],
            scripts.variables,
        ),
        "Shell": lambda: pipeline(text, *map(python_command, names), scripts.variables),
    }
    pairs = []
    for number in range(rounds):
        runs = {}
        for name in list(runners) if number % 2 == 0 else list(runners)[::-1]:
            run = runs[name] = runners[name]()
            spent = f"{run.wall:.2f} s, {run.cpu:.2f} s of CPU"
            print(f"{scripts.title} {number + 1}/{rounds}: {name} {spent}", file=sys.stderr)
        mine, shell = runs["Pyrite"], runs["Shell"]
        if (mine.lines, mine.digest) != (shell.lines, shell.digest):
            raise CannotRun(f"The results differ: {mine.lines} and {shell.lines} lines.")
        pairs.append((mine, shell))
    return pairs


def cells(
    title: str, pairs: Sequence[tuple[Run, Run]], alone: float | None = None
) -> list[tuple[str, ...]]:
    """The rows of the table that some rounds make.

    Args:
        title: What the scripts are called.
        pairs: The rounds' runs, Pyrite's first.
        alone: Seconds of CPU time of the scripts by themselves, one after the other.
    """
    rows = [
        (
            title,
            clock,
            f"{median(getattr(mine, cost) for mine, _ in pairs):.2f} s",
            f"{median(getattr(shell, cost) for _, shell in pairs):.2f} s",
            str(Ratio.of([(getattr(b, cost), getattr(a, cost)) for a, b in pairs])),
        )
        for clock, cost in (("Wall time", "wall"), ("CPU time", "cpu"))
    ]
    if alone is not None:
        most = median(shell.wall for _, shell in pairs) / (alone / 2)
        spent = f"{alone:.2f} s"
        rows.append((title, "CPU time of the scripts", spent, spent, f"{most:.1f}x at most"))
    return rows


def time_alone(text: Path, scripts: Scripts) -> float | None:
    """Time scripts by themselves, unless variables that tasks do not inherit make them slower.

    Raises:
        CannotRun: One failed.
    """
    if scripts.variables:
        return None
    return scripts_alone(text, python_command(scripts.mapper), python_command(scripts.reducer))


def distinct_lines(folder: Path, megabytes: int) -> Path:
    """Make a file of lines in no order, no two of them the same; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"distinct-{megabytes}.txt"
    if not target.exists():
        dice = random.Random(7)
        count = megabytes * MEGABYTE // _LINE
        unfinished = target.with_suffix(".unfinished")
        with unfinished.open("w", encoding="ascii") as file:
            file.writelines(
                f"{dice.getrandbits(128):032x}\t{number:0{_LINE - 34}d}\n"
                for number in range(count)
            )
        os.replace(unfinished, target)
    return target


def sort_lines(folder: Path, limit: int, times: int) -> tuple[str, ...]:
    """Sort so many times as much data as a worker may hold; return the cells of the table."""
    megabytes = limit * times
    settings = (*_SETTINGS[:1], "mapreduce.job.reduces=1", f"spark.python.worker.memory={limit}m")
    run = stream_job(distinct_lines(folder, megabytes), "cat", "cat", settings, sample=True)
    expected = megabytes * MEGABYTE // _LINE
    if run.lines != expected:
        raise CannotRun(f"{run.lines} lines came out of the sort instead of {expected}.")
    return str(limit), str(megabytes), f"{run.memory / MEGABYTE:.0f}", f"{run.wall:.1f}"


def main(arguments: list[str] | None = None) -> None:
    """Run what the command line asks for."""
    options = parse(arguments)
    folder = options.cache.absolute() / "data"
    scale = round(options.megabytes * MEGABYTE / _WORDS_BYTES, 3)
    text = data.prepare(folder, scale, ("words.txt",)) / "words.txt"
    try:
        rows = [
            row
            for scripts in ALL_SCRIPTS
            for row in cells(
                scripts.title, measure(text, options.rounds, scripts), time_alone(text, scripts)
            )
        ]
        memory_rows = [sort_lines(folder, options.limit, times) for times in _TIMES_THE_LIMIT]
    except CannotRun as error:
        sys.exit(str(error))
    tables = markdown(HEADINGS, rows), markdown(MEMORY_HEADINGS, memory_rows)
    print(*tables, sep="\n\n")
    if options.write:
        page.write(options.rounds, options.megabytes, *tables)


if __name__ == "__main__":
    main()
