"""Spark's datetime patterns ("yyyy-MM-dd HH:mm"): formatting and parsing one value at a time.

The letters are those of Spark's documentation ("Datetime Patterns for Formatting and Parsing").
Plain patterns are left to DuckDB (``strftime`` and ``strptime`` say which); the rest is done here.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NoReturn

from pyrite.sql.errors import runtime_error
from pyrite.sql.time_zones import offset_text, parse_zone

__all__ = [
    "ANY_ZONE",
    "DAYS",
    "MONTHS",
    "STRFTIME",
    "ZONE_SHAPES",
    "DateTimePattern",
    "PatternField",
    "UnparsableText",
    "compile_pattern",
]

_EPOCH = datetime.datetime(1970, 1, 1)
_UTC_EPOCH = _EPOCH.replace(tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ORDINALS = ("1st", "2nd", "3rd", "4th")

#: The most letters a field may have when formatting, by letter.
_MOST_LETTERS = {
    "G": 4, "y": 6, "M": 4, "L": 4, "d": 2, "D": 3, "Q": 4, "q": 4, "E": 4, "F": 1, "a": 1,
    "h": 2, "K": 2, "k": 2, "H": 2, "m": 2, "s": 2, "S": 9, "V": 2, "z": 4, "O": 4, "X": 5,
    "x": 5, "Z": 5,
}  # fmt: skip
_FORMAT_ONLY = frozenset("EFqQ")

#: What DuckDB's strftime calls a field that it writes exactly as Java does.
STRFTIME = {
    "yyyy": "%Y", "M": "%-m", "MM": "%m", "L": "%-m", "LL": "%m", "MMM": "%b", "MMMM": "%B",
    "LLL": "%b", "LLLL": "%B",
    "d": "%-d", "dd": "%d", "D": "%-j", "DDD": "%j", "E": "%a", "EE": "%a", "EEE": "%a",
    "EEEE": "%A", "a": "%p", "h": "%-I", "hh": "%I", "H": "%-H", "HH": "%H", "m": "%-M",
    "mm": "%M", "s": "%-S", "ss": "%S", "SSS": "%g", "SSSSSS": "%f", "yy": "%y",
}  # fmt: skip

#: What strptime reads exactly as Java does once ``_FIXED`` has checked the shape of the text.
_STRPTIME = {
    "yyyy": "%Y",
    "MM": "%m",
    "dd": "%d",
    "HH": "%H",
    "mm": "%M",
    "ss": "%S",
}
_FIXED = {"yyyy": r"\d{4}"}

_NUMBER_FIELDS: dict[str, tuple[str, int, int]] = {
    "y": ("Year", -999999999, 999999999),
    "M": ("MonthOfYear", 1, 12),
    "L": ("MonthOfYear", 1, 12),
    "d": ("DayOfMonth", 1, 31),
    "D": ("DayOfYear", 1, 366),
    "H": ("HourOfDay", 0, 23),
    "k": ("ClockHourOfDay", 1, 24),
    "K": ("HourOfAmPm", 0, 11),
    "h": ("ClockHourOfAmPm", 1, 12),
    "m": ("MinuteOfHour", 0, 59),
    "s": ("SecondOfMinute", 0, 59),
}


class UnparsableText(Exception):
    """A text that does not fit a pattern; the message is Java's."""


@dataclass(frozen=True, slots=True)
class PatternField:
    """Letters of a pattern, text in the place of letters, or an optional part.

    Attributes:
        letter: The letter; empty for text, ``[`` for an optional part.
        count: How often it is repeated.
        text: The text, if it is one.
        options: What is optional, if something is.
        reserved: How many digits the fields right after this number need for themselves.
    """

    letter: str
    count: int = 0
    text: str = ""
    options: tuple[PatternField, ...] = ()
    reserved: int = 0

    @property
    def letters(self) -> str:
        """The letters as they stand in the pattern."""
        return self.letter * self.count


@dataclass(slots=True)
class _Parsed:
    values: dict[str, int] = field(default_factory=dict)
    zone: datetime.tzinfo | None = None


