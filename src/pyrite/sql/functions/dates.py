"""Dates: arithmetic in days and months, parts of dates and times, truncation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import Call, Expression, Literal
from pyrite.sql.expressions.function import Function, LoweringContext
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.functions.constants import constant_text
from pyrite.sql.functions.define import any_argument_nullable, scalar
from pyrite.sql.functions.raising import raise_sql
from pyrite.sql.functions.signature import arrange, coerce_null
from pyrite.sql.functions.type_coercion import cast_to
from pyrite.sql.types import (
    BYTE,
    DATE,
    DOUBLE,
    INTEGER,
    TIMESTAMP,
    DataType,
    DateType,
    DayTimeIntervalType,
    DecimalType,
    StringType,
    TimestampNTZType,
    TimestampType,
    YearMonthIntervalType,
)

__all__ = ["FUNCTIONS", "date_parts"]

#: Parts of a date; the field names of ``extract`` come first, functions after.
_DATE_PARTS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "year": ("year({0})", ("year", "y", "years", "yr", "yrs"), "The year."),
    "yearofweek": ("isoyear({0})", ("yearofweek",), "The year of the ISO week."),
    "quarter": ("quarter({0})", ("quarter", "qtr"), "The quarter, from 1 to 4."),
    "month": ("month({0})", ("month", "mon", "mons", "months"), "The month, from 1 to 12."),
    "weekofyear": ("week({0})", ("week", "w", "weeks"), "The ISO week of the year."),
    "day": ("day({0})", ("day", "d", "days"), "The day of the month."),
    "dayofweek": ("dayofweek({0}) + 1", ("dayofweek", "dow"), "The day, 1 for Sunday."),
    "dayofweek_iso": (
        "isodow({0})",
        ("dayofweek_iso", "dow_iso"),
        "The day of the week, 1 for Monday.",
    ),
    "dayofyear": ("dayofyear({0})", ("doy",), "The day of the year."),
}
_TIME_PARTS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "hour": ("hour({0})", ("hour", "h", "hours", "hr", "hrs"), "The hour."),
    "minute": ("minute({0})", ("minute", "m", "min", "mins", "minutes"), "The minute."),
    "second": ("second({0})", ("second", "s", "sec", "seconds", "secs"), "The second."),
}
_SECONDS_WITH_FRACTION = (
    "CAST((epoch_us({0}) - epoch_us(date_trunc('minute', {0}))) * 0.000001::DECIMAL(6,6) "
    "AS DECIMAL(8,6))"
)


def _part(sql: str) -> str:
    return f"CAST({sql} AS INTEGER)"


#: For ``extract`` from dates and times: by field, the SQL and whether it needs a date.
_EXTRACT: dict[str, tuple[str, bool]] = {
    **{field: (_part(sql), True) for sql, names, _ in _DATE_PARTS.values() for field in names},
    **{
        field: (_part(sql), False)
        for name, (sql, names, _) in _TIME_PARTS.items()
        if name != "second"
        for field in names
    },
    **{field: (_SECONDS_WITH_FRACTION, False) for field in _TIME_PARTS["second"][1]},
}

_MINUTE, _HOUR, _DAY = 60_000_000, 3_600_000_000, 86_400_000_000

#: For ``extract`` from intervals: by field, the SQL from microseconds or months.
_INTERVAL_PARTS: dict[type[DataType], dict[str, str]] = {
    DayTimeIntervalType: {
        "day": f"CAST(({{0}} - {{0}} % {_DAY}) // {_DAY} AS INTEGER)",
        "hour": f"CAST(({{0}} % {_DAY} - {{0}} % {_HOUR}) // {_HOUR} AS TINYINT)",
        "minute": f"CAST(({{0}} % {_HOUR} - {{0}} % {_MINUTE}) // {_MINUTE} AS TINYINT)",
        "second": f"CAST(({{0}} % {_MINUTE}) * 0.000001::DECIMAL(6,6) AS DECIMAL(8,6))",
    },
    YearMonthIntervalType: {
        "year": "CAST(({0} - {0} % 12) // 12 AS INTEGER)",
        "month": "CAST({0} % 12 AS TINYINT)",
    },
}
_CANONICAL = {
    field: name for name, (_, names, _) in {**_DATE_PARTS, **_TIME_PARTS}.items() for field in names
}


def _extract_result(field: str, source: DataType) -> tuple[str, DataType] | None:
    """Return the SQL of a part of a type and its type, None if there is no such part."""
    if isinstance(source, (DayTimeIntervalType, YearMonthIntervalType)):
        name = _CANONICAL.get(field, "")
        sql = _INTERVAL_PARTS[type(source)].get(name)
        if sql is None:
            return None
        if name == "second":
            return sql, DecimalType(8, 6)
        return sql, INTEGER if name in ("day", "year") else BYTE
    found = _EXTRACT.get(field)
    if found is None:
        return None
    return found[0], DecimalType(8, 6) if found[0] is _SECONDS_WITH_FRACTION else INTEGER


def _coerce_extract(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    field, source = arrange(function, arguments)
    text = constant_text(field)
    if isinstance(field, Literal) and field.value is None:
        return field, source
    if text is None:
        raise analysis_error(
            "NON_FOLDABLE_ARGUMENT",
            funcName=f"`{function.name}`",
            paramName="`field`",
            paramType='"STRING"',
        )
    if isinstance(source.data_type, StringType):
        source = cast_to(source, TIMESTAMP, ansi)
    key = text.lower()
    if _extract_result(key, source.data_type) is None:
        raise analysis_error("INVALID_EXTRACT_FIELD", field=f"`{text}`", expr=f'"{pretty(source)}"')
    if _EXTRACT.get(key, ("", False))[1] and isinstance(
        source.data_type, (TimestampType, TimestampNTZType)
    ):
        source = cast_to(source, DATE, ansi)
    elif isinstance(source.data_type, DateType) and not _EXTRACT[key][1]:
        source = cast_to(source, TIMESTAMP, ansi)
    return field, source


def _lower_extract(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    field = constant_text(call.arguments[0])
    if field is None:
        return "CAST(NULL AS DOUBLE)"
    found = _extract_result(field.lower(), call.arguments[1].data_type)
    assert found is not None
    return found[0].replace("{0}", arguments[1])


def _extract_type(arguments: Sequence[Expression]) -> DataType:
    field = constant_text(arguments[0])
    if field is None:
        return DOUBLE
    found = _extract_result(field.lower(), arguments[1].data_type)
    assert found is not None
    return found[1]


def by_name(
    name: Expression, name_sql: str, choices: Mapping[str, str], otherwise: str = "NULL"
) -> str:
    """Choose SQL by an argument that is a name: now if it is constant, else row by row."""
    text = constant_text(name)
    if text is not None:
        return choices.get(text.lower(), otherwise)
    cases = " ".join(f"WHEN '{key}' THEN {sql}" for key, sql in choices.items())
    return f"CASE lower({name_sql}) {cases} ELSE {otherwise} END"


_UNIT_NAMES: dict[str, tuple[str, ...]] = {
    "year": ("year", "yyyy", "yy"),
    "quarter": ("quarter",),
    "month": ("month", "mon", "mm"),
    "week": ("week",),
    "day": ("day", "dd"),
    "hour": ("hour",),
    "minute": ("minute",),
    "second": ("second",),
    "millisecond": ("millisecond",),
    "microsecond": ("microsecond",),
}
#: Units of the clock, in microseconds.
_CLOCK_UNITS = {"hour": _HOUR, "minute": _MINUTE, "second": 1_000_000, "millisecond": 1_000}
_DATE_UNITS = ("year", "quarter", "month", "week")


def _truncated(units: Sequence[str], value: str, sql_type: str) -> dict[str, str]:
    return {
        name: f"CAST(date_trunc('{unit}', {value}) AS {sql_type})"
        for unit in units
        for name in _UNIT_NAMES[unit]
    }


def _trunc(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    choices = _truncated(_DATE_UNITS, arguments[0], "DATE")
    return by_name(call.arguments[1], arguments[1], choices, "CAST(NULL AS DATE)")


def _date_trunc(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    time = arguments[1]
    choices = _truncated(tuple(_UNIT_NAMES), time, "TIMESTAMPTZ")
    # An hour that the clocks show twice has two instants: this stays in its own.
    local = f"epoch_us(CAST({time} AS TIMESTAMP))"
    for unit, micros in _CLOCK_UNITS.items():
        since = f"({local} % {micros} + {micros}) % {micros}"
        choices[unit] = f"make_timestamptz(epoch_us({time}) - {since})"
    return by_name(call.arguments[0], arguments[0], choices, "CAST(NULL AS TIMESTAMPTZ)")


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _next_day(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    date, day = arguments
    choices = {
        name: f"CAST({date} + CAST((({number} - isodow({date}) + 6) % 7) + 1 AS INTEGER) AS DATE)"
        for number, full in enumerate(_WEEKDAYS, 1)
        for name in (full[:2], full[:3], full)
    }
    wrong = "CAST(NULL AS DATE)"
    if context.ansi:
        error = raise_sql("ILLEGAL_DAY_OF_WEEK", string=day)
        wrong = f"CASE WHEN {date} IS NOT NULL AND {day} IS NOT NULL THEN {error} END"
    chosen = by_name(call.arguments[1], f"trim({day})", choices, wrong)
    return f"CAST({chosen} AS DATE)"


def _months_between(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    a, b = (f"CAST({argument} AS TIMESTAMP)" for argument in arguments[:2])
    months = f"(year({a}) - year({b})) * 12 + month({a}) - month({b})"
    # Of a day, what has gone by counts, not what the clocks show.
    seconds = " - ".join(
        f"(day({x}) * 86400 + (epoch_us({z}) - epoch_us(date_trunc('day', {z}))) // 1000000)"
        for x, z in ((a, arguments[0]), (b, arguments[1]))
    )
    ends = " AND ".join(f"CAST({x} AS DATE) = last_day({x})" for x in (a, b))
    exact = f"CAST({months} AS DOUBLE)"
    parts = f"({months}) + ({seconds}) / 2678400.0::DOUBLE"
    return (
        f"CASE WHEN day({a}) = day({b}) OR ({ends}) THEN {exact} "
        f"WHEN {arguments[2]} THEN round({parts}, 8) ELSE {parts} END"
    )


_FIELD_RANGES = (("MonthOfYear", "1 - 12", 1, 12), ("DayOfMonth", "1 - 28/31", 1, 31))


def date_parts(year: str, month: str, day: str) -> tuple[str, str, str]:
    """Return SQL of a year, a month and a day, each null if there is no such.

    DuckDB's functions raise for a date that does not exist, in branches not taken too where the
    arguments are constants, and TRY takes no arguments that may raise.
    """
    year = f"CASE WHEN {year} BETWEEN -290000 AND 290000 THEN {year} END"
    month = f"CASE WHEN {month} BETWEEN 1 AND 12 THEN {month} END"
    last = f"day(last_day(make_date({year}, {month}, 1)))"
    return year, month, f"CASE WHEN {day} BETWEEN 1 AND {last} THEN {day} END"


def _make_date(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    year, month, day = arguments
    made = f"make_date({', '.join(date_parts(year, month, day))})"
    if not context.ansi:
        return made
    checks = " ".join(
        f"WHEN {value} NOT BETWEEN {least} AND {most} THEN "
        + raise_sql(
            "DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION",
            rangeMessage=f"'Invalid value for {name} (valid values {valid}): ' || {value}",
        )
        for value, (name, valid, least, most) in zip((month, day), _FIELD_RANGES, strict=True)
    )
    no_such_day = raise_sql(
        "DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION",
        rangeMessage=(
            f"CASE WHEN {month} = 2 AND {day} = 29 THEN "
            f"concat('Invalid date ''February 29'' as ''', {year}, ''' is not a leap year') ELSE "
            f"concat('Invalid date ''', upper(monthname(make_date(2000, {month}, 1))), ' ', {day},"
            " '''') END"
        ),
    )
    return (
        f"CASE WHEN {year} IS NULL OR {month} IS NULL OR {day} IS NULL THEN NULL {checks} "
        f"ELSE coalesce({made}, {no_such_day}) END"
    )


def _nullable_or_lenient(arguments: Sequence[Expression]) -> bool:
    return True


def _date_part(name: str, sql: str, text: str, *aliases: str) -> tuple[Function, ...]:
    return scalar(f"{name}(date: date) -> int", _part(sql), text, aliases=aliases)


def _extract(name: str, pretty: Callable[[Sequence[str]], str] | None) -> tuple[Function, ...]:
    return scalar(
        f"{name}(field: string, source: any)",
        _lower_extract,
        "A part of a date, a time or an interval.",
        coerce=_coerce_extract,
        result=_extract_type,
        nullable=any_argument_nullable,
        pretty=pretty,
    )


FUNCTIONS = (
    scalar(
        "current_date() -> date",
        "CAST(now() AS DATE)",
        "Today, the same in the whole query.",
        nullable=False,
        aliases=("curdate",),
        pretty=lambda texts: "current_date()",
    ),
    scalar(
        "current_timestamp() -> timestamp",
        "now()",
        "When the query began.",
        nullable=False,
        aliases=("now",),
    ),
    scalar(
        "localtimestamp() -> timestamp_ntz",
        "CAST(now() AS TIMESTAMP)",
        "When the query began, as the session's clock shows it.",
        nullable=False,
    ),
    scalar(
        "current_timezone() -> string",
        lambda call, arguments, context: f"'{context.time_zone}'",
        "The session's time zone.",
        nullable=False,
    ),
    scalar(
        "date_add(start_date: date, num_days: int|smallint|tinyint) -> date",
        "CAST({start_date} + CAST({num_days} AS INTEGER) AS DATE)",
        "The date some days later.",
        aliases=("dateadd",),
        pretty=lambda texts: f"date_add({', '.join(texts)})",
    ),
    scalar(
        "date_sub(start_date: date, num_days: int|smallint|tinyint) -> date",
        "CAST({start_date} - CAST({num_days} AS INTEGER) AS DATE)",
        "The date some days before.",
    ),
    scalar(
        "datediff(end_date: date, start_date: date) -> int",
        "CAST({end_date} - {start_date} AS INTEGER)",
        "The days from the second date to the first.",
        aliases=("date_diff",),
    ),
    scalar(
        "add_months(start_date: date, num_months: int) -> date",
        "CAST({start_date} + to_months({num_months}) AS DATE)",
        "The date some months later, or the last of that month.",
    ),
    scalar(
        "months_between(timestamp1: timestamp, timestamp2: timestamp, roundOff: boolean = true)"
        " -> double",
        _months_between,
        "The months from the second time to the first, with a fraction of 31 days.",
    ),
    scalar("last_day(date: date) -> date", "last_day({date})", "The last day of the month."),
    scalar(
        "next_day(start_date: date, day_of_week: string) -> date",
        _next_day,
        "The next date that is a given day of the week.",
        nullable=_nullable_or_lenient,
    ),
    scalar(
        "trunc(date: date, fmt: string) -> date",
        _trunc,
        "The start of the year, quarter, month or week.",
        nullable=True,
    ),
    scalar(
        "date_trunc(fmt: string, ts: timestamp) -> timestamp",
        _date_trunc,
        "The start of a unit of time.",
        nullable=True,
    ),
    *(
        _date_part(name, sql, text, *{"day": ("dayofmonth",)}.get(name, ()))
        for name, (sql, _, text) in _DATE_PARTS.items()
        if name not in ("yearofweek", "dayofweek_iso")
    ),
    _date_part("weekday", "isodow({0}) - 1", "The day of the week, 0 for Monday."),
    *(
        scalar(f"{name}(ts: timestamp|timestamp_ntz|time) -> int", _part(sql), text)
        for name, (sql, _, text) in _TIME_PARTS.items()
    ),
    _extract("extract", lambda texts: f"extract({texts[0]} FROM {texts[1]})"),
    _extract("date_part", None),
    _extract("datepart", lambda texts: f"datepart({texts[0]} FROM {texts[1]})"),
    scalar("dayname(date: date) -> string", "strftime({date}, '%a')", "The day's short name."),
    scalar("monthname(date: date) -> string", "strftime({date}, '%b')", "The month's short name."),
    scalar(
        "make_date(year: int, month: int, day: int) -> date",
        _make_date,
        "A date of its parts.",
        nullable=_nullable_or_lenient,
    ),
    scalar(
        "unix_date(date: date) -> int",
        "CAST({date} - DATE '1970-01-01' AS INTEGER)",
        "The days since 1970.",
        coerce=coerce_null,
    ),
    scalar(
        "date_from_unix_date(days: int) -> date",
        "CAST(DATE '1970-01-01' + {days} AS DATE)",
        "The date some days after 1970 began.",
    ),
)
