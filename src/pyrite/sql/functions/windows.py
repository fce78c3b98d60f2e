"""Window functions: ranks, and the values of rows before and after."""

from __future__ import annotations

from collections.abc import Sequence

from pyrite.sql.expressions.expression import Call, Expression, Literal
from pyrite.sql.expressions.function import Function, Lowering, LoweringContext
from pyrite.sql.functions.define import window
from pyrite.sql.functions.signature import arrange, coerce
from pyrite.sql.functions.type_coercion import cast_to

__all__ = ["FUNCTIONS"]


def _ignores_nulls(call: Call) -> bool:
    flag = call.arguments[-1]
    return isinstance(flag, Literal) and flag.value is True


def _neighbour(name: str) -> Lowering:
    """Lower lag, lead and nth_value, whose last argument says whether nulls are left out."""

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        given = ", ".join(arguments[:-1])
        nulls = " IGNORE NULLS" if _ignores_nulls(call) else ""
        return f"{name}({given}{nulls}){{over}}"

    return lower


def _coerce_with_default(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Convert the default to the type of the values."""
    value, offset, default, ignore = coerce(function, arrange(function, arguments), ansi)
    return value, offset, cast_to(default, value.data_type, ansi), ignore


def _neighbour_nullable(arguments: Sequence[Expression]) -> bool:
    return arguments[0].nullable or arguments[2].nullable


def _value_pretty(name: str, shown: int) -> object:
    def pretty(texts: Sequence[str]) -> str:
        ignored = name == "nth_value" and texts[-1] == "true"
        ignore = " ignore nulls" if ignored and len(texts) > shown else ""
        return f"{name}({', '.join(texts[:shown])}){ignore}"

    return pretty


FUNCTIONS = (
    window(
        "row_number() -> int",
        "CAST(row_number(){over} AS INTEGER)",
        "The row's place in its partition, from 1.",
        nullable=False,
    ),
    window(
        "rank() -> int",
        "CAST(rank(){over} AS INTEGER)",
        "The row's rank, with gaps after equal rows.",
        nullable=False,
        pretty=lambda texts: "RANK()",
    ),
    window(
        "dense_rank() -> int",
        "CAST(dense_rank(){over} AS INTEGER)",
        "The row's rank, without gaps.",
        nullable=False,
        pretty=lambda texts: "DENSE_RANK()",
    ),
    window(
        "percent_rank() -> double",
        "percent_rank()",
        "The share of the other rows that rank before this one.",
        nullable=False,
        pretty=lambda texts: "PERCENT_RANK()",
    ),
    window(
        "cume_dist() -> double",
        "cume_dist()",
        "The share of rows that do not rank after this one.",
        nullable=False,
    ),
    window(
        "ntile(buckets: int = 1) -> int",
        "CAST(ntile({buckets}){over} AS INTEGER)",
        "The row's bucket when the partition is cut into even ones.",
        nullable=False,
    ),
    window(
        "lag(input: any, offset: int = 1, default: any = null, ignoreNulls: boolean = false)",
        _neighbour("lag"),
        "The value some rows before.",
        coerce=_coerce_with_default,
        result=lambda arguments: arguments[0].data_type,
        nullable=_neighbour_nullable,
        pretty=_value_pretty("lag", 3),
    ),
    window(
        "lead(input: any, offset: int = 1, default: any = null, ignoreNulls: boolean = false)",
        _neighbour("lead"),
        "The value some rows after.",
        coerce=_coerce_with_default,
        result=lambda arguments: arguments[0].data_type,
        nullable=_neighbour_nullable,
        pretty=_value_pretty("lead", 3),
    ),
    window(
        "nth_value(input: any, offset: int, ignoreNulls: boolean = false)",
        _neighbour("nth_value"),
        "The value of the frame's nth row.",
        result=lambda arguments: arguments[0].data_type,
        nullable=True,
        pretty=_value_pretty("nth_value", 2),
    ),
)
