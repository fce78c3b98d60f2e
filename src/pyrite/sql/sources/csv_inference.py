"""CSV inference: names from the header, types from the values, as Spark finds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from pyrite.sql.duckdb_text import quote
from pyrite.sql.sources.csv_options import CsvOptions
from pyrite.sql.sources.text_values import (
    DOUBLE_PATTERN,
    INTEGER_PATTERN,
    text_value,
)
from pyrite.sql.types import (
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    LONG,
    STRING,
    TIMESTAMP,
    DataType,
    DecimalType,
)

__all__ = ["column_names", "kind", "type_of_kinds"]

# What a value can be, ordered so that among numbers the larger number is the wider type.
_INTEGER, _LONG, _DECIMAL, _DOUBLE, _DATE, _TIMESTAMP, _BOOLEAN, _STRING = (
    1, 2, 100, 1000, 1001, 1002, 1003, 1004,
)  # fmt: skip
_MOST_DIGITS = 38


def column_names(fields: Sequence[str], options: CsvOptions, case_sensitive: bool) -> list[str]:
    """Return the columns' names.

    Args:
        fields: The first record.
        options: Whether it is a header, among others.
        case_sensitive: Whether names that differ only in case are different.

    Example:
        A header ``a,A,,b`` gives ``a0, A1, _c2, b``.
    """
    if not options.header:
        return [f"_c{index}" for index in range(len(fields))]

    def key(name: str) -> str:
        return name if case_sensitive else name.lower()

    counts = Counter(key(field) for field in fields)
    names = []
    for index, field in enumerate(fields):
        if not field or field == options.null_value:
            names.append(f"_c{index}")
        elif counts[key(field)] > 1:
            names.append(f"{field}{index}")
        else:
            names.append(field)
    return names


def kind(text: str, options: CsvOptions) -> str:
    """Return SQL of a number that says what type a text is a value of; null for null.

    Args:
        text: SQL of a string.
        options: How values are written.
    """
    formats = options.formats
    digits = f"length(ltrim({text}, '+-'))"
    whole = (
        f"CASE WHEN TRY_CAST({text} AS INTEGER) IS NOT NULL THEN {_INTEGER} "
        f"WHEN TRY_CAST({text} AS BIGINT) IS NOT NULL THEN {_LONG} "
        f"WHEN {digits} <= {_MOST_DIGITS} THEN {_DECIMAL} + {digits} ELSE {_DOUBLE} END"
    )
    words = [formats.nan, formats.positive_infinity, formats.negative_infinity,
             "NaN", "Infinity", "+Infinity", "-Infinity"]  # fmt: skip
    listed = ", ".join(map(quote, dict.fromkeys(words)))
    numbers = [
        (f"regexp_full_match({text}, {quote(INTEGER_PATTERN)})", whole),
        # A point without digits behind it leaves a whole number.
        (f"regexp_full_match({text}, '[+-]?\\d+\\.')", f"{_DECIMAL} + {digits} - 1"),
        (f"regexp_full_match(trim({text}), {quote(DOUBLE_PATTERN)})", str(_DOUBLE)),
    ]
    times = _times(text, options)
    others = [
        (f"{text} IN ({listed})", str(_DOUBLE)),
        (f"lower({text}) IN ('true', 'false')", str(_BOOLEAN)),
    ]
    if formats.date is None and formats.timestamp is None:
        # Most text begins with no sign and no digit, and needs no expression at all.
        begins = f"ascii(ltrim({text})) BETWEEN 43 AND 57"
        first = _cases([*numbers, *times], _cases(others, str(_STRING)))
        cases = _cases([(begins, first)], _cases(others, str(_STRING)))
    else:
        cases = _cases([*numbers, *times, *others], str(_STRING))
    return _cases([(f"{text} IS NULL", "NULL")], cases)


def _cases(cases: Sequence[tuple[str, str]], otherwise: str) -> str:
    whens = " ".join(f"WHEN {condition} THEN {value}" for condition, value in cases)
    return f"CASE {whens} ELSE {otherwise} END"


def _times(text: str, options: CsvOptions) -> list[tuple[str, str]]:
    """Return the conditions under which a text is a date or a timestamp, with its kind."""
    formats = options.formats
    times = []
    if options.prefers_date:
        if formats.date is None:
            is_date = (
                f"regexp_full_match({text}, '\\d{{4}}-\\d{{2}}-\\d{{2}}') "
                f"AND TRY_CAST({text} AS DATE) IS NOT NULL"
            )
        else:
            is_date = f"({text_value(text, DATE, formats)}) IS NOT NULL"
        times.append((is_date, str(_DATE)))
    times.append((f"({text_value(text, TIMESTAMP, formats)}) IS NOT NULL", str(_TIMESTAMP)))
    return times


def type_of_kinds(kinds: Iterable[int | None]) -> DataType:
    """Return the type that fits all the kinds found in a column.

    Example:
        >>> type_of_kinds([1, None, 2])
        LongType()
    """
    found = {k for k in kinds if k is not None}
    if not found:
        return STRING
    widest = max(found)
    if widest <= _DOUBLE:
        if widest == _DOUBLE:
            return DOUBLE
        if widest > _DECIMAL:
            needed = 20 if _LONG in found else 10 if _INTEGER in found else 1
            return DecimalType(max(widest - _DECIMAL, needed), 0)
        return LONG if widest == _LONG else INTEGER
    if found == {_DATE}:
        return DATE
    if found <= {_DATE, _TIMESTAMP}:
        return TIMESTAMP
    return BOOLEAN if found == {_BOOLEAN} else STRING
