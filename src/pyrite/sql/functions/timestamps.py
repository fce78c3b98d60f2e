"""Timestamps: from parts and numbers, to numbers, across time zones, by calendar units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import Call, Expression, Literal
from pyrite.sql.expressions.function import Function, Lowering, LoweringContext
from pyrite.sql.functions.constants import constant_text
from pyrite.sql.functions.dates import date_parts
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.raising import raise_sql
from pyrite.sql.functions.signature import coerce
from pyrite.sql.time_zones import parse_zone, zone_offset_seconds
from pyrite.sql.types import STRING, TIMESTAMP_NTZ, DataType, DecimalType, IntegralType

__all__ = ["FUNCTIONS", "instant"]

_MICROS_LIMIT = 9_223_372_036_854_775_807


#: Zones whose clocks never show an hour twice, so that reading a local time is a plain cast.
_STEADY_ZONES = ("UTC", "GMT", "Etc/UTC", "Z")


def instant(sql: str, context: LoweringContext) -> str:
    """Return the TIMESTAMPTZ of a local TIMESTAMP in the session's time zone."""
    if context.time_zone in _STEADY_ZONES:
        return f"CAST({sql} AS TIMESTAMPTZ)"
    return f"spark_instant({sql})"


def at_zone(zone: Expression, zone_sql: str, time: str, *, to_local: bool) -> str:
    """Return SQL that moves between an instant and what a zone's clock shows.

    Args:
        zone: The zone's name.
        zone_sql: Its SQL.
        time: SQL of a TIMESTAMPTZ (to_local) or of a TIMESTAMP.
        to_local: From the instant to the clock's time, else back.
    """
    name = constant_text(zone)
    if name is None:
        return _at_any_zone(zone_sql, time, to_local)
    seconds = zone_offset_seconds(name)
    if seconds is None:
        found = parse_zone(name)
        if found is None:
            raise analysis_error("INVALID_TIMEZONE", timeZone=name)
        key = getattr(found, "key", name)
        return f"timezone('{key}', {time})"
    if to_local:
        return f"make_timestamp(epoch_us({time}) + {seconds * 1_000_000})"
    return f"make_timestamptz(epoch_us({time}) - {seconds * 1_000_000})"


def _at_any_zone(zone: str, time: str, to_local: bool) -> str:
    """Return ``at_zone`` for zones that differ from row to row; DuckDB knows no offsets."""
    sign = f"CASE WHEN contains({zone}, '-') THEN -1 ELSE 1 END"
    hours = f"CAST(regexp_extract({zone}, '[+-](\\d{{1,2}})', 1) AS BIGINT)"
    minutes = (
        f"coalesce(TRY_CAST(regexp_extract({zone}, '[+-]\\d{{1,2}}:?(\\d{{2}})', 1) AS BIGINT), 0)"
    )
    micros = f"({sign}) * ({hours} * 3600 + {minutes} * 60) * 1000000"
    shifted = (
        f"make_timestamp(epoch_us({time}) + {micros})"
        if to_local
        else f"make_timestamptz(epoch_us({time}) - {micros})"
    )
    is_offset = f"regexp_full_match({zone}, '(UTC|GMT|UT)?[+-]\\d{{1,2}}(:?\\d{{2}})?')"
    return f"CASE WHEN {is_offset} THEN {shifted} ELSE timezone({zone}, {time}) END"


