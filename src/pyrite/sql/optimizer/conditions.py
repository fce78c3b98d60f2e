"""Conditions: the parts that must all hold, and what of them pairs the rows of two inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import reduce
from typing import Any

from pyrite.sql.expressions.expression import (
    Attribute,
    Call,
    Expression,
    InSubquery,
    SubqueryExpression,
)
from pyrite.sql.functions.registry import builtin_functions
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.types import BOOLEAN

__all__ = [
    "all_of",
    "any_of",
    "call_name",
    "column_ids",
    "columns_read",
    "columns_read_in",
    "conjuncts",
    "disjuncts",
    "equal_sides",
    "has_subquery",
    "ids_of",
    "membership",
    "substituted",
    "with_plan",
]


def conjuncts(condition: Expression | None) -> list[Expression]:
    """Return the parts of a condition that must all hold."""
    return [] if condition is None else _parts(condition, "and")


def disjuncts(condition: Expression) -> list[Expression]:
    """Return the parts of a condition of which one must hold."""
    return _parts(condition, "or")


def _parts(condition: Expression, word: str) -> list[Expression]:
    if isinstance(condition, Call) and condition.function.name == word:
        return [part for argument in condition.arguments for part in _parts(argument, word)]
    return [condition]


def all_of(parts: Iterable[Expression]) -> Expression | None:
    """Return the condition that all parts hold, None for no parts."""
    return _combined(parts, "and")


def any_of(parts: Iterable[Expression]) -> Expression | None:
    """Return the condition that one part holds, None for no parts."""
    return _combined(parts, "or")


def _combined(parts: Iterable[Expression], word: str) -> Expression | None:
    function = builtin_functions()[word]

    def combine(left: Expression, right: Expression) -> Expression:
        return Call(function, (left, right), BOOLEAN, left.nullable or right.nullable)

    found = [*parts]
    return reduce(combine, found) if found else None


def call_name(expression: Expression) -> str:
    """Return the name of the function that an expression calls; empty for other expressions."""
    return expression.function.name if isinstance(expression, Call) else ""


def equal_sides(
    part: Expression, left: set[int], right: set[int]
) -> tuple[Expression, Expression] | None:
    """Return what must be equal on both sides of a join, None if a condition is another kind.

    Args:
        part: The condition.
        left: The ids of the left side's columns.
        right: Those of the right side's.

    Returns:
        The left side's expression and the right side's.
    """
    if not (isinstance(part, Call) and part.function.name in ("=", "==", "<=>")):
        return None
    first, second = part.arguments
    a, b = column_ids(first), column_ids(second)
    if not a or not b:
        return None
    if a <= left and b <= right:
        return first, second
    return (second, first) if a <= right and b <= left else None


def column_ids(expression: Expression) -> set[int]:
    """Return the ids of the columns that an expression reads."""
    return {a.expression_id for a in expression.references()}


def ids_of(attributes: Iterable[Attribute]) -> frozenset[int]:
    """Return the ids of columns."""
    return frozenset([a.expression_id for a in attributes])


def columns_read(expressions: Iterable[Expression]) -> frozenset[int]:
    """Return the ids of all columns in expressions, those in the plans of subqueries too.

    What a subquery reads of the query around it is among them; so are its own columns.
    """
    found: set[int] = set()
    for expression in expressions:
        for node in expression.walk():
            if isinstance(node, Attribute):
                found.add(node.expression_id)
            elif isinstance(node, SubqueryExpression):
                found |= columns_read_in(node.plan)
    return frozenset(found)


def columns_read_in(plan: LogicalPlan) -> frozenset[int]:
    """Return the ids of all columns in a plan's expressions."""
    return frozenset().union(*(columns_read(node.expressions) for node in plan.walk()))


def has_subquery(expression: Expression) -> bool:
    """Whether there is a subquery in an expression."""
    return expression.find(SubqueryExpression) is not None


def membership(expression: Expression) -> tuple[InSubquery, bool] | None:
    """Return the subquery of an IN or NOT IN and whether it is NOT; None for other expressions."""
    negated = call_name(expression) in ("not", "!")
    inner = expression.children[0] if negated else expression
    return (inner, negated) if isinstance(inner, InSubquery) else None


def with_plan(subquery: SubqueryExpression, plan: LogicalPlan) -> SubqueryExpression:
    """Return a subquery of another plan."""
    other: Any = subquery
    return subquery if plan is subquery.plan else replace(other, plan=plan)


def substituted(expression: Expression, columns: Mapping[int, Expression]) -> Expression:
    """Return an expression with columns replaced by what they are made of.

    Args:
        expression: The expression.
        columns: By the id of a column: what is to stand for it; others stay.
    """
    if isinstance(expression, Attribute):
        return columns.get(expression.expression_id, expression)
    return expression.map_children(lambda child: substituted(child, columns))
