"""The patterns of Spark 2, for sessions whose ``timeParserPolicy`` is LEGACY.

They are those of Java's ``SimpleDateFormat``, told to be strict: of a text the beginning has to
fit, letters take as many digits as there are, milliseconds are all there is, and weeks begin on
Sunday. Years before 1582 are read as they are written.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from pyrite.sql.errors import SparkError, runtime_error
from pyrite.sql.functions.datetime_patterns import (
    DAYS,
    MONTHS,
    STRFTIME,
    DateTimePattern,
    PatternField,
    UnparsableText,
    compile_pattern,
)
from pyrite.sql.time_zones import offset_text, parse_zone

__all__ = ["COMPILERS", "SimpleDateFormat", "compile_simple_pattern"]

_UTC_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)
_DAY = datetime.timedelta(days=1)

_LETTERS = frozenset("GyYMLwWDdFEuaHkKhmsSzZX")
_NAMES = frozenset("GEazZX")
#: Two digits of a year mean one from this long ago on.
_YEARS_BACK = 80

#: DuckDB writes these fields as Java does.
_STRFTIME = {letters: form for letters, form in STRFTIME.items() if letters[0] not in "DS"}
_STRFTIME["SSS"] = STRFTIME["SSS"]

#: What a number may be, by letter, whatever the others are.
_LIMITS = {
    "y": (1, 999_999_999), "Y": (1, 999_999_999), "M": (1, 12), "d": (1, 31), "D": (1, 366),
    "F": (1, 5), "w": (1, 53), "W": (0, 6), "u": (1, 7), "H": (0, 23), "k": (1, 24), "K": (0, 11),
    "h": (1, 12), "m": (0, 59), "s": (0, 59), "S": (0, 999),
}  # fmt: skip

#: How offsets from UTC are written, by the letters that stand for them.
_OFFSETS = {
    "X": re.compile(r"Z|([+-])(\d\d)"),
    "XX": re.compile(r"Z|([+-])(\d\d)(\d\d)"),
    "XXX": re.compile(r"Z|([+-])(\d\d):(\d\d)"),
    "": re.compile(r"([+-])(\d\d)(\d\d)|GMT([+-])(\d\d?):(\d\d)|[A-Za-z]+(?![A-Za-z+-])"),
}


class SimpleDateFormat:
    """A compiled pattern.

    Args:
        pattern: Its text.

    Raises:
        SparkError: INVALID_DATETIME_PATTERN, for letters that Java does not know.
    """

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.fields = tuple(_fields(pattern))

    def strftime(self) -> list[str] | None:
        """Return equal formats for DuckDB's strftime, as ``DateTimePattern.strftime`` does."""
        pieces = []
        for item in self.fields:
            piece = _STRFTIME.get(item.letters) if item.letter else item.text.replace("%", "%%")
            if piece is None:
                return None
            pieces.append(piece)
        return ["".join(pieces)]

    def strptime(self) -> tuple[str, str] | None:
        """Return None: DuckDB knows no such pattern."""
        return None

    def check_parsing(self) -> None:
        """Do nothing: what can be written can be read."""

    def format(self, micros: int, zone: datetime.tzinfo) -> str:
        """Write an instant, in microseconds since 1970, as it reads in a time zone."""
        moment = (_UTC_EPOCH + datetime.timedelta(microseconds=micros)).astimezone(zone)
        return "".join(_written(item, moment) if item.letter else item.text for item in self.fields)

    def parse_micros(self, text: str, zone: datetime.tzinfo) -> int:
        """Read the beginning of a text as an instant, in microseconds since 1970.

        Raises:
            UnparsableText: If it does not fit, or names a time that there is not.
        """
        try:
            return _Reader(text).read(self.fields, zone)
        except (_Misfit, ValueError, OverflowError):
            raise UnparsableText(f'Unparseable date: "{text}"') from None

    def parse_local_micros(self, text: str, zone: datetime.tzinfo = datetime.UTC) -> int:
        """Read the beginning of a text as what a clock in a time zone then shows.

        Raises:
            UnparsableText: As for ``parse_micros``.
        """
        micros = self.parse_micros(text, zone)
        moment = (_UTC_EPOCH + micros * _MICROSECOND).astimezone(zone)
        return (moment.replace(tzinfo=datetime.UTC) - _UTC_EPOCH) // _MICROSECOND


@lru_cache(256)
def compile_simple_pattern(pattern: str) -> SimpleDateFormat:
    """Compile a pattern.

    Raises:
        SparkError: INVALID_DATETIME_PATTERN.WITH_SUGGESTION.

    Example:
        >>> compile_simple_pattern("EEEE, d.M.yy").format(0, datetime.UTC)
        'Thursday, 1.1.70'
    """
    return SimpleDateFormat(pattern)


