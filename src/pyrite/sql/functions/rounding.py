"""Rounding: ceil, floor, round and bround, of integers, decimals and doubles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import Call, Expression
from pyrite.sql.expressions.function import Function, LoweringContext
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.functions import signature as signatures
from pyrite.sql.functions.arithmetic import narrow_sql
from pyrite.sql.functions.constants import constant_integer
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.raising import raise_sql
from pyrite.sql.functions.signature import call_text
from pyrite.sql.functions.type_coercion import cast_to, decimal_for
from pyrite.sql.types import (
    LONG,
    DataType,
    DecimalType,
    IntegralType,
    to_duckdb,
)

__all__ = ["FUNCTIONS"]

_ANSI = "'\"spark.sql.ansi.enabled\"'"


def _overflow(message: str) -> str:
    return raise_sql("ARITHMETIC_OVERFLOW", message=f"'{message}'", alternative="''", config=_ANSI)


def _scale(function: Function, arguments: Sequence[Expression]) -> int:
    """Return the constant number of digits to keep.

    Raises:
        SparkError: DATATYPE_MISMATCH.NON_FOLDABLE_INPUT if it is not constant.
    """
    if len(arguments) < 2:
        return 0
    scale = constant_integer(arguments[1])
    if scale is None:
        raise analysis_error(
            "DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
            sqlExpr=f'"{call_text(function, arguments)}"',
            inputName="`scale`",
            inputType='"INT"',
            inputExpr=f'"{pretty(arguments[1])}"',
        )
    return scale


def _coerce_round(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    coerced = signatures.coerce(function, arguments, ansi)
    _scale(function, coerced)
    return coerced


def _coerce_ceil(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """With a scale, the number becomes a decimal; without, an integer a bigint."""
    coerced = _coerce_round(function, arguments, ansi)
    number = coerced[0]
    if len(coerced) == 2:
        return cast_to(number, decimal_for(number.data_type), ansi), coerced[1]
    if isinstance(number.data_type, IntegralType):
        return (cast_to(number, LONG, ansi),)
    return coerced


def _rounded_decimal(data_type: DecimalType, scale: int) -> DecimalType:
    digits = data_type.precision - data_type.scale + 1
    if scale < 0:
        return DecimalType(min(max(digits, -scale + 1), 38), 0)
    kept = min(data_type.scale, scale)
    return DecimalType(min(digits + kept, 38), kept)


def _given_scale(arguments: Sequence[Expression]) -> int:
    return (constant_integer(arguments[1]) or 0) if len(arguments) > 1 else 0


def _round_type(arguments: Sequence[Expression]) -> DataType:
    data_type = arguments[0].data_type
    if isinstance(data_type, DecimalType):
        return _rounded_decimal(data_type, _given_scale(arguments))
    return data_type


def _ceil_type(arguments: Sequence[Expression]) -> DataType:
    data_type = arguments[0].data_type
    if isinstance(data_type, DecimalType):
        if len(arguments) == 1 and data_type.scale == 0:
            return data_type
        return _rounded_decimal(data_type, _given_scale(arguments))
    return LONG


def _power(exponent: int) -> str:
    """Return a power of ten as a decimal with no digit to spare."""
    if exponent >= 0:
        return f"CAST('1{'0' * exponent}' AS DECIMAL({exponent + 1},0))"
    return f"CAST('0.{'0' * (-exponent - 1)}1' AS DECIMAL({-exponent},{-exponent}))"


def _to_whole(name: str) -> Callable[..., str]:
    """Lower ceil or floor."""

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        number = arguments[0]
        source = call.arguments[0].data_type
        kind = to_duckdb(call.data_type)
        if isinstance(source, IntegralType):
            return number
        if isinstance(source, DecimalType):
            scale = _given_scale(call.arguments)
            if scale >= source.scale:
                return f"CAST({number} AS {kind})"
            if scale == 0:
                return f"CAST({name}({number}) AS {kind})"
            moved = f"CAST({number} AS DECIMAL(38,{source.scale})) * {_power(scale)}"
            return f"CAST(CAST({name}({moved}) AS DECIMAL(38,0)) * {_power(-scale)} AS {kind})"
        whole = f"{name}({number})"
        if context.ansi:
            fits = f"abs({number}) < 9223372036854775808::DOUBLE"
            return (
                f"(CASE WHEN {fits} THEN CAST({whole} AS BIGINT) WHEN isnan({number}) THEN 0 "
                f"WHEN {number} IS NOT NULL THEN {_overflow('overflow')} END)"
            )
        return (
            f"(CASE WHEN isnan({number}) THEN 0 "
            f"WHEN {number} >= 9223372036854775807 THEN 9223372036854775807 "
            f"WHEN {number} <= -9223372036854775807 THEN -9223372036854775807 - 1 "
            f"ELSE CAST({whole} AS BIGINT) END)"
        )

    return lower


def _round(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    number = arguments[0]
    source = call.arguments[0].data_type
    scale = _given_scale(call.arguments)
    kind = to_duckdb(call.data_type)
    if isinstance(source, DecimalType):
        if scale >= 0:
            return f"CAST({number} AS {kind})"
        wide = f"CAST({number} AS DECIMAL(38,{source.scale}))"
        moved = f"CAST({wide} * {_power(scale)} AS DECIMAL(38,0))"
        return f"CAST({moved} * {_power(-scale)} AS {kind})"
    if isinstance(source, IntegralType):
        if scale >= 0:
            return number
        return _integer(f"round(CAST({number} AS DECIMAL(38,0)), {scale})", number, call, context)
    return _double(number, scale, "spark_half_up", kind)


#: The most digits of DuckDB's integers and decimals, and the most after the point that a
#: double's shortest text may have with a whole part beyond 1e17.
_DIGITS = 38
_PLACES, _WHOLE = 20, "1e17"
_FAST_PLACES = 17


def _units(number: str, exponent: int, macro: str) -> str:
    """Return the SQL of an integer in units of a power of ten, rounded as a macro does."""
    return f"{macro}({number}, {_whole(exponent)})" if exponent <= _DIGITS else f"0 * {number}"


def _whole(exponent: int) -> str:
    return f"CAST('1{'0' * exponent}' AS HUGEINT)"


def _double(number: str, scale: int, macro: str, kind: str) -> str:
    """Return the SQL of a rounded double or float.

    Far from a half it is the product with a power of ten that is rounded; else the number's
    shortest text, which is what Spark rounds. A double with digits to spare stays as it is.

    Args:
        number: Its SQL.
        scale: The digits to keep after the point; negative before it.
        macro: The macro that rounds a number of units.
        kind: DuckDB's type.
    """
    number = f"CAST({number} AS DOUBLE)"
    text = f"CAST({number} AS VARCHAR)"

    def decimal(places: int, shown: str = text) -> str:
        wide = f"TRY_CAST({shown} AS DECIMAL({_DIGITS},{places}))"
        # From text, DuckDB makes decimals of 64 bits twenty times faster.
        return (
            f"coalesce(TRY_CAST({shown} AS DECIMAL(18,{places})), {wide})" if places < 18 else wide
        )

    if scale >= _DIGITS:
        return f"CAST({number} AS {kind})"
    if scale >= 0:
        quick = f"spark_rounded({number}, 1e{scale})"
        if macro == "spark_half_even":
            text = _without_ties(text, scale)
        slow = f"CAST(CAST({decimal(scale, text)} AS VARCHAR) AS DOUBLE)"
    else:
        quick = f"spark_rounded_to({number}, 1e{-scale})" if scale >= -22 else "NULL"
        small = _units(f"spark_unscaled({decimal(_PLACES)})", _PLACES - scale, macro)
        large = _units(f"spark_unscaled({decimal(0)})", -scale, macro)
        units = f"CASE WHEN abs({number}) < {_WHOLE} THEN {small} ELSE {large} END"
        slow = f"CAST({units} || 'e{-scale}' AS DOUBLE)"
    # A CASE keeps DuckDB from computing parts of the slow way ahead for all rows.
    slow = f"CASE WHEN isfinite({number}) THEN {slow} END"
    return f"CAST(coalesce({quick}, {slow}, {number}) + 0.0 AS {kind})"  # no -0.0


def _without_ties(text: str, scale: int) -> str:
    """Return the SQL of a double's text in which a last five after an even digit is a four.

    So what is rounded away from zero goes to the even digit.
    """
    kept = rf"\.\d{{{scale - 1}}}[02468]" if scale else r"\d*[02468]\."
    ties = (
        (rf"^(-?\d*{kept})5$", r"\14"),
        (rf"^(-?[02468]\.)5(e-0?{scale})$", r"\14\2"),
        (rf"^(-?)5(e-0?{scale + 1})$", r"\14\2"),
    )
    for tie, instead in ties[: 3 if scale > 3 else 1]:
        text = f"regexp_replace({text}, '{tie}', '{instead}')"
    return text


def _integer(rounded: str, number: str, call: Call, context: LoweringContext) -> str:
    kind = to_duckdb(call.data_type)
    if not context.ansi:
        return narrow_sql(f"CAST({rounded} AS HUGEINT)", call.data_type)
    error = f"CASE WHEN {number} IS NOT NULL THEN {_overflow('Overflow')} END"
    return f"coalesce(TRY_CAST({rounded} AS {kind}), {error})"


def _bround(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    number, scale, kind = arguments[0], _given_scale(call.arguments), to_duckdb(call.data_type)
    source = call.arguments[0].data_type
    if isinstance(source, IntegralType):
        if scale >= 0:
            return number
        units = _units(f"CAST({number} AS HUGEINT)", -scale, "spark_half_even")
        return _integer(f"({units}) * {_whole(min(-scale, _DIGITS))}", number, call, context)
    if isinstance(source, DecimalType):
        if scale >= source.scale:
            return f"CAST({number} AS {kind})"
        units = _units(f"spark_unscaled({number})", source.scale - scale, "spark_half_even")
        return f"CAST(CAST({units} AS DECIMAL(38,0)) * {_power(-scale)} AS {kind})"
    return _double(number, scale, "spark_half_even", kind)


def _to_whole_entry(name: str, description: str) -> Any:
    shown = name if name == "ceiling" else name.upper()
    return scalar(
        f"{name}(expr: numeric, scale?: int) -> any",
        _to_whole(name.removesuffix("ing")),
        description,
        coerce=_coerce_ceil,
        result=_ceil_type,
        nullable=True,
        pretty=lambda texts: f"{shown if len(texts) == 1 else name}({', '.join(texts)})",
    )


FUNCTIONS = (
    *(
        _to_whole_entry(name, "The least number that is not less and has no more digits.")
        for name in ("ceil", "ceiling")
    ),
    _to_whole_entry("floor", "The greatest number that is not greater and has no more digits."),
    scalar(
        "round(expr: numeric, scale: int = 0) -> any",
        _round,
        "The nearest number with so many digits; a half goes away from zero.",
        coerce=_coerce_round,
        result=_round_type,
        nullable=True,
    ),
    scalar(
        "bround(expr: numeric, scale: int = 0) -> any",
        _bround,
        "The nearest number with so many digits; a half goes to the even digit.",
        coerce=_coerce_round,
        result=_round_type,
        nullable=True,
    ),
    scalar(
        "rint(expr: double) -> double",
        "round_even({expr}, 0)",
        "The nearest whole number; a half goes to the even one.",
        nullable=True,
    ),
)
