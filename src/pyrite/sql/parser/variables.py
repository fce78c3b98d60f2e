"""Variables: settings that SQL text names as ``${key}``, put there before it is read."""

from __future__ import annotations

import getpass
import os
import re
import sys
import tempfile
from collections.abc import Callable

__all__ = ["substitute"]

_REFERENCE = re.compile(r"\$\{(?:(\w+?):)?(\S+?)\}")

#: Properties of Java's that a machine without Java has too, as ``${system:key}``.
_SYSTEM: dict[str, Callable[[], str]] = {
    "user.dir": os.getcwd,
    "user.home": lambda: os.path.expanduser("~"),
    "user.name": getpass.getuser,
    "java.io.tmpdir": tempfile.gettempdir,
    "os.name": lambda: "Mac OS X" if sys.platform == "darwin" else sys.platform.capitalize(),
    "file.separator": lambda: os.sep,
    "path.separator": lambda: os.pathsep,
    "line.separator": lambda: os.linesep,
}

#: Prefixes that stand for a session's settings, as no prefix does.
_SETTINGS = frozenset((None, "spark", "sparkconf", "hivevar", "hiveconf"))


def substitute(text: str, setting: Callable[[str], str | None]) -> str:
    """Return a text with the values of the variables that it names.

    A setting that is not there is empty; an environment variable or a property of the system
    that is not there, and what has another prefix, stays as it is written.

    Args:
        text: SQL.
        setting: Returns a setting's value.

    Example:
        >>> substitute("SELECT ${n} FROM ${hivevar:t}", {"n": "1", "t": "u"}.get)
        'SELECT 1 FROM u'
    """
    return _substitute(text, setting, frozenset())


def _substitute(text: str, setting: Callable[[str], str | None], within: frozenset[str]) -> str:
    def value(match: re.Match[str]) -> str:
        prefix, key = match.groups()
        if prefix == "env":
            return os.environ.get(key, match[0])
        if prefix == "system":
            return _SYSTEM[key]() if key in _SYSTEM else match[0]
        if prefix not in _SETTINGS or key in within:
            return match[0]
        return _substitute(setting(key) or "", setting, within | {key})

    return _REFERENCE.sub(value, text)
