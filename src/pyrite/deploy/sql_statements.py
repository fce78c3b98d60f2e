"""Cutting SQL text into statements, at the semicolons that are not in quotes or comments."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["split_statements"]

#: What may hold a semicolon that ends nothing. What is not closed reaches to the end.
_TOKEN = re.compile(
    r"""
      (?P<comment> --[^\n]* )
    | (?P<block>   /\* )
    | (?P<quoted>  (?<!\w)[rR](?:"[^"]*(?:"|\Z) | '[^']*(?:'|\Z))
                 | "(?:\\.|[^"\\])*(?:"|\Z) | '(?:\\.|[^'\\])*(?:'|\Z) | `[^`]*(?:`|\Z) )
    | (?P<end>     ; )
    | (?P<other>   (?:[^-/"'`;rR] | [rR](?!["']))+ | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_BLOCK_EDGE = re.compile(r"/\*|\*/")


def split_statements(text: str) -> tuple[list[str], str]:
    r"""Return the statements that are complete, and what comes after the last of them.

    Comments between statements are dropped; within one they stay, since hints are comments.

    Example:
        >>> split_statements("SELECT 'a;b'; -- one; two\nSELECT")
        (["SELECT 'a;b'"], 'SELECT')
    """
    statements: list[str] = []
    current = ""
    for kind, part in _tokens(text):
        if kind == "end":
            if current.strip():
                statements.append(current.strip())
            current = ""
        elif kind == "comment" or (kind == "block" and not part.startswith("/*+")):
            current += " "  # the end of a line comment is the next token's
        else:
            current += part
    return statements, current.lstrip()


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    while match := _TOKEN.match(text, position):
        kind = str(match.lastgroup)
        start, position = position, match.end()
        if kind == "block":
            position = _end_of_block(text, position)
        yield kind, text[start:position]


def _end_of_block(text: str, position: int) -> int:
    """Return where a comment ends whose beginning was read; other comments may be inside it."""
    depth = 1
    for edge in _BLOCK_EDGE.finditer(text, position):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            return edge.end()
    return len(text)
