"""Operators that call a user's Python on partitions, groups or arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pyrite.connect.planner.messages import refuse
from pyrite.connect.planner.python_payload import python_function, python_table_function
from pyrite.sql.errors import unsupported
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import (
    UnresolvedCoGroupMap,
    UnresolvedGroupMap,
    UnresolvedMapPartitions,
)

if TYPE_CHECKING:
    from pyrite.connect.planner.planner import SparkConnectPlanner
    from pyrite.sql.expressions.unresolved import UnresolvedPythonUDF

__all__ = ["PYTHON_RELATIONS"]


def _function(planner: SparkConnectPlanner, message: Any) -> UnresolvedPythonUDF:
    return python_function(message, planner.expressions(message.arguments))


def _map_partitions(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    refuse(message, "profile_id")
    return UnresolvedMapPartitions(
        _function(planner, message.func), message.is_barrier, planner.relation(message.input)
    )


#: What a GroupMap has only for sorted groups (Scala) or for streams with state.
_STATE_FIELDS = (
    "sorting_expressions",
    "initial_input",
    "initial_grouping_expressions",
    "is_map_groups_with_state",
    "output_mode",
    "timeout_conf",
    "state_schema",
    "transform_with_state_info",
)


def _group_map(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    refuse(message, *_STATE_FIELDS)
    return UnresolvedGroupMap(
        planner.expressions(message.grouping_expressions),
        _function(planner, message.func),
        planner.relation(message.input),
    )


def _co_group_map(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    refuse(message, "input_sorting_expressions", "other_sorting_expressions")
    return UnresolvedCoGroupMap(
        planner.expressions(message.input_grouping_expressions),
        planner.expressions(message.other_grouping_expressions),
        _function(planner, message.func),
        planner.relation(message.input),
        planner.relation(message.other),
    )


def _with_state(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    raise unsupported("streaming: the message ApplyInPandasWithState")


def _table_function(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return python_table_function(message, planner.expressions(message.arguments))


#: The handlers of the alternatives of ``Relation.rel_type`` in this family.
PYTHON_RELATIONS: dict[str, Callable[[SparkConnectPlanner, Any], LogicalPlan]] = {
    "map_partitions": _map_partitions,
    "group_map": _group_map,
    "co_group_map": _co_group_map,
    "apply_in_pandas_with_state": _with_state,
    "common_inline_user_defined_table_function": _table_function,
}
