"""Arrow tables to Rows, a column at a time where the client package goes value by value.

``install`` puts ``to_rows`` in the place of the package's own conversion; what it gives is the
same, including the objects' types and the errors.
"""

from __future__ import annotations

import functools
import gc
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import wraps
from itertools import count, repeat
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pyspark.sql import types

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["install", "to_rows"]

Values = list[Any]

#: Of fewer rows than this the collector's looks cost nothing.
_MANY = 10_000
#: After so many conversions of more rows garbage is collected.
_UNTIL_COLLECTION = 100
_conversions = count(1)


def install(module: ModuleType) -> None:
    """Let ``pyspark.sql.conversion`` make rows with ``to_rows``."""
    conversion: Any = module.ArrowTableToRowsConversion
    conversion.convert = staticmethod(wraps(conversion.convert)(to_rows))


def to_rows(
    table: pa.Table,
    schema: types.StructType,
    *,
    return_as_tuples: bool = False,
    binary_as_bytes: bool = True,
) -> list[Any]:
    """Return a table's rows as ``Row`` objects.

    Args:
        table: The values, as they come from the engine.
        schema: Their Spark types.
        return_as_tuples: Whether to return plain tuples.
        binary_as_bytes: Whether binary values become ``bytes``; else ``bytearray``.
    """
    fields = schema.fieldNames()
    if table.num_rows:
        _refuse_year_months(schema)
    with _no_collection() if table.num_rows > _MANY else nullcontext():
        columns = [
            _values(column, field.dataType, binary_as_bytes)
            for column, field in zip(table.columns, schema.fields, strict=True)
        ]
        tuples = zip(*columns, strict=True) if columns else repeat((), table.num_rows)
        return list(tuples) if return_as_tuples else _rows(tuples, fields)


def _refuse_year_months(data_type: types.DataType) -> None:
    """Raise PySpark's own error where Python has no type for the values.

    With ``PYSPARK_YM_INTERVAL_LEGACY=1`` in the environment they are numbers of months.
    """
    match data_type:
        case types.YearMonthIntervalType() if data_type.needConversion():
            data_type.fromInternal(0)
        case types.StructType():
            for field in data_type.fields:
                _refuse_year_months(field.dataType)
        case types.ArrayType():
            _refuse_year_months(data_type.elementType)
        case types.MapType():
            _refuse_year_months(data_type.keyType)
            _refuse_year_months(data_type.valueType)


def _rows(tuples: Iterator[tuple[Any, ...]], fields: list[str]) -> list[types.Row]:
    """Make rows without a line of Python for each: their constructor looks for keywords."""
    rows = list(map(tuple.__new__, repeat(types.Row), tuples))
    set_fields = map(object.__setattr__, rows, repeat("__fields__"), repeat(fields))
    deque(set_fields, maxlen=0)
    return rows


@contextmanager
def _no_collection() -> Iterator[None]:
    """Spare the collector looks at millions of new objects, none of which is garbage."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            if not gc.get_freeze_count():
                # New objects become old ones: else they would all be looked at right away. The
                # collector then does not count what came before, so that now and then it is told.
                gc.freeze()
                gc.unfreeze()
                if next(_conversions) % _UNTIL_COLLECTION == 0:
                    gc.collect()
            gc.enable()


def _values(column: pa.ChunkedArray, data_type: types.DataType, binary_as_bytes: bool) -> Values:
    read = _READERS.get(type(data_type))
    if read is not None and (binary_as_bytes or not isinstance(data_type, types.BinaryType)):
        values: Values = []
        for chunk in column.chunks:
            values += read(chunk)
        return values
    conversion = _stock()
    values = conversion._to_pylist(column)
    convert = conversion._create_converter(
        data_type, none_on_identity=True, binary_as_bytes=binary_as_bytes
    )
    return values if convert is None else list(map(convert, values))


@functools.cache
def _stock() -> Any:
    from pyspark.sql.conversion import ArrowTableToRowsConversion

    return ArrowTableToRowsConversion


def _numbers(array: pa.Array) -> Values:
    """Read numbers: numpy makes Python's own of them at once, but knows no nulls."""
    if not array.null_count:
        values: Values = array.to_numpy(zero_copy_only=False).tolist()
        return values
    return _with_nulls(array, _numbers(array.fill_null(0)))


def _objects(array: pa.Array) -> Values:
    """Read what numpy holds as Python objects, nulls among them."""
    values: Values = array.to_numpy(zero_copy_only=False).tolist()
    return values


def _timestamps(array: pa.Array) -> Values:
    """Read timestamps as local time without a zone."""
    import pyarrow as pa

    if time.timezone or time.daylight:
        return [
            None if value is None else value.astimezone().replace(tzinfo=None)
            for value in array.to_pylist()
        ]
    # This machine's local time is UTC: nothing is to be converted.
    return _naive(array.cast(pa.timestamp("us")))


def _naive(array: pa.Array) -> Values:
    """Read timestamps without zone; numpy's are Python's own within the years 1 to 9999."""
    import pyarrow as pa
    import pyarrow.compute as pc

    numbers = array.cast(pa.int64())
    bounds = pc.min_max(numbers).as_py()
    if bounds["min"] is not None and not (
        bounds["min"] >= _FIRST_MICROSECOND and bounds["max"] <= _LAST_MICROSECOND
    ):
        return list(array.to_pylist())  # raises, as the package does
    values: Values = array.to_numpy(zero_copy_only=False).astype("datetime64[us]").tolist()
    return values


def _with_nulls(array: pa.Array, values: Values) -> Values:
    valid = array.is_valid().to_numpy(zero_copy_only=False).tolist()
    return [value if known else None for value, known in zip(values, valid, strict=True)]


_FIRST_MICROSECOND = -62_135_596_800_000_000
_LAST_MICROSECOND = 253_402_300_799_999_999

#: How values of a type are read, where that is faster than what the package does.
_READERS: dict[type[types.DataType], Callable[[Any], Sequence[Any]]] = {
    types.ByteType: _numbers,
    types.ShortType: _numbers,
    types.IntegerType: _numbers,
    types.LongType: _numbers,
    types.FloatType: _numbers,
    types.DoubleType: _numbers,
    types.BooleanType: _objects,
    types.StringType: _objects,
    types.CharType: _objects,
    types.VarcharType: _objects,
    types.BinaryType: _objects,
    types.DecimalType: _objects,
    types.TimestampType: _timestamps,
    types.TimestampNTZType: _naive,
}
