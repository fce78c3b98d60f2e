"""Text output: from values to the text of CSV fields and of JSON, as DuckDB SQL."""

from __future__ import annotations

from dataclasses import dataclass

from pyrite.sql.duckdb_text import identifier, quote
from pyrite.sql.sources.duckdb_patterns import DuckDBPattern
from pyrite.sql.types import (
    ArrayType,
    BinaryType,
    CharType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegralType,
    MapType,
    NullType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    UserDefinedType,
    VarcharType,
)

__all__ = ["OutputFormats", "json_text", "plain_text"]

_DATE = "yyyy-MM-dd"
_TIMESTAMP = "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"
_TIMESTAMP_NTZ = "yyyy-MM-dd'T'HH:mm:ss.SSS"


@dataclass(frozen=True)
class OutputFormats:
    """How dates and times are written.

    Attributes:
        time_zone: The zone timestamps are shown in.
        date: Java's pattern of dates.
        timestamp: The same for timestamps.
        timestamp_ntz: The same for timestamps without zone.
        keeps_nulls: Whether JSON objects show their null fields.
    """

    time_zone: str = "UTC"
    date: str = _DATE
    timestamp: str = _TIMESTAMP
    timestamp_ntz: str = _TIMESTAMP_NTZ
    keeps_nulls: bool = False


def plain_text(value: str, data_type: DataType, formats: OutputFormats) -> str:
    """Return SQL of a value's text, null for null.

    Args:
        value: SQL of a value in the DuckDB type of ``data_type``.
        data_type: A type without parts.
        formats: How dates and times are written.
    """
    match data_type:
        case UserDefinedType():
            return plain_text(value, data_type.sqlType(), formats)
        case StringType() | CharType() | VarcharType():
            return value
        case FloatType() | DoubleType():
            return f"spark_float_text({value})"
        case DateType():
            return DuckDBPattern(formats.date).format(f"CAST({value} AS TIMESTAMP)")
        case TimestampType():
            return DuckDBPattern(formats.timestamp).format_instant(value, formats.time_zone)
        case TimestampNTZType():
            return DuckDBPattern(formats.timestamp_ntz).format(value)
        case BinaryType():
            return f"concat('[', trim(regexp_replace(hex({value}), '(..)', '\\1 ', 'g')), ']')"
        case _:
            return f"CAST({value} AS VARCHAR)"


def json_text(value: str, data_type: DataType, formats: OutputFormats, depth: int = 0) -> str:
    """Return SQL of a value as JSON, null for null.

    Args:
        value: SQL of a value; it is written several times, so it should be a column.
        data_type: Its type.
        formats: How dates and times are written, and whether nulls are.
        depth: How many lambdas stand around the text.
    """
    variable = f"x{depth}"
    match data_type:
        case UserDefinedType():
            return json_text(value, data_type.sqlType(), formats, depth)
        case NullType():
            return "CAST(NULL AS VARCHAR)"
        case IntegralType() | DecimalType():
            return f"CAST({value} AS VARCHAR)"
        case FloatType() | DoubleType():
            text = f"spark_float_text({value})"
            return f"CASE WHEN isfinite({value}) THEN {text} ELSE '\"' || {text} || '\"' END"
        case BinaryType():
            return f"'\"' || to_base64({value}) || '\"'"
        case StructType():
            fields = ", ".join(
                _member(
                    quote(_quoted(f.name) + ":"),
                    json_text(f"{value}.{identifier(f.name)}", f.dataType, formats, depth),
                    formats.keeps_nulls,
                )
                for f in data_type.fields
            )
            body = f"'{{' || concat_ws(',', {fields or quote('')}) || '}}'"
            return f"CASE WHEN {value} IS NOT NULL THEN {body} END"
        case ArrayType():
            element = json_text(variable, data_type.elementType, formats, depth + 1)
            items = f"list_transform({value}, lambda {variable}: coalesce({element}, 'null'))"
            return f"'[' || array_to_string({items}, ',') || ']'"
        case MapType():
            name = plain_text(f"{variable}.key", data_type.keyType, formats)
            element = json_text(f"{variable}.value", data_type.valueType, formats, depth + 1)
            entry = f"CAST(to_json({name}) AS VARCHAR) || ':' || coalesce({element}, 'null')"
            items = f"list_transform(map_entries({value}), lambda {variable}: {entry})"
            return f"'{{' || array_to_string({items}, ',') || '}}'"
        case _:
            text = plain_text(value, data_type, formats)
            if data_type.typeName() == "boolean":
                return text
            return f"CAST(to_json({text}) AS VARCHAR)"


def _member(name: str, text: str, keeps_nulls: bool) -> str:
    return f"{name} || coalesce({text}, 'null')" if keeps_nulls else f"{name} || {text}"


def _quoted(name: str) -> str:
    import json

    return json.dumps(name, ensure_ascii=False)
