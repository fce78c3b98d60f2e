"""Text values: from the text of a field to a value of its type, as DuckDB SQL.

A text that is no value of the type becomes null; the caller finds bad records by that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.sql.duckdb_text import quote
from pyrite.sql.sources.duckdb_patterns import DuckDBPattern
from pyrite.sql.time_zones import duckdb_zone
from pyrite.sql.types import (
    BinaryType,
    BooleanType,
    ByteType,
    CharType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    NullType,
    ShortType,
    StringType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    UserDefinedType,
    VarcharType,
    to_duckdb,
)

__all__ = ["DECIMAL_PATTERN", "DOUBLE_PATTERN", "INTEGER_PATTERN", "TextFormats", "text_value"]

#: How numbers are written; Java's parsers take what these let through.
INTEGER_PATTERN = r"[+-]?\d+"
DECIMAL_PATTERN = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
DOUBLE_PATTERN = rf"{DECIMAL_PATTERN}[dDfF]?"
_ZONE = r"(?: ?(?:Z|UTC|GMT|UT|[+-]\d{1,2}(?::?\d{2})?(?::?\d{2})?|[A-Za-z]+/[A-Za-z_/]+))?"
_TIME = r"\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d*)?)?"
_YEAR = r"[+-]?\d{4,6}"
DATE_PATTERN = rf"{_YEAR}-\d{{1,2}}-\d{{1,2}}"
TIMESTAMP_PATTERN = rf"{DATE_PATTERN}(?:[ T]{_TIME}{_ZONE})?"
TIMESTAMP_NTZ_PATTERN = rf"{DATE_PATTERN}(?:[ T]{_TIME})?"


@dataclass(frozen=True)
class TextFormats:
    """How the values of a text file are written.

    Attributes:
        time_zone: The zone of timestamps that name none.
        date: The pattern of dates; None for what a cast to date understands.
        timestamp: The same for timestamps.
        timestamp_ntz: The same for timestamps without zone.
        nan: The text for not-a-number.
        positive_infinity: The text for infinity.
        negative_infinity: The text for minus infinity.
    """

    time_zone: str = "UTC"
    date: str | None = None
    timestamp: str | None = None
    timestamp_ntz: str | None = None
    nan: str = "NaN"
    positive_infinity: str = "Inf"
    negative_infinity: str = "-Inf"


def text_value(text: str, data_type: DataType, formats: TextFormats) -> str:
    """Return the SQL of a value.

    Args:
        text: SQL of a string; it is written several times, so it should be a column.
        data_type: What the string holds.
        formats: How values are written.
    """
    if isinstance(data_type, UserDefinedType):
        return text_value(text, data_type.sqlType(), formats)
    writer = _WRITERS.get(type(data_type))
    if writer is None:
        raise SparkIllegalArgumentException(
            f"Text cannot hold values of type {data_type.simpleString()}."
        )
    return writer(text, data_type, formats)


def _when(text: str, pattern: str, value: str) -> str:
    return f"CASE WHEN regexp_full_match({text}, {quote(pattern)}) THEN {value} END"


def _integer(text: str, data_type: DataType, formats: TextFormats) -> str:
    value = f"TRY_CAST({text} AS {to_duckdb(data_type)})"
    # The usual form is told without an expression: the number prints as the text.
    return (
        f"CASE WHEN CAST({value} AS VARCHAR) = {text} THEN {value} "
        f"WHEN regexp_full_match({text}, {quote(INTEGER_PATTERN)}) THEN {value} END"
    )


def _fraction(text: str, data_type: DataType, formats: TextFormats) -> str:
    name = to_duckdb(data_type)
    trimmed = f"trim({text})"
    # A number too large for the type is infinite, as Java reads it.
    wide = f"TRY_CAST(rtrim({trimmed}, 'dDfF') AS DOUBLE)"
    sign = f"CASE WHEN starts_with({trimmed}, '-') THEN '-inf' ELSE 'inf' END"
    number = f"coalesce(TRY_CAST({wide} AS {name}), CAST({sign} AS {name}))"
    special = [
        (formats.nan, "nan"), (formats.positive_infinity, "inf"),
        (formats.negative_infinity, "-inf"), ("NaN", "nan"), ("Infinity", "inf"),
        ("+Infinity", "inf"), ("-Infinity", "-inf"),
    ]  # fmt: skip
    cases = " ".join(
        f"WHEN {quote(shown)} THEN CAST('{value}' AS {name})"
        for shown, value in dict(reversed(special)).items()
    )
    plain = f"TRY_CAST({text} AS {name})"
    other = f"CASE {text} {cases} ELSE {_when(trimmed, DOUBLE_PATTERN, number)} END"
    # DuckDB also reads underscores, and words that mean special numbers; all else is alike.
    return (
        f"CASE WHEN isfinite({plain}) AND NOT contains({text}, '_') THEN {plain} ELSE {other} END"
    )


def _decimal(text: str, data_type: DataType, formats: TextFormats) -> str:
    digits = f"replace({text}, ',', '')"
    plain = f"TRY_CAST({text} AS {to_duckdb(data_type)})"
    other = _when(digits, DECIMAL_PATTERN, f"TRY_CAST({digits} AS {to_duckdb(data_type)})")
    return f"CASE WHEN CAST({plain} AS VARCHAR) = {text} THEN {plain} ELSE {other} END"


def _boolean(text: str, data_type: DataType, formats: TextFormats) -> str:
    return f"CASE lower({text}) WHEN 'true' THEN true WHEN 'false' THEN false END"


def _string(text: str, data_type: DataType, formats: TextFormats) -> str:
    return text


def _binary(text: str, data_type: DataType, formats: TextFormats) -> str:
    return f"encode({text})"


def _null(text: str, data_type: DataType, formats: TextFormats) -> str:
    return "CAST(NULL AS INTEGER)"


def _date(text: str, data_type: DataType, formats: TextFormats) -> str:
    if formats.date is not None:
        return f"CAST({DuckDBPattern(formats.date).parse(text)} AS DATE)"
    day = f"regexp_extract(trim({text}), '^({DATE_PATTERN})(?:[ T].*)?$', 1)"
    short = f"regexp_full_match(trim({text}), '{_YEAR}(?:-\\d{{1,2}})?')"
    padded = (
        f"concat(trim({text}), CASE WHEN contains(trim({text}), '-') THEN '-01' ELSE '-01-01' END)"
    )
    other = f"TRY_CAST(CASE WHEN {short} THEN {padded} ELSE {day} END AS DATE)"
    return f"CASE WHEN {text} LIKE '____-__-__' THEN TRY_CAST({text} AS DATE) ELSE {other} END"


def _timestamp(text: str, data_type: DataType, formats: TextFormats) -> str:
    if formats.timestamp is not None:
        pattern = DuckDBPattern(formats.timestamp)
        return pattern.parse_instant(text, formats.time_zone)
    trimmed = f"trim({text})"
    local = f"TRY_CAST({trimmed} AS TIMESTAMP) AT TIME ZONE {quote(duckdb_zone(formats.time_zone))}"
    plain = f"TRY_CAST({text} AS TIMESTAMP)"
    return (
        f"CASE WHEN CAST({plain} AS VARCHAR) = {text} AND {text} < 'A' "
        f"THEN {plain} AT TIME ZONE {quote(duckdb_zone(formats.time_zone))} "
        f"WHEN regexp_full_match({trimmed}, {quote(TIMESTAMP_NTZ_PATTERN)}) THEN {local} "
        f"WHEN regexp_full_match({trimmed}, {quote(TIMESTAMP_PATTERN)}) "
        f"THEN TRY_CAST({trimmed} AS TIMESTAMP WITH TIME ZONE) "
        f"ELSE CAST({_date(text, data_type, TextFormats())} AS TIMESTAMP) "
        f"AT TIME ZONE {quote(duckdb_zone(formats.time_zone))} END"
    )


def _timestamp_ntz(text: str, data_type: DataType, formats: TextFormats) -> str:
    if formats.timestamp_ntz is not None:
        return DuckDBPattern(formats.timestamp_ntz).parse(text)
    return _when(f"trim({text})", TIMESTAMP_NTZ_PATTERN, f"TRY_CAST(trim({text}) AS TIMESTAMP)")


def _time(text: str, data_type: DataType, formats: TextFormats) -> str:
    return _when(f"trim({text})", _TIME, f"TRY_CAST(trim({text}) AS TIME)")


_Writer = Callable[[str, DataType, TextFormats], str]
_WRITERS: dict[type[DataType], _Writer] = {
    NullType: _null,
    BooleanType: _boolean,
    ByteType: _integer,
    ShortType: _integer,
    IntegerType: _integer,
    LongType: _integer,
    FloatType: _fraction,
    DoubleType: _fraction,
    DecimalType: _decimal,
    StringType: _string,
    CharType: _string,
    VarcharType: _string,
    BinaryType: _binary,
    DateType: _date,
    TimestampType: _timestamp,
    TimestampNTZType: _timestamp_ntz,
    TimeType: _time,
}
