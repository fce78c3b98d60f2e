"""What Java prints: the text of values in files that Hadoop's text formats write."""

from __future__ import annotations

import math
from typing import Any

__all__ = ["java_float", "java_text"]


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
    return java_float(value, repr(value))


def java_float(value: float, shortest: str) -> str:
    """Write a floating-point number as Java does.

    Args:
        value: The number.
        shortest: The shortest decimal text that reads back as the number in its own width, in
            any form: ``repr`` for a double.

    Example:
        >>> java_float(1e20, "1e+20"), java_float(0.5, "0.5"), java_float(5e-324, "5e-324")
        ('1.0E20', '0.5', '4.9E-324')
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    sign = "-" if math.copysign(1, value) < 0 else ""
    digits, exponent = _digits(shortest.lstrip("-"))
    if value == 0:
        return f"{sign}0.0"
    if len(digits) == 1:  # Java writes two digits, so of two the best
        digits = f"{abs(value):.1e}"[:3].replace(".", "")
    if -3 <= exponent < 7:
        zeros = "0" * -exponent
        digits = zeros + digits.ljust(exponent + 1, "0")
        point = max(exponent, 0) + 1
        return f"{sign}{digits[:point]}.{digits[point:].rstrip('0') or '0'}"
    # Java writes the exponent without sign or padding, and always a digit after the point.
    return f"{sign}{digits[0]}.{digits[1:].rstrip('0') or '0'}E{exponent}"


def _digits(text: str) -> tuple[str, int]:
    """Return a number's digits without zeros around them, and the first one's exponent."""
    mantissa, _, power = text.partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    leading_zeros = len(whole + fraction) - len(digits)
    exponent = int(power or 0) + len(whole) - 1 - leading_zeros
    return digits.rstrip("0") or "0", exponent
