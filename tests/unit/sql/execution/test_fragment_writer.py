"""Fragments: what of a query's text depends on whether it may be run again."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from pyrite.sql.execution.duckdb_errors import is_decimal_overflow
from pyrite.sql.execution.fragment import Fragment
from pyrite.sql.execution.fragment_writer import make_fragment
from pyrite.sql.parser import parse_statement
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState

Run = Callable[[LogicalPlan], list[tuple[Any, ...]]]
PRODUCTS = "SELECT k, {} AS x FROM VALUES {} AS t(k, a, b, c) {}"
SUM = "sum(a * b * c)"
WIDE = "CAST(a AS DECIMAL(38, 9))"
SMALL = "(1, 1.25BD, 1.00BD, 2.00BD)"
LARGE = "(1, 99999999999.99BD, 99999999999.99BD, 0.50BD)"


def fragment(session: SessionState, text: str) -> Fragment:
    return make_fragment(session, QueryExecution(session, parse_statement(text)).optimized)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"SELECT sum({WIDE}) / sum(b) AS x FROM VALUES {SMALL} AS t(k, a, b, c)", False),
        (PRODUCTS.format(f"{WIDE} / b", SMALL, "ORDER BY k LIMIT 5"), False),
        (PRODUCTS.format(f"sum({WIDE} / b)", SMALL, "GROUP BY k"), False),
        (PRODUCTS.format(f"sum({WIDE}) / sum(b)", SMALL, "GROUP BY k"), True),
        (
            f"SELECT k, {WIDE} AS x FROM VALUES {SMALL} AS t(k, a, b, c) UNION ALL "
            + PRODUCTS.format(f"sum({WIDE} / b)", SMALL, "GROUP BY k"),
            True,
        ),
        (
            f"WITH s AS ({PRODUCTS.format(f'sum({WIDE} / b)', SMALL, 'GROUP BY k')}) "
            "SELECT * FROM s UNION ALL SELECT * FROM s",
            True,
        ),
        (PRODUCTS.format(f"{WIDE} / b", SMALL, ""), True),
        (f"SELECT x * x FROM ({PRODUCTS.format(WIDE, SMALL, 'ORDER BY k')})", True),
    ],
)
def test_only_what_shows_rows_early_needs_functions_for_all_digits(
    session: SessionState, text: str, shown: bool
) -> None:
    assert bool(fragment(session, text).functions) is shown


def test_what_does_not_fit_is_computed_again_with_all_digits(run: Run) -> None:
    text = PRODUCTS.format(SUM, f"{SMALL}, {LARGE}", "GROUP BY k ORDER BY k")

    assert run(parse_statement(text)) == [(1, Decimal("4999999999999000000002.500050"))]


@pytest.mark.parametrize(
    ("quotient", "expected"),
    [
        ("sum(a) / sum(b)", Decimal("1234567.000000")),
        ("sum(a) div sum(b)", 1234567),
        ("try_divide(sum(a * a * a * a), sum(b) - sum(b))", None),
        ("try_multiply(sum(a * 1e30BD), sum(a * 1e30BD))", None),
    ],
)
def test_quotients_of_many_digits(run: Run, quotient: str, expected: object) -> None:
    values = "(CAST('123.4567' AS DECIMAL(38, 4)), CAST('0.0001' AS DECIMAL(38, 6)))"

    assert run(parse_statement(f"SELECT {quotient} FROM VALUES {values} AS t(a, b)")) == [
        (expected,)
    ]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Out of Range Error: Overflow in multiplication of DECIMAL(18) (5 * 7).", True),
        ("Out of Range Error: Overflow in multiplication of INT128 (9 * 100)!", True),
        ('Conversion Error: Casting value "9" to type DECIMAL(38,10) failed', True),
        ("Conversion Error: Could not cast value 170 to DECIMAL(38,0)", True),
        ('Conversion Error: Casting value "1234567.00" to type DECIMAL(5,2) failed', False),
        ("Out of Range Error: Overflow in addition of INT32 (2147483647 + 1)!", False),
    ],
)
def test_errors_that_wide_decimals_may_avoid(message: str, expected: bool) -> None:
    assert is_decimal_overflow(message) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [("NOT a = b", "<>"), ("NOT a < b", ">="), ("a <> b", "<>"), ("NOT a <=> b", "NOT (")],
)
def test_a_negated_comparison_is_written_as_its_opposite(
    session: SessionState, condition: str, expected: str
) -> None:
    sql = fragment(session, f"SELECT * FROM VALUES (1, 2) AS t(a, b) WHERE {condition}").sql

    assert expected in sql


def test_exists_names_no_columns(session: SessionState, run: Run) -> None:
    text = (
        "SELECT id FROM range(2) WHERE EXISTS (SELECT {} FROM VALUES (1, 2) t(a, b) WHERE a > id)"
    )

    assert "EXISTS (SELECT 1 AS nothing" in fragment(session, text.format("*")).sql
    assert run(parse_statement(text.format("*"))) == [(0,)]
    assert run(parse_statement(text.format("count(*)"))) == [(0,), (1,)]


def test_aggregates_of_which_nothing_is_left_give_one_row(run: Run) -> None:
    text = "SELECT typeof(sum(id)) AS t FROM range(5)"

    assert run(parse_statement(text)) == [("bigint",)]
    assert run(parse_statement(f"SELECT count(*) FROM ({text})")) == [(1,)]


def test_zeros_of_both_signs_are_one_group_that_shows_as_zero(run: Run) -> None:
    text = "SELECT x, count(*), first(x) FROM VALUES (-0.0D), (-0.0D) t(x) GROUP BY {}"

    for grouping in ("x", "ROLLUP (x)"):
        assert "(0.0, 2, -0.0)" in map(repr, run(parse_statement(text.format(grouping))))
    assert repr(run(parse_statement("SELECT -id / 5F AS k FROM range(1) GROUP BY k"))) == "[(0.0,)]"
