"""Values of subqueries that functions read are computed once for a row."""

from collections.abc import Callable

import pytest

from pyrite.sql.optimizer.subqueries_once import subqueries_once
from pyrite.sql.parser import parse_statement
from pyrite.sql.plans.plan import Project
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState

PAY = (
    "(VALUES ('ann', 40, 1), ('bob', 60, 1), ('eve', 50, 2), ('joe', 0, 3)) AS {}(name, pay, dept)"
)
OF_ALL = f"(SELECT sum(pay) FROM {PAY.format('o')} WHERE o.dept = p.dept)"

#: Expressions over each row, in which functions say their arguments many times, and answers.
ANSWERS: dict[str, list[object]] = {
    f"format_number(100 * pay / nullif({OF_ALL}, 0), 1)": ["40.0", "60.0", "100.0", None],
    f"format_number(pay + {OF_ALL} / (1 + {OF_ALL}), 0)": ["41", "61", "51", "0"],
    f"round(pay / (pay + 1 / (1 + {OF_ALL} / 2)), 2)": [1.0, 1.0, 1.0, 0.0],
    f"CASE WHEN {OF_ALL} > 0 THEN pay / {OF_ALL} END": [0.4, 0.6, 1.0, None],
    f"coalesce({OF_ALL}, 0) + {OF_ALL}": [200, 200, 100, 0],
    f"upper(name || {OF_ALL})": ["ANN100", "BOB100", "EVE50", "JOE0"],
    f"(SELECT concat(p.name, {OF_ALL.replace('p.', 'q.')}) FROM (SELECT p.dept AS dept) AS q)": [
        "ann100",
        "bob100",
        "eve50",
        "joe0",
    ],
}


@pytest.fixture
def planned(session: SessionState) -> Callable[[str], QueryExecution]:
    return lambda text: QueryExecution(session, parse_statement(text))


@pytest.mark.parametrize("expression", ANSWERS)
def test_values_are_those_of_each_row(
    expression: str, planned: Callable[[str], QueryExecution]
) -> None:
    query = planned(f"SELECT {expression} AS answer FROM {PAY.format('p')} ORDER BY name")
    rows = [row["answer"] for batch in query.execute().batches for row in batch.to_pylist()]
    assert rows == ANSWERS[expression]


def test_in_a_condition(planned: Callable[[str], QueryExecution]) -> None:
    query = planned(
        f"SELECT * FROM {PAY.format('p')} "
        f"WHERE format_number(100 * pay / nullif({OF_ALL}, 0), 0) = '60'"
    )
    (batch,) = query.execute().batches
    assert batch.to_pylist() == [{"name": "bob", "pay": 60, "dept": 1}]


def test_a_guard_keeps_its_errors_away(planned: Callable[[str], QueryExecution]) -> None:
    query = planned(
        f"SELECT if({OF_ALL} = 0, 'none', format_number(pay / {OF_ALL}, 1)) AS x "
        f"FROM {PAY.format('p')} WHERE name = 'joe'"
    )
    (batch,) = query.execute().batches
    assert batch.to_pylist() == [{"x": "none"}]


GROUPED: dict[str, list[object]] = {
    f"format_number(100 * sum(pay) / (SELECT sum(pay) FROM {PAY.format('o')}), 1)": [
        "66.7",
        "33.3",
        "0.0",
    ],
    "upper(dept || ':' || count(*) || ':' || (SELECT 'k'))": ["1:2:K", "2:1:K", "3:1:K"],
}


@pytest.mark.parametrize("expression", GROUPED)
def test_values_beside_those_of_groups(
    expression: str, planned: Callable[[str], QueryExecution]
) -> None:
    query = planned(
        f"SELECT dept, {expression} AS answer FROM {PAY.format('p')} GROUP BY dept ORDER BY dept"
    )
    rows = [row["answer"] for batch in query.execute().batches for row in batch.to_pylist()]
    assert rows == GROUPED[expression]


def test_values_beside_those_of_all_rows(planned: Callable[[str], QueryExecution]) -> None:
    total = "(SELECT 4)"
    query = planned(
        f"SELECT format_number(coalesce(sum(pay), 1) / {total}, 2) AS x, count(*) AS n "
        f"FROM {PAY.format('p')} WHERE pay > 99"
    )
    (batch,) = query.execute().batches
    assert batch.to_pylist() == [{"x": "0.25", "n": 0}]


def test_sets_of_keys(planned: Callable[[str], QueryExecution]) -> None:
    query = planned(
        "SELECT dept, round(sum(pay) / (SELECT 2), 1) AS half "
        f"FROM {PAY.format('p')} GROUP BY ROLLUP (dept) ORDER BY dept"
    )
    rows = [row["half"] for batch in query.execute().batches for row in batch.to_pylist()]
    assert rows == [75.0, 50.0, 25.0, 0.0]


UNCHANGED = [
    f"SELECT * FROM {PAY.format('p')}",
    f"SELECT {OF_ALL} AS total FROM {PAY.format('p')}",
    f"SELECT name FROM {PAY.format('p')} WHERE pay > 0.5 * {OF_ALL} AND NOT pay = {OF_ALL}",
]


@pytest.mark.parametrize("text", UNCHANGED)
def test_what_is_said_once_is_left_alone(
    text: str, planned: Callable[[str], QueryExecution], session: SessionState
) -> None:
    plan = planned(text).analyzed
    assert subqueries_once(plan, session) is plan


def test_the_columns_are_those_of_before(
    planned: Callable[[str], QueryExecution], session: SessionState
) -> None:
    text = f"SELECT round({OF_ALL}) AS total FROM {PAY.format('p')} WHERE upper({OF_ALL}) = '50'"
    plan = planned(text).analyzed
    rewritten = subqueries_once(plan, session)
    assert isinstance(rewritten, Project)
    assert rewritten.output == plan.output
