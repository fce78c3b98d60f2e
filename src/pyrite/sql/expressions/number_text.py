"""Floating point numbers as Java writes them, which is how Spark shows them."""

from __future__ import annotations

import struct

from pyrite.core.hadoop.java_text import java_float

__all__ = ["double_text", "float_text"]


def double_text(value: float) -> str:
    """Return a double as Java writes it.

    Example:
        >>> double_text(1e10), double_text(0.5)
        ('1.0E10', '0.5')
    """
    return java_float(value, repr(value))


def float_text(value: float) -> str:
    """Return a 32-bit number as Java writes it: with no digit more than tells it from others.

    Example:
        >>> float_text(1.100000023841858)
        '1.1'
    """
    wanted = struct.pack("f", value)
    texts = (f"{value:.{digits}g}" for digits in range(1, 10))
    shortest = next((t for t in texts if struct.pack("f", float(t)) == wanted), repr(value))
    return java_float(value, shortest)
