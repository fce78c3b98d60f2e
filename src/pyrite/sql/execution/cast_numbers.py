"""Casts between text, numbers, booleans and binary."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from pyrite.sql.execution.cast_rules import (
    ANSI_CONFIG,
    CastRule,
    checked,
    from_python,
    invalid_input,
)
from pyrite.sql.expressions.expression import CastMode
from pyrite.sql.expressions.function import LoweringContext
from pyrite.sql.functions.kernels.mapping import map_distinct
from pyrite.sql.functions.raising import raise_sql
from pyrite.sql.types import (
    STRING,
    ByteType,
    DataType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    IntegralType,
    LongType,
    ShortType,
    to_duckdb,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["NUMBER_RULES"]

_BITS: dict[type[DataType], int] = {ByteType: 8, ShortType: 16, IntegerType: 32, LongType: 64}


def _plain(sql: str, source: DataType, target: DataType, mode: CastMode, _: LoweringContext) -> str:
    return f"CAST({sql} AS {to_duckdb(target)})"


def _string_to_integral(
    sql: str, source: DataType, target: IntegralType, mode: CastMode, context: LoweringContext
) -> str:
    digits = "spark_lenient_integer" if mode is CastMode.LEGACY else "spark_integer"
    attempt = f"TRY_CAST({digits}({sql}) AS {to_duckdb(target)})"
    return checked(sql, attempt, invalid_input(_in_quotes(sql), source, target), mode)


def _in_quotes(sql: str) -> str:
    return f"concat('''', {sql}, '''')"


def _string_to_fractional(
    sql: str, source: DataType, target: DataType, mode: CastMode, context: LoweringContext
) -> str:
    attempt = f"{'spark_float' if isinstance(target, FloatType) else 'spark_double'}({sql})"
    return checked(sql, attempt, invalid_input(_in_quotes(sql), source, target), mode)


def _out_of_range(text_sql: str, target: DecimalType) -> str:
    return raise_sql(
        "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION",
        value=text_sql,
        precision=f"'{target.precision}'",
        scale=f"'{target.scale}'",
        config=ANSI_CONFIG,
    )


def _string_to_decimal(
    sql: str, source: DataType, target: DecimalType, mode: CastMode, context: LoweringContext
) -> str:
    attempt = f"TRY_CAST(spark_number({sql}) AS {to_duckdb(target)})"
    malformed = invalid_input(_in_quotes(sql), source, target)
    too_long = raise_sql("NUMERIC_OUT_OF_SUPPORTED_RANGE", value=sql)
    error = (
        f"CASE WHEN spark_number({sql}) IS NULL THEN {malformed} "
        f"WHEN abs(TRY_CAST(spark_number({sql}) AS DOUBLE)) >= 1e38 THEN {too_long} "
        f"ELSE {_out_of_range(sql, target)} END"
    )
    return checked(sql, attempt, error, mode)


def _string_to_boolean(
    sql: str, source: DataType, target: DataType, mode: CastMode, context: LoweringContext
) -> str:
    error = invalid_input(_in_quotes(sql), source, target)
    return checked(sql, f"spark_boolean({sql})", error, mode)


def narrowed(sql: str, target: IntegralType) -> str:
    """Return the low bits of an integer as an integral type, as Java narrows."""
    bits = _BITS[type(target)]
    if bits == 64:
        return f"CAST(spark_wrap({sql}, 9223372036854775808::HUGEINT) AS BIGINT)"
    return f"CAST(spark_wrap({sql}, {2 ** (bits - 1)}::BIGINT) AS {to_duckdb(target)})"


def _integral_to_integral(
    sql: str, source: IntegralType, target: IntegralType, mode: CastMode, _: LoweringContext
) -> str:
    widens = _BITS[type(source)] <= _BITS[type(target)]
    if widens or mode is CastMode.ANSI:
        return f"CAST({sql} AS {to_duckdb(target)})"  # DuckDB raises, which reads as CAST_OVERFLOW
    if mode is CastMode.TRY:
        return f"TRY_CAST({sql} AS {to_duckdb(target)})"
    return narrowed(f"CAST({sql} AS BIGINT)", target)


def _fractional_to_integral(
    sql: str, source: DataType, target: IntegralType, mode: CastMode, _: LoweringContext
) -> str:
    if mode is not CastMode.LEGACY:
        word = "CAST" if mode is CastMode.ANSI else "TRY_CAST"
        whole = f"{word}(trunc({sql}) AS {to_duckdb(target)})"
        if not isinstance(target, LongType):
            return whole
        # As a double, the greatest long is one more than it is.
        greatest = f"{sql} = 9223372036854775808::DOUBLE"
        return f"(CASE WHEN {greatest} THEN 9223372036854775807 ELSE {whole} END)"
    # Java saturates at the bounds of int or long, and narrows an int further.
    wide = "BIGINT" if isinstance(target, LongType) else "INTEGER"
    bits = 64 if isinstance(target, LongType) else 32
    saturated = (
        f"CASE WHEN isnan({sql}) THEN 0 WHEN {sql} >= {2 ** (bits - 1)} THEN {2 ** (bits - 1) - 1} "
        f"WHEN {sql} <= -{2 ** (bits - 1)} THEN {-(2 ** (bits - 1))} "
        f"ELSE CAST(trunc({sql}) AS {wide}) END"
    )
    if isinstance(target, (IntegerType, LongType)):
        return f"CAST({saturated} AS {wide})"
    return narrowed(f"CAST({saturated} AS BIGINT)", target)


def _decimal_to_integral(
    sql: str, source: DecimalType, target: IntegralType, mode: CastMode, _: LoweringContext
) -> str:
    whole = f"trunc({sql})" if source.scale else sql
    if mode is CastMode.LEGACY:
        return narrowed(f"CAST({whole} AS HUGEINT)", target)
    return f"{'CAST' if mode is CastMode.ANSI else 'TRY_CAST'}({whole} AS {to_duckdb(target)})"


def _to_decimal(
    sql: str, source: DataType, target: DecimalType, mode: CastMode, _: LoweringContext
) -> str:
    word = "CAST" if mode is CastMode.ANSI else "TRY_CAST"
    return f"{word}({sql} AS {to_duckdb(target)})"


def _fractional_to_decimal(
    sql: str, source: DataType, target: DecimalType, mode: CastMode, _: LoweringContext
) -> str:
    # By way of its text, since it is the shortest text of the double that Spark rounds.
    text = f"CAST(CAST({sql} AS DOUBLE) AS VARCHAR)"
    attempt = f"TRY_CAST({text} AS {to_duckdb(target)})"
    if isinstance(source, DoubleType) and target.scale <= 15:
        quick = f"spark_rounded({sql}, 1e{target.scale})"
        attempt = f"coalesce(TRY_CAST({quick} AS {to_duckdb(target)}), {attempt})"
    shown = rf"regexp_replace({text}, '\.0$', '')"
    return checked(
        f"CASE WHEN isfinite({sql}) THEN {sql} END", attempt, _out_of_range(shown, target), mode
    )


def _decimal_to_fractional(
    sql: str, source: DecimalType, target: DataType, mode: CastMode, _: LoweringContext
) -> str:
    if source.precision <= 15:
        return f"CAST({sql} AS {to_duckdb(target)})"
    return f"CAST(CAST({sql} AS VARCHAR) AS {to_duckdb(target)})"  # DuckDB's own is inexact


def _fractional_to_fractional(
    sql: str, source: DataType, target: DataType, mode: CastMode, _: LoweringContext
) -> str:
    if not isinstance(target, FloatType):
        return f"CAST({sql} AS DOUBLE)"
    return (
        f"coalesce(TRY_CAST({sql} AS FLOAT), "
        f"CASE WHEN {sql} > 0 THEN 'inf'::FLOAT WHEN {sql} < 0 THEN '-inf'::FLOAT END)"
    )


def _number_to_boolean(
    sql: str, source: DataType, target: DataType, mode: CastMode, _: LoweringContext
) -> str:
    return f"({sql} <> 0)"


def _fractional_to_string(
    sql: str, source: DataType, target: DataType, mode: CastMode, _: LoweringContext
) -> str:
    return f"spark_float_text({sql})"


def _java_decimal_texts(values: pa.Array) -> pa.Array:
    """Write decimals as Java's toString does, with an exponent for the very small."""
    import pyarrow as pa

    return map_distinct(values, lambda text: str(Decimal(text)), pa.string())


