"""Relations with no relation below: tables, files, rows that came along, numbers, SQL text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pyrite.connect.month_intervals import as_numbers
from pyrite.connect.planner.catalog import catalog_call
from pyrite.connect.planner.data_types import parsed_schema
from pyrite.connect.planner.literals import literal
from pyrite.connect.planner.messages import invalid_plan, one_of, optional, options, refuse
from pyrite.connect.planner.python_payload import data_source_payload
from pyrite.sql.conf import DEFAULT_SOURCE
from pyrite.sql.errors import unsupported
from pyrite.sql.expressions.expression import Expression
from pyrite.sql.parser import parse_identifier
from pyrite.sql.parser.identifiers import split_identifier
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import (
    CachedRemoteRelation,
    SqlText,
    UnresolvedDataSource,
    UnresolvedLocalRelation,
    UnresolvedPythonDataSource,
    UnresolvedRange,
    UnresolvedRelation,
    UnresolvedTableFunction,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.connect.planner.planner import SparkConnectPlanner

__all__ = ["LEAVES", "sql_text"]


def _read(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    if message.is_streaming:
        raise unsupported("streaming: is_streaming of the message Read")
    if one_of(message, "read_type") == "named_table":
        table = message.named_table
        return UnresolvedRelation(
            parse_identifier(table.unparsed_identifier), options(table.options)
        )
    source = message.data_source
    refuse(source, "source_name")
    if source.predicates and source.format.lower() != "jdbc":
        raise invalid_plan("PREDICATES_NOT_SUPPORTED_FOR_DATA_SOURCE", format=source.format)
    return UnresolvedDataSource(
        source.format or planner.session.conf.read(DEFAULT_SOURCE),
        parsed_schema(source.schema) if source.schema else None,
        options(source.options),
        tuple(source.paths),
        predicates=tuple(source.predicates),
    )


def _relation_changes(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    raise unsupported(f"RelationChanges: the change feed of {message.unparsed_identifier}")


def _local_relation(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    schema = parsed_schema(message.schema) if message.schema else None
    if not message.HasField("data"):
        if schema is None:
            raise invalid_plan("SCHEMA_REQUIRED_FOR_LOCAL_RELATION")
        return UnresolvedLocalRelation(None, schema)
    return UnresolvedLocalRelation(_arrow_table(message.data), schema)


def _cached_local_relation(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    from pyspark.sql.connect import proto

    data = planner.artifact(message.hash)
    if data is None:
        raise invalid_plan("CANNOT_FIND_CACHED_LOCAL_RELATION", hash=message.hash)
    return _local_relation(planner, proto.LocalRelation.FromString(data))


def _chunked_local_relation(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    import pyarrow as pa

    if not message.dataHashes:
        raise invalid_plan("CHUNKED_CACHED_LOCAL_RELATION_WITHOUT_DATA")
    tables = [_arrow_table(_chunk(planner, name)) for name in message.dataHashes]
    schema = (
        parsed_schema(_chunk(planner, message.schemaHash).decode()) if message.schemaHash else None
    )
    return UnresolvedLocalRelation(pa.concat_tables(tables), schema)


def _chunk(planner: SparkConnectPlanner, name: str) -> bytes:
    data = planner.artifact(name)
    if data is None:
        raise invalid_plan("CANNOT_FIND_CACHED_LOCAL_RELATION", hash=name)
    return data


def _arrow_table(data: bytes) -> pa.Table:
    """Read an Arrow stream; the table points into ``data`` and copies nothing."""
    import pyarrow as pa

    with pa.ipc.open_stream(data) as reader:
        return as_numbers(reader.read_all())


def _cached_remote_relation(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return CachedRemoteRelation(message.relation_id)


def _range(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return UnresolvedRange(
        message.start, message.end, message.step, optional(message, "num_partitions")
    )


def sql_text(planner: SparkConnectPlanner, text: str, message: Any) -> SqlText:
    """Translate ``spark.sql(text, args)``.

    Args:
        planner: Translates the arguments.
        text: The statement.
        message: A SQL or SqlCommand message; the arguments may be in its older fields, as
            literals, or in its newer ones, as expressions.
    """
    named: dict[str, Expression] = {key: literal(value) for key, value in message.args.items()}
    named |= {key: planner.expression(v) for key, v in message.named_arguments.items()}
    positional = (
        *(literal(value) for value in message.pos_args),
        *planner.expressions(message.pos_arguments),
    )
    return SqlText(text, tuple(sorted(named.items(), key=lambda item: item[0])), positional)


def _sql(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return sql_text(planner, message.query, message)


def _table_function(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return UnresolvedTableFunction(
        split_identifier(message.function_name), planner.expressions(message.arguments)
    )


def _python_data_source(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return UnresolvedPythonDataSource(message.name, data_source_payload(message))


def _catalog(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return catalog_call(message)


def _unknown(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    raise unsupported("the message Unknown as a relation")


def _ml_relation(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    raise unsupported("machine learning: the message MlRelation")


def _extension(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    raise invalid_plan("NO_HANDLER_FOR_EXTENSION", extensionTypeUrl=message.type_url)


#: The handlers of the alternatives of ``Relation.rel_type`` that have no input.
LEAVES: dict[str, Callable[[SparkConnectPlanner, Any], LogicalPlan]] = {
    "read": _read,
    "relation_changes": _relation_changes,
    "local_relation": _local_relation,
    "cached_local_relation": _cached_local_relation,
    "chunked_cached_local_relation": _chunked_local_relation,
    "cached_remote_relation": _cached_remote_relation,
    "range": _range,
    "sql": _sql,
    "unresolved_table_valued_function": _table_function,
    "common_inline_user_defined_data_source": _python_data_source,
    "catalog": _catalog,
    "ml_relation": _ml_relation,
    "extension": _extension,
    "unknown": _unknown,
}
