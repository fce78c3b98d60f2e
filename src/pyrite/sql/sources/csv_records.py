"""CSV records: lines cut into fields, in SQL and, for a header, in Python.

Both use one regular expression, written so that RE2 and Python read it alike. What Spark's
parser makes of quotes: a field in quotes ends at a quote before a separator; a field whose
quotes end earlier is taken as it stands, quotes and all; quotes that never end take the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pyrite.sql.duckdb_text import quote
from pyrite.sql.sources.csv_options import CsvOptions
from pyrite.sql.sources.lines import LINE

__all__ = ["FIELDS", "cut_fields", "ends_inside_quotes", "records"]

#: The column that holds the fields of a record.
FIELDS = "__fields"


def _quoted(options: CsvOptions) -> tuple[str, str]:
    """Return expressions of a field in quotes, and of one whose quotes do not end."""
    mark, escape = re.escape(options.quote), re.escape(options.escape)
    other = _in_class(options.quote)
    if options.escape == options.quote:
        inside, end = rf"(?:[^{other}]|{mark}{mark})*", mark
    elif options.escape:
        inside, end = rf"(?:[^{other}{_in_class(options.escape)}]|{escape}.)*", f"{mark}+"
    else:
        inside, end = rf"[^{other}]*", f"{mark}+"
    return f"{mark}{inside}{end}", f"{mark}{inside}$"


def _patterns(options: CsvOptions) -> tuple[str, str, str]:
    """Return expressions of a closed, an unclosed and a bare field, separator included."""
    separator = re.escape(options.separator)
    if len(options.separator) == 1:
        bare = rf"[^{_in_class(options.separator)}]*{separator}"
    else:
        bare = rf".*?{separator}"
    closed, unclosed = _quoted(options)
    left = r"[ \t]*" if options.trim_left else ""
    right = r"[ \t]*" if options.trim_right else ""
    return f"{left}{closed}{right}{separator}", f"{left}{unclosed}", bare


def _in_class(character: str) -> str:
    return "\\" + character if character in "\\]^-[" else character


def records(lines: str, options: CsvOptions) -> str:
    """Return a table expression with the fields of each line that is a record.

    Args:
        lines: A table expression with the column ``LINE``; its other columns pass.
        options: How the lines are written.
    """
    separator = quote(options.separator)
    split = f"string_split({LINE}, {separator})"
    if options.trim_left or options.trim_right:
        split = f"list_transform({split}, lambda t: {_trim('t', options)})"
    # Only then can an empty field and empty quotes mean different things.
    tells_empty = options.null_value != "" or options.empty_value != ""
    if tells_empty:
        split = f"list_transform({split}, lambda t: nullif(t, ''))"
    fields = split
    if options.quote:
        pattern = quote("(?s)" + "|".join(_patterns(options)))
        cut = f"regexp_extract_all({LINE} || {separator}, {pattern})"
        value = _field_value(options, tells_empty)
        cut = f"list_transform({cut}, lambda t: {value})"
        ways = [(f"NOT contains({LINE}, {quote(options.quote)})", split)]
        if not tells_empty:
            ways += _quick_ways(options)
        whens = " ".join(f"WHEN {condition} THEN {way}" for condition, way in ways)
        fields = f"CASE {whens} ELSE {cut} END"
    kept = f"regexp_matches({LINE}, '{_NOT_BLANK}')" if not options.multi_line else f"{LINE} <> ''"
    if options.comment:
        kept += f" AND NOT starts_with({LINE}, {quote(options.comment)})"
    return f"(SELECT *, {fields} AS {FIELDS} FROM {lines} WHERE {kept})"


def _quick_ways(options: CsvOptions) -> list[tuple[str, str]]:
    """Return what cuts lines in which quotes only stand around fields, some times faster.

    Returns:
        Conditions, and the fields of the lines that meet them.
    """
    mark, escape, separator = options.quote, options.escape, options.separator
    if len(separator) != 1 or options.trim_left or options.trim_right:
        return []
    other = "".join(_in_class(each) for each in (mark, escape) if each) + r"\r\n\x1f"
    bare = f"[^{other}{_in_class(separator)}]*"
    # Without separators inside of quotes; with them, which then become another character.
    conditions = []
    for inside in (bare, f"[^{other}]*"):
        field = f"(?:{re.escape(mark)}{inside}{re.escape(mark)}|{bare})"
        pattern = f"(?:{field}{re.escape(separator)})*{field}"
        conditions.append(f"regexp_full_match({LINE}, {quote(pattern)})")
    between = f"replace(t, {quote(separator)}, chr(31))"
    parts = (
        f"list_transform(string_split({LINE}, {quote(mark)}), "
        f"lambda t, place: CASE WHEN place % 2 = 1 THEN {between} ELSE t END)"
    )
    unquoted = f"replace({LINE}, {quote(mark)}, '')"
    return [
        (conditions[0], f"string_split({unquoted}, {quote(separator)})"),
        (conditions[1], f"string_split(array_to_string({parts}, ''), chr(31))"),
    ]


_NOT_BLANK = r"[^ \t\r\n]"


def _trim(text: str, options: CsvOptions) -> str:
    function = {(True, True): "trim", (True, False): "ltrim", (False, True): "rtrim"}[
        (options.trim_left, options.trim_right)
    ]
    return f"{function}({text}, ' ' || chr(9))"


def _field_value(options: CsvOptions, tells_empty: bool) -> str:
    """Return SQL of the value of ``t``, a field as the pattern matched it."""
    mark, escape = options.quote, options.escape
    bare = f"left(t, -{len(options.separator)})"
    if options.trim_left or options.trim_right:
        bare = _trim(bare, options)
    inner = f"substring({bare}, 2, length({bare}) - 2)"
    if escape == mark:
        inner = f"replace({inner}, {quote(mark * 2)}, {quote(mark)})"
    elif escape:
        pattern = f"{re.escape(escape)}([{_in_class(mark)}{_in_class(escape)}])"
        inner = f"regexp_replace({inner}, {quote(pattern)}, '\\1', 'g')"
    if options.empty_value:
        inner = f"coalesce(nullif({inner}, ''), {quote(options.empty_value)})"
    is_quoted = f"starts_with({bare}, {quote(mark)})"
    closed = f"{is_quoted} AND regexp_full_match({bare}, {quote('(?s)' + _quoted(options)[0])})"
    unclosed = f"{is_quoted} AND NOT contains(substring({bare}, 2), {quote(mark)})"
    plain = f"nullif({bare}, '')" if tells_empty else bare
    return (
        f"CASE WHEN {closed} THEN {inner} WHEN {unclosed} THEN substring({bare}, 2) "
        f"ELSE {plain} END"
    )


def cut_fields(line: str, options: CsvOptions) -> list[str]:
    """Return the fields of one line, as the SQL of ``records`` cuts it.

    Quotes are removed; what stands for null is not looked at.
    """
    if not options.quote or options.quote not in line:
        fields = line.split(options.separator)
        return [_trimmed(field, options) for field in fields]
    pattern = re.compile("|".join(f"({p})" for p in _patterns(options)), re.DOTALL)
    fields = []
    for match in pattern.finditer(line + options.separator):
        text = _trimmed(match[0].removesuffix(options.separator), options)
        if match[1] is not None:
            text = text[1:-1]
            if options.escape == options.quote:
                text = text.replace(options.quote * 2, options.quote)
            elif options.escape:
                text = text.replace(options.escape + options.quote, options.quote)
        elif match[2] is not None:
            text = text[1:]
        fields.append(text)
    return fields


def _trimmed(text: str, options: CsvOptions) -> str:
    text = text.lstrip(" \t") if options.trim_left else text
    return text.rstrip(" \t") if options.trim_right else text


def ends_inside_quotes(options: CsvOptions) -> Callable[[str], bool]:
    """Return a test of whether a text breaks off inside quotes."""
    if not options.quote:
        return lambda text: False
    pattern = re.compile("|".join(f"({p})" for p in _patterns(options)), re.DOTALL)

    def is_open(text: str) -> bool:
        if options.quote not in text:
            return False
        return any(m[2] is not None for m in pattern.finditer(text + options.separator))

    return is_open
