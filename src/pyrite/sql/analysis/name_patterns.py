"""Names by pattern: the columns whose names match one of Java's regular expressions."""

from __future__ import annotations

from collections.abc import Iterable

from pyrite.sql.errors import SparkError, analysis_error, requirement_failed
from pyrite.sql.expressions.expression import Attribute, Expression
from pyrite.sql.expressions.unresolved import UnresolvedRegex, UnresolvedStar
from pyrite.sql.functions.kernels.java_regex import JavaPatternError, compile_java

__all__ = ["columns_like", "misplaced"]


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


def misplaced(columns: UnresolvedStar | UnresolvedRegex) -> SparkError:
    """Make the error of a star or a pattern where one value has to stand."""
    if isinstance(columns, UnresolvedStar):
        elem, origin = "'*'", columns.origin
    else:
        elem, origin = f"regular expression '{columns.pattern}'", None
    condition = "INVALID_USAGE_OF_STAR_OR_REGEX"
    return analysis_error(condition, origin, elem=elem, prettyName="expression")
