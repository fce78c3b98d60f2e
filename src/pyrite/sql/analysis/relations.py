"""The leaves: tables, files, local rows, VALUES, table functions, subquery names and WITH."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from pyrite.sql.analysis.char_padding import are_strings, read_padded
from pyrite.sql.analysis.expressions import ExpressionResolver
from pyrite.sql.analysis.grouping import has_aggregate
from pyrite.sql.analysis.projection import generated_columns, is_generator
from pyrite.sql.analysis.recursion import refers_to, resolve_recursion
from pyrite.sql.analysis.scope import Resolved, Scope
from pyrite.sql.analysis.sql_functions import table_plan
from pyrite.sql.catalog.entities import CatalogFunction
from pyrite.sql.catalog.names import quoted
from pyrite.sql.errors import analysis_error, internal_error, requirement_failed, unsupported
from pyrite.sql.expressions.char_types import has_lengths, queried_field, without_lengths
from pyrite.sql.expressions.expression import (
    Alias,
    Attribute,
    Call,
    Expression,
    PythonUDF,
    new_expression_id,
)
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.expressions.unresolved import (
    NamedArgument,
    UnresolvedFunction,
    UnresolvedPythonUDF,
)
from pyrite.sql.functions.type_coercion import cast_to, common_type_of
from pyrite.sql.parser import ParserSettings, parse_statement
from pyrite.sql.plans.plan import (
    CollectMetrics,
    CteReference,
    Generate,
    LocalRelation,
    LogicalPlan,
    MapPartitions,
    OneRowRelation,
    Project,
    Range,
    SourceRelation,
    SubqueryAlias,
    Union,
    With,
)
from pyrite.sql.plans.unresolved import (
    CachedRemoteRelation,
    PlanId,
    SqlText,
    StoredView,
    UnresolvedDataSource,
    UnresolvedInlineTable,
    UnresolvedLocalRelation,
    UnresolvedMapPartitions,
    UnresolvedPythonTableFunction,
    UnresolvedRange,
    UnresolvedRelation,
    UnresolvedSubqueryAlias,
    UnresolvedTableFunction,
    UnresolvedWith,
    WithRelations,
)
from pyrite.sql.session_state import UserFunction
from pyrite.sql.sources.registry import is_format
from pyrite.sql.sources.registry import resolve as resolve_source
from pyrite.sql.types import LONG, DataType, StructType, sql_name

if TYPE_CHECKING:
    from pyrite.sql.analysis.analyzer import Analyzer

__all__ = ["HANDLERS", "new_attributes", "python_map"]


def new_attributes(schema: StructType, qualifier: tuple[str, ...] = ()) -> tuple[Attribute, ...]:
    """Return columns with new ids for a schema."""
    return tuple(
        Attribute(
            field.name,
            field.dataType,
            field.nullable,
            new_expression_id(),
            qualifier,
            field.metadata or None,
        )
        for field in schema.fields
    )


def _plan_id(analyzer: Analyzer, node: PlanId, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    if isinstance(child.plan, CollectMetrics) and child.plan.frame is None:
        child = replace(child, plan=replace(child.plan, frame=node.plan_id))
    return replace(child, plan_ids={**child.plan_ids, node.plan_id: (child.plan.output,)})


def _relation(analyzer: Analyzer, node: UnresolvedRelation, outer: Scope | None) -> Resolved:
    if len(node.name) == 1:
        name = analyzer.fold(node.name[0])
        for definitions in reversed(analyzer.ctes):
            found = definitions.get(name)
            if found is not None:
                columns = tuple(a.new_instance() for a in found.output)
                return _aliased(CteReference(found.cte_id, columns), (node.name[0],))
    relation = analyzer.session.catalog.lookup(
        node.name, dict(node.options), only_stored=bool(analyzer.views)
    )
    if relation is None and len(node.name) == 2 and is_format(node.name[0]):
        # SELECT * FROM parquet.`path`
        source = UnresolvedDataSource(node.name[0], None, node.options, (node.name[1],))
        return _data_source(analyzer, source, outer)
    if relation is None:
        raise analyzer.session.catalog.not_found(node.name, node.origin)
    if isinstance(relation, SourceRelation):
        columns = tuple(a.new_instance() for a in relation.attributes)
        table = replace(relation, attributes=columns)
        resolver = ExpressionResolver(analyzer, Scope(columns))
        return _aliased(read_padded(resolver, table), relation.table)
    # A view: its plan is resolved anew, without what surrounds its use.
    ctes, analyzer.ctes = analyzer.ctes, []
    try:
        view = analyzer.resolve(relation, None)
    finally:
        analyzer.ctes = ctes
    return _aliased(view.plan, analyzer.session.catalog.qualifier(node.name))


def _stored_view(analyzer: Analyzer, node: StoredView, outer: Scope | None) -> Resolved:
    catalog = analyzer.session.catalog
    if node.name in analyzer.views:
        path = " -> ".join(map(quoted, (*analyzer.views, node.name)))
        raise analysis_error("RECURSIVE_VIEW", viewIdent=quoted(node.name), newPath=path)
    before = catalog.current_database
    catalog.current_database = node.namespace[-1]
    analyzer.views.append(node.name)
    try:
        text = SqlText(node.text, held_by=("VIEW", ".".join(node.name)))
        query = analyzer.resolve(text, None).plan
    finally:
        catalog.current_database = before
        analyzer.views.pop()
    fields = [queried_field(field) for field in node.view_schema.fields]
    if len(query.output) < len(fields):
        raise analysis_error("INCOMPATIBLE_VIEW_SCHEMA_CHANGE", viewName=quoted(node.name))
    columns = tuple(
        Alias(cast_to(a, f.dataType, analyzer.ansi), f.name, metadata=f.metadata or None)
        for a, f in zip(query.output, fields, strict=False)
    )
    return Resolved(Project(columns, query))


def _aliased(plan: LogicalPlan, alias: tuple[str, ...]) -> Resolved:
    return Resolved(SubqueryAlias(alias, plan))


def _data_source(analyzer: Analyzer, node: UnresolvedDataSource, outer: Scope | None) -> Resolved:
    if node.is_streaming:
        raise unsupported("streaming reads (readStream)")
    wanted = node.user_schema
    if wanted is not None and has_lengths(wanted):
        if not are_strings(analyzer.session.conf):
            raise analysis_error("UNSUPPORTED_CHAR_OR_VARCHAR_AS_STRING")
        wanted = cast("StructType", without_lengths(wanted))
    schema, scan = resolve_source(
        node.format or analyzer.session.conf.get("spark.sql.sources.default") or "parquet",
        wanted,
        node.options,
        node.paths,
        analyzer.session.conf,
    )
    return Resolved(SourceRelation(new_attributes(schema), scan))


def _local(analyzer: Analyzer, node: UnresolvedLocalRelation, outer: Scope | None) -> Resolved:
    import pyarrow as pa

    from pyrite.sql.types import from_arrow_schema, to_arrow_schema

    schema = node.user_schema
    if schema is None:
        assert node.table is not None
        schema = from_arrow_schema(node.table.schema)
    target = to_arrow_schema(schema)
    table = node.table if node.table is not None else target.empty_table()
    if table.schema != target:
        table = pa.Table.from_arrays(
            [
                _converted(column, field.type)
                for column, field in zip(table.columns, target, strict=True)
            ],
            schema=target,
        )
    return Resolved(LocalRelation(new_attributes(schema), table))


def _converted(column: Any, target: Any) -> Any:
    return column if column.type == target else column.cast(target)


def _inline(analyzer: Analyzer, node: UnresolvedInlineTable, outer: Scope | None) -> Resolved:
    resolver = ExpressionResolver(analyzer, Scope((), outer=outer))
    rows = [[resolver.resolve(value) for value in row] for row in node.rows]
    width = len(node.names) or len(rows[0])
    for index, row in enumerate(rows):
        if len(row) != width:
            raise analysis_error(
                "INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH",
                expectedNumCols=str(width),
                actualNumCols=str(len(row)),
                rowIndex=str(index),
            )
        for value in row:
            if not value.deterministic or has_aggregate(value):
                raise analysis_error(
                    "INVALID_INLINE_TABLE.CANNOT_EVALUATE_EXPRESSION_IN_INLINE_TABLE",
                    expr=f'"{pretty(value)}"',
                )
    names = node.names or tuple(f"col{n + 1}" for n in range(width))
    inputs = []
    types: list[DataType] = []
    for position, name in enumerate(names):
        found = common_type_of([row[position].data_type for row in rows], analyzer.ansi)
        if found is None:
            raise analysis_error(
                "INVALID_INLINE_TABLE.INCOMPATIBLE_TYPES_IN_INLINE_TABLE", colName=quoted([name])
            )
        types.append(found)
    for row in rows:
        items = tuple(
            Alias(cast_to(value, target, analyzer.ansi), name)
            for value, target, name in zip(row, types, names, strict=True)
        )
        inputs.append(Project(items, OneRowRelation()))
    if len(inputs) == 1:
        return Resolved(inputs[0])
    attributes = tuple(
        Attribute(name, target, any(row[i].nullable for row in rows), new_expression_id())
        for i, (name, target) in enumerate(zip(names, types, strict=True))
    )
    return Resolved(Union(tuple(inputs), attributes))


def _range(analyzer: Analyzer, node: UnresolvedRange, outer: Scope | None) -> Resolved:
    if node.step == 0:
        raise requirement_failed("step (0) cannot be 0")
    attribute = Attribute("id", LONG, False, new_expression_id())
    return Resolved(Range(node.start, node.end, node.step, node.num_partitions, (attribute,)))


def _one_row(analyzer: Analyzer, node: OneRowRelation, outer: Scope | None) -> Resolved:
    return Resolved(node)


def _table_function(
    analyzer: Analyzer, node: UnresolvedTableFunction, outer: Scope | None
) -> Resolved:
    name = node.name[-1].lower()
    if name == "range":
        return _range_function(analyzer, node, outer)
    function = analyzer.session.function(*node.name)
    if isinstance(function, UserFunction) and isinstance(
        function.definition, UnresolvedPythonTableFunction
    ):
        return analyzer.resolve(replace(function.definition, arguments=node.arguments), outer)
    if isinstance(function, UserFunction) and isinstance(function.definition, CatalogFunction):
        resolver = ExpressionResolver(analyzer, Scope((), outer=outer))
        values = [resolver.resolve(argument) for argument in node.arguments]
        return analyzer.resolve(table_plan(function.definition, values), outer)
    if function is None:
        raise analysis_error(
            "UNRESOLVABLE_TABLE_VALUED_FUNCTION", node.origin, name=quoted(node.name)
        )
    resolver = ExpressionResolver(analyzer, Scope((), outer=outer))
    call = resolver.resolve(UnresolvedFunction(node.name, node.arguments, origin=node.origin))
    if not is_generator(call):
        raise analysis_error("NOT_A_TABLE_FUNCTION", node.origin, functionName=quoted(node.name))
    assert isinstance(call, Call)
    columns = generated_columns(call, ())
    is_outer = call.function.name.endswith("_outer")
    return Resolved(Generate(call, is_outer, columns, OneRowRelation()))


#: What the arguments of range are called in errors.
_PLACES = ("first", "second", "third", "fourth")


def _range_function(
    analyzer: Analyzer, node: UnresolvedTableFunction, outer: Scope | None
) -> Resolved:
    resolver = ExpressionResolver(analyzer, Scope((), outer=outer))
    names = ("start", "end", "step", "numPartitions")
    values: dict[str, int] = {}
    positional: list[int] = []
    for argument in node.arguments:
        value = resolver.resolve(
            argument.value if isinstance(argument, NamedArgument) else argument
        )
        number = analyzer.constant(cast_to(value, LONG, analyzer.ansi))
        if number is None and len(positional) + len(values) < len(_PLACES):
            raise analysis_error(
                "UNEXPECTED_INPUT_TYPE",
                node.origin,
                paramIndex=_PLACES[len(positional) + len(values)],
                functionName="`range`",
                requiredType='"BIGINT"',
                inputSql='"NULL"',
                inputType=f'"{sql_name(value.data_type)}"',
            )
        if isinstance(argument, NamedArgument):
            values[argument.key] = number
        else:
            positional.append(number)
    if not 1 <= len(positional) + len(values) <= 4:
        raise analysis_error(
            "WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
            node.origin,
            functionName="`range`",
            expectedNum="[1, 2, 3, 4]",
            actualNum=str(len(positional)),
            docroot="https://spark.apache.org/docs/latest",
        )
    given = names[1:2] if len(positional) == 1 else names
    values.update(zip(given, positional, strict=False))
    if values.get("step") == 0:
        raise analysis_error("FAILED_FUNCTION_CALL", node.origin, funcName="`range`")
    return _range(
        analyzer,
        UnresolvedRange(
            values.get("start", 0),
            values["end"],
            values.get("step", 1),
            values.get("numPartitions"),
        ),
        outer,
    )


def _map_partitions(
    analyzer: Analyzer, node: UnresolvedMapPartitions, outer: Scope | None
) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    function, columns = python_map(node.function, child.plan.output)
    return Resolved(MapPartitions(function, columns, node.is_barrier, child.plan))


def python_map(
    udf: UnresolvedPythonUDF, arguments: Sequence[Expression]
) -> tuple[PythonUDF, tuple[Attribute, ...]]:
    """Return a function from rows to rows, and the columns it makes."""
    if not isinstance(udf.return_type, StructType):
        raise unsupported(f"the function {udf.name} whose result is not a struct")
    function = PythonUDF(
        udf.name, udf.payload, tuple(arguments), udf.return_type, udf.eval_type, udf.deterministic
    )
    return function, new_attributes(udf.return_type)


def _cached(analyzer: Analyzer, node: CachedRemoteRelation, outer: Scope | None) -> Resolved:
    held = analyzer.session.held_relations.get(node.relation_id)
    if held is None:
        raise internal_error(f"No DataFrame with id {node.relation_id} is found in the session.")
    return Resolved(analyzer.fresh(held))


def _subquery_alias(
    analyzer: Analyzer, node: UnresolvedSubqueryAlias, outer: Scope | None
) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    plan = child.plan
    if node.columns:
        if len(node.columns) != len(plan.output):
            raise analysis_error(
                "ASSIGNMENT_ARITY_MISMATCH",
                numExpr=str(len(plan.output)),
                numTarget=str(len(node.columns)),
            )
        renamed = tuple(
            Alias(a, name, metadata=a.metadata)
            for a, name in zip(plan.output, node.columns, strict=True)
        )
        plan = Project(renamed, plan)
    if not node.alias:
        unqualified = tuple(a.with_qualifier(()) for a in plan.output)
        return Resolved(Project(unqualified, plan), child.plan_ids)
    return Resolved(SubqueryAlias((node.alias,), plan), child.plan_ids)


def _with(analyzer: Analyzer, node: UnresolvedWith, outer: Scope | None) -> Resolved:
    definitions: dict[str, Any] = {}
    plans: list[tuple[int, LogicalPlan]] = []
    analyzer.ctes.append(definitions)
    try:
        for name, columns, query in node.definitions:
            folded = analyzer.fold(name)
            if folded in definitions:
                raise analysis_error("DUPLICATED_CTE_NAMES", duplicateNames=quoted([name]))
            cte_id = new_expression_id()
            if node.recursive and refers_to(query, name):
                plan = resolve_recursion(analyzer, folded, columns, query, cte_id, outer)
            else:
                named: LogicalPlan = (
                    UnresolvedSubqueryAlias(name, query, columns) if columns else query
                )
                plan = analyzer.resolve(named, outer).plan
            definitions[folded] = analyzer.cte_definition(cte_id, plan.output)
            plans.append((cte_id, plan))
        child = analyzer.resolve(node.child, outer)
    finally:
        analyzer.ctes.pop()
    return replace(child, plan=With(tuple(plans), child.plan), inner=None)


def _with_relations(analyzer: Analyzer, node: WithRelations, outer: Scope | None) -> Resolved:
    by_id: dict[int, LogicalPlan] = {}
    views: dict[str, LogicalPlan] = {}
    for reference in node.references:
        inner = reference
        while isinstance(inner, PlanId):
            by_id[inner.plan_id] = reference
            inner = inner.child
        if isinstance(inner, UnresolvedSubqueryAlias):
            views[analyzer.fold(inner.alias)] = inner.child
    catalog = analyzer.session.catalog
    before = dict(catalog.temporary_views)
    catalog.temporary_views.update(views)
    try:
        with analyzer.references(by_id):
            return analyzer.resolve(node.child, outer)
    finally:
        if views:
            catalog.temporary_views.clear()
            catalog.temporary_views.update(before)


def _sql_text(analyzer: Analyzer, node: SqlText, outer: Scope | None) -> Resolved:
    settings = ParserSettings.of(
        analyzer.session.conf, dict(node.named), node.positional, node.held_by
    )
    plan = parse_statement(node.text, settings)
    resolver = ExpressionResolver(analyzer, Scope(()))
    named = {name: resolver.resolve(value) for name, value in node.named}
    positional = [resolver.resolve(value) for value in node.positional]
    with analyzer.arguments(named, positional):
        return analyzer.resolve(plan, outer)


HANDLERS: dict[type[LogicalPlan], Any] = {
    PlanId: _plan_id,
    UnresolvedRelation: _relation,
    UnresolvedDataSource: _data_source,
    UnresolvedLocalRelation: _local,
    UnresolvedInlineTable: _inline,
    UnresolvedRange: _range,
    OneRowRelation: _one_row,
    UnresolvedTableFunction: _table_function,
    UnresolvedMapPartitions: _map_partitions,
    CachedRemoteRelation: _cached,
    UnresolvedSubqueryAlias: _subquery_alias,
    UnresolvedWith: _with,
    WithRelations: _with_relations,
    SqlText: _sql_text,
    StoredView: _stored_view,
}
