"""SELECT lists, WHERE, GROUP BY, HAVING, ORDER BY, LIMIT, DISTINCT and generators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pyrite.core.conf import ConfigEntry
from pyrite.sql.analysis.check import check_grouping_types, check_set_columns
from pyrite.sql.analysis.expressions import ExpressionResolver, as_sort_order, output_name
from pyrite.sql.analysis.grouping import check_grouping, extend, has_aggregate, lift
from pyrite.sql.analysis.scope import Resolved, Scope
from pyrite.sql.analysis.time_windows import with_time_windows
from pyrite.sql.catalog.names import quoted
from pyrite.sql.conf_entries import GROUP_BY_ALIASES, GROUP_BY_ORDINAL, ORDER_BY_ORDINAL
from pyrite.sql.errors import analysis_error, unsupported
from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Alias,
    Attribute,
    Call,
    Expression,
    Literal,
    NamedExpression,
    SortOrder,
    WindowExpression,
    new_expression_id,
)
from pyrite.sql.expressions.function import FunctionKind
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.expressions.unresolved import (
    MultiAlias,
    UnresolvedAlias,
    UnresolvedAttribute,
    UnresolvedRegex,
    UnresolvedStar,
    UnresolvedWindow,
)
from pyrite.sql.functions.type_coercion import cast_to, is_orderable
from pyrite.sql.plans.plan import (
    Aggregate,
    CollectMetrics,
    Distinct,
    Filter,
    Generate,
    Limit,
    LogicalPlan,
    Offset,
    Picture,
    PictureForm,
    Project,
    Repartition,
    Sort,
    SubqueryAlias,
    Tail,
)
from pyrite.sql.plans.unresolved import (
    HtmlString,
    Observe,
    ShowString,
    UnresolvedAggregate,
    UnresolvedDistinct,
    UnresolvedFilter,
    UnresolvedGenerate,
    UnresolvedHaving,
    UnresolvedHint,
    UnresolvedLimit,
    UnresolvedOffset,
    UnresolvedProject,
    UnresolvedQualify,
    UnresolvedRepartition,
    UnresolvedSort,
    UnresolvedTail,
    UnresolvedWindowClause,
    WithWatermark,
)
from pyrite.sql.types import (
    BOOLEAN,
    INTEGER,
    STRING,
    IntegralType,
    NullType,
    StructType,
    sql_name,
)

if TYPE_CHECKING:
    from pyrite.sql.analysis.analyzer import Analyzer

__all__ = ["HANDLERS", "generated_columns", "is_generator", "named", "provide", "select"]


def named(expression: Expression, written: Expression | None = None) -> NamedExpression:
    """Return an output expression: with its own name, or the one Spark gives it."""
    if isinstance(expression, (Attribute, Alias)):
        return expression
    return Alias(expression, output_name(expression, written))


def provide(child: Resolved, expressions: Sequence[Expression]) -> LogicalPlan:
    """Return the child, with the hidden columns that expressions over it read."""
    if not child.hidden:
        return child.plan
    visible = {a.expression_id for a in child.plan.output}
    hidden = {a.expression_id: a for a in child.hidden if a.expression_id not in visible}
    missing = {
        a.expression_id: hidden[a.expression_id]
        for expression in expressions
        for a in expression.references()
        if a.expression_id in hidden
    }
    return extend(child.plan, list(missing.values())) if missing else child.plan


def _resolve_items(resolver: ExpressionResolver, items: Sequence[Expression]) -> list[Expression]:
    """Resolve a SELECT list; an item may use the aliases of those before it."""
    resolved: list[Expression] = []
    resolver.lateral = {}
    for item in items:
        if isinstance(item, (UnresolvedStar, UnresolvedRegex)):
            resolved += resolver.expand(item)
            continue
        if isinstance(item, MultiAlias):
            resolved.append(MultiAlias(resolver.resolve(item.child), item.names))
            continue
        if isinstance(item, UnresolvedAlias) and isinstance(item.child, MultiAlias):
            item = item.child
        expression = resolver.resolve(item)
        resolved.append(expression if is_generator(expression) else named(expression, item))
        if isinstance(expression, Alias):
            resolver.lateral.setdefault(resolver.scope.fold(expression.name), expression.child)
    return resolved


def select(
    analyzer: Analyzer, child: Resolved, items: Sequence[Expression], outer: Scope | None
) -> Resolved:
    """Resolve a SELECT list over a child."""
    resolver = analyzer.resolver(child, outer)
    resolved = _resolve_items(resolver, items)
    plan = provide(child, resolved)
    if any(has_aggregate(e) for e in resolved if not isinstance(e, MultiAlias)):
        return _global_aggregate(child, resolver, resolved, plan)
    plan, resolved = generate(plan, resolved)
    listed: Any = tuple(resolved)
    return Resolved(Project(listed, plan), child.plan_ids, (), resolver.scope)


def _global_aggregate(
    child: Resolved, resolver: ExpressionResolver, items: list[Expression], plan: LogicalPlan
) -> Resolved:
    if any(is_generator(item) or isinstance(item, MultiAlias) for item in items):
        return _generate_above(child, resolver, items, plan)
    check_grouping(items, (), plan)
    listed: Any = tuple(items)
    return Resolved(Aggregate((), listed, plan), child.plan_ids, (), resolver.scope)


def _generate_above(
    child: Resolved, resolver: ExpressionResolver, items: list[Expression], plan: LogicalPlan
) -> Resolved:
    """Compute aggregates first, then the generators over them: explode(collect_list(x))."""
    aggregates: list[NamedExpression] = []
    above: list[Expression] = []
    for item in items:
        if is_generator(item) or isinstance(item, MultiAlias):
            call, names = _generator_of(item)
            arguments = [Alias(a, pretty(a)) for a in call.arguments]
            aggregates += arguments
            lifted = replace(call, arguments=tuple(a.to_attribute() for a in arguments))
            above.append(MultiAlias(lifted, names) if names else lifted)
        else:
            aggregates.append(named(item))
            above.append(
                aggregates[-1].to_attribute()
                if isinstance(aggregates[-1], Alias)
                else aggregates[-1]
            )
    check_grouping(aggregates, (), plan)
    aggregate: LogicalPlan = Aggregate((), tuple(aggregates), plan)
    aggregate, listed = generate(aggregate, above)
    final: Any = tuple(listed)
    return Resolved(Project(final, aggregate), child.plan_ids, (), resolver.scope)


def is_generator(expression: Expression) -> bool:
    """Whether an output expression makes rows."""
    inner = expression.child if isinstance(expression, Alias) else expression
    return isinstance(inner, Call) and inner.function.kind is FunctionKind.GENERATOR


def _generator_of(item: Expression) -> tuple[Call, tuple[str, ...]]:
    if isinstance(item, MultiAlias):
        assert isinstance(item.child, Call)
        return item.child, item.names
    if isinstance(item, Alias):
        assert isinstance(item.child, Call)
        return item.child, (item.name,)
    assert isinstance(item, Call)
    return item, ()


def generate(
    plan: LogicalPlan, items: Sequence[Expression]
) -> tuple[LogicalPlan, list[Expression]]:
    """Put the generators of a SELECT list below it; their columns take their places."""
    listed: list[Expression] = []
    for item in items:
        if not (is_generator(item) or isinstance(item, MultiAlias)):
            listed.append(item)
            continue
        call, names = _generator_of(item)
        columns = generated_columns(call, names)
        plan = Generate(call, call.function.name.endswith("_outer"), columns, plan)
        listed += columns
    return plan, listed


def generated_columns(
    call: Call, names: Sequence[str], qualifier: tuple[str, ...] = ()
) -> tuple[Attribute, ...]:
    """Return the columns a generator makes, under the user's names if there are any."""
    struct = call.data_type
    assert isinstance(struct, StructType)
    if names and len(names) != len(struct.fields):
        raise analysis_error(
            "UDTF_ALIAS_NUMBER_MISMATCH",
            aliasesSize=str(len(struct.fields)),
            aliasesNames=",".join(names),
        )
    outer = call.function.name.endswith("_outer")
    return tuple(
        Attribute(
            names[index] if names else field.name,
            field.dataType,
            field.nullable or outer,
            new_expression_id(),
            qualifier,
        )
        for index, field in enumerate(struct.fields)
    )