def _from_utc(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    local = at_zone(call.arguments[1], arguments[1], arguments[0], to_local=True)
    return f"make_timestamptz(epoch_us({local}))"


def _to_utc(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    local = f"make_timestamp(epoch_us({arguments[0]}))"
    return at_zone(call.arguments[1], arguments[1], local, to_local=False)


def _coerce_convert_timezone(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Allow the source zone to be left out: it is the session's."""
    if len(arguments) == 2:
        return coerce(function, (Literal("", STRING), *arguments), ansi)[1:]
    return coerce(function, arguments, ansi)


def _convert_timezone(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    time = arguments[-1]
    if len(arguments) == 2:
        moment = instant(time, context)
    else:
        moment = at_zone(call.arguments[0], arguments[0], time, to_local=False)
    return at_zone(call.arguments[-2], arguments[-2], moment, to_local=True)


def _seconds_since(unit_micros: int, unit: str) -> Lowering:
    """Lower timestamp_seconds and its like: from a number to an instant."""

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        value, given = arguments[0], call.arguments[0].data_type
        if not isinstance(given, IntegralType):
            micros = f"CAST(trunc({value} * {unit_micros}) AS BIGINT)"
            if isinstance(given, DecimalType):
                micros = f"CAST({value} * {unit_micros} AS BIGINT)"
            return f"make_timestamptz({micros})"
        if unit_micros == 1:
            return f"make_timestamptz(CAST({value} AS BIGINT))"
        error = raise_sql(
            "DATETIME_OVERFLOW",
            operation=f"concat('create a TIMESTAMP from ', {value}, 'L {unit} since the epoch')",
        )
        wide = f"CAST({value} AS BIGINT)"
        return (
            f"CASE WHEN {wide} NOT BETWEEN {-(_MICROS_LIMIT // unit_micros)} AND "
            f"{_MICROS_LIMIT // unit_micros} THEN {error} "
            f"ELSE make_timestamptz({wide} * {unit_micros}) END"
        )

    return lower


def _since_epoch(unit_micros: int) -> str:
    """Return SQL of whole units since 1970, rounded down."""
    micros = "epoch_us({0})"
    if unit_micros == 1:
        return micros
    return (
        f"({micros} - ({micros} % {unit_micros} + {unit_micros}) % {unit_micros}) // {unit_micros}"
    )


# ---- making timestamps of their parts ----

_RANGES = (
    (1, "MonthOfYear", "1 - 12", 1, 12),
    (2, "DayOfMonth", "1 - 28/31", 1, 31),
    (3, "HourOfDay", "0 - 23", 0, 23),
    (4, "MinuteOfHour", "0 - 59", 0, 59),
)


def _clock_parts(hour: str, minute: str) -> tuple[str, str]:
    """Return SQL of an hour and a minute, each null if there is no such."""
    return (
        f"CASE WHEN {hour} BETWEEN 0 AND 23 THEN {hour} END",
        f"CASE WHEN {minute} BETWEEN 0 AND 59 THEN {minute} END",
    )


def _made(arguments: Sequence[str], strict: bool) -> str:
    """Return SQL of the TIMESTAMP with these parts: year, month, day, hour, minute, second."""
    *whole, second = arguments
    micros = f"CAST({second} * 1000000 AS BIGINT)"
    base = f"make_timestamp({', '.join([*date_parts(*whole[:3]), *_clock_parts(*whole[3:])])}, 0)"
    ok = f"({second} >= 0 AND {second} <= 60)"
    made = f"CASE WHEN {ok} THEN {base} + to_microseconds({micros}) END"
    if not strict:
        return made
    nulls = " OR ".join(f"{argument} IS NULL" for argument in arguments)
    checks = [
        f"WHEN {whole[index]} NOT BETWEEN {least} AND {most} THEN "
        + _out_of_bounds(f"'Invalid value for {name} (valid values {text}): ' || {whole[index]}")
        for index, name, text, least, most in _RANGES
    ]
    checks.append(
        f"WHEN {second} > 60 AND {second} < 61 THEN "
        + raise_sql(
            "INVALID_FRACTION_OF_SECOND", secAndMicros=f"rtrim(CAST({second} AS VARCHAR), '0')"
        )
    )
    checks.append(
        f"WHEN NOT {ok} THEN "
        + _out_of_bounds(
            "'Invalid value for SecondOfMinute (valid values 0 - 59): ' || "
            f"CAST(floor({second}) AS INTEGER)"
        )
    )
    wrong_day = _out_of_bounds(
        f"CASE WHEN {whole[1]} = 2 AND {whole[2]} = 29 THEN concat('Invalid date ''February 29'' "
        f"as ''', {whole[0]}, ''' is not a leap year') ELSE concat('Invalid date ''', "
        f"upper(monthname(make_date(2000, {whole[1]}, 1))), ' ', {whole[2]}, '''') END"
    )
    return (
        f"CASE WHEN {nulls} THEN NULL {' '.join(checks)} "
        f"WHEN {base} IS NULL THEN {wrong_day} ELSE {made} END"
    )


def _out_of_bounds(message: str) -> str:
    return raise_sql("DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION", rangeMessage=message)


def _make(forgiving: bool, with_zone: bool) -> Lowering:
    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        strict = context.ansi and not forgiving
        parts = 2 if len(arguments) < 6 else 6
        if parts == 2:
            local = f"({arguments[0]} + {arguments[1]})"
        else:
            local = f"CAST({_made(arguments[:6], strict)} AS TIMESTAMP)"
        if not with_zone:
            return local
        if len(arguments) > parts:
            return at_zone(call.arguments[parts], arguments[parts], local, to_local=False)
        return instant(local, context)

    return lower


_PARTS = "year: int, month: int, day: int, hour: int, min: int, sec: decimal(16,6)"


def _maker(name: str, forgiving: bool, with_zone: bool, **rest: Any) -> tuple[Function, ...]:
    zone = ", timezone?: string" if with_zone else ""
    result = "timestamp" if with_zone else "timestamp_ntz"

    def coerce_made(
        function: Function, arguments: Sequence[Expression], ansi: bool
    ) -> tuple[Expression, ...]:
        """Take a date and a time of day as well."""
        if len(arguments) in (2, 2 + with_zone):
            function = replace(function, signature=f"{name}(date: date, time: time{zone})")
        return coerce(function, arguments, ansi)

    return scalar(
        f"{name}({_PARTS}{zone}) -> {result}",
        _make(forgiving, with_zone),
        "A time of its parts, or of a date and a time"
        + (", null if there is no such time." if forgiving else "."),
        coerce=coerce_made,
        nullable=True,
        **rest,
    )


# ---- calendar arithmetic by units ----

_UNITS: dict[str, tuple[str, int]] = {
    "microsecond": ("to_microseconds", 1),
    "millisecond": ("to_microseconds", 1_000),
    "second": ("to_microseconds", 1_000_000),
    "minute": ("to_microseconds", 60_000_000),
    "hour": ("to_microseconds", 3_600_000_000),
    "day": ("to_days", 1),
    "dayofyear": ("to_days", 1),
    "week": ("to_days", 7),
    "month": ("to_months", 1),
    "quarter": ("to_months", 3),
    "year": ("to_months", 12),
}


def _unit(call: Call) -> str:
    text = constant_text(call.arguments[0])
    unit = (text or "").lower()
    if unit not in _UNITS:
        raise analysis_error(
            "INVALID_PARAMETER_VALUE.DATETIME_UNIT",
            functionName=f"`{call.function.name}`",
            parameter="`unit`",
            invalidValue=f"'{text}'",
        )
    return unit


def _timestamp_add(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    interval, factor = _UNITS[_unit(call)]
    number = "BIGINT" if interval == "to_microseconds" else "INTEGER"
    quantity = f"CAST({arguments[1]} * {factor} AS {number})"
    return f"({arguments[2]} + {interval}({quantity}))"


def _timestamp_diff(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    unit = _unit(call)
    interval, factor = _UNITS[unit]
    start, end = arguments[1], arguments[2]
    if interval == "to_microseconds":
        return f"((epoch_us({end}) - epoch_us({start})) // {factor})"
    start, end = f"CAST({start} AS TIMESTAMP)", f"CAST({end} AS TIMESTAMP)"
    if interval == "to_days":
        return f"((epoch_us({end}) - epoch_us({start})) // {86_400_000_000 * factor})"
    months = f"(year({end}) - year({start})) * 12 + month({end}) - month({start})"
    into_start, into_end = (
        f"(epoch_us({x}) - epoch_us(date_trunc('month', {x})))" for x in (start, end)
    )
    whole = (
        f"CASE WHEN {months} > 0 AND {into_end} < {into_start} THEN {months} - 1 "
        f"WHEN {months} < 0 AND {into_end} > {into_start} THEN {months} + 1 ELSE {months} END"
    )
    return f"(({whole}) // {factor})"


def _same_as(index: int) -> Callable[[Sequence[Expression]], DataType]:
    return lambda arguments: arguments[index].data_type


_NUMBERS: tuple[tuple[str, int, str], ...] = (
    ("seconds", 1_000_000, "numeric"),
    ("millis", 1_000, "integral"),
    ("micros", 1, "integral"),
)
_LONG_NAMES: dict[str, Any] = {"seconds": "seconds", "millis": "milliseconds", "micros": "micros"}

FUNCTIONS = (
    *(
        scalar(
            f"timestamp_{name}({name}: {pattern}) -> timestamp",
            _seconds_since(micros, _LONG_NAMES[name]),
            f"The time some {_LONG_NAMES[name]} after 1970 began.",
        )
        for name, micros, pattern in _NUMBERS
    ),
    *(
        scalar(
            f"unix_{name}(timestamp: timestamp|timestamp_ntz) -> bigint",
            _since_epoch(micros),
            f"The {_LONG_NAMES[name]} since 1970 began.",
        )
        for name, micros, _ in _NUMBERS
    ),
    scalar(
        "from_utc_timestamp(timestamp: timestamp, timezone: string) -> timestamp",
        _from_utc,
        "A time in UTC as the clocks of a zone show it.",
    ),
    scalar(
        "to_utc_timestamp(timestamp: timestamp, timezone: string) -> timestamp",
        _to_utc,
        "What the clocks of a zone show, as a time in UTC.",
    ),
    scalar(
        "convert_timezone(sourceTz: string, targetTz: string, sourceTs: timestamp_ntz)",
        _convert_timezone,
        "What the clocks of another zone show.",
        coerce=_coerce_convert_timezone,
        result=lambda arguments: TIMESTAMP_NTZ,
        pretty=lambda texts: (
            f"convert_timezone({'current_timezone(), ' * (len(texts) == 2)}{', '.join(texts)})"
        ),
    ),
    _maker("make_timestamp", False, True),
    _maker("make_timestamp_ltz", False, True),
    _maker("make_timestamp_ntz", False, False),
    _maker(
        "try_make_timestamp",
        True,
        True,
        # Spark shows no zone here.
        pretty=lambda texts: f"try_make_timestamp({', '.join(texts[:6])})",
    ),
    _maker("try_make_timestamp_ltz", True, True),
    _maker("try_make_timestamp_ntz", True, False),
    scalar(
        "timestampadd(unit: string, quantity: bigint, timestamp: timestamp|timestamp_ntz)",
        _timestamp_add,
        "The time some units later.",
        result=_same_as(2),
    ),
    scalar(
        "timestampdiff(unit: string, startTimestamp: timestamp, endTimestamp: timestamp) -> bigint",
        _timestamp_diff,
        "The whole units from one time to another.",
    ),
)
