"""Tables of files with nulls and duplicates, and plans of queries over them."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pyrite.sql.execution.run import PlanRun
from pyrite.sql.parser import parse_statement
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState

#: By table: how many rows it has, and how many values its columns.
TABLES = {"a": (60, 12), "b": (40, 9), "c": (15, 12), "d": (7, 5)}


@pytest.fixture
def planned(session: SessionState, tmp_path: Path) -> Callable[[str], LogicalPlan]:
    """Optimized plans of queries over tables a, b, c and d, of columns such as a1, a2 and at."""
    draw = random.Random(7)
    for name, (rows, values) in TABLES.items():

        def column(values: int = values, rows: int = rows) -> list[Any]:
            return [draw.choice([None, *range(values)]) for _ in range(rows)]

        data: dict[str, Any] = {f"{name}{i}": pa.array(column(), pa.int64()) for i in (1, 2)}
        data[f"{name}t"] = [None if v is None else f"t{v % 3}" for v in column()]
        path = tmp_path / f"{name}.parquet"
        pq.write_table(pa.table(data), path, row_group_size=16)
        text = f"CREATE TEMPORARY VIEW {name} USING parquet OPTIONS (path '{path}')"
        [*QueryExecution(session, parse_statement(text)).execute().batches]

    def plan(text: str) -> LogicalPlan:
        return QueryExecution(session, parse_statement(text)).optimized

    return plan


@pytest.fixture
def rows_of(session: SessionState) -> Callable[[LogicalPlan], list[str]]:
    """Run a plan and return its rows as texts, sorted."""

    def rows(plan: LogicalPlan) -> list[str]:
        batches = PlanRun(session, plan).batches()
        return sorted(str([*row.values()]) for batch in batches for row in batch.to_pylist())

    return rows
