"""JavaView: an object that stands for one of PySpark's JVM."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from pyspark.errors import PySparkAttributeError

if TYPE_CHECKING:
    from pyrite.core.context import SparkContext

__all__ = ["ContextView", "JavaView", "not_here"]


def not_here(name: str) -> NoReturn:
    """Refuse an attribute that only a JVM could serve.

    Raises:
        PySparkAttributeError: JVM_ATTRIBUTE_NOT_SUPPORTED, naming it.
    """
    raise PySparkAttributeError(
        f"`{name}` is Java, and there is no JVM here: Pyrite runs programs without one. "
        "Use PySpark's Python API, or a Python library, in its place.",
        errorClass="JVM_ATTRIBUTE_NOT_SUPPORTED",
        messageParameters={"attr_name": name},
    )


class JavaView:
    """Has the methods that its subclass defines, and refuses all others by name.

    Attributes:
        java_name: What programs call it.
    """

    java_name: ClassVar[str] = "Object"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # Python's own questions
            raise AttributeError(name)
        not_here(f"{self.java_name}.{name}")

    def toString(self) -> str:
        """Return the text that Python's ``str`` gives."""
        return str(self)


class ContextView:
    """An attribute of SparkContext: a view of its JVM on objects, None on the class.

    The client package asks the class whether a JVM runs.
    """

    _MAKERS: ClassVar[dict[str, tuple[str, str]]] = {
        "_jsc": ("spark_context", "JavaSparkContext"),
        "_jvm": ("packages", "Packages"),
        "_gateway": ("packages", "Gateway"),
    }

    def __set_name__(self, owner: type, name: str) -> None:
        module, self._class = self._MAKERS[name]
        self._module = f"{__package__}.{module}"

    def __get__(self, context: SparkContext | None, owner: type) -> Any:
        if context is None:
            return None
        view = getattr(importlib.import_module(self._module), self._class)
        return view(context)
