"""Queries on DuckDB, and the functions over Arrow arrays that they bring with them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pyrite.sql.execution.duckdb_runner import _reader
from pyrite.sql.execution.engine import runner_of
from pyrite.sql.execution.run import run_plan
from pyrite.sql.parser import parse_statement
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState

Run = Callable[[LogicalPlan], list[tuple[Any, ...]]]

SQL = "SELECT conv(CAST(id AS STRING), 10, 16) AS x FROM range(20, 23)"


def converted(session: SessionState) -> list[str]:
    plan = QueryExecution(session, parse_statement(SQL)).optimized
    return [x for batch in run_plan(session, plan) for x in batch["x"].to_pylist()]


def test_functions_of_queries_that_ended_are_removed(session: SessionState) -> None:
    for _ in range(3):
        assert converted(session) == ["14", "15", "16"]
    # Those of the last query go when the next one starts.
    assert len(runner_of(session.shared)._functions) == 1


def test_functions_stay_while_a_query_calls_them(session: SessionState) -> None:
    plan = QueryExecution(session, parse_statement(SQL)).optimized
    first, second = run_plan(session, plan), run_plan(session, plan)
    batch = next(first)
    assert [x for b in second for x in b["x"].to_pylist()] == ["14", "15", "16"]
    assert converted(session) == ["14", "15", "16"]
    runner = runner_of(session.shared)
    names = [name for name, count in runner._functions.items() if count]
    assert batch["x"].to_pylist() == ["14", "15", "16"]
    assert len(names) == 2  # that of the first, and that of the last
    assert list(first) == []
    converted(session)
    assert len(runner._functions) == 1


def test_queries_in_many_threads_share_functions(session: SessionState) -> None:
    plan = QueryExecution(session, parse_statement(SQL)).optimized
    answers: list[list[str]] = []

    def work() -> None:
        for _ in range(5):
            answers.append([x for b in run_plan(session, plan) for x in b["x"].to_pylist()])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [["14", "15", "16"]] * 20


class Relations:
    """A connection of a DuckDB that runs queries as relations only."""

    def __init__(self, connection: Any) -> None:
        self.sql = connection.sql


@pytest.mark.parametrize("offered", [lambda connection: connection, Relations])
def test_queries_run_on_each_duckdb(offered: Callable[[Any], Any]) -> None:
    with duckdb.connect() as connection:
        reader = _reader(offered(connection), "SELECT range AS a FROM range(3)")
        assert reader.read_all().to_pylist() == [{"a": 0}, {"a": 1}, {"a": 2}]


def test_a_file_that_was_overwritten_is_read_anew(run: Run, tmp_path: Path) -> None:
    for rows in ([1, 2, 3], [4], [5, 6], [7, 8]):
        pq.write_table(pa.table({"a": rows}), tmp_path / "rows.parquet")
        found = run(parse_statement(f"SELECT a FROM parquet.`{tmp_path}`"))
        assert found == [(row,) for row in rows]


def test_a_rule_that_loses_columns_is_left_out(run: Run) -> None:
    missing = "SELECT a.id, b.id AS other FROM range(4) a LEFT JOIN range(2) b ON a.id = b.id"
    query = f"""SELECT x.id FROM ({missing} WHERE b.id IS NULL) x
        JOIN range(9) c ON x.id % 3 = c.id % 3 AND (x.id = c.id OR x.other = c.id)"""
    assert sorted(run(parse_statement(query))) == [(2,), (3,)]
