"""JSON paths: the part of a document that get_json_object returns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pyrite.sql.functions.kernels.json_documents import compact, parse_json

__all__ = ["WILDCARD", "as_text", "find_text", "parse_path"]


class _Wildcard:
    """Any element or field."""


WILDCARD = _Wildcard()

_STEP = re.compile(r"\.(?:(\*)|([^.\[]+))|\[(?:(\*)|(\d+)|'([^']*)')\]")


@lru_cache(256)
def parse_path(path: str) -> tuple[str | int | _Wildcard, ...] | None:
    """Return a path's steps, None if it is no path.

    Example:
        >>> parse_path("$.a[0]['b c']")
        ('a', 0, 'b c')
    """
    if not path.startswith("$"):
        return None
    steps: list[str | int | _Wildcard] = []
    position = 1
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            return None
        any_field, name, any_index, index, quoted = match.groups()
        if any_field or any_index or quoted == "*":
            steps.append(WILDCARD)
        elif index is not None:
            steps.append(int(index))
        else:
            steps.append(name if name is not None else quoted)
        position = match.end()
    return tuple(steps)


def as_text(value: Any) -> str | None:
    """Return a value as get_json_object does: a string without quotes, null as none."""
    if value is None:
        return None
    return compact(value) if type(value) is not str else value


def _found(value: Any, steps: tuple[str | int | _Wildcard, ...]) -> Iterator[Any]:
    if not steps:
        yield value
        return
    step, rest = steps[0], steps[1:]
    if isinstance(step, _Wildcard):
        for item in value if isinstance(value, list) else ():
            yield from _found(item, rest)
    elif isinstance(step, int):
        if isinstance(value, list) and step < len(value):
            yield from _found(value[step], rest)
    elif isinstance(value, dict) and value.get(step) is not None:
        yield from _found(value[step], rest)


def find_text(document: str, path: str) -> str | None:
    """Return what a path leads to, as text; None if there is nothing.

    Example:
        >>> find_text('{"a": [1, 2]}', "$.a[*]"), find_text('{"a": "x"}', "$.a")
        ('[1,2]', 'x')
    """
    steps = parse_path(path)
    if steps is None:
        return None
    try:
        value = parse_json(document)
    except ValueError:
        return None
    found = list(_found(value, steps))
    if WILDCARD not in steps:
        return as_text(found[0]) if found else None
    if len(found) > 1:
        return compact(found)
    return compact(found[0]) if found else None
