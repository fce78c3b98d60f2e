"""Casts of dates, timestamps and intervals.

Text in ISO form is read by DuckDB; other forms that Spark takes go through Python, once for
each distinct text.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from pyrite.sql.duckdb_text import quote
from pyrite.sql.execution.cast_numbers import NUMBER_RULES
from pyrite.sql.execution.cast_rules import (
    CastRule,
    checked,
    constant_text,
    from_python,
    invalid_input,
)
from pyrite.sql.expressions.expression import CastMode
from pyrite.sql.expressions.function import LoweringContext
from pyrite.sql.expressions.interval_text import (
    DAY_TIME_UNITS,
    YEAR_MONTH_UNITS,
    calendar_interval_text,
    day_time_text,
    parse_calendar,
    parse_day_time,
    parse_year_month,
    year_month_text,
)
from pyrite.sql.functions.kernels.datetime_text import (
    parse_date,
    parse_timestamp,
    parse_timestamp_ntz,
)
from pyrite.sql.functions.kernels.mapping import map_distinct
from pyrite.sql.functions.raising import raise_sql
from pyrite.sql.functions.timestamps import instant
from pyrite.sql.types import (
    LONG,
    STRING,
    ArrayType,
    DataType,
    DayTimeIntervalType,
    DecimalType,
    IntegralType,
    LongType,
    YearMonthIntervalType,
    sql_name,
    to_duckdb,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["DATETIME_RULES"]


def _map_texts(function: Callable[[str], Any], result: str) -> Callable[[pa.Array], pa.Array]:
    """Make a kernel of a function of one text; ``result`` is the name of an Arrow type."""

    def compute(values: pa.Array) -> pa.Array:
        import pyarrow as pa

        return map_distinct(values, function, pa.type_for_alias(result))

    return compute


def _quoted_error(sql: str, source: DataType, target: DataType) -> str:
    return invalid_input(f"concat('''', {sql}, '''')", source, target)


def _string_to_date(
    sql: str, source: DataType, target: DataType, mode: CastMode, context: LoweringContext
) -> str:
    constant = constant_text(sql)
    days = None if constant is None else parse_date(constant)
    if days is not None:
        return f"(DATE '1970-01-01' + ({days}))"
    other = from_python(
        sql, STRING, target, "parse_date", _map_texts(parse_date, "date32"), context
    )
    attempt = f"CASE WHEN spark_iso_date({sql}) THEN TRY_CAST({sql} AS DATE) ELSE {other} END"
    return checked(sql, attempt, _quoted_error(sql, source, target), mode)


def _string_to_timestamp(
    sql: str, source: DataType, target: DataType, mode: CastMode, context: LoweringContext
) -> str:
    constant = constant_text(sql)
    micros = None if constant is None else parse_timestamp(constant, context.time_zone)
    if micros is not None:
        return f"make_timestamptz({micros})"
    parse = _map_texts(partial(parse_timestamp, zone=context.time_zone), "int64")
    name = f"parse_timestamp {context.time_zone}"
    other = f"make_timestamptz({from_python(sql, STRING, LONG, name, parse, context)})"
    iso = instant(f"TRY_CAST({sql} AS TIMESTAMP)", context)
    attempt = f"CASE WHEN spark_iso_timestamp({sql}) THEN {iso} ELSE {other} END"
    return checked(sql, attempt, _quoted_error(sql, source, target), mode)


def _string_to_timestamp_ntz(
    sql: str, source: DataType, target: DataType, mode: CastMode, context: LoweringContext
) -> str:
    constant = constant_text(sql)
    found = None if constant is None else parse_timestamp_ntz(constant)
    if found is not None:
        return f"make_timestamp({found})"
    parse = _map_texts(parse_timestamp_ntz, "int64")
    other = (
        f"make_timestamp({from_python(sql, STRING, LONG, 'parse_timestamp_ntz', parse, context)})"
    )
    attempt = (
        f"CASE WHEN spark_iso_timestamp({sql}) THEN TRY_CAST({sql} AS TIMESTAMP) ELSE {other} END"
    )
    return checked(sql, attempt, _quoted_error(sql, source, target), mode)


def _datetime_to_string(
    sql: str, source: DataType, target: DataType, mode: CastMode, _: LoweringContext
) -> str:
    return f"spark_datetime_text({sql})"


def _timestamp_to_string(
    sql: str, source: DataType, target: DataType, mode: CastMode, _: LoweringContext
) -> str:
    return f"spark_datetime_text(CAST({sql} AS TIMESTAMP))"


def _local_to_timestamp(
    sql: str, source: DataType, target: DataType, mode: CastMode, context: LoweringContext
) -> str:
    return instant(f"CAST({sql} AS TIMESTAMP)", context)


def _plain(sql: str, source: DataType, target: DataType, mode: CastMode, _: LoweringContext) -> str:
    return f"CAST({sql} AS {to_duckdb(target)})"


def _null(sql: str, source: DataType, target: DataType, mode: CastMode, _: LoweringContext) -> str:
    return f"CAST(NULL AS {to_duckdb(target)})"


def _timestamp_to_integral(
    sql: str, source: DataType, target: IntegralType, mode: CastMode, _: LoweringContext
) -> str:
    seconds = f"spark_floor_div(epoch_us({sql}), 1000000)"
    if isinstance(target, LongType):
        return seconds
    return f"{'CAST' if mode is CastMode.ANSI else 'TRY_CAST'}({seconds} AS {to_duckdb(target)})"


def _timestamp_to_fractional(
    sql: str, source: DataType, target: DataType, mode: CastMode, _: LoweringContext
) -> str:
    return f"CAST(epoch_us({sql}) / 1e6::DOUBLE AS {to_duckdb(target)})"


def _timestamp_to_decimal(
    sql: str, source: DataType, target: DecimalType, mode: CastMode, context: LoweringContext
) -> str:
    seconds = f"(CAST(epoch_us({sql}) AS DECIMAL(20,0)) * 0.000001::DECIMAL(7,6))"
    return NUMBER_RULES["decimal", "decimal"](seconds, source, target, mode, context)


def _integral_to_timestamp(
    sql: str, source: DataType, target: DataType, mode: CastMode, _: LoweringContext
) -> str:
    return f"make_timestamptz(CAST({sql} AS BIGINT) * 1000000)"


def _fractional_to_timestamp(
    sql: str, source: DataType, target: DataType, mode: CastMode, context: LoweringContext
) -> str:
    micros = f"CAST({sql} AS DOUBLE) * 1e6::DOUBLE"
    finite = f"CASE WHEN isfinite({sql}) THEN {micros} END"
    whole = NUMBER_RULES["fractional", "integral"](finite, source, LONG, mode, context)
    error = invalid_input(f"spark_float_text({sql})", source, target)
    return checked(sql, f"make_timestamptz({whole})", error, mode)


def _decimal_to_timestamp(
    sql: str, source: DataType, target: DataType, mode: CastMode, _: LoweringContext
) -> str:
    return f"make_timestamptz(CAST(trunc(CAST({sql} AS DECIMAL(38,9)) * 1000000) AS BIGINT))"


def _boolean_to_timestamp(
    sql: str, source: DataType, target: DataType, mode: CastMode, _: LoweringContext
) -> str:
    return f"make_timestamptz(CAST({sql} AS BIGINT))"


def _timestamp_to_boolean(
    sql: str, source: DataType, target: DataType, mode: CastMode, _: LoweringContext
) -> str:
    return f"(epoch_us({sql}) <> 0)"


IntervalType = DayTimeIntervalType | YearMonthIntervalType

#: Length of each field: microseconds from day to second, months for year and month.
_DAY_TIME_LENGTHS = (86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000)
_YEAR_MONTH_LENGTHS = (12, 1)


def _length(interval: IntervalType) -> int:
    """Return the length of an interval type's last field."""
    lengths = (
        _DAY_TIME_LENGTHS if isinstance(interval, DayTimeIntervalType) else _YEAR_MONTH_LENGTHS
    )
    return lengths[interval.endField]


