"""Types on their way to the client: what the client package writes, as Spark's server does."""

from __future__ import annotations

from pyspark.sql.connect import proto
from pyspark.sql.connect.types import pyspark_types_to_proto_types

from pyrite.sql.types import DataType

__all__ = ["type_message"]

_DEFAULT_COLLATION = "UTF8_BINARY"


def type_message(data_type: DataType) -> proto.DataType:
    """Return a type as every client reads it.

    Example:
        >>> from pyspark.sql.types import StringType
        >>> type_message(StringType()).string.collation
        ''
    """
    message = pyspark_types_to_proto_types(data_type)
    _omit_default_collation(message)
    return message


def _omit_default_collation(message: proto.DataType) -> None:
    """Name no collation where it is the usual one: to other clients a named one is another type."""
    match message.WhichOneof("kind"):
        case "string":
            if message.string.collation == _DEFAULT_COLLATION:
                message.string.ClearField("collation")
        case "array":
            _omit_default_collation(message.array.element_type)
        case "map":
            _omit_default_collation(message.map.key_type)
            _omit_default_collation(message.map.value_type)
        case "struct":
            for field in message.struct.fields:
                _omit_default_collation(field.data_type)
        case "udt":
            if message.udt.HasField("sql_type"):
                _omit_default_collation(message.udt.sql_type)
