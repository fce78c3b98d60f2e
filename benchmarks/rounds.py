"""Runs programs in alternating rounds, each in fresh processes, and checks that engines agree."""

import json
import math
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.catalogue import Program
from benchmarks.engines import CannotRun, Engine
from benchmarks.supervised import run_supervised

_CASE = "import sys; from benchmarks.case import main; main(*sys.argv[1:])"
_WHOLE = "import sys, runpy; runpy.run_path(sys.argv[1], run_name='__main__')"
_SAMPLE_EVERY = 0.02  # seconds between two looks at memory


@dataclass(frozen=True)
class Settings:
    """What is the same for all runs.

    Attributes:
        data: The folder of the input files, made for this scale.
        scale: 1.0 for the full size.
        master: Spark's master string.
    """

    data: Path
    scale: float
    master: str


@dataclass(frozen=True)
class Cost:
    """What a section took: seconds of wall time, seconds of CPU time."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Run:
    """One run of one program: its result, and what each section took.

    Attributes:
        result: What the program returned or, if it is measured as a whole, printed.
        costs: By the section's name.
        memory: Peak bytes from the start to the section's end; empty unless sampled.
    """

    result: Any
    costs: dict[str, Cost]
    memory: dict[str, int]


@dataclass(frozen=True)
class Comparison:
    """A program on both engines: pairs are (PySpark's, Pyrite's), one for each round.

    Attributes:
        costs: By the section's name, the rounds' pairs.
        memory: By the section's name, the peaks in bytes of one run more.
    """

    program: Program
    costs: dict[str, list[tuple[Cost, Cost]]]
    memory: dict[str, tuple[int, int]]


def run_once(engine: Engine, program: Program, settings: Settings, sample: bool = False) -> Run:
    """Run a program in a fresh process.

    Args:
        engine: What runs it.
        program: What to run.
        settings: Data, scale and master.
        sample: Look at memory, which costs time.

    Raises:
        CannotRun: The program failed, or left processes behind.
    """
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        inside = Path(scratch, "inside.json")
        if program.whole:
            command = engine.command(_WHOLE, program.path)
        else:
            arguments = (inside, program.path, settings.data, str(settings.scale), settings.master)
            command = engine.command(_CASE, *arguments)
        printed, seen = run_supervised(
            program.name,
            command,
            Path(scratch),
            engine.environment() | {"BENCHMARK_MASTER": settings.master},
            _SAMPLE_EVERY if sample else 0,
            where=f" on {engine.name}",
        )
        if program.whole:
            whole = {"wall": seen["wall"], "cpu": seen["cpu"], "end": math.inf}
            result, sections = printed.strip(), {program.name: whole}
        else:
            case = json.loads(inside.read_text())
            result, sections = case["result"], case["sections"]
    return Run(
        result,
        {name: Cost(section["wall"], section["cpu"]) for name, section in sections.items()},
        {
            name: max(size for time, size in seen["memory"] if time <= section["end"])
            for name, section in sections.items()
            if seen["memory"]
        },
    )


def compare(
    program: Program,
    engines: tuple[Engine, Engine],
    settings: Settings,
    rounds: int,
    tell: Callable[[str], None],
) -> Comparison:
    """Run a program on both engines in turn, and once more each to look at memory.

    Args:
        program: What to run.
        engines: PySpark and Pyrite. Who goes first changes from round to round.
        settings: Data, scale and master.
        rounds: How many timed runs on each engine.
        tell: Called with a line on what is going on.

    Raises:
        CannotRun: A run failed, or the engines' results differ.
    """
    costs: dict[str, list[tuple[Cost, Cost]]] = {name: [] for name in program.sections}
    results = []
    for number in range(rounds):
        pair = {}
        for engine in engines if number % 2 == 0 else engines[::-1]:
            run = pair[engine.name] = run_once(engine, program, settings)
            cost = run.costs[program.name]
            spent = f"{cost.wall:.2f} s, {cost.cpu:.2f} s of CPU"
            tell(f"{program.name} {number + 1}/{rounds}: {engine.name} {spent}")
            results.append(run.result)
        first, second = (pair[engine.name] for engine in engines)
        for name, pairs in costs.items():
            pairs.append((first.costs[name], second.costs[name]))
    peaks = [run_once(engine, program, settings, sample=True) for engine in engines]
    results += [run.result for run in peaks]
    if any(not same(results[0], result) for result in results):
        raise CannotRun(f"{program.name}: the results differ: {results}")
    memory = {name: (peaks[0].memory[name], peaks[1].memory[name]) for name in costs}
    return Comparison(program, costs, memory)


def same(left: Any, right: Any) -> bool:
    """Whether two results are the same, floats up to the order in which they were added."""
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=1e-9)
    if isinstance(left, Sequence) and not isinstance(left, str):
        return (
            type(left) is type(right)
            and len(left) == len(right)
            and all(same(a, b) for a, b in zip(left, right, strict=True))
        )
    return bool(left == right) and type(left) is type(right)
