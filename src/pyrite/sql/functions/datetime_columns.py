"""Datetime patterns as DuckDB SQL, for the letters that strftime and strptime do not know.

To write, each field becomes the SQL of its text. To read, the pattern becomes a regular expression
whose groups are the fields; a text that it reads surely means that time to Java as well. What is
ambiguous, or names no real time, is left to ``datetime_patterns``, which says what is wrong.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pyrite.sql.duckdb_text import quote, string_list
from pyrite.sql.functions.datetime_patterns import (
    ANY_ZONE,
    MONTHS,
    STRFTIME,
    ZONE_SHAPES,
    PatternField,
)
from pyrite.sql.time_zones import offset_text

__all__ = ["Reading", "reading", "written"]

#: SQL of the number that a field writes, of a local time {t}.
_NUMBERS = {
    "y": "year({t})",
    "D": "dayofyear({t})",
    "Q": "quarter({t})",
    "q": "quarter({t})",
    "F": "((day({t}) - 1) % 7 + 1)",
    "K": "(hour({t}) % 12)",
    "k": "((hour({t}) + 23) % 24 + 1)",
}
_ORDINALS = ("1st", "2nd", "3rd", "4th")
#: SQL of a field's text, where it is neither a number nor strftime's.
_TEXTS = {
    "G": "if(year({t}) > 0, 'AD', 'BC')",
    "GG": "if(year({t}) > 0, 'AD', 'BC')",
    "GGG": "if(year({t}) > 0, 'AD', 'BC')",
    "GGGG": "if(year({t}) > 0, 'Anno Domini', 'Before Christ')",
    **dict.fromkeys(("QQQ", "qqq"), "('Q' || quarter({t}))"),
    **dict.fromkeys(("QQQQ", "qqqq"), f"({string_list(_ORDINALS)}[quarter({{t}})] || ' quarter')"),
}
_ZONES = frozenset("VzOXxZ")


def written(
    fields: Sequence[PatternField],
    local: str,
    instant: str,
    zone: datetime.tzinfo,
    zone_name: Callable[[], str],
) -> str:
    """Return the SQL of times as text.

    Args:
        fields: The pattern.
        local: SQL of the wall clock's time.
        instant: SQL of the time itself.
        zone: Where the clock hangs.
        zone_name: Gives the SQL of the zone's name, which changes with the season.
    """
    pieces: list[str] = []
    plain = ""
    for item in (*_flat(fields), PatternField("")):
        if not item.letter and item.text:
            plain += item.text.replace("%", "%%")
        elif item.letters in STRFTIME:
            plain += STRFTIME[item.letters]
        else:
            if plain:
                pieces.append(f"strftime({local}, {quote(plain)})")
            plain = ""
            if item.letter in _ZONES:
                pieces.append(_zone(item, instant, zone, zone_name))
            elif item.letter:
                pieces.append(_piece(item, local))
    return f"(CASE WHEN {instant} IS NOT NULL THEN {' || '.join(pieces)} END)"


def _flat(fields: Iterable[PatternField]) -> Iterator[PatternField]:
    """Yield the fields, optional ones as well: what is written is all of them."""
    for item in fields:
        if item.letter == "[":
            yield from _flat(item.options)
        else:
            yield item


def _piece(item: PatternField, local: str) -> str:
    if item.letters in _TEXTS:
        return _TEXTS[item.letters].format(t=local)
    if item.letter == "S":
        return f"left(strftime({local}, '%f000'), {item.count})"
    number = _NUMBERS[item.letter].format(t=local)
    if item.count == 1:
        return f"CAST({number} AS VARCHAR)"
    return f"printf('%0{item.count}d', {number})"


def _zone(
    item: PatternField, instant: str, zone: datetime.tzinfo, zone_name: Callable[[], str]
) -> str:
    letters = "V" if item.letter == "V" else item.letters
    if isinstance(zone, datetime.timezone) or letters == "V":
        return quote(offset_text(datetime.datetime(1970, 1, 1, tzinfo=zone), letters))
    return zone_name() if item.letter == "z" else _offset(letters, instant)


def _offset(letters: str, instant: str) -> str:
    """Return the SQL of an instant's distance from UTC, as Java writes it."""
    seconds = f"datepart('timezone', {instant})"
    sign = f"if({seconds} < 0, '-', '+')"
    hours = f"abs({seconds}) // 3600"
    minutes, rest = f"abs({seconds}) % 3600 // 60", f"abs({seconds}) % 60"
    two = "printf('%02d', {})"
    match letters:
        case "O":
            tail = f"if({rest} > 0, ':' || {two.format(rest)}, '')"
            text = f"'GMT' || {sign} || CAST({hours} AS VARCHAR)"
            text += f" || if({minutes} + {rest} > 0, ':' || {two.format(minutes)} || {tail}, '')"
            return f"if({seconds} = 0, 'GMT', {text})"
        case "OOOO" | "ZZZZ":
            return f"if({seconds} = 0, 'GMT', 'GMT' || {sign} || {_clock(seconds, ':', True)})"
        case "Z" | "ZZ" | "ZZZ":
            return f"({sign} || {_clock(seconds, '', False)})"
    count = len(letters)
    if count == 1:
        text = f"{sign} || {two.format(hours)} || if({minutes} > 0, {two.format(minutes)}, '')"
    else:
        text = f"{sign} || {_clock(seconds, ':' if count in (3, 5) else '', count > 3)}"
    return f"({text})" if letters[0] == "x" else f"if({seconds} = 0, 'Z', {text})"


