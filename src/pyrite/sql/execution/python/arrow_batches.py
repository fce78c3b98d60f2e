"""Arrow batches: cut to size, their columns as one struct and back, timestamps in a zone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pyrite.sql.execution.arrow_values import zoned
from pyrite.sql.time_zones import canonical_zone

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["as_struct", "from_struct", "in_zone", "resized"]


def resized(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """Cut batches into ones of at most ``rows`` rows; 0 or less is no limit."""
    for batch in batches:
        if rows <= 0 or batch.num_rows <= rows:
            yield batch
        else:
            for start in range(0, batch.num_rows, rows):
                yield batch.slice(start, rows)


def as_struct(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch of one column, a struct of the batch's columns."""
    import pyarrow as pa

    return pa.RecordBatch.from_arrays([batch.to_struct_array()], ["_0"])


def from_struct(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch of the fields of the only column, a struct."""
    import pyarrow as pa

    return pa.RecordBatch.from_struct_array(batch.column(0))


def in_zone(batch: pa.RecordBatch, time_zone: str) -> pa.RecordBatch:
    """Return a batch whose timestamps name a time zone; their instants stay."""
    import pyarrow as pa

    zone = canonical_zone(time_zone)
    columns = [column.cast(zoned(column.type, zone)) for column in batch.columns]
    fields = [
        field.with_type(column.type) for field, column in zip(batch.schema, columns, strict=True)
    ]
    if not columns:
        return batch
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields))