def _unknown(pattern: str) -> NoReturn:
    raise runtime_error(
        "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION",
        pattern=f"'{pattern}'",
        config='"spark.sql.legacy.timeParserPolicy"',
        docroot="https://spark.apache.org/docs/latest",
    )


def _tokens(pattern: str) -> Iterator[str]:
    """Yield quoted texts, runs of one letter, brackets and other characters."""
    position = 0
    for match in re.finditer(r"'(?:[^']|'')*'|([A-Za-z])\1*|.", pattern, re.DOTALL):
        position = match.end()
        yield match[0]
    assert position == len(pattern)


def _fields(pattern: str) -> tuple[PatternField, ...]:
    levels: list[list[PatternField]] = [[]]
    for token in _tokens(pattern):
        if token == "[":
            levels.append([])
        elif token == "]":
            if len(levels) == 1:
                _unknown(pattern)
            inner = levels.pop()
            levels[-1].append(PatternField("[", options=_with_reserved(inner)))
        elif token[0] == "'":
            if len(token) < 2:
                raise runtime_error(
                    "INVALID_DATETIME_PATTERN.WITH_SUGGESTION",
                    pattern="'" + pattern.replace("'", "\\'") + "'",
                    docroot="https://spark.apache.org/docs/latest",
                )
            text = "'" if token == "''" else token[1:-1].replace("''", "'")
            levels[-1].append(PatternField("", text=text))
        elif token[0].isascii() and token[0].isalpha():
            if len(token) > _MOST_LETTERS.get(token[0], 0) or token == "V":
                _unknown(pattern)
            levels[-1].append(PatternField(token[0], len(token)))
        elif token[0] in "{}#":
            _unknown(pattern)
        else:
            levels[-1].append(PatternField("", text=token))
    while len(levels) > 1:  # Java closes what is left open
        inner = levels.pop()
        levels[-1].append(PatternField("[", options=_with_reserved(inner)))
    return _with_reserved(levels[0])


def _with_reserved(fields: list[PatternField]) -> tuple[PatternField, ...]:
    """Note for each number of any width how many digits of fixed width follow it."""
    done: list[PatternField] = []
    following = 0
    for item in reversed(fields):
        is_number = item.letter in _NUMBER_FIELDS and not (item.letter in "ML" and item.count > 2)
        if not is_number:
            following = 0
            done.append(item)
        elif item.count == 1 or (item.letter == "y" and item.count != 2):
            done.append(PatternField(item.letter, item.count, reserved=following))
            following = 0
        else:
            done.append(item)
            following += item.count
    return tuple(reversed(done))


