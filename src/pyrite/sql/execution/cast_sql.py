"""cast_sql: the DuckDB SQL of every Spark cast.

A rule for each pair of kinds (``functions.casts.kind_of``) writes the SQL; nested types cast
their parts. Text and numbers are in ``cast_numbers``, dates and intervals in ``cast_datetimes``,
variants in ``cast_variants``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyrite.sql.errors import unsupported
from pyrite.sql.execution.cast_datetimes import DATETIME_RULES
from pyrite.sql.execution.cast_numbers import NUMBER_RULES
from pyrite.sql.execution.cast_rules import CastRule
from pyrite.sql.execution.cast_variants import VARIANT_RULES
from pyrite.sql.expressions.expression import CastMode
from pyrite.sql.expressions.function import LoweringContext
from pyrite.sql.functions.casts import kind_of
from pyrite.sql.types import (
    STRING,
    ArrayType,
    DataType,
    MapType,
    StructType,
    UserDefinedType,
    duckdb_names,
    sql_name,
    to_duckdb,
)

__all__ = ["cast_sql"]

_RULES: dict[tuple[str, str], CastRule] = {
    **NUMBER_RULES,
    **DATETIME_RULES,
    **VARIANT_RULES,
}


def cast_sql(
    sql: str, source: DataType, target: DataType, mode: CastMode, context: LoweringContext
) -> str:
    """Return SQL that converts a value as Spark's CAST does.

    Args:
        sql: The value.
        source: Its type.
        target: The type wanted.
        mode: Whether bad values raise, wrap or become null as Spark's older casts, or become null.
        context: The session's settings.

    Example:
        >>> from pyrite.sql.types import DOUBLE, INTEGER
        >>> cast_sql("c1", INTEGER, DOUBLE, CastMode.ANSI, None)  # doctest: +SKIP
        'CAST(c1 AS DOUBLE)'
    """
    if isinstance(source, UserDefinedType):
        source = source.sqlType()
    if isinstance(target, UserDefinedType):
        target = target.sqlType()
    if source == target:
        return sql
    kinds = kind_of(source), kind_of(target)
    if kinds[0] == "void":
        return f"CAST({sql} AS {to_duckdb(target)})"
    match source, target:
        case (ArrayType(), ArrayType()):
            variable = _variable(sql)
            item = cast_sql(variable, source.elementType, target.elementType, mode, context)
            return sql if item == variable else _map_list(sql, variable, item)
        case (MapType(), MapType()):
            return _map_to_map(sql, source, target, mode, context)
        case (StructType(), StructType()):
            return _struct_to_struct(sql, source, target, mode, context)
        case (ArrayType() | MapType() | StructType(), _) if kinds[1] == "string":
            return _NESTED_TEXT[kinds[0]](sql, source, mode, context)
    rule = _RULES.get(kinds)
    if rule is None:
        raise unsupported(f"casting {sql_name(source)} to {sql_name(target)}")
    return rule(sql, source, target, mode, context)


def _variable(sql: str) -> str:
    """Return a lambda's parameter name that the SQL inside does not use."""
    number = 0
    while f"e{number}" in sql:
        number += 1
    return f"e{number}"


def _map_list(sql: str, variable: str, item: str) -> str:
    return f"list_transform({sql}, lambda {variable}: {item})"


def _map_to_map(
    sql: str, source: MapType, target: MapType, mode: CastMode, context: LoweringContext
) -> str:
    variable = _variable(sql)
    key = cast_sql(f"{variable}.key", source.keyType, target.keyType, mode, context)
    value = cast_sql(f"{variable}.value", source.valueType, target.valueType, mode, context)
    if (key, value) == (f"{variable}.key", f"{variable}.value"):
        return sql
    pair = f"struct_pack(key := {key}, value := {value})"
    return f"map_from_entries({_map_list(f'map_entries({sql})', variable, pair)})"


def _fields(sql: str, source: StructType) -> list[str]:
    return [f"struct_extract_at({sql}, {place})" for place in range(1, len(source.fields) + 1)]


def _struct_to_struct(
    sql: str, source: StructType, target: StructType, mode: CastMode, context: LoweringContext
) -> str:
    parts = zip(
        duckdb_names(target), _fields(sql, source), source.fields, target.fields, strict=True
    )
    fields = [
        (name, cast_sql(value, a.dataType, b.dataType, mode, context))
        for name, value, a, b in parts
    ]
    if to_duckdb(source) == to_duckdb(target) and [v for _, v in fields] == _fields(sql, source):
        return sql
    packed = ", ".join(f"{name} := {value}" for name, value in fields)
    return f"CASE WHEN {sql} IS NOT NULL THEN struct_pack({packed}) END"


def _text(sql: str, source: DataType, mode: CastMode, context: LoweringContext) -> str:
    """Return the text of a part of a nested value, where null is a word."""
    return f"coalesce({cast_sql(sql, source, STRING, mode, context)}, 'null')"


def _joined(sql: str, items: str, brackets: str) -> str:
    joined = f"array_to_string({items}, ', ')"
    # concat skips nulls, || does not: a null list has no text.
    return f"(CASE WHEN {sql} IS NOT NULL THEN '{brackets[0]}' || {joined} || '{brackets[1]}' END)"


def _array_text(sql: str, source: ArrayType, mode: CastMode, context: LoweringContext) -> str:
    variable = _variable(sql)
    item = _text(variable, source.elementType, mode, context)
    return _joined(sql, _map_list(sql, variable, item), "[]")


def _map_text(sql: str, source: MapType, mode: CastMode, context: LoweringContext) -> str:
    variable = _variable(sql)
    key = _text(f"{variable}.key", source.keyType, mode, context)
    value = _text(f"{variable}.value", source.valueType, mode, context)
    pairs = _map_list(f"map_entries({sql})", variable, f"concat({key}, ' -> ', {value})")
    return _joined(sql, pairs, "{}")


def _struct_text(sql: str, source: StructType, mode: CastMode, context: LoweringContext) -> str:
    texts = [
        _text(value, field.dataType, mode, context)
        for value, field in zip(_fields(sql, source), source.fields, strict=True)
    ]
    joined = ", ', ', ".join(texts) or "''"
    return f"(CASE WHEN {sql} IS NOT NULL THEN concat('{{', {joined}, '}}') END)"


_NESTED_TEXT: dict[str, Callable[[str, Any, CastMode, LoweringContext], str]] = {
    "array": _array_text,
    "map": _map_text,
    "struct": _struct_text,
}
