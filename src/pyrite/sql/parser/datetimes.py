"""Dates, times and timestamps in literals: Spark's forms, as the engine's integers."""

from __future__ import annotations

import datetime
import re
from zoneinfo import ZoneInfo

__all__ = ["parse_date", "parse_time", "parse_timestamp", "parse_zone"]

_DAY = 86_400_000_000
_EPOCH = datetime.date(1970, 1, 1).toordinal()

_DATE = re.compile(r"([+-]?\d{4,7})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T].*)?)?)?", re.DOTALL)
_TIMESTAMP = re.compile(
    r"([+-]?\d{4,6})(?:-(\d{1,2})(?:-(\d{1,2}))?)?"
    r"(?:[ T](?:(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d{0,9}))?)?)?)?\s*(\D.*|[+-].*)?)?",
    re.DOTALL,
)
_TIME_ONLY = re.compile(r"T?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{0,9}))?)?\s*([^\d:.].*)?")
_TIME = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,6}))?(?:\s*([AP]M))?", re.IGNORECASE)
_OFFSET = re.compile(r"(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{1,2}))?(?::?(\d{2}))?")
_SPECIAL = frozenset({"epoch", "now", "today", "tomorrow", "yesterday"})


def _days(year: int, month: int, day: int) -> int | None:
    """Days from 1970-01-01 to a day of any year, None if there is no such day."""
    shift = 0 if 1 <= year <= 9999 else (year - 2000) // 400
    try:
        date = datetime.date(year - 400 * shift, month, day)
    except ValueError:
        return None
    return date.toordinal() - _EPOCH + 146_097 * shift


def _special_days(word: str, zone: datetime.tzinfo) -> int:
    if word == "epoch":
        return 0
    today = datetime.datetime.now(zone).date().toordinal() - _EPOCH
    return today + {"tomorrow": 1, "yesterday": -1}.get(word, 0)


def parse_date(text: str, time_zone: str) -> int | None:
    """Return the days since 1970-01-01, None if the text is no date.

    Example:
        >>> parse_date("1970-1-2", "UTC")
        1
    """
    text = text.strip()
    word = text.lower()
    if word in _SPECIAL:
        return _special_days(word, parse_zone(time_zone) or datetime.UTC)
    match = _DATE.fullmatch(text)
    if not match:
        return None
    return _days(int(match[1]), int(match[2] or 1), int(match[3] or 1))


def parse_zone(text: str) -> datetime.tzinfo | None:
    """Return a time zone by its region or offset, None if there is none of that name.

    Example:
        >>> parse_zone("GMT+1")
        datetime.timezone(datetime.timedelta(seconds=3600))
    """
    if text in ("Z", "UTC", "GMT", "UT"):
        return datetime.UTC
    match = _OFFSET.fullmatch(text)
    if match:
        hours, minutes, seconds = (int(match[i] or 0) for i in (2, 3, 4))
        if hours > 18 or minutes > 59 or seconds > 59:
            return None
        delta = datetime.timedelta(hours=hours, minutes=minutes, seconds=seconds)
        return datetime.timezone(-delta if match[1] == "-" else delta)
    try:
        return ZoneInfo(text)
    except (ValueError, OSError, KeyError):
        return None


def _utc_offset(zone: datetime.tzinfo, micros: int) -> int:
    """Microseconds that a zone is ahead of UTC at a local time."""
    days, rest = divmod(micros, _DAY)
    cycles = 0 if -700_000 < days < 2_900_000 else (days - 10_000) // 146_097
    local = datetime.datetime(1970, 1, 1) + datetime.timedelta(
        days=days - cycles * 146_097, microseconds=rest
    )
    offset = local.replace(tzinfo=zone).utcoffset() or datetime.timedelta()
    return offset // datetime.timedelta(microseconds=1)


def parse_timestamp(text: str, time_zone: str | None) -> tuple[int, bool] | None:
    """Return microseconds since 1970, and whether the text names a zone.

    Args:
        text: A timestamp, a date, or one of Spark's special words.
        time_zone: The zone of texts without one; None for a timestamp without time zone, whose
            text may name a zone that does not count.

    Returns:
        None if the text is no timestamp.

    Example:
        >>> parse_timestamp("1970-01-01 01:00:00.5", "+01:00")
        (500000, False)
    """
    text = text.strip()
    word = text.lower()
    zone = parse_zone(time_zone) if time_zone else datetime.UTC
    if zone is None:
        return None
    if word in _SPECIAL:
        return _special_timestamp(word, zone), False
    match = _TIMESTAMP.fullmatch(text)
    if match:
        days = _days(int(match[1]), int(match[2] or 1), int(match[3] or 1))
        hour, minute, second, fraction, zone_text = match.group(4, 5, 6, 7, 8)
    else:
        match = _TIME_ONLY.fullmatch(text)
        if not match:
            return None
        days = _special_days("today", zone)
        hour, minute, second, fraction, zone_text = match.groups()
    clock = _clock(int(hour or 0), int(minute or 0), int(second or 0), fraction or "")
    if days is None or clock is None:
        return None
    local = days * _DAY + clock
    zone_text = (zone_text or "").strip()
    if zone_text:
        named = parse_zone(zone_text)
        if named is None:
            return None
        zone = named
    offset = _utc_offset(zone, local) if time_zone else 0
    return local - offset, bool(zone_text)


def _special_timestamp(word: str, zone: datetime.tzinfo) -> int:
    if word == "epoch":
        return 0
    if word == "now":
        now = datetime.datetime.now(datetime.UTC)
        epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
        return (now - epoch) // datetime.timedelta(microseconds=1)
    local = _special_days(word, zone) * _DAY
    return local - _utc_offset(zone, local)


def _clock(hour: int, minute: int, second: int, fraction: str) -> int | None:
    if hour > 23 or minute > 59 or second > 59:
        return None
    micros = int(fraction[:6].ljust(6, "0")) if fraction else 0
    return ((hour * 60 + minute) * 60 + second) * 1_000_000 + micros


def parse_time(text: str) -> int | None:
    """Return the microseconds since midnight, None if the text is no time of day.

    Example:
        >>> parse_time("00:00:01.5")
        1500000
    """
    match = _TIME.fullmatch(text.strip())
    if not match:
        return None
    hour = int(match[1])
    if match[5]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match[5].upper() == "PM" else 0)
    return _clock(hour, int(match[2]), int(match[3]), match[4] or "")
