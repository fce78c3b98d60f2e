"""What each task computes: together all rows of the plan, each once."""

from __future__ import annotations

from collections.abc import Callable

from pyrite.sql.execution.cluster.task_plans import has_partitions, task_plans
from pyrite.sql.execution.run import PlanRun
from pyrite.sql.expressions.expression import Attribute, SortOrder, new_expression_id
from pyrite.sql.plans.exchange import (
    FirstPartition,
    LocalLimit,
    Partitioning,
    QueryStage,
    SplitScan,
)
from pyrite.sql.plans.plan import LogicalPlan, Range, Union
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import LONG


def numbers(start: int, end: int) -> Range:
    return Range(start, end, 1, None, (Attribute("id", LONG, False, new_expression_id()),))


def rows(session: SessionState, plan: LogicalPlan) -> list[int]:
    return [n for batch in PlanRun(session, plan).batches() for n in batch.column(0).to_pylist()]


def test_scans_are_read_in_parts(session: SessionState) -> None:
    parts = [rows(session, plan) for plan in task_plans(SplitScan(numbers(0, 10)), 3)]
    assert parts == [[0, 1, 2], [3, 4, 5], [6, 7, 8, 9]]


def test_what_every_task_could_give_comes_from_the_first(session: SessionState) -> None:
    scan, small = numbers(0, 4), numbers(100, 102)
    both = Union((SplitScan(scan), FirstPartition(small)), scan.output)
    parts = [sorted(rows(session, plan)) for plan in task_plans(both, 2)]
    assert parts == [[0, 1, 100, 101], [2, 3]]


def test_limits_hold_for_each_part(session: SessionState) -> None:
    scan = numbers(0, 10)
    last = LocalLimit(2, (SortOrder(scan.output[0], False, False),), SplitScan(scan))
    assert [rows(session, plan) for plan in task_plans(last, 2)] == [[4, 3], [9, 8]]


def test_partitions_are_those_of_scans_and_of_hashed_stages() -> None:
    key = Attribute("k", LONG, True, new_expression_id())
    stage: Callable[[bool], QueryStage] = lambda whole: QueryStage(  # noqa: E731
        1, Partitioning.HASH, (key,), (key,), 10, 1, whole
    )
    assert has_partitions(SplitScan(numbers(0, 2)))
    assert has_partitions(stage(False))
    assert not has_partitions(stage(True))
    assert not has_partitions(numbers(0, 2))
