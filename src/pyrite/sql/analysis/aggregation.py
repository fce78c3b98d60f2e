"""GROUP BY: grouping expressions, ALL, grouping sets, and the aggregates beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pyrite.sql.analysis.check import check_grouping_types
from pyrite.sql.analysis.expressions import ExpressionResolver
from pyrite.sql.analysis.grouping import GroupedItems, canonical, check_grouping, has_aggregate
from pyrite.sql.analysis.projection import (
    is_generator,
    named,
    ordinal,
    provide,
    resolve_items,
)
from pyrite.sql.analysis.scope import Resolved, Scope
from pyrite.sql.analysis.time_windows import with_time_windows
from pyrite.sql.conf_entries import GROUP_BY_ALIASES, GROUP_BY_ORDINAL
from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import (
    Alias,
    Attribute,
    Expression,
    NamedExpression,
)
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.expressions.unresolved import (
    MultiAlias,
    UnresolvedAlias,
    UnresolvedAttribute,
    UnresolvedRegex,
    UnresolvedStar,
)
from pyrite.sql.plans.plan import Aggregate, LogicalPlan
from pyrite.sql.plans.unresolved import UnresolvedAggregate

if TYPE_CHECKING:
    from pyrite.sql.analysis.analyzer import Analyzer

__all__ = ["HANDLERS"]


def _aggregate(analyzer: Analyzer, node: UnresolvedAggregate, outer: Scope | None) -> Resolved:
    node = with_time_windows(node)
    child = analyzer.resolve(node.child, outer)
    resolver = analyzer.resolver(child, outer)
    items = resolve_items(resolver, node.aggregates)
    for item in items:
        if is_generator(item) or isinstance(item, MultiAlias):
            raise analysis_error("UNSUPPORTED_GENERATOR.OUTSIDE_SELECT", plan="'Aggregate")
    by_position = resolver.analyzer.session.conf.read(GROUP_BY_ORDINAL)
    has_star = any(isinstance(item, UnresolvedStar) for item in node.aggregates)
    if has_star and by_position and any(ordinal(e) is not None for e in node.grouping):
        raise analysis_error("STAR_GROUP_BY_POS")
    keys: list[Expression]
    sets = None
    if node.group_type != "all":
        keys = _grouping_keys(resolver, node.grouping, items)
        if node.group_type != "groupby":
            keys, sets = _grouping_sets(resolver, node, keys, items)
    elif _names_all(resolver, items):
        keys = _grouping_keys(resolver, (UnresolvedAttribute(("all",)),), items)
    else:
        free = [item for item in items if not has_aggregate(item)]
        keys = [_without_lateral(resolver, item) for item in free]
    if node.keep_grouping:
        items = [*(named(e) for e in _key_items(node, resolver, keys)), *items]
    grouped = GroupedItems(tuple(keys), sets, resolver.call)
    items = [_output(grouped.of(item), item) for item in items]
    if sets is not None:
        missing = [key for index, key in enumerate(keys) if any(index not in s for s in sets)]
        items = [_nullable_key(item, missing) for item in items]
    check_grouping_types(keys)
    check_grouping([_unnamed(i) for i in items], keys, child.plan)
    plan = provide(child, [*keys, *items])
    listed: Any = tuple(items)
    aggregate = Aggregate(tuple(_unnamed(k) for k in keys), listed, plan, sets)
    return Resolved(aggregate, child.plan_ids, (), resolver.scope)


def _key_items(
    node: UnresolvedAggregate, resolver: ExpressionResolver, keys: Sequence[Expression]
) -> list[Expression]:
    """Return the grouping expressions as the DataFrame API shows them, aliases kept."""
    if node.group_type == "groupby" and len(keys) == len(node.grouping):
        resolved: list[Expression] = []
        for written, key in zip(node.grouping, keys, strict=True):
            name = written.name if isinstance(written, UnresolvedAlias) else None
            resolved.append(named(key, written) if name is None else Alias(key, name))
        return resolved
    return list(keys)


def _output(expression: Expression, item: Expression) -> NamedExpression:
    """Return an output expression that may have become another, under the item's name."""
    if isinstance(expression, Alias | Attribute):
        return expression
    assert isinstance(item, Attribute)
    return Alias(expression, item.name, metadata=item.metadata)


