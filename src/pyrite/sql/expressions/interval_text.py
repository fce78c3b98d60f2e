"""Intervals from and to text: ``1 02:03:04.5``, ``INTERVAL '1-2' YEAR TO MONTH``."""

from __future__ import annotations

import re

__all__ = [
    "DAY_TIME_UNITS",
    "YEAR_MONTH_UNITS",
    "calendar_interval_text",
    "day_time_text",
    "parse_calendar",
    "parse_day_time",
    "parse_year_month",
    "year_month_text",
]

#: Units by the field numbers of Spark's interval types.
DAY_TIME_UNITS = ("DAY", "HOUR", "MINUTE", "SECOND")
YEAR_MONTH_UNITS = ("YEAR", "MONTH")

_MICROS = (86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000)
#: What stands between a field and the next one.
_SEPARATORS = (" ", ":", ":")


def _field_names(units: tuple[str, ...], start: int, end: int) -> str:
    return units[start] if start == end else f"{units[start]} TO {units[end]}"


def _seconds(micros: int, width: int) -> str:
    seconds, fraction = divmod(micros, 1_000_000)
    text = f"{seconds:0{width}d}"
    return f"{text}.{fraction:06d}".rstrip("0") if fraction else text


def day_time_text(micros: int, start: int, end: int) -> str:
    """Return a day-time interval as Spark's casts to string show it.

    Args:
        micros: Its length in microseconds.
        start: The first field: 0 for days to 3 for seconds.
        end: The last field.

    Example:
        >>> day_time_text(93_784_500_000, 0, 3)
        "INTERVAL '1 02:03:04.5' DAY TO SECOND"
    """
    sign = "-" if micros < 0 else ""
    rest = abs(micros)
    text = ""
    for unit in range(start, end + 1):
        width = 1 if unit == 0 else 2
        if unit == 3:
            text += _seconds(rest, width)
        else:
            count, rest = divmod(rest, _MICROS[unit])
            text += f"{count:0{width}d}" + (_SEPARATORS[unit] if unit < end else "")
    return f"INTERVAL '{sign}{text}' {_field_names(DAY_TIME_UNITS, start, end)}"


def year_month_text(months: int, start: int, end: int) -> str:
    """Return a year-month interval as Spark's casts to string show it.

    Example:
        >>> year_month_text(-14, 0, 1)
        "INTERVAL '-1-2' YEAR TO MONTH"
    """
    sign = "-" if months < 0 else ""
    years, rest = divmod(abs(months), 12)
    text = f"{years}-{rest}" if start < end else f"{years if end == 0 else abs(months)}"
    return f"INTERVAL '{sign}{text}' {_field_names(YEAR_MONTH_UNITS, start, end)}"


def calendar_interval_text(months: int, days: int, micros: int) -> str:
    """Return a calendar interval as Spark shows it.

    Example:
        >>> calendar_interval_text(14, 0, -500_000)
        '1 years 2 months -0.5 seconds'
    """
    sign = -1 if months < 0 else 1
    years, months = divmod(abs(months), 12)
    parts = [(sign * years, "years"), (sign * months, "months"), (days, "days")]
    sign = -1 if micros < 0 else 1
    rest = abs(micros)
    for unit, name in ((1, "hours"), (2, "minutes")):
        count, rest = divmod(rest, _MICROS[unit])
        parts.append((sign * count, name))
    texts = [f"{count} {name}" for count, name in parts if count]
    if rest:
        texts.append(f"{'-' if sign < 0 else ''}{_seconds(rest, 1)} seconds")
    return " ".join(texts) or "0 seconds"


#: Units of calendar intervals: which part they count (months, days, microseconds), how many.
_CALENDAR_UNITS = {
    "year": (0, 12),
    "month": (0, 1),
    "week": (1, 7),
    "day": (1, 1),
    "hour": (2, _MICROS[1]),
    "minute": (2, _MICROS[2]),
    "second": (2, _MICROS[3]),
    "millisecond": (2, 1000),
    "microsecond": (2, 1),
}
_CALENDAR_PAIR = re.compile(r"\s*([+-]?)\s*(\d*)(\.\d{0,9})?\s+([a-z]+?)s?(?=\s|$)", re.ASCII)


