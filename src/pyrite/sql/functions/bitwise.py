"""Bits: & | ^ ~, shifts, counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import Call, Expression
from pyrite.sql.expressions.function import Function, LoweringContext
from pyrite.sql.functions.arithmetic import narrow_sql
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.raising import raise_sql
from pyrite.sql.functions.signature import arrange, call_text, coerce_null, mismatch
from pyrite.sql.functions.type_coercion import cast_to, common_type
from pyrite.sql.types import (
    BooleanType,
    ByteType,
    DataType,
    IntegerType,
    IntegralType,
    LongType,
    ShortType,
    sql_name,
    to_duckdb,
)

__all__ = ["FUNCTIONS"]

_BITS: dict[type[DataType], int] = {
    BooleanType: 1,
    ByteType: 8,
    ShortType: 16,
    IntegerType: 32,
    LongType: 64,
}


def _bits(symbol: str, sql: str, description: str) -> tuple[Function, ...]:
    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        written = sql.format(*arguments)
        return f"CAST({written} AS {to_duckdb(call.data_type)})"

    return scalar(
        f"{symbol}(left: T, right: T) -> T",
        lower,
        description,
        coerce=_coerce_bits,
        result=lambda arguments: arguments[0].data_type,
        pretty=lambda texts: f"({texts[0]} {symbol} {texts[1]})",
    )


def _shift(
    name: str, symbol: str, description: str, write: Callable[..., str]
) -> tuple[Function, ...]:
    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        bits = _BITS[type(call.data_type)]
        # As in Java, only the low bits of the distance count.
        distance = f"({arguments[1]} & {bits - 1})"
        return write(arguments[0], distance, call.data_type, bits)

    entry = scalar(
        f"{name}(base: int|bigint, expr: int) -> any",
        lower,
        description,
        result=lambda arguments: arguments[0].data_type,
    )
    shown = scalar(
        f"{symbol}(base: int|bigint, expr: int) -> any",
        lower,
        description,
        result=lambda arguments: arguments[0].data_type,
        pretty=lambda texts: f"({texts[0]} {symbol} {texts[1]})",
    )
    return entry + shown


def _left(value: str, distance: str, data_type: DataType, bits: int) -> str:
    # DuckDB raises when bits are lost on the left; multiplying 128 bits loses none.
    low = f"(CAST({value} AS HUGEINT) & {2**bits - 1}::HUGEINT)"
    power = f"CAST(pow(2::DOUBLE, {distance}) AS HUGEINT)"
    kept = f"CAST(({low} % ({2**bits}::HUGEINT // {power})) * {power} AS HUGEINT)"
    return narrow_sql(kept, data_type)


def _right(value: str, distance: str, data_type: DataType, bits: int) -> str:
    return f"CAST({value} >> {distance} AS {to_duckdb(data_type)})"


def _unsigned_right(value: str, distance: str, data_type: DataType, bits: int) -> str:
    low = f"(CAST({value} AS HUGEINT) & {2**bits - 1}::HUGEINT)"
    return narrow_sql(f"({low} // CAST(pow(2::DOUBLE, {distance}) AS HUGEINT))", data_type)


def _bit_count(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    # Java widens to long first, so a negative number has all the bits on its left.
    return f"CAST(bit_count(CAST({arguments[0]} AS BIGINT)) AS INTEGER)"


def _bit_get(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    value, position = arguments
    bits = _BITS[type(call.arguments[0].data_type)]
    error = raise_sql(
        "INVALID_PARAMETER_VALUE.BIT_POSITION_RANGE",
        parameter="'`pos`'",
        functionName="'`bit_get`'",
        upper=f"'{bits}'",
        invalidValue=f"CAST({position} AS VARCHAR)",
    )
    got = f"CAST((CAST({value} AS BIGINT) >> {position}) & 1 AS TINYINT)"
    return f"(CASE WHEN {position} < 0 OR {position} >= {bits} THEN {error} ELSE {got} END)"


def _coerce_bits(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    left, right = arrange(function, arguments)
    target = common_type(left.data_type, right.data_type, ansi)
    if target is None:
        raise analysis_error(
            "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
            sqlExpr=f'"{call_text(function, (left, right))}"',
            left=f'"{sql_name(left.data_type)}"',
            right=f'"{sql_name(right.data_type)}"',
        )
    if not isinstance(target, IntegralType):
        raise mismatch(function, (left, right), 0, "INTEGRAL")
    return cast_to(left, target, ansi), cast_to(right, target, ansi)


FUNCTIONS = (
    _bits("&", "({0} & {1})", "The bits that both have."),
    _bits("|", "({0} | {1})", "The bits that one has."),
    _bits("^", "xor({0}, {1})", "The bits that only one has."),
    scalar(
        "~(expr: integral) -> any",
        "(~{expr})",
        "The bits it does not have.",
        coerce=coerce_null,
        result=lambda arguments: arguments[0].data_type,
        pretty=lambda texts: f"~{texts[0]}",
    ),
    _shift("shiftleft", "<<", "The bits moved to the left.", _left),
    _shift("shiftright", ">>", "The bits moved to the right; the sign stays.", _right),
    _shift(
        "shiftrightunsigned", ">>>", "The bits moved to the right, zeros after.", _unsigned_right
    ),
    scalar(
        "bit_count(expr: integral|boolean) -> int",
        _bit_count,
        "How many bits are set.",
        coerce=coerce_null,
    ),
    scalar(
        "bit_get(expr: integral, pos: int) -> tinyint",
        _bit_get,
        "The bit at a position, from the right.",
        aliases=("getbit",),
    ),
)
