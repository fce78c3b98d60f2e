"""SELECT lists, WHERE, GROUP BY, HAVING, ORDER BY, LIMIT, DISTINCT and generators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pyrite.sql.analysis.check import check_set_columns
from pyrite.sql.analysis.expressions import ExpressionResolver, as_sort_order, output_name
from pyrite.sql.analysis.grouping import (
    GroupedItems,
    check_grouping,
    extend,
    has_aggregate,
    lift,
)
from pyrite.sql.analysis.scope import Resolved, Scope
from pyrite.sql.analysis.time_windows import with_windows_of_rows
from pyrite.sql.conf_entries import ORDER_BY_ORDINAL
from pyrite.sql.errors import SparkError, analysis_error, requirement_failed, unsupported
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
    ShowString,
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

__all__ = [
    "HANDLERS",
    "generated_columns",
    "is_generator",
    "named",
    "ordinal",
    "provide",
    "resolve_items",
    "select",
]


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


def resolve_items(resolver: ExpressionResolver, items: Sequence[Expression]) -> list[Expression]:
    """Resolve a SELECT list; an item may use the aliases of those before it."""
    resolved: list[Expression] = []
    resolver.lateral = {}
    for item in items:
        if isinstance(item, (UnresolvedStar, UnresolvedRegex)):
            resolved += resolver.expand(item)
            continue
        if isinstance(item, MultiAlias):
            generator = resolver.resolve(item.child)
            if not is_generator(generator):
                resolver.resolve(item)  # which says so
            resolved.append(MultiAlias(generator, item.names))
            continue
        if isinstance(item, UnresolvedAlias) and isinstance(item.child, MultiAlias):
            item = item.child
        resolver.used_lateral = False
        expression = resolver.resolve(item)
        if resolver.used_lateral and isinstance(item, UnresolvedAttribute):
            expression = Alias(expression, item.parts[-1])
        resolved.append(expression if is_generator(expression) else named(expression, item))
        if resolver.used_lateral and isinstance(resolved[-1], Alias):
            resolver.over_lateral.add(resolved[-1].expression_id)
        if isinstance(expression, Alias):
            resolver.lateral.setdefault(resolver.scope.fold(expression.name), expression.child)
    return resolved


def select(
    analyzer: Analyzer, child: Resolved, items: Sequence[Expression], outer: Scope | None
) -> Resolved:
    """Resolve a SELECT list over a child."""
    resolver = analyzer.resolver(child, outer)
    resolved = resolve_items(resolver, items)
    plan = provide(child, resolved)
    if any(has_aggregate(e) for e in resolved if not isinstance(e, MultiAlias)):
        return _global_aggregate(child, resolver, resolved, plan)
    plan, resolved = generate(*with_windows_of_rows(resolver, resolved, plan))
    listed: Any = tuple(resolved)
    return Resolved(Project(listed, plan), child.plan_ids, (), resolver.scope)


def _global_aggregate(
    child: Resolved, resolver: ExpressionResolver, items: list[Expression], plan: LogicalPlan
) -> Resolved:
    if any(is_generator(item) or isinstance(item, MultiAlias) for item in items):
        return _generate_above(child, resolver, items, plan)
    grouped = GroupedItems((), None, resolver.call)
    items = [grouped.of(item) for item in items]
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
            expressionList=", ".join(
                pretty(part) for part in condition.walk() if isinstance(part, AggregateExpression)
            ),
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
    plan, (condition,) = resolve_above(analyzer, child, [node.condition], outer, keys_first=True)
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
    analyzer: Analyzer,
    child: Resolved,
    expressions: Sequence[Expression],
    outer: Scope | None,
    keys_first: bool = False,
) -> tuple[LogicalPlan, list[Expression]]:
    """Resolve expressions that may reach below a SELECT list: WHERE, HAVING and ORDER BY.

    Args:
        analyzer: Whose session applies.
        child: The operator with the SELECT list.
        expressions: What was written above it.
        outer: The scope around the subquery all this is in.
        keys_first: Whether grouping columns go before the SELECT list's aliases.

    Returns:
        The child, with the columns they need added, and the expressions over it.
    """
    owner = _owner(child)
    keys = None
    if keys_first and isinstance(owner, Aggregate):
        columns = [key for key in owner.grouping if isinstance(key, Attribute)]
        keys = Scope(columns, case_sensitive=analyzer.case_sensitive)
    resolver = ExpressionResolver(
        analyzer, analyzer.scope(child, outer), below=child.inner, keys=keys
    )
    resolved = [resolver.resolve(e) for e in expressions]
    plan = provide(child, resolved)
    if owner is None:
        return plan, resolved
    if isinstance(owner, Aggregate):
        if resolver.lifted:  # aggregates that subqueries ask for
            check_grouping(resolver.lifted, owner.grouping, owner.child)
            plan = extend(plan, resolver.lifted)
            owner = replace(owner, aggregates=(*owner.aggregates, *resolver.lifted))
        grouped = GroupedItems(owner.grouping, owner.grouping_sets, resolver.call)
        lifted = []
        for written, expression in zip(expressions, resolved, strict=True):
            try:
                above, added = lift(grouped.of(expression), owner)
            except SparkError as error:
                raise _not_visible(resolver, written, error) from None
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


def _not_visible(
    resolver: ExpressionResolver, written: Expression, error: SparkError
) -> SparkError:
    """Make the error of a column that HAVING or ORDER BY reads below a grouping it is no part of.

    To what stands above the grouping there is no such column.
    """
    if error.error_class == "MISSING_AGGREGATION":
        for node in written.walk():
            if isinstance(node, UnresolvedAttribute) and node.plan_id is None:
                shown = f'"{node.parts[-1]}"'
                if resolver.scope.fold(shown) == resolver.scope.fold(
                    error.parameters["expression"]
                ):
                    return resolver.unresolved_column(node.parts, node.origin)
    return error


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


def ordinal(expression: Expression) -> int | None:
    """Return the position in the SELECT list that a number in GROUP BY or ORDER BY means."""
    if isinstance(expression, Literal) and isinstance(expression.data_type, IntegralType):
        return None if expression.value is None else int(expression.value)
    return None


def _sort(analyzer: Analyzer, node: UnresolvedSort, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    output = child.plan.output
    scopes = (analyzer.scope(child, outer), child.inner)
    is_column = any(scope is not None and scope.find(("all",)) for scope in scopes)
    if node.all_columns and not is_column:
        template = as_sort_order(node.order[0]) if node.order else SortOrder(output[0])
        orders: list[Expression] = [replace(template, child=a) for a in output]
        return replace(child, plan=Sort(tuple(orders), node.is_global, child.plan))  # type: ignore[arg-type]
    keys = []
    for expression in node.order:
        order = as_sort_order(expression)
        position = ordinal(order.child) if analyzer.session.conf.read(ORDER_BY_ORDINAL) else None
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
                colName=name,
                fieldNames=", ".join(a.name for a in child.plan.output),
            )
        keys += found
    check_set_columns(keys or child.plan.output)
    return replace(child, plan=Distinct(child.plan, tuple(keys)), inner=None)


def _limit_value(
    analyzer: Analyzer, expression: Expression, child: Resolved, name: str
) -> Expression:
    origin = getattr(expression, "origin", None)
    limit = analyzer.resolver(child, None).resolve(expression)
    if not limit.foldable:
        raise analysis_error(
            "INVALID_LIMIT_LIKE_EXPRESSION.IS_UNFOLDABLE",
            origin,
            name=name,
            expr=f'"{pretty(limit)}"',
        )
    if not isinstance(limit.data_type, IntegralType):
        raise analysis_error(
            "INVALID_LIMIT_LIKE_EXPRESSION.DATA_TYPE",
            origin,
            name=name,
            expr=f'"{pretty(limit)}"',
            dataType=f'"{sql_name(limit.data_type)}"',
        )
    value = analyzer.constant(limit)
    if value is None:
        raise analysis_error(
            "INVALID_LIMIT_LIKE_EXPRESSION.IS_NULL", origin, name=name, expr=f'"{pretty(limit)}"'
        )
    if value < 0:
        raise analysis_error(
            "INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE",
            origin,
            name=name,
            expr=f'"{pretty(limit)}"',
            v=str(value),
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
    limit = _limit_value(analyzer, Literal(node.limit, INTEGER), child, "tail")
    return replace(child, plan=Tail(limit, child.plan), inner=None)


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
        return _repartition(analyzer, _partition_hint(name, node), outer)
    strategy = _JOIN_HINTS.get(name)
    if strategy is None:
        return child
    names = {p.parts for p in node.parameters if isinstance(p, UnresolvedAttribute)}
    plan = (
        _hinted(child.plan, strategy, names) if names else SubqueryAlias((), child.plan, strategy)
    )
    return replace(child, plan=plan)


def _partition_hint(name: str, node: UnresolvedHint) -> UnresolvedRepartition:
    """Return what a hint about partitions asks for: a number, columns, or both."""
    first = node.parameters[0] if node.parameters else None
    count = first.value if isinstance(first, Literal) and type(first.value) is int else None
    keys = node.parameters if count is None else node.parameters[1:]
    if name == "COALESCE" and (count is None or keys):
        raise analysis_error("_LEGACY_ERROR_TEMP_1048", hintName=name)
    if count is not None and count <= 0:
        raise requirement_failed(f"Number of partitions ({count}) must be positive.")
    columns: list[Expression] = []
    for key in keys:
        if isinstance(key, Literal) and not isinstance(key.value, str):
            raise analysis_error(
                "_LEGACY_ERROR_TEMP_1047", hintName=name, invalidParams=f'"{key.value}"'
            )
        column = UnresolvedAttribute((key.value,)) if isinstance(key, Literal) else key
        columns.append(as_sort_order(column) if name == "REPARTITION_BY_RANGE" else column)
    return UnresolvedRepartition(count, name != "COALESCE", tuple(columns), node.child)


def _hinted(plan: LogicalPlan, strategy: str, names: set[tuple[str, ...]]) -> LogicalPlan:
    """Put a hint above the relations of some names."""
    known = plan.alias if isinstance(plan, SubqueryAlias) else getattr(plan, "table", ())
    if known and any(known[-len(name) :] == name for name in names):
        return SubqueryAlias((), plan, strategy)
    if isinstance(plan, SubqueryAlias) and plan.alias:
        return plan  # names inside of a named relation are not seen from outside
    return plan.map_children(lambda child: _hinted(child, strategy, names))


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
    UnresolvedSort: _sort,
    UnresolvedDistinct: _distinct,
    UnresolvedLimit: _limit,
    UnresolvedOffset: _offset,
    UnresolvedTail: _tail,
    UnresolvedRepartition: _repartition,
    UnresolvedHint: _hint,
    WithWatermark: _watermark,
    UnresolvedWindowClause: _window_clause,
    UnresolvedGenerate: _generate,
}
