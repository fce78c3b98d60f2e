"""nearestByJoin: the nearest rows of the right side, nulls never."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.expressions.unresolved import ExpressionText
from pyrite.sql.plans.plan import JoinType, LogicalPlan
from pyrite.sql.plans.unresolved import SqlText, UnresolvedNearestByJoin

Run = Callable[[LogicalPlan], list[tuple[Any, ...]]]

LEFT = SqlText("SELECT * FROM VALUES (1, 10), (2, NULL), (3, 30) AS l(i, s)")
RIGHT = SqlText("SELECT * FROM VALUES ('A', 11), ('B', 22), ('C', NULL) AS r(p, t)")


def nearest(
    count: int, direction: str, join_type: JoinType, ranking: str = "abs(s - t)"
) -> LogicalPlan:
    expression = ExpressionText(ranking)
    return UnresolvedNearestByJoin(LEFT, RIGHT, expression, count, join_type, "exact", direction)


def pairs(rows: list[tuple[Any, ...]]) -> set[tuple[Any, Any]]:
    return {(row[0], row[2]) for row in rows}


@pytest.mark.parametrize(
    ("direction", "expected"),
    [("distance", {(1, "A"), (3, "B")}), ("similarity", {(1, "B"), (3, "A")})],
)
def test_the_nearest(run: Run, direction: str, expected: set[tuple[Any, Any]]) -> None:
    assert pairs(run(nearest(1, direction, JoinType.INNER))) == expected


def test_several_and_rows_without_any(run: Run) -> None:
    found = pairs(run(nearest(2, "distance", JoinType.LEFT_OUTER)))
    assert found == {(1, "A"), (1, "B"), (2, None), (3, "A"), (3, "B")}


@pytest.mark.parametrize(
    ("count", "ranking", "condition"),
    [
        (0, "1", "NEAREST_BY_JOIN.NUM_RESULTS_OUT_OF_RANGE"),
        (1, "map(s, t)", "NEAREST_BY_JOIN.NON_ORDERABLE_RANKING_EXPRESSION"),
    ],
)
def test_refuses(run: Run, count: int, ranking: str, condition: str) -> None:
    with pytest.raises(SparkError) as caught:
        run(nearest(count, "distance", JoinType.INNER, ranking))
    assert caught.value.error_class == condition
