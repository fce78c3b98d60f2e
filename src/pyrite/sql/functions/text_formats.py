"""Numbers as text by a format, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyrite.sql.duckdb_text import quote
from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import Call, Expression
from pyrite.sql.expressions.function import Function, Lowering, LoweringContext
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.expressions.unresolved import UnresolvedFunction
from pyrite.sql.functions.constants import constant_integer, constant_text
from pyrite.sql.functions.decimal_patterns import of_places, parse_pattern
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.format_strings import format_sql
from pyrite.sql.functions.kernels.java_format import format_java, format_pattern
from pyrite.sql.functions.kernels.rows import row_call
from pyrite.sql.functions.number_formats import parse_format
from pyrite.sql.functions.raising import raise_sql
from pyrite.sql.functions.signature import arrange, call_text, coerce
from pyrite.sql.functions.type_coercion import cast_to
from pyrite.sql.types import (
    BinaryType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
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
    """Lower to SQL; percents, and forms that are no constants, are written row by row."""
    places, text = constant_integer(call.arguments[1]), constant_text(call.arguments[1])
    if text is not None:
        pattern = parse_pattern(text)
    else:
        pattern = of_places(places) if places is not None and places >= 0 else None
    number, data_type = arguments[0], call.arguments[0].data_type
    written = None if pattern is None else pattern.write(number, data_type)
    return written or row_call(call, _formatted, context, arguments)


def _format_string(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    """Lower to a concatenation; a format that is no constant is filled row by row."""
    template = constant_text(call.arguments[0])
    if template is None:
        return row_call(call, _filled, context, arguments, nulls=True)
    return format_sql(template, call, arguments, context)


def _filled(template: str | None, *values: Any) -> str | None:
    return None if template is None else format_java(template, *values)


def _number_type(arguments: Sequence[Expression]) -> DataType:
    form = parse_format(constant_text(arguments[1]) or "")
    return DecimalType(form.whole_digits + form.scale, form.scale)


def _coerce_to_number(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    given = coerce(function, arguments, ansi)
    _check_constant(function, given)
    return given


def _check_constant(function: Function, given: Sequence[Expression]) -> None:
    if constant_text(given[1]) is None:
        raise analysis_error(
            "DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
            sqlExpr=f'"{call_text(function, given)}"',
            inputName="`format`",
            inputType='"STRING"',
            inputExpr=f'"{pretty(given[1])}"',
        )


def _to_number(forgiving: bool) -> Lowering:
    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        form = parse_format(constant_text(call.arguments[1]) or "")
        text, read = arguments[0], form.read(arguments[0])
        if forgiving:
            return f"({read})"
        error = raise_sql(
            "INVALID_FORMAT.MISMATCH_INPUT",
            inputType="'\"STRING\"'",
            input=text,
            format=quote(form.text),
        )
        return f"coalesce({read}, CASE WHEN {text} IS NOT NULL THEN {error} END)"

    return lower


def _to_char(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    source = call.arguments[0].data_type
    scale = source.scale if isinstance(source, DecimalType) else 0
    number = arguments[0] if scale else f"CAST({arguments[0]} AS DECIMAL(38,0))"
    return parse_format(constant_text(call.arguments[1]) or "").write(number, scale)


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
    coerced = coerce(function, given, ansi)
    _check_constant(function, coerced)
    parse_format(constant_text(coerced[1]) or "")
    return coerced


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
            _format_string,
            "The values in the places of a format string.",
            nullable=lambda arguments: arguments[0].nullable,
        )
        for name in ("format_string", "printf")
    ),
    *(
        scalar(
            f"{name}(expr: string, fmt: string) -> any",
            _to_number(forgiving=name.startswith("try")),
            "The number that a text writes by a format.",
            coerce=_coerce_to_number,
            result=_number_type,
            nullable=True,
        )
        for name in ("to_number", "try_to_number")
    ),
    _written("to_char"),
    _written("to_varchar"),
)
