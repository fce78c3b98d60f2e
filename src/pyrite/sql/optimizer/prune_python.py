"""Rule: columns that nobody reads do not pass through the operators that call Python.

DuckDB leaves out what a query does not read, but it cannot see past these operators: without
this rule a function of one column would have a wide table read and carried through whole.
"""

from __future__ import annotations

from dataclasses import replace

from pyrite.sql.expressions.expression import Alias
from pyrite.sql.optimizer.conditions import columns_read, ids_of
from pyrite.sql.plans.plan import (
    Aggregate,
    AggregateInPython,
    EvalPython,
    Filter,
    Join,
    Limit,
    LogicalPlan,
    Offset,
    Project,
    Sort,
    SubqueryAlias,
    Tail,
    WindowInPython,
)
from pyrite.sql.session_state import SessionState

__all__ = ["prune_python"]

#: Operators that pass on their input's columns, and read some of them.
_PASSING = (Filter, Join, Limit, Offset, Sort, SubqueryAlias, Tail)
#: Operators that read only the columns in their own expressions.
_READING = (Aggregate, AggregateInPython)


def prune_python(plan: LogicalPlan, session: SessionState) -> LogicalPlan:
    """Leave out what nobody reads above operators that call Python."""
    if plan.marks.isdisjoint((EvalPython, WindowInPython)):
        return plan
    return _pruned(plan, ids_of(plan.output))


def _pruned(plan: LogicalPlan, required: frozenset[int]) -> LogicalPlan:
    """Return a plan that has at least the required columns."""
    match plan:
        case EvalPython():
            calls, needed = _called(plan, required)
            if not calls:
                return _pruned(plan.child, required)
            return replace(plan, calls=calls, child=_narrow(_pruned(plan.child, needed), needed))
        case WindowInPython():
            needed = required | columns_read(plan.expressions)
            return replace(plan, child=_narrow(_pruned(plan.child, needed), needed))
        case Project():
            items = [item for item in plan.project_list if item.expression_id in required]
            items = items or list(plan.project_list[:1])
            return replace(
                plan, project_list=tuple(items), child=_pruned(plan.child, columns_read(items))
            )
    below = _needed_below(plan, required)
    return plan.map_children(
        lambda child: _pruned(child, ids_of(child.output) if below is None else below)
    )


def _called(plan: EvalPython, required: frozenset[int]) -> tuple[tuple[Alias, ...], frozenset[int]]:
    """Return the calls that are needed, for calls after them too, and the columns they need."""
    calls: list[Alias] = []
    for call in reversed(plan.calls):
        if call.expression_id in required:
            calls.insert(0, call)
            required |= columns_read((call,))
    return tuple(calls), required


def _needed_below(plan: LogicalPlan, required: frozenset[int]) -> frozenset[int] | None:
    """Return the columns an operator needs of its inputs; None for all of them."""
    if isinstance(plan, _PASSING):
        return required | columns_read(plan.expressions)
    return columns_read(plan.expressions) if isinstance(plan, _READING) else None


def _narrow(plan: LogicalPlan, required: frozenset[int]) -> LogicalPlan:
    """Return a plan of the required columns alone; of any one if there are none."""
    kept = [a for a in plan.output if a.expression_id in required] or list(plan.output[:1])
    return plan if len(kept) == len(plan.output) else Project(tuple(kept), plan)
