"""Windows of time: ``GROUP BY window(...)`` and ``session_window(...)``, and windows of rows.

The window becomes a column of the input, made by a generator or by window functions, so that
the grouping itself knows nothing of time. Without a grouping, rows are repeated or left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import (
    Attribute,
    Call,
    Expression,
    FrameBound,
    Literal,
    SortOrder,
    new_expression_id,
)
from pyrite.sql.expressions.unresolved import (
    UnresolvedAlias,
    UnresolvedAttribute,
    UnresolvedFunction,
    UnresolvedStar,
    UnresolvedWindow,
)
from pyrite.sql.functions.constants import constant_text
from pyrite.sql.functions.time_windows import duration_micros, overlap
from pyrite.sql.plans.plan import Filter, Generate, LogicalPlan
from pyrite.sql.plans.unresolved import (
    UnresolvedAggregate,
    UnresolvedFilter,
    UnresolvedGenerate,
    UnresolvedProject,
)
from pyrite.sql.types import BOOLEAN, INTEGER, LONG, STRING, StructType

if TYPE_CHECKING:
    from pyrite.sql.analysis.expressions import ExpressionResolver

__all__ = ["with_time_windows", "with_windows_of_rows"]

_START, _END, _IS_NEW, _NUMBER = (
    f"__window_{name}" for name in ("start", "end", "is_new", "number")
)


def with_time_windows(node: UnresolvedAggregate) -> UnresolvedAggregate:
    """Return the same grouping with its window of time as a column of the input.

    Raises:
        SparkError: If there are several windows.
    """
    calls = {
        call
        for key in node.grouping
        for call in key.walk()
        if isinstance(call, UnresolvedFunction) and call.name[-1].lower() in _MAKERS
    }
    if not calls:
        return node
    if len(calls) > 1:
        raise analysis_error("_LEGACY_ERROR_TEMP_1039")
    call = calls.pop()
    name = call.name[-1].lower()
    column = UnresolvedAttribute((name,))

    def visit(expression: Expression) -> Expression:
        return column if expression == call else expression

    grouping = tuple(key.transform_up(visit) for key in node.grouping)
    others = tuple(
        key.child if isinstance(key, UnresolvedAlias) else key
        for key in grouping
        if column not in key.walk()
    )
    return replace(
        node,
        grouping=grouping,
        aggregates=tuple(item.transform_up(visit) for item in node.aggregates),
        child=_MAKERS[name](call, others, node.child),
    )


def with_windows_of_rows(
    resolver: ExpressionResolver, items: Sequence[Expression], plan: LogicalPlan
) -> tuple[LogicalPlan, list[Expression]]:
    """Return the input and the items of a SELECT that has no grouping but a window of time.

    A row is in no window if its time is null, and in several if they overlap.

    Raises:
        SparkError: If there are several windows.
    """
    calls = {
        node
        for item in items
        for node in item.walk()
        if isinstance(node, Call) and node.function.name == "window"
    }
    if not calls:
        return plan, list(items)
    if len(calls) > 1:
        raise analysis_error("_LEGACY_ERROR_TEMP_1039")
    call = calls.pop()
    if not overlap(call.arguments):
        known = resolver.call("isnotnull", call.arguments[0])
        return Filter(known, plan), list(items)
    windows = resolver.call("time_windows", *call.arguments)
    assert isinstance(windows, Call)
    assert isinstance(call.data_type, StructType)
    start, end = (
        Attribute(field.name, field.dataType, True, new_expression_id())
        for field in call.data_type.fields
    )
    bounds = (Literal("start", STRING), start, Literal("end", STRING), end)
    window = resolver.call("named_struct", *bounds)
    moved = [item.transform_up(lambda node: window if node == call else node) for item in items]
    return Generate(windows, False, (start, end), plan), moved


def _call(name: str, *arguments: Expression) -> UnresolvedFunction:
    return UnresolvedFunction((name,), arguments)


def _column(name: str) -> UnresolvedAttribute:
    return UnresolvedAttribute((name,))


def _text(text: str) -> Literal:
    return Literal(text, STRING)


def _add(child: LogicalPlan, *columns: tuple[str, Expression]) -> LogicalPlan:
    added = (UnresolvedAlias(expression, name) for name, expression in columns)
    return UnresolvedProject((UnresolvedStar(), *added), child)


def _bounds(name: str, start: Expression, end: Expression) -> tuple[str, Expression]:
    return name, _call("named_struct", _text("start"), start, _text("end"), end)


def _windows(
    call: UnresolvedFunction, others: tuple[Expression, ...], child: LogicalPlan
) -> LogicalPlan:
    """Add the windows of each row, a row for each."""
    windows = _call("time_windows", *call.arguments)
    made = UnresolvedGenerate(windows, False, None, (_START, _END), child)
    return _add(made, _bounds("window", _column(_START), _column(_END)))


def _sessions(
    call: UnresolvedFunction, others: tuple[Expression, ...], child: LogicalPlan
) -> LogicalPlan:
    """Add the session of each row: rows of a group with no gap between them.

    A row that starts where another ends belongs to its session. Rows that start together have
    one number, in whatever order they are looked at.
    """
    time, gap = call.arguments
    micros = duration_micros(constant_text(gap) or "")
    if micros is None:
        raise analysis_error("CANNOT_PARSE_INTERVAL", intervalString=f"'{constant_text(gap)}'")
    end = _call("timestampadd", _text("MICROSECOND"), Literal(micros, LONG), time)
    plan: LogicalPlan = UnresolvedFilter(_call("isnotnull", time), child)
    start = _call("timestampadd", _text("MICROSECOND"), Literal(0, LONG), time)
    plan = _add(plan, (_START, start), (_END, end))
    order = (SortOrder(_column(_START)),)
    before = UnresolvedWindow(
        _call("max", _column(_END)),
        others,
        order,
        True,
        FrameBound.UNBOUNDED,
        Literal(-1, INTEGER),
    )
    open_before = _call("coalesce", _call(">=", before, _column(_START)), Literal(False, BOOLEAN))
    is_new = _call("if", open_before, Literal(0, INTEGER), Literal(1, INTEGER))
    plan = _add(plan, (_IS_NEW, is_new))
    number = UnresolvedWindow(
        _call("sum", _column(_IS_NEW)),
        others,
        order,
        False,
        FrameBound.UNBOUNDED,
        FrameBound.CURRENT_ROW,
    )
    plan = _add(plan, (_NUMBER, number))
    session = (*others, _column(_NUMBER))
    first = UnresolvedWindow(_call("min", _column(_START)), session)
    last = UnresolvedWindow(_call("max", _column(_END)), session)
    return _add(plan, _bounds("session_window", first, last))


_MAKERS: dict[
    str, Callable[[UnresolvedFunction, tuple[Expression, ...], LogicalPlan], LogicalPlan]
] = {"window": _windows, "session_window": _sessions}