def _decimal_to_string(
    sql: str, source: DecimalType, target: DataType, mode: CastMode, context: LoweringContext
) -> str:
    text = f"CAST({sql} AS VARCHAR)"
    if source.precision == source.scale:  # DuckDB leaves the zero before the point out
        text = rf"regexp_replace({text}, '^(-?)\.', '\10.')"
    if mode is CastMode.LEGACY and source.scale > 6:
        small = from_python(text, STRING, STRING, "java_decimal_text", _java_decimal_texts, context)
        return f"CASE WHEN abs({sql}) >= 0.000001 THEN {text} ELSE {small} END"
    return text


def _integral_to_binary(
    sql: str, source: IntegralType, target: DataType, mode: CastMode, _: LoweringContext
) -> str:
    digits = _BITS[type(source)] // 4
    bits = narrowed_unsigned(sql, _BITS[type(source)])
    return f"unhex(lpad(to_hex({bits}), {digits}, '0'))"


def narrowed_unsigned(sql: str, bits: int) -> str:
    """Return an integer's two's complement as an unsigned number."""
    return f"CAST(CAST({sql} AS HUGEINT) & {2**bits - 1}::HUGEINT AS UBIGINT)"


def _string_to_binary(
    sql: str, source: DataType, target: DataType, mode: CastMode, _: LoweringContext
) -> str:
    return f"encode({sql})"


def _binary_to_string(
    sql: str, source: DataType, target: DataType, mode: CastMode, _: LoweringContext
) -> str:
    return f"decode({sql}, 'replace')"


NUMBER_RULES: dict[tuple[str, str], CastRule] = {
    ("string", "string"): lambda sql, *_: sql,
    ("string", "integral"): _string_to_integral,
    ("string", "fractional"): _string_to_fractional,
    ("string", "decimal"): _string_to_decimal,
    ("string", "boolean"): _string_to_boolean,
    ("string", "binary"): _string_to_binary,
    ("binary", "string"): _binary_to_string,
    ("boolean", "integral"): _plain,
    ("boolean", "fractional"): _plain,
    ("boolean", "decimal"): _to_decimal,
    ("boolean", "string"): _plain,
    ("integral", "boolean"): _number_to_boolean,
    ("integral", "integral"): _integral_to_integral,
    ("integral", "fractional"): _plain,
    ("integral", "decimal"): _to_decimal,
    ("integral", "string"): _plain,
    ("integral", "binary"): _integral_to_binary,
    ("decimal", "boolean"): _number_to_boolean,
    ("decimal", "integral"): _decimal_to_integral,
    ("decimal", "fractional"): _decimal_to_fractional,
    ("decimal", "decimal"): _to_decimal,
    ("decimal", "string"): _decimal_to_string,
    ("fractional", "boolean"): _number_to_boolean,
    ("fractional", "integral"): _fractional_to_integral,
    ("fractional", "fractional"): _fractional_to_fractional,
    ("fractional", "decimal"): _fractional_to_decimal,
    ("fractional", "string"): _fractional_to_string,
}
