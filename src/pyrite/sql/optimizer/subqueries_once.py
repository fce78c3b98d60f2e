"""Rule: the value of a subquery is computed once for a row, however often it is read.

A function's SQL may say an argument several times. DuckDB finds out that a computation is the same
as another, but plans each subquery by itself: in functions of functions these soon are hundreds.
"""

from __future__ import annotations

from dataclasses import replace

from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Alias,
    Attribute,
    Call,
    Cast,
    Expression,
    Literal,
    NamedExpression,
    ScalarSubquery,
    SubqueryExpression,
)
from pyrite.sql.optimizer.conditions import with_plan
from pyrite.sql.optimizer.extraction import trim
from pyrite.sql.plans.plan import Aggregate, Filter, LogicalPlan, Project
from pyrite.sql.session_state import SessionState

__all__ = ["subqueries_once"]

#: Functions whose SQL has each argument once.
_ONCE = frozenset(["=", "==", "!=", "<>", "<", "<=", ">", ">=", "and", "or", "not", "+", "-", "*"])


def subqueries_once(plan: LogicalPlan, session: SessionState) -> LogicalPlan:
    """Give the values of subqueries that functions read a column of their own."""
    return plan.transform_up(_computed) if ScalarSubquery in plan.marks else plan


def _computed(plan: LogicalPlan) -> LogicalPlan:
    plan = plan.map_expressions(lambda expression: expression.transform_up(_inside))
    if isinstance(plan, Aggregate) and any(map(_reads, plan.aggregates)):
        plan = _computed_above(plan)
    if not isinstance(plan, (Project, Filter)):
        return plan
    columns: list[Alias] = []

    def read(expression: Expression, often: bool = False) -> Expression:
        if expression.find(ScalarSubquery) is None:
            return expression
        if isinstance(expression, ScalarSubquery):
            if not often:
                return expression
            columns.append(Alias(expression, "subquery"))
            return columns[-1].to_attribute()
        often = often or (isinstance(expression, Call) and expression.function.name not in _ONCE)
        return expression.map_children(lambda child: read(child, often))

    rewritten = plan.map_expressions(read)
    if not columns:
        return plan
    child = Project((*plan.child.output, *columns), plan.child)
    return trim(rewritten.map_children(lambda _: child), plan.output)


def _reads(expression: Expression) -> bool:
    return isinstance(expression, Alias) and expression.find(ScalarSubquery) is not None


def _computed_above(plan: Aggregate) -> LogicalPlan:
    """Return a projection of an aggregate that computes its sums and keys alone.

    The same aggregate, where something else stands beside sums and keys.
    """
    below: dict[Expression, NamedExpression] = {}
    foreign: list[Expression] = []

    def above(expression: Expression) -> Expression:
        if isinstance(expression, Literal):
            return expression
        if isinstance(expression, AggregateExpression) or expression in plan.grouping:
            if isinstance(expression, Attribute):
                below[expression] = expression
                return expression
            column = below.setdefault(expression, Alias(expression, "value"))
            assert isinstance(column, Alias)
            return column.to_attribute()
        if isinstance(expression, ScalarSubquery):
            for column in expression.outer_references():
                above(column)
            return expression
        if not isinstance(expression, (Call, Cast)):
            foreign.append(expression)
        return expression.map_children(above)

    items: list[NamedExpression] = []
    for item in plan.aggregates:
        value = above(item.child if isinstance(item, Alias) else item)
        items.append(replace(item, child=value) if isinstance(item, Alias) else item)
    if foreign or plan.grouping_sets is not None:
        return plan
    return Project(tuple(items), replace(plan, aggregates=tuple(below.values())))


def _inside(expression: Expression) -> Expression:
    if isinstance(expression, SubqueryExpression):
        return with_plan(expression, expression.plan.transform_up(_computed))
    return expression
