"""Columns: Spark Connect's expressions to unresolved ones."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pyrite.connect.planner.data_types import data_type, parse_type
from pyrite.connect.planner.literals import literal
from pyrite.connect.planner.messages import enum_value, invalid_plan, one_of, optional
from pyrite.connect.planner.python_payload import python_function
from pyrite.sql.errors import Origin, unsupported
from pyrite.sql.expressions.expression import Expression, FrameBound, SortOrder
from pyrite.sql.expressions.unresolved import (
    ExpressionText,
    MergeAction,
    MultiAlias,
    NamedArgument,
    UnresolvedAlias,
    UnresolvedAttribute,
    UnresolvedCast,
    UnresolvedExtractValue,
    UnresolvedFunction,
    UnresolvedLambda,
    UnresolvedLambdaVariable,
    UnresolvedRegex,
    UnresolvedStar,
    UnresolvedSubqueryReference,
    UnresolvedWindow,
    UpdateField,
)
from pyrite.sql.parser.identifiers import split_identifier

if TYPE_CHECKING:
    from pyrite.connect.planner.planner import SparkConnectPlanner

__all__ = ["EXPRESSIONS", "sort_order"]


def _literal(planner: SparkConnectPlanner, message: Any, origin: Origin | None) -> Expression:
    return literal(message)


def _attribute(planner: SparkConnectPlanner, message: Any, origin: Origin | None) -> Expression:
    return UnresolvedAttribute(
        split_identifier(message.unparsed_identifier, origin),
        optional(message, "plan_id"),
        message.is_metadata_column,
        origin,
    )


def _function(planner: SparkConnectPlanner, message: Any, origin: Origin | None) -> Expression:
    name = message.function_name
    return UnresolvedFunction(
        split_identifier(name, origin) if message.is_user_defined_function else (name,),
        planner.expressions(message.arguments),
        message.is_distinct,
        is_internal=message.is_internal,
        origin=origin,
    )


def _call_function(planner: SparkConnectPlanner, message: Any, origin: Origin | None) -> Expression:
    name = split_identifier(message.function_name, origin)
    return UnresolvedFunction(name, planner.expressions(message.arguments), origin=origin)


def _text(planner: SparkConnectPlanner, message: Any, origin: Origin | None) -> Expression:
    if message.expression.strip() == "*":
        return UnresolvedStar(origin=origin)
    return ExpressionText(message.expression)


def _star(planner: SparkConnectPlanner, message: Any, origin: Origin | None) -> Expression:
    plan_id = optional(message, "plan_id")
    target = optional(message, "unparsed_target")
    if target is None:
        return UnresolvedStar((), plan_id, origin=origin)
    if plan_id is not None:
        raise invalid_plan("UNRESOLVED_STAR_WITH_BOTH_TARGET_AND_PLAN_ID")
    if not target.endswith(".*"):
        raise invalid_plan("UNRESOLVED_STAR_TARGET_INVALID", target=target)
    return UnresolvedStar(split_identifier(target[:-2], origin), origin=origin)


def _alias(planner: SparkConnectPlanner, message: Any, origin: Origin | None) -> Expression:
    child = planner.expression(message.expr)
    metadata = optional(message, "metadata")
    if metadata:
        json.loads(metadata)
    if len(message.name) == 1:
        return UnresolvedAlias(child, message.name[0], metadata or None)
    if metadata:
        raise invalid_plan("ALIAS_WITH_MULTIPLE_IDENTIFIERS_AND_METADATA")
    return MultiAlias(child, tuple(message.name), origin)


_CAST_MODES = {
    "EVAL_MODE_UNSPECIFIED": "",
    "EVAL_MODE_LEGACY": "legacy",
    "EVAL_MODE_ANSI": "ansi",
    "EVAL_MODE_TRY": "try",
}


def _cast(planner: SparkConnectPlanner, message: Any, origin: Origin | None) -> Expression:
    if one_of(message, "cast_to_type") == "type":
        target = data_type(message.type)
    else:
        target = parse_type(message.type_str)
    mode = enum_value(message, "eval_mode", _CAST_MODES)
    return UnresolvedCast(planner.expression(message.expr), target, mode, origin)


#: `pattern` or table.`pattern`: what is in backquotes is a regular expression.
_REGEX = re.compile(r"(?:([^.]+)\.)?`(.+)`")


def _regex(planner: SparkConnectPlanner, message: Any, origin: Origin | None) -> Expression:
    plan_id = optional(message, "plan_id")
    match = _REGEX.fullmatch(message.col_name)
    if match is None:  # an ordinary name
        return UnresolvedAttribute(
            split_identifier(message.col_name, origin), plan_id, False, origin
        )
    table = () if match[1] is None else (match[1],)
    return UnresolvedRegex(match[2], table, plan_id)


_ASCENDING = {
    "SORT_DIRECTION_UNSPECIFIED": True,
    "SORT_DIRECTION_ASCENDING": True,
    "SORT_DIRECTION_DESCENDING": False,
}
_NULLS_FIRST = {
    "SORT_NULLS_UNSPECIFIED": None,
    "SORT_NULLS_FIRST": True,
    "SORT_NULLS_LAST": False,
}


def sort_order(planner: SparkConnectPlanner, message: Any) -> SortOrder:
    """Translate a sort key; nulls are the smallest values unless it says otherwise."""
    ascending = enum_value(message, "direction", _ASCENDING)
    nulls_first = enum_value(message, "null_ordering", _NULLS_FIRST)
    return SortOrder(
        planner.expression(message.child),
        ascending,
        ascending if nulls_first is None else nulls_first,
    )


def _sort_order(planner: SparkConnectPlanner, message: Any, origin: Origin | None) -> Expression:
    return sort_order(planner, message)


def _variable(message: Any) -> UnresolvedLambdaVariable:
    if not message.name_parts:
        raise invalid_plan("UNRESOLVED_NAMED_LAMBDA_VARIABLE_REQUIRES_NAME_PART")
    return UnresolvedLambdaVariable(tuple(message.name_parts))


def _lambda_variable(
    planner: SparkConnectPlanner, message: Any, origin: Origin | None
) -> Expression:
    return _variable(message)


def _lambda(planner: SparkConnectPlanner, message: Any, origin: Origin | None) -> Expression:
    count = len(message.arguments)
    if not 1 <= count <= 3:
        raise invalid_plan("LAMBDA_FUNCTION_ARGUMENT_COUNT_INVALID", got=str(count))
    return UnresolvedLambda(
        planner.expression(message.function), tuple(map(_variable, message.arguments))
    )


_FRAME_ROWS = {"FRAME_TYPE_ROW": True, "FRAME_TYPE_RANGE": False}


def _bound(planner: SparkConnectPlanner, boundary: Any) -> FrameBound | Expression:
    match one_of(boundary, "boundary"):
        case "current_row":
            return FrameBound.CURRENT_ROW
        case "unbounded":
            return FrameBound.UNBOUNDED
        case _:
            return planner.expression(boundary.value)


def _window(planner: SparkConnectPlanner, message: Any, origin: Origin | None) -> Expression:
    if not message.HasField("window_function"):
        raise invalid_plan("WINDOW_FUNCTION_REQUIRED")
    function = planner.expression(message.window_function)
    partition = planner.expressions(message.partition_spec)
    order = tuple([sort_order(planner, key) for key in message.order_spec])
    if not message.HasField("frame_spec"):
        return UnresolvedWindow(function, partition, order)
    frame = message.frame_spec
    if not frame.HasField("lower"):
        raise invalid_plan("LOWER_BOUND_REQUIRED_IN_WINDOW_FRAME")
    if not frame.HasField("upper"):
        raise invalid_plan("UPPER_BOUND_REQUIRED_IN_WINDOW_FRAME")
    return UnresolvedWindow(
        function,
        partition,
        order,
        enum_value(frame, "frame_type", _FRAME_ROWS),
        _bound(planner, frame.lower),
        _bound(planner, frame.upper),
    )


def _extract_value(planner: SparkConnectPlanner, message: Any, origin: Origin | None) -> Expression:
    return UnresolvedExtractValue(
        planner.expression(message.child), planner.expression(message.extraction), origin
    )


def _update_fields(planner: SparkConnectPlanner, message: Any, origin: Origin | None) -> Expression:
    return UpdateField(
        planner.expression(message.struct_expression),
        message.field_name,
        planner.optional_expression(message, "value_expression"),
    )


def _inline_function(
    planner: SparkConnectPlanner, message: Any, origin: Origin | None
) -> Expression:
    return python_function(message, planner.expressions(message.arguments))


def _named_argument(
    planner: SparkConnectPlanner, message: Any, origin: Origin | None
) -> Expression:
    return NamedArgument(message.key, planner.expression(message.value))


_MERGE_ACTIONS = {
    "ACTION_TYPE_DELETE": "delete",
    "ACTION_TYPE_INSERT": "insert",
    "ACTION_TYPE_INSERT_STAR": "insert_star",
    "ACTION_TYPE_UPDATE": "update",
    "ACTION_TYPE_UPDATE_STAR": "update_star",
}


def _merge_action(planner: SparkConnectPlanner, message: Any, origin: Origin | None) -> Expression:
    return MergeAction(
        enum_value(message, "action_type", _MERGE_ACTIONS),
        planner.optional_expression(message, "condition"),
        tuple(
            [(planner.expression(a.key), planner.expression(a.value)) for a in message.assignments]
        ),
    )


def _typed_aggregate(
    planner: SparkConnectPlanner, message: Any, origin: Origin | None
) -> Expression:
    raise unsupported("TypedAggregateExpression: Scala aggregators")


_SUBQUERIES = {
    "SUBQUERY_TYPE_SCALAR": "scalar",
    "SUBQUERY_TYPE_EXISTS": "exists",
    "SUBQUERY_TYPE_IN": "in",
    "SUBQUERY_TYPE_TABLE_ARG": "table",
}


def _subquery(planner: SparkConnectPlanner, message: Any, origin: Origin | None) -> Expression:
    table = message.table_arg_options
    return UnresolvedSubqueryReference(
        message.plan_id,
        enum_value(message, "subquery_type", _SUBQUERIES),
        planner.expressions(message.in_subquery_values),
        planner.expressions(table.partition_spec),
        tuple([sort_order(planner, key) for key in table.order_spec]),
        table.with_single_partition,
    )


def _partition_id(planner: SparkConnectPlanner, message: Any, origin: Origin | None) -> Expression:
    raise unsupported("DirectShufflePartitionID outside of repartitionById")


def _extension(planner: SparkConnectPlanner, message: Any, origin: Origin | None) -> Expression:
    raise invalid_plan("NO_HANDLER_FOR_EXTENSION", extensionTypeUrl=message.type_url)


Handler = Callable[["SparkConnectPlanner", Any, Origin | None], Expression]

#: The handler of each alternative of ``Expression.expr_type``.
EXPRESSIONS: dict[str, Handler] = {
    "literal": _literal,
    "unresolved_attribute": _attribute,
    "unresolved_function": _function,
    "expression_string": _text,
    "unresolved_star": _star,
    "alias": _alias,
    "cast": _cast,
    "unresolved_regex": _regex,
    "sort_order": _sort_order,
    "lambda_function": _lambda,
    "window": _window,
    "unresolved_extract_value": _extract_value,
    "update_fields": _update_fields,
    "unresolved_named_lambda_variable": _lambda_variable,
    "common_inline_user_defined_function": _inline_function,
    "call_function": _call_function,
    "named_argument_expression": _named_argument,
    "merge_action": _merge_action,
    "typed_aggregate_expression": _typed_aggregate,
    "subquery_expression": _subquery,
    "direct_shuffle_partition_id": _partition_id,
    "extension": _extension,
}
