"""Plain CSV: files whose fields stand in quotes, cut by DuckDB's own reader.

That reader is many times faster than expressions over lines, and makes the same of a file whose
lines are all plain: as many fields as there are columns, each bare or in quotes from end to end.
What it makes of other lines is not what Spark does, so a file is looked through first; what was
found is remembered for as long as the file stays as it is. Without quotes, cutting lines is as
fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from pyrite.core.hadoop.filesystem import FileStatus
from pyrite.sql.duckdb_text import quote, struct
from pyrite.sql.sources.csv_options import CsvOptions
from pyrite.sql.sources.lines import LINE, Lines
from pyrite.sql.sources.probe import probe

__all__ = ["plain_fields"]

#: Bytes from which it pays to look a file through.
_LEAST_BYTES = 1 << 20
_SAMPLE = 1000


def plain_fields(
    lines: Lines, options: CsvOptions, count: int, positions: Sequence[int]
) -> str | None:
    """Return a table expression with fields and the partition columns.

    Args:
        lines: The lines of the files; a header is left out of them.
        options: How the files are written.
        count: How many fields a record has.
        positions: Which of them are read, as ``f0``, ``f1`` and so on.

    Returns:
        None where the files are not plain or not worth the effort.
    """
    if not (_can_be_plain(options, count) and _is_worthwhile(lines)):
        return None
    # With the header: where it ends is then beyond doubt.
    every = lines.with_skip(0).sql()
    some = f"(SELECT * FROM {every} LIMIT {_SAMPLE})"
    is_plain = f"regexp_full_match({LINE}, {quote(_plain_record(options, count))})"
    has_quotes = f"contains({LINE}, {quote(options.quote)})"
    # Cutting lines that have no quotes is as fast.
    checks = (
        f"SELECT coalesce(bool_and({is_plain}) AND count_if({has_quotes}) > count(*) / 10, false) "
        f"FROM {some}",
        f"SELECT coalesce(bool_and({is_plain}), false) FROM {every}",
    )
    if not all(_holds(lines.index.files, check) for check in checks):
        return None
    # Without new_line: the reader takes that of Windows for a part of a field in quotes.
    table = lines.reader(
        struct((f"f{place}", "'VARCHAR'") for place in range(count)),
        f"delim={quote(options.separator)}, quote={quote(options.quote)}, "
        f"escape={quote(options.escape)}, strict_mode=true, nullstr='', allow_quoted_nulls=false",
    )
    fields = [f"{_value(f'f{place}', options)} AS f{place}" for place in positions]
    return f"(SELECT {', '.join([*fields, *lines.partition_columns]) or '1'} FROM {table})"


def _can_be_plain(options: CsvOptions, count: int) -> bool:
    """Whether DuckDB's reader knows such files: all of it said by the options."""
    marks = options.separator, options.quote, options.escape
    return (
        count > 1
        and all(len(mark) == 1 and mark.isascii() and mark.isprintable() for mark in marks)
        and options.quote != options.separator != options.escape
        and not options.comment
        and not options.trim_left
        and not options.trim_right
        and not options.multi_line
    )


def _is_worthwhile(lines: Lines) -> bool:
    is_large = sum(file.length for file in lines.index.files) >= _LEAST_BYTES
    is_cut = lines.index.sample is not None  # whoever cuts a scan does not read it all first
    return is_large and not is_cut and lines.texts is None and lines.is_read_by_duckdb


def _plain_record(options: CsvOptions, count: int) -> str:
    """Return a regular expression of an empty line or one with ``count`` plain fields."""
    mark, escape, separator = (
        f"\\x{ord(mark):02x}" for mark in (options.quote, options.escape, options.separator)
    )
    if options.escape == options.quote:
        quoted = f"{mark}(?:[^{mark}\\r\\n]|{mark}{mark})*{mark}"
    else:
        quoted = f"{mark}(?:[^{mark}{escape}\\r\\n]|{escape}[{mark}{escape}])*{mark}"
    field = f"(?:{quoted}|[^{mark}{separator}\\r\\n]*)"
    return f"(?:{field}{separator}){{{count - 1}}}{field}|"


@lru_cache(256)
def _holds(files: tuple[FileStatus, ...], check: str) -> bool:
    """Answer a question about files, known by their paths, sizes and times."""
    return bool(probe(check)[0][0])


def _value(text: str, options: CsvOptions) -> str:
    """Return SQL of a field, null for a null; the reader tells no field from empty quotes."""
    if options.empty_value:
        text = f"CASE WHEN {text} = '' THEN {quote(options.empty_value)} ELSE {text} END"
    return f"nullif({text}, {quote(options.null_value)})"
