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
