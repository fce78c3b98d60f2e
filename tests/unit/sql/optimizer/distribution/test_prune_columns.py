"""Columns that nobody reads: what scans read, and what reaches operators that need an exchange."""

from collections.abc import Callable

import pytest

from pyrite.sql.optimizer.distribution.prune_columns import prune_columns
from pyrite.sql.plans.plan import Aggregate, Join, LogicalPlan, SourceRelation

Planned = Callable[[str], LogicalPlan]
Rows = Callable[[LogicalPlan], list[str]]


def names(plan: LogicalPlan) -> str:
    return " ".join(a.name for a in plan.output)


def inputs(plan: LogicalPlan) -> list[str]:
    """The columns of the inputs of scans, joins and aggregates, from above."""
    wanted = (SourceRelation, Join, Aggregate)
    found = []
    for node in plan.walk():
        if isinstance(node, wanted):
            found += [names(child) for child in node.children] or [names(node)]
    return found


PRUNED = {
    "SELECT a1 FROM a": ["a1"],
    "SELECT a1 FROM a WHERE a2 > 3": ["a1 a2"],
    "SELECT count(*) FROM a WHERE at = 't1'": ["at", "at"],
    "SELECT a2, bt FROM a JOIN b ON a1 = b1 WHERE b2 > 3": [
        "a1 a2",
        "b1 b2 bt",
        "a1 a2",
        "b1 b2 bt",
    ],
    "SELECT a2 FROM a JOIN (SELECT * FROM b WHERE b2 > 3) ON a1 = b1": (
        ["a1 a2", "b1", "a1 a2", "b1 b2"]
    ),
    "SELECT a2 FROM a LEFT SEMI JOIN (SELECT * FROM b WHERE b2 > 3) ON a1 = b1": (
        ["a1 a2", "b1", "a1 a2", "b1 b2"]
    ),
    "SELECT count(a2) FROM a JOIN b ON a1 = b1 JOIN c ON bt = ct": (
        ["a2", "a2 bt", "ct", "a1 a2", "b1 bt", "a1 a2", "b1 bt", "ct"]
    ),
    "SELECT s FROM (SELECT a1, sum(a2) AS s, max(at) AS m FROM a GROUP BY a1)": (
        ["a1 a2", "a1 a2"]
    ),
    "SELECT a1 FROM (SELECT a1, a2 FROM a UNION ALL SELECT b2, b1 FROM b)": ["a1", "b2"],
    "SELECT a1 FROM (SELECT a1, a2 FROM a INTERSECT SELECT b1, b2 FROM b)": ["a1 a2", "b1 b2"],
    "SELECT a1 FROM (SELECT DISTINCT a1, a2 FROM a)": ["a1 a2"],
    "SELECT a1 FROM (SELECT a1, a2, sum(a2) OVER (PARTITION BY at) AS s FROM a) ORDER BY s": (
        ["a1 a2 at"]
    ),
    "SELECT e FROM a LATERAL VIEW explode(array(a1, 9)) AS e": ["a1"],
    "SELECT a1 FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b1 = a2)": ["a1 a2"],
    "SELECT a1, m FROM a, LATERAL (SELECT max(b2) AS m, min(bt) FROM b WHERE b1 = a2)": (
        ["a1 a2", "b2", "b1 b2"]
    ),
    "SELECT b2 FROM a CROSS JOIN b": ["a1", "b2", "a1", "b2"],
    "SELECT count(*) FROM (SELECT a1 AS x, a1 AS y FROM a) WHERE x > 1": ["x", "a1"],
}


@pytest.mark.parametrize("text", PRUNED)
def test_what_is_left(planned: Planned, rows_of: Rows, text: str) -> None:
    plan = planned(text)
    pruned = prune_columns(plan)
    assert inputs(pruned) == PRUNED[text]
    assert pruned.output == plan.output
    assert prune_columns(pruned) == pruned
    assert rows_of(pruned) == rows_of(plan)
