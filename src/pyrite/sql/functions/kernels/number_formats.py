"""The patterns of to_number and to_char: 9 0 . , $ S MI PR, and D and G for . and ,."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

__all__ = ["format_type", "read_number", "write_number"]


@lru_cache(maxsize=256)
def _parts(pattern: str) -> tuple[str, str, str, bool, str]:
    """Return the sign in front, the digits, the fraction, whether $, and the sign behind."""
    match = re.fullmatch(r"(MI|S)?(\$)?([0-9,GL]*)(?:[.D]([09]*))?(\$)?(MI|S|PR)?", pattern.upper())
    if match is None or not re.search("[09]", pattern):
        raise ValueError(pattern)
    before, dollar, whole, fraction, _, after = match.groups()
    return before or "", whole.replace("G", ","), fraction or "", bool(dollar), after or ""


def format_type(pattern: str) -> tuple[int, int]:
    """Return the precision and the scale of numbers a pattern reads.

    Raises:
        ValueError: If it is no pattern.
    """
    _, whole, fraction, _, _ = _parts(pattern)
    digits = len(whole.replace(",", ""))
    return digits + len(fraction), len(fraction)


def _grouped(digits: str, whole: str) -> str:
    """Put commas between digits where a pattern has them."""
    pieces: list[str] = []
    for group in reversed(whole.split(",")):
        if digits:
            pieces.insert(0, digits[-len(group) :])
            digits = digits[: -len(group)]
    return ",".join(pieces)


def read_number(text: str, pattern: str) -> Decimal | None:
    """Return the number a text writes by a pattern, None if it does not fit.

    Example:
        >>> read_number("$1,234.50", "$9,999.99")
        Decimal('1234.50')
    """
    before, whole, fraction, dollar, after = _parts(pattern)
    text = text.strip()
    negative = False
    if after == "PR" and text.startswith("<") and text.endswith(">"):
        negative, text = True, text[1:-1]
    for place, sign in ((0, before), (-1, after)):
        marked = text[:1] if place == 0 else text[-1:]
        if sign in ("S", "MI") and marked in ("-", "+"):
            negative = marked == "-"
            text = text[1:] if place == 0 else text[:-1]
    if dollar:
        if not text.startswith("$"):
            return None
        text = text[1:]
    integer, point, rest = text.partition(".")
    digits = integer.replace(",", "")
    most, least = len(whole.replace(",", "")), whole.count("0")
    if whole.startswith("0"):
        least = most
    fits = (
        re.fullmatch(r"\d*", digits)
        and re.fullmatch(r"\d*", rest)
        and (least if "0" in whole else 0) <= len(digits) <= most
        and len(rest) <= len(fraction)
        and (not point or "." in pattern or "D" in pattern.upper())
        and bool(digits or rest)
        and integer == _grouped(digits, whole)
    )
    if not fits:
        return None
    number = Decimal(f"{digits or '0'}.{rest.ljust(len(fraction), '0')}".rstrip("."))
    return -number if negative else number


def write_number(value: Decimal, pattern: str) -> str:
    """Write a number by a pattern; one that is too large is written as hashes.

    Example:
        >>> write_number(Decimal("-12.8"), "99.9MI")
        '12.8-'
    """
    before, whole, fraction, dollar, after = _parts(pattern)
    places = whole.replace(",", "")
    rounded = value.quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_UP)
    integer, _, rest = f"{abs(rounded):f}".partition(".")
    integer = integer if integer != "0" or places else ""
    if len(integer) > len(places):
        return re.sub("[09]", "#", pattern)
    zeros = len(places) - places.find("0") if "0" in places else 0
    integer = integer.rjust(zeros, "0") or ("0" if not fraction else "")
    integer = _grouped(integer, whole)
    if dollar:
        integer = "$" + integer.rjust(len(whole))
    text = integer + (f".{rest}" if fraction else "")
    width = dollar + len(whole) + (len(fraction) + 1 if fraction else 0)
    negative = rounded < 0
    if after == "PR":
        return (f"<{text}>" if negative else f"{text}  ").rjust(width + 2)
    if not before and not after:
        return text.rjust(width)
    sign = "-" if negative else "+" if "S" in (before, after) else " "
    return (text + sign if after else sign + text).rjust(width + 1)
