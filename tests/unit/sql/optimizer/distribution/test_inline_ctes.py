"""Common table expressions are put in the place of their names."""

from collections import Counter
from collections.abc import Callable

import pytest

from pyrite.sql.execution.run import run_plan
from pyrite.sql.optimizer.distribution.inline_ctes import inline_ctes
from pyrite.sql.optimizer.distribution.new_ids import with_new_ids
from pyrite.sql.optimizer.distribution.outer_references import made_ids
from pyrite.sql.parser import parse_statement
from pyrite.sql.plans.plan import CteReference, Join, LogicalPlan, RecursiveCte, With
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState

Optimized = Callable[[str], LogicalPlan]
Rows = Callable[[LogicalPlan], Counter[str]]


@pytest.fixture
def optimized(session: SessionState) -> Optimized:
    return lambda text: QueryExecution(session, parse_statement(text)).optimized


@pytest.fixture
def rows(session: SessionState) -> Rows:
    def run(plan: LogicalPlan) -> Counter[str]:
        return Counter(str(row) for batch in run_plan(session, plan) for row in batch.to_pylist())

    return run


def has(plan: LogicalPlan, kind: type[LogicalPlan]) -> bool:
    return plan.contains(lambda node: isinstance(node, kind))


INLINED = [
    "WITH t AS (SELECT id, id % 3 AS m FROM range(9)) SELECT * FROM t WHERE m = 1",
    "WITH t AS (SELECT id, id % 3 AS m FROM range(9)) SELECT * FROM t a JOIN t b ON a.id = b.m",
    "WITH t AS (SELECT id FROM range(9)), u AS (SELECT a.id FROM t a JOIN t b ON a.id = b.id + 1) "
    "SELECT * FROM u JOIN t USING (id) UNION ALL SELECT id FROM u",
    "WITH t AS (SELECT id, id AS again FROM range(3)) SELECT * FROM t WHERE id = "
    "(SELECT max(id) FROM t) AND EXISTS (SELECT 1 FROM t AS o WHERE o.again = t.id)",
    "WITH t AS (WITH u AS (SELECT 1 AS x) SELECT x, x AS y FROM u) SELECT * FROM t, t AS v",
    "SELECT * FROM range(4) WHERE id IN (WITH t AS (SELECT 2 AS x) SELECT x FROM t)",
    "WITH t AS (SELECT rand() < 2 AS x) SELECT * FROM t",
    "WITH t AS (SELECT id FROM range(5) WHERE id > (SELECT avg(id) FROM range(5))) "
    "SELECT a.id FROM t a LEFT ANTI JOIN t b ON a.id = b.id + 1",
    "WITH t AS (SELECT 1 AS x), t2 AS (SELECT 2 AS x) SELECT * FROM t2",
]

RECURSIVE = (
    "WITH RECURSIVE s AS (SELECT 0 AS n), r(n) AS (SELECT n FROM s UNION ALL "
    "SELECT r.n + 1 FROM r CROSS JOIN s WHERE r.n < 3) SELECT * FROM r a JOIN r b ON a.n = b.n + 1"
)


@pytest.mark.parametrize("query", INLINED)
def test_names_give_way_to_definitions(query: str, optimized: Optimized, rows: Rows) -> None:
    plan = optimized(query)
    inlined = inline_ctes(plan)
    assert has(plan, With)
    assert not has(inlined, With)
    assert not has(inlined, CteReference)
    assert inlined.output == plan.output
    assert rows(inlined) == rows(plan)


def test_uses_have_columns_of_their_own(optimized: Optimized) -> None:
    query = "WITH t AS (SELECT id, id + 1 AS n FROM range(9)) SELECT 1 FROM t a, t b"
    join = inline_ctes(optimized(query)).find(Join)
    assert join is not None
    assert not made_ids(join.left) & made_ids(join.right)


def test_what_happens_once_stays(optimized: Optimized, rows: Rows) -> None:
    query = (
        "WITH t AS (SELECT rand() AS x), u AS (SELECT x FROM t) "
        "SELECT * FROM u AS a JOIN u AS b USING (x)"
    )
    inlined = inline_ctes(optimized(query))
    found = inlined.find(With)
    assert found is not None
    assert len(found.definitions) == 1
    assert rows(inlined).total() == 1


def test_what_refers_to_itself_stays(optimized: Optimized, rows: Rows) -> None:
    plan = optimized(RECURSIVE)
    inlined = inline_ctes(plan)
    found = inlined.find(With)
    assert found is not None
    assert [type(definition) for _, definition in found.definitions] == [RecursiveCte]
    assert rows(inlined) == rows(plan)
    assert rows(inlined).total() == 3


def test_a_definition_that_stays_inside_another(optimized: Optimized, rows: Rows) -> None:
    query = f"WITH t AS ({RECURSIVE}) SELECT * FROM t AS x JOIN t AS y ON true"
    plan = optimized(query)
    inlined = inline_ctes(plan)
    ids = [i for node in inlined.walk() if isinstance(node, With) for i, _ in node.definitions]
    assert len(ids) == len(set(ids)) == 2
    assert rows(inlined) == rows(plan)


def test_plans_without_definitions_stay(optimized: Optimized) -> None:
    plan = optimized("SELECT * FROM range(3)")
    assert inline_ctes(plan) is plan


def test_a_plan_under_new_ids(optimized: Optimized, rows: Rows) -> None:
    plan = optimized(
        "SELECT id, sum(m) AS s FROM (SELECT id, m FROM range(9) "
        "LATERAL VIEW explode(array(id, 1)) AS m UNION ALL "
        "VALUES (1L, 2L)) WHERE id IN (SELECT id FROM range(3)) GROUP BY id"
    )
    other = with_new_ids(plan)
    assert not made_ids(plan) & made_ids(other)
    assert [a.name for a in other.output] == ["id", "s"]
    assert rows(other) == rows(plan)
