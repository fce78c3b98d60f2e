"""Rows: ``(a, b)`` and ``struct(a, b)``."""

from __future__ import annotations

from pyrite.sql.errors import Origin
from pyrite.sql.expressions.expression import Expression, Literal
from pyrite.sql.expressions.unresolved import (
    UnresolvedAlias,
    UnresolvedAttribute,
    UnresolvedFunction,
    UnresolvedLambdaVariable,
    UnresolvedStar,
)
from pyrite.sql.types import STRING as STRING_TYPE

__all__ = ["row", "row_items"]


def row(items: tuple[Expression, ...], origin: Origin | None = None) -> Expression:
    """Return ``(a, b AS x)``: a struct with the names of its items.

    Args:
        items: The values; those that are no columns and have no alias are named by their place.
        origin: Where they stand.
    """
    if any(isinstance(item, UnresolvedStar) for item in items):
        return UnresolvedFunction(("struct",), items, origin=origin)
    arguments: list[Expression] = []
    for position, item in enumerate(items, 1):
        name = f"col{position}"
        if isinstance(item, UnresolvedAlias):
            name, item = item.name or name, item.child
        elif isinstance(item, (UnresolvedAttribute, UnresolvedLambdaVariable)):
            name = item.parts[-1]
        arguments += (Literal(name, STRING_TYPE), item)
    # Internal tells a row from the user's own call of named_struct.
    return UnresolvedFunction(("named_struct",), tuple(arguments), is_internal=True, origin=origin)


def row_items(expression: Expression) -> tuple[Expression, ...]:
    """Return the values of ``(a, b)`` or ``struct(a, b)``; anything else is a row of itself."""
    if not isinstance(expression, UnresolvedFunction):
        return (expression,)
    if expression.is_internal:
        return expression.arguments[1::2]
    if expression.name != ("struct",):
        return (expression,)
    return tuple(a.child if isinstance(a, UnresolvedAlias) else a for a in expression.arguments)
