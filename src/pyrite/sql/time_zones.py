"""Time zones by name, and as text: regions, offsets from UTC, and how patterns show a zone."""

from __future__ import annotations

import datetime
import re
from functools import lru_cache
from zoneinfo import ZoneInfo

__all__ = ["canonical_zone", "duckdb_zone", "offset_text", "parse_zone", "zone_offset_seconds"]

_OFFSET = re.compile(r"([+-])(\d{1,2})(?::?(\d{1,2})(?::?(\d{2}))?)?", re.ASCII)

#: Java's short names of zones; the last three are fixed offsets there.
_SHORT_ZONES = {
    "ACT": "Australia/Darwin",
    "AET": "Australia/Sydney",
    "AGT": "America/Argentina/Buenos_Aires",
    "ART": "Africa/Cairo",
    "AST": "America/Anchorage",
    "BET": "America/Sao_Paulo",
    "BST": "Asia/Dhaka",
    "CAT": "Africa/Harare",
    "CNT": "America/St_Johns",
    "CST": "America/Chicago",
    "CTT": "Asia/Shanghai",
    "EAT": "Africa/Addis_Ababa",
    "ECT": "Europe/Paris",
    "IET": "America/Indiana/Indianapolis",
    "IST": "Asia/Kolkata",
    "JST": "Asia/Tokyo",
    "MIT": "Pacific/Apia",
    "NET": "Asia/Yerevan",
    "NST": "Pacific/Auckland",
    "PLT": "Asia/Karachi",
    "PNT": "America/Phoenix",
    "PRT": "America/Puerto_Rico",
    "PST": "America/Los_Angeles",
    "SST": "Pacific/Guadalcanal",
    "VST": "Asia/Ho_Chi_Minh",
    "EST": "-05:00",
    "MST": "-07:00",
    "HST": "-10:00",
}


@lru_cache(maxsize=256)
def parse_zone(text: str) -> datetime.tzinfo | None:
    """Return the zone of a name, None if there is none.

    Args:
        text: Z, an offset (+1, +01:30, +0130), UTC or GMT or UT with or without an offset, a
            region such as Europe/Paris, or one of Java's short names such as PST.

    Example:
        >>> parse_zone("UTC+1").utcoffset(None)
        datetime.timedelta(seconds=3600)
    """
    text = _SHORT_ZONES.get(text, text)
    if text in ("Z", "z"):
        return datetime.UTC
    offset = text
    for prefix in ("UTC", "GMT", "UT"):
        if text.startswith(prefix):
            offset = text.removeprefix(prefix)
            if not offset:
                return datetime.UTC
            break
    match = _OFFSET.fullmatch(offset)
    if match is not None:
        sign, hours, minutes, seconds = match.groups()
        total = int(hours) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
        if total > 18 * 3600 or int(minutes or 0) > 59 or int(seconds or 0) > 59:
            return None
        return datetime.timezone(datetime.timedelta(seconds=-total if sign == "-" else total))
    try:
        return ZoneInfo(text)
    except (ValueError, OSError, KeyError):
        return None


def zone_offset_seconds(name: str) -> int | None:
    """Return the seconds east of UTC of a fixed offset, None for the name of a region.

    Example:
        >>> zone_offset_seconds("GMT-01:30")
        -5400
    """
    zone = parse_zone(name)
    if not isinstance(zone, datetime.timezone):
        return None
    return int(zone.utcoffset(None).total_seconds())


def canonical_zone(name: str) -> str:
    """Return the one name of a zone that Python's packages know: a region, UTC or an offset.

    Example:
        >>> canonical_zone("PST"), canonical_zone("UTC+3"), canonical_zone("Z")
        ('America/Los_Angeles', '+03:00', 'UTC')
    """
    seconds = zone_offset_seconds(name)
    if seconds is None:
        return str(getattr(parse_zone(name), "key", name))
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02}:{minutes:02}" if seconds else "UTC"


def duckdb_zone(name: str) -> str:
    """Return a zone under the name that DuckDB knows: its offsets are those from GMT.

    Example:
        >>> duckdb_zone("+05:30"), duckdb_zone("PST")
        ('GMT+05:30', 'America/Los_Angeles')
    """
    zone = canonical_zone(name)
    return f"GMT{zone}" if zone[0] in "+-" else zone


def _sign_hours_minutes(seconds: int) -> tuple[str, int, int, int]:
    sign = "-" if seconds < 0 else "+"
    minutes, rest = divmod(abs(seconds), 60)
    return sign, minutes // 60, minutes % 60, rest


def offset_text(moment: datetime.datetime, letters: str) -> str:
    """Write a moment's zone as a pattern's letters ask: V, z, O, X, x or Z.

    Example:
        >>> offset_text(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC), "XXX")
        'Z'
    """
    delta = moment.utcoffset()
    seconds = 0 if delta is None else int(delta.total_seconds())
    sign, hours, minutes, rest = _sign_hours_minutes(seconds)
    fixed = f"{sign}{hours:02d}:{minutes:02d}" if seconds else "UTC"
    match letters:
        case "V":
            return str(getattr(moment.tzinfo, "key", None) or fixed)
        case "z" | "zz" | "zzz" | "zzzz":
            named = hasattr(moment.tzinfo, "key")
            return (moment.tzname() or "") if named else fixed
        case "O" | "OOOO" | "ZZZZ":
            if not seconds:
                return "GMT"
            tail = f":{rest:02d}" if rest else ""
            if letters == "O":
                minute = f":{minutes:02d}{tail}" if minutes or rest else ""
                return f"GMT{sign}{hours}{minute}"
            return f"GMT{sign}{hours:02d}:{minutes:02d}{tail}"
        case "Z" | "ZZ" | "ZZZ":
            return f"{sign}{hours:02d}{minutes:02d}"
    if not seconds and letters[0] in "XZ":
        return "Z"
    count = len(letters)
    colon = ":" if count in (3, 5) else ""
    if count == 1:
        return f"{sign}{hours:02d}" + (f"{minutes:02d}" if minutes else "")
    tail = f"{colon}{rest:02d}" if rest and count > 3 else ""
    return f"{sign}{hours:02d}{colon}{minutes:02d}{tail}"
