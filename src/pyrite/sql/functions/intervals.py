"""Intervals: from their parts."""

from __future__ import annotations

from collections.abc import Sequence

from pyrite.sql.expressions.expression import Call
from pyrite.sql.expressions.function import Lowering, LoweringContext
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.raising import raise_sql
from pyrite.sql.types import CalendarIntervalType

__all__ = ["FUNCTIONS"]

_CALENDAR = (
    "(to_months(CAST({months} AS INTEGER)) + to_days(CAST({days} AS INTEGER)) "
    "+ to_microseconds(CAST({micros} AS BIGINT)))"
)
_CALENDAR_PARTS = (
    "years: int = 0, months: int = 0, weeks: int = 0, days: int = 0, hours: int = 0,"
    " mins: int = 0, secs: decimal(18,6) = 0.000000"
)


def _calendar(forgiving: bool) -> Lowering:
    """Lower to a sum of months, days and microseconds, each of which must fit its type.

    Args:
        forgiving: Whether one that does not fit makes the interval null.
    """

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        years, months, weeks, days, hours, minutes, seconds = arguments
        sums = {
            "months": (f"(CAST({years} AS BIGINT) * 12 + {months})", 2**31),
            "days": (f"(CAST({weeks} AS BIGINT) * 7 + {days})", 2**31),
            "micros": (
                f"(CAST({hours} AS HUGEINT) * 3600000000 + CAST({minutes} AS HUGEINT) * 60000000 "
                f"+ CAST(CAST({seconds} AS DECIMAL(38,6)) * 1000000 AS HUGEINT))",
                2**63,
            ),
        }
        outside = " OR ".join(
            f"{total} NOT BETWEEN {-limit} AND {limit - 1}" for total, limit in sums.values()
        )
        made = _CALENDAR.format(**{name: total for name, (total, _) in sums.items()})
        if forgiving or not context.ansi:
            return f"CASE WHEN {outside} THEN NULL ELSE {made} END"
        error = raise_sql("INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION")
        return f"CASE WHEN {outside} THEN {error} ELSE {made} END"

    return lower


def _ranged(sql: str, duckdb_type: str, limit: int) -> Lowering:
    """Lower to a sum that must fit a type."""

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        total = f"({sql.format(*arguments)})"
        error = raise_sql("INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION")
        return (
            f"CASE WHEN {total} NOT BETWEEN {-limit} AND {limit - 1} THEN {error} "
            f"ELSE CAST({total} AS {duckdb_type}) END"
        )

    return lower


FUNCTIONS = (
    scalar(
        f"make_interval({_CALENDAR_PARTS})",
        _calendar(forgiving=False),
        "An interval of its parts.",
        result=lambda arguments: CalendarIntervalType(),
    ),
    scalar(
        f"try_make_interval({_CALENDAR_PARTS})",
        _calendar(forgiving=True),
        "An interval of its parts, null if it is out of range.",
        result=lambda arguments: CalendarIntervalType(),
        nullable=True,
    ),
    scalar(
        "make_dt_interval(days: int = 0, hours: int = 0, mins: int = 0,"
        " secs: decimal(18,6) = 0.000000) -> dt_interval",
        _ranged(
            "CAST({0} AS HUGEINT) * 86400000000 + CAST({1} AS HUGEINT) * 3600000000 "
            "+ CAST({2} AS HUGEINT) * 60000000 "
            "+ CAST(CAST({3} AS DECIMAL(38,6)) * 1000000 AS HUGEINT)",
            "BIGINT",
            2**63,
        ),
        "An interval of days to seconds.",
    ),
    scalar(
        "make_ym_interval(years: int = 0, months: int = 0) -> ym_interval",
        _ranged("CAST({0} AS BIGINT) * 12 + {1}", "INTEGER", 2**31),
        "An interval of years and months.",
    ),
)
