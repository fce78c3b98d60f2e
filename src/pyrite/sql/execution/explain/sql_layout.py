"""SQL laid out for reading: a clause a line, subqueries set in."""

from __future__ import annotations

import re

__all__ = ["laid_out"]

_TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[A-Za-z_]\w*|\s+|.", re.DOTALL)
_CLAUSES = {"FROM", "WHERE", "GROUP", "HAVING", "QUALIFY", "ORDER", "LIMIT", "OFFSET", "UNION"}
_CLAUSES |= {"INTERSECT", "EXCEPT", "JOIN", "LEFT", "RIGHT", "FULL", "CROSS", "SEMI", "ANTI"}
_JOIN_WORDS = {"LEFT", "RIGHT", "FULL", "CROSS", "SEMI", "ANTI"}
_STEP = "  "


def laid_out(sql: str) -> str:
    """Return a statement with line breaks at its clauses; text and names are left alone.

    Example:
        >>> print(laid_out("SELECT a FROM (SELECT 1 AS a WHERE TRUE) AS t LIMIT 3"))
        SELECT a
        FROM (
          SELECT 1 AS a
          WHERE TRUE) AS t
        LIMIT 3
    """
    made: list[str] = []
    #: For each open bracket, whether it holds a query.
    brackets: list[bool] = []
    tokens = _TOKEN.findall(sql)
    before = ""
    for place, token in enumerate(tokens):
        word = token.upper()
        following = next((t for t in tokens[place + 1 :] if not t.isspace()), "").upper()
        in_query = not brackets or brackets[-1]
        indent = _STEP * sum(brackets)
        if token == "(":
            brackets.append(following in ("SELECT", "WITH", "FROM", "VALUES"))
            made.append("(" + ("\n" + _STEP * sum(brackets) if brackets[-1] else ""))
        elif token == ")" and brackets:
            brackets.pop()
            made.append(token)
        elif word in _CLAUSES and in_query and made and before not in _JOIN_WORDS | {"AS", "."}:
            is_call = following == "(" and word in ("LEFT", "RIGHT")
            if is_call:
                made.append(token)
            else:
                made[-1] = made[-1].rstrip(" ")
                made.append(token if made[-1].endswith("\n" + indent) else f"\n{indent}{token}")
        else:
            made.append(token)
        if not token.isspace():
            before = word
    return "".join(made)
