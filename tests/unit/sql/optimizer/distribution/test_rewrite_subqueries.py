"""Subqueries become joins, and the rows stay the same."""

from collections import Counter
from collections.abc import Callable

import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.execution.run import run_plan
from pyrite.sql.expressions.expression import SubqueryExpression
from pyrite.sql.optimizer.distribution.outer_references import has_correlated
from pyrite.sql.optimizer.distribution.rewrite_subqueries import rewrite_subqueries
from pyrite.sql.parser import parse_statement
from pyrite.sql.plans.plan import Join, LateralJoin, LogicalPlan
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState

Optimized = Callable[[str], LogicalPlan]
Rows = Callable[[LogicalPlan], Counter[str]]

#: Rows with nulls and duplicates, keys that only one table has, and an empty table.
VIEWS = {
    "o": "VALUES (1, 10, 'x'), (1, 10, 'x'), (2, 20, 'y'), (2, 5, NULL), (3, NULL, 'z'), "
    "(NULL, 7, 'n'), (4, 40, 'q'), (NULL, NULL, NULL) AS o(a, b, s)",
    "i": "VALUES (1, 10), (1, 11), (1, NULL), (2, 5), (2, 5), (3, NULL), (NULL, 7), (5, 50), "
    "(NULL, NULL) AS i(k, v)",
    "j": "VALUES (1, 1), (2, NULL), (2, 2), (7, 7) AS j(k, w)",
    "none": "VALUES (1, 1) AS none(k, v) WHERE k > 1",
    "n": "VALUES (1, 10), (2, 20), (2, 5) AS n(k, v)",
}


@pytest.fixture
def optimized(session: SessionState) -> Optimized:
    """Take a query to where plans are prepared for a cluster."""

    def prepare(text: str) -> LogicalPlan:
        return QueryExecution(session, parse_statement(text)).optimized

    for name, values in VIEWS.items():
        view = parse_statement(f"CREATE TEMPORARY VIEW {name} AS SELECT * FROM {values}")
        QueryExecution(session, view).execute()
    return prepare


@pytest.fixture
def rows(session: SessionState) -> Rows:
    """Run a plan and count its rows."""

    def run(plan: LogicalPlan) -> Counter[str]:
        batches = run_plan(session, plan)
        return Counter(str(row) for batch in batches for row in batch.to_pylist())

    return run


def joins(plan: LogicalPlan) -> list[str]:
    return [node.join_type.value for node in plan.walk() if isinstance(node, Join)]


def has_subquery(plan: LogicalPlan) -> bool:
    return plan.contains(lambda node: isinstance(node, SubqueryExpression))


SEMI, ANTI, LEFT, INNER = ["LeftSemi"], ["LeftAnti"], ["LeftOuter"], ["Inner"]

