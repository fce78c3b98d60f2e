"""PIVOT, UNPIVOT and transpose: rows to columns and back.

A pivot without values and a transpose have columns that only the data knows: they ask it while
they are analyzed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pyrite.sql.analysis.expressions import ExpressionResolver
from pyrite.sql.analysis.grouping import check_grouping
from pyrite.sql.analysis.projection import named, provide
from pyrite.sql.analysis.scope import Resolved, Scope
from pyrite.sql.catalog.names import quoted
from pyrite.sql.conf_entries import PIVOT_MAX_VALUES, TRANSPOSE_MAX_VALUES
from pyrite.sql.errors import SparkError, analysis_error
from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Alias,
    Attribute,
    Call,
    Expression,
    Literal,
    NamedExpression,
    SortOrder,
    new_expression_id,
)
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.functions.type_coercion import cast_to, common_type
from pyrite.sql.plans.plan import (
    Aggregate,
    Distinct,
    Filter,
    Limit,
    LocalRelation,
    LogicalPlan,
    OneRowRelation,
    Project,
    Sort,
    Unpivot,
)
from pyrite.sql.plans.unresolved import Transpose, UnresolvedPivot, UnresolvedUnpivot
from pyrite.sql.types import (
    INTEGER,
    STRING,
    AtomicType,
    BooleanType,
    DataType,
    IntegralType,
    NullType,
    NumericType,
    StringType,
    sql_name,
    to_arrow,
)

if TYPE_CHECKING:
    from pyrite.sql.analysis.analyzer import Analyzer

__all__ = ["HANDLERS"]


def _unnamed(expression: Expression) -> Expression:
    return expression.child if isinstance(expression, Alias) else expression


# PIVOT


@dataclass(frozen=True)
class _Value:
    """A value of the pivot column: what the column is compared with, and its columns' name."""

    value: Expression
    name: str


