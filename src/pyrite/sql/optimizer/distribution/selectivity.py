"""Selectivity: the share of rows that fulfil a condition.

Where the bounds of a column are known, values are thought to be spread evenly between them.
Other conditions count as in System R (Selinger et al., Access Path Selection in a Relational
Database Management System, 1979, table 1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from math import inf, prod

from pyrite.sql.expressions.expression import (
    Attribute,
    Call,
    Cast,
    Exists,
    Expression,
    InSubquery,
    Literal,
)
from pyrite.sql.optimizer.conditions import call_name, conjuncts, disjuncts
from pyrite.sql.optimizer.distribution.estimates import ColumnEstimate
from pyrite.sql.types import DateType, DayTimeIntervalType, NumericType, YearMonthIntervalType

__all__ = ["column_of", "selectivity"]

#: System R's guesses: column = value, column > value, IN (SELECT ...).
_EQUAL, _COMPARED, _IN_QUERY = 1 / 10, 1 / 3, 1 / 2
#: Of those it has none for: a boolean column or call.
_OTHER = 1 / 3
_DAYS_OF_MONTH = 30.44
_MICROSECONDS_OF_DAY = 86_400_000_000

Columns = Mapping[int, ColumnEstimate]

#: From an operator to its like with both sides swapped.
_SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}


def selectivity(condition: Expression | None, columns: Columns) -> float:
    """Return the share of rows that fulfil a condition, from 0 to 1.

    Args:
        condition: The condition; None is always fulfilled.
        columns: What is believed of columns, by id.
    """
    share = 1.0
    ranges: dict[int, tuple[float, float]] = {}
    for part in conjuncts(condition):
        found = _range(part, columns)
        if found is None:
            share *= _share(part, columns)
            continue
        column, low, high = found
        known_low, known_high = ranges.get(column, (-inf, inf))
        ranges[column] = max(low, known_low), min(high, known_high)
    for column, bounds in ranges.items():
        share *= _within(columns[column], *bounds)
    return share


def column_of(expression: Expression, columns: Columns) -> ColumnEstimate | None:
    """Return what is believed of the values of an expression, None if it is no column."""
    column = _bare(expression)
    return columns.get(column.expression_id) if isinstance(column, Attribute) else None


def _within(column: ColumnEstimate, low: float, high: float) -> float:
    """Return the share of values from ``low`` to ``high``, the latter excluded."""
    assert column.low is not None
    if not column.width:
        return 1.0
    room = min(high, column.low + column.width) - max(low, column.low)
    return min(1.0, max(0.0, room / column.width))


def _range(part: Expression, columns: Columns) -> tuple[int, float, float] | None:
    """Return a column and the range in which a condition wants it, None for other conditions."""
    name = call_name(part)
    if name not in _SWAPPED:
        return None
    left, right = (_bare(argument) for argument in part.children)
    if not isinstance(left, Attribute):
        left, right, name = right, left, _SWAPPED[name]
    value = _number(right)
    column = columns.get(left.expression_id) if isinstance(left, Attribute) else None
    if column is None or not column.has_range or value is None:
        return None
    assert isinstance(left, Attribute)
    after = value + column.step
    bounds = {"<": (-inf, value), "<=": (-inf, after), ">": (after, inf), ">=": (value, inf)}
    if name == "=" and not column.step:
        return None
    return left.expression_id, *bounds.get(name, (value, after))


def _share(part: Expression, columns: Columns) -> float:
    match part:
        case Literal():
            return 1.0 if part.value is True else 0.0
        case Exists() | InSubquery():
            return _IN_QUERY
        case Call():
            share = _SHARES.get(part.function.name)
            return _OTHER if share is None else share(part, columns)
        case _:
            return _OTHER


def _equal(call: Call, columns: Columns) -> float:
    """Return the share of rows in which two values, or a value and a constant, are the same."""
    known = [column_of(argument, columns) for argument in call.arguments[:2]]
    counted = [c.distinct for c in known if c is not None and c.is_counted]
    return 1 / max(counted) if counted else _EQUAL


def _in(call: Call, columns: Columns) -> float:
    return min(1.0, (len(call.arguments) - 1) * _equal(call, columns))


def _or(call: Call, columns: Columns) -> float:
    return 1 - prod(1 - selectivity(part, columns) for part in disjuncts(call))


#: By the name of a function: the share of rows for which it is true.
_SHARES: dict[str, Callable[[Call, Columns], float]] = {
    "=": _equal,
    "<=>": _equal,
    "!=": lambda call, columns: 1 - _equal(call, columns),
    "in": _in,
    "or": _or,
    "not": lambda call, columns: 1 - selectivity(call.arguments[0], columns),
    "isnull": lambda call, columns: _EQUAL,
    "isnotnull": lambda call, columns: 1 - _EQUAL,
    "like": lambda call, columns: _EQUAL,
    "ilike": lambda call, columns: _EQUAL,
    **dict.fromkeys(("<", "<=", ">", ">="), lambda call, columns: _COMPARED),
}


def _bare(expression: Expression) -> Expression:
    """Return the number that a cast to another type of numbers is put around."""
    while isinstance(expression, Cast) and _is_number(expression):
        if not _is_number(expression.child):
            break
        expression = expression.child
    return expression


def _is_number(expression: Expression) -> bool:
    return isinstance(expression.data_type, NumericType)


def _number(expression: Expression) -> float | None:
    """Return a constant as a number, dates in days and intervals in days; None for others."""
    match expression:
        case Literal(value=bool()):
            return None
        case Literal(value=int(), data_type=DayTimeIntervalType()):
            return float(expression.value) / _MICROSECONDS_OF_DAY
        case Literal(value=int(), data_type=YearMonthIntervalType()):
            return float(expression.value) * _DAYS_OF_MONTH
        case Literal(value=int() | float() | Decimal()):
            return float(expression.value)
        case Cast(child=Literal(value=str() as text), data_type=DateType()):
            return _days(text)
        case Cast() if _is_number(expression) and _is_number(expression.child):
            return _number(expression.child)
        case Call() if expression.function.name in _ARITHMETIC and len(expression.arguments) == 2:
            left, right = (_number(argument) for argument in expression.arguments)
            if left is not None and right is not None:
                return _ARITHMETIC[expression.function.name](left, right)
    return None


_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "shift_on": lambda a, b: a + b,
    "shift_back": lambda a, b: a - b,
}


def _days(text: str) -> float | None:
    try:
        return float((date.fromisoformat(text) - date(1970, 1, 1)).days)
    except ValueError:
        return None
