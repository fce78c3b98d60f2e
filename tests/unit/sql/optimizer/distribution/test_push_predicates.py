"""Conditions that go down: where they arrive, and that the rows stay the same."""

from collections.abc import Callable

import pytest

from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.optimizer.distribution.push_predicates import push_predicates
from pyrite.sql.plans.plan import Filter, Join, LogicalPlan, Project, SourceRelation, SubqueryAlias

Planned = Callable[[str], LogicalPlan]
Rows = Callable[[LogicalPlan], list[str]]


def shape(plan: LogicalPlan) -> str:
    """Write operators by name, conditions in brackets, and leave out what only renames."""
    if isinstance(plan, (Project, SubqueryAlias)):
        return shape(plan.child)
    if isinstance(plan, SourceRelation):
        return plan.attributes[0].name[0]
    name = plan.join_type if isinstance(plan, Join) else type(plan).__name__
    condition = plan.condition if isinstance(plan, (Filter, Join)) else None
    shown = "" if condition is None else f"[{pretty(condition)}]"
    return f"{name}{shown}({', '.join(map(shape, plan.children))})"


SHAPES = {
    "SELECT * FROM a, b WHERE a1 = b1 AND a2 > 3 AND b2 < 5": (
        "Inner[(a1 = b1)](Filter[(a2 > 3)](a), Filter[(b2 < 5)](b))"
    ),
    "SELECT * FROM a, b, c WHERE a1 = b1 AND b1 = c1 AND a1 > 3 AND a1 + a2 > 4": (
        "Inner[(b1 = c1)](Inner[(a1 = b1)]"
        "(Filter[((a1 > 3) AND ((a1 + a2) > 4))](a), Filter[(b1 > 3)](b)), c)"
    ),
    "SELECT * FROM a, b, c WHERE a1 = b1 AND b1 = c1 AND c1 > 3": (
        "Inner[(b1 = c1)](Inner[(a1 = b1)]"
        "(Filter[(a1 > 3)](a), Filter[(b1 > 3)](b)), Filter[(c1 > 3)](c))"
    ),
    "SELECT * FROM a LEFT JOIN b ON a1 = b1 AND b1 > 2 WHERE a1 IN (3, 4)": (
        "LeftOuter[(a1 = b1)](Filter[(a1 IN (3, 4))](a), Filter[((b1 > 2) AND (b1 IN (3, 4)))](b))"
    ),
    "SELECT * FROM a LEFT ANTI JOIN b ON a1 = b1 AND b1 > 2 WHERE a1 < 7": (
        "LeftAnti[(a1 = b1)](Filter[(a1 < 7)](a), Filter[((b1 > 2) AND (b1 < 7))](b))"
    ),
    "SELECT * FROM a JOIN b ON at = bt WHERE CAST(substring(bt, 2) AS INT) > 1 AND bt > 't0'": (
        "Inner[(at = bt)](Filter[(at > t0)](a), "
        "Filter[((CAST(substring(bt, 2, 2147483647) AS INT) > 1) AND (bt > t0))](b))"
    ),
    "SELECT * FROM a JOIN b ON a1 <=> b1 WHERE a1 IS NULL": (
        "Inner[(a1 <=> b1)](Filter[(a1 IS NULL)](a), b)"
    ),
    "SELECT * FROM a CROSS JOIN b WHERE a2 > 3": "Cross(Filter[(a2 > 3)](a), b)",
    "SELECT * FROM a LEFT JOIN b ON a1 = b1 AND a2 > 3 AND b2 < 5 WHERE at = 't1'": (
        "LeftOuter[((a1 = b1) AND (a2 > 3))](Filter[(at = t1)](a), Filter[(b2 < 5)](b))"
    ),
    "SELECT * FROM a LEFT JOIN b ON a1 = b1 WHERE b2 IS NULL": (
        "Filter[(b2 IS NULL)](LeftOuter[(a1 = b1)](a, b))"
    ),
    "SELECT * FROM a LEFT JOIN b ON a1 = b1 WHERE b2 > 2": (
        "Inner[(a1 = b1)](a, Filter[(b2 > 2)](b))"
    ),
    "SELECT * FROM a RIGHT JOIN b ON a1 = b1 AND a2 > 3 WHERE b2 > 2": (
        "RightOuter[(a1 = b1)](Filter[(a2 > 3)](a), Filter[(b2 > 2)](b))"
    ),
    "SELECT * FROM a FULL JOIN b ON a1 = b1 AND a2 > 3 WHERE coalesce(a2, 1) = 1": (
        "Filter[(coalesce(a2, 1) = 1)](FullOuter[((a1 = b1) AND (a2 > 3))](a, b))"
    ),
    "SELECT * FROM a FULL JOIN b ON a1 = b1 WHERE a2 > 3": (
        "LeftOuter[(a1 = b1)](Filter[(a2 > 3)](a), b)"
    ),
    "SELECT * FROM a FULL JOIN b ON a1 = b1 WHERE a2 > b2": (
        "Inner[((a1 = b1) AND (a2 > b2))](a, b)"
    ),
    "SELECT * FROM a LEFT SEMI JOIN b ON a1 = b1 AND a2 > 3 AND b2 < 5 WHERE at = 't1'": (
        "LeftSemi[(a1 = b1)](Filter[((at = t1) AND (a2 > 3))](a), Filter[(b2 < 5)](b))"
    ),
    "SELECT * FROM a LEFT ANTI JOIN b ON a1 = b1 AND a2 > 3 AND b2 < 5 WHERE at = 't1'": (
        "LeftAnti[((a1 = b1) AND (a2 > 3))](Filter[(at = t1)](a), Filter[(b2 < 5)](b))"
    ),
    "SELECT * FROM (SELECT a1 + 1 AS x, a2 FROM a) WHERE x > 3": "Filter[((a1 + 1) > 3)](a)",
    "SELECT * FROM (SELECT a1, sum(a2) AS s FROM a GROUP BY a1) WHERE a1 > 3 AND s > 4": (
        "Filter[(s > 4)](Aggregate(Filter[(a1 > 3)](a)))"
    ),
    "SELECT * FROM (SELECT sum(a2) AS s FROM a) WHERE 1 > 2": "Filter[(1 > 2)](Aggregate(a))",
    "SELECT * FROM (SELECT a1, rank() OVER (PARTITION BY a1 ORDER BY a2) AS r FROM a) "
    "WHERE a1 > 3 AND r = 1": "Filter[(r = 1)](Filter[(a1 > 3)](a))",
    "SELECT * FROM (SELECT a1, a2 FROM a UNION ALL SELECT b1, b2 FROM b) WHERE a1 > 3": (
        "Union(Filter[(a1 > 3)](a), Filter[(b1 > 3)](b))"
    ),
    "SELECT * FROM (SELECT a1 FROM a INTERSECT SELECT b1 FROM b) WHERE a1 > 3": (
        "SetOperation(Filter[(a1 > 3)](a), Filter[(b1 > 3)](b))"
    ),
    "SELECT * FROM (SELECT DISTINCT a1, a2 FROM a) WHERE a1 > 3": ("Distinct(Filter[(a1 > 3)](a))"),
    "SELECT * FROM (SELECT a1, a2 FROM a ORDER BY a1, a2 LIMIT 9) WHERE a1 > 1": (
        "Filter[(a1 > 1)](Limit(Sort(a)))"
    ),
    "SELECT * FROM a LATERAL VIEW explode(array(a1, 9)) AS e WHERE a1 > 3 AND e < 9": (
        "Filter[(e < 9)](Generate(Filter[(a1 > 3)](a)))"
    ),
    "SELECT * FROM a, b WHERE (a1 = b1 AND a2 = 1) OR (a1 = b1 AND a2 = 2 AND b2 = 3)": (
        "Inner[((a1 = b1) AND ((a2 = 1) OR ((a2 = 2) AND (b2 = 3))))]"
        "(Filter[((a2 = 1) OR (a2 = 2))](a), b)"
    ),
    "SELECT * FROM a, b, c WHERE a1 = b1 AND c1 = a2 "
    "AND ((at = 't1' AND ct = 't2') OR (at = 't2' AND ct = 't1'))": (
        "Inner[((c1 = a2) AND (((at = t1) AND (ct = t2)) OR ((at = t2) AND (ct = t1))))]"
        "(Inner[(a1 = b1)](Filter[((at = t1) OR (at = t2))](a), b), "
        "Filter[((ct = t2) OR (ct = t1))](c))"
    ),
    "SELECT * FROM a, b WHERE a1 = b1 AND EXISTS (SELECT 1 FROM c WHERE c1 = a2)": (
        "Inner[(a1 = b1)](Filter[exists(a2)](a), b)"
    ),
    "SELECT * FROM a, b WHERE a1 = b1 AND EXISTS (SELECT 1 FROM c WHERE c1 = a2 + b2)": (
        "Filter[exists(a2, b2)](Inner[(a1 = b1)](a, b))"
    ),
    "WITH x AS (SELECT * FROM a, b WHERE a1 = b1 AND a2 > 3) SELECT * FROM x WHERE b2 > 1": (
        "With(Inner[(a1 = b1)](Filter[(a2 > 3)](a), b), Filter[(b2 > 1)](CteReference()))"
    ),
    "SELECT * FROM a, LATERAL (SELECT max(b2) AS m FROM b WHERE b1 = a1) WHERE a2 > 3 AND m > 1": (
        "Filter[(m > 1)](LateralJoin(Filter[(a2 > 3)](a), Aggregate(Filter[(b1 = a1)](b))))"
    ),
    "SELECT * FROM VALUES (1), (2), (3) AS v (x) WHERE x > 1": (
        "Filter[(col1 > 1)](Union(OneRowRelation(), OneRowRelation(), OneRowRelation()))"
    ),
}


@pytest.mark.parametrize("text", SHAPES)
def test_where_conditions_arrive(planned: Planned, rows_of: Rows, text: str) -> None:
    plan = planned(text)
    pushed = push_predicates(plan)
    assert shape(pushed) == SHAPES[text]
    assert push_predicates(pushed) == pushed
    assert pushed.output == plan.output
    assert rows_of(pushed) == rows_of(plan)


def test_random_numbers_hold_conditions_back(planned: Planned) -> None:
    plan = planned("SELECT * FROM (SELECT * FROM a WHERE rand(3) < 0.5) WHERE a1 > 3")
    assert shape(push_predicates(plan)) == "Filter[(a1 > 3)](Filter[(rand(3) < 0.5)](a))"
    drawn = planned("SELECT * FROM (SELECT rand(1) AS x, a2 FROM a) WHERE a2 > 3")
    pushed = push_predicates(drawn)
    condition = pushed.find(Filter)
    assert condition is not None
    assert isinstance(condition.child, Project)
    assert not condition.child.project_list[0].deterministic