def _fields(pattern: str) -> Iterator[PatternField]:
    for match in re.finditer(r"''|'((?:[^']|'')*)'|([A-Za-z])\2*|.", pattern, re.DOTALL):
        token, letter = match[0], match[2]
        if letter:
            if letter not in _LETTERS or (letter == "X" and len(token) > 3):
                raise _invalid(pattern)
            yield PatternField(letter.replace("L", "M"), len(token))
        elif token == "'":
            raise _invalid(pattern)
        elif token == "''":
            yield PatternField("", text="'")
        else:
            quoted = match[1]
            yield PatternField("", text=token if quoted is None else quoted.replace("''", "'"))


def _invalid(pattern: str) -> SparkError:
    return runtime_error(
        "INVALID_DATETIME_PATTERN.WITH_SUGGESTION",
        pattern="'" + pattern.replace("'", "\\'") + "'",
        docroot="https://spark.apache.org/docs/latest",
    )


# Writing


def _written(item: PatternField, moment: datetime.datetime) -> str:
    match item.letter:
        case "G":
            return "AD"
        case "M" if item.count > 2:
            return MONTHS[moment.month - 1][: 3 if item.count == 3 else None]
        case "E":
            return DAYS[moment.weekday()][: 3 if item.count < 4 else None]
        case "a":
            return "AM" if moment.hour < 12 else "PM"
        case "y" | "Y" if item.count == 2:
            return f"{_VALUES[item.letter](moment) % 100:02d}"
        case "z":
            return offset_text(moment, "zzzz" if item.count > 3 else "z")
        case "Z":
            return offset_text(moment, "Z")
        case "X":
            offset = moment.utcoffset()
            return "Z" if not offset else moment.strftime("%z")[:3] + _minutes(item, moment)
        case _:
            return str(_VALUES[item.letter](moment)).zfill(item.count)


def _minutes(item: PatternField, moment: datetime.datetime) -> str:
    digits = moment.strftime("%z")[3:5]
    return ("", digits, f":{digits}")[item.count - 1]


def _week_start(day: datetime.date) -> datetime.date:
    return day - (day.weekday() + 1) % 7 * _DAY


def _week_year(moment: datetime.datetime) -> int:
    """Return the year of a week: that of its Saturday."""
    return (_week_start(moment.date()) + 6 * _DAY).year


def _week_of_year(moment: datetime.datetime) -> int:
    first = _week_start(datetime.date(_week_year(moment), 1, 1))
    return (moment.date() - first).days // 7 + 1


def _week_of_month(moment: datetime.datetime) -> int:
    return (moment.date() - _week_start(moment.date().replace(day=1))).days // 7 + 1


#: The number that a letter stands for.
_VALUES: dict[str, Callable[[datetime.datetime], int]] = {
    "y": lambda moment: moment.year,
    "Y": _week_year,
    "M": lambda moment: moment.month,
    "d": lambda moment: moment.day,
    "D": lambda moment: moment.timetuple().tm_yday,
    "F": lambda moment: (moment.day - 1) // 7 + 1,
    "w": _week_of_year,
    "W": _week_of_month,
    "E": lambda moment: moment.isoweekday(),
    "u": lambda moment: moment.isoweekday(),
    "a": lambda moment: moment.hour // 12,
    "H": lambda moment: moment.hour,
    "k": lambda moment: (moment.hour - 1) % 24 + 1,
    "K": lambda moment: moment.hour % 12,
    "h": lambda moment: (moment.hour - 1) % 12 + 1,
    "m": lambda moment: moment.minute,
    "s": lambda moment: moment.second,
    "S": lambda moment: moment.microsecond // 1000,
}


# Reading


class _Misfit(Exception):
    """The text does not fit."""


