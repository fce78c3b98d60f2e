"""Names of columns and tables as people write them, split into their parts."""

from __future__ import annotations

import re

from pyrite.sql.errors import Origin, analysis_error

__all__ = ["split_identifier"]

#: One part: anything in backquotes (a backquote inside is doubled), or text without either mark.
_PART = re.compile(r"`((?:[^`]|``)*)`|([^`.]+)")


def split_identifier(text: str, origin: Origin | None = None) -> tuple[str, ...]:
    """Split a name at the dots outside backquotes, and remove the backquotes.

    Args:
        text: The name, such as ``a.`b.c`.d``.
        origin: Where the user wrote it, for the error.

    Raises:
        SparkError: INVALID_ATTRIBUTE_NAME_SYNTAX, for an empty part, a lone backquote, or text
            beside a quoted part.

    Example:
        >>> split_identifier("a.`b.c`.d")
        ('a', 'b.c', 'd')
    """
    if "`" not in text and "." not in text:
        return (text,)
    parts = []
    position = 0
    while match := _PART.match(text, position):
        quoted, plain = match.groups()
        parts.append(plain if quoted is None else quoted.replace("``", "`"))
        position = match.end()
        if position == len(text):
            return tuple(parts)
        if text[position] != ".":
            break
        position += 1
    raise analysis_error("INVALID_ATTRIBUTE_NAME_SYNTAX", origin, name=text)
