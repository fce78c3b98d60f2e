"""Results made comparable: engines differ in the types and the last digits of fractions."""

import datetime
import math
from decimal import Decimal
from typing import Any

#: Spark's averages of decimals keep four digits more than their input; others give doubles.
_TOLERANCE = 1e-4


def plain(value: Any) -> Any:
    """A value as JSON has it: fractions as doubles, dates as text."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()[:10]
    return value


def rows(table: Any) -> list[list[Any]]:
    """The rows of an Arrow table, in order."""
    columns = [column.to_pylist() for column in table.columns]
    return [[plain(value) for value in row] for row in zip(*columns, strict=True)]


def same(left: Any, right: Any) -> bool:
    """Whether two answers are the same, fractions to their first digits.

    >>> same([["a", 0.049985]], [["a", 0.0499853]])
    True
    """
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return math.isclose(left, right, rel_tol=_TOLERANCE)
    return bool(left == right)


def same_rows(left: list[list[Any]], right: list[list[Any]]) -> bool:
    """Whether two answers have the same rows, in orders that the query allows.

    Rows that tie in what they are ordered by may change places: at each place that such rows
    take, the answers agree on one column at least.

    >>> same_rows([["a", 7], ["b", 7]], [["b", 7], ["a", 7]])
    True
    >>> same_rows([["a", 8], ["b", 7]], [["b", 7], ["a", 8]])
    False
    """
    if len(left) != len(right):
        return False
    moved = [pair for pair in zip(left, right, strict=True) if not same(*pair)]
    if not all(any(map(same, *pair)) for pair in moved):
        return False
    return same(
        sorted((one for one, _ in moved), key=_order),
        sorted((other for _, other in moved), key=_order),
    )


def _order(row: list[Any]) -> tuple[list[str], list[float]]:
    """A key to sort rows by: fractions come last, as their last digits differ."""
    fractions = [value for value in row if isinstance(value, float)]
    return [str(value) for value in row if not isinstance(value, float)], fractions
