"""The client package's DataFrameWriter: PySpark's other names of the save mode ``error``."""

from __future__ import annotations

from functools import wraps
from types import ModuleType
from typing import Any

__all__ = ["install"]

#: What PySpark's documentation calls ``error`` as well; the client's messages know that name only.
_SAME_AS_ERROR = frozenset({"default", "errorifexists"})


def install(module: ModuleType) -> None:
    """Let ``DataFrameWriter.mode`` take all names of save modes."""
    writer_class: Any = module.DataFrameWriter
    mode = writer_class.mode

    @wraps(mode)
    def mode_by_any_name(self: Any, saveMode: str | None) -> Any:
        is_error = saveMode is not None and saveMode.lower() in _SAME_AS_ERROR
        return mode(self, "error" if is_error else saveMode)

    writer_class.mode = mode_by_any_name
