"""CHAR and VARCHAR columns: what is stored, what is read, what equals what. Answers are Spark's."""

from __future__ import annotations

from typing import Any

import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.parser import parse_statement
from pyrite.sql.plans.commands import Command
from pyrite.sql.plans.unresolved import SqlText
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState

ROWS = (
    "('ab', 'xy', 'ab', 'ab', 1), ('abcde', 'wxyz', 'abcde', 'a', 2), (null, null, null, null, 3)"
)
NESTED = "named_struct('a', 'x', 'b', 'y'), array('p', 'qq'), map('k', 'v')"


def rows(session: SessionState, text: str) -> list[tuple[Any, ...]]:
    plan = parse_statement(text)
    if not isinstance(plan, Command):
        plan = SqlText(text)
    batches = QueryExecution(session, plan).execute().batches
    return [tuple(row.values()) for batch in batches for row in batch.to_pylist()]


def found(session: SessionState, condition: str) -> list[int]:
    return sorted(row[0] for row in rows(session, f"SELECT i FROM t WHERE {condition}"))


@pytest.fixture
def tables(session: SessionState) -> SessionState:
    for text in (
        "CREATE TABLE t (c CHAR(5), v VARCHAR(4), s STRING, n CHAR(3), i INT) USING parquet",
        f"INSERT INTO t VALUES {ROWS}",
        "CREATE TABLE nested (s STRUCT<a: CHAR(3), b: VARCHAR(2)>, l ARRAY<CHAR(3)>, "
        "m MAP<CHAR(2), VARCHAR(2)>) USING parquet",
    ):
        rows(session, text)
    return session


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("c = 'ab'", [1]),
        ("'ab     ' = c", [1]),
        ("c = 'abcdef'", []),
        ("c <=> 'ab'", [1]),
        ("c <=> null", [3]),
        ("c > 'ab'", [2]),
        ("c != 'ab'", [2]),
        ("c IN ('ab', 'abcdefgh')", [1]),
        ("c NOT IN ('ab', 'zzz')", [2]),
        ("c IN ('ab', null)", []),
        ("c IN ('ab', s)", [2]),
        ("n = c", [1]),
        ("c = s", [2]),
        ("c = v", []),
        ("c = concat('a', 'b')", [1]),
        ("upper(c) = 'AB'", []),
        ("c LIKE 'ab'", []),
        ("CASE c WHEN 'ab' THEN true END", [1]),
        ("c BETWEEN 'ab' AND 'ab'", []),
        ("CAST(c AS STRING) = 'ab'", []),
        ("nullif(c, 'ab') = 'ab'", []),
        ("c = (SELECT max(n) FROM t WHERE i = 1)", []),
        ("EXISTS (SELECT 1 FROM t u WHERE u.n = t.c)", [1]),
    ],
)
def test_a_char_column_equals_texts_without_its_spaces(
    tables: SessionState, condition: str, expected: list[int]
) -> None:
    assert found(tables, condition) == expected


def test_declared_lengths_go_through_queries_to_new_tables(tables: SessionState) -> None:
    rows(tables, "CREATE VIEW w AS SELECT c AS d, v, i FROM t")
    rows(tables, "CREATE TABLE made USING parquet AS SELECT d, v FROM w")
    assert rows(tables, "SELECT i FROM w WHERE d = 'ab'") == [(1,)]
    described = [row[:2] for row in rows(tables, "DESCRIBE made")]
    assert described == [("d", "char(5)"), ("v", "varchar(4)")]


def test_a_text_that_is_too_long_is_refused_and_spaces_are_not(tables: SessionState) -> None:
    for text in ("'abcdef', 'x'", "'x', 'abcde'"):
        with pytest.raises(SparkError) as raised:
            rows(tables, f"INSERT INTO t VALUES ({text}, '', '', 4)")
        assert raised.value.error_class == "EXCEED_LIMIT_LENGTH"
    rows(tables, "INSERT INTO t VALUES ('abcde  ', 'x     ', '', '', 4)")
    assert rows(tables, "SELECT c, v FROM t WHERE i = 4") == [("abcde", "x   ")]


def test_lengths_hold_inside_of_structs_arrays_and_maps(tables: SessionState) -> None:
    rows(tables, f"INSERT INTO nested VALUES ({NESTED})")
    assert rows(tables, "SELECT * FROM nested") == [
        ({"a": "x  ", "b": "y"}, ["p  ", "qq "], [("k ", "v")])
    ]
    for part in ("'x'", "'y'", "'qq'", "'k'", "'v'"):
        with pytest.raises(SparkError) as raised:
            rows(tables, f"INSERT INTO nested VALUES ({NESTED.replace(part, repr('w' * 4))})")
        assert raised.value.error_class == "EXCEED_LIMIT_LENGTH"
    rows(tables, "INSERT INTO nested VALUES (null, null, null)")
    assert (None, None, None) in rows(tables, "SELECT * FROM nested")


def test_settings_say_who_writes_the_spaces(tables: SessionState) -> None:
    rows(tables, "CREATE TABLE short (c CHAR(5)) USING csv")
    tables.conf.set("spark.sql.legacy.charVarcharAsString", "true")
    rows(tables, "INSERT INTO short VALUES ('ab'), ('longer text')")
    query = "SELECT length(c), c = 'ab' FROM short"
    assert sorted(rows(tables, query)) == [(2, True), (11, False)]
    assert found(tables, "c = 'ab'") == []
    tables.conf.unset("spark.sql.legacy.charVarcharAsString")
    assert sorted(rows(tables, query)) == [(5, True), (11, False)]
    tables.conf.set("spark.sql.readSideCharPadding", "false")
    assert sorted(rows(tables, query)) == [(2, True), (11, False)]


def test_partitions_are_found_by_short_texts(tables: SessionState) -> None:
    rows(tables, "CREATE TABLE p (i INT, c CHAR(4)) USING parquet PARTITIONED BY (c)")
    rows(tables, "INSERT INTO p PARTITION (c = 'ab') VALUES (1)")
    assert rows(tables, "SELECT i, c FROM p WHERE c = 'ab'") == [(1, "ab  ")]
    assert rows(tables, "SHOW PARTITIONS p") == [("c=ab  ",)]
