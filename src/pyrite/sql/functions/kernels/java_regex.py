r"""Java's regular expressions: by DuckDB's RE2 where both agree, by Python's ``re`` elsewhere.

What neither has (a class minus a class, ``\G``) is refused as an invalid pattern.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["JavaPatternError", "compile_java", "java_replacement", "python_template", "suits_re2"]


class JavaPatternError(ValueError):
    """A pattern that Java, or this translation, has no meaning for."""


#: Java's escapes that Python writes differently, outside and inside of a class.
_ESCAPES = {"z": r"\Z", "Z": r"(?=\n?\Z)", "h": r"[ \t\xa0\u2000-\u200a\u202f\u205f\u3000]",
            "R": r"(?:\r\n|[\n\x0b\f\r\x85\u2028\u2029])", "e": r"\x1b"}  # fmt: skip
_CLASS_ESCAPES = {"h": r" \t\xa0\u2000-\u200a\u202f\u205f\u3000", "e": r"\x1b"}

#: Java's named classes as the inside of a Python class.
_PROPERTIES = {
    "Lower": "a-z", "Upper": "A-Z", "Alpha": "a-zA-Z", "Digit": "0-9", "Alnum": "a-zA-Z0-9",
    "Punct": r"!-/:-@\[-`{-~", "Graph": "!-~", "Print": " -~", "Blank": r" \t",
    "Cntrl": r"\x00-\x1f\x7f", "XDigit": "0-9a-fA-F", "Space": r" \t\n\x0b\f\r",
    "ASCII": r"\x00-\x7f",
    "L": r"^\W\d_", "IsAlphabetic": r"^\W\d_", "N": r"\d", "Nd": r"\d", "IsDigit": r"\d",
    "Lu": "A-ZÀ-ÖØ-Þ", "IsUppercase": "A-ZÀ-ÖØ-Þ", "Ll": "a-zß-öø-ÿ", "IsLowercase": "a-zß-öø-ÿ",
    "P": r"!-#%-*,-/:;?@\[-\]_{}¡§«¶·»¿", "IsPunctuation": r"!-#%-*,-/:;?@\[-\]_{}¡§«¶·»¿",
    "Z": r" \xa0\u2000-\u200a\u2028\u2029\u202f\u205f\u3000", "IsWhite_Space": r"\s",
    "S": r"$+<=>\^`|~\xa2-\xa9\xac\xae-\xb1\xb4\xb8\xd7\xf7", "Sc": r"$\xa2-\xa5\u20ac",
}  # fmt: skip

#: Where RE2 differs from Java: look-around, back references, possessive and atomic parts,
#: operations on classes, and escapes and properties that it has not.
_NOT_RE2 = re.compile(
    r"\(\?[=!>]|\(\?<[=!]|\(\?[a-z]*[^a-z:P)<-]|\\[1-9kGhHRXzZpPuxe0c]|[*+?}]\+|&&|\[[^\]]*\[|\[\]"
)


def _property(pattern: str, position: int, inside: bool) -> tuple[str, int]:
    negated = pattern[position] == "P"
    match = re.compile(r"\{(\w+)\}|(\w)").match(pattern, position + 1)
    if match is None:
        raise JavaPatternError(pattern)
    name = match[1] or match[2]
    members = _PROPERTIES.get(name) or _PROPERTIES.get(name.removeprefix("Is"))
    if members is None or (inside and (negated or members.startswith("^"))):
        raise JavaPatternError(pattern)
    if inside:
        return members, match.end()
    if negated:
        members = members[1:] if members.startswith("^") else f"^{members}"
    return f"[{members}]", match.end()


def _escape(pattern: str, position: int, inside: bool) -> tuple[str, int]:
    """Translate what follows a backslash; return it and the position behind it."""
    if position >= len(pattern):
        raise JavaPatternError(pattern)
    letter = pattern[position]
    if letter == "Q":
        end = pattern.find("\\E", position)
        quoted = pattern[position + 1 : end if end >= 0 else None]
        return re.escape(quoted), end + 2 if end >= 0 else len(pattern)
    if letter in "pP":
        return _property(pattern, position, inside)
    if letter == "x" and pattern[position + 1 : position + 2] == "{":
        end = pattern.index("}", position)
        return re.escape(chr(int(pattern[position + 2 : end], 16))), end + 1
    if letter == "0":
        match = re.compile(r"0[0-3]?[0-7]{1,2}").match(pattern, position)
        if match is None:
            raise JavaPatternError(pattern)
        return re.escape(chr(int(match[0], 8))), match.end()
    if letter == "k" and not inside:
        match = re.compile(r"k<(\w+)>").match(pattern, position)
        if match is None:
            raise JavaPatternError(pattern)
        return f"(?P={match[1]})", match.end()
    table = _CLASS_ESCAPES if inside else _ESCAPES
    return table.get(letter, "\\" + letter), position + 1


@lru_cache(maxsize=512)
def _translate(pattern: str) -> str:
    """Return a Java pattern as Python's ``re`` writes it."""
    pieces = []
    # Flags that are off anyway; Python turns none off for a whole pattern.
    off = re.match(r"\(\?-[a-zA-Z]+\)", pattern)
    position, depth = off.end() if off else 0, 0
    while position < len(pattern):
        character = pattern[position]
        if character == "\\":
            piece, position = _escape(pattern, position + 1, depth > 0)
            pieces.append(piece)
            continue
        if depth and pattern.startswith("&&", position):
            raise JavaPatternError(pattern)
        if character == "[":
            depth += 1
            # A class inside of a class is a union: its brackets go away.
            if depth == 1:
                pieces.append("[")
                if pattern.startswith("^", position + 1):
                    pieces.append("^")
                    position += 1
            elif pattern.startswith("^", position + 1):
                raise JavaPatternError(pattern)
        elif character == "]" and depth:
            depth -= 1
            if not depth:
                pieces.append("]")
        elif (
            not depth
            and pattern.startswith("(?<", position)
            and (pattern[position + 3 : position + 4] not in ("=", "!"))
        ):
            pieces.append("(?P<")
            position += 3
            continue
        elif character == "$" and not depth:
            pieces.append("$")
        else:
            pieces.append(character)
        position += 1
    return "".join(pieces)


