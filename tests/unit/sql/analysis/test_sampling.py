"""Sampling: which rows Spark chose of two partitions, by its seeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.expressions.expression import Literal
from pyrite.sql.expressions.unresolved import (
    UnresolvedAlias,
    UnresolvedAttribute,
    UnresolvedFunction,
)
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import (
    StatFunction,
    UnresolvedFilter,
    UnresolvedInlineTable,
    UnresolvedProject,
    UnresolvedRange,
    UnresolvedSample,
)
from pyrite.sql.types import INTEGER, LONG

Run = Callable[[LogicalPlan], list[tuple[Any, ...]]]


def sample(child: LogicalPlan, lower: float, upper: float, seed: int, **rest: Any) -> LogicalPlan:
    return UnresolvedSample(lower, upper, False, seed, child, **rest)


def values(rows: list[tuple[Any, ...]]) -> list[Any]:
    return [row[0] for row in rows]


def test_a_range(run: Run) -> None:
    chosen = values(run(sample(UnresolvedRange(0, 100, 1), 0.0, 0.1, 3)))
    assert chosen == [29, 51, 54, 58, 60, 68, 87, 92]


def test_a_range_of_four_partitions_and_a_negative_seed(run: Run) -> None:
    chosen = values(run(sample(UnresolvedRange(0, 100, 1, 4), 0.0, 0.2, -3)))
    assert chosen[:10] == [9, 12, 23, 24, 30, 33, 34, 41, 45, 46]


def test_rows_are_counted_after_a_filter(run: Run) -> None:
    column = UnresolvedAttribute(("id",))
    rest = UnresolvedFunction(("%",), (column, Literal(2, LONG)))
    even = UnresolvedFunction(("=",), (rest, Literal(0, LONG)))
    plan = UnresolvedFilter(even, UnresolvedRange(0, 1000, 1))
    assert values(run(sample(plan, 0.0, 0.02, 7)))[:6] == [40, 54, 112, 290, 300, 308]


def test_the_parts_of_a_split_hold_every_row_once(run: Run) -> None:
    child = UnresolvedRange(0, 20, 1)
    parts = [
        values(run(sample(child, lower, upper, 24, deterministic_order=True)))
        for lower, upper in ((0.0, 1 / 3), (1 / 3, 1.0))
    ]
    assert parts[0] == [2, 5, 6, 10, 12, 19]
    assert sorted(parts[0] + parts[1]) == list(range(20))


def test_rows_without_known_partitions_are_drawn_repeatably(run: Run) -> None:
    rows = tuple((Literal(number, INTEGER),) for number in range(50))
    plan = sample(UnresolvedInlineTable(rows, ("n",)), 0.0, 0.5, 1)
    first = run(plan)
    assert first == run(plan)
    assert 0 < len(first) < 50


def test_with_replacement_rows_may_come_again(run: Run) -> None:
    plan = UnresolvedSample(0.0, 2.0, True, 5, UnresolvedRange(0, 50, 1))
    chosen = values(run(plan))
    assert len(chosen) > len(set(chosen))
    assert chosen == values(run(plan))


def test_sample_by_stratum(run: Run) -> None:
    stratum = UnresolvedFunction(("%",), (UnresolvedAttribute(("id",)), Literal(3, LONG)))
    fractions = ((Literal(0, INTEGER), 0.1), (Literal(1, INTEGER), 0.2))
    parameters = (("fractions", fractions), ("seed", 0))
    child = UnresolvedProject(
        (UnresolvedAlias(UnresolvedAttribute(("id",)), "id"),), UnresolvedRange(0, 100, 1)
    )
    plan = StatFunction("sample_by", (stratum,), parameters, child)
    assert values(run(plan)) == [9, 16, 22, 46, 52, 61, 70]


@pytest.mark.parametrize(("with_replacement", "upper"), [(False, 1.1), (False, -0.1), (True, -0.1)])
def test_fractions_are_checked(run: Run, with_replacement: bool, upper: float) -> None:
    with pytest.raises(SparkError, match="Sampling fraction"):
        run(UnresolvedSample(0.0, upper, with_replacement, 1, UnresolvedRange(0, 5, 1)))
