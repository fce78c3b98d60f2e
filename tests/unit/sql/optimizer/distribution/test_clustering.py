"""Which rows operators need together."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.optimizer.distribution.clustering import (
    required_clustering,
    separate_windows,
    windows_of,
)
from pyrite.sql.plans.plan import Aggregate, Distinct, Filter, Limit, LogicalPlan, Project

Planned = Callable[[str], LogicalPlan]

REQUIRED = {
    "SELECT a1 + 1 FROM a": (),
    "SELECT rank() OVER (ORDER BY a1) FROM a": None,
    "SELECT rank() OVER (PARTITION BY 1 ORDER BY a1) FROM a": None,
    "SELECT rank() OVER (PARTITION BY a1, at ORDER BY a2) FROM a": ("a1", "at"),
    "SELECT sum(a2) OVER (PARTITION BY a1 + 1) FROM a": ("(a1 + 1)",),
    "SELECT sum(a2) OVER (PARTITION BY a1, at) / count(*) OVER (PARTITION BY at) FROM a": ("at",),
    "SELECT sum(a2) OVER (PARTITION BY a1), sum(a2) OVER (PARTITION BY at) FROM a": None,
    "SELECT sum(a2) OVER (PARTITION BY a1), count(*) OVER () FROM a": None,
    "SELECT sum(a2) FROM a": None,
    "SELECT sum(a2) FROM a GROUP BY 'x'": None,
    "SELECT sum(a2) FROM a GROUP BY a1, at": ("a1", "at"),
    "SELECT sum(a2) FROM a GROUP BY at, ROLLUP (a1)": ("at",),
    "SELECT sum(a2) FROM a GROUP BY CUBE (a1, at)": None,
    "SELECT DISTINCT a1, at FROM a": ("a1", "at"),
    "SELECT a1 FROM a WHERE a1 > 2": (),
}


def top(plan: LogicalPlan) -> LogicalPlan:
    """Return the operator that the query is about."""
    for node in plan.walk():
        if isinstance(node, (Aggregate, Distinct)) or any(windows_of(node)):
            return node
    return plan


@pytest.mark.parametrize("sql", REQUIRED)
def test_required_clustering(planned: Planned, sql: str) -> None:
    required = required_clustering(top(planned(sql)))
    names = None if required is None else tuple(map(pretty, required))
    assert names == REQUIRED[sql]


SEPARATE = {
    "one key": ("sum(a2) OVER (PARTITION BY a1), sum(a2) OVER (PARTITION BY a1, at)", []),
    "two keys": (
        "sum(a2) OVER (PARTITION BY a1) + 1 x, sum(a2) OVER (PARTITION BY at) y",
        [("at",), ("a1",)],
    ),
    "keys and none": (
        "a1, 1 + count(*) OVER (), sum(a2) OVER (PARTITION BY a1), count(*) OVER ()",
        [("a1",), None],
    ),
    "three of two": (
        "min(a2) OVER (PARTITION BY a1, at), min(a1) OVER (PARTITION BY a2), "
        "max(a2) OVER (PARTITION BY a1) - min(a2) OVER (PARTITION BY a1, at)",
        [("a2",), ("a1",)],
    ),
}


@pytest.mark.parametrize(("items", "keys"), SEPARATE.values(), ids=SEPARATE)
def test_separate_windows(
    planned: Planned,
    rows_of: Callable[[LogicalPlan], list[str]],
    items: str,
    keys: list[tuple[str, ...] | None],
) -> None:
    plan = top(planned(f"SELECT {items} FROM a"))
    assert isinstance(plan, Project)
    separate = separate_windows(plan)
    assert separate.output == plan.output
    assert separate.schema == plan.schema
    if not keys:
        assert separate is plan
        return
    found = [required_clustering(node) for node in separate.walk() if any(windows_of(node))]
    assert [None if k is None else tuple(map(pretty, k)) for k in found] == keys
    assert rows_of(separate) == rows_of(plan)


def test_others_need_nothing(planned: Planned) -> None:
    plan = planned("SELECT a1 FROM a WHERE a1 > 2 LIMIT 1")
    kinds = {type(node) for node in plan.walk()}
    assert {Filter, Limit} <= kinds
    assert all(required_clustering(node) == () for node in plan.walk())
