"""DatetimePattern: Java's letters for dates and times, as DuckDB reads and writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.sql.duckdb_text import quote

__all__ = ["DatetimePattern"]

#: Java's letters -> strftime's code, a regular expression of what may stand there.
_LETTERS: dict[str, tuple[str, str]] = {
    "yyyy": ("%Y", r"\d{4}"), "yyy": ("%Y", r"\d{4}"), "y": ("%Y", r"\d{4}"),
    "uuuu": ("%Y", r"\d{4}"), "yy": ("%y", r"\d{2}"),
    "MMMM": ("%B", r"[A-Za-z]+"), "MMM": ("%b", r"[A-Za-z]{3}"),
    "LLLL": ("%B", r"[A-Za-z]+"), "LLL": ("%b", r"[A-Za-z]{3}"),
    "MM": ("%m", r"\d{2}"), "M": ("%-m", r"\d{1,2}"),
    "LL": ("%m", r"\d{2}"), "L": ("%-m", r"\d{1,2}"),
    "dd": ("%d", r"\d{2}"), "d": ("%-d", r"\d{1,2}"),
    "DDD": ("%j", r"\d{3}"), "D": ("%-j", r"\d{1,3}"),
    "EEEE": ("%A", r"[A-Za-z]+"), "EEE": ("%a", r"[A-Za-z]{3}"), "E": ("%a", r"[A-Za-z]{3}"),
    "a": ("%p", r"[AaPp][Mm]"),
    "HH": ("%H", r"\d{2}"), "H": ("%-H", r"\d{1,2}"),
    "hh": ("%I", r"\d{2}"), "h": ("%-I", r"\d{1,2}"),
    "mm": ("%M", r"\d{2}"), "m": ("%-M", r"\d{1,2}"),
    "ss": ("%S", r"\d{2}"), "s": ("%-S", r"\d{1,2}"),
    "SSS": ("%g", r"\d{3}"), "SSSSSS": ("%f", r"\d{6}"), "SSSSSSSSS": ("%n", r"\d{9}"),
    "XXX": ("%z", r"(?:Z|[+-]\d{2}:\d{2})"), "XX": ("%z", r"(?:Z|[+-]\d{4})"),
    "X": ("%z", r"(?:Z|[+-]\d{2}(?:\d{2})?)"), "xxx": ("%z", r"[+-]\d{2}:\d{2}"),
    "xx": ("%z", r"[+-]\d{4}"), "Z": ("%z", r"[+-]\d{4}"), "ZZZ": ("%z", r"[+-]\d{4}"),
    "z": ("%Z", r"[A-Za-z/_]+"), "VV": ("%Z", r"[A-Za-z/_]+"),
}  # fmt: skip

_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|\[([^\[\]]*)\]|(.)", re.DOTALL)


@dataclass(frozen=True)
class DatetimePattern:
    """A pattern of Java's ``DateTimeFormatter``; a part in brackets is optional.

    Example:
        >>> DatetimePattern("dd/MM/yyyy HH:mm").formats
        ('%d/%m/%Y %H:%M',)
    """

    text: str

    @cached_property
    def _alternatives(self) -> tuple[tuple[str, str], ...]:
        """The strftime formats with the expressions of what they read, longest first."""
        return tuple(_translate(text) for text in _expand(self.text))

    @property
    def formats(self) -> tuple[str, ...]:
        """The strftime formats: one, or one for each choice of optional parts."""
        return tuple(format for format, _ in self._alternatives)

    @property
    def has_zone(self) -> bool:
        """Whether the text tells its time zone."""
        return any("%z" in format or "%Z" in format for format in self.formats)

    def parse(self, text: str) -> str:
        """Return SQL of the TIMESTAMP that a string stands for; null if it is not written so."""
        cases = " ".join(
            f"WHEN regexp_full_match({text}, {quote(pattern)}) "
            f"THEN try_strptime({_without_z(text, format)}, {quote(format)})"
            for format, pattern in self._alternatives
        )
        return f"CASE {cases} END"

    def parse_instant(self, text: str, time_zone: str) -> str:
        """Return SQL of the TIMESTAMPTZ that a string stands for."""
        parsed = self.parse(text)
        if self.has_zone:
            return f"({parsed})"
        return f"({parsed}) AT TIME ZONE {quote(time_zone)}"

    def format(self, value: str) -> str:
        """Return SQL of the text of a TIMESTAMP; a pattern's time zone is that of UTC."""
        return self._written(value, "0")

    def format_instant(self, value: str, time_zone: str) -> str:
        """Return SQL of the text of a TIMESTAMPTZ as a time zone shows it."""
        local = f"timezone({quote(time_zone)}, {value})"
        minutes = f"date_diff('minute', timezone('UTC', {value}), {local})"
        return self._written(local, minutes)

    def _written(self, local: str, minutes: str) -> str:
        letters = re.search(r"[XxZ]+", re.sub(r"'[^']*'", "", self.text))
        pieces = self.formats[0].split("%z")
        if len(pieces) == 1 or letters is None:
            return _strftime(local, self.formats[0]) or "''"
        colon = ":" if letters[0] in ("XXX", "xxx") else ""
        offset = (
            f"concat(CASE WHEN {minutes} < 0 THEN '-' ELSE '+' END, "
            f"lpad(CAST(abs({minutes}) // 60 AS VARCHAR), 2, '0'), '{colon}', "
            f"lpad(CAST(abs({minutes}) % 60 AS VARCHAR), 2, '0'))"
        )
        if letters[0].startswith("X"):
            offset = f"CASE WHEN {minutes} = 0 THEN 'Z' ELSE {offset} END"
        return " || ".join(
            part
            for piece in (pieces[0], None, pieces[1])
            if (part := offset if piece is None else _strftime(local, piece))
        )


def _strftime(local: str, format: str) -> str:
    return f"strftime({local}, {quote(format)})" if format else ""


def _without_z(text: str, format: str) -> str:
    """Write a final Z as an offset, which is all strptime takes."""
    return f"regexp_replace({text}, 'Z$', '+00:00')" if "%z" in format else text


def _expand(pattern: str) -> list[str]:
    """Write out a pattern with and without its optional parts, longest first."""
    match = re.search(r"\[([^\[\]]*)\]", pattern)
    if match is None:
        return [pattern]
    before, after = pattern[: match.start()], pattern[match.end() :]
    return [text for choice in (match[1], "") for text in _expand(before + choice + after)]


def _translate(pattern: str) -> tuple[str, str]:
    formats: list[str] = []
    expressions: list[str] = []
    for token in _TOKEN.finditer(pattern):
        if token[2] is not None:
            letters = token[0]
            if letters not in _LETTERS:
                raise SparkIllegalArgumentException(
                    f"[INVALID_DATETIME_PATTERN.WITH_SUGGESTION] Unrecognized datetime pattern: "
                    f"{pattern}. The letters {letters} stand for nothing known."
                )
            format, expression = _LETTERS[letters]
            formats.append(format)
            expressions.append(expression)
        else:
            literal = (token[1] or "'").replace("''", "'") if token[1] is not None else token[0]
            formats.append(literal.replace("%", "%%"))
            expressions.append(re.escape(literal))
    return "".join(formats), "".join(expressions)
