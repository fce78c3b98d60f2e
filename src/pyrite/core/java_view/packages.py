"""``sc._jvm``: the JVM's packages, with the classes that mean something here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pyrite.core.java_view.hadoop_files import JavaFileSystem, JavaPath
from pyrite.core.java_view.java_classes import JavaSystem, JavaUri, Level, LogManager
from pyrite.core.java_view.view import JavaView, not_here

if TYPE_CHECKING:
    from pyrite.core.context import SparkContext

__all__ = ["Gateway", "Packages"]

#: By their full names: from a context to what a program gets when it names a class.
_CLASSES: dict[str, Callable[[SparkContext], Any]] = {
    "java.lang.System": JavaSystem,
    "java.net.URI": lambda _: JavaUri,
    "org.apache.hadoop.fs.FileSystem": lambda _: JavaFileSystem(),
    "org.apache.hadoop.fs.Path": lambda _: JavaPath,
    "org.apache.log4j.Level": lambda _: Level,
    "org.apache.log4j.LogManager": lambda _: LogManager(),
    "org.apache.log4j.Logger": lambda _: LogManager(),
}

#: Classes that Java knows without their package.
_IMPORTED = "java.lang."


class Packages(JavaView):
    """A package: its attributes are classes and the packages in it.

    Args:
        context: What the classes work on.
        prefix: The package's name and a dot.
    """

    java_name = "_jvm"

    def __init__(self, context: SparkContext, prefix: str = "") -> None:
        self._context = context
        self._prefix = prefix

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        path = self._prefix + name
        for known in (path, _IMPORTED + path):
            if known in _CLASSES:
                return _CLASSES[known](self._context)
        if any(known.startswith(f"{path}.") for known in _CLASSES):
            return Packages(self._context, f"{path}.")
        not_here(path)


class Gateway(JavaView):
    """``sc._gateway``, py4j's way into the JVM.

    Args:
        context: The context.
    """

    java_name = "_gateway"

    def __init__(self, context: SparkContext) -> None:
        self.jvm = Packages(context)
