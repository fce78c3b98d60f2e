"""Ranks that are bounded limit the rows of each partition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pyarrow as pa
import pytest

from pyrite.sql.execution.run import PlanRun
from pyrite.sql.optimizer.distribution.insert_window_group_limits import (
    insert_window_group_limits,
)
from pyrite.sql.plans.exchange import LocalWindow
from pyrite.sql.plans.plan import LocalRelation, LogicalPlan
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import to_arrow_schema

Planned = Callable[[str], LogicalPlan]

RANK = "rank() OVER (PARTITION BY at ORDER BY a1 DESC, a2)"
LIMITED = {
    "at most": f"SELECT * FROM (SELECT *, {RANK} r FROM a) WHERE r <= 2",
    "less": f"SELECT * FROM (SELECT *, {RANK} r FROM a) WHERE 3 > r AND a2 > 1",
    "equal": f"SELECT at FROM (SELECT at, dense_{RANK} r FROM a) WHERE r = 2",
    "through other columns": f"SELECT * FROM (SELECT r + 1, r q FROM (SELECT {RANK} r FROM a)) x "
    "WHERE q <= 2",
    "two ranks": f"SELECT * FROM (SELECT {RANK} r, dense_{RANK} q, a1 FROM a) WHERE r <= 3",
    "of all rows": "SELECT * FROM (SELECT rank() OVER (ORDER BY a1) r FROM a) WHERE r < 5",
}
UNLIMITED = {
    "a lower bound": f"SELECT * FROM (SELECT {RANK} r FROM a) WHERE r > 2",
    "too many": f"SELECT * FROM (SELECT {RANK} r FROM a) WHERE r < 5000",
    "none": f"SELECT * FROM (SELECT {RANK} r FROM a) WHERE r < 1",
    "no number": f"SELECT * FROM (SELECT {RANK} r, a1 FROM a) WHERE r < a1",
    "one of two": f"SELECT * FROM (SELECT {RANK} r, a1 FROM a) WHERE r < 2 OR a1 > 3",
    "a sum beside it": f"SELECT * FROM (SELECT {RANK} r, sum(a1) OVER () FROM a) WHERE r < 3",
    "another order beside it": f"SELECT * FROM (SELECT {RANK} r, "
    "rank() OVER (PARTITION BY at ORDER BY a2) FROM a) WHERE r < 3",
    "a sum": "SELECT * FROM (SELECT sum(a1) OVER (ORDER BY a2) r FROM a) WHERE r < 9",
    "what is computed of a rank": f"SELECT * FROM (SELECT -{RANK} r FROM a) WHERE r < 3",
}


def table_of(session: SessionState, plan: LogicalPlan) -> pa.Table:
    batches = [*PlanRun(session, plan).batches()]
    return pa.Table.from_batches(batches, to_arrow_schema(plan.schema))


@pytest.mark.parametrize("sql", LIMITED.values(), ids=LIMITED)
def test_limited(
    session: SessionState,
    planned: Planned,
    rows_of: Callable[[LogicalPlan], list[str]],
    sql: str,
) -> None:
    plan = planned(sql)
    limited = insert_window_group_limits(plan)
    assert limited.output == plan.output
    window = limited.find(LocalWindow)
    assert window is not None
    rows = table_of(session, window.child)
    assert rows_of(plan)

    def halves(node: LogicalPlan) -> LogicalPlan:
        """Rank the rows of two partitions apart."""
        if node is not window:
            return node.map_children(halves)
        parts = [
            replace(window, child=LocalRelation(window.child.output, part))
            for part in (rows.slice(0, 25), rows.slice(25))
        ]
        ranked = pa.concat_tables(table_of(session, part) for part in parts)
        return LocalRelation(window.output, ranked)

    assert rows_of(halves(limited)) == rows_of(plan)


@pytest.mark.parametrize("sql", UNLIMITED.values(), ids=UNLIMITED)
def test_unlimited(planned: Planned, sql: str) -> None:
    plan = planned(sql)
    assert insert_window_group_limits(plan) is plan
