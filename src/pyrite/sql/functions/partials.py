"""Aggregates in parts: how the values of each part's rows are merged into the whole's."""

from __future__ import annotations

from collections.abc import Sequence

from pyrite.sql.expressions.expression import Call, Expression
from pyrite.sql.expressions.function import Function, Lowering, LoweringContext, Partial

__all__ = ["buffer", "by_itself", "by_list", "merged"]


def buffer(function: Function, *arguments: Expression) -> Call:
    """Return the call that makes one value of each part."""
    result = function.result_type(arguments)
    return Call(function, arguments, result, function.nullable(arguments))


def merged(sql: str) -> Lowering:
    """Lower to a template of the buffers: ``{0}``, ``{1}``."""

    def lower(call: Call, buffers: Sequence[str], context: LoweringContext) -> str:
        return sql.format(*buffers)

    return lower


def by_itself(call: Call) -> Partial | None:
    """An aggregate of one argument that is the same aggregate of its parts' results.

    Further arguments must be constants; they are the same for all parts.
    """
    constants = call.arguments[1:]
    if not all(constant.foldable for constant in constants):
        return None

    def merge(_: Call, buffers: Sequence[str], context: LoweringContext) -> str:
        return call.function.lower(call, [*buffers, *map(context.sql, constants)], context)

    return Partial((call,), merge)


def by_list(sql: str) -> Lowering:
    """Lower to a template of ``{all}``: the values in the arrays of all parts."""
    return merged(sql.replace("{all}", "flatten(list({0}) FILTER (WHERE {0} IS NOT NULL))"))
