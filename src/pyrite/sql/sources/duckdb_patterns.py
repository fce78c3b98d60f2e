"""DuckDBPattern: Spark's datetime patterns as SQL, for the columns of files.

The letters are read by ``functions.datetime_patterns``. What only that module's Python can do is
refused here: a file's columns are read and written by DuckDB alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pyrite.sql.duckdb_text import quote
from pyrite.sql.errors import SparkError, unsupported
from pyrite.sql.functions.datetime_patterns import STRFTIME, PatternField, compile_pattern
from pyrite.sql.time_zones import duckdb_zone

__all__ = ["DuckDBPattern"]

_ONE_OR_TWO = r"\d{1,2}"
_TWO = r"\d{2}"
_WORD = "[A-Za-z]+"
_OFFSET = {
    **dict.fromkeys(("X",), r"(?:Z|[+-]\d{2}(?:\d{2})?)"),
    **dict.fromkeys(("XX",), r"(?:Z|[+-]\d{4})"),
    **dict.fromkeys(("XXX", "ZZZZZ"), r"(?:Z|[+-]\d{2}:\d{2})"),
    **dict.fromkeys(("x",), r"[+-]\d{2}(?:\d{2})?"),
    **dict.fromkeys(("xx", "Z", "ZZ", "ZZZ"), r"[+-]\d{4}"),
    **dict.fromkeys(("xxx",), r"[+-]\d{2}:\d{2}"),
}

#: What strptime reads: by letters, its code and a regular expression of what may stand there.
_READ: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("y", "yyy", "yyyy"), ("%Y", r"\d{4}")),
    "yy": ("%y", _TWO),
    **dict.fromkeys(("M", "L"), ("%-m", _ONE_OR_TWO)),
    **dict.fromkeys(("MM", "LL"), ("%m", _TWO)),
    **dict.fromkeys(("MMM", "LLL"), ("%b", "[A-Za-z]{3}")),
    **dict.fromkeys(("MMMM", "LLLL"), ("%B", _WORD)),
    "d": ("%-d", _ONE_OR_TWO), "dd": ("%d", _TWO),
    "D": ("%-j", r"\d{1,3}"), "DDD": ("%j", r"\d{3}"),
    "a": ("%p", "[AaPp][Mm]"),
    "H": ("%-H", _ONE_OR_TWO), "HH": ("%H", _TWO),
    "h": ("%-I", _ONE_OR_TWO), "hh": ("%I", _TWO),
    "m": ("%-M", _ONE_OR_TWO), "mm": ("%M", _TWO),
    "s": ("%-S", _ONE_OR_TWO), "ss": ("%S", _TWO),
    **{"S" * n: ("%f" if n <= 6 else "%n", rf"\d{{1,{n}}}") for n in range(1, 10)},
    **{letters: ("%z", shape) for letters, shape in _OFFSET.items()},
    **dict.fromkeys(("z", "VV"), ("%Z", "[A-Za-z/_]+")),
}  # fmt: skip


@dataclass(frozen=True)
class DuckDBPattern:
    """A datetime pattern; a part in brackets is optional.

    Example:
        >>> DuckDBPattern("dd/MM/yyyy").format("x")
        "strftime(x, '%d/%m/%Y')"
    """

    text: str

    @cached_property
    def _choices(self) -> list[tuple[PatternField, ...]]:
        """The fields with and without each optional part, the most of them first."""
        return list(_choices(compile_pattern(self.text).fields))

    @property
    def has_zone(self) -> bool:
        """Whether the text tells its time zone."""
        return any(field.letter in set("XxZzV") for field in self._choices[0])

    def parse(self, text: str) -> str:
        """Return SQL of the TIMESTAMP that a string stands for; null if it is not written so.

        Raises:
            SparkError: If there is no such pattern, or it is one that DuckDB cannot read.
        """
        cases = " ".join(self._case(text, fields) for fields in self._choices)
        return f"CASE {cases} END"

    def parse_instant(self, text: str, time_zone: str) -> str:
        """Return SQL of the TIMESTAMPTZ that a string stands for."""
        parsed = self.parse(text)
        if self.has_zone:
            return f"({parsed})"
        return f"({parsed}) AT TIME ZONE {quote(duckdb_zone(time_zone))}"

    def format(self, value: str) -> str:
        """Return SQL of the text of a TIMESTAMP; a pattern's time zone is that of UTC."""
        return self._written(value, "0", "UTC")

    def format_instant(self, value: str, time_zone: str) -> str:
        """Return SQL of the text of a TIMESTAMPTZ as a time zone shows it."""
        local = f"timezone({quote(duckdb_zone(time_zone))}, {value})"
        minutes = f"date_diff('minute', timezone('UTC', {value}), {local})"
        return self._written(local, minutes, time_zone)

    def _case(self, text: str, fields: tuple[PatternField, ...]) -> str:
        """Return the case of SQL that reads texts with just these fields."""
        codes, shapes = zip(("", ""), *map(self._reading, fields), strict=True)
        format = "".join(codes)
        # A final Z is written as an offset, which is all strptime takes.
        given = f"regexp_replace({text}, 'Z$', '+00:00')" if "%z" in format else text
        if "%Y" not in format and "%y" not in format:
            # Left out, the year is 1970; strptime's own would be 1900.
            format, given = "%Y " + format, f"'1970 ' || {given}"
        value = f"try_strptime({given}, {quote(format)})"
        if "%y" in format:
            # Two digits are years of this century; strptime takes 69 to 99 for the last one.
            value = f"{value} + to_years(100 * CAST(year({value}) < 2000 AS INTEGER))"
        return f"WHEN regexp_full_match({text}, {quote(''.join(shapes))}) THEN {value}"

    def _reading(self, field: PatternField) -> tuple[str, str]:
        """Return strptime's code for a field, and a regular expression of what it reads."""
        if not field.letter:
            return field.text.replace("%", "%%"), re.escape(field.text)
        if field.letters not in _READ:
            raise self._refusal(field, "read")
        return _READ[field.letters]

    def _written(self, local: str, minutes: str, time_zone: str) -> str:
        """Return SQL of a text.

        Args:
            local: SQL of the wall clock's time.
            minutes: SQL of how many minutes that is ahead of UTC.
            time_zone: Where the clock hangs.
        """
        pieces: list[str] = []
        format = ""
        for field in self._choices[0]:
            code = STRFTIME.get(field.letters) if field.letter else field.text.replace("%", "%%")
            if code is not None:
                format += code
                continue
            pieces += _strftime(local, format)
            format = ""
            if field.letter == "S":
                pieces.append(f"left(strftime({local}, '%n'), {field.count})")
            elif field.letters == "VV":
                pieces.append(quote(time_zone))
            elif field.letters in _OFFSET:
                pieces.append(_offset(minutes, field.letters))
            elif field.letter == "y":
                pieces.append(f"CAST(year({local}) AS VARCHAR)")
            else:
                raise self._refusal(field, "write")
        pieces += _strftime(local, format)
        return " || ".join(pieces) or "''"

    def _refusal(self, field: PatternField, what: str) -> SparkError:
        return unsupported(f"{what} {field.letters} in the datetime pattern {self.text} of files")


