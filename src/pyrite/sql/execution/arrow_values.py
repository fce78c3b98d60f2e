"""Arrow values on their way into DuckDB and out of it.

Inside DuckDB a day-time interval is a number of microseconds and a year-month interval a number
of months; on the way out every column gets the Arrow type the client expects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["from_duckdb_arrow", "stored_type", "to_duckdb_arrow", "zoned"]


def stored_type(data_type: pa.DataType) -> pa.DataType:
    """Return the Arrow type DuckDB is to see for a value of an Arrow type."""
    import pyarrow as pa

    if pa.types.is_duration(data_type):
        return pa.int64()
    if pa.types.is_null(data_type):
        return pa.int32()
    if pa.types.is_list(data_type):
        return pa.list_(data_type.value_field.with_type(stored_type(data_type.value_type)))
    if pa.types.is_struct(data_type):
        return pa.struct([field.with_type(stored_type(field.type)) for field in data_type])
    if pa.types.is_map(data_type):
        return pa.map_(
            data_type.key_field.with_type(stored_type(data_type.key_type)),
            data_type.item_field.with_type(stored_type(data_type.item_type)),
        )
    return data_type


def to_duckdb_arrow(table: pa.Table) -> pa.Table:
    """Return a table in the Arrow types that DuckDB reads as the engine stores them."""
    import pyarrow as pa

    columns = []
    for column in table.columns:
        stored = stored_type(column.type)
        columns.append(column if stored == column.type else column.cast(stored))
    names = [str(index) for index in range(len(columns))]
    if not columns:
        return table
    return pa.table(columns, names=names)


def from_duckdb_arrow(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Return a batch of DuckDB's answer with the names and Arrow types of a schema."""
    import pyarrow as pa

    if not len(schema):
        return pa.RecordBatch.from_struct_array(pa.array([{}] * batch.num_rows, pa.struct([])))
    columns = [
        column if column.type == field.type else _converted(column, field.type)
        for column, field in zip(batch.columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _converted(column: pa.Array, target: pa.DataType) -> Any:
    import pyarrow as pa

    if pa.types.is_null(target):
        return pa.nulls(len(column))
    if pa.types.is_map(target) or pa.types.is_nested(target):
        return _nested(column, target)
    return column.cast(target)


def _nested(column: pa.Array, target: pa.DataType) -> Any:
    """Convert lists, maps and structs part by part; a plain cast refuses changed field names."""
    import pyarrow as pa

    if pa.types.is_struct(target):
        parts = [
            _present(part if part.type == field.type else _converted(part, field.type), field)
            for part, field in zip(column.flatten(), target, strict=True)
        ]
        mask = column.is_null() if column.null_count else None
        return pa.StructArray.from_arrays(parts, fields=list(target), mask=mask)
    offsets = column.offsets
    values = column.keys if pa.types.is_map(target) else column.values
    mask = column.is_null() if column.null_count else None
    if column.null_count and column.offset:
        column = pa.concat_arrays([column])  # a mask needs offsets that start at zero
        offsets = column.offsets
        values = column.keys if pa.types.is_map(target) else column.values
        mask = column.is_null()
    if pa.types.is_map(target):
        keys = _fit(values, target.key_type)
        items = _fit(column.items, target.item_type)
        entries = pa.MapArray.from_arrays(offsets, keys, items, type=target, mask=mask)
        return entries
    return pa.ListArray.from_arrays(
        offsets, _fit(values, target.value_type), type=target, mask=mask
    )


def _present(part: pa.Array, field: pa.Field) -> Any:
    """Return a part without nulls where there may be none: below a variant that is null itself."""
    import pyarrow as pa

    if field.nullable or not part.null_count or not pa.types.is_binary(field.type):
        return part
    return part.fill_null(b"")


def _fit(values: pa.Array, target: pa.DataType) -> Any:
    return values if values.type == target else _converted(values, target)


def zoned(data_type: Any, time_zone: str) -> Any:
    """Return an Arrow type with the time zone in its timestamps, however deep they are."""
    import pyarrow as pa

    if pa.types.is_timestamp(data_type) and data_type.tz is not None:
        return pa.timestamp(data_type.unit, time_zone)
    if pa.types.is_list(data_type):
        return pa.list_(data_type.value_field.with_type(zoned(data_type.value_type, time_zone)))
    if pa.types.is_struct(data_type):
        return pa.struct([field.with_type(zoned(field.type, time_zone)) for field in data_type])
    if pa.types.is_map(data_type):
        return pa.map_(
            data_type.key_field.with_type(zoned(data_type.key_type, time_zone)),
            data_type.item_field.with_type(zoned(data_type.item_type, time_zone)),
        )
    return data_type
