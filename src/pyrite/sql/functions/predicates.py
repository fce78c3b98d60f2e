"""Predicates: comparison, and or not, null tests."""

from __future__ import annotations

from collections.abc import Sequence

from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import Expression
from pyrite.sql.expressions.function import Function
from pyrite.sql.functions.define import operator, scalar
from pyrite.sql.functions.signature import arrange, call_text
from pyrite.sql.functions.type_coercion import cast_to, common_type
from pyrite.sql.types import sql_name

__all__ = ["FUNCTIONS"]


def _coerce_comparison(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Bring both sides to their common type."""
    left, right = arrange(function, arguments)
    target = common_type(left.data_type, right.data_type, ansi)
    if target is None:
        raise analysis_error(
            "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
            sqlExpr=f'"{call_text(function, (left, right))}"',
            left=f'"{sql_name(left.data_type)}"',
            right=f'"{sql_name(right.data_type)}"',
        )
    return cast_to(left, target, ansi), cast_to(right, target, ansi)


def _comparison(symbol: str, description: str) -> tuple[Function, ...]:
    aliases = {"=": ("==",)}.get(symbol, ())
    return operator(
        f"{symbol}(left: any, right: any) -> boolean",
        symbol,
        f"({{left}} {symbol} {{right}})",
        description,
        coerce=_coerce_comparison,
        aliases=aliases,
    )


FUNCTIONS = (
    _comparison("=", "Whether both are equal; null if one is null."),
    _comparison("<", "Whether the left is less."),
    _comparison("<=", "Whether the left is not greater."),
    _comparison(">", "Whether the left is greater."),
    _comparison(">=", "Whether the left is not less."),
    operator(
        "<=>(left: any, right: any) -> boolean",
        "<=>",
        "({left} IS NOT DISTINCT FROM {right})",
        "Whether both are equal, or both null.",
        coerce=_coerce_comparison,
        nullable=False,
    ),
    operator(
        "and(left: boolean, right: boolean) -> boolean", "AND", "({left} AND {right})", "And."
    ),
    operator("or(left: boolean, right: boolean) -> boolean", "OR", "({left} OR {right})", "Or."),
    scalar(
        "not(expr: boolean) -> boolean",
        "(NOT {expr})",
        "Not.",
        pretty=lambda texts: f"(NOT {texts[0]})",
        aliases=("!",),
    ),
    scalar(
        "isnull(expr: any) -> boolean",
        "({expr} IS NULL)",
        "Whether the value is null.",
        nullable=False,
        pretty=lambda texts: f"({texts[0]} IS NULL)",
    ),
    scalar(
        "isnotnull(expr: any) -> boolean",
        "({expr} IS NOT NULL)",
        "Whether the value is not null.",
        nullable=False,
        pretty=lambda texts: f"({texts[0]} IS NOT NULL)",
    ),
)