def _string_to_interval(
    sql: str, source: DataType, target: IntervalType, mode: CastMode, context: LoweringContext
) -> str:
    day_time = isinstance(target, DayTimeIntervalType)
    function = parse_day_time if day_time else parse_year_month
    parse = partial(function, start=target.startField, end=target.endField)
    kernel = _map_texts(parse, "int64" if day_time else "int32")
    attempt = from_python(sql, STRING, target, f"parse {sql_name(target)}", kernel, context)
    notice = "_WITH_NOTICE" if day_time else ""
    error = raise_sql(
        f"INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING{notice}",
        input=sql,
        intervalStr="'day-time'" if day_time else "'year-month'",
        supportedFormat=quote(_supported_format(target)),
        typeName=quote(sql_name(target).lower()),
    )
    return checked(sql, attempt, error, mode)


def _supported_format(target: IntervalType) -> str:
    day_time = isinstance(target, DayTimeIntervalType)
    letters = ("d", "h", "m", "s.n") if day_time else ("y", "m")
    units = DAY_TIME_UNITS if day_time else YEAR_MONTH_UNITS
    start, end = target.startField, target.endField
    text = letters[start]
    for field in range(start + 1, end + 1):
        separator = "-" if not day_time else " " if field == 1 else ":"
        text += separator + letters[field]
    name = units[start] if start == end else f"{units[start]} TO {units[end]}"
    return f"`[+|-]{text}`, `INTERVAL [+|-]'[+|-]{text}' {name}`"


def _interval_to_string(
    sql: str, source: IntervalType, target: DataType, mode: CastMode, context: LoweringContext
) -> str:
    function = day_time_text if isinstance(source, DayTimeIntervalType) else year_month_text
    write = partial(function, start=source.startField, end=source.endField)
    return from_python(
        sql, source, STRING, f"text of {sql_name(source)}", _map_texts(write, "string"), context
    )


