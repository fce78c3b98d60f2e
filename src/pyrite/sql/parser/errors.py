"""Errors of SQL text: what is wrong, and where, in Spark's words and form."""

from __future__ import annotations

from pyrite.sql.errors import SparkError, parse_error

__all__ = ["syntax_error", "unclosed_comment"]


def _with_place(error: SparkError, text: str, position: int) -> SparkError:
    """Add the line, the column and the text, with an arrow below the place."""
    line = text.count("\n", 0, position)
    column = position - (text.rfind("\n", 0, position) + 1)
    lines = text.split("\n")
    shown = "\n".join([*lines[: line + 1], "-" * column + "^^^", *lines[line + 1 :]])
    error.message = f"{error.message} (line {line + 1}, pos {column})\n\n== SQL ==\n{shown}\n"
    error.args = (error.message,)
    return error


def syntax_error(text: str, start: int, stop: int, hint: str = "") -> SparkError:
    """Make the error of a text that the grammar does not know.

    Args:
        text: The whole text.
        start: Offset of the token that does not fit.
        stop: Offset behind it; the same as ``start`` at the end of the text.
        hint: What would help, such as ``: missing ')'``.
    """
    if not text.strip():
        return _with_place(parse_error("PARSE_EMPTY_STATEMENT"), text, start)
    found = f"'{text[start:stop]}'" if stop > start else "end of input"
    error = parse_error("PARSE_SYNTAX_ERROR", error=found, hint=hint)
    return _with_place(error, text, start)


def unclosed_comment(text: str, position: int) -> SparkError:
    """Make the error of a comment without an end."""
    return _with_place(parse_error("UNCLOSED_BRACKETED_COMMENT"), text, position)