class DateTimePattern:
    """A compiled pattern.

    Args:
        pattern: Its text.
    """

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.fields = _fields(pattern)

    def strftime(self) -> list[str] | None:
        """Return equal formats for DuckDB's strftime, None if there are none.

        Between one and the next stands the offset from UTC (``XXX``), which strftime cannot write.
        """
        formats = [""]
        for item in self.fields:
            if item.letters == "XXX":
                formats.append("")
            elif not item.letter:
                formats[-1] += item.text.replace("%", "%%")
            elif (piece := STRFTIME.get(item.letters)) is not None:
                formats[-1] += piece
            else:
                return None
        return formats

    def strptime(self) -> tuple[str, str] | None:
        """Return a regular expression of fixed width and a format for DuckDB's strptime.

        A text that matches the expression is read by the format as Java would; None if the
        pattern has anything else but plain numbers.
        """
        shape, pieces, seen = [], [], set()
        for item in self.fields:
            letters = item.letters
            if item.letter:
                if letters not in _STRPTIME or letters in seen:
                    return None
                seen.add(letters)
                shape.append(_FIXED.get(letters, r"\d{2}"))
                pieces.append(_STRPTIME[letters])
            else:
                shape.append(re.escape(item.text))
                pieces.append(item.text.replace("%", "%%"))
        if "yyyy" not in seen or re.search(r"\s", "".join(pieces)[:1] + "".join(pieces)[-1:]):
            return None
        return "".join(shape), "".join(pieces)

    def format(self, micros: int, zone: datetime.tzinfo) -> str:
        """Write an instant as it reads in a time zone.

        Args:
            micros: Microseconds since 1970-01-01 00:00 UTC.
            zone: Where the clock hangs.
        """
        moment = (_UTC_EPOCH + datetime.timedelta(microseconds=micros)).astimezone(zone)
        return "".join(_format_fields(self.fields, moment))

    def check_parsing(self) -> None:
        """Refuse a pattern with letters that are for formatting only.

        Raises:
            SparkError: INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION.
        """
        if any(item.letter in _FORMAT_ONLY for item in _flat(self.fields)):
            _unknown(self.pattern)

    def parse(self, text: str) -> tuple[datetime.datetime, datetime.timezone | None]:
        """Read a text.

        Returns:
            The date and time it names, and the zone if it names one.

        Raises:
            UnparsableText: If the text does not fit, or names no real date.
        """
        parsed = _Parsed()
        end = _parse_fields(self.fields, text, 0, parsed)
        if end < 0:
            raise UnparsableText(f"Text '{text}' could not be parsed at index {~end}")
        if end < len(text):
            raise UnparsableText(
                f"Text '{text}' could not be parsed, unparsed text found at index {end}"
            )
        return _resolve(parsed, text), parsed.zone  # type: ignore[return-value]

    def parse_micros(self, text: str, zone: datetime.tzinfo) -> int:
        """Read a text as an instant, in microseconds since 1970-01-01 00:00 UTC."""
        moment, own_zone = self.parse(text)
        moment = moment.replace(tzinfo=own_zone or zone)
        return (moment - _UTC_EPOCH) // _MICROSECOND

    def parse_local_micros(self, text: str, zone: datetime.tzinfo | None = None) -> int:
        """Read a text as a date and time without zone, in microseconds since 1970.

        Args:
            text: The text.
            zone: Where the clock hangs that shows a time whose zone the text names; without
                one that name is not looked at.
        """
        moment, own_zone = self.parse(text)
        if zone is not None and own_zone is not None:
            moment = moment.replace(tzinfo=own_zone).astimezone(zone).replace(tzinfo=None)
        return (moment - _EPOCH) // _MICROSECOND


@lru_cache(256)
def compile_pattern(pattern: str) -> DateTimePattern:
    """Compile a pattern.

    Raises:
        SparkError: INCONSISTENT_BEHAVIOR_CROSS_VERSION, for letters that Spark does not know.

    Example:
        >>> compile_pattern("dd/MM/yy").format(0, datetime.UTC)
        '01/01/70'
    """
    return DateTimePattern(pattern)


def _flat(fields: tuple[PatternField, ...]) -> Iterator[PatternField]:
    for item in fields:
        yield item
        yield from _flat(item.options)


def _format_fields(fields: tuple[PatternField, ...], moment: datetime.datetime) -> Iterator[str]:
    for item in fields:
        if item.letter == "[":
            yield from _format_fields(item.options, moment)
        elif not item.letter:
            yield item.text
        else:
            yield _format_field(item, moment)


def _format_field(item: PatternField, moment: datetime.datetime) -> str:
    match item.letter:
        case "G":
            return "Anno Domini" if item.count == 4 else "AD"
        case "M" | "L" if item.count > 2:
            return MONTHS[moment.month - 1][: 3 if item.count == 3 else None]
        case "E":
            return DAYS[moment.weekday()][: None if item.count == 4 else 3]
        case "Q" | "q" if item.count > 2:
            quarter = (moment.month - 1) // 3
            return f"Q{quarter + 1}" if item.count == 3 else f"{_ORDINALS[quarter]} quarter"
        case "a":
            return "AM" if moment.hour < 12 else "PM"
        case "S":
            return f"{moment.microsecond:06d}000"[: item.count]
        case "y" if item.count == 2:
            return f"{moment.year % 100:02d}"
        case "V":
            return offset_text(moment, "V")
        case "z" | "O" | "X" | "x" | "Z":
            return offset_text(moment, item.letters)
        case _:
            return str(_number(item.letter, moment)).zfill(item.count)


