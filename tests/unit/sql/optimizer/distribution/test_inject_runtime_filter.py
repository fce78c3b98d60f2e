"""Groups that a join would drop are not made."""

from collections.abc import Callable

import pytest

from pyrite.sql.optimizer.distribution.inject_runtime_filter import inject_runtime_filter
from pyrite.sql.optimizer.distribution.push_predicates import push_predicates
from pyrite.sql.optimizer.distribution.rewrite_subqueries import rewrite_subqueries
from pyrite.sql.plans.plan import Aggregate, Filter, Join, JoinType, LogicalPlan, SourceRelation

Planned = Callable[[str], LogicalPlan]
Rows = Callable[[LogicalPlan], list[str]]

GROUPED = "(SELECT a1 AS k, sum(a2) AS s, count(*) AS n FROM a GROUP BY a1)"

#: Queries in which the groups of table a are those of the filtered rows of table d.
FILTERED = {
    "inner": f"SELECT * FROM d JOIN {GROUPED} ON d1 = k WHERE d2 = 1",
    "left": f"SELECT * FROM d LEFT JOIN {GROUPED} ON d1 = k AND s > d2 WHERE d2 = 1",
    "right": f"SELECT * FROM {GROUPED} RIGHT JOIN d ON d1 = k WHERE d2 = 1",
    "semi": f"SELECT * FROM d LEFT SEMI JOIN {GROUPED} ON d1 = k AND n > 1 WHERE d2 = 1",
    "anti": f"SELECT * FROM d LEFT ANTI JOIN {GROUPED} ON d1 = k AND n > 1 WHERE d2 = 1",
    "groups on the left": f"SELECT * FROM {GROUPED} LEFT SEMI JOIN d ON d1 = k AND d2 = 1",
    "a condition above": f"SELECT * FROM d JOIN {GROUPED} ON d1 = k WHERE d2 = 1 AND n > 2",
    "a correlated subquery": "SELECT * FROM d WHERE d2 < (SELECT avg(a2) FROM a WHERE a1 = d1) "
    "AND dt = 't1'",
    "keys from an equal column": "SELECT * FROM d JOIN b ON d1 = b1 JOIN "
    f"{GROUPED} ON b1 = k WHERE d2 = 1",
    "keys of keys": f"SELECT * FROM (SELECT d1, max(d2) AS m FROM d WHERE dt = 't1' GROUP BY d1) "
    f"JOIN {GROUPED} ON d1 = k",
    "two keys": "SELECT * FROM d JOIN (SELECT a1, a2, count(*) AS n FROM a GROUP BY a1, a2) "
    "ON d1 = a1 AND d2 = a2 WHERE dt = 't1'",
    "below a join": "SELECT * FROM d JOIN (SELECT a1, count(*) AS n FROM a JOIN c ON a2 = c2 "
    "GROUP BY a1) ON d1 = a1 WHERE d2 = 1",
}

#: Queries that stay.
KEPT = {
    "no condition": f"SELECT * FROM d JOIN {GROUPED} ON d1 = k",
    "no groups": "SELECT * FROM d JOIN a ON d1 = a1 WHERE d2 = 1",
    "too many keys": f"SELECT * FROM b JOIN {GROUPED} ON b1 = k WHERE b2 < 7",
    "every group is kept": f"SELECT * FROM {GROUPED} LEFT JOIN d ON d1 = k AND d2 = 1",
    "groups without a partner are kept": f"SELECT * FROM {GROUPED} LEFT ANTI JOIN "
    "(SELECT * FROM d WHERE d2 = 1) ON d1 = k",
    "no key of the groups": f"SELECT * FROM d JOIN {GROUPED} ON d1 = s WHERE d2 = 1",
    "a group of everything": "SELECT * FROM d JOIN (SELECT max(a1) AS m FROM a) ON d1 = m "
    "WHERE d2 = 1",
    "subtotals": "SELECT * FROM d JOIN (SELECT a1, count(*) AS n FROM a GROUP BY ROLLUP (a1)) "
    "ON d1 = a1 WHERE d2 = 1",
    "windows see all rows": "SELECT * FROM d JOIN (SELECT a1, max(r) AS m FROM (SELECT a1, "
    "row_number() OVER (ORDER BY a2, at, a1) AS r FROM a) GROUP BY a1) ON d1 = a1 WHERE d2 = 1",
    "random numbers": f"SELECT d1, k FROM d JOIN {GROUPED} ON d1 = k WHERE rand(1) < -1",
}


def groups_of_a(plan: LogicalPlan) -> Aggregate:
    """Return the aggregate over table a."""
    for node in plan.walk():
        if isinstance(node, Aggregate) and any(a.name == "a1" for a in node.child.output):
            return node
    raise AssertionError("there are no groups")


def prepared(plan: LogicalPlan) -> LogicalPlan:
    return push_predicates(rewrite_subqueries(plan))


@pytest.mark.parametrize("name", FILTERED)
def test_groups_are_filtered(name: str, planned: Planned, rows_of: Rows) -> None:
    plan = prepared(planned(FILTERED[name]))
    filtered = inject_runtime_filter(plan)
    (semi,) = [
        node
        for node in groups_of_a(filtered).walk()
        if isinstance(node, Join) and node.join_type is JoinType.LEFT_SEMI
    ]
    assert isinstance(semi.left, (Filter, SourceRelation))
    assert "a1" in [a.name for a in semi.left.output]
    assert filtered.output == plan.output
    assert rows_of(filtered) == rows_of(plan)
    assert inject_runtime_filter(filtered) == filtered


@pytest.mark.parametrize("name", KEPT)
def test_what_stays(name: str, planned: Planned) -> None:
    plan = prepared(planned(KEPT[name]))
    assert inject_runtime_filter(plan) is plan
