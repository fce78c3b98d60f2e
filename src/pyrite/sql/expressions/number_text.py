"""Floating point numbers as Java writes them, which is how Spark shows them."""

from __future__ import annotations

import struct
from decimal import Decimal

__all__ = ["java_double", "java_float"]


def java_double(value: float) -> str:
    """Return a double as Java writes it.

    Example:
        >>> java_double(1e10), java_double(0.5)
        ('1.0E10', '0.5')
    """
    return _java_text(value, repr(value))


def java_float(value: float) -> str:
    """Return a 32-bit number as Java writes it: with no digit more than tells it from others.

    Example:
        >>> java_float(1.100000023841858)
        '1.1'
    """
    wanted = struct.pack("f", value)
    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        if struct.pack("f", float(text)) == wanted:
            return _java_text(float(text), repr(float(text)))
    return _java_text(value, repr(value))


def _java_text(value: float, shortest: str) -> str:
    if value != value:
        return "NaN"
    if value in (float("inf"), -float("inf")):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return shortest
    sign, digits, exponent = Decimal(shortest).normalize().as_tuple()
    text = "".join(map(str, digits))
    return f"{'-' if sign else ''}{text[0]}.{text[1:] or '0'}E{int(exponent) + len(text) - 1}"
