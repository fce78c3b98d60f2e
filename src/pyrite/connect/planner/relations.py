"""Operators over other relations: project, filter, join, aggregate, sort and so on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pyrite.connect.planner.data_types import struct_type
from pyrite.connect.planner.expressions import sort_order
from pyrite.connect.planner.literals import literal
from pyrite.connect.planner.messages import enum_value, invalid_plan, optional, options, refuse
from pyrite.connect.planner.pairs import pairs
from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import Expression, Literal
from pyrite.sql.expressions.unresolved import UnresolvedAlias
from pyrite.sql.plans.plan import JoinType, LogicalPlan, OneRowRelation
from pyrite.sql.plans.unresolved import (
    DropColumns,
    Observe,
    Parse,
    ToDF,
    ToSchema,
    Transpose,
    UnresolvedAggregate,
    UnresolvedAsOfJoin,
    UnresolvedDistinct,
    UnresolvedFilter,
    UnresolvedHint,
    UnresolvedJoin,
    UnresolvedLimit,
    UnresolvedNearestByJoin,
    UnresolvedOffset,
    UnresolvedPivot,
    UnresolvedProject,
    UnresolvedRepartition,
    UnresolvedSample,
    UnresolvedSetOperation,
    UnresolvedSort,
    UnresolvedSubqueryAlias,
    UnresolvedTail,
    UnresolvedUnpivot,
    WithColumns,
    WithColumnsRenamed,
    WithRelations,
    WithWatermark,
)
from pyrite.sql.types import INTEGER

if TYPE_CHECKING:
    from pyrite.connect.planner.planner import SparkConnectPlanner

__all__ = ["RELATIONS"]


def _project(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    child = planner.relation(message.input) if message.HasField("input") else OneRowRelation()
    return UnresolvedProject(planner.expressions(message.expressions), child)


def _filter(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return UnresolvedFilter(planner.expression(message.condition), planner.relation(message.input))


_JOIN_TYPES = {
    "JOIN_TYPE_INNER": JoinType.INNER,
    "JOIN_TYPE_CROSS": JoinType.CROSS,
    "JOIN_TYPE_LEFT_OUTER": JoinType.LEFT_OUTER,
    "JOIN_TYPE_RIGHT_OUTER": JoinType.RIGHT_OUTER,
    "JOIN_TYPE_FULL_OUTER": JoinType.FULL_OUTER,
    "JOIN_TYPE_LEFT_SEMI": JoinType.LEFT_SEMI,
    "JOIN_TYPE_LEFT_ANTI": JoinType.LEFT_ANTI,
}


def _join(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    if message.using_columns and message.HasField("join_condition"):
        raise invalid_plan("USING_COLUMNS_OR_JOIN_CONDITION_SET_IN_JOIN")
    join = UnresolvedJoin(
        planner.relation(message.left),
        planner.relation(message.right),
        enum_value(message, "join_type", _JOIN_TYPES),
        planner.optional_expression(message, "join_condition"),
        tuple(message.using_columns),
    )
    return pairs(join, message.join_data_type) if message.HasField("join_data_type") else join


def _lateral_join(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return UnresolvedJoin(
        planner.relation(message.left),
        planner.relation(message.right),
        enum_value(message, "join_type", _JOIN_TYPES),
        planner.optional_expression(message, "join_condition"),
        lateral=True,
    )


#: The names of join types where they come as text.
_JOIN_NAMES = {
    "inner": JoinType.INNER,
    "outer": JoinType.FULL_OUTER,
    "full": JoinType.FULL_OUTER,
    "fullouter": JoinType.FULL_OUTER,
    "full_outer": JoinType.FULL_OUTER,
    "leftouter": JoinType.LEFT_OUTER,
    "left": JoinType.LEFT_OUTER,
    "left_outer": JoinType.LEFT_OUTER,
    "rightouter": JoinType.RIGHT_OUTER,
    "right": JoinType.RIGHT_OUTER,
    "right_outer": JoinType.RIGHT_OUTER,
    "leftsemi": JoinType.LEFT_SEMI,
    "left_semi": JoinType.LEFT_SEMI,
    "semi": JoinType.LEFT_SEMI,
    "leftanti": JoinType.LEFT_ANTI,
    "left_anti": JoinType.LEFT_ANTI,
    "anti": JoinType.LEFT_ANTI,
    "cross": JoinType.CROSS,
}


def _named_join_type(message: Any) -> JoinType:
    join_type = _JOIN_NAMES.get(message.join_type.lower() or "inner")
    if join_type is None:
        names = ", ".join(f"'{name}'" for name in _JOIN_NAMES)
        raise analysis_error("UNSUPPORTED_JOIN_TYPE", typ=message.join_type, supported=names)
    return join_type


def _as_of_join(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return UnresolvedAsOfJoin(
        planner.relation(message.left),
        planner.relation(message.right),
        planner.expression(message.left_as_of),
        planner.expression(message.right_as_of),
        planner.optional_expression(message, "join_expr"),
        tuple(message.using_columns),
        _named_join_type(message),
        planner.optional_expression(message, "tolerance"),
        message.allow_exact_matches,
        message.direction,
    )


def _nearest_by_join(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return UnresolvedNearestByJoin(
        planner.relation(message.left),
        planner.relation(message.right),
        planner.expression(message.ranking_expression),
        message.num_results,
        _named_join_type(message),
        message.mode,
        message.direction,
    )


_SET_OPERATIONS = {
    "SET_OP_TYPE_UNION": "union",
    "SET_OP_TYPE_INTERSECT": "intersect",
    "SET_OP_TYPE_EXCEPT": "except",
}


def _set_operation(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    if not (message.HasField("left_input") and message.HasField("right_input")):
        raise invalid_plan("SET_OPERATION_MUST_HAVE_TWO_INPUTS")
    operation = enum_value(message, "set_op_type", _SET_OPERATIONS)
    if message.by_name and operation != "union":
        raise invalid_plan(f"{operation.upper()}_DOES_NOT_SUPPORT_UNION_BY_NAME")
    if message.allow_missing_columns and not message.by_name:
        raise invalid_plan("UNION_BY_NAME_ALLOW_MISSING_COL_REQUIRES_BY_NAME")
    return UnresolvedSetOperation(
        planner.relation(message.left_input),
        planner.relation(message.right_input),
        operation,
        message.is_all,
        message.by_name,
        message.allow_missing_columns,
    )


_GROUP_TYPES = {
    "GROUP_TYPE_GROUPBY": "groupby",
    "GROUP_TYPE_ROLLUP": "rollup",
    "GROUP_TYPE_CUBE": "cube",
    "GROUP_TYPE_GROUPING_SETS": "grouping_sets",
    "GROUP_TYPE_PIVOT": "pivot",
}


def _aggregate(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    if not message.HasField("input"):
        raise invalid_plan("AGGREGATE_NEEDS_PLAN_INPUT")
    child = planner.relation(message.input)
    grouping = planner.expressions(message.grouping_expressions)
    aggregates = planner.expressions(message.aggregate_expressions)
    group_type = enum_value(message, "group_type", _GROUP_TYPES)
    if group_type == "pivot":
        if not message.HasField("pivot"):
            raise invalid_plan("AGGREGATE_WITH_PIVOT_REQUIRES_PIVOT")
        values = tuple([(literal(value), None) for value in message.pivot.values])
        column = planner.expression(message.pivot.col)
        return UnresolvedPivot(grouping, column, values, aggregates, child)
    return UnresolvedAggregate(
        grouping,
        aggregates,
        child,
        group_type,
        tuple([planner.expressions(sets.grouping_set) for sets in message.grouping_sets]),
        keep_grouping=True,
    )


def _sort(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    order = tuple([sort_order(planner, key) for key in message.order])
    return UnresolvedSort(order, message.is_global, planner.relation(message.input))


def _count(number: int) -> Literal:
    return Literal(number, INTEGER)


def _limit(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return UnresolvedLimit(_count(message.limit), planner.relation(message.input))


def _offset(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return UnresolvedOffset(_count(message.offset), planner.relation(message.input))


def _tail(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return UnresolvedTail(message.limit, planner.relation(message.input))


def _deduplicate(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    if not message.HasField("input"):
        raise invalid_plan("DEDUPLICATE_NEEDS_INPUT")
    if message.all_columns_as_keys and message.column_names:
        raise invalid_plan("DEDUPLICATE_ALL_COLUMNS_AND_SUBSET")
    if not message.all_columns_as_keys and not message.column_names:
        raise invalid_plan("DEDUPLICATE_REQUIRES_COLUMNS_OR_ALL")
    return UnresolvedDistinct(
        planner.relation(message.input), tuple(message.column_names), message.within_watermark
    )


def _sample(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return UnresolvedSample(
        message.lower_bound,
        message.upper_bound,
        message.with_replacement,
        optional(message, "seed"),
        planner.relation(message.input),
        message.deterministic_order,
    )


def _subquery_alias(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    refuse(message, "qualifier")
    return UnresolvedSubqueryAlias(message.alias, planner.relation(message.input))


def _repartition(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return UnresolvedRepartition(
        message.num_partitions, message.shuffle, (), planner.relation(message.input)
    )


def _repartition_by_expression(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    keys = message.partition_exprs
    by_id = len(keys) == 1 and keys[0].WhichOneof("expr_type") == "direct_shuffle_partition_id"
    if by_id:
        keys = [keys[0].direct_shuffle_partition_id.child]
    return UnresolvedRepartition(
        optional(message, "num_partitions"),
        True,
        planner.expressions(keys),
        planner.relation(message.input),
        by_id,
    )


def _to_df(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return ToDF(tuple(message.column_names), planner.relation(message.input))


def _with_columns_renamed(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    renames = [(rename.col_name, rename.new_col_name) for rename in message.renames]
    older = options(message.rename_columns_map)  # how clients sent them before 4.0
    return WithColumnsRenamed((*older, *renames), planner.relation(message.input))


def _with_columns(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return WithColumns(
        tuple([_column(planner, alias) for alias in message.aliases]),
        planner.relation(message.input),
    )


def _column(planner: SparkConnectPlanner, alias: Any) -> UnresolvedAlias:
    if len(alias.name) != 1:
        raise invalid_plan("WITH_COLUMNS_REQUIRE_SINGLE_NAME_PART", got=", ".join(alias.name))
    metadata = alias.metadata or None
    return UnresolvedAlias(planner.expression(alias.expr), alias.name[0], metadata)


def _drop(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return DropColumns(
        planner.expressions(message.columns),
        tuple(message.column_names),
        planner.relation(message.input),
    )


def _hint(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return UnresolvedHint(
        message.name, planner.expressions(message.parameters), planner.relation(message.input)
    )


def _unpivot(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    values = None
    if message.HasField("values"):
        columns = planner.expressions(message.values.values)
        values = tuple([_one_column_group(column) for column in columns])
    return UnresolvedUnpivot(
        planner.expressions(message.ids),
        values,
        message.variable_column_name,
        (message.value_column_name,),
        planner.relation(message.input),
    )


def _one_column_group(column: Expression) -> tuple[tuple[Expression, ...], None]:
    return (column,), None


def _to_schema(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return ToSchema(struct_type(message.schema), planner.relation(message.input))


def _transpose(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return Transpose(planner.expressions(message.index_columns), planner.relation(message.input))


def _collect_metrics(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return Observe(
        message.name, planner.expressions(message.metrics), planner.relation(message.input)
    )


_PARSE_FORMATS = {
    "PARSE_FORMAT_CSV": "csv",
    "PARSE_FORMAT_JSON": "json",
    "PARSE_FORMAT_XML": "xml",
}


def _parse(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return Parse(
        enum_value(message, "format", _PARSE_FORMATS),
        struct_type(message.schema) if message.HasField("schema") else None,
        options(message.options),
        planner.relation(message.input),
    )


def _with_watermark(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return WithWatermark(
        message.event_time, message.delay_threshold, planner.relation(message.input)
    )


def _with_relations(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    references = tuple([planner.relation(reference) for reference in message.references])
    return WithRelations(references, planner.relation(message.root))


#: The handlers of the alternatives of ``Relation.rel_type`` that have an input.
RELATIONS: dict[str, Callable[[SparkConnectPlanner, Any], LogicalPlan]] = {
    "project": _project,
    "filter": _filter,
    "join": _join,
    "lateral_join": _lateral_join,
    "as_of_join": _as_of_join,
    "nearest_by_join": _nearest_by_join,
    "set_op": _set_operation,
    "aggregate": _aggregate,
    "sort": _sort,
    "limit": _limit,
    "offset": _offset,
    "tail": _tail,
    "deduplicate": _deduplicate,
    "sample": _sample,
    "subquery_alias": _subquery_alias,
    "repartition": _repartition,
    "repartition_by_expression": _repartition_by_expression,
    "to_df": _to_df,
    "with_columns_renamed": _with_columns_renamed,
    "with_columns": _with_columns,
    "drop": _drop,
    "hint": _hint,
    "unpivot": _unpivot,
    "to_schema": _to_schema,
    "transpose": _transpose,
    "collect_metrics": _collect_metrics,
    "parse": _parse,
    "with_watermark": _with_watermark,
    "with_relations": _with_relations,
}