def _clock(seconds: str, colon: str, with_seconds: bool) -> str:
    """Return the SQL of hours and minutes, and of seconds where there are some."""
    text = f"printf('%02d{colon}%02d', abs({seconds}) // 3600, abs({seconds}) % 3600 // 60)"
    if with_seconds:
        text += f" || if({seconds} % 60 = 0, '', printf('{colon}%02d', abs({seconds}) % 60))"
    return text


#: Numbers that are read: how many digits fields of two letters or more have.
_DIGITS = {letter: r"\d{2}" for letter in "MLdHhKkms"}
_MARKS = {"a": "am|pm", "G": "ad", "GGGG": "anno domini"}
#: The offsets that are read here.
_OFFSET = r"[-+](?:0\d|1[0-7])"
_MINUTES = r"[0-5]\d"
_OFFSETS = {
    "X": rf"Z|{_OFFSET}(?:{_MINUTES})?",
    "XX": rf"Z|{_OFFSET}{_MINUTES}",
    "XXX": rf"Z|{_OFFSET}:{_MINUTES}",
    "x": rf"{_OFFSET}(?:{_MINUTES})?",
    "xx": rf"{_OFFSET}{_MINUTES}",
    "xxx": rf"{_OFFSET}:{_MINUTES}",
    **dict.fromkeys(("Z", "ZZ", "ZZZ"), rf"{_OFFSET}{_MINUTES}"),
}
_OFFSETS |= {"XXXX": _OFFSETS["XX"], "XXXXX": _OFFSETS["XXX"], "ZZZZZ": _OFFSETS["XXX"]}
_OFFSETS |= {"xxxx": _OFFSETS["xx"], "xxxxx": _OFFSETS["xxx"], "VV": rf"Z|{_OFFSET}:{_MINUTES}"}


