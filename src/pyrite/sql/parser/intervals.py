"""Interval literals: ``1 day 2 hours``, ``'1-2' YEAR TO MONTH``, ``'interval 3 weeks'``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyrite.sql.errors import SparkError, parse_error, runtime_error
from pyrite.sql.types import DayTimeIntervalType, YearMonthIntervalType

__all__ = ["UNITS", "Interval", "mixes_units", "parse_from_to", "parse_units"]

_DAY = 86_400_000_000

#: Each unit: microseconds, or months for the first two, and the field of the interval's type.
UNITS: dict[str, tuple[int, int]] = {
    "YEAR": (12, 0),
    "MONTH": (1, 1),
    "WEEK": (7 * _DAY, 0),
    "DAY": (_DAY, 0),
    "HOUR": (3_600_000_000, 1),
    "MINUTE": (60_000_000, 2),
    "SECOND": (1_000_000, 3),
    "MILLISECOND": (1_000, 3),
    "MICROSECOND": (1, 3),
}
UNITS |= {f"{name}S": unit for name, unit in UNITS.items()}

_YEAR_MONTH = frozenset({"YEAR", "YEARS", "MONTH", "MONTHS"})
_FRACTIONS = frozenset({"SECOND", "SECONDS"})

_PIECE = re.compile(r"([+-]?)\s*(\d*)(\.\d*)?\s+([a-zA-Z]+)\s*")

_CLOCK = r"(\d{1,2}):(\d{1,2}):(\d{1,2}(?:\.\d{1,9})?)"
#: What stands between the quotes, by the units, and what the units count up to.
_FROM_TO: dict[tuple[str, str], tuple[str, tuple[str, ...], str]] = {
    ("YEAR", "MONTH"): (r"(\d+)-(\d+)", ("YEAR", "MONTH"), "`[+|-]y-m`"),
    ("DAY", "HOUR"): (r"(\d+)\s+(\d{1,2})", ("DAY", "HOUR"), "`[+|-]d h`"),
    ("DAY", "MINUTE"): (
        r"(\d+)\s+(\d{1,2}):(\d{1,2})",
        ("DAY", "HOUR", "MINUTE"),
        "`[+|-]d h:m`",
    ),
    ("DAY", "SECOND"): (
        rf"(\d+)\s+{_CLOCK}",
        ("DAY", "HOUR", "MINUTE", "SECOND"),
        "`[+|-]d h:m:s.n`",
    ),
    ("HOUR", "MINUTE"): (r"(\d+):(\d{1,2})", ("HOUR", "MINUTE"), "`[+|-]h:m`"),
    ("HOUR", "SECOND"): (
        r"(\d+):(\d{1,2}):(\d{1,2}(?:\.\d{1,9})?)",
        ("HOUR", "MINUTE", "SECOND"),
        "`[+|-]h:m:s.n`",
    ),
    ("MINUTE", "SECOND"): (
        r"(\d+):(\d{1,2}(?:\.\d{1,9})?)",
        ("MINUTE", "SECOND"),
        "`[+|-]m:s.n`",
    ),
}
_LIMITS = {"MONTH": 11, "HOUR": 23, "MINUTE": 59, "SECOND": 59}


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval literal's value.

    Attributes:
        value: Months or microseconds.
        data_type: From the largest of its units to the smallest.
    """

    value: int
    data_type: YearMonthIntervalType | DayTimeIntervalType


def _format_error(reason: str, text: str, **parameters: str) -> SparkError:
    return parse_error(f"INVALID_INTERVAL_FORMAT.{reason}", None, input=text, **parameters)


