"""How a user's function failed, from the user's side: without the lines that called it."""

from __future__ import annotations

import os
from types import TracebackType

import pyspark

from pyrite.core.codegen import explain_failure

__all__ = ["user_traceback"]

#: What calls users' functions: Pyrite and PySpark's worker.
_CALLERS = (
    os.path.join(__file__.rsplit(os.sep, 2)[0], ""),
    os.path.join(os.path.dirname(pyspark.__file__), ""),
)


def user_traceback(error: BaseException) -> str:
    """Return the text of the traceback, from the user's own first line if there is one."""
    shown = error.with_traceback(_from_user(error.__traceback__))
    return explain_failure(shown).traceback


def _from_user(trace: TracebackType | None) -> TracebackType | None:
    inner = trace
    while inner is not None:
        if not inner.tb_frame.f_code.co_filename.startswith(_CALLERS):
            return inner
        inner = inner.tb_next
    return trace
