"""The AnalyzePlan RPC: what can be said of a plan without running it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyspark.sql.connect import proto
from pyspark.sql.connect.types import pyspark_types_to_proto_types

from pyrite.connect.plans import relation_of
from pyrite.connect.session import SessionHolder
from pyrite.sql.errors import unsupported
from pyrite.sql.query_execution import QueryExecution

__all__ = ["analyze"]

Request = proto.AnalyzePlanRequest
Response = proto.AnalyzePlanResponse


def analyze(session: SessionHolder, request: Request) -> Response:
    """Answer a question about a plan, a type or this server."""
    response = Response()
    kind = request.WhichOneof("analyze")
    if kind is None or kind not in _HANDLERS:
        raise unsupported(f"the analysis request {kind}")
    _HANDLERS[kind](session, getattr(request, kind), response)
    return response


def _execution(session: SessionHolder, plan: proto.Plan) -> QueryExecution:
    logical = session.planner.relation(relation_of(plan))
    return QueryExecution(session.state, logical)


def _schema(session: SessionHolder, request: Request.Schema, response: Response) -> None:
    schema = _execution(session, request.plan).schema
    response.schema.schema.CopyFrom(pyspark_types_to_proto_types(schema))


def _explain(session: SessionHolder, request: Request.Explain, response: Response) -> None:
    mode = Request.Explain.ExplainMode.Name(request.explain_mode)
    name = mode.removeprefix("EXPLAIN_MODE_").lower()
    execution = _execution(session, request.plan)
    response.explain.explain_string = execution.explain("simple" if name == "unspecified" else name)


def _spark_version(session: SessionHolder, request: Any, response: Response) -> None:
    from pyspark import __version__

    response.spark_version.version = __version__


_HANDLERS: dict[str, Callable[[SessionHolder, Any, Response], None]] = {
    "schema": _schema,
    "explain": _explain,
    "spark_version": _spark_version,
}
