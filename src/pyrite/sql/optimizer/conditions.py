"""Conditions: the parts that must all hold, and what of them pairs the rows of two inputs."""

from __future__ import annotations

from pyrite.sql.expressions.expression import Call, Expression

__all__ = ["column_ids", "conjuncts", "equal_sides"]


def conjuncts(condition: Expression | None) -> list[Expression]:
    """Return the parts of a condition that must all hold."""
    if condition is None:
        return []
    if isinstance(condition, Call) and condition.function.name == "and":
        return [part for argument in condition.arguments for part in conjuncts(argument)]
    return [condition]


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
