"""Cutting SQL text into statements, at the semicolons that are not in quotes or comments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

__all__ = ["split_statements", "substitute"]

#: What may hold a semicolon that ends nothing. What is not closed reaches to the end.
_TOKEN = re.compile(
    r"""
      (?P<comment> --[^\n]* )
    | (?P<block>   /\*(?:(?!\*/).)*(?:\*/|\Z) )
    | (?P<quoted>  r?"(?:\\.|[^"\\])*(?:"|\Z) | r?'(?:\\.|[^'\\])*(?:'|\Z) | `[^`]*(?:`|\Z) )
    | (?P<end>     ; )
    | (?P<other>   [^-/"'`;]+ | . )
    """,
    re.VERBOSE | re.DOTALL,
)

_VARIABLE = re.compile(r"\$\{(?:hivevar:)?(\w[\w.]*)\}")


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
    for match in _TOKEN.finditer(text):
        yield str(match.lastgroup), match[0]


def substitute(text: str, variables: Mapping[str, str]) -> str:
    """Put the values of ``--define`` in the place of ``${name}``; unknown names stay.

    Example:
        >>> substitute("SELECT ${hivevar:n} FROM ${t}", {"n": "1"})
        'SELECT 1 FROM ${t}'
    """
    return _VARIABLE.sub(lambda match: variables.get(match[1], match[0]), text)
