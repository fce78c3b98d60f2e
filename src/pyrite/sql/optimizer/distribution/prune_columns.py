"""ColumnPruning: no operator gives columns that nobody above reads.

What an operator gives may be sent to other tasks, so a projection is put below those operators
that need their rows brought together: joins, aggregates, windows, sorting.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from pyrite.sql.expressions.expression import Alias, Attribute, WindowExpression
from pyrite.sql.optimizer.conditions import columns_read, columns_read_in, ids_of
from pyrite.sql.optimizer.sizes import row_width
from pyrite.sql.plans.plan import (
    Aggregate,
    AsOfJoin,
    Distinct,
    EvalPython,
    Filter,
    Generate,
    Join,
    LateralJoin,
    Limit,
    LogicalPlan,
    Numbered,
    Offset,
    OneRowRelation,
    Project,
    RecursiveCte,
    Repartition,
    Sort,
    SourceRelation,
    SubqueryAlias,
    Tail,
    Union,
    Unpivot,
    WindowInPython,
    With,
)

__all__ = ["prune_columns"]

Ids = frozenset[int]


def prune_columns(plan: LogicalPlan) -> LogicalPlan:
    """Leave out columns that nobody reads; those of the result stay, in their order."""
    return _pruned(plan, ids_of(plan.output))


def _pruned(plan: LogicalPlan, required: Ids) -> LogicalPlan:
    """Return a plan that has at least the required columns."""
    rule = _RULES.get(type(plan))
    if rule is not None:
        return rule(plan, required)
    return plan.map_children(prune_columns)


def _narrow(plan: LogicalPlan, required: Ids) -> LogicalPlan:
    """Return a plan of the required columns alone, of any one if there are none."""
    pruned = _pruned(plan, required)
    kept = _kept(pruned.output, required)
    return pruned if len(kept) == len(pruned.output) else Project(kept, pruned)


def _kept(output: Sequence[Attribute], required: Ids) -> tuple[Attribute, ...]:
    kept = tuple(a for a in output if a.expression_id in required)
    return kept or (min(output, key=lambda a: row_width((a,))),) if output else ()


def _reads(plan: LogicalPlan) -> Ids:
    return columns_read(plan.expressions)


def _passing(plan: LogicalPlan, required: Ids) -> LogicalPlan:
    """Prune below an operator that passes its input's rows on."""
    needed = required | _reads(plan)
    return plan.map_children(lambda child: _pruned(child, needed))


def _gathering(plan: LogicalPlan, required: Ids) -> LogicalPlan:
    """Prune below an operator that needs rows brought together, and passes them on."""
    needed = required | _reads(plan)
    return plan.map_children(lambda child: _narrow(child, needed))


def _reading(plan: LogicalPlan, required: Ids) -> LogicalPlan:
    """Prune below an operator of whose input only what it reads itself is wanted."""
    needed = _reads(plan)
    return plan.map_children(lambda child: _narrow(child, needed))


def _source(plan: SourceRelation, required: Ids) -> LogicalPlan:
    kept = _kept(plan.attributes, required)
    return plan if len(kept) == len(plan.attributes) else replace(plan, attributes=kept)


def _project(plan: Project, required: Ids) -> LogicalPlan:
    items = tuple(item for item in plan.project_list if item.expression_id in required)
    items = items or plan.project_list[:1]
    if any(item.find(WindowExpression) for item in items):
        return replace(plan, project_list=items, child=_narrow(plan.child, columns_read(items)))
    child = _pruned(plan.child, columns_read(items))
    picks = isinstance(child, Project) and all(isinstance(a, Attribute) for a in child.project_list)
    return Project(items, child.child if picks and isinstance(child, Project) else child)


def _aggregate(plan: Aggregate, required: Ids) -> LogicalPlan:
    items = tuple(item for item in plan.aggregates if item.expression_id in required)
    items = items or plan.aggregates[:1]
    child = _narrow(plan.child, columns_read([*plan.grouping, *items]))
    return replace(plan, aggregates=items, child=child)


def _distinct(plan: Distinct, required: Ids) -> LogicalPlan:
    if not plan.keys:  # all columns tell rows apart
        return replace(plan, child=prune_columns(plan.child))
    return _gathering(plan, required)


def _looking_up(plan: LateralJoin | AsOfJoin, required: Ids) -> LogicalPlan:
    needed = required | _reads(plan)
    left = _narrow(plan.left, needed | columns_read_in(plan.right))
    return replace(plan, left=left, right=_narrow(plan.right, needed))


def _union(plan: Union, required: Ids) -> LogicalPlan:
    kept = _kept(plan.attributes, required)
    if len(kept) == len(plan.attributes) or all(map(_is_row, plan.inputs)):
        return replace(plan, inputs=tuple(map(prune_columns, plan.inputs)))
    chosen = ids_of(kept)
    places = [i for i, a in enumerate(plan.attributes) if a.expression_id in chosen]

    def picked(child: LogicalPlan) -> LogicalPlan:
        items = tuple(child.output[place] for place in places)
        pruned = _pruned(child, ids_of(items))
        return pruned if pruned.output == items else Project(items, pruned)

    return Union(tuple(map(picked, plan.inputs)), kept)


def _is_row(plan: LogicalPlan) -> bool:
    return isinstance(plan, Project) and isinstance(plan.child, OneRowRelation)


def _eval_python(plan: EvalPython, required: Ids) -> LogicalPlan:
    needed = required
    calls: list[Alias] = []
    for call in reversed(plan.calls):  # a call may read those before it
        if call.expression_id in needed:
            calls.insert(0, call)
            needed |= columns_read([call])
    if not calls:
        return _pruned(plan.child, required)
    return replace(plan, calls=tuple(calls), child=_narrow(plan.child, needed))


def _with(plan: With, required: Ids) -> LogicalPlan:
    definitions = tuple((i, prune_columns(definition)) for i, definition in plan.definitions)
    return With(definitions, _pruned(plan.child, required))


_RULES: dict[type[LogicalPlan], Callable[[Any, Ids], LogicalPlan]] = {
    Aggregate: _aggregate,
    AsOfJoin: _looking_up,
    Distinct: _distinct,
    EvalPython: _eval_python,
    Filter: _passing,
    Generate: _passing,
    Join: _gathering,
    LateralJoin: _looking_up,
    Limit: _passing,
    Numbered: _passing,
    Offset: _passing,
    Project: _project,
    RecursiveCte: lambda plan, required: plan,
    Repartition: _gathering,
    Sort: _gathering,
    SourceRelation: _source,
    SubqueryAlias: _passing,
    Tail: _passing,
    Union: _union,
    Unpivot: _reading,
    WindowInPython: _gathering,
    With: _with,
}
