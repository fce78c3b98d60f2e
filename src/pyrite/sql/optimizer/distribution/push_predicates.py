"""PushDownPredicates: conditions go as far down as they can, so that few rows travel.

As in Spark, a condition that may raise an error goes down like any other, and may then raise for
rows that a join would have dropped. One that draws random numbers stays, and so does what is
above it, since what is drawn depends on the rows that come.

What is asked of one side of a join is asked of equal columns of the other side as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pyrite.sql.expressions.expression import (
    Attribute,
    Expression,
    NamedExpression,
    WindowExpression,
)
from pyrite.sql.optimizer.conditions import (
    all_of,
    columns_read,
    has_subquery,
    ids_of,
    substituted,
)
from pyrite.sql.optimizer.distribution.disjunctions import common_conjuncts, implied
from pyrite.sql.optimizer.distribution.eliminate_outer_join import join_type_under
from pyrite.sql.optimizer.distribution.infer_filters import equal_columns, inferred
from pyrite.sql.optimizer.join_strategy import KEEPS_LEFT, KEEPS_RIGHT
from pyrite.sql.plans.plan import (
    Aggregate,
    AggregateInPython,
    AsOfJoin,
    Distinct,
    EvalPython,
    Filter,
    Generate,
    Join,
    JoinType,
    LateralJoin,
    LogicalPlan,
    OneRowRelation,
    Project,
    RecursiveCte,
    Repartition,
    SetOperation,
    Sort,
    SubqueryAlias,
    Union,
    Unpivot,
    WindowInPython,
    With,
)

__all__ = ["push_predicates"]

_INNER = (JoinType.INNER, JoinType.CROSS)
#: The join types whose own condition may be tested on left, or right, rows before they are paired:
#: those that fail would not have come out alone.
_PAIRS_LEFT = {*_INNER, JoinType.LEFT_SEMI, JoinType.RIGHT_OUTER}
_PAIRS_RIGHT = {*_INNER, JoinType.LEFT_SEMI, JoinType.LEFT_ANTI, JoinType.LEFT_OUTER}

Conditions = Sequence[Expression]
#: What the columns of an operator are made of, by their ids.
Columns = Mapping[int, Expression]


def push_predicates(plan: LogicalPlan) -> LogicalPlan:
    """Move conditions down, into joins and below them; the rows stay the same.

    Outer joins whose made-up nulls a condition drops become inner ones.
    """
    return _pushed(plan, ())


def _pushed(plan: LogicalPlan, conditions: Conditions) -> LogicalPlan:
    """Return a plan without the rows that fail one of the conditions."""
    special = _SPECIAL.get(type(plan))
    if special is not None:
        return special(plan, conditions)
    transparent = _TRANSPARENT.get(type(plan))
    below = transparent(plan) if transparent is not None else None
    down, stay = _split(conditions, plan, below)
    pushed = plan.map_children(lambda child: _pushed(child, down))
    return _filtered(pushed, stay)


def _filtered(plan: LogicalPlan, conditions: Conditions) -> LogicalPlan:
    condition = all_of(conditions)
    return plan if condition is None else Filter(condition, plan)


def _split(
    conditions: Conditions, plan: LogicalPlan, below: Columns | None
) -> tuple[list[Expression], list[Expression]]:
    """Return the conditions that go below an operator, in terms of its input, and the others.

    Args:
        conditions: What must hold for the operator's rows.
        plan: The operator.
        below: What those of its columns are made of that conditions may read; None lets no
            condition through.
    """
    if below is None:
        return [], [*conditions]
    output = ids_of(plan.output)
    made = {i for i, e in below.items() if not (isinstance(e, Attribute) and e.expression_id == i)}
    down, stay = [], []
    for condition in conditions:
        read = columns_read([condition]) & output
        # The columns in a subquery's plan are not substituted.
        if read <= below.keys() and not (read & made and has_subquery(condition)):
            down.append(substituted(condition, below))
        else:
            stay.append(condition)
    return down, stay


# What the columns of operators on one input are made of, where conditions may go below them


def _same(columns: Iterable[Attribute]) -> Columns:
    return {a.expression_id: a for a in columns}


def _made_of(items: Iterable[NamedExpression]) -> dict[int, Expression]:
    return {e.expression_id: e if isinstance(e, Attribute) else e.child for e in items}


def _project(plan: Project) -> Columns | None:
    if not all(item.deterministic for item in plan.project_list):
        return None
    made_of = {i: e for i, e in _made_of(plan.project_list).items() if not has_subquery(e)}
    windows = _windows(plan.project_list)
    if not windows:
        return made_of
    # Rows of other partitions do not matter to a window.
    shared = [e for e in windows[0].partition if all(e in w.partition for w in windows)]
    return {i: e for i, e in made_of.items() if e in shared}


def _windows(items: Iterable[Expression]) -> list[WindowExpression]:
    return [node for e in items for node in e.walk() if isinstance(node, WindowExpression)]


def _aggregate(plan: Aggregate) -> Columns | None:
    # Without keys there is a row even of nothing; grouping sets put nulls into keys.
    if not plan.grouping or plan.grouping_sets is not None or _windows(plan.aggregates):
        return None
    made_of = _made_of(plan.aggregates)
    return {i: e for i, e in made_of.items() if e in plan.grouping and e.deterministic}


def _generate(plan: Generate) -> Columns | None:
    return _same(plan.child.output) if plan.generator.deterministic else None


def _unpivot(plan: Unpivot) -> Columns:
    made_of = zip(plan.attributes, plan.ids, strict=False)
    return {a.expression_id: e for a, e in made_of if e.deterministic and not has_subquery(e)}


def _eval_python(plan: EvalPython) -> Columns | None:
    return _same(plan.child.output) if all(call.deterministic for call in plan.calls) else None


_TRANSPARENT: dict[type[LogicalPlan], Callable[[Any], Columns | None]] = {
    Project: _project,
    Aggregate: _aggregate,
    Generate: _generate,
    Unpivot: _unpivot,
    EvalPython: _eval_python,
    AggregateInPython: lambda plan: _same(plan.grouping) if plan.grouping else None,
    WindowInPython: lambda plan: _same(plan.partition),
    Distinct: lambda plan: _same(plan.keys or plan.output),
    Repartition: lambda plan: None if plan.by_id else _same(plan.output),
    Sort: lambda plan: _same(plan.output),
    SubqueryAlias: lambda plan: _same(plan.output),
}


# Operators that take in conditions, or have several inputs


def _filter(plan: Filter, conditions: Conditions) -> LogicalPlan:
    parts = common_conjuncts(plan.condition)
    if not plan.condition.deterministic:
        return _filtered(replace(plan, child=_pushed(plan.child, ())), conditions)
    return _pushed(plan.child, [*dict.fromkeys([*parts, *conditions])])


def _join(plan: Join, conditions: Conditions) -> LogicalPlan:
    on = common_conjuncts(plan.condition)
    if not all(part.deterministic for part in on):
        return _filtered(
            replace(plan, left=push_predicates(plan.left), right=push_predicates(plan.right)),
            conditions,
        )
    left, right = ids_of(plan.left.output), ids_of(plan.right.output)
    kind = join_type_under(plan.join_type, conditions, left, right)
    sides = _Sides(left, right)
    above = sides.take(conditions, kind in KEEPS_LEFT, kind in KEEPS_RIGHT)
    on = sides.take(on, kind in _PAIRS_LEFT, kind in _PAIRS_RIGHT)
    if kind in _INNER:
        on += [part for part in above if not has_subquery(part)]
        above = [part for part in above if has_subquery(part)]
        kind = JoinType.INNER if on else kind
    sides.infer(on, kind in _PAIRS_LEFT, kind in _PAIRS_RIGHT)
    below = _pushed(plan.left, sides.to_left), _pushed(plan.right, sides.to_right)
    return _filtered(Join(*below, kind, all_of(on)), above)


class _Sides:
    """What goes below a join.

    Args:
        left: The ids of the left side's columns.
        right: Those of the right side's.

    Attributes:
        to_left: Conditions for the left side's rows.
        to_right: Those for the right side's.
    """

    def __init__(self, left: frozenset[int], right: frozenset[int]) -> None:
        self._sides = (left, right)
        self.to_left: list[Expression] = []
        self.to_right: list[Expression] = []

    def take(self, conditions: Conditions, open_left: bool, open_right: bool) -> list[Expression]:
        """Take what may go below, and return the conditions that must be tested above as well."""
        targets = (self.to_left, self.to_right)
        opened = [
            (t, s)
            for t, s, o in zip(targets, self._sides, (open_left, open_right), strict=True)
            if o
        ]
        both = self._sides[0] | self._sides[1]
        rest = []
        for condition in conditions:
            read = columns_read([condition]) & both
            target = next((target for target, side in opened if read <= side), None)
            if target is not None:
                target.append(condition)
                continue
            rest.append(condition)
            for target, side in opened:
                weaker = implied(condition, side, both)
                target += [] if weaker is None or weaker in target else [weaker]
        return rest

    def infer(self, on: Conditions, open_left: bool, open_right: bool) -> None:
        """Ask of each side what has been asked of equal columns of the other one.

        Args:
            on: The condition of the join.
            open_left: Whether left rows without a partner may be dropped before the join.
            open_right: Whether right ones may.
        """
        pairs = [*equal_columns(on, *self._sides)]
        of_right = [*inferred(self.to_left, {a.expression_id: b for a, b in pairs})]
        of_left = [*inferred(self.to_right, {b.expression_id: a for a, b in pairs})]
        if open_left:
            self.to_left += [part for part in of_left if part not in self.to_left]
        if open_right:
            self.to_right += [part for part in of_right if part not in self.to_right]


def _looking_up(plan: LateralJoin | AsOfJoin, conditions: Conditions) -> LogicalPlan:
    """Push to the left side of a join that finds rows for each left row."""
    below = _same(plan.left.output) if plan.join_type in KEEPS_LEFT else None
    down, stay = _split(conditions, plan, below)
    left, right = _pushed(plan.left, down), push_predicates(plan.right)
    return _filtered(replace(plan, left=left, right=right), stay)


def _by_position(plan: Union | SetOperation, conditions: Conditions) -> LogicalPlan:
    """Push to all inputs of an operator that puts their rows together."""
    if all(_is_row(child) for child in plan.children):  # VALUES
        return _filtered(plan, conditions)
    down = [part for part in conditions if not has_subquery(part)]
    stay = [part for part in conditions if has_subquery(part)]

    def pushed(child: LogicalPlan) -> LogicalPlan:
        below = dict(zip((a.expression_id for a in plan.output), child.output, strict=True))
        return _pushed(child, [substituted(part, below) for part in down])

    operator: LogicalPlan = plan
    return _filtered(operator.map_children(pushed), stay)


def _is_row(plan: LogicalPlan) -> bool:
    return isinstance(plan, Project) and isinstance(plan.child, OneRowRelation)


def _with(plan: With, conditions: Conditions) -> LogicalPlan:
    definitions = tuple((i, push_predicates(definition)) for i, definition in plan.definitions)
    return With(definitions, _pushed(plan.child, conditions))


def _untouched(plan: LogicalPlan, conditions: Conditions) -> LogicalPlan:
    return _filtered(plan, conditions)


_SPECIAL: dict[type[LogicalPlan], Callable[[Any, Conditions], LogicalPlan]] = {
    AsOfJoin: _looking_up,
    Filter: _filter,
    Join: _join,
    LateralJoin: _looking_up,
    RecursiveCte: _untouched,
    SetOperation: _by_position,
    Union: _by_position,
    With: _with,
}
