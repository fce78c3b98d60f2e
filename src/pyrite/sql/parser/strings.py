"""String literals: quotes, escapes, raw strings."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["binary_value", "string_value"]

_ESCAPE = re.compile(
    r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[01][0-7][0-7]|.)",
    re.DOTALL,
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROLS = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a"}


def _escaped(match: re.Match[str]) -> str:
    escape = match[1]
    if len(escape) == 3:
        return chr(int(escape, 8))
    if len(escape) > 1:
        return chr(int(escape[1:], 16))
    if escape in "%_":  # kept for LIKE
        return match[0]
    return _CONTROLS.get(escape, escape)


def string_value(
    literals: Sequence[str], gaps: Sequence[bool] = (), as_written: bool = False
) -> str:
    r"""Return the text that string literals side by side stand for.

    Args:
        literals: The literals with their quotes.
        gaps: Whether there is room between each literal and the next; where there is none,
            the two quotes stand for one quote.
        as_written: Whether all between the outer quotes is taken as it stands.

    Example:
        >>> string_value(["'it\\'s'", "'x'"], [True])
        "it'sx"
        >>> string_value(["'it'", "'s'"], [False])
        "it's"
        >>> string_value(["'\\ud83d\\ude00'"])
        '😀'
        >>> string_value(["r'\\d'"])
        '\\d'
    """
    parts: list[str] = []
    quote = ""
    for position, literal in enumerate(literals):
        raw = literal[0] in "rR"
        if position and not gaps[position - 1] and not raw and literal[0] == quote:
            parts.append(2 * quote if as_written else quote)
        quote = "" if raw else literal[0]
        # Taken as it stands, a raw string has its first quote in it.
        body = literal[2:-1] if raw and not as_written else literal[1:-1]
        plain = raw or as_written or "\\" not in body
        parts.append(body if plain else _ESCAPE.sub(_escaped, body))
    text = "".join(parts)
    if not _SURROGATE.search(text):
        return text
    # Escapes are of Java's characters, of which two may stand for one.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def binary_value(digits: str) -> bytes | None:
    r"""Return the bytes of ``X'digits'``; None if those are no hexadecimal digits.

    Example:
        >>> binary_value("1FF")
        b'\x01\xff'
    """
    padded = digits if len(digits) % 2 == 0 else f"0{digits}"
    return bytes.fromhex(padded) if re.fullmatch(r"[0-9a-fA-F]*", padded) else None
