"""The DataFrame API's ways to add, drop, rename, reorder and fill columns: all become SELECTs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Any

from pyrite.sql.analysis.expressions import ExpressionResolver
from pyrite.sql.analysis.projection import select
from pyrite.sql.analysis.scope import Resolved, Scope
from pyrite.sql.catalog.names import quoted
from pyrite.sql.errors import SparkError, analysis_error
from pyrite.sql.expressions.expression import (
    Alias,
    Attribute,
    Expression,
    Literal,
    NamedExpression,
)
from pyrite.sql.expressions.unresolved import UnresolvedAttribute
from pyrite.sql.functions.type_coercion import cast_to, implicit_cast_type
from pyrite.sql.plans.plan import Filter, LogicalPlan, Project
from pyrite.sql.plans.unresolved import (
    DropColumns,
    DropNa,
    FillNa,
    ReplaceValues,
    ToDF,
    ToSchema,
    WithColumns,
    WithColumnsRenamed,
)
from pyrite.sql.types import (
    BOOLEAN,
    DOUBLE,
    INTEGER,
    BooleanType,
    DataType,
    DoubleType,
    FloatType,
    NumericType,
    StringType,
    StructField,
    sql_name,
)

if TYPE_CHECKING:
    from pyrite.sql.analysis.analyzer import Analyzer

__all__ = ["HANDLERS"]


def _with_columns(analyzer: Analyzer, node: WithColumns, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    fold = analyzer.fold
    by_name: dict[str, Expression] = {}
    for alias in node.aliases:
        assert alias.name is not None
        if fold(alias.name) in by_name:
            raise analysis_error("COLUMN_ALREADY_EXISTS", columnName=quoted([alias.name]))
        by_name[fold(alias.name)] = alias
    replaced = {fold(a.name) for a in child.plan.output}
    items = [by_name.get(fold(a.name), a) for a in child.plan.output]
    items += [alias for name, alias in by_name.items() if name not in replaced]
    return select(analyzer, child, items, outer)


def _renamed(analyzer: Analyzer, node: WithColumnsRenamed, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    names = [a.name for a in child.plan.output]
    for old, new in node.renames:
        names = [new if analyzer.fold(name) == analyzer.fold(old) else name for name in names]
    return _rename_all(child, names)


def _rename_all(child: Resolved, names: Sequence[str]) -> Resolved:
    items = tuple(
        a if a.name == name else Alias(a, name, metadata=a.metadata)
        for a, name in zip(child.plan.output, names, strict=True)
    )
    return Resolved(Project(items, child.plan), child.plan_ids)


def _to_df(analyzer: Analyzer, node: ToDF, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    if len(node.names) != len(child.plan.output):
        raise analysis_error(
            "ASSIGNMENT_ARITY_MISMATCH",
            numExpr=str(len(node.names)),
            numTarget=str(len(child.plan.output)),
        )
    return _rename_all(child, node.names)


def _drop(analyzer: Analyzer, node: DropColumns, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    resolver = analyzer.resolver(child, outer)
    gone: set[object] = set()
    names = {analyzer.fold(name) for name in node.names}
    for column in node.columns:
        if isinstance(column, UnresolvedAttribute) and column.plan_id is None:
            match = resolver.scope.find(column.parts)
            if match is not None and not match.fields:
                gone.add(resolver.resolve(column))  # which refuses an ambiguous name
            continue
        try:
            gone.add(resolver.resolve(column))
        except SparkError as error:
            if error.error_class == "AMBIGUOUS_COLUMN_REFERENCE":
                raise
            continue  # a column that does not exist need not be dropped
    kept = tuple(
        a for a in child.plan.output if a not in gone and analyzer.fold(a.name) not in names
    )
    return Resolved(Project(kept, child.plan), child.plan_ids)


def _to_schema(analyzer: Analyzer, node: ToSchema, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    resolver = analyzer.resolver(child, outer)
    items = [_matched(analyzer, resolver, field, child.plan.output) for field in node.target.fields]
    return Resolved(Project(tuple(items), child.plan), child.plan_ids)


def _matched(
    analyzer: Analyzer,
    resolver: ExpressionResolver,
    field: StructField,
    columns: Sequence[Attribute],
) -> NamedExpression:
    found = [a for a in columns if analyzer.fold(a.name) == analyzer.fold(field.name)]
    if len(found) > 1:
        raise analysis_error(
            "AMBIGUOUS_COLUMN_OR_FIELD", name=quoted([field.name]), n=str(len(found))
        )
    if not found:
        if not field.nullable:
            raise analysis_error(
                "UNRESOLVED_COLUMN.WITH_SUGGESTION",
                objectName=quoted([field.name]),
                proposal=", ".join(quoted([a.name]) for a in columns),
            )
        return Alias(Literal(None, field.dataType), field.name, metadata=field.metadata or None)
    column = found[0]
    if column.nullable and not field.nullable:
        raise analysis_error("NULLABLE_COLUMN_OR_FIELD", name=quoted([field.name]))
    if not _storable(column.data_type, field.dataType):
        raise analysis_error(
            "INVALID_COLUMN_OR_FIELD_DATA_TYPE",
            name=quoted([field.name]),
            type=f'"{sql_name(column.data_type)}"',
            expectedType=f'"{sql_name(field.dataType)}"',
        )
    cast = analyzer.checked_cast(column, field.dataType, analyzer.cast_mode)
    metadata = {**dict(column.metadata or {}), **(field.metadata or {})} or None
    return Alias(cast, field.name, metadata=metadata)


def _storable(source: DataType, target: DataType) -> bool:
    return implicit_cast_type(source, target, ansi=True) or (
        isinstance(source, NumericType) and isinstance(target, NumericType)
    )


def _columns(
    analyzer: Analyzer, child: Resolved, names: Sequence[str]
) -> tuple[ExpressionResolver, list[Attribute]]:
    """Return the columns of these names, all when there are none."""
    resolver = analyzer.resolver(child, None)
    if not names:
        return resolver, list(child.plan.output)
    found = []
    for name in names:
        parts = tuple(analyzer.name_parts(name))
        if resolver.scope.find(parts) is None:
            # Not by likeness: Spark shows what there is, where it looks names up in a schema.
            raise analysis_error(
                "UNRESOLVED_COLUMN.WITH_SUGGESTION",
                None,
                objectName=quoted(parts),
                proposal=", ".join(quoted([a.name]) for a in child.plan.output),
            )
        column = resolver.resolve(UnresolvedAttribute(parts))
        if not isinstance(column, Attribute):
            raise analysis_error("UNSUPPORTED_FEATURE.PYRITE", what=f"the nested column {name}")
        found.append(column)
    return resolver, found


def _fill_kind(value: Literal) -> tuple[type[DataType], ...]:
    if isinstance(value.data_type, BooleanType):
        return (BooleanType,)
    if isinstance(value.data_type, StringType):
        return (StringType,)
    return (NumericType,)


def _fill_na(analyzer: Analyzer, node: FillNa, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    resolver, columns = _columns(analyzer, child, node.columns)
    values = [resolver.resolve(value) for value in node.values]
    if len(values) == 1:
        values *= len(columns)
    fills: dict[int, Expression] = {}
    for column, value in zip(columns, values, strict=True):
        assert isinstance(value, Literal)
        if isinstance(column.data_type, _fill_kind(value)):
            fills[column.expression_id] = value
    items: list[NamedExpression] = []
    for a in child.plan.output:
        value_ = fills.get(a.expression_id)
        if value_ is None:
            items.append(a)
            continue
        source: Expression = a
        if isinstance(a.data_type, (FloatType, DoubleType)):
            source = resolver.call("nanvl", a, Literal(None, a.data_type))
        typed = analyzer.checked_cast(value_, a.data_type, analyzer.cast_mode)
        items.append(Alias(resolver.call("coalesce", source, typed), a.name))
    return Resolved(Project(tuple(items), child.plan), child.plan_ids)


def _drop_na(analyzer: Analyzer, node: DropNa, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    resolver, columns = _columns(analyzer, child, node.columns)
    one, zero = Literal(1, INTEGER), Literal(0, INTEGER)
    present = []
    for column in columns:
        test = resolver.call("isnotnull", column)
        if isinstance(column.data_type, (FloatType, DoubleType)):
            nan = resolver.call("isnan", column)
            test = resolver.call("and", test, resolver.call("not", nan))
        present.append(test)
    least = len(columns) if node.min_non_nulls is None else node.min_non_nulls
    if not present:
        return child
    if least == len(columns):
        condition = reduce(lambda a, b: resolver.call("and", a, b), present)
    else:
        counted = [resolver.call("if", test, one, zero) for test in present]
        total = reduce(lambda a, b: resolver.call("+", a, b), counted)
        condition = resolver.call(">=", total, Literal(least, INTEGER))
    return replace(child, plan=Filter(condition, child.plan))


def _replace_values(analyzer: Analyzer, node: ReplaceValues, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    resolver, columns = _columns(analyzer, child, node.columns)
    pairs = [(resolver.resolve(old), resolver.resolve(new)) for old, new in node.replacements]
    chosen = {a.expression_id for a in columns}
    items: list[NamedExpression] = []
    for a in child.plan.output:
        fitting = [(o, n) for o, n in pairs if _comparable(o.data_type, a.data_type)]
        if a.expression_id not in chosen or not fitting:
            items.append(a)
            continue
        branches: list[Expression] = []
        for old, new in fitting:
            left: Expression = a
            if isinstance(a.data_type, NumericType):
                left, old = cast_to(a, DOUBLE, True), cast_to(old, DOUBLE, True)
            branches.append(resolver.call("=", left, old))
            branches.append(analyzer.checked_cast(new, a.data_type, analyzer.cast_mode))
        items.append(Alias(resolver.call("when", *branches, a), a.name))
    return Resolved(Project(tuple(items), child.plan), child.plan_ids)


def _comparable(value: DataType, column: DataType) -> bool:
    if isinstance(column, NumericType):
        return isinstance(value, NumericType)
    return type(value) is type(column) and isinstance(column, (StringType, type(BOOLEAN)))


HANDLERS: dict[type[LogicalPlan], Any] = {
    WithColumns: _with_columns,
    WithColumnsRenamed: _renamed,
    ToDF: _to_df,
    DropColumns: _drop,
    ToSchema: _to_schema,
    FillNa: _fill_na,
    DropNa: _drop_na,
    ReplaceValues: _replace_values,
}
