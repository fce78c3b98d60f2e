"""Rule: the value of a subquery is computed once for a row, however often it is read.

A function's SQL may say an argument several times. DuckDB finds out that a computation is the same
as another, but plans each subquery by itself: in functions of functions these soon are hundreds.
"""

from __future__ import annotations

from pyrite.sql.expressions.expression import (
    Alias,
    Call,
    Expression,
    ScalarSubquery,
    SubqueryExpression,
)
from pyrite.sql.optimizer.conditions import with_plan
from pyrite.sql.optimizer.extraction import trim
from pyrite.sql.plans.plan import Filter, LogicalPlan, Project
from pyrite.sql.session_state import SessionState

__all__ = ["subqueries_once"]

#: Functions whose SQL has each argument once.
_ONCE = frozenset(["=", "==", "!=", "<>", "<", "<=", ">", ">=", "and", "or", "not", "+", "-", "*"])


def subqueries_once(plan: LogicalPlan, session: SessionState) -> LogicalPlan:
    """Give the values of subqueries that functions read a column of their own."""
    return plan.transform_up(_computed) if ScalarSubquery in plan.marks else plan


def _computed(plan: LogicalPlan) -> LogicalPlan:
    plan = plan.map_expressions(lambda expression: expression.transform_up(_inside))
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


def _inside(expression: Expression) -> Expression:
    if isinstance(expression, SubqueryExpression):
        return with_plan(expression, expression.plan.transform_up(_computed))
    return expression
