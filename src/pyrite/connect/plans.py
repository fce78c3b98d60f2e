"""Plans as clients send them: compressed or not, a relation or a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.errors.exceptions.connect import InvalidPlanInput
from pyspark.sql.connect import proto

from pyrite.connect.planner.messages import one_of
from pyrite.sql.errors import SparkError

if TYPE_CHECKING:
    from google.protobuf.message import Message

__all__ = ["relation_of", "uncompressed"]


def relation_of(plan: proto.Plan) -> proto.Relation:
    """Return the relation of a plan that must have one.

    Raises:
        SparkError: CONNECT_INVALID_PLAN, if it has none or cannot be read.
    """
    plan = uncompressed(plan)
    if plan.WhichOneof("op_type") != "root":
        raise _cannot_parse("a relation is needed here")
    return plan.root


def uncompressed(plan: proto.Plan) -> proto.Plan:
    """Return a plan as it was before the client compressed it.

    Raises:
        SparkError: CONNECT_INVALID_PLAN, if it is empty or cannot be read.
    """
    if one_of(plan, "op_type") != "compressed_operation":
        return plan
    from google.protobuf.message import DecodeError
    from zstandard import ZstdDecompressor, ZstdError

    operation = plan.compressed_operation
    if operation.compression_codec != proto.CompressionCodec.COMPRESSION_CODEC_ZSTD:
        raise _cannot_parse(f"unknown compression codec {operation.compression_codec}")
    result = proto.Plan()
    is_command = operation.op_type == proto.Plan.CompressedOperation.OP_TYPE_COMMAND
    content: Message = result.command if is_command else result.root
    try:
        with ZstdDecompressor().stream_reader(operation.data) as reader:
            content.ParseFromString(reader.read())
    except (ZstdError, DecodeError) as error:
        raise _cannot_parse(str(error)) from None
    content.SetInParent()
    return result


def _cannot_parse(reason: str) -> SparkError:
    return SparkError("CONNECT_INVALID_PLAN.CANNOT_PARSE", {"errorMsg": reason}, InvalidPlanInput)
