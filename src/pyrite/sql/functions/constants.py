"""Constant arguments: what a lowering may know while the query is planned."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pyrite.sql.expressions.expression import Call, Cast, Expression, Literal
from pyrite.sql.types import StringType

__all__ = ["constant_integer", "constant_text", "constant_value", "is_nonzero_constant"]

_SIGNS = {"unary -": -1, "negative": -1, "positive": 1}


def constant_value(expression: Expression) -> Any:
    """Return the value of a literal, also below a cast that leaves it as it is; else None."""
    while isinstance(expression, Cast) and expression.implicit:
        expression = expression.child
    return expression.value if isinstance(expression, Literal) else None


def constant_text(expression: Expression) -> str | None:
    """Return the text of a string literal, None for anything else."""
    value = constant_value(expression)
    return (
        value if isinstance(value, str) and isinstance(expression.data_type, StringType) else None
    )


def is_nonzero_constant(expression: Expression) -> bool:
    """Whether an expression is a number other than zero, whatever the row."""
    while isinstance(expression, Cast) and expression.implicit:
        expression = expression.child
    value = expression.value if isinstance(expression, Literal) else constant_integer(expression)
    return isinstance(value, (int, float, Decimal)) and value != 0


def constant_integer(expression: Expression) -> int | None:
    """Return the value of a constant integer, with a sign or not; None for anything else."""
    if isinstance(expression, Call) and expression.function.name in _SIGNS:
        value = constant_integer(expression.arguments[0])
        return None if value is None else value * _SIGNS[expression.function.name]
    if isinstance(expression, Cast):
        return constant_integer(expression.child)
    value = constant_value(expression)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
