"""The AnalyzePlan RPC: what can be said of a plan without running it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pyspark
from pyspark.sql.connect import proto
from pyspark.sql.connect.conversion import proto_to_storage_level, storage_level_to_proto
from pyspark.sql.types import StructType
from pyspark.storagelevel import StorageLevel

from pyrite.connect.deep_plans import room_for_deep_plans
from pyrite.connect.planner.data_types import parse_type
from pyrite.connect.planner.messages import invalid_plan
from pyrite.connect.plans import relation_of
from pyrite.connect.session import SessionHolder
from pyrite.connect.type_messages import type_message
from pyrite.sql.errors import unsupported
from pyrite.sql.plans.commands import Command
from pyrite.sql.plans.plan import LocalRelation, LogicalPlan, SourceRelation
from pyrite.sql.plans.semantics import semantic_key
from pyrite.sql.plans.unresolved import CatalogCall
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.types import schema_to_ddl

__all__ = ["analyze"]

Request = proto.AnalyzePlanRequest
Response = proto.AnalyzePlanResponse


def analyze(session: SessionHolder, request: Request) -> Response:
    """Answer a question about a plan, a type or this server."""
    response = Response()
    kind = request.WhichOneof("analyze")
    if kind is None:
        raise invalid_plan("UNKNOWN_ANALYZE_METHOD", other="ANALYZE_NOT_SET")
    if kind not in _HANDLERS:
        raise unsupported(f"the analysis request {kind}")
    with room_for_deep_plans():
        _HANDLERS[kind](session, getattr(request, kind), response)
    return response


def _execution(session: SessionHolder, plan: proto.Plan) -> QueryExecution:
    return QueryExecution(session.state, session.planner.relation(relation_of(plan)))


def _schema(session: SessionHolder, request: Request.Schema, response: Response) -> None:
    relation = relation_of(request.plan)
    execution = session.checked.find(relation)
    if execution is None:
        execution = QueryExecution(session.state, session.planner.relation(relation))
    schema = execution.schema
    session.checked.keep(relation, execution)
    response.schema.schema.CopyFrom(type_message(schema))


def _explain(session: SessionHolder, request: Request.Explain, response: Response) -> None:
    mode = Request.Explain.ExplainMode.Name(request.explain_mode)
    name = mode.removeprefix("EXPLAIN_MODE_").lower()
    execution = _execution(session, request.plan)
    response.explain.explain_string = execution.explain("simple" if name == "unspecified" else name)


def _tree_string(session: SessionHolder, request: Request.TreeString, response: Response) -> None:
    schema = _execution(session, request.plan).schema
    response.tree_string.tree_string = schema.treeString(request.level)


def _is_local(session: SessionHolder, request: Request.IsLocal, response: Response) -> None:
    execution = _execution(session, request.plan)
    response.is_local.is_local = isinstance(
        execution.logical, (Command, CatalogCall)
    ) or isinstance(execution.analyzed, LocalRelation)


def _is_streaming(session: SessionHolder, request: Request.IsStreaming, response: Response) -> None:
    _ = _execution(session, request.plan).analyzed  # an error shows here, too
    response.is_streaming.is_streaming = False


def _input_files(session: SessionHolder, request: Request.InputFiles, response: Response) -> None:
    plan = _execution(session, request.plan).analyzed
    files = [
        path
        for relation in plan.walk()
        if isinstance(relation, SourceRelation)
        for path in relation.scan.paths
    ]
    response.input_files.files.extend(dict.fromkeys(files))


def _spark_version(
    session: SessionHolder, request: Request.SparkVersion, response: Response
) -> None:
    response.spark_version.version = pyspark.__version__


def _ddl_parse(session: SessionHolder, request: Request.DDLParse, response: Response) -> None:
    text = request.ddl_string
    data_type = parse_type(text) if text.strip() else StructType()
    response.ddl_parse.parsed.CopyFrom(type_message(data_type))


def _json_to_ddl(session: SessionHolder, request: Request.JsonToDDL, response: Response) -> None:
    response.json_to_ddl.ddl_string = schema_to_ddl(
        StructType.fromJson(json.loads(request.json_string))
    )


def _key(session: SessionHolder, plan: proto.Plan) -> str:
    return semantic_key(_execution(session, plan).analyzed)


def _same_semantics(
    session: SessionHolder, request: Request.SameSemantics, response: Response
) -> None:
    response.same_semantics.result = _key(session, request.target_plan) == _key(
        session, request.other_plan
    )


def _semantic_hash(
    session: SessionHolder, request: Request.SemanticHash, response: Response
) -> None:
    # A JVM's hash is a signed number of 32 bits.
    digest = bytes.fromhex(_key(session, request.plan)[:8])
    response.semantic_hash.result = int.from_bytes(digest, "big", signed=True)


def _analyzed(session: SessionHolder, relation: proto.Relation) -> LogicalPlan:
    return QueryExecution(session.state, session.planner.relation(relation)).analyzed


def _persist(session: SessionHolder, request: Request.Persist, response: Response) -> None:
    level = StorageLevel.MEMORY_AND_DISK_DESER
    if request.HasField("storage_level"):
        level = proto_to_storage_level(request.storage_level)
    session.state.shared.cache.persist(_analyzed(session, request.relation), level, session.state)
    response.persist.SetInParent()


def _unpersist(session: SessionHolder, request: Request.Unpersist, response: Response) -> None:
    session.state.shared.cache.unpersist(_analyzed(session, request.relation))
    response.unpersist.SetInParent()


def _storage_level(
    session: SessionHolder, request: Request.GetStorageLevel, response: Response
) -> None:
    level = session.state.shared.cache.level(_analyzed(session, request.relation))
    response.get_storage_level.storage_level.CopyFrom(
        storage_level_to_proto(level or StorageLevel.NONE)
    )


_HANDLERS: dict[str, Callable[[SessionHolder, Any, Response], None]] = {
    "schema": _schema,
    "explain": _explain,
    "tree_string": _tree_string,
    "is_local": _is_local,
    "is_streaming": _is_streaming,
    "input_files": _input_files,
    "spark_version": _spark_version,
    "ddl_parse": _ddl_parse,
    "same_semantics": _same_semantics,
    "semantic_hash": _semantic_hash,
    "json_to_ddl": _json_to_ddl,
    "persist": _persist,
    "unpersist": _unpersist,
    "get_storage_level": _storage_level,
}
