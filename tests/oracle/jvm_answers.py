"""Answers of a Spark Connect server, as plain data that two servers can be compared by."""

import json

import pyarrow as pa
from google.protobuf.json_format import MessageToDict
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from pyspark.sql.connect import proto
from pyspark.sql.connect.types import proto_schema_to_pyspark_data_type

#: The calls that are kept, and their messages.
REQUESTS = {
    "ExecutePlan": proto.ExecutePlanRequest,
    "AnalyzePlan": proto.AnalyzePlanRequest,
    "Config": proto.ConfigRequest,
}

_ANSWERS = {"AnalyzePlan": proto.AnalyzePlanResponse, "Config": proto.ConfigResponse}
_STREAMS = {"ExecutePlan", "ReattachExecute"}
_NEVER_THE_SAME = ("sessionId", "serverSideSessionId")


def is_stream(rpc):
    """Whether a call has many answers."""
    return rpc in _STREAMS


def answer_of(rpc, answers):
    """What a call's answers, as bytes, say."""
    if rpc == "ExecutePlan":
        return _executed([proto.ExecutePlanResponse.FromString(answer) for answer in answers])
    if rpc not in _ANSWERS:
        return None
    answer = _ANSWERS[rpc].FromString(answers[0])
    if rpc == "AnalyzePlan" and answer.HasField("schema"):
        return {"schema": _type(answer.schema.schema)}
    said = MessageToDict(answer)
    return {key: value for key, value in said.items() if key not in _NEVER_THE_SAME}


def error_of(error):
    """What a failed call says: the condition, its SQLSTATE and its parameters."""
    status = rpc_status.from_call(error)
    info = error_details_pb2.ErrorInfo()
    if status is None or not status.details or not status.details[0].Unpack(info):
        return {"error": error.details()}
    known = info.metadata
    return {
        "error": known.get("errorClass"),
        "state": known.get("sqlState"),
        "parameters": json.loads(known.get("messageParameters", "{}")),
    }


def _type(message):
    return proto_schema_to_pyspark_data_type(message).simpleString()


def _executed(answers):
    said = {"rows": [], "observed": {}, "schema": None}
    data = b""
    for answer in answers:
        if answer.HasField("schema"):
            said["schema"] = _type(answer.schema)
        if answer.HasField("arrow_batch"):
            data += answer.arrow_batch.data
            if answer.arrow_batch.chunk_index + 1 >= answer.arrow_batch.num_chunks_in_batch:
                said["rows"] += _rows(data)
                data = b""
        for seen in answer.observed_metrics:
            values = [str(MessageToDict(value)) for value in seen.values]
            said["observed"][seen.name] = [seen.plan_id, dict(zip(seen.keys, values, strict=True))]
        if answer.HasField("sql_command_result"):
            kind = answer.sql_command_result.relation.WhichOneof("rel_type")
            said["relation"] = kind
    return said


def _rows(data):
    """Rows as text; Arrow's Python package cannot read year-month intervals, but print them."""
    with pa.ipc.open_stream(data) as reader:
        table = reader.read_all()
    columns = [
        ["month interval"] * len(table)
        if field.type.id == pa.lib.Type_INTERVAL_MONTHS
        else [str(value) for value in column.to_pylist()]
        for field, column in zip(table.schema, table.columns, strict=True)
    ]
    return [list(row) for row in zip(*columns, strict=True)]
