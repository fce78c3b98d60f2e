"""Task plans: what each task of an exchange computes, as plans without a word of tasks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyrite.sql.errors import internal_error
from pyrite.sql.expressions.expression import Attribute, Expression, Literal, new_expression_id
from pyrite.sql.optimizer.distribution.leaves import split_leaf
from pyrite.sql.plans.exchange import (
    Bucketed,
    FirstPartition,
    LocalLimit,
    QueryStage,
    RuntimeFilter,
    SplitScan,
)
from pyrite.sql.plans.plan import Filter, Join, JoinType, Limit, LogicalPlan, Sort
from pyrite.sql.types import BOOLEAN, INTEGER, SHORT

__all__ = ["bucketed", "has_partitions", "task_plans"]


def has_partitions(plan: LogicalPlan) -> bool:
    """Whether the rows of a plan lie in the partitions of several tasks."""
    return any(
        isinstance(node, SplitScan)
        or (isinstance(node, QueryStage) and node.partitioning.is_spread and not node.whole)
        for node in plan.walk()
    )


def bucketed(
    keys: tuple[Expression, ...],
    count: int,
    plan: LogicalPlan,
    bounds: tuple[bytes, ...] | None = None,
) -> LogicalPlan:
    """Return a plan whose rows say to which of several buckets they go.

    Args:
        keys: What decides it.
        count: How many buckets there are.
        plan: The rows.
        bounds: As in ``Bucketed``.
    """
    if count == 1:
        return plan
    bucket = Attribute("bucket", SHORT, False, new_expression_id())
    return Bucketed(keys, count, bucket, plan, bounds)


def task_plans(plan: LogicalPlan, count: int) -> Iterator[LogicalPlan]:
    """Yield the plan of each task.

    Args:
        plan: What all of them compute together, with the operators of ``plans.exchange``.
        count: How many tasks there are.
    """
    splits: dict[int, Sequence[LogicalPlan]] = {}

    def of_task(node: LogicalPlan, index: int) -> LogicalPlan:
        match node:
            case SplitScan(child=child):
                if id(child) not in splits:
                    splits[id(child)] = _split(child, count)
                return splits[id(child)][index]
            case FirstPartition(child=child):
                return child if index == 0 else Filter(Literal(False, BOOLEAN), child)
            case RuntimeFilter(child=child, stage=stage, condition=condition):
                return Join(child, stage, JoinType.LEFT_SEMI, condition)
            case LocalLimit(limit=limit, order=order, child=child):
                rows = Sort(order, True, child) if order else child
                return Limit(Literal(limit, INTEGER), rows)
        return node

    def rebuilt(node: LogicalPlan, index: int) -> LogicalPlan:
        below = node
        if not isinstance(node, SplitScan):
            below = node.map_children(lambda child: rebuilt(child, index))
        return of_task(below, index)

    for index in range(count):
        yield rebuilt(plan, index)


def _split(leaf: LogicalPlan, count: int) -> Sequence[LogicalPlan]:
    parts = split_leaf(leaf, count)
    if parts is None:
        raise internal_error(f"{type(leaf).__name__} cannot be split.")
    return parts
