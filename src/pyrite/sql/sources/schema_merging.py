"""Merging schemas: one that fits files which were written with different ones."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from pyrite.sql.errors import analysis_error
from pyrite.sql.types import (
    ArrayType,
    ByteType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    NullType,
    ShortType,
    StructField,
    StructType,
    TimestampNTZType,
    sql_name,
)

__all__ = ["merge_schemas"]

#: Types of which each can be read as those after it.
_WIDENING: tuple[tuple[type[DataType], ...], ...] = (
    (ByteType, ShortType, IntegerType, LongType),
    (FloatType, DoubleType),
    (ByteType, ShortType, IntegerType, DoubleType),
    (DateType, TimestampNTZType),
)


def merge_schemas(schemas: Sequence[StructType]) -> StructType:
    """Merge schemas: the columns of all, in the order in which they first appear.

    Raises:
        SparkError: CANNOT_MERGE_SCHEMAS if a column's types do not go together.

    Example:
        >>> merge_schemas([StructType().add("a", "long"), StructType().add("b", "long")]).names
        ['a', 'b']
    """
    return reduce(_merge_structs, schemas)


def _merge_structs(left: StructType, right: StructType) -> StructType:
    fields = {field.name.lower(): field for field in left.fields}
    for field in right.fields:
        known = fields.get(field.name.lower())
        if known is None:
            fields[field.name.lower()] = field
            continue
        merged = _merge(known.dataType, field.dataType)
        if merged is None:
            raise analysis_error(
                "CANNOT_MERGE_SCHEMAS", left=f'"{sql_name(left)}"', right=f'"{sql_name(right)}"'
            )
        nullable = known.nullable or field.nullable
        fields[field.name.lower()] = StructField(known.name, merged, nullable, known.metadata)
    return StructType(list(fields.values()))


def _merge(left: DataType, right: DataType) -> DataType | None:
    if left == right or isinstance(right, NullType):
        return left
    match left, right:
        case NullType(), _:
            return right
        case StructType(), StructType():
            return _merge_structs(left, right)
        case ArrayType(), ArrayType():
            element = _merge(left.elementType, right.elementType)
            return element and ArrayType(element, left.containsNull or right.containsNull)
        case MapType(), MapType():
            key = _merge(left.keyType, right.keyType)
            value = _merge(left.valueType, right.valueType)
            if key is None or value is None:
                return None
            return MapType(key, value, left.valueContainsNull or right.valueContainsNull)
        case DecimalType(), DecimalType() if left.scale == right.scale:
            return max(left, right, key=lambda t: t.precision)
        case _:
            pass
    for types in _WIDENING:
        if type(left) in types and type(right) in types:
            return max(left, right, key=lambda t: types.index(type(t)))
    return None
