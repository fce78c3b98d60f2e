"""Expressions as SQL text: the names of columns without one, and what messages quote."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Alias,
    Attribute,
    Call,
    Cast,
    Exists,
    Expression,
    FrameBound,
    InSubquery,
    LambdaFunction,
    LambdaVariable,
    Literal,
    PythonUDF,
    ScalarSubquery,
    SortOrder,
    SubqueryExpression,
    WindowExpression,
)
from pyrite.sql.expressions.interval_text import (
    calendar_interval_text,
    day_time_text,
    year_month_text,
)
from pyrite.sql.expressions.number_text import double_text, float_text
from pyrite.sql.time_zones import parse_zone
from pyrite.sql.types import (
    ArrayType,
    BinaryType,
    CalendarIntervalType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DoubleType,
    FloatType,
    MapType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    YearMonthIntervalType,
    sql_name,
)

__all__ = ["SHOWN_ZONE", "frame_text", "pretty", "specification_text"]


def pretty(expression: Expression) -> str:
    """Return an expression as Spark names a column after it.

    Implicit casts and qualifiers are left out.

    Example:
        >>> from pyrite.sql.expressions.expression import CastMode
        >>> from pyrite.sql.types import LONG
        >>> pretty(Cast(Attribute("a", LONG, True, 1), LONG, CastMode.ANSI))
        'CAST(a AS BIGINT)'
    """
    return _PRINTERS[type(expression)](expression)


def _literal(literal: Literal) -> str:
    if literal.value is None:
        return "NULL"
    return literal_text(literal.value, literal.data_type)


_EPOCH = datetime.datetime(1970, 1, 1)
_MICRO = datetime.timedelta(microseconds=1)
_FIRST_MICROS = (datetime.datetime.min - _EPOCH) // _MICRO
_LAST_MICROS = (datetime.datetime.max - _EPOCH) // _MICRO


#: The calendar repeats after 400 years.
_CYCLE_DAYS = 146_097
_DAY_MICROS = 86_400_000_000


def _date_text(date: datetime.date, cycles: int = 0) -> str:
    """Return a date as text, some cycles of the calendar later."""
    year = date.year + 400 * cycles
    sign = "+" if year > 9999 else "-" if year < 0 else ""
    return f"{sign}{abs(year):04d}-{date.month:02d}-{date.day:02d}"


def _timestamp_text(micros: int, is_local: bool) -> str:
    """Return a time of any year as text, by the session's clocks unless it is local already."""
    cycles, rest = 0, micros
    if not _FIRST_MICROS <= micros <= _LAST_MICROS:  # of years that Python does not have
        cycles, rest = divmod(micros, _CYCLE_DAYS * _DAY_MICROS)
    moment = _EPOCH + datetime.timedelta(microseconds=rest)
    if not is_local:
        moment = _local(moment)
    time = moment.time().isoformat()
    return f"{_date_text(moment, cycles)} {time.rstrip('0') if moment.microsecond else time}"


#: The time zone of the session whose plan is analyzed: instants are shown by its clocks.
SHOWN_ZONE: ContextVar[str] = ContextVar("shown_zone", default="UTC")


def _local(moment: datetime.datetime) -> datetime.datetime:
    """Return what the clocks show at a moment of UTC, UTC's own for years Python does not have."""
    try:
        zone = parse_zone(SHOWN_ZONE.get())
        return moment.replace(tzinfo=datetime.UTC).astimezone(zone).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return moment


