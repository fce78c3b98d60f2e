"""JSON text as DuckDB SQL: values written as ``to_json`` writes them without options."""

from __future__ import annotations

from collections.abc import Callable

from pyrite.sql.duckdb_text import identifier, let, quote
from pyrite.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegralType,
    MapType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    VariantType,
    to_duckdb,
)

__all__ = ["json_sql", "text_sql"]

_DATE_TIME = "spark_year_text(year({0})) || strftime({0}, '-%m-%dT%H:%M:%S.%g')"
_QUOTED = "'\"' || {} || '\"'"
_FLOAT_TEXT = "spark_float_text({0})"
_FLOAT = f"CASE WHEN isfinite({{0}}) THEN {_FLOAT_TEXT} ELSE {_QUOTED.format(_FLOAT_TEXT)} END"

_DECIMAL_PLACES = 6

#: SQL of the text of a value that is not null, without quotes, by its type.
_TEXTS: dict[type[DataType], str] = {
    BooleanType: "CAST({0} AS VARCHAR)",
    IntegralType: "CAST({0} AS VARCHAR)",
    DoubleType: _FLOAT_TEXT,
    FloatType: _FLOAT_TEXT,
    DateType: "spark_datetime_text({0})",
    TimestampNTZType: _DATE_TIME,
    TimestampType: f"{_DATE_TIME} || spark_offset_text({{0}})",
}
#: The same as JSON, where that differs.
_ATOMS: dict[type[DataType], str] = {
    StringType: "CAST(to_json({0}) AS VARCHAR)",
    DoubleType: _FLOAT,
    FloatType: _FLOAT,
    BinaryType: _QUOTED.format("to_base64({0})"),
    **{kind: _QUOTED.format(_TEXTS[kind]) for kind in (DateType, TimestampNTZType, TimestampType)},
}
_KEYS = (StringType, BooleanType, IntegralType)


VariantWriter = Callable[[str], str]


def json_sql(
    value: str, data_type: DataType, of_variant: VariantWriter, depth: int = 0
) -> str | None:
    """Return SQL of a value's JSON text, null for null.

    Args:
        value: The SQL of the value.
        data_type: Its type.
        of_variant: Returns the SQL of a variant's text.
        depth: How many lambdas there are around it.

    Returns:
        None for types that have no text here.

    Example:
        >>> json_sql("c1", IntegralType(), str)
        '(CAST(c1 AS VARCHAR))'
    """
    for kind, write in _NESTED.items():
        if isinstance(data_type, kind):
            # The value's SQL may be long: it is named once and not repeated for each field.
            name = f"v{depth}"
            text = write(name, data_type, of_variant, depth + 1)
            some = f"CASE WHEN {name} IS NOT NULL THEN {text} END"
            return text and let(name, value, some)
    if isinstance(data_type, VariantType):
        return of_variant(value)
    for kind, template in _ATOMS.items():
        if isinstance(data_type, kind):
            return f"({template.format(value)})"
    return text_sql(value, data_type)


def text_sql(value: str, data_type: DataType) -> str | None:
    """Return SQL of the text of a number, a truth value, a date or a time, null for null.

    Args:
        value: The SQL of the value.
        data_type: Its type.

    Returns:
        None for other types, and for decimals that Java may write with an exponent.
    """
    if isinstance(data_type, DecimalType):
        plain = data_type.scale <= _DECIMAL_PLACES and data_type.scale < data_type.precision
        return f"CAST(CAST({value} AS {to_duckdb(data_type)}) AS VARCHAR)" if plain else None
    for kind, template in _TEXTS.items():
        if isinstance(data_type, kind):
            return f"({template.format(value)})"
    return None


def _struct(name: str, data_type: StructType, of_variant: VariantWriter, depth: int) -> str | None:
    if len({field.name.lower() for field in data_type.fields}) < len(data_type.fields):
        return None
    members = []
    for field in data_type.fields:
        value = f"{name}.{identifier(field.name)}"
        text = json_sql(value, field.dataType, of_variant, depth)
        if text is None:
            return None
        label = f"CAST(to_json({quote(field.name)}) AS VARCHAR)"
        members.append(f"CASE WHEN {value} IS NOT NULL THEN {label} || ':' || {text} END")
    return f"'{{' || concat_ws(',', {', '.join(members)}) || '}}'" if members else "'{}'"


def _items(values: str, item: str, depth: int) -> str:
    return f"coalesce(array_to_string(list_transform({values}, lambda e{depth}: {item}), ','), '')"


def _array(name: str, data_type: ArrayType, of_variant: VariantWriter, depth: int) -> str | None:
    text = json_sql(f"e{depth}", data_type.elementType, of_variant, depth + 1)
    item = f"coalesce({text}, 'null')"
    return text and f"'[' || {_items(name, item, depth)} || ']'"


def _map(name: str, data_type: MapType, of_variant: VariantWriter, depth: int) -> str | None:
    value = json_sql(f"e{depth}.value", data_type.valueType, of_variant, depth + 1)
    if value is None or not isinstance(data_type.keyType, _KEYS):
        return None
    key = f"CAST(to_json(CAST(e{depth}.key AS VARCHAR)) AS VARCHAR)"
    item = f"{key} || ':' || coalesce({value}, 'null')"
    return f"'{{' || {_items(f'map_entries({name})', item, depth)} || '}}'"


_NESTED: dict[type[DataType], Callable[..., str | None]] = {
    StructType: _struct,
    ArrayType: _array,
    MapType: _map,
}
