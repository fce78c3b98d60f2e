"""The command line: word count by ``pyrite mapreduce`` and by the shell in turn, then memory."""

import argparse
import os
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from benchmarks import data
from benchmarks.engines import CannotRun
from benchmarks.mapreduce import page
from benchmarks.mapreduce.commands import SCRIPTS, Run, pipeline, python_command, stream_job
from benchmarks.table import MEGABYTE, Ratio, markdown

HEADINGS = ("Python writes", "", "`pyrite mapreduce`", "Shell pipeline", "Shell / Pyrite")
MEMORY_HEADINGS = ("Limit of a worker, MB", "Data, MB", "Peak of all processes, MB", "Seconds")

_SETTINGS = ("spark.master=local[2]", "mapreduce.job.reduces=6")
#: How scripts print -> the variables that make them do so.
_PRINTING: Mapping[str, Mapping[str, str]] = {
    "in blocks": {},
    "line by line": {"PYTHONUNBUFFERED": "1"},
}
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


def measure(
    text: Path, rounds: int, printing: str, variables: Mapping[str, str]
) -> list[tuple[Run, Run]]:
    """Count the words in turn.

    Args:
        text: The input.
        rounds: How often.
        printing: How the scripts print.
        variables: What makes them do so.

    Returns:
        For each round the runs, Pyrite's first.

    Raises:
        CannotRun: A run failed, or the results differ.
    """
    runners = {
        "Pyrite": lambda: stream_job(
            text,
            f"{sys.executable} mapper.py",
            f"{sys.executable} reducer.py",
            _SETTINGS,
            (SCRIPTS / "mapper.py", SCRIPTS / "reducer.py"),
            variables,
        ),
        "Shell": lambda: pipeline(
            text, python_command("mapper.py"), python_command("reducer.py"), variables
        ),
    }
    pairs = []
    for number in range(rounds):
        runs = {}
        for name in list(runners) if number % 2 == 0 else list(runners)[::-1]:
            run = runs[name] = runners[name]()
            spent = f"{run.wall:.2f} s, {run.cpu:.2f} s of CPU"
            print(f"{printing} {number + 1}/{rounds}: {name} {spent}", file=sys.stderr)
        mine, shell = runs["Pyrite"], runs["Shell"]
        if (mine.lines, mine.digest) != (shell.lines, shell.digest):
            raise CannotRun(f"The results differ: {mine.lines} and {shell.lines} lines.")
        pairs.append((mine, shell))
    return pairs


def cells(printing: str, pairs: Sequence[tuple[Run, Run]]) -> list[tuple[str, ...]]:
    """The rows of the table that some rounds make."""
    return [
        (
            printing,
            title,
            f"{median(getattr(mine, cost) for mine, _ in pairs):.2f} s",
            f"{median(getattr(shell, cost) for _, shell in pairs):.2f} s",
            str(Ratio.of([(getattr(b, cost), getattr(a, cost)) for a, b in pairs])),
        )
        for title, cost in (("Wall time", "wall"), ("CPU time", "cpu"))
    ]


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
            for printing, variables in _PRINTING.items()
            for row in cells(printing, measure(text, options.rounds, printing, variables))
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
