"""What a user is told when a function of theirs fails: their own lines, and the element.

Where a lambda was written into the loop, the interpreter's traceback shows the loop. The loop
knows which of its lines came from which line of the user, so the user's line is put in its
place; nothing is run again. Frames of Pyrite itself are left out.
"""

from __future__ import annotations

import ast
import bisect
import itertools
import linecache
import os
import reprlib
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from traceback import FrameSummary, StackSummary, TracebackException
from types import CodeType, TracebackType
from typing import Any

from pyrite.core.codegen.fuse import CompiledLoop, loop_called
from pyrite.core.codegen.loop import Origin

MAX_ELEMENT_LENGTH = 200
MAX_TRACEBACK_LENGTH = 100_000
# Where Pyrite's own modules lie: two packages up from this one.
_PYRITE = os.path.join(__file__.rsplit(os.sep, 3)[0], "")


@dataclass(frozen=True, slots=True)
class UserFailure:
    """An exception, as its user should see it.

    Attributes:
        traceback: The text of the traceback, causes included, with the user's frames alone; the
            middle of one longer than ``MAX_TRACEBACK_LENGTH`` characters is left out.
        element: The repr of the element that the failing operator was given, shortened to
            ``MAX_ELEMENT_LENGTH`` characters; None when no single element is to blame.
        summary: The last line: the exception's type and message.
    """

    traceback: str
    element: str | None
    summary: str


def explain_failure(error: BaseException) -> UserFailure:
    """Explain ``error``, which left a fused loop or any other function of the user's.

    Example:
        >>> from pyrite.core.codegen import Operator, OperatorKind, Sink, SinkKind, fuse
        >>> loop = fuse((Operator(OperatorKind.MAP, lambda x: 1 // x),), Sink(SinkKind.COUNT))
        >>> try:
        ...     loop([3, 0])
        ... except ZeroDivisionError as error:
        ...     explain_failure(error).element
        '0'
    """
    report = TracebackException.from_exception(error, limit=None)
    _keep_user_frames(report, error)
    summary = "".join(TracebackException(type(error), error, None).format_exception_only()).strip()
    element = _failing_element(error)
    if element is None and error.__cause__ is not None:
        element = _failing_element(error.__cause__)
    return UserFailure(_shortened("".join(report.format())), element, _shortened(summary))


def _shortened(text: str) -> str:
    """Cut the middle out of a text too long to read: an exception may quote all of its data."""
    if len(text) <= MAX_TRACEBACK_LENGTH:
        return text
    half = MAX_TRACEBACK_LENGTH // 2
    left_out = len(text) - 2 * half
    return f"{text[:half]}\n... {left_out} characters left out ...\n{text[-half:]}"


def _keep_user_frames(report: TracebackException, error: BaseException) -> None:
    """Replace the frames of ``report``, and of the reports of its causes."""
    report.stack = StackSummary.from_list(list(_user_frames(error.__traceback__)))
    links = (
        (report.__cause__, error.__cause__),
        (report.__context__, error.__context__),
        *zip(
            getattr(report, "exceptions", None) or (),
            getattr(error, "exceptions", ()),
            strict=False,
        ),
    )
    for inner_report, inner_error in links:
        if inner_report is not None and inner_error is not None:
            _keep_user_frames(inner_report, inner_error)


def _user_frames(trace: TracebackType | None) -> Iterator[FrameSummary]:
    while trace is not None:
        code = trace.tb_frame.f_code
        loop = loop_called(code.co_filename)
        if loop is not None:
            origin = _origin(loop, trace.tb_lineno)
            if origin is not None and origin.code is not None:
                yield _summary(trace, origin.code, origin.line - origin.start)
        elif not code.co_filename.startswith((_PYRITE, "<pyrite ")):
            yield _summary(trace, code, 0)
        trace = trace.tb_next


def _summary(trace: TracebackType, code: CodeType, shift: int) -> FrameSummary:
    """Show a frame as one of ``code``, whose lines are those of the frame plus ``shift``."""
    running = trace.tb_frame.f_code
    places = itertools.islice(running.co_positions(), trace.tb_lasti // 2, None)
    _, end, column, end_column = next(places, (None, None, None, None))
    linecache.checkcache(code.co_filename)
    return FrameSummary(
        code.co_filename,
        trace.tb_lineno + shift,
        code.co_name,
        end_lineno=None if end is None else end + shift,
        colno=column,
        end_colno=end_column,
    )


def _origin(loop: CompiledLoop, line: int) -> Origin | None:
    index = bisect.bisect_right(loop.origins, line, key=lambda origin: origin.start)
    return loop.origins[index - 1] if index else None


def _failing_element(error: BaseException) -> str | None:
    """Find the innermost loop on the way to the error, and what its operator was given."""
    element: str | None = None
    for frame, line in traceback.walk_tb(error.__traceback__):
        loop = loop_called(frame.f_code.co_filename)
        origin = None if loop is None else _origin(loop, line)
        if loop is not None and origin is not None:
            given = loop.inputs[min(origin.position, len(loop.inputs) - 1)]
            try:
                element = _shown(_value(given, frame.f_locals))
            except KeyError:  # the source failed before there was an element
                element = None
    return element


def _value(expression: ast.expr, variables: Mapping[str, Any]) -> Any:
    match expression:
        case ast.Name(id=name):
            return variables[name]
        case ast.Constant(value=value):
            return value
        case ast.Tuple(elts=elements):
            return tuple(_value(element, variables) for element in elements)
    raise KeyError(ast.dump(expression))


class _Repr(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = self.maxlong = MAX_ELEMENT_LENGTH


def _shown(element: object) -> str:
    try:
        text = _Repr().repr(element)
    except Exception as error:  # the element's own __repr__ fails: say so, and go on
        text = f"<{type(element).__name__} whose repr raises {type(error).__name__}>"
    if len(text) > MAX_ELEMENT_LENGTH:
        text = text[: MAX_ELEMENT_LENGTH - 3] + "..."
    return text
