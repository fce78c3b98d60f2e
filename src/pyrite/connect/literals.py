"""Constants on their way to the client: Python values become literal messages."""

from __future__ import annotations

import datetime
from typing import Any

from pyspark.sql.connect import proto
from pyspark.sql.connect.expressions import LiteralExpression
from pyspark.sql.types import NullType, TimestampNTZType, TimestampType

from pyrite.connect.type_messages import type_message

__all__ = ["literal_message"]

Literal = proto.Expression.Literal


def literal_message(value: Any) -> Literal:
    """Return a value as the client reads it.

    Args:
        value: What ``collect`` would give: numbers, texts, dates, lists, dicts for structs.

    Example:
        >>> literal_message([1, 2]).array.elements[1].integer
        2
    """
    if value is None:
        return Literal(null=type_message(NullType()))
    message = Literal()
    if isinstance(value, dict):
        for name, element in value.items():
            part = literal_message(element)
            message.struct.elements.append(part)
            field = message.struct.struct_type.struct.fields.add(name=name, nullable=True)
            field.data_type.CopyFrom(_type_of(part))
        message.struct.struct_type.struct.SetInParent()
    elif isinstance(value, list):
        message.array.elements.extend([literal_message(element) for element in value])
        known = [part for part in message.array.elements if not part.HasField("null")]
        element_type = _type_of(known[0]) if known else _type_of(literal_message(None))
        message.array.element_type.CopyFrom(element_type)
    else:
        message.CopyFrom(_expression(value).to_plan(None).literal)
    return message


def _expression(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        # The client's own guess asks the active session, and there is none in a server.
        data_type = TimestampType() if value.tzinfo else TimestampNTZType()
        return LiteralExpression(value, data_type)
    return LiteralExpression._from_value(value)


def _type_of(literal: Literal) -> proto.DataType:
    """Return the type of a literal message."""
    kind = literal.WhichOneof("literal_type")
    if kind == "null":
        return literal.null
    data_type = proto.DataType()
    if kind == "struct":
        data_type.CopyFrom(literal.struct.struct_type)
    elif kind == "array":
        data_type.array.element_type.CopyFrom(literal.array.element_type)
        data_type.array.contains_null = True
    elif kind == "decimal":
        data_type.decimal.precision = literal.decimal.precision
        data_type.decimal.scale = literal.decimal.scale
    else:
        getattr(data_type, str(kind)).SetInParent()
    return data_type