class _Reader:
    """Reads one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0
        self._values: dict[str, int] = {}
        self._zone: datetime.tzinfo | None = None

    def read(self, fields: tuple[PatternField, ...], zone: datetime.tzinfo) -> int:
        """Return the instant, in microseconds since 1970."""
        for item, following in zip(fields, (*fields[1:], PatternField("")), strict=True):
            if item.letter:
                self._field(item, _is_number(following))
            elif self._text.startswith(item.text, self._place):
                self._place += len(item.text)
            else:
                raise _Misfit
        moment = self._moment(self._zone or zone)
        return (moment - _UTC_EPOCH) // _MICROSECOND

    def _field(self, item: PatternField, before_number: bool) -> None:
        start = self._place
        while self._text[self._place : self._place + 1] in (" ", "\t"):
            self._place += 1
        match item.letter:
            case "G":
                if self._name(("AD", "BC")):
                    raise _Misfit  # years before the first are none of Python's
            case "M" if item.count > 2:
                self._values["M"] = self._name(MONTHS) + 1
            case "E":
                self._values["E"] = self._name(DAYS) + 1
            case "a":
                self._values["a"] = self._name(("AM", "PM"))
            case "z" | "Z" | "X":
                self._offset(item.letters if item.letter == "X" else "")
            case letter:
                self._number(letter, item.count, start + item.count if before_number else None)

    def _name(self, names: tuple[str, ...]) -> int:
        """Read one of some names, whole or its first three letters; return its place."""
        for length in (None, 3):
            for place, name in enumerate(names):
                wanted = name[:length]
                if self._text[self._place :][: len(wanted)].lower() == wanted.lower():
                    self._place += len(wanted)
                    return place
        raise _Misfit

    def _number(self, letter: str, count: int, stop: int | None) -> None:
        match = _DIGITS.match(self._text, self._place, len(self._text) if stop is None else stop)
        if match is None or (stop is not None and stop > len(self._text)):
            raise _Misfit
        value = int(match[0])
        if letter in "yY" and count <= 2 and len(match[0]) == 2:
            value = _whole_year(value)
        least, most = _LIMITS[letter]
        if not least <= value <= most:
            raise _Misfit
        self._values[letter] = value
        self._place = match.end()

    def _offset(self, letters: str) -> None:
        match = _OFFSETS[letters].match(self._text, self._place)
        if match is None:
            raise _Misfit
        self._place = match.end()
        parts = [part for part in match.groups() if part is not None]
        if not parts:
            self._zone = parse_zone(match[0])
            if self._zone is None:
                raise _Misfit
            return
        sign, hours, minutes = parts[0], int(parts[1]), int((*parts, "0")[2])
        if hours > 23 or minutes > 59:
            raise _Misfit
        offset = datetime.timedelta(hours=hours, minutes=minutes)
        self._zone = datetime.timezone(-offset if sign == "-" else offset)

    def _moment(self, zone: datetime.tzinfo) -> datetime.datetime:
        values = self._values
        is_week_date = _is_after(values, "Y", "y")
        day = self._week_date() if is_week_date else self._day()
        hour = values.get("H", values.get("k", -1)) % 24
        if not {"H", "k"} & values.keys() or ("a" in values and {"h", "K"} & values.keys()):
            hour = values.get("K", values.get("h", 0)) % 12 + 12 * values.get("a", 0)
        time = datetime.time(
            hour, values.get("m", 0), values.get("s", 0), values.get("S", 0) * 1000
        )
        local = datetime.datetime.combine(day, time)
        # Strict: what was named, but did not say which day or hour it is, has to agree.
        named = values if not is_week_date else {k: v for k, v in values.items() if k in "HkKhams"}
        if any(_VALUES[letter](local) != value for letter, value in named.items()):
            raise _Misfit
        moment = local.replace(tzinfo=zone, fold=1)
        if moment.astimezone(datetime.UTC).astimezone(zone).replace(tzinfo=None) != local:
            raise _Misfit  # the clock has jumped over it
        return moment.astimezone(datetime.UTC)

    def _week_date(self) -> datetime.date:
        first = _week_start(datetime.date(self._values["Y"], 1, 1))
        return first + (7 * (self._values.get("w", 1) - 1) + self._days_after_sunday()) * _DAY

    def _day(self) -> datetime.date:
        """Return the day that the fields name, with the first for what is not there."""
        values = self._values
        year, month = values.get("y", 1970), values.get("M", 1)
        first = datetime.date(year, month, 1)
        if "d" in values:
            return first.replace(day=values["d"])
        if "D" in values:
            return datetime.date(year, 1, 1) + (values["D"] - 1) * _DAY
        if "w" in values:
            weeks = 7 * (values["w"] - 1) + self._days_after_sunday()
            return _week_start(datetime.date(year, 1, 1)) + weeks * _DAY
        if "W" in values:
            return _week_start(first) + (7 * (values["W"] - 1) + self._days_after_sunday()) * _DAY
        if {"E", "u", "F"} & values.keys():
            wanted = self._days_after_sunday()
            before = (wanted - first.isoweekday() % 7) % 7
            return first + (before + 7 * (values.get("F", 1) - 1)) * _DAY
        return first

    def _days_after_sunday(self) -> int:
        return self._values.get("E", self._values.get("u", calendar.SUNDAY + 1)) % 7


_DIGITS = re.compile(r"-?[0-9]+")


def _is_number(item: PatternField) -> bool:
    is_name = item.letter in _NAMES or (item.letter == "M" and item.count > 2)
    return bool(item.letter) and not is_name


def _is_after(values: dict[str, int], letter: str, other: str) -> bool:
    """Return whether one field was read, and another not after it."""
    read = list(values)
    return letter in values and (other not in values or read.index(letter) > read.index(other))


def _whole_year(two_digits: int) -> int:
    """Return the year that two digits mean: from 80 years ago to in 20 years."""
    first = datetime.datetime.now(datetime.UTC).year - _YEARS_BACK
    year = first // 100 * 100 + two_digits
    # Of the first year some days are too long ago; as Java, we look no closer than the year.
    return year + 100 if two_digits <= first % 100 else year


#: What compiles patterns, by the session's ``timeParserPolicy``.
COMPILERS: dict[str, Callable[[str], DateTimePattern | SimpleDateFormat]] = {
    "CORRECTED": compile_pattern,
    "EXCEPTION": compile_pattern,
    "LEGACY": compile_simple_pattern,
}