def _calendar_texts(values: pa.Array) -> pa.Array:
    import pyarrow as pa

    texts = [None if v is None else calendar_interval_text(*v) for v in values.to_pylist()]
    return pa.array(texts, pa.string())


def _calendar_to_string(
    sql: str, source: DataType, target: DataType, mode: CastMode, context: LoweringContext
) -> str:
    parts = f"[spark_months({sql}), datepart('day', {sql}), spark_clock({sql})]"
    some = f"CASE WHEN {sql} IS NOT NULL THEN CAST({parts} AS BIGINT[]) END"
    return from_python(some, _PARTS, STRING, "text of INTERVAL", _calendar_texts, context)


#: A calendar interval's months, days and microseconds.
_PARTS = ArrayType(LONG)


def _parse_calendars(values: pa.Array) -> pa.Array:
    import pyarrow as pa

    return map_distinct(values, parse_calendar, pa.list_(pa.int64()))


def _string_to_calendar(
    sql: str, source: DataType, target: DataType, mode: CastMode, context: LoweringContext
) -> str:
    parts = from_python(sql, STRING, _PARTS, "parse INTERVAL", _parse_calendars, context)
    units = enumerate(("to_months", "to_days", "to_microseconds"), 1)
    kinds = {"to_months": "INTEGER", "to_days": "INTEGER", "to_microseconds": "BIGINT"}
    return "(" + " + ".join(f"{u}(CAST(({parts})[{i}] AS {kinds[u]}))" for i, u in units) + ")"


def _interval_to_number(
    sql: str, source: IntervalType, target: DataType, mode: CastMode, context: LoweringContext
) -> str:
    length = _length(source)
    if isinstance(target, DecimalType):
        exact = f"(CAST({sql} AS DECIMAL(19,0)) / {length})"
        if length == 1_000_000:
            exact = f"(CAST({sql} AS DECIMAL(19,0)) * 0.000001::DECIMAL(7,6))"
        return NUMBER_RULES["decimal", "decimal"](exact, source, target, mode, context)
    return NUMBER_RULES["integral", "integral"](
        f"(CAST({sql} AS BIGINT) // {length})", LONG, target, mode, context
    )


def _number_to_interval(
    sql: str, source: DataType, target: IntervalType, mode: CastMode, context: LoweringContext
) -> str:
    word = "TRY_CAST" if mode is CastMode.TRY else "CAST"
    if isinstance(source, DecimalType):
        exact = f"CAST({sql} AS DECIMAL(38,9)) * {_length(target)}"
        return f"{word}(round({exact}) AS {to_duckdb(target)})"
    return f"{word}(CAST({sql} AS BIGINT) * {_length(target)} AS {to_duckdb(target)})"


def _interval_to_interval(
    sql: str, source: IntervalType, target: IntervalType, mode: CastMode, _: LoweringContext
) -> str:
    length = _length(target)
    if length == 1 or target.endField >= source.endField:
        return sql
    return f"(({sql}) // {length} * {length})"


_DATE_TARGETS_WITHOUT_ANSI = ("boolean", "integral", "decimal", "fractional")

DATETIME_RULES: dict[tuple[str, str], CastRule] = {
    ("string", "date"): _string_to_date,
    ("string", "timestamp"): _string_to_timestamp,
    ("string", "timestamp_ntz"): _string_to_timestamp_ntz,
    ("string", "time"): _plain,
    ("time", "string"): _plain,
    ("date", "string"): _datetime_to_string,
    ("date", "timestamp"): _local_to_timestamp,
    ("date", "timestamp_ntz"): _plain,
    **{("date", kind): _null for kind in _DATE_TARGETS_WITHOUT_ANSI},
    ("timestamp", "string"): _timestamp_to_string,
    ("timestamp", "date"): _plain,
    ("timestamp", "timestamp_ntz"): _plain,
    ("timestamp", "boolean"): _timestamp_to_boolean,
    ("timestamp", "integral"): _timestamp_to_integral,
    ("timestamp", "fractional"): _timestamp_to_fractional,
    ("timestamp", "decimal"): _timestamp_to_decimal,
    ("timestamp_ntz", "string"): _datetime_to_string,
    ("timestamp_ntz", "date"): _plain,
    ("timestamp_ntz", "timestamp"): _local_to_timestamp,
    ("boolean", "timestamp"): _boolean_to_timestamp,
    ("integral", "timestamp"): _integral_to_timestamp,
    ("fractional", "timestamp"): _fractional_to_timestamp,
    ("decimal", "timestamp"): _decimal_to_timestamp,
    ("calendar", "string"): _calendar_to_string,
    ("string", "calendar"): _string_to_calendar,
    **{
        rule: function
        for kind in ("day_time", "year_month")
        for rule, function in (
            (("string", kind), _string_to_interval),
            ((kind, "string"), _interval_to_string),
            ((kind, "integral"), _interval_to_number),
            ((kind, "decimal"), _interval_to_number),
            (("integral", kind), _number_to_interval),
            (("decimal", kind), _number_to_interval),
            ((kind, kind), _interval_to_interval),
        )
    },
}
