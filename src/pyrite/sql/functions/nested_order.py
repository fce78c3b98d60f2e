"""The order of arrays and structs with nulls inside: Spark's smallest values, DuckDB's greatest."""

from __future__ import annotations

from collections.abc import Sequence

from pyrite.sql.types import ArrayType, DataType, StructField, StructType

__all__ = ["holds_nulls", "order_key", "order_keys"]


def holds_nulls(data_type: DataType) -> bool:
    """Whether values of a type may have nulls inside, which an order has to place.

    Example:
        >>> from pyrite.sql.types import INTEGER
        >>> holds_nulls(INTEGER), holds_nulls(ArrayType(INTEGER, containsNull=True))
        (False, True)
    """
    match data_type:
        case ArrayType():
            return data_type.containsNull or holds_nulls(data_type.elementType)
        case StructType():
            return any(field.nullable or holds_nulls(field.dataType) for field in data_type.fields)
        case _:
            return False


def order_key(sql: str, data_type: DataType, depth: int = 0) -> str:
    """Return SQL of what DuckDB has to compare so that values are in Spark's order.

    In place of each value inside that may be null stands whether it is not, and then the value.

    Args:
        sql: The value; null gives null.
        data_type: Its type.
        depth: How many lambdas are around it.

    Example:
        >>> from pyrite.sql.types import INTEGER
        >>> order_key("x", INTEGER)
        'x'
        >>> order_key("x", ArrayType(INTEGER, containsNull=True))
        'list_transform(x, lambda _k0: row(_k0 IS NOT NULL, _k0))'
    """
    if not holds_nulls(data_type):
        return sql
    if isinstance(data_type, ArrayType):
        item = f"_k{depth}"
        key = order_key(item, data_type.elementType, depth + 1)
        if data_type.containsNull:
            key = f"row({item} IS NOT NULL, {key})"
        return f"list_transform({sql}, lambda {item}: {key})"
    assert isinstance(data_type, StructType)
    keys = []
    for place, field in enumerate(data_type.fields, 1):
        value = f"struct_extract_at({sql}, {place})"
        if field.nullable:
            keys.append(f"{value} IS NOT NULL")
        keys.append(order_key(value, field.dataType, depth))
    return f"CASE WHEN {sql} IS NOT NULL THEN row({', '.join(keys)}) END"


def order_keys(values: Sequence[str], types: Sequence[DataType]) -> list[str]:
    """Return SQL of what to compare of values of one type, each of which may hold nulls or not."""
    if any(map(holds_nulls, types)):
        types = [_with_nulls(data_type) for data_type in types]
    return [order_key(sql, data_type) for sql, data_type in zip(values, types, strict=True)]


def _with_nulls(data_type: DataType) -> DataType:
    match data_type:
        case ArrayType():
            return ArrayType(_with_nulls(data_type.elementType), True)
        case StructType():
            return StructType(
                [StructField(f.name, _with_nulls(f.dataType), True) for f in data_type.fields]
            )
        case _:
            return data_type