def parse_calendar(text: str) -> tuple[int, int, int] | None:
    """Return the months, days and microseconds of pairs of a number and a unit.

    Returns:
        None if the text is malformed, or has a number too large.

    Example:
        >>> parse_calendar("interval 3 month -1.5 seconds")
        (3, 0, -1500000)
    """
    body = re.sub(r"^interval\s+", "", text.strip().lower())
    parts, position = [0, 0, 0], 0
    while position < len(body):
        match = _CALENDAR_PAIR.match(body, position)
        if match is None or match[4] not in _CALENDAR_UNITS or not (match[2] or match[3]):
            return None
        part, size = _CALENDAR_UNITS[match[4]]
        amount = int(match[2] or 0) * size
        if match[3]:
            if match[4] != "second" or len(match[3]) == 1:
                return None
            amount += int(match[3][1:7].ljust(6, "0"))
        parts[part] += -amount if match[1] == "-" else amount
        position = match.end()
    months, days, micros = parts
    fits = abs(months) < 2**31 and abs(days) < 2**31 and abs(micros) < 2**63
    return (months, days, micros) if body and fits else None


_LITERAL = re.compile(r"INTERVAL\s+([+-])?\s*'(.*)'\s+(\w+(?:\s+TO\s+\w+)?)", re.I | re.S)


def _unwrap(text: str, units: str) -> tuple[str, int] | None:
    """Take ``INTERVAL [sign]'...' units`` away; return what is inside and the sign."""
    text = text.strip()
    match = _LITERAL.fullmatch(text)
    if match is None:
        return (text, 1) if text[:8].upper() != "INTERVAL" else None
    sign, inner, named = match.groups()
    if re.sub(r"\s+", " ", named.upper()) != units:
        return None
    return inner.strip(), -1 if sign == "-" else 1


_LIMITS = {1: 23, 2: 59, 3: 59}


def parse_day_time(text: str, start: int, end: int) -> int | None:
    """Return the microseconds of a day-time interval's text, None if it is malformed.

    Example:
        >>> parse_day_time("-1 02:03:04.5", 0, 3)
        -93784500000
    """
    unwrapped = _unwrap(text, _field_names(DAY_TIME_UNITS, start, end))
    if unwrapped is None:
        return None
    inner, sign = unwrapped
    pieces = []
    for unit in range(start, end + 1):
        digits = r"(\d{1,9})" if unit == start else r"(\d{1,2})"
        pieces.append(r"(\d{1,13}(?:\.\d{1,9})?)" if unit == 3 == start else digits)
        if unit == 3 != start:
            pieces.append(r"(\.\d{1,9})?")
        if unit < end:
            pieces.append(r"\s+" if unit == 0 else ":")
    match = re.fullmatch("([+-])?" + "".join(pieces), inner)
    if match is None:
        return None
    total = 0
    for unit, found in zip(range(start, end + 1), match.groups()[1:], strict=False):
        whole, _, fraction = found.partition(".")
        if unit > start and int(whole) > _LIMITS[unit]:
            return None
        total += int(whole) * _MICROS[unit] + int(fraction[:6].ljust(6, "0"))
    if end == 3 != start and match.groups()[-1]:
        total += int(match.groups()[-1][1:7].ljust(6, "0"))
    negative = (match[1] == "-") != (sign < 0)
    total = -total if negative else total
    return total if -(2**63) <= total < 2**63 else None


def parse_year_month(text: str, start: int, end: int) -> int | None:
    """Return the months of a year-month interval's text, None if it is malformed.

    Example:
        >>> parse_year_month("-1-2", 0, 1)
        -14
    """
    unwrapped = _unwrap(text, _field_names(YEAR_MONTH_UNITS, start, end))
    if unwrapped is None:
        return None
    inner, sign = unwrapped
    pattern = r"([+-])?(\d{1,9})-(\d{1,2})" if start < end else r"([+-])?(\d{1,10})"
    match = re.fullmatch(pattern, inner)
    if match is None:
        return None
    if start < end:
        if int(match[3]) > 11:
            return None
        months = int(match[2]) * 12 + int(match[3])
    else:
        months = int(match[2]) * (12 if end == 0 else 1)
    months = -months if (match[1] == "-") != (sign < 0) else months
    return months if -(2**31) <= months < 2**31 else None
