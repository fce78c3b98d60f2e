"""Medians, ratios and the table of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.rounds import Comparison

MEGABYTE = 1_000_000
HEADINGS = (
    "Program",
    "PySpark s",
    "Pyrite s",
    "Wall time ratio",
    "CPU time ratio",
    "PySpark MB",
    "Pyrite MB",
    "Target",
)


@dataclass(frozen=True)
class Ratio:
    """How many times more the first of two took: the median over rounds, and the extremes."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, pairs: Sequence[tuple[float, float]]) -> "Ratio":
        """The ratio of pairs, one for each round.

        >>> str(Ratio.of([(8.0, 2.0), (9.0, 3.0), (50.0, 5.0)]))
        '4.0x (3.0..10.0)'
        """
        ratios = [first / second for first, second in pairs]
        return cls(median(ratios), min(ratios), max(ratios))

    def __str__(self) -> str:
        return f"{self.middle:.1f}x ({self.low:.1f}..{self.high:.1f})"


def rows(comparisons: Sequence[Comparison]) -> list[tuple[str, ...]]:
    """The table's cells, below `HEADINGS`: a row for each section of each program."""
    return [row for comparison in comparisons for row in _rows_of(comparison)]


def _rows_of(comparison: Comparison) -> list[tuple[str, ...]]:
    found = []
    for name, title in comparison.program.sections.items():
        pairs = comparison.costs[name]
        target = comparison.program.target if name == comparison.program.name else None
        found.append(
            (
                title,
                f"{median(pyspark.wall for pyspark, _ in pairs):.2f}",
                f"{median(pyrite.wall for _, pyrite in pairs):.3f}",
                str(Ratio.of([(pyspark.wall, pyrite.wall) for pyspark, pyrite in pairs])),
                str(Ratio.of([(pyspark.cpu, pyrite.cpu) for pyspark, pyrite in pairs])),
                *(f"{size / MEGABYTE:.0f}" for size in comparison.memory[name]),
                f"{target:g}x" if target else "",
            )
        )
    return found


def markdown(headings: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """A table in Markdown that reads well as plain text too: the first column left, others right.

    >>> print(markdown(["a", "b"], [["one", "1"], ["thousand", "1000"]]))
    | a        |    b |
    |:---------|-----:|
    | one      |    1 |
    | thousand | 1000 |
    """
    widths = [max(map(len, column)) for column in zip(headings, *cells, strict=True)]

    def line(row: Sequence[str]) -> str:
        padded = [row[0].ljust(widths[0])]
        padded += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        return f"| {' | '.join(padded)} |"

    rule = [":" + "-" * (widths[0] + 1), *("-" * (width + 1) + ":" for width in widths[1:])]
    return "\n".join([line(headings), f"|{'|'.join(rule)}|", *map(line, cells)])
