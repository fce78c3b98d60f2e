"""Java's format strings (``%5d``, ``%.2f``, ``%1$s``) and number patterns (``#,##0.00``)."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from typing import Any

from pyrite.sql.expressions.number_text import double_text

__all__ = ["format_java", "format_pattern"]

_SPECIFIER = re.compile(r"%(?:(\d+)\$)?([-#+ 0,(<]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])")
_EXACT = Context(prec=400)


def _text(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return double_text(value) if isinstance(value, float) else str(value)


def _number(value: Any, flags: str, precision: int | None, conversion: str) -> str:
    """Write a number without its width."""
    if conversion == "d":
        text = str(abs(int(value)))
    elif isinstance(value, float) and (value != value or abs(value) == float("inf")):
        text = "NaN" if value != value else "Infinity"
    elif conversion == "f":
        places = 6 if precision is None else precision
        exact = abs(Decimal(repr(value)) if isinstance(value, float) else Decimal(value))
        text = f"{exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _EXACT):f}"
    else:
        text = f"{abs(float(value)):.{6 if precision is None else precision}{conversion}}"
    if "," in flags:
        whole, point, fraction = text.partition(".")
        text = f"{int(whole):,}{point}{fraction}"
    negative = value < 0 or (isinstance(value, float) and str(value).startswith("-"))
    if negative and "(" in flags:
        return f"({text})"
    sign = "-" if negative else "+" if "+" in flags else " " if " " in flags else ""
    return sign + text


def _converted(value: Any, flags: str, precision: int | None, conversion: str) -> str:
    lower = conversion.lower()
    if lower == "b":
        text = _text(value is True or (value is not None and not isinstance(value, bool)))
    elif value is None or lower == "s":
        text = _text(value)
        text = text if precision is None else text[:precision]
    elif lower == "c":
        text = chr(value) if isinstance(value, int) else str(value)
    elif lower in "xo":
        bits = 1 << (64 if abs(value) >= 1 << 31 else 32)
        text = f"{value % bits if value < 0 else value:{lower}}"
        text = {"x": "0x", "o": "0"}[lower] + text if "#" in flags else text
    elif lower in ("d", "f", "e", "g"):
        text = _number(value, flags, precision, lower)
    else:
        raise ValueError(f"unknown conversion %{conversion}")
    return text.upper() if conversion.isupper() else text


def format_java(template: str, *values: Any) -> str:
    """Fill a format string.

    Raises:
        ValueError: If a value is missing or of the wrong kind.

    Example:
        >>> format_java("%05d|%-4s|%,.1f", 42, "ab", 1234.56)
        '00042|ab  |1,234.6'
    """
    place = 0

    def fill(match: re.Match[str]) -> str:
        nonlocal place
        index, flags, width, precision, conversion = match.groups()
        if conversion == "%":
            text = "%"
        elif conversion == "n":
            return "\n"
        else:
            if index is None:
                place += 1
            position = int(index) - 1 if index else place - 1
            if position >= len(values):
                raise ValueError(f"no value for {match[0]}")
            wanted = None if precision is None else int(precision)
            text = _converted(values[position], flags, wanted, conversion)
        size = int(width or 0)
        if "-" in flags:
            return text.ljust(size)
        if "0" in flags:
            sign = text[0] if text[:1] in ("-", "+", " ") else ""
            return sign + text[len(sign) :].rjust(size - len(sign), "0")
        return text.rjust(size)

    return _SPECIFIER.sub(fill, template)


def format_pattern(value: Any, pattern: str) -> str:
    """Write a number by a pattern of Java's DecimalFormat.

    Example:
        >>> format_pattern(12345.678, "#,##0.00"), format_pattern(5, "000.0")
        ('12,345.68', '005.0')
    """
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return "NaN" if value != value else "∞" if value > 0 else "-∞"
    positive = pattern.split(";")[0]
    match = re.search(r"[#0,.]+", positive)
    if match is None:
        return positive
    prefix, suffix = positive[: match.start()], positive[match.end() :]
    whole, _, fraction = match[0].partition(".")
    group = len(whole) - whole.rfind(",") - 1 if "," in whole else 0
    number = Decimal(repr(value) if isinstance(value, float) else value)
    if "%" in suffix:
        number *= 100
    rounded = number.quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_EVEN, _EXACT)
    integer, _, rest = f"{rounded.copy_abs():f}".partition(".")
    integer = integer.lstrip("0").rjust(whole.count("0"), "0")
    rest = rest.rstrip("0").ljust(fraction.count("0"), "0")
    if group:
        first = len(integer) % group
        parts = [integer[:first]] if first else []
        parts += [integer[at : at + group] for at in range(first, len(integer), group)]
        integer = ",".join(parts)
    text = integer + ("." + rest if rest else "") or "0"
    sign = "-" if rounded < 0 or (rounded == 0 and number < 0) else ""
    return f"{sign}{prefix}{text}{suffix}"
