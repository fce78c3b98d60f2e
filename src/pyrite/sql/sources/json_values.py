"""JSON values: from a JSON text to a value of a Spark type, as DuckDB SQL.

Like Spark's reader: a number is no string's value but a string takes any token as its text, a
whole number does not hold a fraction, and an array with a bad element is bad as a whole, while
a struct keeps its good fields.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyrite.sql.duckdb_text import identifier, quote, struct
from pyrite.sql.sources.text_values import DECIMAL_PATTERN, TextFormats, text_value
from pyrite.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
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
    to_duckdb,
)

__all__ = ["extract", "is_bad", "value"]

_WHOLE = "('BIGINT', 'UBIGINT')"
_NUMBER = "('BIGINT', 'UBIGINT', 'DOUBLE')"
_FRACTION_WORDS = {
    "NaN": "nan", "Infinity": "inf", "+Infinity": "inf", "-Infinity": "-inf",
    "INF": "inf", "+INF": "inf", "-INF": "-inf",
}  # fmt: skip


def extract(document: str, names: Sequence[str]) -> str:
    """Return SQL of the list of the JSON values of an object's fields.

    Args:
        document: SQL of valid JSON text.
        names: The fields.
    """
    return f"json_extract({document}, [{', '.join(quote(_path(name)) for name in names)}])"


def _path(name: str) -> str:
    return '$."' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def value(json: str, data_type: DataType, formats: TextFormats, depth: int = 0) -> str:
    """Return SQL of a value; null where the JSON is null, absent or of no such type.

    Args:
        json: SQL of a JSON value; it is written several times, so it should be a column.
        data_type: The value's type.
        formats: How dates, times and special numbers are written.
        depth: How many lambdas stand around the text.
    """
    kind = f"json_type({json})"
    text = f"({json} ->> '$')"
    target = to_duckdb(data_type)
    match data_type:
        case UserDefinedType():
            return value(json, data_type.sqlType(), formats, depth)
        case NullType():
            return "CAST(NULL AS INTEGER)"
        case StringType() | CharType() | VarcharType():
            return text
        case BooleanType():
            return f"CASE WHEN {kind} = 'BOOLEAN' THEN {text} = 'true' END"
        case IntegralType():
            return f"CASE WHEN {kind} IN {_WHOLE} THEN TRY_CAST({text} AS {target}) END"
        case FloatType() | DoubleType():
            return (
                f"CASE WHEN {kind} = 'VARCHAR' THEN {_special_fraction(text, target)} "
                f"WHEN {kind} IN {_NUMBER} THEN TRY_CAST({text} AS {target}) END"
            )
        case DecimalType():
            return (
                f"CASE WHEN {kind} IN {_NUMBER} OR {kind} = 'VARCHAR' "
                f"AND regexp_full_match({text}, {quote(DECIMAL_PATTERN)}) "
                f"THEN TRY_CAST({text} AS {target}) END"
            )
        case BinaryType():
            return f"CASE WHEN {kind} = 'VARCHAR' THEN TRY(from_base64({text})) END"
        case TimestampType():
            seconds = f"TRY(make_timestamptz(CAST({text} AS BIGINT) * 1000000))"
            parsed = text_value(text, data_type, formats)
            return (
                f"CASE WHEN {kind} = 'VARCHAR' THEN {parsed} "
                f"WHEN {kind} IN {_WHOLE} THEN {seconds} END"
            )
        case DateType() | TimestampNTZType():
            parsed = text_value(text, data_type, formats)
            return f"CASE WHEN {kind} = 'VARCHAR' THEN {parsed} END"
        case ArrayType():
            return _array(json, data_type, formats, depth)
        case MapType():
            return _map(json, data_type, formats, depth)
        case StructType():
            return _struct(json, data_type, formats, depth)
        case _:
            parsed = text_value(text, data_type, formats)
            return f"CASE WHEN {kind} = 'VARCHAR' THEN {parsed} END"


def _special_fraction(text: str, target: str) -> str:
    """Return SQL of the number that a word stands for, null for other words."""
    words = " ".join(
        f"WHEN {quote(word)} THEN CAST('{meant}' AS {target})"
        for word, meant in _FRACTION_WORDS.items()
    )
    return f"CASE {text} {words} END"


def _array(json: str, data_type: ArrayType, formats: TextFormats, depth: int) -> str:
    variable = f"e{depth}"
    element = data_type.elementType
    items = f"json_extract({json}, '$[*]')"
    converted = value(variable, element, formats, depth + 1)
    array = f"list_transform({items}, lambda {variable}: {converted})"
    condition = f"json_type({json}) = 'ARRAY'"
    bad = is_bad(variable, element, formats, depth + 1)
    if bad != "false":
        found = f"list_transform({items}, lambda {variable}: {bad})"
        condition += f" AND NOT coalesce(list_bool_or({found}), false)"
    return f"CASE WHEN {condition} THEN {array} END"


def _map(json: str, data_type: MapType, formats: TextFormats, depth: int) -> str:
    variable = f"e{depth}"
    entries = f"map_entries(TRY_CAST({json} AS MAP(VARCHAR, JSON)))"
    converted = value(f"{variable}.value", data_type.valueType, formats, depth + 1)
    entry = struct((("key", f"{variable}.key"), ("value", converted)))
    rows = f"list_transform({entries}, lambda {variable}: {entry})"
    condition = f"json_type({json}) = 'OBJECT'"
    bad = is_bad(f"{variable}.value", data_type.valueType, formats, depth + 1)
    if bad != "false":
        found = f"list_transform({entries}, lambda {variable}: {bad})"
        condition += f" AND NOT coalesce(list_bool_or({found}), false)"
    return f"CASE WHEN {condition} THEN map_from_entries({rows}) END"


def _struct(json: str, data_type: StructType, formats: TextFormats, depth: int) -> str:
    fields = ", ".join(
        f"{identifier(f.name)}: " + value(_field(json, f.name), f.dataType, formats, depth)
        for f in data_type.fields
    )
    return f"CASE WHEN json_type({json}) = 'OBJECT' THEN {{{fields}}} END"


def _field(json: str, name: str) -> str:
    return f"json_extract({json}, {quote(_path(name))})"


def is_bad(json: str, data_type: DataType, formats: TextFormats, depth: int = 0) -> str:
    """Return SQL of whether a JSON value is not null and yet of another type.

    Returns:
        The text ``false`` when no JSON can be bad for the type.
    """
    if isinstance(data_type, (StringType, CharType, VarcharType, NullType)):
        return "false"
    converted = value(json, data_type, formats, depth)
    bad = f"coalesce(json_type({json}), 'NULL') <> 'NULL' AND ({converted}) IS NULL"
    if isinstance(data_type, StructType):
        inner = [
            part
            for f in data_type.fields
            if (part := is_bad(_field(json, f.name), f.dataType, formats, depth)) != "false"
        ]
        bad = f"coalesce(json_type({json}), 'NULL') NOT IN ('NULL', 'OBJECT')"
        return "(" + " OR ".join([bad, *inner]) + ")"
    return f"({bad})"
