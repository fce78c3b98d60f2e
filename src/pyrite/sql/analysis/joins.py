"""JOIN: ON, USING, NATURAL, LATERAL and as-of."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Any

from pyrite.sql.analysis.projection import provide
from pyrite.sql.analysis.relations import python_map
from pyrite.sql.analysis.scope import PlanIds, Resolved, Scope
from pyrite.sql.catalog.names import quoted
from pyrite.sql.errors import analysis_error, requirement_failed
from pyrite.sql.expressions.expression import (
    Alias,
    Attribute,
    Expression,
    NamedExpression,
    SortOrder,
    placed,
)
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.functions.type_coercion import cast_to
from pyrite.sql.plans.plan import (
    AsOfJoin,
    CoGroupMap,
    GroupMap,
    Join,
    JoinType,
    LateralJoin,
    LogicalPlan,
    Project,
)
from pyrite.sql.plans.unresolved import (
    PlanId,
    UnresolvedAsOfJoin,
    UnresolvedCoGroupMap,
    UnresolvedGroupMap,
    UnresolvedJoin,
    UnresolvedNearestByJoin,
)
from pyrite.sql.types import BOOLEAN, MapType, NullType, sql_name

if TYPE_CHECKING:
    from pyrite.sql.analysis.analyzer import Analyzer

__all__ = ["HANDLERS"]


def _merge(left: PlanIds, right: PlanIds) -> PlanIds:
    """Join what two sides say of plan ids; a DataFrame on both sides stands in two places."""
    merged = dict(left)
    for plan_id, places in right.items():
        merged[plan_id] = (*merged.get(plan_id, ()), *places)
    return merged


def _sides(
    left_node: LogicalPlan, left: Resolved, right_node: LogicalPlan, right: Resolved
) -> PlanIds:
    """Return the DataFrames that a condition may name.

    One that is a whole side is meant as that side, even if the other is made of it too.
    """
    merged = dict(_merge(left.plan_ids, right.plan_ids))
    whole = [
        (node.plan_id, side.plan_ids[node.plan_id])
        for node, side in ((left_node, left), (right_node, right))
        if isinstance(node, PlanId)
    ]
    if len(whole) < 2 or whole[0][0] != whole[1][0]:
        merged.update(whole)
    return merged


#: The sides of which an outer join may have no row.
_LEFT_MAY_MISS = frozenset((JoinType.RIGHT_OUTER, JoinType.FULL_OUTER))
_RIGHT_MAY_MISS = frozenset((JoinType.LEFT_OUTER, JoinType.FULL_OUTER))


def _both(
    left: Resolved, right: Resolved, plan: LogicalPlan, join_type: JoinType = JoinType.INNER
) -> Resolved:
    hidden = (
        *(a.with_nullable() if join_type in _LEFT_MAY_MISS else a for a in left.hidden),
        *(a.with_nullable() if join_type in _RIGHT_MAY_MISS else a for a in right.hidden),
    )
    return Resolved(plan, _merge(left.plan_ids, right.plan_ids), hidden)


def _join(analyzer: Analyzer, node: UnresolvedJoin, outer: Scope | None) -> Resolved:
    left = analyzer.resolve(node.left, outer)
    if node.lateral:
        return _lateral(analyzer, node, left, outer)
    right = analyzer.resolve(node.right, outer)
    names = node.using
    if node.natural:
        theirs = {analyzer.fold(a.name) for a in right.plan.output}
        names = tuple(a.name for a in left.plan.output if analyzer.fold(a.name) in theirs)
    if names:
        return _using(analyzer, node, left, right, names)
    condition = None
    visible = len(left.plan.output), len(right.plan.output)
    if node.condition is not None:
        plan_ids = _sides(node.left, left, node.right, right)
        condition, left, right = _condition(analyzer, node.condition, left, right, plan_ids, outer)
    join_type = node.join_type
    if join_type is JoinType.CROSS and condition is not None:
        join_type = JoinType.INNER
    joined = _both(left, right, Join(left.plan, right.plan, join_type, condition), join_type)
    if join_type in (JoinType.LEFT_SEMI, JoinType.LEFT_ANTI):
        joined = replace(joined, hidden=left.hidden)
    return _without_added(joined, len(left.plan.output), visible)


def _without_added(joined: Resolved, left: int, visible: tuple[int, int]) -> Resolved:
    """Leave out the hidden columns that were added to either side for the condition."""
    columns = joined.plan.output
    kept = (*columns[: visible[0]], *columns[left : left + visible[1]])
    return joined if len(kept) == len(columns) else replace(joined, plan=Project(kept, joined.plan))


def _condition(
    analyzer: Analyzer,
    condition: Expression,
    left: Resolved,
    right: Resolved,
    plan_ids: PlanIds,
    outer: Scope | None,
) -> tuple[Expression, Resolved, Resolved]:
    scope = Scope(
        (*left.plan.output, *right.plan.output),
        plan_ids,
        (*left.hidden, *right.hidden),
        outer,
        analyzer.case_sensitive,
    )
    resolved = analyzer.expression_resolver(scope).resolve(condition)
    if isinstance(resolved.data_type, NullType):
        resolved = cast_to(resolved, BOOLEAN, analyzer.ansi)
    if resolved.data_type != BOOLEAN:
        raise analysis_error(
            "JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE",
            joinCondition=f'"{pretty(resolved)}"',
            conditionType=f'"{sql_name(resolved.data_type)}"',
        )
    return (
        resolved,
        replace(left, plan=provide(left, [resolved])),
        replace(right, plan=provide(right, [resolved])),
    )


def _side(analyzer: Analyzer, side: Resolved, name: str, which: str) -> Attribute:
    found = [a for a in side.plan.output if analyzer.fold(a.name) == analyzer.fold(name)]
    if not found:
        raise analysis_error(
            "UNRESOLVED_USING_COLUMN_FOR_JOIN",
            colName=quoted([name]),
            side=which,
            suggestion=", ".join(sorted(quoted([a.name]) for a in side.plan.output)),
        )
    if len(found) > 1:
        raise analysis_error(
            "AMBIGUOUS_REFERENCE",
            name=quoted([name]),
            referenceNames="[" + ", ".join(quoted((*a.qualifier, a.name)) for a in found) + "]",
        )
    return found[0]


def _using(
    analyzer: Analyzer,
    node: UnresolvedJoin,
    left: Resolved,
    right: Resolved,
    names: tuple[str, ...],
) -> Resolved:
    """Join on equal columns of both sides; each such column comes out once, and first."""
    ours = [_side(analyzer, left, name, "left") for name in names]
    theirs = [_side(analyzer, right, name, "right") for name in names]
    pairs = list(zip(ours, theirs, strict=True))
    resolver = analyzer.expression_resolver(
        Scope((*left.plan.output, *right.plan.output), case_sensitive=analyzer.case_sensitive)
    )
    condition = reduce(
        lambda a, b: resolver.call("and", a, b),
        [placed(resolver.call("=", a, b), node.origin) for a, b in pairs],
    )
    join_type = JoinType.INNER if node.join_type is JoinType.CROSS else node.join_type
    join = Join(left.plan, right.plan, join_type, condition)
    by_id = {a.expression_id: a for a in join.output}
    keys: list[NamedExpression] = []
    for a, b in pairs:
        if join_type is JoinType.FULL_OUTER:
            both = resolver.call("coalesce", by_id[a.expression_id], by_id[b.expression_id])
            keys.append(Alias(both, a.name))
        elif join_type is JoinType.RIGHT_OUTER:
            keys.append(by_id[b.expression_id])
        else:
            keys.append(by_id[a.expression_id])
    used = {a.expression_id for pair in pairs for a in pair}
    rest = [a for a in join.output if a.expression_id not in used]
    project = Project((*keys, *rest), join)
    hidden = tuple(
        by_id[a.expression_id] for pair in pairs for a in pair if a.expression_id in by_id
    )
    joined = _both(left, right, project, join_type)
    return replace(joined, hidden=(*hidden, *joined.hidden))


def _lateral(
    analyzer: Analyzer, node: UnresolvedJoin, left: Resolved, outer: Scope | None
) -> Resolved:
    scope = analyzer.scope(left, outer)
    right = analyzer.resolve(node.right, scope)
    condition = None
    visible = len(left.plan.output), len(right.plan.output)
    if node.condition is not None:
        plan_ids = _sides(node.left, left, node.right, right)
        condition, left, right = _condition(analyzer, node.condition, left, right, plan_ids, outer)
    plan = LateralJoin(left.plan, right.plan, node.join_type, condition)
    joined = _both(left, right, plan, node.join_type)
    return _without_added(joined, len(left.plan.output), visible)


def _as_of(analyzer: Analyzer, node: UnresolvedAsOfJoin, outer: Scope | None) -> Resolved:
    left = analyzer.resolve(node.left, outer)
    right = analyzer.resolve(node.right, outer)
    left_as_of = analyzer.resolver(left, outer).resolve(node.left_as_of)
    right_as_of = analyzer.resolver(right, outer).resolve(node.right_as_of)
    scope = Scope(
        (*left.plan.output, *right.plan.output),
        _sides(node.left, left, node.right, right),
        (),
        outer,
        analyzer.case_sensitive,
    )
    resolver = analyzer.expression_resolver(scope)
    conditions: list[Expression] = []
    if node.condition is not None:
        conditions.append(resolver.resolve(node.condition))
    for name in node.using:
        conditions.append(
            resolver.call(
                "=", _side(analyzer, left, name, "left"), _side(analyzer, right, name, "right")
            )
        )
    backward = resolver.call("-", left_as_of, right_as_of)
    forward = resolver.call("-", right_as_of, left_as_of)
    comparison = {"backward": ">", "forward": "<"}.get(node.direction)
    if comparison is not None:
        symbol = comparison + ("=" if node.allow_exact_matches else "")
        conditions.append(resolver.call(symbol, left_as_of, right_as_of))
        distance = backward if node.direction == "backward" else forward
    else:
        ahead = resolver.call(">", left_as_of, right_as_of)
        distance = resolver.call("if", ahead, backward, forward)
        if not node.allow_exact_matches:
            same = resolver.call("=", left_as_of, right_as_of)
            conditions.append(resolver.call("not", same))
    if node.tolerance is not None:
        tolerance = resolver.resolve(node.tolerance)
        conditions.append(resolver.call("<=", distance, tolerance))
    condition = reduce(lambda a, b: resolver.call("and", a, b), conditions)
    plan = AsOfJoin(left.plan, right.plan, node.join_type, condition, SortOrder(distance))
    return _both(left, right, plan)


_MOST_NEAREST = 100_000


def _nearest(analyzer: Analyzer, node: UnresolvedNearestByJoin, outer: Scope | None) -> Resolved:
    if not 1 <= node.num_results <= _MOST_NEAREST:
        raise analysis_error(
            "NEAREST_BY_JOIN.NUM_RESULTS_OUT_OF_RANGE",
            numResults=str(node.num_results),
            min="1",
            max=str(_MOST_NEAREST),
        )
    left = analyzer.resolve(node.left, outer)
    right = analyzer.resolve(node.right, outer)
    scope = Scope(
        (*left.plan.output, *right.plan.output),
        _merge(left.plan_ids, right.plan_ids),
        (),
        outer,
        analyzer.case_sensitive,
    )
    resolver = analyzer.expression_resolver(scope)
    ranking = resolver.resolve(node.ranking)
    if isinstance(ranking.data_type, MapType):
        raise analysis_error(
            "NEAREST_BY_JOIN.NON_ORDERABLE_RANKING_EXPRESSION",
            expression=f'"{pretty(ranking)}"',
            type=f'"{sql_name(ranking.data_type)}"',
        )
    nearest = AsOfJoin(
        left.plan,
        right.plan,
        node.join_type,
        resolver.call("isnotnull", ranking),
        SortOrder(ranking, ascending=node.direction == "distance"),
        node.num_results,
    )
    return _both(left, right, nearest)


def _keys(
    analyzer: Analyzer, child: Resolved, keys: tuple[Expression, ...], outer: Scope | None
) -> tuple[Expression, ...]:
    resolver = analyzer.resolver(child, outer)
    resolved = resolver.resolve_list(keys)
    return tuple(k.child if isinstance(k, Alias) else k for k in resolved)


def _group_map(analyzer: Analyzer, node: UnresolvedGroupMap, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    keys = _keys(analyzer, child, node.grouping, outer)
    function, columns = python_map(node.function, child.plan.output)
    return Resolved(GroupMap(keys, function, columns, child.plan))


def _co_group_map(analyzer: Analyzer, node: UnresolvedCoGroupMap, outer: Scope | None) -> Resolved:
    left = analyzer.resolve(node.left, outer)
    right = analyzer.resolve(node.right, outer)
    sides = len(node.left_grouping), len(node.right_grouping)
    if sides[0] != sides[1]:
        raise requirement_failed(f"Cogroup keys must have same size: {sides[0]} != {sides[1]}")
    function, columns = python_map(node.function, (*left.plan.output, *right.plan.output))
    return Resolved(
        CoGroupMap(
            _keys(analyzer, left, node.left_grouping, outer),
            _keys(analyzer, right, node.right_grouping, outer),
            function,
            columns,
            left.plan,
            right.plan,
        )
    )


HANDLERS: dict[type[LogicalPlan], Any] = {
    UnresolvedJoin: _join,
    UnresolvedAsOfJoin: _as_of,
    UnresolvedNearestByJoin: _nearest,
    UnresolvedGroupMap: _group_map,
    UnresolvedCoGroupMap: _co_group_map,
}
