"""CHAR and VARCHAR: types of tables' columns alone; queries see text and a note of the length.

A column of ``CHAR(5)`` is text in every query. What it was declared as goes with it as metadata,
through projections and views to the tables that are made of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pyrite.sql.expressions.expression import Attribute, Expression, Literal
from pyrite.sql.expressions.unresolved import (
    UnresolvedExtractValue,
    UnresolvedFunction,
    UnresolvedLambda,
    UnresolvedLambdaVariable,
)
from pyrite.sql.types import (
    STRING,
    ArrayType,
    CharType,
    DataType,
    MapType,
    StructField,
    StructType,
    VarcharType,
)

__all__ = [
    "DECLARED_TYPE",
    "as_it_is",
    "has_lengths",
    "map_texts",
    "queried_field",
    "without_lengths",
]

#: The key of the metadata that tells the declared type, in Spark's own words.
DECLARED_TYPE = "__CHAR_VARCHAR_TYPE_STRING"


def without_lengths(data_type: DataType) -> DataType:
    """Return the type with plain strings for CHAR and VARCHAR, as queries see it.

    Example:
        >>> without_lengths(ArrayType(VarcharType(3)))
        ArrayType(StringType(), True)
    """
    match data_type:
        case CharType() | VarcharType():
            return STRING
        case ArrayType():
            return ArrayType(without_lengths(data_type.elementType), data_type.containsNull)
        case MapType():
            return MapType(
                without_lengths(data_type.keyType),
                without_lengths(data_type.valueType),
                data_type.valueContainsNull,
            )
        case StructType():
            return StructType(
                [
                    StructField(f.name, without_lengths(f.dataType), f.nullable, f.metadata)
                    for f in data_type.fields
                ]
            )
        case _:
            return data_type


def has_lengths(data_type: DataType) -> bool:
    """Return whether a type is a CHAR or VARCHAR, or has one in it.

    Example:
        >>> has_lengths(ArrayType(VarcharType(3))), has_lengths(STRING)
        (True, False)
    """
    match data_type:
        case CharType() | VarcharType():
            return True
        case ArrayType():
            return has_lengths(data_type.elementType)
        case MapType():
            return has_lengths(data_type.keyType) or has_lengths(data_type.valueType)
        case StructType():
            return any(has_lengths(field.dataType) for field in data_type.fields)
        case _:
            return False


def as_it_is(value: Expression) -> Expression:
    """Return a value that is compared without regard to a declared length.

    That is what Spark does after a cast, and where a function reads its argument more than once,
    as BETWEEN and ``nullif`` do.
    """
    return replace(value, metadata=None) if isinstance(value, Attribute) else value


def queried_field(field: StructField) -> StructField:
    """Return a table's column as queries see it, its declared type in the metadata.

    Example:
        >>> queried_field(StructField("c", CharType(5))).metadata
        {'__CHAR_VARCHAR_TYPE_STRING': 'char(5)'}
    """
    if not has_lengths(field.dataType):
        return field
    metadata = {**(field.metadata or {}), DECLARED_TYPE: field.dataType.simpleString()}
    return StructField(field.name, without_lengths(field.dataType), field.nullable, metadata)


def map_texts(
    value: Expression, declared: DataType, change: Callable[[Expression, DataType], Expression]
) -> Expression:
    """Return a value with every text changed in it that is declared as CHAR or VARCHAR.

    Args:
        value: Of the type ``without_lengths(declared)``, maybe unresolved.
        declared: What the column is declared as.
        change: Makes the new text of a text and its declared type.
    """
    if not has_lengths(declared):
        return value
    match declared:
        case ArrayType():
            return _each(value, declared.elementType, change)
        case MapType():
            keys = _each(_call("map_keys", value), declared.keyType, change)
            values = _each(_call("map_values", value), declared.valueType, change)
            return _call("map_from_arrays", keys, values)
        case StructType():
            parts: list[Expression] = []
            for field in declared.fields:
                name = Literal(field.name, STRING)
                part = UnresolvedExtractValue(value, name)
                parts += [name, map_texts(part, field.dataType, change)]
            struct = _call("named_struct", *parts)
            return _call("when", _call("isnotnull", value), struct)
        case _:
            return change(value, declared)


def _call(name: str, *arguments: Expression) -> UnresolvedFunction:
    return UnresolvedFunction((name,), arguments)


def _each(
    items: Expression, declared: DataType, change: Callable[[Expression, DataType], Expression]
) -> Expression:
    if not has_lengths(declared):
        return items
    item = UnresolvedLambdaVariable(("item",))
    return _call("transform", items, UnresolvedLambda(map_texts(item, declared, change), (item,)))
