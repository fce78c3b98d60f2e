"""Fragments that run in another process, which has little more than DuckDB."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import cloudpickle
import pyarrow as pa
import pyarrow.orc as orc
import pyarrow.parquet as pq
import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.execution.duckdb_errors import FragmentError, translate
from pyrite.sql.execution.fragment import Fragment, GivenTable
from pyrite.sql.execution.fragment_writer import make_fragment
from pyrite.sql.execution.run import run_plan
from pyrite.sql.parser import parse_statement
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import UnresolvedDataSource
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState

#: What another process does with pickled fragments: it pickles their rows, or their errors, and
#: the names of the modules it has then.
_WORKER = """
import pickle, sys
from pyrite.sql.execution.duckdb_runner import DuckDBRunner

runner = DuckDBRunner(1, sys.argv[1], None)
answers = []
for pickled, schema in pickle.load(sys.stdin.buffer):
    try:
        batches = runner.run(pickle.loads(pickled), schema).batches()
        answers.append([tuple(row.values()) for batch in batches for row in batch.to_pylist()])
    except Exception as error:
        answers.append(error)
runner.stop()
pickle.dump((answers, set(sys.modules)), sys.stdout.buffer)
"""

#: What only the process that makes a fragment needs.
_NOT_TO_RUN = {
    "grpc",
    "pyrite.sql.analysis",
    "pyrite.sql.parser",
    "pyrite.sql.catalog",
    "pyrite.sql.optimizer",
    "pyrite.sql.session_state",
    "pyrite.sql.execution.relation_sql",
}


def elsewhere(
    folder: Path, plans: list[tuple[Fragment, LogicalPlan]]
) -> tuple[list[Any], set[str]]:
    """Run fragments in another process; return their rows or errors, and the modules it has."""
    given = [(cloudpickle.dumps(fragment), plan.schema) for fragment, plan in plans]
    ran = subprocess.run(
        [sys.executable, "-c", _WORKER, str(folder)],
        input=pickle.dumps(given),
        capture_output=True,
        check=True,
        timeout=60,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    answers, modules = pickle.loads(ran.stdout)
    return answers, modules


def plan_of(session: SessionState, sql: str) -> LogicalPlan:
    return QueryExecution(session, parse_statement(sql)).optimized


def files(session: SessionState, format: str, path: Path, **options: str) -> LogicalPlan:
    source = UnresolvedDataSource(format, None, tuple(options.items()), (str(path),))
    return QueryExecution(session, source).optimized


def rows(session: SessionState, plan: LogicalPlan) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for batch in run_plan(session, plan) for row in batch.to_pylist()]


QUERIES = [
    "SELECT * FROM VALUES (1, 'a', DATE '2024-02-29'), (2, NULL, NULL) AS t(a, b, c)",
    "SELECT id, id * 2 FROM range(10)",
    # Functions over Arrow arrays
    "SELECT get_json_object(concat('{\"a\": [', id, ']}'), '$.a[*]') FROM range(3)",
    "SELECT from_json(concat('{\"a\": ', id, '}'), 'a INT'), to_json(struct(id)) FROM range(3)",
    "SELECT regexp_extract(concat('a', id), '(?<=a)(\\\\d)', 1) FROM range(3)",
    "SELECT conv(CAST(id AS STRING), 10, 2), hash(id), xxhash64(id) FROM range(3)",
    "SELECT date_format(timestamp_seconds(id), 'EEEE, QQQ') FROM range(3)",
    "SELECT to_timestamp(concat('1/', id + 1, '/2024'), 'd/M/y') FROM range(3)",
    "SELECT to_csv(struct(id, 'x')), parse_url(concat('http://h/p?k=', id), 'QUERY') FROM range(3)",
    "SELECT CAST(parse_json(concat('[', id, ']')) AS STRING) FROM range(3)",
]


def test_queries_give_the_same_elsewhere(session: SessionState, tmp_path: Path) -> None:
    plans = [plan_of(session, sql) for sql in QUERIES]
    fragments = [make_fragment(session, plan) for plan in plans]
    answers, modules = elsewhere(tmp_path, list(zip(fragments, plans, strict=True)))
    assert answers == [rows(session, plan) for plan in plans]
    assert sum(bool(fragment.functions) for fragment in fragments) >= 6
    assert not modules & _NOT_TO_RUN


def test_every_format_is_read_elsewhere(session: SessionState, tmp_path: Path) -> None:
    table = pa.table({"a": [1, 2], "s": ["x", None]})
    pq.write_table(table, tmp_path / "p.parquet")
    orc.write_table(table, tmp_path / "o.orc")
    (tmp_path / "t.txt").write_text("1,x\n2,\n")
    (tmp_path / "latin.csv").write_bytes("a;b\né;1\n".encode("latin-1"))
    (tmp_path / "j.json").write_text('{"a": 1, "s": "x"}\n{"a": 2}\n')
    plans = [
        files(session, "parquet", tmp_path / "p.parquet"),
        files(session, "orc", tmp_path / "o.orc"),
        files(session, "text", tmp_path / "t.txt"),
        files(session, "text", tmp_path / "t.txt", wholetext="true"),
        files(session, "csv", tmp_path / "t.txt", inferSchema="true"),
        files(session, "csv", tmp_path / "latin.csv", sep=";", encoding="latin1", header="true"),
        files(session, "csv", tmp_path / "t.txt", multiLine="true"),
        files(session, "json", tmp_path / "j.json"),
        files(session, "json", tmp_path / "j.json", multiLine="true"),
        files(session, "binaryFile", tmp_path / "t.txt"),
    ]
    fragments = [make_fragment(session, plan) for plan in plans]
    answers, modules = elsewhere(tmp_path, list(zip(fragments, plans, strict=True)))
    assert answers == [rows(session, plan) for plan in plans]
    assert all(answers)
    assert not modules & _NOT_TO_RUN


ERRORS = [
    "SELECT 1 / (id - 1) FROM range(3)",
    "SELECT id % (id - 1) FROM range(3)",
    "SELECT CAST(concat('x', id) AS INT) FROM range(3)",
    "SELECT CAST(id + 9223372036854775800 AS BIGINT) FROM range(10)",
    "SELECT CAST(id + 3000000000 AS INT) FROM range(3)",
    "SELECT raise_error(concat('no ', id)) FROM range(3)",
    "SELECT to_date(concat('x', id), 'yyyy-MM-dd') FROM range(3)",
    "SELECT array(1)[id + 1] FROM range(3)",
    "SELECT parse_url(concat('h ttp:', id), 'HOST') FROM range(3)",
]


def test_errors_are_translated_where_the_fragment_was_made(
    session: SessionState, tmp_path: Path
) -> None:
    plans = [plan_of(session, sql) for sql in ERRORS]
    fragments = [make_fragment(session, plan) for plan in plans]
    answers, _ = elsewhere(tmp_path, list(zip(fragments, plans, strict=True)))
    for plan, fragment, answer in zip(plans, fragments, answers, strict=True):
        with pytest.raises(SparkError) as here:
            rows(session, plan)
        assert isinstance(answer, FragmentError)
        there = translate(answer, fragment.places)
        assert isinstance(there, SparkError)
        assert there.message == here.value.message
        assert there.origin == here.value.origin


def test_errors_of_readers_keep_their_condition(session: SessionState, tmp_path: Path) -> None:
    orc.write_table(pa.table({"a": [1]}), tmp_path / "o.orc")
    plan = files(session, "orc", tmp_path / "o.orc")
    fragment = make_fragment(session, plan)
    (tmp_path / "o.orc").write_text("nothing")
    answers, _ = elsewhere(tmp_path, [(fragment, plan)])
    (there,) = answers
    assert isinstance(there, SparkError)
    assert there.error_class == "FAILED_READ_FILE.CANNOT_READ_FILE_FOOTER"


def test_only_the_rows_that_are_read_travel() -> None:
    table = pa.table({"a": range(100_000)})
    pickled = cloudpickle.dumps(GivenTable(table.slice(50_000, 3)))
    assert len(pickled) < 1000
    assert pickle.loads(pickled)().to_pydict() == {"a": [50_000, 50_001, 50_002]}


def test_a_fragment_is_small(session: SessionState) -> None:
    sql = "SELECT a, sum(b) FROM VALUES (1, 2) AS t(a, b) WHERE b > 1 GROUP BY a ORDER BY a"
    fragment = make_fragment(session, plan_of(session, sql))
    assert len(cloudpickle.dumps(fragment)) < 3000
