"""What comes back from tasks, as DuckDB reads it: stored types, columns named by attributes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pyrite.sql.errors import SparkError, runtime_error
from pyrite.sql.execution.arrow_values import to_duckdb_arrow
from pyrite.sql.execution.expression_sql import column_name
from pyrite.sql.types import to_arrow

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.sql.expressions.expression import Attribute

__all__ = ["output_reader"]


def output_reader(
    output: Sequence[Attribute], parts: Iterable[Sequence[Any]]
) -> pa.RecordBatchReader:
    """Return a stage's rows.

    Args:
        output: The stage's columns.
        parts: The columns' values, a few rows at a time.
    """
    import pyarrow as pa

    nothing = [pa.array([], to_arrow(a.data_type)) for a in output]
    schema = _stored(output, nothing).schema
    return pa.RecordBatchReader.from_batches(schema, _batches(output, parts))


def _batches(
    output: Sequence[Attribute], parts: Iterable[Sequence[Any]]
) -> Iterator[pa.RecordBatch]:
    for columns in parts:
        yield from _stored(output, columns).to_batches()


def _stored(output: Sequence[Attribute], columns: Sequence[Any]) -> pa.Table:
    import pyarrow as pa

    targets = [to_arrow(a.data_type) for a in output]
    if len(columns) != len(targets):
        raise _mismatch(targets, columns)
    try:
        arrays = [
            column if column.type == target else column.cast(target)
            for column, target in zip(columns, targets, strict=True)
        ]
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise _mismatch(targets, columns) from None
    names = [column_name(a) for a in output]
    return to_duckdb_arrow(pa.table(arrays, names=names)).rename_columns(names)


def _mismatch(wanted: Sequence[Any], columns: Sequence[Any]) -> SparkError:
    """Make the error of a function that gives other columns than it said."""
    return runtime_error(
        "ARROW_TYPE_MISMATCH",
        operation="a Python function",
        outputTypes=f"({', '.join(map(str, wanted))})",
        actualDataTypes=f"({', '.join(str(column.type) for column in columns)})",
    )
