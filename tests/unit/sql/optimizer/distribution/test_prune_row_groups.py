"""Row groups that a condition rules out are in nobody's part."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pyrite.sql.execution.run import run_plan
from pyrite.sql.optimizer.distribution.leaves import split_leaf
from pyrite.sql.optimizer.distribution.prune_row_groups import prune_row_groups
from pyrite.sql.optimizer.distribution.push_predicates import push_predicates
from pyrite.sql.parser import parse_statement
from pyrite.sql.plans.plan import LogicalPlan, SourceRelation
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState

ROWS = 1000


def rows(session: SessionState, plan: LogicalPlan) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for batch in run_plan(session, plan) for row in batch.to_pylist()]


@pytest.fixture
def table(tmp_path: Path) -> str:
    """Ten row groups of a hundred rows, in the order of most columns."""
    numbers = range(ROWS)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    columns = {
        "i": pa.array([None if i % 10 == 3 else i for i in numbers], pa.int32()),
        "l": pa.array([(1 << 60) + i for i in numbers]),
        "c": pa.array([Decimal(i) / 100 for i in numbers], pa.decimal128(9, 2)),
        "d": pa.array([date(2024, 1, 1) + timedelta(days=i) for i in numbers]),
        "t": pa.array([start + timedelta(hours=i) for i in numbers], pa.timestamp("us", "UTC")),
        "f": pa.array([float("nan") if i == 5 else float(i) for i in numbers]),
        "s": pa.array([f"{i:04}" for i in numbers]),
        "n": pa.array([None] * ROWS, pa.int64()),
    }
    pq.write_table(pa.table(columns), tmp_path / "a.parquet", row_group_size=100)
    return f"parquet.`{tmp_path / 'a.parquet'}`"


def pruned(session: SessionState, text: str) -> tuple[LogicalPlan, LogicalPlan, SourceRelation]:
    """Return a plan, the pruned plan, and its scan."""
    plan = QueryExecution(session, parse_statement(text)).optimized
    smaller = prune_row_groups(push_predicates(plan), partial(run_plan, session))
    (scan,) = [node for node in smaller.walk() if isinstance(node, SourceRelation)]
    return plan, smaller, scan


WHOLE = (None,)


@pytest.mark.parametrize(
    ("condition", "ranges"),
    [
        ("i < 100", (range(100),)),
        ("i <= 100", (range(200),)),
        ("i >= 900", (range(900, 1000),)),
        ("i > 898 AND i < 901", (range(800, 1000),)),
        ("250 = i", (range(200, 300),)),
        ("250 > i", (range(300),)),
        ("i = 5000", ()),
        ("l > 1152921504606847775", (range(800, 1000),)),
        ("l > 1152921504606847774", (range(700, 1000),)),
        ("c = 1.99BD", (range(100, 200),)),
        ("d < DATE '2024-04-11'", (range(200),)),
        ("d >= '2026-01-01'", (range(700, 1000),)),
        ("d < DATE '2024-05-11' - INTERVAL 90 DAYS", (range(100),)),
        ("i BETWEEN 500 AND 5 * 110", (range(500, 600),)),
        ("t < TIMESTAMP '2024-01-02 00:00:00Z'", (range(100),)),
        ("t >= TIMESTAMP '2024-02-11 04:00:00Z'", (range(900, 1000),)),
        # What no bounds tell of
        ("f < 100", WHOLE),
        ("f > 2000", WHOLE),
        ("s < '0100'", WHOLE),
        ("n = 1", WHOLE),
        ("i + 1 < 100", WHOLE),
        ("i < 100 OR i > 900", WHOLE),
        ("i <> 5", WHOLE),
        ("i < CAST(NULL AS INT)", WHOLE),
        ("i >= 0", WHOLE),
    ],
)
def test_the_rows_that_are_left(
    session: SessionState, table: str, condition: str, ranges: tuple[range | None, ...]
) -> None:
    plan, smaller, source = pruned(session, f"SELECT s FROM {table} WHERE {condition}")
    scan: Any = source.scan
    assert scan.request.index.parts == ranges
    assert rows(session, smaller) == rows(session, plan)


@pytest.mark.parametrize("count", [2, 3])
def test_what_is_left_is_cut(session: SessionState, table: str, count: int) -> None:
    _, _, source = pruned(session, f"SELECT s FROM {table} WHERE i >= 400 AND i < 1000")
    parts = split_leaf(source, count)
    assert parts is not None
    found = [rows(session, replace(part, attributes=source.attributes)) for part in parts]
    assert min(map(len, found)) >= 200
    assert [row for part in found for row in part] == rows(session, source)
    assert len(rows(session, source)) == 600
