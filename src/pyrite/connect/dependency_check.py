"""The client package's check of what it needs, which Pyrite's own requirements make certain.

The check takes a program without a file, such as ``python -c`` or a shell, for a run of its own
doctests, and looks for a JVM's Spark then.
"""

from __future__ import annotations

from types import ModuleType

__all__ = ["install"]


def install(module: ModuleType) -> None:
    """Let ``pyspark.sql.connect`` be imported from everywhere."""
    module.check_dependencies = _pass  # type: ignore[attr-defined]


def _pass() -> None:
    """Find nothing missing."""