def _number(letter: str, moment: datetime.datetime) -> int:
    match letter:
        case "y":
            return moment.year
        case "M" | "L":
            return moment.month
        case "d":
            return moment.day
        case "D":
            return moment.timetuple().tm_yday
        case "Q" | "q":
            return (moment.month + 2) // 3
        case "F":
            return (moment.day - 1) % 7 + 1
        case "h":
            return (moment.hour - 1) % 12 + 1
        case "K":
            return moment.hour % 12
        case "k":
            return (moment.hour - 1) % 24 + 1
        case "H":
            return moment.hour
        case "m":
            return moment.minute
        case _:
            return moment.second


def _parse_fields(
    fields: tuple[PatternField, ...], text: str, position: int, parsed: _Parsed
) -> int:
    """Read fields from ``position``; return where they end, or ~position of what is wrong."""
    for item in fields:
        if item.letter == "[":
            inner = _Parsed(dict(parsed.values), parsed.zone)
            end = _parse_fields(item.options, text, position, inner)
            if end >= 0:
                parsed.values, parsed.zone, position = inner.values, inner.zone, end
            continue
        end = _parse_field(item, text, position, parsed)
        if end < 0:
            return end
        position = end
    return position


def _parse_field(item: PatternField, text: str, position: int, parsed: _Parsed) -> int:
    if not item.letter:
        end = position + len(item.text)
        return end if text[position:end].lower() == item.text.lower() else ~position
    match item.letter:
        case "S":
            digits = _digits(text, position, item.count)
            if not digits:
                return ~position
            return _store("S", int(digits.ljust(9, "0")[:6]), position, len(digits), parsed)
        case "a":
            marks = {"am": 0, "pm": 1}
            mark = text[position : position + 2].lower()
            return _store("a", marks[mark], position, 2, parsed) if mark in marks else ~position
        case "M" | "L" if item.count > 2:
            for number, name in enumerate(MONTHS, 1):
                wanted = name if item.count == 4 else name[:3]
                if text[position : position + len(wanted)].lower() == wanted.lower():
                    return _store("M", number, position, len(wanted), parsed)
            return ~position
        case "G":
            wanted = "anno domini" if item.count == 4 else "ad"
            fits = text[position : position + len(wanted)].lower() == wanted
            return position + len(wanted) if fits else ~position
        case "V" | "z" | "O" | "X" | "x" | "Z":
            return _parse_zone(item.letters, text, position, parsed)
        case _:
            return _parse_number(item, text, position, parsed)


def _digits(text: str, position: int, most: int) -> str:
    end = position
    while end < min(len(text), position + most) and text[end] in "0123456789":
        end += 1
    return text[position:end]


def _parse_number(item: PatternField, text: str, position: int, parsed: _Parsed) -> int:
    is_year = item.letter == "y" and item.count != 2
    sign, start = 1, position
    if is_year and text[position : position + 1] in ("-", "+"):
        sign = -1 if text[position] == "-" else 1
        start += 1
    if item.count == 1 or is_year:
        digits = _digits(text, start, 19)
        if item.reserved:
            digits = digits[: max(len(digits) - item.reserved, 0)]
        least, most = item.count, 19
        if is_year and item.count > 3 and start == position:
            most = item.count  # more digits need a sign
    else:
        digits = _digits(text, start, 3 if item.letter == "D" and item.count == 2 else item.count)
        least, most = item.count, max(item.count, 3 if item.letter == "D" else 0)
    exceeds = len(digits) > item.count > 3
    if not least <= len(digits) <= most or (text[position] == "+" and not exceeds):
        return ~position
    value = sign * int(digits)
    if item.letter == "y" and item.count == 2:
        value += 2000
    letter = "M" if item.letter == "L" else item.letter
    return _store(letter, value, position, start - position + len(digits), parsed)


def _store(letter: str, value: int, position: int, width: int, parsed: _Parsed) -> int:
    if parsed.values.setdefault(letter, value) != value:
        return ~position
    return position + width


