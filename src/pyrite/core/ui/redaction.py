"""Redaction: what may be a secret never reaches a log or a page."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pyrite.core.conf import ConfigEntry

__all__ = ["REDACTED", "redact"]

REDACTED = "*********(redacted)"

_REGEX = ConfigEntry("spark.redaction.regex", "(?i)secret|password|token|access[.]?key", re.compile)


def redact(properties: Mapping[str, str], conf: Mapping[str, str]) -> dict[str, str]:
    """Hide the values whose name or text matches ``spark.redaction.regex``.

    Args:
        properties: Names and values about to be written.
        conf: The application's settings, where the pattern is.

    Example:
        >>> redact({"my.password": "12345", "spark.app.name": "sums"}, {})
        {'my.password': '*********(redacted)', 'spark.app.name': 'sums'}
    """
    pattern = _REGEX.read(conf)
    return {
        key: REDACTED if pattern.search(key) or pattern.search(value) else value
        for key, value in properties.items()
    }
