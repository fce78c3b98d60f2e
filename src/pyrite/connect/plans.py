"""What ExecutePlan runs: a relation, whose rows are the answer, or a command."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pyspark.sql.connect import proto

from pyrite.connect import results
from pyrite.connect.planner import SparkConnectPlanner
from pyrite.sql.errors import runtime_error
from pyrite.sql.query_execution import QueryExecution

if TYPE_CHECKING:
    from pyrite.connect.execution import ExecuteHolder
    from pyrite.sql.plans.plan import LogicalPlan
    from pyrite.sql.session_state import SessionState

__all__ = ["relation_of", "run"]

Responses = Iterator[proto.ExecutePlanResponse]


def run(operation: ExecuteHolder) -> Responses:
    """Run an operation's plan, and return its answers as they come."""
    plan = uncompressed(operation.request.plan)
    kind = plan.WhichOneof("op_type")
    if kind == "root":
        return _run_query(operation, plan.root)
    if kind == "command":
        return _run_command(operation, plan.command)
    raise invalid_plan("it has neither a relation nor a command")


def _run_query(operation: ExecuteHolder, relation: proto.Relation) -> Responses:
    state = operation.session.state
    execution = QueryExecution(state, SparkConnectPlanner(state).relation(relation))
    yield from results.query_responses(operation, operation.attach(execution.execute()))


def _run_command(operation: ExecuteHolder, command: proto.Command) -> Responses:
    state = operation.session.state
    execution = QueryExecution(state, SparkConnectPlanner(state).command(command))
    for _ in operation.attach(execution.execute()).batches:
        pass
    yield from ()


def relation_of(state: SessionState, plan: proto.Plan) -> LogicalPlan:
    """Return the unresolved plan of a request that must carry a relation."""
    plan = uncompressed(plan)
    if plan.WhichOneof("op_type") != "root":
        raise invalid_plan("it has no relation")
    logical: LogicalPlan = SparkConnectPlanner(state).relation(plan.root)
    return logical


def uncompressed(plan: proto.Plan) -> proto.Plan:
    """Return a plan as the client wrote it, before it compressed it."""
    if plan.WhichOneof("op_type") != "compressed_operation":
        return plan
    from zstandard import ZstdDecompressor, ZstdError

    operation = plan.compressed_operation
    if operation.compression_codec != proto.CompressionCodec.COMPRESSION_CODEC_ZSTD:
        raise invalid_plan(f"its compression codec {operation.compression_codec} is not known")
    is_command = operation.op_type == proto.Plan.CompressedOperation.OP_TYPE_COMMAND
    result = proto.Plan()
    try:
        with ZstdDecompressor().stream_reader(operation.data) as reader:
            (result.command if is_command else result.root).ParseFromString(reader.read())
    except ZstdError as error:
        raise invalid_plan(f"it cannot be decompressed: {error}") from None
    return result


def invalid_plan(reason: str) -> Exception:
    """Make the error of a message that is no plan."""
    return runtime_error("CONNECT_INVALID_PLAN.CANNOT_PARSE", errorMsg=reason)
