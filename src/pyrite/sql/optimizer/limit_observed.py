"""limit_observed: let no more rows pass an ``observe`` than are wanted above it."""

from __future__ import annotations

from dataclasses import replace

from pyrite.sql.expressions.expression import Expression, Literal
from pyrite.sql.plans.plan import (
    CollectMetrics,
    Limit,
    LogicalPlan,
    Offset,
    Picture,
    Project,
    SubqueryAlias,
)
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import INTEGER

__all__ = ["limit_observed"]


def limit_observed(plan: LogicalPlan, session: SessionState) -> LogicalPlan:
    """Put a limit below each ``observe`` that has one above.

    Rows come in batches; in Spark they come one by one, and metrics count those that came.

    Example::

        Limit 3                        Limit 3
        +- Project id + 1              +- Project id + 1
           +- CollectMetrics    =>        +- CollectMetrics
              +- Range                       +- Limit 3
                                                +- Range
    """
    return plan.transform_up(_limited) if CollectMetrics in plan.marks else plan


def _limited(node: LogicalPlan) -> LogicalPlan:
    match node:
        case Limit(limit=limit, child=child):
            rows = _number(limit)
        case Picture(num_rows=drawn, child=child):
            rows = max(drawn, 0) + 1  # one more tells whether there are more
        case _:
            return node
    return node if rows is None else replace(node, child=_at_most(rows, child))


def _at_most(rows: int, plan: LogicalPlan) -> LogicalPlan:
    """Return a plan of which only the first rows are wanted."""
    match plan:
        case CollectMetrics(child=child):
            return replace(plan, child=Limit(Literal(rows, INTEGER), _at_most(rows, child)))
        case Offset(offset=offset, child=child) if (left_out := _number(offset)) is not None:
            return replace(plan, child=_at_most(rows + left_out, child))
        case Project(child=child) | SubqueryAlias(child=child):
            return replace(plan, child=_at_most(rows, child))
        case _:
            return plan


def _number(expression: Expression) -> int | None:
    value = expression.value if isinstance(expression, Literal) else None
    return value if isinstance(value, int) else None
