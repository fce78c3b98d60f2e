"""Where in the user's program an RDD was made or a job asked for."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import FrameType

import pyspark

__all__ = ["call_site"]

#: Where frames are not the user's: Pyrite, and the client package in front of it.
_ENGINE = tuple(f"{path}{os.sep}" for path in (Path(__file__).parents[2], *pyspark.__path__))


def call_site() -> str:
    """Return the engine's outermost method on the stack and the user's line that called it.

    Example:
        >>> call_site().split(" at ")[0]
        'call_site'
    """
    method = "call_site"
    # Not this function's own frame: a variable of it that held it would be a cycle, and keep all
    # that its callers hold until the collector comes by.
    caller: FrameType | None = sys._getframe(1)
    while caller is not None and caller.f_code.co_filename.startswith(_ENGINE):
        method = caller.f_code.co_name
        caller = caller.f_back
    if caller is None:
        return method
    return f"{method} at {os.path.basename(caller.f_code.co_filename)}:{caller.f_lineno}"
