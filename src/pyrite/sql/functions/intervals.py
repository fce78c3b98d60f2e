"""Intervals: from their parts."""

from __future__ import annotations

from pyrite.sql.functions.define import scalar
from pyrite.sql.types import CalendarIntervalType

__all__ = ["FUNCTIONS"]

_CALENDAR = (
    "(to_months({years} * 12 + {months}) + to_days({weeks} * 7 + {days}) "
    "+ to_microseconds({hours} * 3600000000 + {mins} * 60000000 "
    "+ CAST({secs} * 1000000 AS BIGINT)))"
)
_CALENDAR_PARTS = (
    "years: int = 0, months: int = 0, weeks: int = 0, days: int = 0, hours: int = 0,"
    " mins: int = 0, secs: decimal(18,6) = 0"
)

FUNCTIONS = (
    scalar(
        f"make_interval({_CALENDAR_PARTS})",
        _CALENDAR,
        "An interval of its parts.",
        result=lambda arguments: CalendarIntervalType(),
    ),
    scalar(
        f"try_make_interval({_CALENDAR_PARTS})",
        f"TRY({_CALENDAR})",
        "An interval of its parts, null if it is out of range.",
        result=lambda arguments: CalendarIntervalType(),
        nullable=True,
    ),
    scalar(
        "make_dt_interval(days: int = 0, hours: int = 0, mins: int = 0, secs: decimal(18,6) = 0)"
        " -> dt_interval",
        "(CAST({days} AS BIGINT) * 86400000000 + {hours} * 3600000000 + {mins} * 60000000 "
        "+ CAST({secs} * 1000000 AS BIGINT))",
        "An interval of days to seconds.",
    ),
    scalar(
        "make_ym_interval(years: int = 0, months: int = 0) -> ym_interval",
        "CAST({years} * 12 + {months} AS INTEGER)",
        "An interval of years and months.",
    ),
)
