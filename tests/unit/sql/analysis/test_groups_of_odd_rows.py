"""Groups of no rows, of constants, of rows at the same time; and orders by hidden columns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import SqlText

Run = Callable[[LogicalPlan], list[tuple[Any, ...]]]

TIMES = """(VALUES (TIMESTAMP '2024-01-01 00:00:00'), (TIMESTAMP '2024-01-01 00:00:00'),
    (TIMESTAMP '2024-01-01 01:00:00'), (TIMESTAMP '2024-01-01 01:00:00'),
    (TIMESTAMP '2024-01-01 02:30:00')) AS t(time)"""


@pytest.mark.parametrize(
    ("sets", "expected"),
    [("ROLLUP (id)", []), ("GROUPING SETS ((), (id))", []), ("GROUPING SETS (())", [(0,)])],
)
def test_no_rows_have_a_group_only_without_keys(
    run: Run, sets: str, expected: list[tuple[Any, ...]]
) -> None:
    assert run(SqlText(f"SELECT count(*) FROM range(0) GROUP BY {sets}")) == expected


def test_a_session_goes_on_where_another_row_ends_it(run: Run) -> None:
    sessions = f"SELECT count(*) n FROM {TIMES} GROUP BY session_window(time, '1 hour')"
    assert sorted(run(SqlText(sessions))) == [(1,), (4,)]


def test_constants_give_no_order(run: Run) -> None:
    assert run(SqlText("SELECT listagg(DISTINCT 'u', ',') FROM range(3)")) == [("u",)]


@pytest.mark.parametrize("kind", ["STRING", "BINARY"])
def test_different_values_are_joined_in_their_order(run, kind):
    text = f"SELECT hex(listagg(DISTINCT CAST(char(65 + id % 26) AS {kind}))) FROM range(99)"
    assert run(SqlText(text)) == [("".join(f"{65 + i:X}" for i in range(26)),)]


def test_a_subquery_in_an_order_reads_a_hidden_column(run: Run) -> None:
    ordered = """WITH t AS (SELECT id, id % 2 AS k FROM range(5)) SELECT id FROM t
        ORDER BY (SELECT count(*) FROM t AS u WHERE u.k = t.k), id"""
    assert run(SqlText(ordered)) == [(1,), (3,), (0,), (2,), (4,)]


def test_columns_that_a_scan_leaves_out_are_not_passed_on(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rows.json").write_text('{"a": 1, "b": [2]}\n{"a": 3, "b": [4, 5]}\n')
    table = f"json.`{tmp_path}/rows.json`"
    joined = f"SELECT e FROM (SELECT * FROM {table} LIMIT 9) LATERAL VIEW explode(b) AS e"
    assert sorted(run(SqlText(joined))) == [(2,), (4,), (5,)]
    counted = f"SELECT id FROM (SELECT a FROM {table} WHERE EXISTS (SELECT 1)) JOIN range(1)"
    assert run(SqlText(counted)) == [(0,), (0,)]


def test_an_aggregate_nobody_reads_is_one_row(run: Run) -> None:
    total = "(SELECT sum(id) AS s, 1 AS one FROM range(5))"
    assert run(SqlText(f"SELECT r.id FROM {total} CROSS JOIN range(2) r")) == [(0,), (1,)]
    assert run(SqlText(f"SELECT one, r.id FROM {total} JOIN range(1) r")) == [(1, 0)]
    assert run(SqlText(f"SELECT e FROM {total} LATERAL VIEW explode(array(7)) AS e")) == [(7,)]