def _strftime(local: str, format: str) -> list[str]:
    return [f"strftime({local}, {quote(format)})"] if format else []


def _offset(minutes: str, letters: str) -> str:
    """Return SQL of a number of minutes ahead of UTC, as letters of a pattern write it."""
    colon = ":" if letters in ("XXX", "xxx", "ZZZZZ") else ""
    rest = f"'{colon}', lpad(CAST(abs({minutes}) % 60 AS VARCHAR), 2, '0')"
    if len(letters) == 1 and letters in "Xx":
        rest = f"CASE WHEN {minutes} % 60 <> 0 THEN concat({rest}) END"
    text = (
        f"concat(CASE WHEN {minutes} < 0 THEN '-' ELSE '+' END, "
        f"lpad(CAST(abs({minutes}) // 60 AS VARCHAR), 2, '0'), {rest})"
    )
    if letters[0] == "X" or letters == "ZZZZZ":
        return f"CASE WHEN {minutes} = 0 THEN 'Z' ELSE {text} END"
    return text


def _choices(fields: tuple[PatternField, ...]) -> Iterator[tuple[PatternField, ...]]:
    """Write out fields with and without the optional parts, longest first."""
    for place, field in enumerate(fields):
        if field.letter == "[":
            for inner in (*_choices(field.options), ()):
                for after in _choices(fields[place + 1 :]):
                    yield (*fields[:place], *inner, *after)
            return
    yield fields