def literal_text(value: Any, data_type: DataType) -> str:
    """Return a constant's text without quotes, as in a column's name."""
    match data_type:
        case StringType():
            return str(value)
        case BinaryType():
            return f"X'{value.hex().upper()}'"
        case DateType():
            cycles, days = divmod(value, _CYCLE_DAYS)
            return f"DATE '{_date_text(_EPOCH + datetime.timedelta(days=days), cycles)}'"
        case TimeType():
            moment = _EPOCH + datetime.timedelta(microseconds=value // 1000)
            text = moment.time().isoformat()
            return f"TIME '{text.rstrip('0') if moment.microsecond else text}'"
        case TimestampType() | TimestampNTZType():
            text = _timestamp_text(value, isinstance(data_type, TimestampNTZType))
            return f"{sql_name(data_type)} '{text}'"
        case FloatType():
            return float_text(value)
        case DoubleType():
            return double_text(value)
        case DayTimeIntervalType():
            return day_time_text(value, data_type.startField, data_type.endField)
        case YearMonthIntervalType():
            return year_month_text(value, data_type.startField, data_type.endField)
        case CalendarIntervalType():
            return f"INTERVAL '{calendar_interval_text(*value)}'"
        case ArrayType():
            inner = (_inner_text(item, data_type.elementType) for item in value)
            return f"ARRAY({', '.join(inner)})"
        case MapType():
            pairs = (
                f"{_inner_text(k, data_type.keyType)}, {_inner_text(v, data_type.valueType)}"
                for k, v in value
            )
            return f"MAP({', '.join(pairs)})"
        case StructType():
            named = (
                f"'{field.name}', {_inner_text(item, field.dataType)}"
                for item, field in zip(value, data_type.fields, strict=True)
            )
            return f"NAMED_STRUCT({', '.join(named)})"
        case _ if isinstance(value, bool):
            return "true" if value else "false"
        case _:
            return str(value)


def _inner_text(value: Any, data_type: DataType) -> str:
    if value is None:
        return "NULL"
    text = literal_text(value, data_type)
    return f"'{text}'" if isinstance(data_type, StringType) else text


def _cast(cast: Cast) -> str:
    if cast.implicit or isinstance(cast.data_type, (ArrayType, MapType, StructType)):
        return pretty(cast.child)
    word = "TRY_CAST" if cast.mode == "try" else "CAST"
    return f"{word}({pretty(cast.child)} AS {sql_name(cast.data_type)})"


def _call(call: Call) -> str:
    texts = [pretty(argument) for argument in call.arguments]
    if call.function.pretty is not None:
        return call.function.pretty(texts)
    return f"{call.function.name}({', '.join(texts)})"


def _aggregate(aggregate: AggregateExpression) -> str:
    text = pretty(aggregate.call)
    if aggregate.distinct:
        name, _, rest = text.partition("(")
        text = f"{name}(DISTINCT {rest}"
    if aggregate.order:
        text += f" WITHIN GROUP (ORDER BY {', '.join(map(pretty, aggregate.order))})"
    if aggregate.filter is not None:
        text += f" FILTER (WHERE {pretty(aggregate.filter)})"
    return text


def _sort_order(order: SortOrder) -> str:
    direction = "ASC" if order.ascending else "DESC"
    return f"{pretty(order.child)} {direction} NULLS {'FIRST' if order.nulls_first else 'LAST'}"


def _bound(bound: FrameBound | Expression, side: str) -> str:
    if bound is FrameBound.CURRENT_ROW:
        return "CURRENT ROW"
    if isinstance(bound, FrameBound):
        return f"UNBOUNDED {side}"
    text = pretty(bound)
    positive = text.replace("INTERVAL '-", "INTERVAL '").removeprefix("-")
    return f"{positive} {'FOLLOWING' if positive == text else 'PRECEDING'}"


#: Window functions that look at all rows up to their own.
_UP_TO_ROW = frozenset({"rank", "dense_rank", "row_number", "ntile", "percent_rank"})


def frame_text(window: WindowExpression) -> str:
    """Return a window's frame, also one that was not written."""
    function = window.function
    if isinstance(function, Call) and window.frame_rows is None:
        if function.function.name in _UP_TO_ROW:
            return "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
        if function.function.name in ("lag", "lead"):
            sign = "-" if function.function.name == "lag" else ""
            distance = f"{sign}{pretty(function.arguments[1])} FOLLOWING"
            return f"ROWS BETWEEN {distance} AND {distance}"
    if window.frame_rows is None:
        lower: FrameBound | Expression = FrameBound.UNBOUNDED
        upper = FrameBound.CURRENT_ROW if window.order else FrameBound.UNBOUNDED
        rows = not window.order
    else:
        lower, upper, rows = window.frame_lower, window.frame_upper, window.frame_rows  # type: ignore[assignment]
    frame = "ROWS" if rows else "RANGE"
    return f"{frame} BETWEEN {_bound(lower, 'PRECEDING')} AND {_bound(upper, 'FOLLOWING')}"


def specification_text(window: WindowExpression) -> str:
    """Return what OVER has in its parentheses."""
    parts = []
    if window.partition:
        parts.append("PARTITION BY " + ", ".join(map(pretty, window.partition)))
    if window.order:
        parts.append("ORDER BY " + ", ".join(map(pretty, window.order)))
    return " ".join([*parts, frame_text(window)])


def _window(window: WindowExpression) -> str:
    return f"{pretty(window.function)} OVER ({specification_text(window)})"


def _lambda(function: LambdaFunction) -> str:
    names = ", ".join("namedlambdavariable()" for _ in function.parameters)
    return f"lambdafunction({pretty(function.body)}, {names})"


def _outer_names(subquery: SubqueryExpression) -> str:
    return ", ".join(a.name for a in subquery.outer_references())


def _in_subquery(subquery: InSubquery) -> str:
    values = ", ".join(map(pretty, subquery.values))
    return f"({values} IN (listquery({_outer_names(subquery)})))"


def _udf(udf: PythonUDF) -> str:
    positional = len(udf.arguments) - len(udf.named)
    keywords = ("",) * positional + tuple(f"{name} => " for name in udf.named)
    shown = [name + pretty(a) for name, a in zip(keywords, udf.arguments, strict=True)]
    return f"{udf.name}({', '.join(shown)})"


_PRINTERS: dict[type[Expression], Callable[[Any], str]] = {
    Literal: _literal,
    Attribute: lambda attribute: attribute.name,
    Alias: lambda alias: f"{pretty(alias.child)} AS {alias.name}",
    Cast: _cast,
    Call: _call,
    AggregateExpression: _aggregate,
    SortOrder: _sort_order,
    WindowExpression: _window,
    LambdaVariable: lambda _: "namedlambdavariable()",
    LambdaFunction: _lambda,
    ScalarSubquery: lambda subquery: f"scalarsubquery({_outer_names(subquery)})",
    Exists: lambda subquery: f"exists({_outer_names(subquery)})",
    InSubquery: _in_subquery,
    PythonUDF: _udf,
}
