"""Pieces of DuckDB SQL text: names, strings and lists, quoted."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["identifier", "string", "string_list", "struct"]


def identifier(name: str) -> str:
    """Quote a name.

    Example:
        >>> identifier('say "x" twice')
        '"say ""x"" twice"'
    """
    return '"' + name.replace('"', '""') + '"'


def string(text: str) -> str:
    """Quote a string.

    Example:
        >>> string("it's")
        "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def string_list(texts: Iterable[str]) -> str:
    """Write a list of strings."""
    return f"[{', '.join(map(string, texts))}]"


def struct(items: Iterable[tuple[str, str]]) -> str:
    """Write a struct literal of names and values, the values as SQL."""
    return "{" + ", ".join(f"{identifier(name)}: {value}" for name, value in items) + "}"
