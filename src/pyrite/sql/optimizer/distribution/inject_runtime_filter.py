"""InjectRuntimeFilter: groups that a join would drop are not made.

What is grouped and then joined with a small, filtered relation is grouped for all keys, though only
a few groups are needed. So the relation that the keys come from is joined a second time, below
the groups: Q17 of TPC-H averages the quantities of a few parts only. The relation may have more
keys than are left of it where the groups are joined. Without groups, the join is the filter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from pyrite.sql.expressions.expression import Alias, Attribute, Call, Expression, WindowExpression
from pyrite.sql.functions.registry import builtin_functions
from pyrite.sql.optimizer.conditions import call_name, conjuncts, equal_sides, has_subquery
from pyrite.sql.optimizer.distribution.cardinality import Cardinality
from pyrite.sql.optimizer.distribution.new_ids import with_new_ids
from pyrite.sql.optimizer.distribution.outer_references import output_ids
from pyrite.sql.optimizer.join_strategy import KEEPS_LEFT, KEEPS_RIGHT
from pyrite.sql.plans.plan import (
    Aggregate,
    Filter,
    Join,
    JoinType,
    LogicalPlan,
    Project,
    SourceRelation,
    SubqueryAlias,
)
from pyrite.sql.plans.scan import Scan
from pyrite.sql.types import BOOLEAN

__all__ = ["inject_runtime_filter"]

#: The most rows a filter may have for each row of what it filters, and the most it may leave of
#: the relation it is made from.
_SHARE, _KEPT = 0.1, 0.5
#: Tells how many rows a plan is thought to have.
Rows = Callable[[LogicalPlan], float]
#: By join type: which sides' rows may be dropped when the other side has no such key.
_FILTERED = {
    JoinType.INNER: (True, True),
    JoinType.LEFT_SEMI: (True, True),
    JoinType.LEFT_ANTI: (False, True),
    JoinType.LEFT_OUTER: (False, True),
    JoinType.RIGHT_OUTER: (True, False),
}


def inject_runtime_filter(plan: LogicalPlan, cardinality: Cardinality | None = None) -> LogicalPlan:
    """Filter what is grouped by the keys of small relations that the groups are joined with.

    Args:
        plan: A plan whose conditions were pushed down.
        cardinality: Estimates how many rows plans have.
    """
    estimates = cardinality or Cardinality()

    def rows(plan: LogicalPlan) -> float:
        return estimates.of(plan).rows

    def rewrite(node: LogicalPlan) -> LogicalPlan:
        return _filtered(node, rows) if isinstance(node, Join) else node

    return plan.transform_up(rewrite)


def _filtered(join: Join, rows: Rows) -> LogicalPlan:
    """Filter the sides of one join."""
    if join.join_type not in _FILTERED:
        return join
    sides = [join.left, join.right]
    for key in _key_pairs(join):
        for side, allowed in enumerate(_FILTERED[join.join_type]):
            other, target = 1 - side, key[side]
            if not allowed:
                continue
            creations = [*_creations(sides[other], key[other])]
            creation = min(creations, key=lambda each: rows(each.child), default=None)
            if creation is None or not _is_selective(creation, rows):
                continue
            sides[side] = _applied(sides[side], target, creation, rows) or sides[side]
    left, right = sides
    unchanged = left is join.left and right is join.right
    return join if unchanged else replace(join, left=left, right=right)


def _key_pairs(join: Join) -> Iterator[tuple[Attribute, Attribute]]:
    """Yield the columns that must be equal: the left side's and the right side's."""
    left, right = output_ids(join.left), output_ids(join.right)
    for part in conjuncts(join.condition):
        pair = equal_sides(part, left, right)
        if pair is not None and call_name(part) in ("=", "=="):
            first, second = pair
            if isinstance(first, Attribute) and isinstance(second, Attribute):
                yield first, second


# Where keys come from


def _creations(plan: LogicalPlan, key: Attribute) -> Iterator[Project]:
    """Yield the filtered relations, as their one column, that have every key of a plan."""
    match plan:
        case Filter() | Project() | SubqueryAlias():
            if _is_filtered_relation(plan):
                yield Project((key,), plan)
                return
            inner = _below(plan, key)
            if inner is not None:
                yield from _creations(plan.children[0], inner)
        case Aggregate() if plan.grouping_sets is None:
            inner = _below(plan, key)
            if inner in plan.grouping:
                assert inner is not None
                yield from _creations(plan.child, inner)
        case Join():
            yield from _creations_of_join(plan, key)


def _creations_of_join(join: Join, key: Attribute) -> Iterator[Project]:
    in_left = key.expression_id in output_ids(join.left)
    yield from _creations(join.left if in_left else join.right, key)
    if join.join_type in (JoinType.INNER, JoinType.LEFT_SEMI):
        for left, right in _key_pairs(join):
            if in_left and left == key:
                yield from _creations(join.right, right)
            elif not in_left and right == key:
                yield from _creations(join.left, left)


def _below(plan: LogicalPlan, key: Attribute) -> Attribute | None:
    """Return the column of the input that a column of an operator is; None if it is made there."""
    items: tuple[Any, ...] = ()
    match plan:
        case Project():
            items = plan.project_list
        case Aggregate():
            items = plan.aggregates
        case _:
            return key
    for item in items:
        if item.expression_id == key.expression_id:
            made_of = item.child if isinstance(item, Alias) else item
            return made_of if isinstance(made_of, Attribute) else None
    return None


def _is_filtered_relation(plan: LogicalPlan) -> bool:
    """Whether a plan is a relation with conditions, which give the same rows a second time."""
    has_filter = False
    while not isinstance(plan, SourceRelation):
        if not isinstance(plan, (Filter, Project, SubqueryAlias)):
            return False
        if not all(e.deterministic and not has_subquery(e) for e in plan.expressions):
            return False
        has_filter = has_filter or isinstance(plan, Filter)
        plan = plan.child
    return has_filter


def _is_selective(creation: Project, rows: Rows) -> bool:
    relation = creation.find(SourceRelation)
    assert relation is not None
    return rows(creation.child) <= _KEPT * rows(relation)


def _scan(plan: LogicalPlan) -> Scan | None:
    """Return what the first relation of a plan reads."""
    relation = plan.find(SourceRelation)
    return relation.scan if relation is not None else None


# Where they are looked for


def _applied(
    plan: LogicalPlan, key: Attribute, creation: Project, rows: Rows, is_grouped: bool = False
) -> LogicalPlan | None:
    """Return a plan without the rows whose key a relation does not have.

    Args:
        plan: The plan.
        key: Its column.
        creation: The relation with the keys.
        rows: Tells how many rows a plan is thought to have.
        is_grouped: Whether the plan is below an aggregate.

    Returns:
        None if the rows cannot be dropped early, or nothing is won by that.
    """
    match plan:
        case Join():
            return _applied_to_side(plan, key, creation, rows, is_grouped)
        case SourceRelation() | Filter(child=SourceRelation()):
            few = rows(creation.child) <= _SHARE * rows(plan)
            return _semi_join(plan, key, creation) if is_grouped and few else None
    inner = _below(plan, key)
    if not isinstance(plan, (Aggregate, Filter, Project, SubqueryAlias)) or inner is None:
        return None
    if isinstance(plan, Aggregate) and (plan.grouping_sets or inner not in plan.grouping):
        return None
    if not all(e.deterministic and not e.find(WindowExpression) for e in plan.expressions):
        return None
    is_grouped = is_grouped or isinstance(plan, Aggregate)
    below = _applied(plan.child, inner, creation, rows, is_grouped)
    operator: Any = plan
    return below and replace(operator, child=below)


def _applied_to_side(
    join: Join, key: Attribute, creation: Project, rows: Rows, is_grouped: bool = False
) -> LogicalPlan | None:
    if join.join_type is JoinType.LEFT_SEMI and _scan(join.right) is _scan(creation):
        return None  # they are gone already
    if key.expression_id in output_ids(join.left):
        kept = join.join_type in KEEPS_LEFT
        below = _applied(join.left, key, creation, rows, is_grouped) if kept else None
        return below and replace(join, left=below)
    kept = join.join_type in KEEPS_RIGHT
    below = _applied(join.right, key, creation, rows, is_grouped) if kept else None
    return below and replace(join, right=below)


def _semi_join(plan: LogicalPlan, key: Attribute, creation: Project) -> LogicalPlan:
    keys = with_new_ids(Project((Alias(creation.project_list[0], "key"),), creation.child))
    (found,) = keys.output
    nullable = key.nullable or found.nullable
    equal: Expression = Call(builtin_functions()["="], (key, found), BOOLEAN, nullable)
    return Join(plan, keys, JoinType.LEFT_SEMI, equal)