#: Queries whose subqueries all become joins, and these.
REWRITTEN = {
    "SELECT * FROM o WHERE EXISTS (SELECT * FROM i WHERE i.k = o.a)": SEMI,
    "SELECT * FROM o WHERE NOT EXISTS (SELECT 1 FROM i WHERE i.k = o.a)": ANTI,
    "SELECT * FROM o WHERE EXISTS (SELECT 1 FROM i WHERE i.k <=> o.a AND i.v <> o.b)": SEMI,
    "SELECT * FROM o WHERE NOT EXISTS (SELECT 1 FROM i WHERE i.k = o.a AND i.v <> o.b)": ANTI,
    "SELECT * FROM o WHERE EXISTS (SELECT 1 FROM i WHERE i.k > o.a OR o.s = 'x')": SEMI,
    "SELECT * FROM o WHERE EXISTS (SELECT 1 FROM i WHERE o.b > 6)": SEMI,
    "SELECT * FROM o WHERE NOT EXISTS (SELECT 1 FROM none WHERE o.b > 6)": ANTI,
    "SELECT * FROM o WHERE EXISTS (SELECT 1 FROM i WHERE i.k = o.a ORDER BY v LIMIT 3)": SEMI,
    "SELECT * FROM o WHERE EXISTS (SELECT k, sum(v) FROM i WHERE i.k = o.a GROUP BY k)": SEMI,
    "SELECT * FROM o WHERE EXISTS (SELECT v FROM i WHERE i.k = o.a GROUP BY v HAVING "
    "count(*) > 1)": SEMI,
    "SELECT * FROM o WHERE EXISTS (SELECT v FROM i GROUP BY v HAVING v > o.b)": SEMI,
    "SELECT * FROM o WHERE EXISTS (SELECT 1 FROM i JOIN j ON i.k = j.k AND j.w = o.a)": [
        *SEMI,
        *INNER,
    ],
    "SELECT * FROM o WHERE EXISTS (SELECT 1 FROM i LEFT JOIN j ON i.k = j.k WHERE i.v = o.b)": [
        *SEMI,
        *LEFT,
    ],
    "SELECT * FROM o WHERE EXISTS (SELECT x FROM (SELECT k + 1 AS x, v FROM i) t WHERE "
    "t.v = o.b)": SEMI,
    "SELECT * FROM o WHERE a IN (SELECT k FROM i)": SEMI,
    "SELECT * FROM o WHERE a IN (SELECT DISTINCT k FROM i ORDER BY k)": SEMI,
    "SELECT * FROM o WHERE a IN (SELECT k FROM i WHERE i.v = o.b)": SEMI,
    "SELECT * FROM o WHERE (a, b) IN (SELECT k, v FROM i)": SEMI,
    "SELECT * FROM o WHERE a IN (SELECT k + o.b - o.b FROM i)": SEMI,
    "SELECT * FROM o WHERE b IN (SELECT max(v) FROM i WHERE i.k = o.a GROUP BY k)": SEMI,
    "SELECT * FROM o WHERE a NOT IN (SELECT k FROM i WHERE i.v = o.b)": ANTI,
    "SELECT * FROM o WHERE (a, b) NOT IN (SELECT k, v FROM i WHERE i.k = o.a)": ANTI,
    "SELECT * FROM n WHERE k NOT IN (SELECT k FROM n WHERE v > 6)": ANTI,
    "SELECT * FROM o WHERE a IN (SELECT k FROM i WHERE EXISTS (SELECT 1 FROM j WHERE j.k = i.k))": [
        *SEMI,
        *SEMI,
    ],
    "SELECT * FROM o WHERE EXISTS (SELECT 1 FROM i WHERE i.k = o.a) OR b > 30": LEFT,
    "SELECT * FROM o WHERE NOT EXISTS (SELECT 1 FROM i WHERE i.k = o.a) OR b > 30": LEFT,
    "SELECT * FROM o WHERE a IN (SELECT k FROM i WHERE i.v = o.b) OR b > 30": LEFT,
    "SELECT *, EXISTS (SELECT 1 FROM i WHERE i.k = o.a AND o.b > 6) AS e FROM o": LEFT,
    "SELECT *, a IN (SELECT k FROM i WHERE i.v = o.b) AS e FROM o": LEFT,
    "SELECT *, (SELECT max(v) FROM i WHERE i.k = o.a) AS m FROM o": LEFT,
    "SELECT *, (SELECT 2 * sum(v) + 1 FROM i WHERE i.k <=> o.a) AS m FROM o": LEFT,
    "SELECT *, (SELECT max(v) FROM i WHERE i.k = o.a GROUP BY k) AS m FROM o": LEFT,
    "SELECT *, (SELECT sum(v) FROM i WHERE i.k = o.a HAVING count(*) > 1) AS m FROM o": LEFT,
    "SELECT *, (SELECT sum(v) FROM i WHERE i.k + 1 = o.a + 1 AND o.b > 6) AS m FROM o": LEFT,
    "SELECT *, (SELECT sum(v) FROM (SELECT DISTINCT k, v FROM i) d WHERE d.k = o.a) AS m "
    "FROM o": LEFT,
    "SELECT * FROM o WHERE b < (SELECT avg(v) + 1 FROM i WHERE i.k = o.a)": LEFT,
    "SELECT * FROM o WHERE b BETWEEN (SELECT min(v) FROM i WHERE i.k = o.a) AND 30": LEFT,
    "SELECT * FROM o WHERE (SELECT avg(v) FROM i WHERE i.k = o.a) IS NULL": LEFT,
    "SELECT * FROM o WHERE b < (SELECT sum(v) FROM i WHERE i.k = o.a) OR b = 40": LEFT,
    "SELECT a, max(b) m FROM o GROUP BY a HAVING max(b) >= (SELECT min(v) FROM i WHERE "
    "i.k = o.a)": LEFT,
    "SELECT a, (SELECT max(v) FROM i WHERE i.k = o.a) + count(*) FROM o GROUP BY a": LEFT,
    "SELECT sum((SELECT max(v) FROM i WHERE i.k = o.a)) FROM o": LEFT,
    "SELECT * FROM o JOIN j ON o.a = j.k AND EXISTS (SELECT 1 FROM i WHERE i.k = j.w)": [
        *SEMI,
        *INNER,
    ],
    "SELECT * FROM o, LATERAL (SELECT v FROM i WHERE i.k = o.a)": INNER,
    "SELECT * FROM o LEFT JOIN LATERAL (SELECT v FROM i WHERE i.k = o.a) ON v > 5": LEFT,
    "SELECT * FROM o, LATERAL (SELECT k, sum(v) FROM i WHERE i.k = o.a GROUP BY k)": INNER,
    "SELECT * FROM o, LATERAL (SELECT max(v) AS m, min(v) FROM i WHERE i.k = o.a)": LEFT,
    "SELECT * FROM o JOIN LATERAL (SELECT sum(v) AS t FROM i WHERE i.k = o.a) ON t > 15": LEFT,
    "SELECT * FROM o LEFT JOIN LATERAL (SELECT sum(v) FROM i WHERE i.k = o.a) ON true": LEFT,
    "SELECT * FROM o WHERE EXISTS (SELECT 1 FROM i WHERE i.k = o.a AND i.k + 1 = o.a + 1 AND "
    "i.k + 1 = o.b) OR b > 30": LEFT,
    "SELECT * FROM o WHERE a IN (SELECT k FROM i WHERE (i.k = o.a AND i.v > 5) OR "
    "(i.k = o.a AND i.v < 3)) OR b > 30": LEFT,
}