def _pivot(analyzer: Analyzer, node: UnresolvedPivot, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    resolver = analyzer.resolver(child, outer)
    column = _unnamed(resolver.resolve(node.column))
    listed = [named(e) for e in resolver.resolve_list(node.aggregates)]
    aggregates = [e if isinstance(e, Alias) else Alias(e, e.name) for e in listed]
    for aggregate in aggregates:
        _check_aggregate(aggregate.child)
    keys = _pivot_keys(resolver, node, column, aggregates)
    plan = provide(child, [column, *keys, *aggregates])
    if node.values:
        values = _given_values(analyzer, resolver, node, column)
    else:
        column, values = _found_values(analyzer, column, plan)
    check_grouping(aggregates, [_unnamed(k) for k in keys], plan)
    pivot = _pivot_at_once
    if all(isinstance(a.data_type, (NumericType, BooleanType)) for a in aggregates):
        pivot = _pivot_in_two_steps
    result = pivot(resolver, keys, column, values, aggregates, plan)
    return Resolved(result, child.plan_ids)


def _check_aggregate(expression: Expression) -> None:
    """Refuse a column that no aggregate function reads."""
    if isinstance(expression, AggregateExpression):
        return
    if isinstance(expression, Attribute):
        name = ".".join([*expression.qualifier[-1:], expression.name])
        raise analysis_error("_LEGACY_ERROR_TEMP_1006", sql=name)
    for child in expression.children:
        _check_aggregate(child)


def _pivot_keys(
    resolver: ExpressionResolver,
    node: UnresolvedPivot,
    column: Expression,
    aggregates: Sequence[Alias],
) -> list[NamedExpression]:
    if node.grouping is not None:
        return [
            named(key, written)
            for written in node.grouping
            for key in resolver.resolve_list([written])
        ]
    used = {a.expression_id for e in (column, *aggregates) for a in e.references()}
    return [a for a in resolver.scope.attributes if a.expression_id not in used]


def _given_values(
    analyzer: Analyzer, resolver: ExpressionResolver, node: UnresolvedPivot, column: Expression
) -> list[_Value]:
    values: list[Expression] = []
    for written, _ in node.values:
        value = _unnamed(resolver.resolve(written))
        if not value.foldable:
            raise analysis_error("NON_LITERAL_PIVOT_VALUES", expression=f'"{pretty(value)}"')
        values.append(analyzer.checked_cast(value, column.data_type, analyzer.cast_mode))
    names = _texts(analyzer, values)
    return [
        _Value(value, name or text)
        for value, text, (_, name) in zip(values, names, node.values, strict=True)
    ]


def _texts(analyzer: Analyzer, values: Sequence[Expression]) -> list[str]:
    """Return constants as the text CAST makes of them."""
    known = [_known_text(value) for value in values]
    if None not in known:
        return [text or "" for text in known]
    items = tuple(Alias(cast_to(value, STRING, analyzer.ansi), "text") for value in values)
    (row,) = zip(*analyzer.rows(Project(items, OneRowRelation())).columns, strict=True)
    return ["null" if text.as_py() is None else text.as_py() for text in row]


def _known_text(value: Expression) -> str | None:
    if isinstance(value, Literal):
        if value.value is None:
            return "null"
        if isinstance(value.data_type, (StringType, IntegralType)):
            return str(value.value)
    return None


def _found_values(
    analyzer: Analyzer, column: Expression, plan: LogicalPlan
) -> tuple[Expression, list[_Value]]:
    """Ask the data for the values of the pivot column.

    Returns:
        What is to be compared with them, and the values in their order.
    """
    limit = analyzer.session.conf.read(PIVOT_MAX_VALUES)
    value = Alias(column, "value")
    key = value.to_attribute()
    text = Alias(cast_to(key, STRING, analyzer.ansi), "text")
    plan = Sort((SortOrder(key),), True, Distinct(Project((value,), plan)))
    plan = Limit(Literal(limit + 1, INTEGER), plan)
    rows = analyzer.rows(Project((key, text), plan))
    if rows.num_rows > limit:
        raise analysis_error(
            "_LEGACY_ERROR_TEMP_1324",
            pivotColumn=pretty(column),
            maxValues=str(limit),
            config=PIVOT_MAX_VALUES.key,
        )
    texts = rows.column(1).to_pylist()
    constants, data_type = texts, column.data_type
    if isinstance(data_type, (StringType, IntegralType, BooleanType)):
        constants = rows.column(0).to_pylist()
    else:
        # Values of other types are told apart by their text.
        column, data_type = cast_to(column, STRING, analyzer.ansi), STRING
    return column, [
        _Value(Literal(constant, data_type), "null" if text is None else text)
        for constant, text in zip(constants, texts, strict=True)
    ]


def _pivot_in_two_steps(
    resolver: ExpressionResolver,
    keys: Sequence[NamedExpression],
    column: Expression,
    values: Sequence[_Value],
    aggregates: Sequence[Alias],
    plan: LogicalPlan,
) -> LogicalPlan:
    """Aggregate by keys and column first; where a pair has no rows, its cell is null."""
    pivot = Alias(column, "pivot")
    grouping = (*map(_unnamed, keys), column)
    groups = Aggregate(grouping, (*keys, pivot, *aggregates), plan)
    passed = groups.output[: len(keys)]
    cells = []
    for value in values:
        condition = resolver.call("<=>", pivot.to_attribute(), value.value)
        for aggregate in aggregates:
            only = resolver.call("max", aggregate.to_attribute())
            assert isinstance(only, AggregateExpression)
            cells.append(
                Alias(replace(only, filter=condition), _name(value, aggregate, aggregates))
            )
    return Aggregate(passed, (*passed, *cells), groups)


def _pivot_at_once(
    resolver: ExpressionResolver,
    keys: Sequence[NamedExpression],
    column: Expression,
    values: Sequence[_Value],
    aggregates: Sequence[Alias],
    plan: LogicalPlan,
) -> LogicalPlan:
    """Let every aggregate see only its value's rows; where there are none, it sees nothing."""
    cells = []
    for value in values:
        condition = resolver.call("<=>", column, value.value)
        for aggregate in aggregates:
            cell = aggregate.child.transform_up(lambda e, c=condition: _only(resolver, e, c))  # type: ignore[misc]
            cells.append(Alias(cell, _name(value, aggregate, aggregates)))
    return Aggregate(tuple(map(_unnamed, keys)), (*keys, *cells), plan)


#: Aggregates that take some row's value; in a pivot they pass over nulls.
_PICKING = frozenset({"first", "first_value", "any_value", "last", "last_value"})


def _only(resolver: ExpressionResolver, node: Expression, condition: Expression) -> Expression:
    if not isinstance(node, AggregateExpression):
        return node
    if node.filter is not None:
        condition = resolver.call("and", node.filter, condition)
    if isinstance(node.call, Call) and node.call.function.name in _PICKING:
        present = resolver.call("isnotnull", node.call.arguments[0])
        condition = resolver.call("and", condition, present)
    return replace(node, filter=condition)


def _name(value: _Value, aggregate: Alias, aggregates: Sequence[Alias]) -> str:
    return value.name if len(aggregates) == 1 else f"{value.name}_{aggregate.name}"


# UNPIVOT


def _unpivot(analyzer: Analyzer, node: UnresolvedUnpivot, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    resolver = analyzer.resolver(child, outer)
    groups: list[tuple[list[NamedExpression], str | None]]
    if node.values is not None:
        groups = [
            ([named(e) for e in resolver.resolve_list(group)], name) for group, name in node.values
        ]
        # A star stands for several groups of one column each.
        if len(node.value_columns) == 1:
            groups = [([column], name) for group, name in groups for column in group]
    if node.ids is not None:
        ids = [named(e) for e in resolver.resolve_list(node.ids)]
    else:
        used = {a.expression_id for group, _ in groups for e in group for a in e.references()}
        ids = [a for a in resolver.scope.attributes if a.expression_id not in used]
    if node.values is None:
        repeated = {a.expression_id for e in ids for a in e.references()}
        groups = [([a], None) for a in resolver.scope.attributes if a.expression_id not in repeated]
    if not groups:
        raise analysis_error("UNPIVOT_REQUIRES_VALUE_COLUMNS")
    if any(len(group) != len(node.value_columns) for group, _ in groups):
        raise analysis_error("UNPIVOT_VALUE_SIZE_MISMATCH", names=str(len(node.value_columns)))
    values, types = _common_columns(analyzer, [group for group, _ in groups])
    names = tuple(
        "_".join(column.name for column in group) if name is None else name
        for group, name in groups
    )
    made = [Attribute(node.variable_column, STRING, False, new_expression_id())]
    for position, (name, data_type) in enumerate(zip(node.value_columns, types, strict=True)):
        nullable = any(row[position].nullable for row in values)
        made.append(Attribute(name, data_type, nullable, new_expression_id()))
    kept = [e.to_attribute() if isinstance(e, Alias) else e for e in ids]
    plan = Unpivot(
        tuple(map(_unnamed, ids)),
        values,
        names,
        (*kept, *made),
        provide(child, [*ids, *(e for group, _ in groups for e in group)]),
        node.include_nulls,
    )
    return Resolved(plan, child.plan_ids)


def _common_columns(
    analyzer: Analyzer, groups: Sequence[Sequence[NamedExpression]]
) -> tuple[tuple[tuple[Expression, ...], ...], list[DataType]]:
    """Cast the values at each position of the groups to one type."""
    types = []
    for column in zip(*groups, strict=True):
        found = _closest_type([e.data_type for e in column], analyzer.ansi)
        if found is None:
            raise _type_mismatch(column)
        types.append(found)
    rows = tuple(
        tuple(
            cast_to(_unnamed(e), target, analyzer.ansi)
            for e, target in zip(group, types, strict=True)
        )
        for group in groups
    )
    return rows, types


def _closest_type(types: Sequence[DataType], ansi: bool) -> DataType | None:
    """Return the common type, texts being common with nothing but texts."""
    found = types[0]
    for other in types[1:]:
        both = _pair_type(found, other, ansi)
        if both is None:
            return None
        found = both
    return found


def _pair_type(left: DataType, right: DataType, ansi: bool) -> DataType | None:
    if isinstance(left, NullType) or isinstance(right, NullType):
        return right if isinstance(left, NullType) else left
    if isinstance(left, StringType) != isinstance(right, StringType):
        return None
    return common_type(left, right, ansi)


#: How many columns of one type an error names.
_NAMED = 3


def _type_mismatch(columns: Sequence[NamedExpression]) -> SparkError:
    by_type: dict[str, list[str]] = {}
    for column in columns:
        by_type.setdefault(f'"{sql_name(column.data_type)}"', []).append(quoted([column.name]))
    texts = []
    for name, members in sorted(by_type.items()):
        more = ", ..." if len(members) > _NAMED else ""
        texts.append(f"{name} ({', '.join(members[:_NAMED])}{more})")
    return analysis_error("UNPIVOT_VALUE_DATA_TYPE_MISMATCH", types=", ".join(texts))


# Transpose


def _transpose(analyzer: Analyzer, node: Transpose, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    resolver = analyzer.resolver(child, outer)
    if len(node.index_columns) > 1:
        raise _invalid_index("Multiple index columns are not supported")
    if node.index_columns:
        index = _unnamed(resolver.resolve(node.index_columns[0]))
        if not isinstance(index, Attribute):
            raise _invalid_index(f"Index column must be an attribute, but found: {pretty(index)}")
    elif child.plan.output:
        index = child.plan.output[0]
    else:
        return Resolved(_transposed(STRING, [], [], []))
    if not isinstance(index.data_type, AtomicType):
        raise _invalid_index(f"Index column must be of atomic type, but found: {index.data_type!r}")
    columns = [a for a in child.plan.output if a.expression_id != index.expression_id]
    data_type = _transposed_type(analyzer, columns)
    items = [
        Alias(cast_to(index, STRING, analyzer.ansi), "key"),
        *(Alias(cast_to(a, data_type, analyzer.ansi), a.name) for a in columns),
    ]
    limit = analyzer.session.conf.read(TRANSPOSE_MAX_VALUES)
    present = Filter(resolver.call("isnotnull", index), child.plan)
    first = Limit(Literal(limit + 1, INTEGER), Sort((SortOrder(index),), True, present))
    rows = analyzer.rows(Project(tuple(items), first))
    if rows.num_rows > limit:
        raise analysis_error(
            "TRANSPOSE_EXCEED_ROW_LIMIT", maxValues=str(limit), config=TRANSPOSE_MAX_VALUES.key
        )
    header = rows.column(0).to_pylist()
    values = [column.combine_chunks() for column in rows.columns[1:]]
    return Resolved(_transposed(data_type, header, [a.name for a in columns], values))


def _invalid_index(reason: str) -> SparkError:
    return analysis_error("TRANSPOSE_INVALID_INDEX_COLUMN", reason=reason)


def _transposed_type(analyzer: Analyzer, columns: Sequence[Attribute]) -> DataType:
    found: DataType = columns[0].data_type if columns else STRING
    for column in columns[1:]:
        both = _pair_type(found, column.data_type, analyzer.ansi)
        if both is None:
            raise analysis_error(
                "TRANSPOSE_NO_LEAST_COMMON_TYPE",
                dt1=f'"{sql_name(found)}"',
                dt2=f'"{sql_name(column.data_type)}"',
            )
        found = both
    return found


def _transposed(
    data_type: DataType, header: Sequence[str], names: Sequence[str], columns: Sequence[Any]
) -> LogicalPlan:
    """Return a row for each of the columns, with a column for each of the header's names."""
    import pyarrow as pa

    attributes = [Attribute("key", STRING, False, new_expression_id())]
    attributes += [Attribute(name, data_type, True, new_expression_id()) for name in header]
    target = to_arrow(data_type)
    cells = [
        pa.array([column[place].as_py() for column in columns], target)
        for place in range(len(header))
    ]
    table = pa.table(
        [pa.array(names, pa.string()), *cells],
        schema=pa.schema(
            [pa.field("key", pa.string(), False), *(pa.field(n, target) for n in header)]
        ),
    )
    return LocalRelation(tuple(attributes), table)


HANDLERS: dict[type[LogicalPlan], Any] = {
    UnresolvedPivot: _pivot,
    UnresolvedUnpivot: _unpivot,
    Transpose: _transpose,
}
