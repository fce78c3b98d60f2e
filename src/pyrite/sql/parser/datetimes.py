"""Dates, times and timestamps in literals: the texts that casts take, and special words."""

from __future__ import annotations

import datetime
import re

from pyrite.sql.functions.kernels import datetime_text
from pyrite.sql.time_zones import parse_zone

__all__ = ["date_value", "names_zone", "ntz_value", "time_value", "timestamp_value"]

_DAY = 86_400_000_000
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_TIME = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,6}))?(?:\s*([AP]M))?", re.IGNORECASE)
_SPECIAL = re.compile(r"(epoch|now|today|tomorrow|yesterday)(?:\s+(\S+))?", re.IGNORECASE)


def _special_days(word: str, zone: datetime.tzinfo) -> int:
    """Days from 1970-01-01 to ``today`` and like, in a zone."""
    if word == "epoch":
        return 0
    today = (datetime.datetime.now(zone).replace(tzinfo=datetime.UTC) - _EPOCH).days
    return today + {"tomorrow": 1, "yesterday": -1}.get(word, 0)


def _special(text: str, time_zone: str) -> tuple[str, datetime.tzinfo] | None:
    """The special word in a text, and the zone it is about."""
    match = _SPECIAL.fullmatch(text.strip())
    zone = parse_zone(match[2] or time_zone) if match else None
    return (match[1].lower(), zone) if match and zone else None


def date_value(text: str, time_zone: str) -> int | None:
    """Return the days since 1970-01-01, None if the text is no date.

    Example:
        >>> date_value("1970-1-2", "UTC")
        1
    """
    special = _special(text, time_zone)
    return _special_days(*special) if special else datetime_text.parse_date(text)


def timestamp_value(text: str, time_zone: str) -> int | None:
    """Return the microseconds since 1970-01-01 UTC, None if the text is no timestamp.

    Args:
        text: A timestamp, a date, or a special word with or without a zone.
        time_zone: The zone of texts without one.

    Example:
        >>> timestamp_value("1970-01-01 01:00:00.5", "+01:00")
        500000
    """
    special = _special(text, time_zone)
    if special is None:
        return datetime_text.parse_timestamp(text, time_zone)
    word, zone = special
    if word == "epoch":
        return 0
    if word == "now":
        now = datetime.datetime.now(datetime.UTC)
        return (now - _EPOCH) // datetime.timedelta(microseconds=1)
    return datetime_text.to_instant(_special_days(word, zone) * _DAY, zone)


def ntz_value(text: str) -> int | None:
    """Return the microseconds since 1970-01-01 of a local time, None if the text is none.

    Example:
        >>> ntz_value("1970-01-01 00:00:01 Europe/Paris")
        1000000
    """
    if _special(text, "UTC"):
        return timestamp_value(text, "UTC")
    return datetime_text.parse_timestamp_ntz(text)


def names_zone(text: str) -> bool:
    """Whether a timestamp's text says in which zone it is.

    Example:
        >>> names_zone("2020-01-01 00:00:00Z"), names_zone("2020-01-01")
        (True, False)
    """
    return timestamp_value(text, "UTC") == timestamp_value(text, "+01:00")


def time_value(text: str) -> int | None:
    """Return the nanoseconds since midnight, None if the text is no time of day.

    Example:
        >>> time_value("00:00:01.5")
        1500000000
    """
    match = _TIME.fullmatch(text.strip())
    if not match:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3])
    if match[5]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match[5].upper() == "PM" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    seconds = (hour * 60 + minute) * 60 + second
    return seconds * 1_000_000_000 + int((match[4] or "").ljust(9, "0"))
