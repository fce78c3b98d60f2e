"""Types: the client package translates them; a type written as text is parsed."""

from __future__ import annotations

from typing import Any

from pyspark.errors import PySparkValueError
from pyspark.sql.connect.types import proto_schema_to_pyspark_data_type

from pyrite.connect.planner.messages import invalid_plan
from pyrite.sql.errors import unsupported
from pyrite.sql.parser import parse_data_type
from pyrite.sql.types import DataType, StructType

__all__ = ["data_type", "parse_type", "parsed_schema", "struct_type"]


def data_type(message: Any) -> DataType:
    """Translate a ``DataType`` message."""
    if message.WhichOneof("kind") == "unparsed":
        return parse_type(message.unparsed.data_type_string)
    try:
        return proto_schema_to_pyspark_data_type(message)
    except PySparkValueError as error:
        kind = message.WhichOneof("kind") or "an unknown type"
        raise unsupported(f"the data type {kind}") from error


def struct_type(message: Any) -> StructType:
    """Translate a ``DataType`` message that must be a schema."""
    schema = data_type(message)
    if not isinstance(schema, StructType):
        raise invalid_plan(
            "INVALID_SCHEMA_NON_STRUCT_TYPE", inputSchema=str(message), dataType=repr(schema)
        )
    return schema


def parsed_schema(text: str) -> StructType:
    """Read a schema from its JSON form or its DDL; another type is the one column "value"."""
    if text.lstrip().startswith(("{", '"')):
        import json

        from pyspark.sql.types import _parse_datatype_json_value

        schema = _parse_datatype_json_value(json.loads(text))
    else:
        schema = parse_type(text)
    return schema if isinstance(schema, StructType) else StructType().add("value", schema)


def parse_type(text: str) -> DataType:
    """Read a type's or a schema's DDL."""
    return parse_data_type(text)
