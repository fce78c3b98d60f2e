"""Rounding: ceil, floor, round and bround, of integers, decimals and doubles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

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
    DoubleType,
    FractionalType,
    IntegralType,
    to_arrow,
    to_duckdb,
)

if TYPE_CHECKING:
    import pyarrow as pa

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
    if scale <= 0:
        return f"CAST(round({number}, {scale}) + 0.0 AS {kind})"  # no -0.0
    if scale > 20:
        return number
    # By way of the double's shortest text, which is what Spark rounds.
    exact = f"TRY_CAST(CAST({number} AS VARCHAR) AS DECIMAL(38,{scale}))"
    quick = f"spark_rounded({number}, 1e{scale}), " if isinstance(source, DoubleType) else ""
    return f"coalesce({quick}CAST({exact} AS {kind}), {number})"


def _integer(rounded: str, number: str, call: Call, context: LoweringContext) -> str:
    kind = to_duckdb(call.data_type)
    if not context.ansi:
        return narrow_sql(f"CAST({rounded} AS HUGEINT)", call.data_type)
    error = f"CASE WHEN {number} IS NOT NULL THEN {_overflow('Overflow')} END"
    return f"coalesce(TRY_CAST({rounded} AS {kind}), {error})"


def _half_even(values: pa.Array, *_: pa.Array, scale: int, target: DataType) -> pa.Array:
    import pyarrow as pa

    unit, context = Decimal(1).scaleb(-scale), Context(prec=400)

    def rounded(value: Any) -> Any:
        if value is None or value != value or value in (float("inf"), -float("inf")):
            return value
        exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        answer = exact.quantize(unit, ROUND_HALF_EVEN, context)
        return type(value)(answer)

    answers = [rounded(value) for value in values.to_pylist()]
    if isinstance(target, IntegralType):
        return pa.array([None if a is None else Decimal(a) for a in answers], pa.decimal128(38, 0))
    return pa.array(answers, to_arrow(target))


def _bround(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    scale = _given_scale(call.arguments)
    source, target = call.arguments[0].data_type, call.data_type
    if isinstance(source, IntegralType):
        if scale >= 0:
            return arguments[0]
        wide = Call(call.function, call.arguments, DecimalType(38, 0), True)
        compute = partial(_half_even, scale=scale, target=target)
        rounded = context.kernel(wide, compute, arguments)
        return _integer(rounded, arguments[0], call, context)
    if isinstance(source, FractionalType) and scale > 300:
        return arguments[0]
    kept = (
        max(min(scale, source.scale), scale if scale < 0 else 0)
        if isinstance(source, DecimalType)
        else scale
    )
    return context.kernel(call, partial(_half_even, scale=kept, target=target), arguments)


def _to_whole_entry(name: str, description: str) -> Any:
    shown = name if name == "ceiling" else name.upper()
    return scalar(
        f"{name}(expr: numeric, scale?: int) -> any",
        _to_whole(name.removesuffix("ing")),
        description,
        coerce=_coerce_ceil,
        result=_ceil_type,
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
    ),
    scalar(
        "bround(expr: numeric, scale: int = 0) -> any",
        _bround,
        "The nearest number with so many digits; a half goes to the even digit.",
        coerce=_coerce_round,
        result=_round_type,
    ),
    scalar(
        "rint(expr: double) -> double",
        "round_even({expr}, 0)",
        "The nearest whole number; a half goes to the even one.",
    ),
)
