"""Bucketed tables: which file a row goes to, and in which order. Answers are Spark's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.parser import parse_statement
from pyrite.sql.plans.commands import Command
from pyrite.sql.plans.unresolved import SqlText
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState

ROWS = "SELECT CAST(id AS INT) AS i, concat('s', 11 - id) AS s, id % 3 AS g FROM range(0, 12, 1, 2)"


def run(session: SessionState, text: str) -> list[tuple[Any, ...]]:
    plan = parse_statement(text)
    batches = (
        QueryExecution(session, plan if isinstance(plan, Command) else SqlText(text))
        .execute()
        .batches
    )
    return [tuple(row.values()) for batch in batches for row in batch.to_pylist()]


def files(folder: Path, table: str) -> dict[str, list[str]]:
    """Return the lines of a table's files, by what their names and folders say."""
    root = folder / "warehouse" / table
    found = {}
    for path in sorted(root.rglob("part-*")):
        name = re.sub(r"part-000(\d\d)-[0-9a-f-]{36}_000(\d\d)\.c000\.csv", r"\1 \2", path.name)
        found[str(path.relative_to(root).with_name(name))] = path.read_text("utf-8").split()
    return found


def test_each_task_writes_a_sorted_file_for_each_bucket(
    session: SessionState, tmp_path: Path
) -> None:
    by = "CLUSTERED BY (i) SORTED BY (s) INTO 3 BUCKETS"
    run(session, f"CREATE TABLE t USING csv {by} AS {ROWS}")
    assert files(tmp_path, "t") == {
        "00 00": ["0,s11,0", "5,s6,2", "4,s7,1", "3,s8,0", "2,s9,2"],
        "00 01": ["1,s10,1"],
        "01 00": ["10,s1,1", "9,s2,0", "8,s3,2", "7,s4,1"],
        "01 01": ["6,s5,0"],
        "01 02": ["11,s0,2"],
    }
    assert len(run(session, "SELECT * FROM t")) == 12


def test_buckets_lie_in_the_directories_of_partitions(
    session: SessionState, tmp_path: Path
) -> None:
    by = "PARTITIONED BY (g) CLUSTERED BY (s, i) INTO 2 BUCKETS"
    run(session, f"CREATE TABLE t USING csv {by} AS {ROWS} WHERE id % 3 < 2")
    assert files(tmp_path, "t") == {
        "g=0/00 00": ["0,s11"],
        "g=0/00 01": ["3,s8"],
        "g=0/01 00": ["6,s5", "9,s2"],
        "g=1/00 01": ["1,s10", "4,s7"],
        "g=1/01 00": ["7,s4"],
        "g=1/01 01": ["10,s1"],
    }


def test_inserts_go_to_buckets_and_no_rows_make_no_file(
    session: SessionState, tmp_path: Path
) -> None:
    run(session, "CREATE TABLE t (a INT, b STRING) USING csv CLUSTERED BY (b) INTO 4 BUCKETS")
    run(session, "INSERT INTO t SELECT 1, 'x' WHERE false")
    assert files(tmp_path, "t") == {}
    run(session, "INSERT INTO t SELECT * FROM VALUES (3, 'x'), (1, 'y') AS v(a, b)")
    found = files(tmp_path, "t")
    assert sorted(line for lines in found.values() for line in lines) == ["1,y", "3,x"]
    assert {name[-2:] for name in found} == {"02", "03"}


@pytest.mark.parametrize(
    ("clauses", "condition"),
    [
        ("CLUSTERED BY (a) INTO 0 BUCKETS", "INVALID_BUCKET_COUNT"),
        ("CLUSTERED BY (a) INTO 100001 BUCKETS", "INVALID_BUCKET_COUNT"),
        ("CLUSTERED BY (z) INTO 2 BUCKETS", "COLUMN_NOT_DEFINED_IN_TABLE"),
        ("CLUSTERED BY (a) SORTED BY (z) INTO 2 BUCKETS", "COLUMN_NOT_DEFINED_IN_TABLE"),
        ("PARTITIONED BY (b) CLUSTERED BY (b) INTO 2 BUCKETS", "_LEGACY_ERROR_TEMP_1166"),
    ],
)
def test_what_no_table_can_be_bucketed_by(
    session: SessionState, clauses: str, condition: str
) -> None:
    with pytest.raises(SparkError) as raised:
        run(session, f"CREATE TABLE t (a INT, b INT) USING parquet {clauses}")
    assert raised.value.error_class == condition