#: A zone's name, or its offset from UTC.
ANY_ZONE = (
    r"Z|[+-]\d{2}:\d{2}(?::\d{2})?|Etc/GMT[+-]\d{1,2}"
    r"|[A-Za-z][A-Za-z_/]*(?:[+-]\d{2}:\d{2})?"
)
_SHORT, _LONG = r"[+-]\d{2}\d{2}", r"[+-]\d{2}:\d{2}"
#: How offsets are read by letters that take nothing else.
ZONE_SHAPES = {
    "x": r"[+-]\d{2}(?:\d{2})?",
    **dict.fromkeys(("xx", "Z", "ZZ", "ZZZ"), _SHORT),
    "xxx": _LONG,
    "xxxx": rf"{_SHORT}(?:\d{{2}})?",
    "xxxxx": rf"{_LONG}(?::\d{{2}})?",
}
ZONE_SHAPES |= {letters.upper(): f"Z|{ZONE_SHAPES[letters]}" for letters in ("x", "xx", "xxx")}
ZONE_SHAPES |= {letters.upper(): f"Z|{ZONE_SHAPES[letters]}" for letters in ("xxxx", "xxxxx")}
ZONE_SHAPES |= {
    "ZZZZZ": ZONE_SHAPES["XXXXX"],
    "O": r"GMT(?:[+-]\d{1,2}(?::\d{2})?)?",
    **dict.fromkeys(("OOOO", "ZZZZ"), r"GMT(?:[+-]\d{2}:\d{2})?"),
}


def _parse_zone(letters: str, text: str, position: int, parsed: _Parsed) -> int:
    match = re.compile(ZONE_SHAPES.get(letters, ANY_ZONE), re.ASCII).match(text, position)
    if match is None:
        return ~position
    zone = parse_zone(match[0])
    if zone is None:
        return ~position
    parsed.zone = zone
    return match.end()


def _resolve(parsed: _Parsed, text: str) -> datetime.datetime:
    """Make a date and time of what was read, with 1970-01-01 00:00 for what was not."""
    values = parsed.values
    for letter, value in values.items():
        if letter in _NUMBER_FIELDS:
            name, least, most = _NUMBER_FIELDS[letter]
            if not least <= value <= most:
                raise UnparsableText(
                    f"Text '{text}' could not be parsed: Invalid value for {name} "
                    f"(valid values {_range_text(name, least, most)}): {value}"
                )
    year, month, day = values.get("y", 1970), values.get("M", 1), values.get("d", 1)
    hour = values.get("H")
    if hour is None and "k" in values:
        hour = values["k"] % 24
    if hour is None:
        hour = values.get("K", values.get("h", 0)) % 12 + 12 * values.get("a", 0)
    time = (hour, values.get("m", 0), values.get("s", 0), values.get("S", 0))
    if "D" in values:
        return _day_of_year(values, datetime.datetime(year, 1, 1, *time), text)
    try:
        return datetime.datetime(year, month, day, *time)
    except ValueError:
        message = invalid_date(year, month, day)
        if "y" in values:
            message = f"Text '{text}' could not be parsed: {message}"
        raise UnparsableText(message) from None


def _day_of_year(values: dict[str, int], start: datetime.datetime, text: str) -> datetime.datetime:
    """Return the day of a year, if month and day agree where they are given."""
    moment = start + datetime.timedelta(days=values["D"] - 1)
    if moment.year != start.year:
        raise UnparsableText(f"Invalid date 'DayOfYear 366' as '{start.year}' is not a leap year")
    for letter, found in (("M", moment.month), ("d", moment.day)):
        if values.get(letter, found) != found:
            raise UnparsableText(
                f"Text '{text}' could not be parsed: Conflict found: Field "
                f"{_NUMBER_FIELDS[letter][0]} {found} differs from "
                f"{_NUMBER_FIELDS[letter][0]} {values[letter]} derived from {moment.date()}"
            )
    return moment


def _range_text(name: str, least: int, most: int) -> str:
    return {"DayOfMonth": "1 - 28/31", "DayOfYear": "1 - 365/366"}.get(name, f"{least} - {most}")


def invalid_date(year: int, month: int, day: int) -> str:
    """Return Java's message for a day that a month does not have."""
    if month == 2 and day == 29:
        return f"Invalid date 'February 29' as '{year}' is not a leap year"
    return f"Invalid date '{MONTHS[month - 1].upper()} {day}'"