@dataclass(frozen=True, slots=True)
class Reading:
    """How texts of a pattern are read.

    Attributes:
        shape: A regular expression of texts that are read here; its groups are the fields.
        loose: One that all texts fit which Java can read.
        groups: The letter of each group.
        names: The names of months, if the month is a name.
        zone_is_optional: Whether some texts do not name their zone where others do.
    """

    shape: str
    loose: str
    groups: tuple[str, ...]
    names: tuple[str, ...]
    zone_is_optional: bool

    @property
    def has_zone(self) -> bool:
        """Whether the texts name their distance from UTC."""
        return "x" in self.groups

    def local(self, text: str, named: bool | None = None) -> str:
        """Return the SQL of the wall clock's time; null if it is not read here.

        Args:
            text: SQL of the text.
            named: Whether only texts that name their zone are read, as the time in UTC, or only
                those that name none; if not given, all, and what they name is not looked at.
        """
        names = string_list(f"f{place}" for place in range(len(self.groups)))
        found = f"regexp_extract({text}, {quote(f'(?i)^{self.shape}$')}, {names})"
        return f"list_transform([{found}], lambda _p: {self._time(named)})[1]"

    def may_fit(self, text: str) -> str:
        """Return the SQL of whether Java might read a text."""
        return f"regexp_full_match({text}, {quote(f'(?i){self.loose}')})"

    def _field(self, letter: str) -> str:
        return f"_p.f{self.groups.index(letter)}"  # DuckDB's names have no case

    def _time(self, named: bool | None) -> str:
        def number(letter: str, otherwise: int) -> str:
            if letter not in self.groups:
                return str(otherwise)
            field = self._field(letter)
            return f"if({field} = '', {otherwise}, TRY_CAST({field} AS BIGINT))"

        year = f"2000 + {number('yy', 0)}" if "yy" in self.groups else number("y", 1970)
        month = number("M", 1)
        if self.names:
            month = f"list_position({string_list(self.names)}, lower({self._field('M')}))"
        afternoon = f"if(lower({self._field('a')}) = 'pm', 12, 0)" if "a" in self.groups else "0"
        checks = [f"{number('s', 0)} < 60"]
        for letter, (least, most), hour in (
            ("H", (0, 23), "{}"),
            ("k", (1, 24), "{} % 24"),
            ("K", (0, 11), f"{{}} + {afternoon}"),
            ("h", (1, 12), f"{{}} % 12 + {afternoon}"),
        ):
            if letter in self.groups:
                hours = hour.format(number(letter, least))
                checks.append(f"{number(letter, least)} BETWEEN {least} AND {most}")
                break
        else:
            hours = afternoon
        known = f"{self._field('y' if 'y' in self.groups else 'yy')} <> ''"
        second = f"CAST({number('s', 0)} AS DOUBLE)"
        parts = f"{year}, {month}, {number('d', 1)}, {hours}, {number('m', 0)}, {second}"
        time = f"TRY(make_timestamp({parts}))"
        if "D" in self.groups:
            days = number("D", 1)
            checks.append(f"{days} BETWEEN 1 AND 365")
            time = f"{time} + to_days(CAST({days} - 1 AS INTEGER))"
        if "S" in self.groups:
            time += f" + to_microseconds(CAST(left(rpad({self._field('S')}, 6, '0'), 6) AS BIGINT))"
        if named is not None:
            checks.append(f"({self._field('x')} <> '') = {named}")
        if named:
            time += f" - to_seconds({_SECONDS.format(self._field('x'))})"
        return f"CASE WHEN {known} AND {' AND '.join(checks)} THEN {time} END"


#: SQL of the seconds that an offset stands for.
_SECONDS = (
    "if(upper({0}) = 'Z', 0, if({0}[1] = '-', -1, 1) * (CAST({0}[2:3] AS BIGINT) * 3600 + "
    "if(length({0}) > 3, CAST(right({0}, 2) AS BIGINT) * 60, 0)))"
)


