"""sequence: arrays of numbers, dates or times at even steps."""

from __future__ import annotations

from collections.abc import Sequence

from pyrite.sql.expressions.expression import Call, Expression, Literal
from pyrite.sql.expressions.function import Function, LoweringContext
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.signature import arrange, mismatch
from pyrite.sql.functions.type_coercion import cast_to, common_type
from pyrite.sql.types import (
    TIMESTAMP,
    ArrayType,
    CalendarIntervalType,
    DataType,
    DateType,
    DayTimeIntervalType,
    IntegralType,
    StringType,
    TimestampNTZType,
    TimestampType,
    YearMonthIntervalType,
    to_duckdb,
)

__all__ = ["FUNCTIONS"]

_DAY = 86_400_000_000
_TIMES = (DateType, TimestampType, TimestampNTZType)
_INTERVALS = (DayTimeIntervalType, YearMonthIntervalType, CalendarIntervalType)


def _coerce(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    given = arrange(function, arguments)
    start, stop = (
        cast_to(e, TIMESTAMP, ansi) if isinstance(e.data_type, StringType) else e for e in given[:2]
    )
    common = common_type(start.data_type, stop.data_type, ansi)
    if common is None or not isinstance(common, (IntegralType, *_TIMES)):
        raise mismatch(function, given, 0, "(INTEGRAL or DATE or TIMESTAMP)")
    ends = (cast_to(start, common, ansi), cast_to(stop, common, ansi))
    if len(given) == 2:
        if isinstance(common, IntegralType):
            return ends
        return (*ends, Literal(_DAY, DayTimeIntervalType()))
    step = given[2]
    if isinstance(common, IntegralType):
        return (*ends, cast_to(step, common, ansi))
    if not isinstance(step.data_type, _INTERVALS):
        raise mismatch(function, given, 2, "INTERVAL")
    return (*ends, step)


def _numbers(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    start, stop = arguments[:2]
    step = arguments[2] if len(arguments) > 2 else f"CASE WHEN {start} <= {stop} THEN 1 ELSE -1 END"
    series = f"generate_series(CAST({start} AS BIGINT), CAST({stop} AS BIGINT), {step})"
    return f"CAST({series} AS {to_duckdb(call.data_type)})"


def _times(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    """Step from the start each time, so that the last days of months stay the last."""
    start, stop, step = arguments
    element = to_duckdb(call.data_type)[:-2]
    match call.arguments[2].data_type:
        case YearMonthIntervalType():
            months, days, micros = step, "0", "0"
        case DayTimeIntervalType():
            months, days, micros = "0", f"({step} // {_DAY})", f"({step} % {_DAY})"
        case _:
            months = f"(datepart('year', {step}) * 12 + datepart('month', {step}))"
            days = f"datepart('day', {step})"
            micros = f"epoch_us({step} - to_months({months}::INTEGER) - to_days({days}::INTEGER))"
    length = f"({months} * {28 * _DAY} + {days} * {_DAY} + {micros})"
    reach = f"(epoch_us({stop}) - epoch_us({start}))"
    count = f"greatest({reach} // nullif({length}, 0) + 1, 0)"
    steps = []
    if months != "0":
        steps.append(f"to_months(CAST(_i * {months} AS INTEGER))")
    if days != "0":
        steps.append(f"to_days(CAST(_i * {days} AS INTEGER))")
    if micros != "0":
        steps.append(f"to_microseconds(CAST(_i * {micros} AS BIGINT))")
    value = f"CAST({start} + {' + '.join(steps)} AS {element})"
    series = f"list_transform(generate_series(0, {count}), lambda _i: {value})"
    inside = f"CASE WHEN {length} >= 0 THEN _x <= {stop} ELSE _x >= {stop} END"
    return f"list_filter({series}, lambda _x: {inside})"


def _sequence(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    numbers = isinstance(call.arguments[0].data_type, IntegralType)
    made = (_numbers if numbers else _times)(call, arguments, context)
    nulls = " OR ".join(f"{argument} IS NULL" for argument in arguments)
    return f"CASE WHEN {nulls} THEN NULL ELSE {made} END"


def _type(arguments: Sequence[Expression]) -> DataType:
    return ArrayType(arguments[0].data_type, False)


FUNCTIONS = (
    scalar(
        "sequence(start: any, stop: any, step?: any)",
        _sequence,
        "From start to stop by steps.",
        coerce=_coerce,
        result=_type,
    ),
)
