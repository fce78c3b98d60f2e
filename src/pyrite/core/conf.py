"""Configuration: SparkConf, and the entries the engine reads with their types and defaults.

An entry is declared once, here, with Spark's own key and default; code asks
``MAX_FAILURES.read(conf)`` and never repeats a key or a default.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from pyspark.conf import SparkConf

from pyrite.core.errors import SparkIllegalArgumentException

__all__ = [
    "ConfigEntry",
    "SparkConf",
    "parse_bool",
    "parse_bytes",
    "parse_seconds",
    "ports_to_try",
]

T = TypeVar("T")

_BYTE_UNITS = {
    "": 1, "b": 1, "k": 1 << 10, "kb": 1 << 10, "m": 1 << 20, "mb": 1 << 20,
    "g": 1 << 30, "gb": 1 << 30, "t": 1 << 40, "tb": 1 << 40, "p": 1 << 50, "pb": 1 << 50,
}  # fmt: skip
_TIME_UNITS = {
    "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0,
}  # fmt: skip
_QUANTITY = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*")


@functools.lru_cache(maxsize=256)  # each query asks for several sizes
def parse_bytes(text: str, default_unit: str = "b") -> int:
    """Read a memory string such as ``512m`` or ``2g``.

    Args:
        text: A number with an optional unit k, m, g, t or p (with or without a final b).
        default_unit: The unit of a bare number; Spark uses another one per setting.

    Returns:
        The size in bytes.

    Raises:
        SparkIllegalArgumentException: If the text is not such a string.

    Example:
        >>> parse_bytes("2k"), parse_bytes("3", "m")
        (2048, 3145728)
    """
    match = _QUANTITY.fullmatch(text)
    unit = match and (match[2].lower() or default_unit)
    if not match or unit not in _BYTE_UNITS or float(match[1]) < 0:
        raise SparkIllegalArgumentException(
            f"'{text}' is not a memory size. Write a number with a unit, such as 512k, 512m, 2g "
            "or 1t."
        )
    return int(float(match[1]) * _BYTE_UNITS[unit])


def parse_seconds(text: str, default_unit: str = "s") -> float:
    """Read a duration such as ``100ms``, ``3s`` or ``2min``.

    Args:
        text: A number with an optional unit us, ms, s, m (or min), h or d.
        default_unit: The unit of a bare number; Spark uses another one per setting.

    Returns:
        The duration in seconds.

    Raises:
        SparkIllegalArgumentException: If the text is not such a string.

    Example:
        >>> parse_seconds("100ms"), parse_seconds("2min")
        (0.1, 120.0)
    """
    match = _QUANTITY.fullmatch(text)
    unit = match and (match[2].lower() or default_unit)
    if not match or unit not in _TIME_UNITS:
        raise SparkIllegalArgumentException(
            f"'{text}' is not a duration. Write a number with a unit, such as 100ms, 30s, 5min "
            "or 1h."
        )
    return float(match[1]) * _TIME_UNITS[unit]


def parse_bool(text: str) -> bool:
    """Read ``true`` or ``false`` in any case.

    Raises:
        SparkIllegalArgumentException: If the text is neither.

    Example:
        >>> parse_bool("True")
        True
    """
    value = {"true": True, "false": False}.get(text.strip().lower())
    if value is None:
        raise SparkIllegalArgumentException(f"'{text}' is not a boolean. Write true or false.")
    return value


@dataclass(frozen=True)
class ConfigEntry(Generic[T]):
    """One setting: Spark's key, its default as text, and how its text is read.

    Attributes:
        key: The name users set, such as ``spark.task.maxFailures``.
        default: The text that stands when the user set nothing.
        parse: From text to the value; raises SparkIllegalArgumentException on bad text.
        fallback: Another key to look at before the default, as Spark does for related settings.

    Example:
        >>> ConfigEntry("spark.task.maxFailures", "4", int).read({})
        4
    """

    key: str
    default: str
    parse: Callable[[str], T]
    fallback: str | None = None

    def read(self, conf: Mapping[str, str]) -> T:
        """Return this setting's value in ``conf``.

        Raises:
            SparkIllegalArgumentException: If the text set by the user cannot be read; the
                message names the key.
        """
        text = conf.get(self.key)
        if text is None and self.fallback is not None:
            text = conf.get(self.fallback)
        if text is None:
            text = self.default
        try:
            return self.parse(text)
        except (ValueError, SparkIllegalArgumentException) as error:
            raise SparkIllegalArgumentException(f"{self.key}: {error}") from None


_PORT_RETRIES = ConfigEntry("spark.port.maxRetries", "16", int)


def ports_to_try(port: int, conf: Mapping[str, str]) -> range:
    """Return the ports that a server may listen on, the one to be tried first at the front.

    Args:
        port: The one that is wanted; 0 stands for any that is free.
        conf: The settings: ``spark.port.maxRetries`` further ones are tried when it is taken.

    Example:
        >>> ports_to_try(4040, {"spark.port.maxRetries": "2"})
        range(4040, 4043)
        >>> ports_to_try(0, {})
        range(0, 1)
    """
    return range(port, port + 1 + (_PORT_RETRIES.read(conf) if port else 0))
