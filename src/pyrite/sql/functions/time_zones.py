"""Time zones as text: offsets from UTC, and how patterns show a zone."""

from __future__ import annotations

import datetime
import re

__all__ = ["offset_text", "zone_offset_seconds"]

_OFFSET = re.compile(r"(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?")


def zone_offset_seconds(name: str) -> int | None:
    """Return the seconds east of UTC of a fixed offset, None for the name of a region.

    Example:
        >>> zone_offset_seconds("GMT-01:30")
        -5400
    """
    if name in ("Z", "UTC", "GMT", "UT"):
        return 0
    match = _OFFSET.fullmatch(name)
    if match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    total = hours * 3600 + minutes * 60 + seconds
    if hours > 18 or minutes > 59 or seconds > 59 or total > 18 * 3600:
        return None
    return -total if match[1] == "-" else total


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
