"""Classes of Java itself: its system, its URIs, and the loggers of log4j."""

from __future__ import annotations

import getpass
import logging
import os
import tempfile
import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from pyrite.core.java_view.view import JavaView

if TYPE_CHECKING:
    from pyrite.core.context import SparkContext

__all__ = ["JavaSystem", "JavaUri", "Level", "LogManager"]


#: What Java says of the machine and the user.
_PROPERTIES: dict[str, Callable[[], str]] = {
    "file.separator": lambda: os.sep,
    "java.io.tmpdir": tempfile.gettempdir,
    "line.separator": lambda: os.linesep,
    "os.name": lambda: os.uname().sysname,
    "path.separator": lambda: os.pathsep,
    "user.dir": os.getcwd,
    "user.home": lambda: os.path.expanduser("~"),
    "user.name": getpass.getuser,
}


class JavaSystem(JavaView):
    """``java.lang.System``: the clock, the environment, and the properties that are known.

    Args:
        context: Where properties are set.
    """

    java_name = "java.lang.System"

    def __init__(self, context: SparkContext) -> None:
        self._context = context

    def currentTimeMillis(self) -> int:
        """Return the time in milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    def nanoTime(self) -> int:
        """Return nanoseconds of a clock that only goes forward."""
        return time.monotonic_ns()

    def getenv(self, name: str) -> str | None:
        """Return a variable of the environment."""
        return os.environ.get(name)

    def getProperty(self, key: str, default: str | None = None) -> str | None:
        """Return a property of the system or one that was set; the default if there is none."""
        found = self._context.getSystemProperty(key)
        if found is None and key in _PROPERTIES:
            found = _PROPERTIES[key]()
        return default if found is None else found

    def setProperty(self, key: str, value: str) -> str | None:
        """Set a property, which new contexts take as a setting; return what it was."""
        before = self._context.getSystemProperty(key)
        self._context.setSystemProperty(key, value)
        return before


class JavaUri(JavaView):
    """``java.net.URI``.

    Args:
        text: The URI.
    """

    java_name = "java.net.URI"

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text

    @staticmethod
    def create(text: str) -> JavaUri:
        """Return the URI of a text."""
        return JavaUri(text)

    @property
    def _parts(self) -> SplitResult:
        return urlsplit(self._text)

    def getScheme(self) -> str | None:
        """Return what stands before the first colon."""
        return self._parts.scheme or None

    def getHost(self) -> str | None:
        """Return the host, the bucket of an object store."""
        return self._parts.hostname

    def getAuthority(self) -> str | None:
        """Return what stands between ``//`` and the path."""
        return self._parts.netloc or None

    def getPath(self) -> str:
        """Return the path."""
        return self._parts.path


class Level:
    """``org.apache.log4j.Level``, as Python's levels."""

    OFF = logging.CRITICAL + 10
    FATAL = logging.CRITICAL
    ERROR = logging.ERROR
    WARN = logging.WARNING
    INFO = logging.INFO
    DEBUG = logging.DEBUG
    TRACE = ALL = 1


class _JavaLogger(JavaView):
    """``org.apache.log4j.Logger``: Python's logger of the same name."""

    java_name = "org.apache.log4j.Logger"

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self.debug = logger.debug
        self.info = logger.info
        self.warn = logger.warning
        self.error = logger.error
        self.fatal = logger.critical
        self.setLevel = logger.setLevel

    def trace(self, message: str) -> None:
        """Log what only those want who look for everything."""
        self._logger.log(Level.TRACE, message)

    def getName(self) -> str:
        """Return the logger's name."""
        return self._logger.name


class LogManager(JavaView):
    """``org.apache.log4j.LogManager``, and ``Logger``'s own methods that find loggers."""

    java_name = "org.apache.log4j.LogManager"

    def getLogger(self, name: str) -> _JavaLogger:
        """Return the logger of a name."""
        return _JavaLogger(logging.getLogger(name))

    def getRootLogger(self) -> _JavaLogger:
        """Return the logger above all others."""
        return _JavaLogger(logging.getLogger())
