"""Partitioned files that a condition rules out are not part of the scan."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pyrite.sql.execution.run import run_plan
from pyrite.sql.optimizer.distribution.prune_partitions import prune_partitions
from pyrite.sql.optimizer.distribution.push_predicates import push_predicates
from pyrite.sql.parser import parse_statement
from pyrite.sql.plans.plan import LogicalPlan, SourceRelation
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState


def rows(session: SessionState, plan: LogicalPlan) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for batch in run_plan(session, plan) for row in batch.to_pylist()]


@pytest.fixture
def table(session: SessionState, tmp_path: Path) -> str:
    for k in (1, 2, 10, "__HIVE_DEFAULT_PARTITION__"):
        for d in ("2024-01-01", "2024-02-01"):
            folder = tmp_path / "t" / f"k={k}" / f"d={d}"
            folder.mkdir(parents=True)
            (folder / "a.txt").write_text(f"{k} {d}\n")
    return f"text.`{tmp_path / 't'}`"


@pytest.mark.parametrize(
    ("condition", "files"),
    [
        ("k = 2", 2),
        ("k > 1 AND d >= DATE '2024-01-15'", 2),
        ("k IN (1, 10) AND length(value) > 3", 4),
        ("month(d) = k", 2),
        ("k IS NULL", 2),
        ("NOT k <=> 2", 6),
        ("k = 3", 0),
        ("k = 1 OR value > ''", 8),
        ("value > ''", 8),
        ("k < 2 + rand() * 0", 8),
    ],
)
def test_files_that_are_left(session: SessionState, table: str, condition: str, files: int) -> None:
    text = f"SELECT value, k FROM {table} WHERE {condition} ORDER BY value"
    plan = QueryExecution(session, parse_statement(text)).optimized
    pruned = prune_partitions(push_predicates(plan), partial(run_plan, session))
    (scan,) = [node.scan for node in pruned.walk() if isinstance(node, SourceRelation)]
    assert len(scan.paths) == files
    assert rows(session, pruned) == rows(session, plan)


def test_two_scans_of_a_table_are_told_apart(session: SessionState, table: str) -> None:
    text = f"SELECT * FROM {table} WHERE k = 1 UNION ALL SELECT * FROM {table} WHERE k = 2"
    plan = push_predicates(QueryExecution(session, parse_statement(text)).optimized)
    pruned = prune_partitions(plan, partial(run_plan, session))
    scans = [node.scan for node in pruned.walk() if isinstance(node, SourceRelation)]
    assert scans[0].identity != scans[1].identity
    assert [row[1] for row in rows(session, pruned)] == [1, 1, 2, 2]