def _names_all(resolver: ExpressionResolver, items: Sequence[Expression]) -> bool:
    """Whether ALL behind GROUP BY is the name of a column or an alias."""
    fold = resolver.scope.fold
    return resolver.scope.find(("all",)) is not None or any(
        isinstance(item, Alias) and fold(item.name) == "all" for item in items
    )


def _without_lateral(resolver: ExpressionResolver, item: Expression) -> Expression:
    """Return what an item of the SELECT list computes; it must not use an alias before it."""
    if isinstance(item, Alias) and item.expression_id in resolver.over_lateral:
        raise analysis_error("UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_GROUP_BY")
    return _unnamed(item)


def _unnamed(expression: Expression) -> Expression:
    return expression.child if isinstance(expression, Alias) else expression


def _nullable_key(item: Expression, keys: Sequence[Expression]) -> Expression:
    if isinstance(item, Attribute) and item in keys:
        return item.with_nullable()
    return item


def _grouping_keys(
    resolver: ExpressionResolver, grouping: Sequence[Expression], items: Sequence[Expression]
) -> list[Expression]:
    """Resolve grouping expressions: columns first, then ordinals and the list's aliases."""
    keys: list[Expression] = []
    conf = resolver.analyzer.session.conf
    ordinals: bool = conf.read(GROUP_BY_ORDINAL)
    aliases: dict[str, Alias] = {}
    for item in items:
        if isinstance(item, Alias) and conf.read(GROUP_BY_ALIASES):
            aliases.setdefault(resolver.scope.fold(item.name), item)
    for expression in grouping:
        if isinstance(expression, (UnresolvedStar, UnresolvedRegex)):
            keys += resolver.expand(expression)
            continue
        position = ordinal(expression) if ordinals else None
        if position is not None:
            if not 1 <= position <= len(items):
                raise analysis_error(
                    "GROUP_BY_POS_OUT_OF_RANGE", index=str(position), size=str(len(items))
                )
            key = _unnamed(items[position - 1])
            if has_aggregate(key):
                raise analysis_error(
                    "GROUP_BY_POS_AGGREGATE", index=str(position), aggExpr=pretty(key)
                )
            keys.append(key)
            continue
        if (
            isinstance(expression, UnresolvedAttribute)
            and len(expression.parts) == 1
            and expression.plan_id is None
            and resolver.scope.find(expression.parts) is None
        ):
            alias = aliases.get(resolver.scope.fold(expression.parts[0]))
            if alias is not None:
                keys.append(_without_lateral(resolver, alias))
                continue
        resolver.lateral = None
        key = _unnamed(resolver.resolve(expression))
        if has_aggregate(key):
            raise analysis_error("GROUP_BY_AGGREGATE", sqlExpr=pretty(key))
        keys.append(key)
    return keys


def _grouping_sets(
    resolver: ExpressionResolver,
    node: UnresolvedAggregate,
    keys: list[Expression],
    items: Sequence[Expression],
) -> tuple[list[Expression], tuple[tuple[int, ...], ...]]:
    indexes = range(len(keys))
    if node.group_type == "rollup":
        return keys, tuple(tuple(indexes[:size]) for size in range(len(keys), -1, -1))
    if node.group_type == "cube":
        masks = range(2 ** len(keys) - 1, -1, -1)
        width = len(keys)
        return keys, tuple(
            tuple(i for i in indexes if mask >> (width - 1 - i) & 1) for mask in masks
        )
    sets = []
    for written in node.grouping_sets:
        positions = []
        for key in _grouping_keys(resolver, written, items):
            forms = [canonical(known) for known in keys]
            form = canonical(key)
            if form not in forms:
                keys.append(key)
                forms.append(form)
            positions.append(forms.index(form))
        sets.append(tuple(positions))
    return keys, tuple(sets)


HANDLERS: dict[type[LogicalPlan], Any] = {UnresolvedAggregate: _aggregate}
