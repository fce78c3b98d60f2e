"""Commands: what a client runs for its effect."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pyrite.connect.planner.leaves import sql_text
from pyrite.connect.planner.messages import enum_value, invalid_plan, optional, options, refuse
from pyrite.connect.planner.python_payload import (
    data_source_payload,
    python_function,
    python_table_function,
)
from pyrite.sql.errors import SparkError, analysis_error, internal_error, unsupported
from pyrite.sql.expressions.unresolved import MergeAction, UnresolvedAttribute
from pyrite.sql.parser import parse_identifier
from pyrite.sql.parser.identifiers import split_identifier
from pyrite.sql.plans.clustering import clustering_property
from pyrite.sql.plans.commands import (
    CreateView,
    MergeIntoTable,
    RegisterDataSource,
    RegisterFunction,
    RegisterTableFunction,
    WriteFiles,
    WriteTable,
)
from pyrite.sql.plans.plan import LogicalPlan

if TYPE_CHECKING:
    from pyrite.connect.planner.planner import SparkConnectPlanner

__all__ = ["COMMANDS"]


def _register_function(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    function = python_function(message, planner.expressions(message.arguments))
    return RegisterFunction(message.function_name, function)


def _register_table_function(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    function = python_table_function(message, planner.expressions(message.arguments))
    return RegisterTableFunction(message.function_name, function)


def _register_data_source(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return RegisterDataSource(message.name, data_source_payload(message))


def _create_view(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return CreateView(
        _view_name(message.name),
        planner.relation(message.input),
        "global" if message.is_global else "local",
        message.replace,
    )


def _view_name(text: str) -> tuple[str, ...]:
    try:
        name = parse_identifier(text)
    except SparkError:
        raise analysis_error("_LEGACY_ERROR_TEMP_1321", viewName=text) from None
    if len(name) > 1:
        quoted = ".".join(f"`{part}`" for part in name)
        raise analysis_error("TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS", actualName=quoted)
    return name


_SAVE_MODES = {
    "SAVE_MODE_UNSPECIFIED": "error",
    "SAVE_MODE_ERROR_IF_EXISTS": "error",
    "SAVE_MODE_APPEND": "append",
    "SAVE_MODE_OVERWRITE": "overwrite",
    "SAVE_MODE_IGNORE": "ignore",
}
_SAVE_METHODS = {
    "TABLE_SAVE_METHOD_SAVE_AS_TABLE": "save_as_table",
    "TABLE_SAVE_METHOD_INSERT_INTO": "insert_into",
}


def _write(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    refuse(message, "with_schema_evolution")
    clustering = _clustering(message, message.HasField("bucket_by"))
    child = planner.relation(message.input)
    mode = enum_value(message, "mode", _SAVE_MODES)
    source = optional(message, "source")
    if message.WhichOneof("save_type") != "table":
        return WriteFiles(
            child,
            source,
            optional(message, "path"),
            mode,
            options(message.options),
            tuple(message.partitioning_columns),
            _bucket(message),
        )
    return WriteTable(
        parse_identifier(message.table.table_name),
        child,
        enum_value(message.table, "save_method", _SAVE_METHODS),
        mode,
        source,
        options(message.options),
        partition_columns=tuple(
            [UnresolvedAttribute(split_identifier(name)) for name in message.partitioning_columns]
        ),
        bucket=_bucket(message),
        properties=clustering,
    )


def _clustering(message: Any, has_buckets: bool) -> tuple[tuple[str, str], ...]:
    columns = [split_identifier(name) for name in message.clustering_columns]
    return clustering_property(columns, bool(message.partitioning_columns), has_buckets)


def _bucket(message: Any) -> tuple[int, tuple[str, ...], tuple[str, ...]] | None:
    sort_columns = tuple(message.sort_column_names)
    if not message.HasField("bucket_by"):
        if sort_columns:
            raise analysis_error("SORT_BY_WITHOUT_BUCKETING")
        return None
    bucket = message.bucket_by
    return bucket.num_buckets, tuple(bucket.bucket_column_names), sort_columns


_TABLE_MODES = {
    "MODE_CREATE": "create",
    "MODE_REPLACE": "replace",
    "MODE_CREATE_OR_REPLACE": "create_or_replace",
    "MODE_APPEND": "append",
    "MODE_OVERWRITE": "overwrite",
    "MODE_OVERWRITE_PARTITIONS": "overwrite_partitions",
}


def _write_table(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    refuse(message, "with_schema_evolution")
    return WriteTable(
        parse_identifier(message.table_name),
        planner.relation(message.input),
        enum_value(message, "mode", _TABLE_MODES),
        format=optional(message, "provider"),
        options=options(message.options),
        properties=(*options(message.table_properties), *_clustering(message, False)),
        partition_columns=planner.expressions(message.partitioning_columns),
        by_name=True,
        overwrite_condition=planner.optional_expression(message, "overwrite_condition"),
    )


def _sql(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    """Newer clients send the text as a relation, with the relations that it refers to."""
    if message.HasField("input"):
        kind = message.input.WhichOneof("rel_type")
        if kind not in ("sql", "with_relations"):
            raise invalid_plan("SQL_COMMAND_EXPECTS_SQL_OR_WITH_RELATIONS", other=str(kind))
        return planner.relation(message.input)
    return sql_text(planner, message.sql, message)


def _merge(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    refuse(message, "with_schema_evolution")
    return MergeIntoTable(
        parse_identifier(message.target_table_name),
        planner.relation(message.source_table_plan),
        planner.expression(message.merge_condition),
        _actions(planner, message.match_actions),
        _actions(planner, message.not_matched_actions),
        _actions(planner, message.not_matched_by_source_actions),
    )


def _actions(planner: SparkConnectPlanner, messages: Any) -> tuple[MergeAction, ...]:
    actions = planner.expressions(messages)
    return tuple([action for action in actions if isinstance(action, MergeAction)])


def _external_command(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    raise unsupported(f"ExecuteExternalCommand: the Java class {message.runner}")


def _streaming(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    raise unsupported(f"streaming: the message {message.DESCRIPTOR.name}")


def _machine_learning(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    raise unsupported("machine learning: the message MlCommand")


def _pipeline(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    raise unsupported("declarative pipelines: the message PipelineCommand")


def _for_the_service(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    """The service answers these out of its own state, with answers that are not rows."""
    raise internal_error(f"{message.DESCRIPTOR.name} is for the service, it has no plan")


def _extension(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    raise invalid_plan("NO_HANDLER_FOR_EXTENSION", extensionTypeUrl=message.type_url)


#: The handler of each alternative of ``Command.command_type``.
COMMANDS: dict[str, Callable[[SparkConnectPlanner, Any], LogicalPlan]] = {
    "register_function": _register_function,
    "register_table_function": _register_table_function,
    "register_data_source": _register_data_source,
    "create_dataframe_view": _create_view,
    "write_operation": _write,
    "write_operation_v2": _write_table,
    "sql_command": _sql,
    "merge_into_table_command": _merge,
    "execute_external_command": _external_command,
    "write_stream_operation_start": _streaming,
    "streaming_query_command": _streaming,
    "streaming_query_manager_command": _streaming,
    "streaming_query_listener_bus_command": _streaming,
    "ml_command": _machine_learning,
    "pipeline_command": _pipeline,
    "get_resources_command": _for_the_service,
    "create_resource_profile_command": _for_the_service,
    "checkpoint_command": _for_the_service,
    "remove_cached_remote_relation_command": _for_the_service,
    "extension": _extension,
}