#: What is compared by more than equality, and is then joined with the values compared.
BY_DOMAIN = [
    "SELECT *, (SELECT max(v) FROM i WHERE i.k > o.a) AS m FROM o",
    "SELECT *, (SELECT count(*) FROM i WHERE i.k > o.a OR o.b = 10) AS m FROM o",
    "SELECT *, (SELECT count(*) FROM i WHERE o.b > 6) AS m FROM o",
    "SELECT * FROM o WHERE EXISTS (SELECT 1 FROM i WHERE i.k <> o.a) OR b > 30",
    "SELECT * FROM o WHERE a IN (SELECT k FROM i WHERE i.v <> o.b) OR b > 30",
    "SELECT *, a NOT IN (SELECT k FROM i WHERE i.v = o.b) AS e FROM o",
    "SELECT * FROM o WHERE NOT (a IN (SELECT k FROM i WHERE i.v = o.b) AND b < 30)",
    "SELECT * FROM o WHERE b IN (SELECT max(v) FROM i WHERE i.v < o.b + 2 GROUP BY k)",
]

#: What gives a value where nothing is aggregated: that is computed by itself, the rest is joined.
COUNTED = [
    "SELECT *, (SELECT count(*) FROM i WHERE i.k = o.a) AS c FROM o",
    "SELECT *, (SELECT count(v) + 1 FROM i WHERE i.k = o.a AND o.b > 6) AS c FROM o",
    "SELECT *, (SELECT coalesce(sum(v), -1) FROM i WHERE i.k = o.a) AS c FROM o",
    "SELECT *, (SELECT collect_list(v) FROM none WHERE none.k = o.a) AS c FROM o",
    "SELECT * FROM o WHERE 0 = (SELECT count(*) FROM i WHERE i.k = o.a)",
    "SELECT * FROM o WHERE (SELECT count(*) FROM i WHERE i.k = o.a) = (SELECT count(*) "
    "FROM j WHERE j.k = o.a)",
]