def parse_units(text: str) -> Interval | None:
    """Read pairs of a number and a unit, such as ``1 day -2.5 seconds``.

    Returns:
        None if the text mixes months with days or is no interval at all; ``mixes_units`` tells
        which.

    Raises:
        SparkError: INVALID_INTERVAL_FORMAT for numbers that are none or too large.

    Example:
        >>> parse_units("1 day 2 hours").value
        93600000000
    """
    body = text.strip()
    if body[:8].lower().rstrip() == "interval":
        body = body[8:].strip()
    position = months = days = micros = 0
    fields: list[tuple[bool, int]] = []
    while position < len(body):
        match = _PIECE.match(body + " ", position)
        if not match:
            return None
        sign, digits, fraction, word = match.groups()
        unit = word.upper()
        if unit not in UNITS:
            raise _format_error("INVALID_UNIT", text, unit=word)
        size, field = UNITS[unit]
        if not digits and not (fraction and len(fraction) > 1):
            raise _format_error("UNRECOGNIZED_NUMBER", text, number=word)
        if fraction and unit not in _FRACTIONS:
            raise _format_error("INVALID_FRACTION", text, unit=word)
        amount = int(digits or 0) * size
        if fraction:
            amount += int(fraction[1:10].ljust(6, "0")[:6])
        if sign == "-":
            amount = -amount
        if unit in _YEAR_MONTH:
            months += amount
        elif field == 0:
            days += amount // _DAY
        else:
            micros += amount
        fields.append((unit in _YEAR_MONTH, field))
        position = match.end()
    kinds = {is_months for is_months, _ in fields}
    if len(kinds) != 1:
        return None
    if not (_fits(months, 31) and _fits(days, 31) and _fits(micros, 63)):
        raise _format_error("ARITHMETIC_EXCEPTION", text)
    micros += days * _DAY
    if not _fits(micros, 63):
        raise runtime_error("INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION")
    first = min(field for _, field in fields)
    last = max(field for _, field in fields)
    if True in kinds:
        return Interval(months, YearMonthIntervalType(first, last))
    return Interval(micros, DayTimeIntervalType(first, last))


def _fits(number: int, bits: int) -> bool:
    limit = 1 << bits
    return -limit <= number < limit


def mixes_units(text: str) -> bool:
    """Whether a text has both months and shorter units in it."""
    words = {word.upper() for word in re.findall(r"[a-zA-Z]+", text)} & UNITS.keys()
    return bool(words & _YEAR_MONTH) and bool(words - _YEAR_MONTH)


def parse_from_to(text: str, start: str, end: str) -> Interval:
    """Read ``'1 2:03:04' DAY TO SECOND`` and like.

    Raises:
        SparkError: INVALID_INTERVAL_FORMAT if the text is not of that form.

    Example:
        >>> parse_from_to("1-2", "YEAR", "MONTH").value
        14
    """
    if (start, end) not in _FROM_TO:
        raise _format_error(
            "UNSUPPORTED_FROM_TO_EXPRESSION", text, **{"from": start.lower(), "to": end.lower()}
        )
    pattern, units, shown = _FROM_TO[start, end]
    match = re.fullmatch(rf"([+-]?){pattern}", text.strip())
    if not match:
        raise _form_error(text, start, end, shown)
    total = 0
    for position, unit in enumerate(units):
        number = match[position + 2]
        whole, _, fraction = number.partition(".")
        if position and int(whole) > _LIMITS[unit]:
            raise _format_error("INTERVAL_PARSING", text, interval=_family(start))
        total += int(whole) * UNITS[unit][0]
        if fraction:
            total += int(fraction[:6].ljust(6, "0"))
    if match[1] == "-":
        total = -total
    first, last = UNITS[start][1], UNITS[end][1]
    if start == "YEAR":
        if not _fits(total, 31):
            raise _format_error("INTERVAL_PARSING", text, interval="year-month")
        return Interval(total, YearMonthIntervalType(first, last))
    return Interval(total, DayTimeIntervalType(first, last))


def _family(unit: str) -> str:
    return "year-month" if unit in _YEAR_MONTH else "day-time"


def _form_error(text: str, start: str, end: str, shown: str) -> SparkError:
    literal = f"`INTERVAL [+|-]'{shown.strip('`')}' {start} TO {end}`"
    if start == "YEAR":
        return _format_error(
            "UNMATCHED_FORMAT_STRING",
            text,
            intervalStr="year-month",
            supportedFormat=f"{shown}, {literal}",
            typeName="interval year to month",
        )
    return _format_error(
        "UNMATCHED_FORMAT_STRING_WITH_NOTICE",
        text,
        intervalStr="day-time",
        supportedFormat=f"{shown}, {literal}",
        typeName=f"interval {start.lower()} to {end.lower()}",
    )
