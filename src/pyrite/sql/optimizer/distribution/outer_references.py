"""What a plan reads and does not make: the columns of the query around it."""

from __future__ import annotations

from pyrite.sql.expressions.expression import (
    Alias,
    Attribute,
    Expression,
    SubqueryExpression,
)
from pyrite.sql.plans.plan import Aggregate, LateralJoin, LogicalPlan, Project

__all__ = ["has_correlated", "made_ids", "outer_ids", "output_ids", "read_ids"]


def output_ids(plan: LogicalPlan) -> set[int]:
    """Return the ids of a plan's output."""
    return {a.expression_id for a in plan.output}


def read_ids(expression: Expression) -> set[int]:
    """Return the ids of the columns an expression reads, those its subqueries read included."""
    read: set[int] = set()
    for node in expression.walk():
        if isinstance(node, Attribute):
            read.add(node.expression_id)
        elif isinstance(node, SubqueryExpression):
            read |= outer_ids(node.plan)
    return read


def made_ids(plan: LogicalPlan) -> set[int]:
    """Return the ids of all columns that a plan's operators make."""
    made: set[int] = set()
    for node in plan.walk():
        match node:
            case Project(project_list=items) | Aggregate(aggregates=items):
                made |= {item.expression_id for item in items if isinstance(item, Alias)}
            case _:
                made |= output_ids(node).difference(*map(output_ids, node.children))
    return made


def outer_ids(plan: LogicalPlan) -> set[int]:
    """Return the ids of the columns that a plan reads of the queries around it."""
    read: set[int] = set()
    for node in plan.walk():
        for expression in node.expressions:
            read |= read_ids(expression)
    return read - made_ids(plan)


def has_correlated(plan: LogicalPlan) -> bool:
    """Whether a part of a plan is computed for each row of another part.

    True for subqueries that read columns of the query around them, and for lateral joins.
    """

    def asked(node: object) -> bool:
        if isinstance(node, SubqueryExpression):
            return bool(outer_ids(node.plan))
        return isinstance(node, LateralJoin)

    return plan.contains(asked)