#: What stays as it is.
KEPT = [
    "SELECT *, (SELECT v FROM n WHERE n.k = o.a + 1 AND n.v = 10) AS v FROM o",
    "SELECT *, (SELECT count(*) FROM i WHERE i.k = o.a HAVING count(*) < 2) AS c FROM o",
    "SELECT * FROM o WHERE EXISTS (SELECT count(*) FROM i WHERE i.k = o.a)",
    "SELECT * FROM o WHERE EXISTS (SELECT 1 FROM i LEFT JOIN j ON i.k = j.k AND j.w = o.a)",
    "SELECT * FROM o LEFT JOIN LATERAL (SELECT sum(v) AS t FROM i WHERE i.k = o.a) ON t > 15",
    "SELECT *, (SELECT max(v) FROM i WHERE i.k > p.a) AS m FROM "
    "(SELECT a, sum(b * 1e0) AS a2 FROM o GROUP BY a LIMIT 9) AS p",
]

#: What reads nothing of the query around it, and is computed first.
ALONE = [
    "SELECT * FROM o WHERE b > (SELECT avg(v) FROM i)",
    "SELECT * FROM o WHERE a NOT IN (SELECT k FROM i WHERE k > 1)",
    "SELECT * FROM o WHERE a IN (SELECT k FROM i) OR b > 30",
    "SELECT * FROM o WHERE EXISTS (SELECT 1 FROM i WHERE k > 4)",
    "SELECT * FROM o WHERE NOT EXISTS (SELECT 1 FROM i WHERE k > 5)",
]


@pytest.mark.parametrize("query", REWRITTEN)
def test_subqueries_become_joins(query: str, optimized: Optimized, rows: Rows) -> None:
    plan = optimized(query)
    rewritten = rewrite_subqueries(plan)
    assert joins(rewritten) == REWRITTEN[query]
    assert not has_correlated(rewritten)
    assert not has_subquery(rewritten)
    assert rewritten.output == plan.output
    assert rows(rewritten) == rows(plan)


@pytest.mark.parametrize("query", BY_DOMAIN)
def test_outer_values_are_joined(query: str, optimized: Optimized, rows: Rows) -> None:
    plan = optimized(query)
    rewritten = rewrite_subqueries(plan)
    assert "Inner" in joins(rewritten)
    assert not has_correlated(rewritten)
    assert rows(rewritten) == rows(plan)


@pytest.mark.parametrize("query", COUNTED)
def test_nothing_is_counted_as_zero(query: str, optimized: Optimized, rows: Rows) -> None:
    plan = optimized(query)
    rewritten = rewrite_subqueries(plan)
    assert set(joins(rewritten)) == {"LeftOuter"}
    assert not has_correlated(rewritten)
    assert rows(rewritten) == rows(plan)


@pytest.mark.parametrize("query", KEPT)
def test_what_no_join_can_do_stays(query: str, optimized: Optimized, rows: Rows) -> None:
    plan = optimized(query)
    assert rewrite_subqueries(plan) is plan
    assert has_correlated(plan)
    assert rows(plan)


@pytest.mark.parametrize("query", ALONE)
def test_what_is_computed_first_stays(query: str, optimized: Optimized, rows: Rows) -> None:
    plan = optimized(query)
    rewritten = rewrite_subqueries(plan)
    assert joins(rewritten) == []
    assert has_subquery(rewritten)
    assert not has_correlated(plan)
    assert rows(rewritten) == rows(plan)


def test_groups_by_what_a_subquery_gives(optimized: Optimized, rows: Rows) -> None:
    query = "SELECT (SELECT max(v) FROM i WHERE i.k = o.a) g, count(*) c FROM o GROUP BY 1"
    rewritten = rewrite_subqueries(optimized(query))
    found = [{"g": None, "c": 4}, {"g": 5, "c": 2}, {"g": 11, "c": 2}]
    assert rows(rewritten) == Counter(map(str, found))


def test_too_many_rows_are_still_an_error(optimized: Optimized, rows: Rows) -> None:
    plan = rewrite_subqueries(optimized("SELECT (SELECT v FROM i WHERE i.k = o.a) FROM o"))
    with pytest.raises(SparkError, match="SCALAR_SUBQUERY_TOO_MANY_ROWS"):
        rows(plan)


def test_lateral_joins_are_correlated(optimized: Optimized) -> None:
    plan = optimized("SELECT * FROM o, LATERAL (SELECT sum(v) FROM i WHERE i.k = o.a)")
    assert plan.find(LateralJoin) is not None
    assert has_correlated(plan)
