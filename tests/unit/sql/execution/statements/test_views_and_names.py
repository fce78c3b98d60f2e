"""What stored views may read, what things may be called, and what no table can be changed to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.parser import parse_statement
from pyrite.sql.plans.commands import Command
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import SqlText

OTHER_DATABASE = "RENAME_TABLE_SOURCE_DESTINATION_DATABASE_MISMATCH"
RunText = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
def sql(run: Callable[[LogicalPlan], list[tuple[Any, ...]]]) -> RunText:
    def run_text(text: str) -> list[tuple[Any, ...]]:
        plan = parse_statement(text)
        return run(plan if isinstance(plan, Command) else SqlText(text))

    run_text("CREATE TABLE t (a INT, p STRING DEFAULT 'd') USING parquet PARTITIONED BY (p)")
    run_text("INSERT INTO t VALUES (1, 'x')")
    run_text("CREATE TEMPORARY VIEW brief AS SELECT 5 AS a")
    run_text("CREATE VIEW first AS SELECT a FROM t")
    run_text("CREATE VIEW second AS SELECT * FROM first")
    return run_text


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("CREATE VIEW v AS SELECT * FROM brief", "INVALID_TEMP_OBJ_REFERENCE"),
        ("ALTER VIEW first AS SELECT (SELECT max(a) FROM brief) m", "INVALID_TEMP_OBJ_REFERENCE"),
        ("CREATE OR REPLACE VIEW first AS SELECT * FROM second", "RECURSIVE_VIEW"),
        ("ALTER VIEW first AS SELECT 1 AS a WHERE 1 IN (TABLE second)", "RECURSIVE_VIEW"),
        ("CREATE VIEW v AS SELECT 1 AS a, 2 AS A", "COLUMN_ALREADY_EXISTS"),
        ("CREATE VIEW `a b` AS SELECT 1 AS a", "INVALID_SCHEMA_OR_RELATION_NAME"),
        (
            "ALTER VIEW first RENAME TO other.first",
            OTHER_DATABASE,
        ),
        ("ALTER TABLE t RENAME TO other.t", OTHER_DATABASE),
        ("ALTER TABLE t RENAME TO `t-1`", "INVALID_SCHEMA_OR_RELATION_NAME"),
        ("CREATE TABLE `é` (a INT) USING parquet", "INVALID_SCHEMA_OR_RELATION_NAME"),
        ("CREATE DATABASE `a/b`", "INVALID_SCHEMA_OR_RELATION_NAME"),
        ("CREATE EXTERNAL TABLE e (a INT) USING csv", "CREATE_EXTERNAL_TABLE_WITHOUT_LOCATION"),
        ("CREATE DATABASE Global_Temp", "RESERVED_DATABASE_NAME"),
        (
            "CREATE TABLE n (a INT) PARTITIONED BY (a)",
            "ALL_PARTITION_COLUMNS_NOT_ALLOWED",
        ),
        ("ALTER TABLE t ALTER COLUMN a SET NOT NULL", "UNSUPPORTED_FEATURE.TABLE_OPERATION"),
        (
            "INSERT INTO t BY NAME SELECT 1 AS a, 2 AS A, 'y' AS p",
            "INCOMPATIBLE_DATA_FOR_TABLE.AMBIGUOUS_COLUMN_NAME",
        ),
    ],
)
def test_what_is_refused(text: str, condition: str, sql: RunText) -> None:
    with pytest.raises(SparkError) as caught:
        sql(text)
    assert caught.value.error_class == condition
    assert sql("SELECT * FROM second") == [(1,)]


def test_a_stored_view_does_not_see_later_temporary_views(sql: RunText) -> None:
    sql("CREATE TEMPORARY VIEW t AS SELECT 9 AS a")
    assert sql("SELECT * FROM t") == [(9,)]
    assert sql("SELECT * FROM second") == [(1,)]


def test_names_of_common_tables_are_no_temporary_views(sql: RunText) -> None:
    sql("CREATE VIEW v AS WITH brief AS (SELECT 2 AS a) SELECT * FROM brief")
    assert sql("SELECT * FROM v") == [(2,)]


def test_a_default_that_is_dropped_is_null(sql: RunText) -> None:
    sql("CREATE TABLE d (a INT, b INT DEFAULT 7) USING parquet")
    sql("ALTER TABLE d ALTER COLUMN b DROP DEFAULT")
    sql("INSERT INTO d (a) VALUES (1)")
    assert sql("SELECT * FROM d") == [(1, None)]