def reading(fields: Sequence[PatternField]) -> Reading | None:
    """Return how texts are read, None for a pattern that regular expressions read otherwise.

    Such are patterns with numbers of any width next to others, the same letter twice, no year,
    or optional parts that do not begin with a mark of their own.

    Example:
        >>> from pyrite.sql.functions.datetime_patterns import compile_pattern
        >>> reading(compile_pattern("d/M/yyyy").fields).groups
        ('d', 'M', 'y')
    """
    groups: list[str] = []
    names: list[str] = []
    shapes = _shapes(fields, groups, names, digit_follows=False)
    kinds = set(groups)
    if (
        shapes is None
        or len(kinds) < len(groups)
        or len(kinds & set("HkKh")) > 1
        or len(kinds & {"y", "yy"}) != 1
        or ("D" in kinds and kinds & set("Md"))
    ):
        return None
    optional = _flat(item for item in fields if item.letter == "[")
    zone_is_optional = any(item.letter in _ZONES for item in optional)
    return Reading(*shapes, tuple(groups), tuple(names), zone_is_optional)


def _shapes(
    fields: Sequence[PatternField], groups: list[str], names: list[str], digit_follows: bool
) -> tuple[str, str] | None:
    shape, loose = "", ""
    for place, item in enumerate(fields):
        rest = fields[place + 1 :]
        before_digit = _begins_with_digit(rest, digit_follows)
        if item.letter == "[":
            first = item.options[0] if item.options else PatternField("")
            inner = _shapes(item.options, groups, names, before_digit)
            if inner is None or (first.letter and first.letters not in _OFFSETS):
                return None
            if any(first.text and first.text[0] == text[:1] for text in _first_texts(rest)):
                return None
            shape, loose = f"{shape}(?:{inner[0]})?", f"{loose}(?:{inner[1]})?"
            continue
        if not item.letter:
            if re.search(r"\d", item.text):
                return None
            shape, loose = shape + re.escape(item.text), loose + re.escape(item.text)
            continue
        found = _shape(item, names)
        if found is None or (_is_wide(item) and before_digit):
            return None
        group, fast, any_text = found
        groups.append(group)
        shape, loose = f"{shape}({fast})", f"{loose}(?:{any_text})"
    return shape, loose


def _begins_with_digit(fields: Sequence[PatternField], otherwise: bool) -> bool:
    """Return whether what some fields read may begin with a digit."""
    for item in fields:
        if item.letter != "[":
            is_name = item.letter in "MLaG" and item.letters not in ("M", "MM", "L", "LL")
            return bool(item.letter) and not is_name and item.letter not in _ZONES
        if _begins_with_digit(item.options, otherwise):
            return True
    return otherwise


def _first_texts(fields: Sequence[PatternField]) -> Iterator[str]:
    """Yield the texts with which what some fields read may begin."""
    for item in fields:
        if item.letter != "[":
            yield item.text
            return
        yield from _first_texts(item.options)


def _is_wide(item: PatternField) -> bool:
    return item.letter == "S" or (item.count == 1 and item.letter in "yMLdDHhKkms")


def _shape(item: PatternField, names: list[str]) -> tuple[str, str, str] | None:
    """Return a field's group, what is read of it here, and what Java may read."""
    letter, count = item.letter, item.count
    if letter in "ML" and count > 2:
        names += [name.lower()[: 3 if count == 3 else None] for name in MONTHS]
        return "M", "|".join(names), "|".join(names)
    match letter:
        case "y" if count == 2:
            return "yy", r"\d{2}", r"\d{2}"
        case "y" if count in (1, 4):
            return "y", r"\d{4}" if count == 4 else r"\d{1,4}", r"[-+]?\d+"
        case "D" if count in (1, 3):
            return "D", r"\d{3}" if count == 3 else r"\d{1,3}", r"\d+"
        case "S":
            return "S", rf"\d{{1,{count}}}", rf"\d{{1,{count}}}"
        case "a" | "G":
            mark = _MARKS.get(item.letters, _MARKS.get(letter, "ad"))
            return letter, mark, mark
        case _ if item.letters in _OFFSETS:
            return "x", _OFFSETS[item.letters], ZONE_SHAPES.get(item.letters, ANY_ZONE)
        case _ if letter in _DIGITS and count <= 2:
            one = "M" if letter == "L" else letter
            return one, _DIGITS[letter] if count == 2 else r"\d{1,2}", r"\d+"
    return None
