"""Names by pattern: the columns whose names match one of Java's regular expressions."""

from __future__ import annotations

from collections.abc import Iterable

from pyrite.sql.errors import requirement_failed
from pyrite.sql.expressions.expression import Attribute, Expression
from pyrite.sql.functions.kernels.java_regex import JavaPatternError, compile_java

__all__ = ["columns_like"]


def columns_like(
    pattern: str, columns: Iterable[Attribute], case_sensitive: bool
) -> list[Expression]:
    """Return those of some columns whose whole name matches a pattern.

    Raises:
        SparkError: If the pattern is none.
    """
    try:
        compiled = compile_java(pattern if case_sensitive else f"(?i){pattern}")
    except JavaPatternError:
        raise requirement_failed(
            f"The name `{pattern}` is no regular expression; write it without backquotes, or "
            "switch spark.sql.parser.quotedRegexColumnNames off"
        ) from None
    return [column for column in columns if compiled.fullmatch(column.name)]
