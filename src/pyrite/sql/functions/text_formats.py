"""Numbers as text by a format, and back."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pyrite.sql.errors import runtime_error
from pyrite.sql.expressions.expression import Call, Expression
from pyrite.sql.expressions.function import Function, LoweringContext
from pyrite.sql.expressions.unresolved import UnresolvedFunction
from pyrite.sql.functions.constants import constant_text
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.kernels.java_format import format_java, format_pattern
from pyrite.sql.functions.kernels.number_formats import format_type, read_number, write_number
from pyrite.sql.functions.kernels.rows import by_row, row_call
from pyrite.sql.functions.raising import raised_text
from pyrite.sql.types import DataType, DateType, DecimalType, TimestampNTZType, TimestampType

__all__ = ["FUNCTIONS"]


def _format_number(value: Any, form: int | str) -> str | None:
    if isinstance(form, str):
        return format_pattern(value, form or "#,###,###,###,###,###,##0")
    if form < 0:
        return None
    return format_pattern(value, "#,##0." + "0" * form if form else "#,##0")


def _format_string(template: str | None, *values: Any) -> str | None:
    return None if template is None else format_java(template, *values)


def _number_type(arguments: Sequence[Expression]) -> DataType:
    pattern = constant_text(arguments[1])
    try:
        return DecimalType(*format_type(pattern or ""))
    except ValueError:
        raise runtime_error(
            "INVALID_FORMAT.UNEXPECTED_TOKEN",
            None,
            format=f"'{pattern}'",
            token=f"'{pattern}'",
            position="0",
        ) from None


def _to_number(forgiving: bool) -> Any:
    def read(text: str, pattern: str) -> Decimal | None:
        number = read_number(text, pattern)
        if number is None and not forgiving:
            raise ValueError(
                raised_text(
                    "INVALID_FORMAT.MISMATCH_INPUT",
                    inputType='"STRING"',
                    input=text,
                    format=pattern,
                )
            )
        return number

    return by_row(read)


def _to_char(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    def write(value: Any, pattern: str) -> str:
        return write_number(Decimal(value), pattern)

    return row_call(call, write, context, arguments)


def _as_date_text(arguments: Sequence[Expression], ansi: bool) -> Expression | None:
    """Dates and times are written by ``date_format``."""
    moments = (DateType, TimestampType, TimestampNTZType)
    if len(arguments) == 2 and isinstance(arguments[0].data_type, moments):
        return UnresolvedFunction(("date_format",), tuple(arguments))
    return None


def _written(name: str) -> tuple[Function, ...]:
    return scalar(
        f"{name}(expr: decimal|integral, format: string) -> string",
        _to_char,
        "A number, or a date, by a format.",
        rewrite=_as_date_text,
    )


FUNCTIONS = (
    scalar(
        "format_number(expr1: numeric, expr2: int|string) -> string",
        by_row(_format_number),
        "A number with commas and so many decimal places, or by a pattern.",
        nullable=True,
    ),
    *(
        scalar(
            f"{name}(strfmt: string, obj...?: any) -> string",
            by_row(_format_string, nulls=True),
            "The values in the places of a format string.",
            nullable=True,
        )
        for name in ("format_string", "printf")
    ),
    *(
        scalar(
            f"{name}(expr: string, fmt: string) -> any",
            _to_number(forgiving=name.startswith("try")),
            "The number that a text writes by a format.",
            result=_number_type,
            nullable=True,
        )
        for name in ("to_number", "try_to_number")
    ),
    _written("to_char"),
    _written("to_varchar"),
)