def _project(analyzer: Analyzer, node: UnresolvedProject, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    return select(analyzer, child, node.expressions_list, outer)


def _condition(analyzer: Analyzer, condition: Expression) -> Expression:
    if isinstance(condition.data_type, NullType):
        return cast_to(condition, BOOLEAN, analyzer.ansi)
    if condition.data_type != BOOLEAN:
        raise analysis_error(
            "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN",
            sqlExpr=f'"{pretty(condition)}"',
            filter=f'"{pretty(condition)}"',
            type=f'"{sql_name(condition.data_type)}"',
        )
    return condition


def _filter(analyzer: Analyzer, node: UnresolvedFilter, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    plan, (condition,) = resolve_above(analyzer, child, [node.condition], outer)
    condition = _condition(analyzer, condition)
    if condition.find(WindowExpression) is not None:
        raise analysis_error("WINDOW_FUNCTION_NOT_ALLOWED_IN_CLAUSE", clauseName="WHERE")
    if has_aggregate(condition):
        raise analysis_error(
            "INVALID_WHERE_CONDITION",
            condition=f'"{pretty(condition)}"',
            expressionList=pretty(condition),
        )
    return _trimmed(Filter(condition, plan), child)


def _having(analyzer: Analyzer, node: UnresolvedHaving, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    if not isinstance(child.plan, Aggregate):
        # HAVING without GROUP BY groups everything.
        inner = child.inner
        if isinstance(child.plan, Project) and inner is not None:
            aggregate = Aggregate((), child.plan.project_list, child.plan.child)
            check_grouping(aggregate.aggregates, (), aggregate.child)
            child = replace(child, plan=aggregate)
    plan, (condition,) = resolve_above(analyzer, child, [node.condition], outer)
    if condition.find(WindowExpression) is not None:
        raise analysis_error("WINDOW_FUNCTION_NOT_ALLOWED_IN_CLAUSE", clauseName="HAVING")
    return _trimmed(Filter(_condition(analyzer, condition), plan), child)


def _qualify(analyzer: Analyzer, node: UnresolvedQualify, outer: Scope | None) -> Resolved:
    """Filter by window functions: they are computed first, as a column."""
    child = analyzer.resolve(node.child, outer)
    plan, (condition,) = resolve_above(analyzer, child, [node.condition], outer)
    qualified = Alias(_condition(analyzer, condition), "qualified")
    plan = Project((*plan.output, qualified), plan)
    return _trimmed(Filter(qualified.to_attribute(), plan), child)


def _trimmed(plan: LogicalPlan, child: Resolved) -> Resolved:
    """Return a row-passing operator, without the columns added for its expressions."""
    if len(plan.output) != len(child.plan.output):
        plan = Project(child.plan.output, plan)
    return replace(child, plan=plan)


def resolve_above(
    analyzer: Analyzer, child: Resolved, expressions: Sequence[Expression], outer: Scope | None
) -> tuple[LogicalPlan, list[Expression]]:
    """Resolve expressions that may reach below a SELECT list: WHERE, HAVING and ORDER BY.

    Returns:
        The child, with the columns they need added, and the expressions over it.
    """
    resolver = ExpressionResolver(analyzer, analyzer.scope(child, outer), below=child.inner)
    resolved = [resolver.resolve(e) for e in expressions]
    plan = provide(child, resolved)
    owner = _owner(child)
    if owner is None:
        return plan, resolved
    if isinstance(owner, Aggregate):
        lifted = []
        for expression in resolved:
            above, added = lift(expression, owner)
            lifted.append(above)
            if added:
                plan = extend(plan, added)
                owner = replace(owner, aggregates=(*owner.aggregates, *added))
        return plan, lifted
    visible = {a.expression_id for a in plan.output}
    available = {a.expression_id: a for a in owner.child.output}
    if child.inner is not None:
        available |= {a.expression_id: a for a in child.inner.hidden}
    missing = {
        a.expression_id: available[a.expression_id]
        for expression in resolved
        for a in expression.references()
        if a.expression_id not in visible and a.expression_id in available
    }
    return (extend(plan, list(missing.values())) if missing else plan), resolved


def _owner(child: Resolved) -> Project | Aggregate | None:
    """Return the operator whose input ``child.inner`` names."""
    if child.inner is None:
        return None
    plan: LogicalPlan = child.plan
    ids = {a.expression_id for a in child.inner.attributes}
    while True:
        if isinstance(plan, Aggregate):
            return plan
        if isinstance(plan, Project):
            if {a.expression_id for a in plan.child.output} >= ids:
                return plan
            plan = plan.child
        elif isinstance(plan, (Filter, Sort)):
            plan = plan.child
        else:
            return None


def _ordinal(analyzer: Analyzer, expression: Expression, setting: ConfigEntry[bool]) -> int | None:
    """Return the place in the list that a constant stands for, if the session wants that."""
    if not analyzer.session.conf.read(setting):
        return None
    if isinstance(expression, Literal) and isinstance(expression.data_type, IntegralType):
        return None if expression.value is None else int(expression.value)
    return None


def _sort(analyzer: Analyzer, node: UnresolvedSort, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    output = child.plan.output
    if node.all_columns:
        template = as_sort_order(node.order[0]) if node.order else SortOrder(output[0])
        orders: list[Expression] = [replace(template, child=a) for a in output]
        return replace(child, plan=Sort(tuple(orders), node.is_global, child.plan))  # type: ignore[arg-type]
    keys = []
    for expression in node.order:
        order = as_sort_order(expression)
        position = _ordinal(analyzer, order.child, ORDER_BY_ORDINAL)
        if position is not None:
            if not 1 <= position <= len(output):
                raise analysis_error(
                    "ORDER_BY_POS_OUT_OF_RANGE", index=str(position), size=str(len(output))
                )
            order = replace(order, child=output[position - 1])
        keys.append(order)
    plan, resolved = resolve_above(analyzer, child, keys, outer)
    for key in resolved:
        if not is_orderable(key.data_type):
            raise analysis_error(
                "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE",
                sqlExpr=f'"{pretty(key)}"',
                functionName="`sortorder`",
                dataType=f'"{sql_name(key.data_type)}"',
            )
    return _trimmed(Sort(tuple(resolved), node.is_global, plan), child)  # type: ignore[arg-type]


def _aggregate(analyzer: Analyzer, node: UnresolvedAggregate, outer: Scope | None) -> Resolved:
    node = with_time_windows(node)
    child = analyzer.resolve(node.child, outer)
    resolver = analyzer.resolver(child, outer)
    items = _resolve_items(resolver, node.aggregates)
    for item in items:
        if is_generator(item) or isinstance(item, MultiAlias):
            raise analysis_error("UNSUPPORTED_GENERATOR.OUTSIDE_SELECT", plan="'Aggregate")
    if node.group_type == "all":
        keys: list[Expression] = [_unnamed(i) for i in items if not has_aggregate(i)]
    else:
        keys = _grouping_keys(resolver, node.grouping, items)
    sets = None
    if node.group_type != "groupby" and node.group_type != "all":
        keys, sets = _grouping_sets(resolver, node, keys, items)
    if node.keep_grouping:
        items = [*(named(e) for e in _key_items(node, resolver, keys)), *items]
    items = [_grouping_marks(item, keys, sets is not None) for item in items]
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


def _unnamed(expression: Expression) -> Expression:
    return expression.child if isinstance(expression, Alias) else expression


def _grouping_marks(item: Expression, keys: Sequence[Expression], has_sets: bool) -> Expression:
    """Let grouping_id() without arguments mean all keys; refuse it without grouping sets."""

    def visit(node: Expression) -> Expression:
        if not isinstance(node, AggregateExpression) or not isinstance(node.call, Call):
            return node
        if node.call.function.name not in ("grouping", "grouping_id"):
            return node
        if not has_sets:
            raise analysis_error("UNSUPPORTED_GROUPING_EXPRESSION")
        if node.call.arguments:
            for argument in node.call.arguments:
                if argument not in keys:
                    raise analysis_error(
                        "GROUPING_COLUMN_MISMATCH",
                        grouping=pretty(argument),
                        groupingColumns=",".join(map(pretty, keys)),
                    )
            return node
        return replace(node, call=replace(node.call, arguments=tuple(keys)))

    return item.transform_up(visit)


def _nullable_key(item: Expression, keys: Sequence[Expression]) -> Expression:
    if isinstance(item, Attribute) and item in keys:
        return item.with_nullable()
    return item


def _grouping_keys(
    resolver: ExpressionResolver, grouping: Sequence[Expression], items: Sequence[Expression]
) -> list[Expression]:
    """Resolve grouping expressions: columns first, then ordinals and the list's aliases."""
    keys: list[Expression] = []
    aliases: dict[str, Expression] = {}
    by_alias = resolver.analyzer.session.conf.read(GROUP_BY_ALIASES)
    for item in items if by_alias else ():
        if isinstance(item, Alias):
            aliases.setdefault(resolver.scope.fold(item.name), item.child)
    for expression in grouping:
        if isinstance(expression, (UnresolvedStar, UnresolvedRegex)):
            keys += resolver.expand(expression)
            continue
        position = _ordinal(resolver.analyzer, expression, GROUP_BY_ORDINAL)
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
                keys.append(alias)
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
            if key not in keys:
                keys.append(key)
            positions.append(keys.index(key))
        sets.append(tuple(positions))
    return keys, tuple(sets)


def _distinct(analyzer: Analyzer, node: UnresolvedDistinct, outer: Scope | None) -> Resolved:
    if node.within_watermark:
        raise unsupported("dropDuplicatesWithinWatermark of a batch DataFrame")
    child = analyzer.resolve(node.child, outer)
    scope = analyzer.scope(child, outer)
    keys: list[Attribute] = []
    for name in node.columns:
        found = scope.index().get(scope.fold(name), [])
        if not found:
            raise analysis_error(
                "UNRESOLVED_COLUMN_AMONG_FIELD_NAMES",
                colName=quoted([name]),
                fieldNames=", ".join(a.name for a in child.plan.output),
            )
        keys += found
    check_set_columns(keys or child.plan.output)
    return replace(child, plan=Distinct(child.plan, tuple(keys)), inner=None)


def _limit_value(
    analyzer: Analyzer, expression: Expression, child: Resolved, name: str
) -> Expression:
    limit = analyzer.resolver(child, None).resolve(expression)
    if not limit.foldable:
        raise analysis_error(
            "INVALID_LIMIT_LIKE_EXPRESSION.IS_UNFOLDABLE", name=name, expr=f'"{pretty(limit)}"'
        )
    if not isinstance(limit.data_type, IntegralType):
        raise analysis_error(
            "INVALID_LIMIT_LIKE_EXPRESSION.DATA_TYPE",
            name=name,
            expr=f'"{pretty(limit)}"',
            dataType=f'"{sql_name(limit.data_type)}"',
        )
    if isinstance(limit, Literal):
        if limit.value is None:
            raise analysis_error(
                "INVALID_LIMIT_LIKE_EXPRESSION.IS_NULL", name=name, expr=f'"{pretty(limit)}"'
            )
        if limit.value < 0:
            raise analysis_error(
                "INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE",
                name=name,
                expr=f'"{pretty(limit)}"',
                v=str(limit.value),
            )
    return limit


def _limit(analyzer: Analyzer, node: UnresolvedLimit, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    limit = _limit_value(analyzer, node.limit, child, "limit")
    return replace(child, plan=Limit(limit, child.plan), inner=None)


def _offset(analyzer: Analyzer, node: UnresolvedOffset, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    offset = _limit_value(analyzer, node.offset, child, "offset")
    return replace(child, plan=Offset(offset, child.plan), inner=None)


def _tail(analyzer: Analyzer, node: UnresolvedTail, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    return replace(child, plan=Tail(Literal(node.limit, INTEGER), child.plan), inner=None)


def _repartition(analyzer: Analyzer, node: UnresolvedRepartition, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    resolver = analyzer.resolver(child, outer)
    keys = tuple(resolver.resolve_list(node.keys))
    plan = provide(child, keys)
    result = Repartition(node.num_partitions, node.shuffle, keys, plan, node.by_id)
    return replace(_trimmed(result, child), inner=None)


#: The hints about joins, and what they ask for.
_JOIN_HINTS = {
    **dict.fromkeys(("BROADCAST", "BROADCASTJOIN", "MAPJOIN"), "broadcast"),
    **dict.fromkeys(("MERGE", "SHUFFLE_MERGE", "MERGEJOIN"), "merge"),
    "SHUFFLE_HASH": "shuffle_hash",
    "SHUFFLE_REPLICATE_NL": "shuffle_replicate_nl",
}


def _hint(analyzer: Analyzer, node: UnresolvedHint, outer: Scope | None) -> Resolved:
    """Hints do not change a result; those about partitions do what they say."""
    child = analyzer.resolve(node.child, outer)
    name = node.name.upper()
    if name in ("COALESCE", "REPARTITION", "REPARTITION_BY_RANGE"):
        numbers = [p.value for p in node.parameters if isinstance(p, Literal)]
        keys = tuple(p for p in node.parameters if not isinstance(p, Literal))
        if name == "REPARTITION_BY_RANGE":
            keys = tuple([key if isinstance(key, SortOrder) else SortOrder(key) for key in keys])
        count = int(numbers[0]) if numbers else None
        repartition = UnresolvedRepartition(count, name != "COALESCE", keys, node.child)
        return _repartition(analyzer, repartition, outer)
    strategy = _JOIN_HINTS.get(name)
    if strategy is None:
        return child
    names = {p.parts for p in node.parameters if isinstance(p, UnresolvedAttribute)}
    plan = (
        _hinted(child.plan, strategy, names) if names else SubqueryAlias((), child.plan, strategy)
    )
    return replace(child, plan=plan)


def _hinted(plan: LogicalPlan, strategy: str, names: set[tuple[str, ...]]) -> LogicalPlan:
    """Put a hint above the relations of some names."""
    known = plan.alias if isinstance(plan, SubqueryAlias) else getattr(plan, "table", ())
    if known and any(known[-len(name) :] == name for name in names):
        return SubqueryAlias((), plan, strategy)
    if isinstance(plan, SubqueryAlias) and plan.alias:
        return plan  # names inside of a named relation are not seen from outside
    return plan.map_children(lambda child: _hinted(child, strategy, names))


def _observe(analyzer: Analyzer, node: Observe, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    resolver = analyzer.resolver(child, outer)
    metrics = []
    for metric in node.metrics:
        item = named(resolver.resolve(metric))
        metrics.append(item if isinstance(item, Alias) else Alias(item, item.name))
    check_grouping(metrics, (), child.plan)
    return replace(child, plan=CollectMetrics(node.name, tuple(metrics), child.plan), inner=None)


def _watermark(analyzer: Analyzer, node: WithWatermark, outer: Scope | None) -> Resolved:
    return analyzer.resolve(node.child, outer)


def _window_clause(
    analyzer: Analyzer, node: UnresolvedWindowClause, outer: Scope | None
) -> Resolved:
    definitions = {
        name.lower(): window
        for name, window in node.windows
        if isinstance(window, UnresolvedWindow)
    }
    with analyzer.windows(definitions):
        return analyzer.resolve(node.child, outer)


def _generate(analyzer: Analyzer, node: UnresolvedGenerate, outer: Scope | None) -> Resolved:
    """LATERAL VIEW."""
    child = analyzer.resolve(node.child, outer)
    resolver = analyzer.resolver(child, outer)
    call = resolver.resolve(node.generator)
    if not is_generator(call):
        raise analysis_error(
            "UNSUPPORTED_GENERATOR.NOT_GENERATOR",
            functionName=f"`{pretty(call).partition('(')[0]}`",
            classCanonicalName="org.apache.spark.sql.catalyst.expressions.Expression",
        )
    assert isinstance(call, Call)
    qualifier = (node.table_alias,) if node.table_alias else ()
    columns = generated_columns(call, node.columns, qualifier)
    if node.outer:
        columns = tuple(c.with_nullable() for c in columns)
    plan = provide(child, [call])
    is_outer = node.outer or call.function.name.endswith("_outer")
    return replace(child, plan=Generate(call, is_outer, columns, plan), inner=None)


def _picture(analyzer: Analyzer, node: ShowString | HtmlString, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    form, name = PictureForm.HTML, "html_string"
    if isinstance(node, ShowString):
        form = PictureForm.VERTICAL if node.vertical else PictureForm.TABLE
        name = "show_string"
    text = Attribute(name, STRING, False, new_expression_id())
    return Resolved(Picture(form, node.num_rows, node.truncate, (text,), child.plan))


HANDLERS: dict[type[LogicalPlan], Any] = {
    ShowString: _picture,
    HtmlString: _picture,
    UnresolvedProject: _project,
    UnresolvedFilter: _filter,
    UnresolvedHaving: _having,
    UnresolvedQualify: _qualify,
    UnresolvedAggregate: _aggregate,
    UnresolvedSort: _sort,
    UnresolvedDistinct: _distinct,
    UnresolvedLimit: _limit,
    UnresolvedOffset: _offset,
    UnresolvedTail: _tail,
    UnresolvedRepartition: _repartition,
    UnresolvedHint: _hint,
    Observe: _observe,
    WithWatermark: _watermark,
    UnresolvedWindowClause: _window_clause,
    UnresolvedGenerate: _generate,
}
