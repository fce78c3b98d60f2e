"""INSERT from its text: defaults, texts of bounded length, and what a table refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.parser import parse_statement
from pyrite.sql.plans.commands import Command
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import SqlText

Run = Callable[[LogicalPlan], list[tuple[Any, ...]]]
RunText = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
def sql(run: Run) -> RunText:
    def run_text(text: str) -> list[tuple[Any, ...]]:
        plan = parse_statement(text)
        return run(plan if isinstance(plan, Command) else SqlText(text))

    return run_text


def test_default_stands_for_a_columns_default(sql: RunText) -> None:
    sql("CREATE TABLE t (a INT, b INT DEFAULT 3 + 4, c STRING) USING parquet")
    sql("INSERT INTO t VALUES (1, DEFAULT, DEFAULT), (2, 5, 'x')")
    sql("INSERT INTO t (b, a) VALUES (DEFAULT, 3)")
    sql("INSERT INTO t SELECT 4, DEFAULT, 'y'")
    rows = sql("SELECT * FROM t ORDER BY a")
    assert rows == [(1, 7, None), (2, 5, "x"), (3, 7, None), (4, 7, "y")]


def test_char_and_varchar_are_checked_when_they_are_stored(sql: RunText) -> None:
    sql("CREATE TABLE t (a CHAR(3), b VARCHAR(4)) USING parquet")
    sql("INSERT INTO t VALUES ('ab', 'abcd  '), (NULL, NULL)")
    assert sql("SELECT a, length(a), b FROM t WHERE a IS NOT NULL") == [("ab ", 3, "abcd")]
    assert sql("SELECT count(*) FROM t WHERE a IS NULL AND b IS NULL") == [(1,)]
    for values in ("('abcd', 'x')", "('a', 'abcde')"):
        with pytest.raises(SparkError) as caught:
            sql(f"INSERT INTO t VALUES {values}")
        assert caught.value.error_class == "EXCEED_LIMIT_LENGTH"


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("UPDATE t SET a = 1 WHERE a > 2", "UNSUPPORTED_FEATURE.TABLE_OPERATION"),
        (
            "MERGE INTO t USING t AS s ON t.a = s.a WHEN MATCHED THEN DELETE",
            "UNSUPPORTED_FEATURE.TABLE_OPERATION",
        ),
        ("UPDATE nope SET a = 1", "TABLE_OR_VIEW_NOT_FOUND"),
        ("INSERT INTO t (a, A) VALUES (1, 2)", "COLUMN_ALREADY_EXISTS"),
        ("SHOW PARTITIONS t", "INVALID_PARTITION_OPERATION.PARTITION_SCHEMA_IS_EMPTY"),
    ],
)
def test_what_is_refused(sql: RunText, text: str, condition: str) -> None:
    sql("CREATE TABLE t (a INT, b INT) USING parquet")
    with pytest.raises(SparkError) as caught:
        sql(text)
    assert caught.value.error_class == condition


@pytest.mark.parametrize(
    ("row", "column", "source", "target"),
    [
        ("300, 1, 1", "a", "INT", "TINYINT"),
        ("1, 3000000000, 1", "b", "BIGINT", "INT"),
        ("1, 1e20D, 1", "b", "DOUBLE", "INT"),
        ("1, 1, 123.45", "d", "DECIMAL(5,2)", "DECIMAL(3,1)"),
    ],
)
def test_a_number_too_large_names_its_column(
    sql: RunText, row: str, column: str, source: str, target: str
) -> None:
    sql("CREATE TABLE t (a TINYINT, b INT, d DECIMAL(3, 1)) USING parquet")
    sql("INSERT INTO t VALUES (127, -7L, 12.34), (NULL, NULL, NULL)")
    with pytest.raises(SparkError) as raised:
        sql(f"INSERT INTO t VALUES ({row})")
    assert raised.value.error_class == "CAST_OVERFLOW_IN_TABLE_INSERT"
    assert raised.value.parameters == {
        "columnName": f"`{column}`",
        "sourceType": f'"{source}"',
        "targetType": f'"{target}"',
    }
    assert len(sql("SELECT * FROM t")) == 2
