"""What Java prints: the text of values in files that Hadoop's text formats write."""

from __future__ import annotations

import math
from typing import Any

__all__ = ["java_text"]


def java_text(value: Any) -> str:
    """Return the text that the Writable of a Python value has in Hadoop.

    Example:
        >>> java_text(True), java_text(1e20), java_text(b"ab"), java_text({"a": None})
        ('true', '1.0E20', '61 62', '{a=(null)}')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _java_double(value)
    if isinstance(value, bytes | bytearray):
        return value.hex(" ")
    if isinstance(value, dict):
        entries = (f"{java_text(key)}={java_text(item)}" for key, item in value.items())
        return "{" + ", ".join(entries) + "}"
    if isinstance(value, tuple):
        items = ", ".join(java_text(item) for item in value)
        return (
            f"ArrayWritable [valueClass=interface org.apache.hadoop.io.Writable, values=[{items}]]"
        )
    return "(null)" if value is None else str(value)


def _java_double(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        text = repr(value)
        return text if "e" not in text else f"{value:f}"
    # Java writes the exponent without sign or padding, and always a digit after the point.
    digits, exponent = _shortest_digits(abs(value))
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{exponent}"


def _shortest_digits(value: float) -> tuple[str, int]:
    """Return the digits that tell ``value`` from its neighbours, and the first one's exponent."""
    mantissa, _, power = repr(value).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    leading_zeros = len(whole + fraction) - len(digits)
    exponent = int(power or 0) + len(whole) - 1 - leading_zeros
    return digits.rstrip("0") or "0", exponent
