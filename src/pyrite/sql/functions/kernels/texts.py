"""Functions of single texts, or bytes, as Spark's functions of these names compute them."""

from __future__ import annotations

import re
import unicodedata
from typing import TypeVar

from pyrite.sql.functions.raising import raised_text

__all__ = [
    "find_in_set",
    "find_occurrence",
    "initcap",
    "levenshtein",
    "luhn_check",
    "mask",
    "overlay",
    "pad",
    "quote",
    "sentences",
    "soundex",
    "substring",
    "substring_index",
]

T = TypeVar("T", str, bytes)


def substring(data: T, position: int, length: int) -> T:
    """Return a part by a position from 1, or from the end if negative.

    Example:
        >>> substring("abc", -5, 3)
        'a'
    """
    start = position - 1 if position > 0 else len(data) + position if position < 0 else 0
    return data[max(start, 0) : max(start + length, 0)]


def substring_index(text: str, delimiter: str, count: int) -> str:
    """Return what is before the nth delimiter, or after the nth from the end.

    Example:
        >>> substring_index("www.apache.org", ".", -2)
        'apache.org'
    """
    if not delimiter or not count:
        return ""
    pieces = text.split(delimiter)
    return delimiter.join(pieces[:count] if count > 0 else pieces[count:])


def pad(data: T, length: int, fill: T, left: bool) -> T:
    """Make data so long, cutting it if it is longer."""
    if length <= len(data) or not fill:
        return data[: max(length, 0)]
    missing = length - len(data)
    filling = (fill * (missing // len(fill) + 1))[:missing]
    return filling + data if left else data + filling


def overlay(data: T, replacement: T, position: int, length: int = -1) -> T:
    """Replace a part; a negative length is the replacement's.

    Example:
        >>> overlay("Spark SQL", "CORE", 7)
        'Spark CORE'
    """
    if length < 0:
        length = len(replacement)
    head = substring(data, 1, position - 1)
    return head + replacement + substring(data, position + length, 2**31)


def find_in_set(word: str, words: str) -> int:
    """Return which of the words between commas a word is, from 1; 0 if none."""
    if "," in word:
        return 0
    pieces = words.split(",")
    return pieces.index(word) + 1 if word in pieces else 0


def find_occurrence(text: str, part: str, position: int, occurrence: int) -> int:
    """Return where a part begins for the n-th time, from 1; 0 if it does not.

    Args:
        text: What is searched.
        part: What is looked for; an empty text is at 1.
        position: Where the search begins; if negative, so far from the end, and backwards.
        occurrence: Which of the places found, from 1.

    Example:
        >>> find_occurrence("banana", "an", -1, 2)
        2
    """
    if occurrence < 1:
        raise ValueError(
            raised_text(
                "INVALID_PARAMETER_VALUE.OCCURRENCE",
                functionName="`instr`",
                parameter="`occurrence`",
                actual=str(occurrence),
            )
        )
    if not part or not position:
        return int(position != 0)
    found = position - 1 if position > 0 else len(text) + position
    for step in range(occurrence):
        if position > 0:
            found = text.find(part, found + bool(step))
        else:
            last = found - bool(step) + len(part)
            found = text.rfind(part, 0, last) if last >= len(part) else -1
        if found < 0:
            return 0
    return found + 1


def initcap(text: str) -> str:
    """Return each word, between blanks, with a capital and the rest in lower case."""
    words = text.lower().split(" ")
    return " ".join(word[:1].title() + word[1:] for word in words)


def levenshtein(left: str, right: str, threshold: int | None = None) -> int:
    """Return how many changes of one character make one text the other.

    Returns:
        -1 if there are more than ``threshold``.
    """
    previous = list(range(len(right) + 1))
    for row, a in enumerate(left, 1):
        current = [row]
        for column, b in enumerate(right, 1):
            change = previous[column - 1] + (a != b)
            current.append(min(previous[column] + 1, current[-1] + 1, change))
        previous = current
    return -1 if threshold is not None and previous[-1] > threshold else previous[-1]


#: The code of each letter from A; 0 separates equal codes, 7 (H and W) does not.
_SOUNDS = "01230127022455012623017202"


def soundex(text: str) -> str:
    """Return the Soundex code of a word; a text that begins with no letter stays as it is.

    Example:
        >>> soundex("Ashcraft")
        'A261'
    """
    code = text[:1].upper()
    if len(code) != 1 or not "A" <= code <= "Z":
        return text
    last = _SOUNDS[ord(code) - 65]
    for character in map(str.upper, text[1:]):
        if len(character) != 1 or not "A" <= character <= "Z":
            last = "0"
            continue
        sound = _SOUNDS[ord(character) - 65]
        if sound == "7":
            continue
        if sound not in ("0", last):
            code += sound
            if len(code) == 4:
                break
        last = sound
    return code.ljust(4, "0")


def sentences(text: str, language: str = "", country: str = "") -> list[list[str]]:
    """Return the words of each sentence."""
    found = []
    for sentence in re.split(r"(?<=[.!?])\s+", text.strip()):
        words = re.findall(r"\w+(?:['.]\w+)*", sentence)
        if words:
            found.append(words)
    return found or ([[]] if text else [])


def luhn_check(text: str) -> bool:
    """Return whether digits are valid by Luhn's rule."""
    if not text or not text.isascii() or not text.isdigit():
        return False
    total = 0
    for place, character in enumerate(reversed(text)):
        digit = int(character) * (1 + place % 2)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def mask(
    text: str | None,
    upper: str | None = "X",
    lower: str | None = "x",
    digit: str | None = "n",
    other: str | None = None,
) -> str | None:
    """Replace letters and digits by kind; None leaves a kind as it is."""
    if text is None:
        return None

    def masked(character: str) -> str:
        category = unicodedata.category(character)
        if category == "Lu":
            return upper or character
        if category == "Ll":
            return lower or character
        if category == "Nd":
            return digit or character
        return other or character

    return "".join(map(masked, text))


def quote(text: str) -> str:
    """Return a text in single quotes, with backslashes before those inside."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