@lru_cache(maxsize=512)
def compile_java(pattern: str) -> re.Pattern[str]:
    r"""Return a Java pattern compiled by Python.

    Raises:
        JavaPatternError: If it is none.

    Example:
        >>> bool(compile_java(r"\p{Lower}+(?=1)").match("ab1"))
        True
    """
    try:
        translated = _translate(pattern)
        # Flags at the start hold for all of it; Python wants them nowhere else.
        return re.compile(translated, re.ASCII)
    except (re.error, ValueError, OverflowError):
        raise JavaPatternError(pattern) from None


@lru_cache(maxsize=512)
def suits_re2(pattern: str) -> bool:
    """Whether RE2 reads a pattern just as Java does."""
    return _NOT_RE2.search(pattern) is None


@lru_cache(maxsize=512)
def java_replacement(replacement: str) -> tuple[str | int, ...]:
    """Split a replacement into texts and group numbers (or names after a ``$``).

    Raises:
        JavaPatternError: If a ``$`` or a backslash stands alone.

    Example:
        >>> java_replacement("a$1")
        ('a', 1)
    """
    parts: list[str | int] = []
    position = 0
    while position < len(replacement):
        character = replacement[position]
        if character == "\\":
            if position + 1 >= len(replacement):
                raise JavaPatternError(replacement)
            parts.append(replacement[position + 1])
            position += 2
        elif character == "$":
            match = re.compile(r"\$(?:(\d)|\{(\w+)\})").match(replacement, position)
            if match is None:
                raise JavaPatternError(replacement)
            parts.append(int(match[1]) if match[1] else "\0" + match[2])
            position = match.end()
        else:
            parts.append(character)
            position += 1
    return tuple(parts)


def python_template(replacement: str, groups: int) -> str:
    """Return a replacement as Python's ``re`` writes it, for a pattern of some groups.

    Raises:
        JavaPatternError: If it names a group that there is not.
    """
    written = ""
    for part in java_replacement(replacement):
        if isinstance(part, int):
            if part > groups:
                raise JavaPatternError(replacement)
            written += f"\\g<{part}>"
        elif part.startswith("\0"):
            written += f"\\g<{part[1:]}>"
        else:
            written += part.replace("\\", "\\\\")
    return written
