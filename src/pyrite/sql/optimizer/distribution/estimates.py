"""Estimates: what is believed of the rows of a plan and of the values in its columns.

A join pairs each row with those of the other side that have the same key. How many these are
follows from how many different keys there are, the *domain*: rows * rows / domain, when the keys
of the side with fewer of them are all among those of the other (System R, Selinger et al. 1979).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

__all__ = ["Base", "ColumnEstimate", "Estimate", "domain"]


@dataclass(frozen=True, eq=False)
class Base:
    """The relation that a column comes from, before anything was filtered.

    Attributes:
        rows: How many rows it has.
    """

    rows: float


@dataclass(frozen=True)
class ColumnEstimate:
    """What is believed of a column.

    Attributes:
        base: Where it comes from.
        low: The least value, as a number; None if that is not known.
        high: The greatest.
        step: What lies between two neighbours, 0 for values that can be anything.
        share: Of the values in the base, the share that conditions on this column leave.
    """

    base: Base
    low: float | None = None
    high: float | None = None
    step: float = 0.0
    share: float = 1.0

    @property
    def has_range(self) -> bool:
        """Whether it is known between which values it lies."""
        return self.low is not None and self.high is not None

    @property
    def width(self) -> float:
        """How much room there is between the bounds, both included."""
        return 0.0 if self.low is None or self.high is None else self.high - self.low + self.step

    @property
    def possible(self) -> float | None:
        """How many values there can be between the bounds; None if any number."""
        return self.width / self.step if self.has_range and self.step else None

    @property
    def distinct(self) -> float:
        """The most values that there can be in the base."""
        possible = self.possible
        return max(1.0, self.base.rows if possible is None else min(possible, self.base.rows))

    @property
    def is_counted(self) -> bool:
        """Whether there are likely as many values as there can be.

        So it is if there are rows enough for each, or as many as there are numbers: a dense key.
        """
        possible, rows = self.possible, self.base.rows
        return possible is not None and (2 * possible <= rows or possible == rows)


@dataclass(frozen=True)
class Estimate:
    """What is believed of a plan's rows.

    Attributes:
        rows: How many there are.
        width: The bytes of a row.
        columns: The columns, by id.
    """

    rows: float
    width: int
    columns: Mapping[int, ColumnEstimate]

    @property
    def bytes(self) -> float:
        """How many bytes they are."""
        return self.rows * self.width

    def with_rows(self, rows: float) -> Estimate:
        """Return the estimate for another number of rows, at least one."""
        return replace(self, rows=max(1.0, rows))


def domain(left: Iterable[ColumnEstimate | None], right: Iterable[ColumnEstimate | None]) -> float:
    """Return how many different keys two inputs of a join have together.

    Args:
        left: The key's columns on the left side; None for what is no column.
        right: Those on the right side.

    Returns:
        1 if nothing is known of either side.
    """
    left, right = [*left], [*right]
    # Of keys that conditions leave on one side only, the other side has the rest as well.
    kept = prod(max(_share(a), _share(b)) for a, b in zip(left, right, strict=True))
    return max(1.0, _all_keys(left, right) * kept)


def _share(column: ColumnEstimate | None) -> float:
    return 1.0 if column is None else column.share


def _all_keys(
    left: Sequence[ColumnEstimate | None], right: Sequence[ColumnEstimate | None]
) -> float:
    """Return how many different keys two inputs would have without conditions on keys."""
    sides = [side for side in (_keys(left), _keys(right)) if side is not None]
    ranged = [keys for keys, has_range, _ in sides if has_range]
    if any(is_counted for _, _, is_counted in sides):
        return max(ranged)
    # Both numbers are bounds, and foreign keys have the fewer values of the primary key.
    return min((keys for keys, _, _ in sides), default=1.0)


def _keys(columns: Iterable[ColumnEstimate | None]) -> tuple[float, bool, bool] | None:
    """Return the most keys that some columns make, if their ranges say so, and if that is likely.

    Columns of the same relation cannot make more keys than it has rows.
    """
    by_base: dict[Base, list[ColumnEstimate]] = {}
    for column in columns:
        if column is None:
            return None
        by_base.setdefault(column.base, []).append(column)
    has_range = is_counted = True
    keys = 1.0
    for base, members in by_base.items():
        distinct = prod(member.distinct for member in members)
        keys *= min(distinct, max(1.0, base.rows))
        has_range &= all(member.has_range for member in members)
        is_counted &= distinct <= base.rows and all(member.is_counted for member in members)
    return keys, has_range, is_counted
