"""IN and NOT IN with a subquery are never unknown, as in Spark."""

from collections.abc import Callable

import pytest

from pyrite.sql.optimizer.known_membership import known_membership
from pyrite.sql.parser import parse_statement
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState

Ask = Callable[[str], list[object]]

VALUES = "VALUES (1), (3), (NULL) AS o(a)"
ALL, SOME, NONE = "(SELECT * FROM VALUES (1), (NULL))", "(SELECT 1)", "(SELECT 1 WHERE 1 = 2)"

#: Expressions over o, which has 1, 3 and null, and what Spark answers for these.
ANSWERS: dict[str, list[object]] = {
    f"a IN {ALL}": [True, False, False],
    f"a NOT IN {ALL}": [False, False, False],
    f"NOT NOT a IN {ALL}": [True, False, False],
    f"a IN {SOME}": [True, False, False],
    f"a NOT IN {SOME}": [False, True, False],
    f"a IN {NONE}": [False, False, False],
    f"a NOT IN {NONE}": [True, True, True],
    f"(a IN {ALL}) IS NULL": [False, False, False],
    f"(NOT a IN {ALL}) IS NULL": [False, False, False],
    f"NOT (a IN {ALL}) IS NULL": [True, True, True],
    f"NOT (a IN {SOME} AND true)": [False, True, False],
    f"NOT (a NOT IN {SOME} OR false)": [True, False, False],
    f"CASE WHEN NOT (a IN {ALL} AND true) THEN 'y' ELSE 'n' END": ["n", "n", "n"],
    f"(a, 1) IN (SELECT x, 1 FROM {ALL} AS t(x))": [True, False, False],
    f"(SELECT max(x IN {SOME}) FROM VALUES (CAST(NULL AS INT)) AS t(x))": [False, False, False],
}


@pytest.fixture
def planned(session: SessionState) -> Callable[[str], QueryExecution]:
    return lambda text: QueryExecution(session, parse_statement(text))


@pytest.mark.parametrize("expression", ANSWERS)
def test_answers_are_known(expression: str, planned: Callable[[str], QueryExecution]) -> None:
    query = planned(f"SELECT {expression} AS answer FROM {VALUES}")
    rows = [row["answer"] for batch in query.execute().batches for row in batch.to_pylist()]
    assert rows == ANSWERS[expression]


@pytest.mark.parametrize("word", ["IN", "NOT IN"])
def test_as_a_condition(word: str, planned: Callable[[str], QueryExecution]) -> None:
    query = planned(f"SELECT count(*) AS n FROM {VALUES} WHERE a {word} {ALL} OR a = 3")
    (batch,) = query.execute().batches
    assert batch.to_pylist() == [{"n": 2 if word == "IN" else 1}]


UNCHANGED = [
    f"SELECT * FROM {VALUES}",
    f"SELECT * FROM {VALUES} WHERE a IN {ALL} AND a NOT IN {SOME} OR a = 3",
    f"SELECT EXISTS {ALL}, 1 IN {SOME} FROM {VALUES}",
    f"SELECT o.a FROM {VALUES} LEFT JOIN range(3) ON o.a = id AND a IN {ALL}",
]


@pytest.mark.parametrize("query", UNCHANGED)
def test_what_is_known_stays(
    query: str, planned: Callable[[str], QueryExecution], session: SessionState
) -> None:
    plan: LogicalPlan = planned(query).analyzed
    assert known_membership(plan, session) == plan
