"""What the engines' answers come to: which are right, and the totals of those that are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks.clusters.engines import LOCAL, NAMES, RAY
from benchmarks.table import Ratio, markdown
from benchmarks.tpch.answers import same_rows

__all__ = ["Result", "report"]

#: How many times our cluster's time: at most for our local run, at least for others.
_ASKED = {LOCAL: "at most 1.8x", "daft": "at least 2x", "sail": "at least 3x"}

_LONGEST = 200


@dataclass
class Result:
    """One query.

    Attributes:
        number: Which.
        seconds: By engine, for each round; only those whose answers were all right.
        problems: Why the others have no seconds.
    """

    number: int
    seconds: dict[str, list[float]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    def add(self, engine: str, answer: dict[str, Any], right: Any) -> None:
        """Note an answer beside that of our local run."""
        if "error" in answer:
            self._exclude(engine, f"cannot run: {answer['error']}")
        elif not same_rows(right, answer["rows"]):
            self._exclude(engine, "wrong answer")
        elif engine not in self.problems:
            self.seconds.setdefault(engine, []).append(answer["seconds"])

    def _exclude(self, engine: str, problem: str) -> None:
        self.seconds.pop(engine, None)
        self.problems.setdefault(engine, problem)

    def cell(self, engine: str) -> str:
        """What the table says of an engine."""
        if engine in self.seconds:
            return f"{median(self.seconds[engine]):.2f}"
        return self.problems.get(engine, "").partition(":")[0]


def report(results: Sequence[Result], engines: Sequence[str]) -> str:
    """The totals, the queries, and what is left out of the totals."""
    others = [engine for engine in engines if engine != RAY]
    totals = markdown(
        ["Engine", "Right", "Its s", "Two Ray nodes s", "Ratio", "Asked for"],
        [_total(results, engine) for engine in others],
    )
    right = f"{_right(results, RAY)} of {len(results)}"
    queries = markdown(
        ["Query", *(f"{NAMES[engine]} s" for engine in engines)],
        [[f"Q{r.number}", *map(r.cell, engines)] for r in results],
    )
    left_out = [
        f"- {NAMES[engine]}, Q{result.number}: {_short(result.problems[engine])}"
        for engine in engines
        for result in results
        if engine in result.problems
    ]
    parts = [f"Right on two Ray nodes: {right}.", totals, queries, "\n".join(left_out)]
    return "\n\n".join(part for part in parts if part)


def _total(results: Iterable[Result], engine: str) -> list[str]:
    """An engine's row: sums over the queries that it and our cluster have right."""
    results = list(results)
    both = [r for r in results if engine in r.seconds and RAY in r.seconds]
    right = f"{_right(results, engine)} of {len(results)}"
    if not both:
        return [NAMES[engine], right, "", "", "", _ASKED[engine]]
    theirs = _sums(both, engine)
    ours = _sums(both, RAY)
    pairs = list(zip(theirs, ours, strict=True))
    if engine == LOCAL:
        pairs = [(mine, local) for local, mine in pairs]
    cells = [f"{median(theirs):.1f}", f"{median(ours):.1f}", str(Ratio.of(pairs))]
    return [NAMES[engine], right, *cells, _ASKED[engine]]


def _sums(results: Iterable[Result], engine: str) -> list[float]:
    """The sum of the queries in each round."""
    return [sum(times) for times in zip(*(r.seconds[engine] for r in results), strict=True)]


def _right(results: Iterable[Result], engine: str) -> int:
    return sum(engine in result.seconds for result in results)


def _short(problem: str) -> str:
    """A problem in one line: what kind it is, and the end of the error, which has the cause."""
    kind, colon, error = problem.partition(": ")
    lines = error.strip().splitlines() or [""]
    return f"{kind}{colon}{lines[-1].strip()[:_LONGEST]}"
