"""Defaults of columns: what rows have that were stored before their table had the column."""

from __future__ import annotations

import re

from pyrite.sql.duckdb_text import quote
from pyrite.sql.types import StructField, to_duckdb

__all__ = ["EXISTS_DEFAULT", "existence_default", "existence_text"]

#: Where a column keeps that value, as a literal of Spark's SQL.
EXISTS_DEFAULT = "EXISTS_DEFAULT"

_LITERAL = re.compile(
    r"(?:[A-Za-z_]+ ?)?'(?P<text>(?:[^'\\]|\\.)*)'|(?P<plain>[+-]?[\d.]+(?:E[+-]?\d+)?|true|false)",
    re.DOTALL,
)


def existence_default(field: StructField) -> str | None:
    """Return SQL of the value; None where there is none.

    Example:
        >>> from pyrite.sql.types import INTEGER
        >>> existence_default(StructField("n", INTEGER, True, {"EXISTS_DEFAULT": "42"}))
        "CAST('42' AS INTEGER)"
    """
    text = existence_text(field)
    return None if text is None else f"CAST({quote(text)} AS {to_duckdb(field.dataType)})"


def existence_text(field: StructField) -> str | None:
    """Return the text that is to be cast to the value; None where there is none."""
    found = _LITERAL.fullmatch(str((field.metadata or {}).get(EXISTS_DEFAULT, "")))
    if found is None:
        return None
    return found["plain"] or re.sub(r"\\(.)", r"\1", found["text"], flags=re.DOTALL)
