"""Columns added with a default: rows that were there have it, a null stored since stays null."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from pyrite.sql.parser.parse import parse_statement
from pyrite.sql.plans.commands import Command
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import SqlText
from pyrite.sql.sources.column_defaults import existence_default
from pyrite.sql.types import STRING, StructField


@pytest.fixture
def rows(run: Callable[[LogicalPlan], list[Any]]) -> Callable[[str], list[Any]]:
    def run_text(text: str) -> list[Any]:
        plan = parse_statement(text)
        return run(plan if isinstance(plan, Command) else SqlText(text))

    return run_text


@pytest.mark.parametrize("format", ["parquet", "csv", "json", "orc"])
def test_rows_stored_before_the_column(format: str, rows: Callable[[str], list[Any]]) -> None:
    rows(f"CREATE TABLE added_{format}(a INT) USING {format}")
    rows(f"INSERT INTO added_{format} VALUES (1)")
    rows(f"ALTER TABLE added_{format} ADD COLUMN b INT DEFAULT 40 + 2")
    rows(f"INSERT INTO added_{format} VALUES (2, NULL), (3, 7), (4, DEFAULT)")
    rows(f"ALTER TABLE added_{format} ALTER COLUMN b SET DEFAULT 99")
    added = "c STRING DEFAULT 'x''y', d DATE DEFAULT DATE'2020-01-01'"
    rows(f"ALTER TABLE added_{format} ADD COLUMNS ({added})")
    late = "x'y", datetime.date(2020, 1, 1)
    expected = [(1, 42, *late), (2, None, *late), (3, 7, *late), (4, 42, *late)]
    assert rows(f"SELECT * FROM added_{format} ORDER BY a") == expected
    assert rows(f"SELECT a FROM added_{format} WHERE b = 42 ORDER BY a") == [(1,), (4,)]
    assert rows(f"SELECT count(*) FROM added_{format}") == [(4,)]
    rows(f"DROP TABLE added_{format}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"'x\'y'", "CAST('x''y' AS VARCHAR)"),
        ("true", "CAST('true' AS VARCHAR)"),
        ("NULL", None),
        ("current_user()", None),
    ],
)
def test_only_literals_are_values(text: str, expected: str | None) -> None:
    field = StructField("c", STRING, True, {"EXISTS_DEFAULT": text})
    assert existence_default(field) == expected
