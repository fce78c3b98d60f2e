"""Session variables and EXECUTE IMMEDIATE, from their text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.parser import ParserSettings, parse_statement
from pyrite.sql.plans.commands import Command
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import SqlText
from pyrite.sql.session_state import SessionState

Run = Callable[[LogicalPlan], list[tuple[Any, ...]]]
RunText = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
def sql(run: Run, session: SessionState) -> RunText:
    def run_text(text: str) -> list[tuple[Any, ...]]:
        plan = parse_statement(text, ParserSettings.of(session.conf))
        return run(plan if isinstance(plan, Command) else SqlText(text))

    return run_text


def test_a_variable_is_declared_set_and_dropped(sql: RunText) -> None:
    sql("DECLARE x INT DEFAULT 5")
    assert sql("SELECT x + 1, session.x, system.session.X") == [(6, 5, 5)]
    sql("SET VAR x = x + (SELECT max(id) FROM range(3))")
    assert sql("SELECT x") == [(7,)]
    sql("SET VARIABLE x = DEFAULT")
    assert sql("SELECT x FROM range(9) WHERE id = x") == [(5,)]
    sql("DROP TEMPORARY VARIABLE x")
    with pytest.raises(SparkError, match="UNRESOLVED_COLUMN"):
        sql("SELECT x")
    sql("DROP TEMPORARY VARIABLE IF EXISTS x")


def test_a_column_goes_before_a_variable(sql: RunText) -> None:
    sql("DECLARE id = 7")
    assert sql("SELECT id, session.id AS mine FROM range(1)") == [(0, 7)]


@pytest.mark.parametrize(
    "value",
    [
        "DATE '2020-01-02'", "TIMESTAMP '2020-01-02 03:04:05.000006'", "1.50BD", "X'1F'",
        "array(1, NULL)", "map('a', DATE '2020-01-02')", "named_struct('a', 1, 'b', array('c'))",
        "INTERVAL '1 02:03' DAY TO MINUTE", "NULL",
    ],
)  # fmt: skip
def test_a_variable_holds_what_it_was_given(sql: RunText, value: str) -> None:
    sql(f"DECLARE v = {value}")
    assert sql("SELECT v") == sql(f"SELECT {value}")
    assert sql("SELECT typeof(v)") == sql(f"SELECT typeof({value})")


def test_a_row_of_a_query_sets_several(sql: RunText) -> None:
    sql("DECLARE a, b INT")
    sql("SET VAR (a, b) = (SELECT 4, '5')")
    assert sql("SELECT a, b") == [(4, 5)]
    sql("SET VAR (a, b) = (SELECT 1, 2 WHERE false)")
    assert sql("SELECT a, b") == [(None, None)]
    with pytest.raises(SparkError, match="ROW_SUBQUERY_TOO_MANY_ROWS"):
        sql("SET VAR (a, b) = (SELECT id, id FROM range(2))")


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("DECLARE x INT", "VARIABLE_ALREADY_EXISTS"),
        ("SET VAR nope = 1", "UNRESOLVED_VARIABLE"),
        ("SET VAR a.b.x = 1", "UNRESOLVED_VARIABLE"),
        ("SET VAR x = 1, x = 2", "DUPLICATE_ASSIGNMENTS"),
        ("SET VAR (x) = (SELECT 1, 2)", "ASSIGNMENT_ARITY_MISMATCH"),
        ("DROP TEMPORARY VARIABLE nope", "VARIABLE_NOT_FOUND"),
        ("EXECUTE IMMEDIATE s", "NULL_QUERY_STRING_EXECUTE_IMMEDIATE"),
        ("EXECUTE IMMEDIATE 'EXECUTE IMMEDIATE \"SELECT 1\"'", "NESTED_EXECUTE_IMMEDIATE"),
        ("EXECUTE IMMEDIATE 'SET a = b' INTO x", "INVALID_STATEMENT_FOR_EXECUTE_INTO"),
        ("EXECUTE IMMEDIATE 'SELEC 1'", "PARSE_SYNTAX_ERROR"),
        ("EXECUTE IMMEDIATE 'SELECT ?'", "UNBOUND_SQL_PARAMETER"),
    ],
)
def test_what_is_refused(sql: RunText, text: str, condition: str) -> None:
    sql("DECLARE x INT")
    sql("DECLARE s STRING")
    with pytest.raises(SparkError) as caught:
        sql(text)
    assert caught.value.error_class == condition


def test_execute_immediate(sql: RunText) -> None:
    assert sql("EXECUTE IMMEDIATE 'SELECT ? + ?' USING 1, 2") == [(3,)]
    assert sql("EXECUTE IMMEDIATE 'SELECT :a || :b' USING ('x' AS a, 'y' AS b)") == [("xy",)]
    sql("DECLARE query STRING DEFAULT 'SELECT max(id) FROM range(' || '4)'")
    sql("DECLARE found INT")
    sql("EXECUTE IMMEDIATE query INTO found")
    assert sql("SELECT found") == [(3,)]
    sql("EXECUTE IMMEDIATE 'DECLARE made INT DEFAULT 9'")
    assert sql("SELECT made") == [(9,)]
