"""Numbers as text by a format, and back."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pyrite.sql.errors import analysis_error, runtime_error
from pyrite.sql.expressions.expression import Call, Expression
from pyrite.sql.expressions.function import Function, LoweringContext
from pyrite.sql.expressions.unresolved import UnresolvedFunction
from pyrite.sql.functions.constants import constant_integer, constant_text
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.kernels.java_format import format_java, format_pattern
from pyrite.sql.functions.kernels.number_formats import format_type, read_number, write_number
from pyrite.sql.functions.kernels.rows import by_row, row_call
from pyrite.sql.functions.raising import raised_text
from pyrite.sql.functions.signature import arrange, coerce
from pyrite.sql.functions.type_coercion import cast_to
from pyrite.sql.types import (
    BinaryType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegralType,
    TimestampNTZType,
    TimestampType,
)

__all__ = ["FUNCTIONS"]


def _formatted(value: Any, form: int | str) -> str | None:
    if isinstance(form, str):
        return format_pattern(value, form or "#,###,###,###,###,###,##0")
    if form < 0:
        return None
    return format_pattern(value, "#,##0." + "0" * form if form else "#,##0")


def _format_number(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    number, places = arguments[0], constant_integer(call.arguments[1])
    slow = row_call(call, _formatted, context, arguments)
    if places is None or places < 0:
        return slow
    if isinstance(call.arguments[0].data_type, IntegralType):
        point = "." * (places > 0) + "0" * places
        return f"format('{{:,}}{point}', {number})"
    if not isinstance(call.arguments[0].data_type, (FloatType, DoubleType)) or places > 6:
        return slow
    # While a double's digits are enough, Java and C round them alike.
    return (
        f"(CASE WHEN abs({number}) < 1e9 THEN format('{{:,.{places}f}}', CAST({number} AS DOUBLE)) "
        f"ELSE {slow} END)"
    )


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


#: What writes binaries, by the format.
_BINARY_FORMATS = {"base64": "base64", "hex": "hex", "utf-8": "decode"}


def _written(name: str) -> tuple[Function, ...]:
    def by_another(arguments: Sequence[Expression], ansi: bool) -> Expression | None:
        """Return the call that writes a time or bytes, None for numbers."""
        if len(arguments) != 2:
            return None
        value, form = arguments
        match value.data_type:
            case DateType() | TimestampType() | TimestampNTZType():
                return UnresolvedFunction(("date_format",), (value, form))
            case BinaryType():
                text = constant_text(form)
                found = _BINARY_FORMATS.get((text or "").lower())
                if found is None:
                    raise analysis_error(
                        "INVALID_PARAMETER_VALUE.BINARY_FORMAT",
                        functionName=f"`{name}`",
                        parameter="`format`",
                        invalidFormat=f"'{text}'",
                    )
                return UnresolvedFunction((found,), (value, form)[: 1 + (found == "decode")])
            case _:
                return None

    return scalar(
        f"{name}(expr: decimal|integral, format: string) -> string",
        _to_char,
        "A number, a date or bytes, by a format.",
        coerce=_coerce_number,
        rewrite=by_another,
    )


def _coerce_number(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Take floating point numbers as the decimals that hold most of them."""
    decimals: dict[type[DataType], DecimalType] = {
        DoubleType: DecimalType(30, 15),
        FloatType: DecimalType(14, 7),
    }
    given = arrange(function, arguments)
    target = decimals.get(type(given[0].data_type))
    if target is not None:
        given = (cast_to(given[0], target, ansi), *given[1:])
    return coerce(function, given, ansi)


FUNCTIONS = (
    scalar(
        "format_number(expr1: numeric, expr2: int|string) -> string",
        _format_number,
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
