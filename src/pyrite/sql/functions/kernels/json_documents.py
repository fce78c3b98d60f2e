"""JSON documents as Spark reads them: leniently, and with each number as it was written."""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["Number", "compact", "parse_json"]


class Number(str):
    """A number as it was written, such as ``1.50``."""

    __slots__ = ()


_STRINGS = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'((?:[^'\\]|\\.)*)'", re.DOTALL)
_LEADING_ZEROS = re.compile(r"(?<![\w.\"+-])(-?)0+(?=\d)")
_COMMENTS = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_BARE_NAMES = re.compile(r"([{,]\s*)([A-Za-z_$][\w$]*)(\s*:)")

_DECODER = json.JSONDecoder(
    parse_float=Number, parse_int=Number, parse_constant=Number, strict=False
)


def _double_quoted(text: str) -> str:
    """Return a text with its single-quoted strings in double quotes."""

    def requote(match: re.Match[str]) -> str:
        inner = match[1]
        if inner is None:
            return match[0]
        return '"' + inner.replace("\\'", "'").replace('"', '\\"') + '"'

    return _STRINGS.sub(requote, text)


def _between_strings(pattern: re.Pattern[str], replacement: str, text: str) -> str:
    """Replace a pattern wherever it is not inside a double-quoted string."""
    pieces, start = [], 0
    for match in _STRINGS.finditer(text):
        pieces += [pattern.sub(replacement, text[start : match.start()]), match[0]]
        start = match.end()
    return "".join(pieces) + pattern.sub(replacement, text[start:])


def parse_json(
    text: str,
    *,
    single_quotes: bool = True,
    leading_zeros: bool = False,
    bare_names: bool = False,
    comments: bool = False,
) -> Any:
    """Parse the first JSON value of a text; what stands behind it does not matter.

    Args:
        text: The document.
        single_quotes: Whether strings may have single quotes.
        leading_zeros: Whether numbers may begin with zeros.
        bare_names: Whether names need no quotes.
        comments: Whether there may be comments as in Java.

    Returns:
        dict, list, str, bool, None, or ``Number``.

    Raises:
        ValueError: If it is no JSON.

    Example:
        >>> parse_json("{'a': 1.50}")
        {'a': '1.50'}
    """
    text = text.strip(" \t\r\n\ufeff")
    try:
        return _DECODER.raw_decode(text)[0]
    except RecursionError:
        raise ValueError("nested too deep") from None
    except ValueError:
        changed = _double_quoted(text) if single_quotes else text
        if comments:
            changed = _between_strings(_COMMENTS, " ", changed)
        if leading_zeros:
            changed = _between_strings(_LEADING_ZEROS, r"\1", changed)
        if bare_names:
            changed = _BARE_NAMES.sub(r'\1"\2"\3', changed)
        if changed == text:
            raise
        return _DECODER.raw_decode(changed.strip())[0]


def compact(value: Any) -> str:
    """Write a parsed document without blanks, numbers as they were."""
    match value:
        case Number():
            return f'"{value}"' if value[-1] in "Ny" else str(value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case dict():
            items = (f"{json.dumps(k, ensure_ascii=False)}:{compact(v)}" for k, v in value.items())
            return "{" + ",".join(items) + "}"
        case list():
            return "[" + ",".join(map(compact, value)) + "]"
        case bool():
            return "true" if value else "false"
        case _:
            return "null"
