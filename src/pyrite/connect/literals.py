"""Constants on their way to the client: Python values become literal messages."""

from __future__ import annotations

from typing import Any

from pyspark.sql.connect import proto
from pyspark.sql.connect.expressions import LiteralExpression

from pyrite.connect.type_messages import type_message
from pyrite.sql.types import (
    ArrayType,
    CharType,
    DataType,
    MapType,
    StringType,
    StructType,
    VarcharType,
    YearMonthIntervalType,
)

__all__ = ["literal_message"]

Literal = proto.Expression.Literal


def literal_message(value: Any, data_type: DataType) -> Literal:
    """Return a value as the client reads it.

    Args:
        value: As Arrow gives it: numbers, texts, dates, lists, dicts for structs, pairs for maps.
        data_type: Its type.

    Example:
        >>> from pyspark.sql.types import ArrayType, LongType
        >>> literal_message([1, 2], ArrayType(LongType())).array.elements[1].long
        2
    """
    message = Literal()
    match data_type:
        case _ if value is None:
            message.null.CopyFrom(type_message(data_type))
        case StructType():
            message.struct.struct_type.CopyFrom(type_message(data_type))
            message.struct.elements.extend(
                literal_message(value[field.name], field.dataType) for field in data_type.fields
            )
        case ArrayType():
            message.array.element_type.CopyFrom(type_message(data_type.elementType))
            message.array.elements.extend(_messages(value, data_type.elementType))
        case MapType():
            message.map.key_type.CopyFrom(type_message(data_type.keyType))
            message.map.value_type.CopyFrom(type_message(data_type.valueType))
            message.map.keys.extend(_messages([key for key, _ in value], data_type.keyType))
            message.map.values.extend(_messages([item for _, item in value], data_type.valueType))
        case YearMonthIntervalType():
            message.year_month_interval = value
        case CharType() | VarcharType():
            message.CopyFrom(literal_message(value, StringType()))
        case _:
            expression: Any = LiteralExpression(value, data_type)
            message.CopyFrom(expression.to_plan(None).literal)
    return message


def _messages(values: list[Any], data_type: DataType) -> list[Literal]:
    return [literal_message(value, data_type) for value in values]
