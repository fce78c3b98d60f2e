"""Rule: whether a subquery has a value is never unknown.

SQL's ``a IN (SELECT ...)`` is null when ``a`` is null, or only a null could be equal. Spark answers
it by a join, which finds a row or does not: ``IN`` and ``NOT IN`` are both false then. That shows
where the answer is used as a value; a condition takes null for false anyway.
"""

from __future__ import annotations

from pyrite.sql.expressions.expression import (
    Call,
    Expression,
    InSubquery,
    Literal,
    SubqueryExpression,
)
from pyrite.sql.functions.registry import builtin_functions
from pyrite.sql.optimizer.conditions import call_name, membership, with_plan
from pyrite.sql.plans.plan import Filter, Join, LogicalPlan
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import BOOLEAN

__all__ = ["known_membership"]

_FALSE = Literal(False, BOOLEAN)
#: What NOT makes of them, when it is said of their parts.
_DUALS = {"and": "or", "or": "and"}
_NOT = ("not", "!")


def known_membership(plan: LogicalPlan, session: SessionState) -> LogicalPlan:
    """Put false in the place of unknown answers of IN and NOT IN with a subquery."""
    return plan.transform_up(_known_in) if InSubquery in plan.marks else plan


def _is_unsure(node: object) -> bool:
    return isinstance(node, InSubquery) and node.nullable


def _known_in(plan: LogicalPlan) -> LogicalPlan:
    is_condition = isinstance(plan, (Filter, Join))

    def known(expression: Expression) -> Expression:
        if not expression.contains(_is_unsure):
            return expression
        return _known(expression.transform_up(_inside), is_condition)

    return plan.map_expressions(known)


def _inside(expression: Expression) -> Expression:
    if isinstance(expression, SubqueryExpression):
        return with_plan(expression, expression.plan.transform_up(_known_in))
    return expression


def _known(expression: Expression, is_condition: bool) -> Expression:
    """Return an expression whose answers are known.

    Args:
        expression: The expression.
        is_condition: Whether null may be taken for false here.
    """
    if not expression.contains(_is_unsure):
        return expression
    if membership(expression) is not None:
        return expression if is_condition else _or_false(expression)
    name = call_name(expression)
    if name in _NOT and call_name(expression.children[0]) in (*_NOT, *_DUALS):
        return _known(_negated(expression.children[0]), is_condition)
    passed = is_condition and name in _DUALS
    return expression.map_children(lambda child: _known(child, passed))


def _or_false(expression: Expression) -> Expression:
    return Call(builtin_functions()["coalesce"], (expression, _FALSE), BOOLEAN, False)


def _negated(expression: Expression) -> Expression:
    """Return NOT of an expression, said of its parts as far down as can be."""
    functions = builtin_functions()
    name = call_name(expression)
    if name in _NOT:
        return expression.children[0]
    if name in _DUALS:
        parts = tuple(map(_negated, expression.children))
        return Call(functions[_DUALS[name]], parts, BOOLEAN, expression.nullable)
    return Call(functions["not"], (expression,), BOOLEAN, expression.nullable)
