"""CSV inference: names from the header, types from the values, as Spark finds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

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
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    IntegerType,
    LongType,
    TimestampType,
)

__all__ = ["SAMPLE", "column_names", "kinds_found", "may_widen", "type_of_kinds"]

#: How many records are looked at to learn what to expect of the others.
SAMPLE = 2048

# What a value can be, ordered so that among numbers the larger number is the wider type: the
# places of bits. A decimal's is _DECIMAL and its number of digits.
_INTEGER, _LONG, _DECIMAL, _DOUBLE, _DATE, _TIMESTAMP, _BOOLEAN, _STRING = (
    0, 1, 2, 41, 42, 43, 44, 45,
)  # fmt: skip
_MOST_DIGITS = 38

#: How the usual values of a type are told without an expression: they print as the text. For each
#: type its kind and the test, with a place for the text.
_USUAL: dict[type[DataType], tuple[int, str]] = {
    IntegerType: (_INTEGER, "CAST(TRY_CAST({0} AS INTEGER) AS VARCHAR) = {0}"),
    LongType: (_LONG, "CAST(TRY_CAST({0} AS BIGINT) AS VARCHAR) = {0}"),
    DoubleType: (_DOUBLE, "isfinite(TRY_CAST({0} AS DOUBLE)) AND NOT contains({0}, '_')"),
    DateType: (_DATE, "length({0}) = 10 AND CAST(TRY_CAST({0} AS DATE) AS VARCHAR) = {0}"),
    TimestampType: (
        _TIMESTAMP,
        "length({0}) BETWEEN 19 AND 26 AND CAST(TRY_CAST({0} AS TIMESTAMP) AS VARCHAR) = "
        "replace({0}, 'T', ' ')",
    ),
    BooleanType: (_BOOLEAN, "{0} IN ('true', 'false')"),
}


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


def kinds_found(text: str, options: CsvOptions, expected: DataType = STRING) -> str:
    """Return SQL of an aggregate: a number with a bit for each kind of value in a column.

    Args:
        text: SQL of a string.
        options: How values are written.
        expected: The type that some values of the column have; quick to tell for the others.
    """
    place = _kind(text, options)
    has_patterns = options.formats.date is not None or options.formats.timestamp is not None
    usual = None if has_patterns else _USUAL.get(type(expected))
    if usual is not None and (usual[0] != _DATE or options.prefers_date):
        place = _cases([(usual[1].format(text), str(usual[0]))], place)
    return f"bit_or(1::BIGINT << ({place}))"


def _kind(text: str, options: CsvOptions) -> str:
    """Return SQL of the place of a text's kind; null for null."""
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


def may_widen(kinds: int | None) -> bool:
    """Whether more values can change a column's type: text is as wide as it gets."""
    return not (kinds or 0) >> _STRING


def type_of_kinds(kinds: int | None) -> DataType:
    """Return the type that fits all the kinds found in a column.

    Args:
        kinds: What ``kinds_found`` computes.

    Example:
        >>> type_of_kinds(0b11)
        LongType()
    """
    found = {place for place in range(_STRING + 1) if (kinds or 0) >> place & 1}
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
