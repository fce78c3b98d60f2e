"""Year-month intervals in Arrow data: a type of its own to clients of a JVM, numbers to Python's.

Arrow's Python package can pass data of this type on but not make, read or convert it. Its values
are numbers of months in 32 bits all the same, so the same buffers are given the other type.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import TYPE_CHECKING, Any

from pyrite.sql.types import ArrayType, DataType, MapType, StructType, YearMonthIntervalType

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["as_intervals", "as_numbers"]


def as_intervals(batch: pa.RecordBatch, schema: StructType) -> pa.RecordBatch:
    """Return rows with Arrow's year-month intervals where a schema has Spark's."""
    import pyarrow as pa

    fields = [
        field.with_type(_with_intervals(field.type, spark.dataType))
        for field, spark in zip(batch.schema, schema.fields, strict=True)
    ]
    return _seen_as(batch, pa.schema(fields))


def as_numbers(table: pa.Table) -> pa.Table:
    """Return a table with numbers of months where it has Arrow's year-month intervals."""
    import pyarrow as pa

    schema = pa.schema([field.with_type(_with_numbers(field.type)) for field in table.schema])
    if schema == table.schema:
        return table
    return pa.Table.from_batches([_seen_as(b, schema) for b in table.to_batches()], schema)


def _seen_as(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    import pyarrow as pa

    if schema == batch.schema:
        return batch
    _, arrays = batch.__arrow_c_array__()
    return pa.RecordBatch._import_from_c_capsule(schema.__arrow_c_schema__(), arrays)


def _with_intervals(arrow: Any, spark: DataType) -> Any:
    import pyarrow as pa

    match spark:
        case YearMonthIntervalType():
            return _month_interval()
        case ArrayType():
            element = _with_intervals(arrow.value_type, spark.elementType)
            return pa.list_(arrow.value_field.with_type(element))
        case MapType():
            key = _with_intervals(arrow.key_type, spark.keyType)
            value = _with_intervals(arrow.item_type, spark.valueType)
            return pa.map_(arrow.key_field.with_type(key), arrow.item_field.with_type(value))
        case StructType():
            return pa.struct(
                [
                    part.with_type(_with_intervals(part.type, field.dataType))
                    for part, field in zip(arrow, spark.fields, strict=True)
                ]
            )
        case _:
            return arrow


def _with_numbers(arrow: Any) -> Any:
    import pyarrow as pa

    if arrow.id == pa.lib.Type_INTERVAL_MONTHS:
        return pa.int32()
    if pa.types.is_list(arrow):
        return pa.list_(arrow.value_field.with_type(_with_numbers(arrow.value_type)))
    if pa.types.is_map(arrow):
        return pa.map_(
            arrow.key_field.with_type(_with_numbers(arrow.key_type)),
            arrow.item_field.with_type(_with_numbers(arrow.item_type)),
        )
    if pa.types.is_struct(arrow):
        return pa.struct([part.with_type(_with_numbers(part.type)) for part in arrow])
    return arrow


class _CSchema(ctypes.Structure):
    """The struct ``ArrowSchema`` of Arrow's C data interface."""


_Release = ctypes.CFUNCTYPE(None, ctypes.POINTER(_CSchema))
_CSchema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_char_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.c_void_p),
    ("dictionary", ctypes.c_void_p),
    ("release", _Release),
    ("private_data", ctypes.c_void_p),
]


@_Release  # type: ignore[untyped-decorator]
def _release(schema: Any) -> None:
    schema.contents.release = _Release()


@cache
def _month_interval() -> Any:
    """Return Arrow's type of year-month intervals, which its C interface alone can name."""
    import pyarrow as pa

    schema = _CSchema(format=b"tiM", name=b"", release=_release)
    return pa.DataType._import_from_c(ctypes.addressof(schema))
