"""Dates and timestamps from text, in every format that Spark's casts take.

    [+-]yyyy[y..]  yyyy-[m]m  yyyy-[m]m-[d]d              dates; more may follow after T or space
    ... [T ][h]h[:[m]m[:[s]s[.fraction]]] [zone]           timestamps
    [T][h]h:[m]m[:[s]s[.fraction]] [zone]                  today at this time

A zone is one that ``time_zones.parse_zone`` reads.
"""

from __future__ import annotations

import datetime
import re

from pyrite.sql.time_zones import parse_zone

__all__ = ["days_from_civil", "parse_date", "parse_timestamp", "parse_timestamp_ntz", "to_instant"]

_BLANKS = "".join(map(chr, range(0x21)))
_DATE = re.compile(r"([+-]?\d{4,7})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T].*)?)?)?", re.ASCII | re.DOTALL)
_CLOCK = r"(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?)?)?"
_TIMESTAMP = re.compile(
    rf"([+-]?\d{{4,6}})(?:-(\d{{1,2}})(?:-(\d{{1,2}})(?:[ T]{_CLOCK}\s*(\D.*)?)?)?)?",
    re.ASCII,
)
_TIME_ONLY = re.compile(
    r"(?:T(\d{1,2})|(?=\d{1,2}:)(\d{1,2}))(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?)?)?\s*(\D.*)?",
    re.ASCII,
)
_DAY_MICROS = 86_400_000_000
_EPOCH = datetime.datetime(1970, 1, 1)


def days_from_civil(year: int, month: int, day: int) -> int | None:
    """Return the days since 1970-01-01 of a Gregorian date, None if there is no such day.

    Example:
        >>> days_from_civil(2020, 2, 29), days_from_civil(2021, 2, 29)
        (18321, None)
    """
    cycles, year_in_cycle = divmod(year, 400)  # the calendar repeats after 400 years
    try:
        ordinal = datetime.date(year_in_cycle + 400, month, day).toordinal()
    except ValueError:
        return None
    return ordinal - 719_163 + (cycles - 1) * 146_097


def parse_date(text: str) -> int | None:
    """Return the days since 1970-01-01 that a text means, None if it is no date.

    Example:
        >>> parse_date("1970-1-2"), parse_date("1970/01/02")
        (1, None)
    """
    match = _DATE.fullmatch(text.strip(_BLANKS))
    if match is None:
        return None
    year, month, day = match.groups()
    return days_from_civil(int(year), int(month or 1), int(day or 1))


def _time_of_day(clock: list[str | None]) -> int | None:
    """Return the microseconds of [hour, minute, second, fraction], None if there is no such."""
    hour, minute, second = (int(part or 0) for part in clock[:3])
    if hour > 23 or minute > 59 or second > 59:
        return None
    fraction = int((clock[3] or "")[:6].ljust(6, "0"))
    return ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction


def _local_micros(text: str, today: int | None) -> tuple[int, str | None] | None:
    """Return the local microseconds and the zone's text."""
    match = _TIMESTAMP.fullmatch(text)
    if match is not None:
        year, month, day, *clock, zone = match.groups()
        days = days_from_civil(int(year), int(month or 1), int(day or 1))
    else:
        match = _TIME_ONLY.fullmatch(text)
        if match is None or today is None:
            return None
        with_t, without_t, *rest, zone = match.groups()
        clock = [with_t or without_t, *rest]
        days = today
    micros = _time_of_day(clock) if clock[0] else 0
    if days is None or micros is None:
        return None
    return days * _DAY_MICROS + micros, zone.rstrip(_BLANKS) if zone else None


def to_instant(local_micros: int, zone: datetime.tzinfo) -> int:
    """Return the UTC microseconds of a local time; in a gap, as if the clock had not moved."""
    days = local_micros // _DAY_MICROS
    if -719_162 <= days <= 2_932_895:
        local = _EPOCH + datetime.timedelta(microseconds=local_micros)
    else:  # beyond Python's years: the rules of the nearest year of the same kind
        local = _EPOCH + datetime.timedelta(microseconds=local_micros % (146_097 * _DAY_MICROS))
    offset = zone.utcoffset(local) or datetime.timedelta(0)
    return local_micros - offset // datetime.timedelta(microseconds=1)


def parse_timestamp(text: str, zone: str) -> int | None:
    """Return the microseconds since 1970-01-01 UTC that a text means, None if it means none.

    Args:
        text: The text.
        zone: The zone of texts that name none.

    Example:
        >>> parse_timestamp("1970-1-1 1:0", "UTC"), parse_timestamp("1970-01-01T00:00-01:00", "UTC")
        (3600000000, 3600000000)
    """
    default = parse_zone(zone)
    assert default is not None, zone
    today = datetime.datetime.now(default).date().toordinal() - 719_163
    found = _local_micros(text.strip(_BLANKS), today)
    if found is None:
        return None
    micros, named = found
    chosen = parse_zone(named) if named else default
    return None if chosen is None else to_instant(micros, chosen)


def parse_timestamp_ntz(text: str) -> int | None:
    """Return the microseconds since 1970-01-01 of a local time; a zone in the text is ignored."""
    found = _local_micros(text.strip(_BLANKS), None)
    if found is None or (found[1] and parse_zone(found[1]) is None):
        return None
    return found[0]
