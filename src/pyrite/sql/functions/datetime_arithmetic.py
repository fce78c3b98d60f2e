"""What + - * / mean for dates, timestamps and intervals: calls the operators are rewritten to.

The functions here have no name a user could call; they show as the operator that was written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pyrite.sql.expressions.expression import Call, Expression
from pyrite.sql.expressions.function import Function, LoweringContext
from pyrite.sql.expressions.unresolved import UnresolvedFunction
from pyrite.sql.functions.define import operator, scalar
from pyrite.sql.functions.raising import raise_sql
from pyrite.sql.functions.type_coercion import cast_to, common_type
from pyrite.sql.types import (
    DATE,
    DOUBLE,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    CalendarIntervalType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DecimalType,
    FractionalType,
    NullType,
    NumericType,
    StringType,
    TimestampNTZType,
    TimestampType,
    YearMonthIntervalType,
    to_duckdb,
)

__all__ = [
    "add_datetimes",
    "attempted",
    "divide_intervals",
    "multiply_intervals",
    "subtract_datetimes",
]

_DAY = 86_400_000_000
_INTERVALS = (DayTimeIntervalType, YearMonthIntervalType, CalendarIntervalType)
_TIMESTAMPS = (TimestampType, TimestampNTZType)


def _as_is(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    return tuple(arguments)


def _first(arguments: Sequence[Expression]) -> DataType:
    return arguments[0].data_type


def _moved(moment: str, kind: DataType, interval: str, sign: str) -> str:
    """Return SQL of a moment an interval later; whole days move the calendar, and go first."""
    if isinstance(kind, YearMonthIntervalType):
        return f"{moment} + to_months({sign}{interval})"
    if isinstance(kind, DayTimeIntervalType):
        days = f"to_days(CAST({sign}({interval} // {_DAY}) AS INTEGER))"
        return f"({moment} + {days}) + to_microseconds({sign}({interval} % {_DAY}))"
    return f"{moment} + ({sign}{interval})"


def _shift(symbol: str) -> tuple[Function, ...]:
    """Define a date or a timestamp plus or minus an interval."""
    sign = "-" if symbol == "-" else ""

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        moment, interval = arguments
        kind = call.arguments[1].data_type
        shifted = f"CAST({_moved(moment, kind, interval, sign)} AS {to_duckdb(call.data_type)})"
        if isinstance(call.data_type, DateType) and isinstance(kind, CalendarIntervalType):
            error = raise_sql("INVALID_INTERVAL_WITH_MICROSECONDS_ADDITION", ansiConfig=_CONFIG)
            instead = error if context.ansi else f"CAST({shifted} AS DATE)"
            return f"(CASE WHEN spark_has_time({interval}) THEN {instead} ELSE {shifted} END)"
        return shifted

    return scalar(
        f"shift_{'back' if sign else 'on'}(moment: any, interval: any)",
        lower,
        "A time some interval later, or before.",
        coerce=_as_is,
        result=_first,
        pretty=lambda texts: f"{texts[0]} {symbol} {texts[1]}",
    )


_CONFIG = "'\"spark.sql.ansi.enabled\"'"


def _common(arguments: Sequence[Expression]) -> DataType:
    left, right = arguments[0].data_type, arguments[1].data_type
    return common_type(left, right, ansi=True) or left


def _combined(symbol: str) -> tuple[Function, ...]:
    return operator(
        f"interval_{'sum' if symbol == '+' else 'difference'}(left: any, right: any)",
        symbol,
        f"({{left}} {symbol} {{right}})",
        "Two intervals as one.",
        coerce=_as_is,
        result=_common,
    )


def _dates_apart(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    return f"(CAST({arguments[0]} - {arguments[1]} AS BIGINT) * {_DAY})"


def _times_apart(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    # By what the clocks show: a day on which they are changed has 24 hours here.
    left, right = (f"epoch_us(CAST({argument} AS TIMESTAMP))" for argument in arguments)
    return f"({left} - {right})"


def _whole(data_type: DataType) -> DataType:
    """Return the interval type with all its fields."""
    if isinstance(data_type, DayTimeIntervalType):
        return DayTimeIntervalType()
    if isinstance(data_type, YearMonthIntervalType):
        return YearMonthIntervalType()
    return data_type


def _scaled_type(arguments: Sequence[Expression]) -> DataType:
    return _whole(arguments[0].data_type)


def _calendar_scaled(interval: str, factor: str) -> str:
    """Multiply each part; the fraction of a day becomes time, that of a month is lost."""
    return f"spark_scale_interval({interval}, CAST({factor} AS DOUBLE))"


def _multiplied(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    interval, number = arguments
    if isinstance(call.data_type, CalendarIntervalType):
        return _calendar_scaled(interval, number)
    if isinstance(call.arguments[1].data_type, FractionalType):
        exact = "DECIMAL(38,9)" if _is_decimal(call.arguments[1]) else "DOUBLE"
        number = f"CAST({number} AS {exact})"
        return f"CAST(round(CAST({interval} AS {_wide(exact)}) * {number}) AS {_kind(call)})"
    return f"CAST(CAST({interval} AS HUGEINT) * {number} AS {_kind(call)})"


def _is_decimal(expression: Expression) -> bool:
    return isinstance(expression.data_type, DecimalType)


def _wide(exact: str) -> str:
    return "DECIMAL(20,0)" if exact != "DOUBLE" else exact


def _kind(call: Call) -> str:
    return to_duckdb(call.data_type)


def _divided(attempt: bool) -> tuple[Function, ...]:
    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        interval, number = arguments
        if isinstance(call.data_type, CalendarIntervalType):
            quotient = _calendar_scaled(interval, f"(1 / CAST({number} AS DOUBLE))")
        elif isinstance(call.arguments[1].data_type, FractionalType):
            quotient = f"CAST(round(CAST({interval} AS DOUBLE) / {number}) AS {_kind(call)})"
        else:
            wide = f"CAST({interval} AS HUGEINT), CAST({number} AS HUGEINT)"
            quotient = f"CAST(spark_rounding_div({wide}) AS {_kind(call)})"
        zero = "NULL" if attempt else raise_sql("INTERVAL_DIVIDED_BY_ZERO")
        fails = f"{number} = 0 AND {interval} IS NOT NULL"
        return f"(CASE WHEN {fails} THEN {zero} ELSE {quotient} END)"

    return operator(
        f"{'try_' if attempt else ''}interval_quotient(interval: any, number: any)",
        "/",
        lower,
        "A part of an interval.",
        coerce=_as_is,
        result=_scaled_type,
        nullable=True,
    )


(_ON,), (_BACK,) = _shift("+"), _shift("-")
(_SUM,), (_DIFFERENCE,) = _combined("+"), _combined("-")
(_DATES_APART,) = operator(
    "dates_apart(left: date, right: date)",
    "-",
    _dates_apart,
    "The days between two dates.",
    coerce=_as_is,
    result=lambda _: DayTimeIntervalType(0, 0),
)
(_TIMES_APART,) = operator(
    "times_apart(left: any, right: any)",
    "-",
    _times_apart,
    "The time between two moments.",
    coerce=_as_is,
    result=lambda _: DayTimeIntervalType(),
)
(_MULTIPLIED,) = operator(
    "interval_product(interval: any, number: any)",
    "*",
    _multiplied,
    "Some times an interval.",
    coerce=_as_is,
    result=_scaled_type,
)
(_DIVIDED,), (_TRY_DIVIDED,) = _divided(attempt=False), _divided(attempt=True)


(_TRIED,) = scalar(
    "attempt(value: any)",
    "TRY({value})",
    "A value, null where computing it fails.",
    coerce=_as_is,
    result=_first,
    nullable=True,
)


def attempted(
    rewrite: Callable[[Sequence[Expression], bool], Expression | None],
) -> Callable[[Sequence[Expression], bool], Expression | None]:
    """Return a rewrite whose result is null where it overflows, for try_add and its like."""

    def tried(arguments: Sequence[Expression], ansi: bool) -> Expression | None:
        meaning = rewrite(arguments, ansi)
        return _call(_TRIED, meaning) if isinstance(meaning, Call) else meaning

    return tried


def _call(function: Function, *arguments: Expression) -> Call:
    return Call(function, arguments, function.result_type(arguments), function.nullable(arguments))


def _shifted(
    function: Function, moment: Expression, interval: Expression, ansi: bool
) -> Expression:
    kind = interval.data_type
    if isinstance(moment.data_type, StringType):
        shifted = _call(function, cast_to(moment, TIMESTAMP, ansi), interval)
        return cast_to(shifted, STRING, ansi)
    if (
        isinstance(moment.data_type, DateType)
        and isinstance(kind, DayTimeIntervalType)
        and kind.endField > 0
    ):
        moment = cast_to(moment, TIMESTAMP, ansi)
    return _call(function, moment, interval)


_MOMENTS = (DateType, *_TIMESTAMPS)


def _is_moment(data_type: DataType, interval: DataType) -> bool:
    """Whether an interval may be added to a value of a type."""
    text = isinstance(data_type, StringType) and not isinstance(interval, YearMonthIntervalType)
    return text or isinstance(data_type, _MOMENTS)


def add_datetimes(arguments: Sequence[Expression], ansi: bool) -> Expression | None:
    """Return what ``left + right`` means with dates or intervals, None for numbers."""
    if len(arguments) != 2:
        return None
    left, right = arguments
    a, b = left.data_type, right.data_type
    if isinstance(b, _INTERVALS) and _is_moment(a, b):
        return _shifted(_ON, left, right, ansi)
    if isinstance(a, _INTERVALS) and _is_moment(b, a):
        return _shifted(_ON, right, left, ansi)
    if isinstance(a, _INTERVALS) or isinstance(b, _INTERVALS):
        return _combine(_SUM, left, right, ansi)
    if isinstance(a, _MOMENTS) and isinstance(b, NullType):
        return _shifted(_ON, left, cast_to(right, DayTimeIntervalType(), ansi), ansi)
    if isinstance(b, _MOMENTS) and isinstance(a, NullType):
        return _shifted(_ON, right, cast_to(left, DayTimeIntervalType(), ansi), ansi)
    if isinstance(a, DateType):
        return UnresolvedFunction(("date_add",), (left, _days(right, ansi)))
    if isinstance(b, DateType):
        return UnresolvedFunction(("date_add",), (right, _days(left, ansi)))
    return None


def _days(number: Expression, ansi: bool) -> Expression:
    """Return what is added to a date; text becomes what Spark then refuses as days."""
    if isinstance(number.data_type, StringType):
        return cast_to(number, DATE if ansi else DOUBLE, ansi)
    return number


def _combine(
    function: Function, left: Expression, right: Expression, ansi: bool
) -> Expression | None:
    a, b = left.data_type, right.data_type
    if isinstance(a, NullType):
        return _call(function, cast_to(left, b, ansi), right)
    if isinstance(b, NullType):
        return _call(function, left, cast_to(right, a, ansi))
    if type(a) is type(b) and isinstance(a, _INTERVALS):
        return _call(function, left, right)
    return None


def subtract_datetimes(arguments: Sequence[Expression], ansi: bool) -> Expression | None:
    """Return what ``left - right`` means with dates or intervals, None for numbers."""
    if len(arguments) != 2:
        return None
    left, right = arguments
    a, b = left.data_type, right.data_type
    if isinstance(b, _INTERVALS):
        if _is_moment(a, b):
            return _shifted(_BACK, left, right, ansi)
        return _combine(_DIFFERENCE, left, right, ansi)
    if isinstance(a, _INTERVALS) and isinstance(b, NullType):
        return _combine(_DIFFERENCE, left, right, ansi)
    if isinstance(a, DateType) and isinstance(b, DateType):
        return _call(_DATES_APART, left, right)
    if isinstance(a, _TIMESTAMPS) or isinstance(b, _TIMESTAMPS):
        return _timestamps_apart(left, right, ansi)
    if isinstance(a, DateType) and isinstance(b, NullType):
        return _call(_DATES_APART, left, cast_to(right, DATE, ansi))
    if isinstance(a, DateType) and isinstance(b, StringType) and ansi:
        return _call(_DATES_APART, left, cast_to(right, DATE, ansi))
    if isinstance(b, DateType) and isinstance(a, (StringType, NullType)):
        return _call(_DATES_APART, cast_to(left, DATE, ansi), right)
    if isinstance(a, DateType):
        return UnresolvedFunction(("date_sub",), (left, _days(right, ansi)))
    return None


def _timestamps_apart(left: Expression, right: Expression, ansi: bool) -> Expression | None:
    sides = []
    kinds = {type(left.data_type), type(right.data_type)}
    local = TimestampNTZType in kinds and TimestampType not in kinds
    for side in (left, right):
        if not isinstance(side.data_type, (*_MOMENTS, StringType, NullType)):
            return None
        sides.append(cast_to(side, TIMESTAMP_NTZ if local else TIMESTAMP, ansi))
    return _call(_TIMES_APART, *sides)


def multiply_intervals(arguments: Sequence[Expression], ansi: bool) -> Expression | None:
    """Return what ``left * right`` means with an interval, None for numbers."""
    if len(arguments) != 2:
        return None
    left, right = arguments
    if isinstance(right.data_type, _INTERVALS):
        left, right = right, left
    return _scaled(_MULTIPLIED, left, right, ansi)


def divide_intervals(
    arguments: Sequence[Expression], ansi: bool, attempt: bool = False
) -> Expression | None:
    """Return what ``left / right`` means with an interval, None for numbers.

    Args:
        arguments: Both sides.
        ansi: Whether bad values raise.
        attempt: Whether division by zero is null.
    """
    if len(arguments) != 2:
        return None
    return _scaled(_TRY_DIVIDED if attempt else _DIVIDED, arguments[0], arguments[1], ansi)


def _scaled(
    function: Function, interval: Expression, number: Expression, ansi: bool
) -> Expression | None:
    if not isinstance(interval.data_type, _INTERVALS):
        return None
    if isinstance(number.data_type, (StringType, NullType)):
        number = cast_to(number, DOUBLE, ansi)
    if not isinstance(number.data_type, NumericType):
        return None
    return _call(function, interval, number)
