"""Leaves of plans in parts: the rows are those of the whole, in its order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pyrite.sql.execution.run import run_plan
from pyrite.sql.expressions.expression import Attribute, new_expression_id
from pyrite.sql.optimizer.distribution.leaves import (
    can_read_elsewhere,
    can_split,
    scanned_bytes,
    split_leaf,
)
from pyrite.sql.parser import parse_statement
from pyrite.sql.plans.plan import LocalRelation, LogicalPlan, OneRowRelation, Range
from pyrite.sql.plans.unresolved import UnresolvedDataSource
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import LONG


def leaf(session: SessionState, plan: LogicalPlan) -> LogicalPlan:
    (found,) = [n for n in QueryExecution(session, plan).optimized.walk() if not n.children]
    return found


def rows(session: SessionState, plan: LogicalPlan) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for batch in run_plan(session, plan) for row in batch.to_pylist()]


RANGES = ["range(10)", "range(20, 1, -3)", "range(5, 5)"]


@pytest.mark.parametrize("count", [1, 3, 8])
@pytest.mark.parametrize("numbers", [*RANGES, None])
def test_parts_have_the_rows_of_the_whole(
    session: SessionState, numbers: str | None, count: int
) -> None:
    if numbers is None:
        attributes = (Attribute("a", LONG, True, new_expression_id()),)
        whole: LogicalPlan = LocalRelation(attributes, pa.table({"a": [1, None, 3]}))
    else:
        whole = leaf(session, parse_statement(f"SELECT id FROM {numbers}"))
        assert isinstance(whole, Range)
    assert can_split(whole)
    assert can_read_elsewhere(whole)
    parts = split_leaf(whole, count)
    assert parts is not None
    assert len(parts) == count
    assert [row for part in parts for row in rows(session, part)] == rows(session, whole)


def test_files(session: SessionState, tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": range(100)}), tmp_path / "a.parquet", row_group_size=10)
    whole = leaf(session, UnresolvedDataSource("parquet", None, (), (str(tmp_path),)))
    assert can_read_elsewhere(whole)
    parts = split_leaf(whole, 3)
    assert parts is not None
    assert all(can_read_elsewhere(part) and not can_split(part) for part in parts)
    assert [row for part in parts for row in rows(session, part)] == [(a,) for a in range(100)]


def test_what_cannot_be_cut_or_read_elsewhere(session: SessionState) -> None:
    one = OneRowRelation()
    assert can_read_elsewhere(one)
    assert not can_split(one)
    assert split_leaf(one, 2) is None


def test_files_of_one_process_are_read_there(session: SessionState) -> None:
    fsspec = pytest.importorskip("fsspec")
    with fsspec.open("memory://leaves/a.txt", "w") as file:
        file.write("a\n")
    source = UnresolvedDataSource("text", None, (), ("memory://leaves/a.txt",))
    assert not can_read_elsewhere(leaf(session, source))


def test_bytes_are_those_of_all_files(session: SessionState, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("12345\n")
    (tmp_path / "b").write_text("1\n")
    a, b = f"text.`{tmp_path / 'a'}`", f"text.`{tmp_path / 'b'}`"
    sql = f"SELECT * FROM {a} WHERE value IN (SELECT value FROM {b} WHERE value > '0')"
    plan = QueryExecution(session, parse_statement(sql)).optimized
    assert scanned_bytes(plan) == 8
