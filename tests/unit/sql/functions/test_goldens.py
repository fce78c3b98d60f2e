"""Spark's recorded answers to SQL, replayed; ``tests/oracle/record_sql.py`` records them."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.plans.unresolved import SqlText
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState, SharedState
from pyrite.sql.types import to_arrow_schema

HERE = Path(__file__).parent
TIME_ZONE = "America/Los_Angeles"

_spec = importlib.util.spec_from_file_location(
    "record_sql", HERE.parents[2] / "oracle" / "record_sql.py"
)
assert _spec is not None
assert _spec.loader is not None
record_sql = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(record_sql)

#: The answers to the lines of the ``queries_*.sql`` of every family of tests.
GOLDENS = sorted(
    path.with_name(f"golden_{path.stem.removeprefix('queries_')}.json")
    for path in HERE.parent.glob("*/queries_*.sql")
)


@dataclass
class Settings:
    """As much of a SparkConf as a session reads."""

    pairs: dict[str, str] = field(default_factory=dict)

    def getAll(self) -> list[tuple[str, str]]:
        return list(self.pairs.items())


@dataclass
class Application:
    """As much of a SparkContext as a query needs."""

    local_dir: str
    defaultParallelism: int = 2  # noqa: N815
    cluster_shape: None = None

    def getConf(self) -> Settings:
        return Settings({"spark.sql.session.timeZone": TIME_ZONE})

    def stop_first_at_exit(self) -> None: ...


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedState]:
    state = SharedState(Application(str(tmp_path_factory.mktemp("spills"))))  # type: ignore[arg-type]
    yield state
    if state.runner is not None:
        state.runner.stop()


def answer(shared: SharedState, sql: str, settings: dict[str, str]) -> dict[str, Any]:
    """Return Pyrite's answer in the form of the recorder's."""
    import pyarrow as pa

    session = SessionState(shared)
    for key, value in settings.items():
        session.conf.set(key, value)
    try:
        result = QueryExecution(session, SqlText(sql)).execute()
        table = pa.Table.from_batches(list(result.batches), to_arrow_schema(result.schema))
        rows = record_sql.rows_of(table)
    except SparkError as error:
        return {"error": error.error_class, "parameters": error.parameters}
    return {"schema": result.schema.simpleString(), "rows": rows, "error": None}


def is_like(expected: Any, actual: Any) -> bool:
    """Whether values are equal, floating point ones to all but their last digits."""
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(is_like, expected, actual))
    if expected == actual or not (isinstance(expected, str) and isinstance(actual, str)):
        return bool(expected == actual)
    try:
        return float(expected) == pytest.approx(float(actual), rel=1e-14, nan_ok=True)
    except ValueError:
        return False


def _is_ordered(sql: str) -> bool:
    """Whether a query itself sorts, and not only a window or a subquery in it."""
    text, inner = sql.lower(), 1
    while inner:
        text, inner = re.subn(r"\([^()]*\)", "", text)
    return "order by" in text


def _in_one_order(rows: Any) -> Any:
    return sorted(rows, key=repr) if isinstance(rows, list) else rows


@pytest.mark.parametrize("path", GOLDENS, ids=lambda path: f"{path.parent.name}.{path.stem[7:]}")
def test_pyrite_answers_as_spark_did(shared: SharedState, path: Path) -> None:
    wrong = []
    for golden in json.loads(path.read_text("utf-8")):
        found = answer(shared, golden["sql"], golden.get("settings", {}))
        for key in ("error", "rows"):
            expected, actual = golden.get(key), found.get(key)
            if not _is_ordered(golden["sql"]):
                expected, actual = _in_one_order(expected), _in_one_order(actual)
            if not is_like(expected, actual):
                wrong.append(f"{golden['sql']}\n  Spark  {golden.get(key)}\n  Pyrite {found}")
    assert not wrong, "\n".join(wrong)
