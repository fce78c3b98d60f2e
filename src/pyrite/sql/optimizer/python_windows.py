"""Users' Python aggregates over windows.

The frame of each row is a range of its partition's rows. DuckDB says which: the rows are
numbered in the window's order, and a frame's bounds are the least and the greatest number in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pyrite.sql.errors import unsupported
from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Alias,
    Attribute,
    Call,
    Expression,
    FrameBound,
    NamedExpression,
    PythonUDF,
    SortOrder,
    WindowExpression,
)
from pyrite.sql.functions.registry import builtin_functions
from pyrite.sql.optimizer.extraction import Extraction, from_child, has_python
from pyrite.sql.plans.plan import LogicalPlan, Project, WindowInPython
from pyrite.sql.types import INTEGER

__all__ = ["has_python_window", "windows"]


def has_python_window(expressions: Sequence[Expression]) -> bool:
    """Whether a Python aggregate is computed over a window in any of the expressions."""
    return any(map(_python_windows, expressions))


def _python_windows(expression: Expression) -> list[WindowExpression]:
    return [
        node
        for node in expression.walk()
        if isinstance(node, WindowExpression)
        and isinstance(node.function, AggregateExpression)
        and isinstance(node.function.call, PythonUDF)
    ]


def windows(plan: Project) -> LogicalPlan:
    """Compute the Python aggregates over windows below a projection."""
    found = dict.fromkeys(w for item in plan.project_list for w in _python_windows(item))
    by_rows: dict[Any, list[WindowExpression]] = {}
    for window in found:
        by_rows.setdefault((window.partition, window.order), []).append(window)
    results: dict[Expression, Attribute] = {}
    below = plan.child
    for together in by_rows.values():
        below, columns = _computed(below, together)
        results.update(zip(together, columns, strict=True))

    def visit(node: Expression) -> Expression:
        return results[node] if node in results else node.map_children(visit)

    above: Any = tuple(visit(item) for item in plan.project_list)
    project = Project(above, below)
    return from_child(project) if has_python(above) else project


def _computed(
    child: LogicalPlan, together: Sequence[WindowExpression]
) -> tuple[LogicalPlan, list[Attribute]]:
    """Return a child with the results of windows over the same rows, and these columns."""
    extraction = Extraction(child)

    def column(expression: Expression) -> Attribute:
        return extraction.argument(extraction.rewrite(expression))

    keys = tuple(column(key) for key in together[0].partition)
    order = tuple(replace(key, child=column(key.child)) for key in together[0].order)
    calls = [_call(window, column) for window in together]
    plan = extraction.plan()
    number = Alias(WindowExpression(_function("row_number"), keys, order), "number")
    plan = Project((*plan.output, number), plan)
    bounds = [_bounds(w, keys, order, number.to_attribute()) for w in together]
    added: list[NamedExpression] = [alias for pair in bounds for alias in pair]
    if added:
        plan = Project((*plan.output, *added), plan)
    computed = WindowInPython(
        keys,
        number.to_attribute(),
        tuple(calls),
        tuple(tuple(alias.to_attribute() for alias in pair) for pair in bounds),
        plan,
    )
    return computed, [alias.to_attribute() for alias in calls]


def _call(window: WindowExpression, column: Any) -> Alias:
    function = window.function
    assert isinstance(function, AggregateExpression)
    udf = function.call
    assert isinstance(udf, PythonUDF)
    if function.filter is not None or function.distinct:
        raise unsupported(f"FILTER or DISTINCT in the Python aggregate {udf.name}")
    return Alias(replace(udf, arguments=tuple(map(column, udf.arguments))), udf.name)


def _bounds(
    window: WindowExpression,
    keys: tuple[Attribute, ...],
    order: tuple[SortOrder, ...],
    number: Attribute,
) -> tuple[Alias, ...]:
    """Return what computes the first and the last row of each frame; nothing for all rows."""
    unbounded = window.frame_rows is None and not order
    lower, upper = window.frame_lower, window.frame_upper
    if unbounded or lower == upper == FrameBound.UNBOUNDED:
        return ()
    if window.frame_rows:  # rows that tie are to be in the order in which they were numbered
        order = (*order, SortOrder(number))
    return tuple(
        Alias(
            replace(
                window,
                function=AggregateExpression(_function(name, number)),
                partition=keys,
                order=order,
            ),
            name,
        )
        for name in ("min", "max")
    )


def _function(name: str, *arguments: Expression) -> Call:
    return Call(builtin_functions()[name], arguments, INTEGER, bool(arguments))
