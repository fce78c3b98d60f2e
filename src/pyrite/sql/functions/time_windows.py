"""Time windows: the stretches of time that an instant falls into."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import Call, Expression
from pyrite.sql.expressions.function import Function, LoweringContext
from pyrite.sql.functions.constants import constant_text, constant_value
from pyrite.sql.functions.define import generator, scalar
from pyrite.sql.functions.signature import arrange, coerce
from pyrite.sql.types import (
    TIMESTAMP,
    DataType,
    DayTimeIntervalType,
    StructField,
    StructType,
    TimestampNTZType,
)

__all__ = ["FUNCTIONS", "duration_micros", "overlap"]

_UNITS = {
    "microsecond": 1,
    "millisecond": 1_000,
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": 86_400_000_000,
    "week": 604_800_000_000,
}
_PIECE = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*([a-z]+?)s?(?=\s|$|[+-]|\d)", re.IGNORECASE)


def duration_micros(text: str) -> int | None:
    """Return the microseconds of a duration's text, None if it is none or has months.

    Example:
        >>> duration_micros("1 minute 30 seconds")
        90000000
    """
    rest = re.sub(r"^\s*interval\s", "", text, flags=re.IGNORECASE)
    total, position = 0.0, 0
    while position < len(rest.rstrip()):
        match = _PIECE.match(rest, position)
        if match is None or match[2].lower() not in _UNITS:
            return None
        total += float(match[1]) * _UNITS[match[2].lower()]
        position = match.end()
    return round(total) if position else None


def _duration(argument: Expression, name: str) -> int:
    if isinstance(argument.data_type, DayTimeIntervalType):
        value = constant_value(argument)
        if isinstance(value, int):
            return value
    text = constant_text(argument)
    micros = None if text is None else duration_micros(text)
    if micros is None:
        raise analysis_error("CANNOT_PARSE_INTERVAL", intervalString=f"'{text or name}'")
    return micros


def _settings(call_arguments: Sequence[Expression]) -> tuple[int, int, int]:
    """Return the width, the distance and the offset of windows, in microseconds."""
    width = _duration(call_arguments[1], "windowDuration")
    slide = _duration(call_arguments[2], "slideDuration") if len(call_arguments) > 2 else width
    start = _duration(call_arguments[3], "startTime") if len(call_arguments) > 3 else 0
    return width, slide, start


def _window_type(arguments: Sequence[Expression]) -> DataType:
    time = arguments[0].data_type
    return StructType([StructField("start", time, True), StructField("end", time, True)])


def _coerce_window(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    given = arrange(function, arguments)
    _settings(given)
    if isinstance(given[0].data_type, (type(TIMESTAMP), TimestampNTZType)):
        return given
    return (coerce(function, given, ansi)[0], *given[1:])


def _bounds(start: str, width: int, time: DataType) -> str:
    make = "make_timestamp" if isinstance(time, TimestampNTZType) else "make_timestamptz"
    return f'struct_pack("start" := {make}({start}), "end" := {make}({start} + {width}))'


def _last_start(time: str, slide: int, offset: int) -> str:
    """Return SQL of the last start of a window that is not after a time."""
    micros = f"epoch_us({time})"
    return f"({micros} - (({micros} - {offset}) % {slide} + {slide}) % {slide})"


def overlap(call_arguments: Sequence[Expression]) -> bool:
    """Whether an instant may fall into several windows."""
    width, slide, _ = _settings(call_arguments)
    return slide < width


def _window(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    width, slide, offset = _settings(call.arguments)
    bounds = _bounds(_last_start(arguments[0], slide, offset), width, call.arguments[0].data_type)
    return f"CASE WHEN {arguments[0]} IS NOT NULL THEN {bounds} END"


def _windows(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    width, slide, offset = _settings(call.arguments)
    time = arguments[0]
    start = f"({_last_start(time, slide, offset)} - _i * {slide})"
    bounds = _bounds(start, width, call.arguments[0].data_type)
    overlapping = -(-width // slide)
    windows = f"list_transform(range({overlapping}), lambda _i: {bounds})"
    inside = f'epoch_us(_w."end") > epoch_us({time})'
    return f"CASE WHEN {time} IS NOT NULL THEN list_filter({windows}, lambda _w: {inside}) END"


def _window_time_type(arguments: Sequence[Expression]) -> DataType:
    window = arguments[0].data_type
    assert isinstance(window, StructType)
    return window["end"].dataType


def _window_time(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    return f'({arguments[0]}."end" - to_microseconds(1))'


_PARAMETERS = (
    "time_column: timestamp|timestamp_ntz, window_duration: any, slide_duration?: any,"
    " start_time?: any"
)

FUNCTIONS = (
    scalar(
        f"window({_PARAMETERS})",
        _window,
        "The window of time that an instant falls into.",
        coerce=_coerce_window,
        result=_window_type,
        nullable=lambda arguments: arguments[0].nullable,
        pretty=lambda texts: "window",
    ),
    generator(
        f"time_windows({_PARAMETERS})",
        _windows,
        "A row for each window that an instant falls into; what sliding windows mean.",
        coerce=_coerce_window,
        result=_window_type,
    ),
    scalar(
        "window_time(window_column: struct)",
        _window_time,
        "The last instant of a window.",
        result=_window_time_type,
    ),
)
