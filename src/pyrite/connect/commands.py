"""The commands of ExecutePlan: most are plans that answer nothing; some the service answers.

A statement in SQL is run when it arrives, and its rows go back as a relation to be shown; a
query in SQL goes back as it came, to be run when its rows are asked for.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from pyspark.resource import ExecutorResourceRequest, ResourceProfile, TaskResourceRequest
from pyspark.sql.connect import proto
from pyspark.sql.connect.conversion import proto_to_storage_level
from pyspark.storagelevel import StorageLevel

from pyrite.connect.results import arrow_stream
from pyrite.core.shared.resource import profile_id
from pyrite.sql.expressions.expression import Literal
from pyrite.sql.parser import ParserSettings, parse_statement
from pyrite.sql.plans.commands import Command
from pyrite.sql.plans.plan import CachedRelation
from pyrite.sql.plans.unresolved import (
    CachedRemoteRelation,
    CatalogCall,
    PlanId,
    SqlText,
    UnresolvedLimit,
    WithRelations,
)
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.types import INTEGER, to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.connect.execution import ExecuteHolder
    from pyrite.sql.plans.plan import LogicalPlan
    from pyrite.sql.session_state import SessionState

__all__ = ["run_command"]

Responses = Iterator[proto.ExecutePlanResponse]


def run_command(operation: ExecuteHolder, command: proto.Command) -> Responses:
    """Run a command, and return its answers."""
    kind = command.WhichOneof("command_type")
    handler = _SERVICE_COMMANDS.get(kind or "")
    if handler is not None:
        return handler(operation, getattr(command, str(kind)))
    plan = operation.planner.command(command)
    _run(operation, plan)
    return iter(())


def _run(operation: ExecuteHolder, plan: LogicalPlan) -> pa.Table:
    """Run a plan to its end, and return its rows."""
    import pyarrow as pa

    result = QueryExecution(operation.session.state, plan).execute()
    return pa.Table.from_batches(list(result.batches), to_arrow_schema(result.schema))


def _sql(operation: ExecuteHolder, command: proto.SqlCommand) -> Responses:
    state = operation.session.state
    plan = operation.planner.command(proto.Command(sql_command=command))
    statement = _statement(state, plan)
    response = operation.response()
    if statement is not None:
        rows = _run(operation, statement)
        relation = response.sql_command_result.relation.local_relation
        relation.data = arrow_stream(rows.schema, rows.to_batches())
        yield response
        return
    # What is wrong with a query shows here, as it does in Spark.
    execution = QueryExecution(state, plan)
    _ = execution.schema
    if command.HasField("input"):
        operation.session.checked.keep(command.input, execution)
        response.sql_command_result.relation.CopyFrom(command.input)
    else:
        response.sql_command_result.relation.sql.CopyFrom(
            proto.SQL(
                query=command.sql,
                args=command.args,
                pos_args=command.pos_args,
                named_arguments=command.named_arguments,
                pos_arguments=command.pos_arguments,
            )
        )
    yield response


def _statement(state: SessionState, plan: LogicalPlan) -> LogicalPlan | None:
    """Return the command in a plan of SQL text, None if the text is a query."""
    if isinstance(plan, PlanId):
        return _statement(state, plan.child)
    if isinstance(plan, WithRelations):
        statement = _statement(state, plan.child)
        if statement is None:
            return None
        # What it refers to are relations: of use in the queries inside it.
        references = plan.references
        return statement.map_children(lambda query: WithRelations(references, query))
    if not isinstance(plan, SqlText):
        return None
    settings = ParserSettings.of(state.conf, dict(plan.named), plan.positional)
    statement = parse_statement(plan.text, settings)
    return statement if isinstance(statement, (Command, CatalogCall)) else None


def _resources(operation: ExecuteHolder, command: proto.GetResourcesCommand) -> Responses:
    response = operation.response()
    resources = response.get_resources_command_result.resources
    response.get_resources_command_result.SetInParent()
    for name, information in operation.session.state.shared.context.resources.items():
        resources[name].name = information.name
        resources[name].addresses.extend(information.addresses)
    yield response


def _resource_profile(
    operation: ExecuteHolder, command: proto.CreateResourceProfileCommand
) -> Responses:
    profile = ResourceProfile(
        _exec_req={
            name: ExecutorResourceRequest(
                each.resource_name, each.amount, each.discovery_script or "", each.vendor or ""
            )
            for name, each in command.profile.executor_resources.items()
        },
        _task_req={
            name: TaskResourceRequest(each.resource_name, each.amount)
            for name, each in command.profile.task_resources.items()
        },
    )
    response = operation.response()
    response.create_resource_profile_command_result.profile_id = profile_id(profile)
    yield response


def _checkpoint(operation: ExecuteHolder, command: proto.CheckpointCommand) -> Responses:
    state = operation.session.state
    plan = QueryExecution(state, operation.planner.relation(command.relation)).analyzed
    level = StorageLevel.MEMORY_AND_DISK
    if command.HasField("storage_level"):
        level = proto_to_storage_level(command.storage_level)
    relation_id = str(uuid.uuid4())
    state.held_relations[relation_id] = state.shared.cache.hold(plan, level).relation(plan)
    if command.eager:
        _run(operation, UnresolvedLimit(Literal(0, INTEGER), CachedRemoteRelation(relation_id)))
    response = operation.response()
    response.checkpoint_command_result.relation.relation_id = relation_id
    yield response


def _forget_relation(
    operation: ExecuteHolder, command: proto.RemoveCachedRemoteRelationCommand
) -> Responses:
    state = operation.session.state
    held = state.held_relations.pop(command.relation.relation_id, None)
    if isinstance(held, CachedRelation):
        state.shared.cache.release(held.key)
    yield from ()


_SERVICE_COMMANDS: dict[str, Callable[[ExecuteHolder, Any], Responses]] = {
    "sql_command": _sql,
    "get_resources_command": _resources,
    "create_resource_profile_command": _resource_profile,
    "checkpoint_command": _checkpoint,
    "remove_cached_remote_relation_command": _forget_relation,
}
