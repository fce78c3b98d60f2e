"""Pieces of DuckDB SQL text: names, strings and lists, quoted."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["identifier", "let", "quote", "string_list", "struct"]


def identifier(name: str) -> str:
    """Quote a name.

    Example:
        >>> identifier('say "x" twice')
        '"say ""x"" twice"'
    """
    return '"' + name.replace('"', '""') + '"'


def quote(text: str) -> str:
    """Quote a string.

    Example:
        >>> quote("it's")
        "'it''s'"
    """
    quoted = "'" + text.replace("'", "''") + "'"
    if "\0" not in text:
        return quoted
    # A NUL would end the statement.
    return "(" + quoted.replace("\0", "' || chr(0) || '") + ")"


def let(name: str, value: str, body: str) -> str:
    """Give a value a name in an expression, which then computes it once and not at each use.

    Args:
        name: The name, such as ``v1``; an expression inside may hide it.
        value: SQL of the value.
        body: SQL of the expression that uses the name.

    Example:
        >>> let("v1", "sqrt(x)", "v1 + 1 / v1")
        'list_transform([sqrt(x)], lambda v1: v1 + 1 / v1)[1]'
    """
    return f"list_transform([{value}], lambda {name}: {body})[1]"


def string_list(texts: Iterable[str]) -> str:
    """Write a list of strings."""
    return f"[{', '.join(map(quote, texts))}]"


def struct(items: Iterable[tuple[str, str]]) -> str:
    """Write a struct literal of names and values, the values as SQL."""
    return "{" + ", ".join(f"{identifier(name)}: {value}" for name, value in items) + "}"
