"""Local data to Arrow tables, a column at a time.

The client package converts every value by itself. Here columns whose values need no change go
to Arrow as they are; all else goes the package's own way, so results and errors are its own.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from operator import itemgetter
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pyspark.sql import types

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["columns_of", "install"]


def install(module: ModuleType) -> None:
    """Let ``pyspark.sql.conversion`` make Arrow tables of lists by columns."""
    conversion: Any = module.LocalDataToArrowConversion
    convert = conversion.convert

    @wraps(convert)
    def convert_columns(
        data: Sequence[Any], schema: types.StructType, use_large_var_types: bool
    ) -> pa.Table:
        columns = columns_of(data) if type(data) is list and data else None
        if not columns or len(columns) != len(schema) or type(data[0]) is dict:
            return convert(data, schema, use_large_var_types)
        return _table(columns, schema, use_large_var_types, conversion._create_converter)

    conversion.convert = staticmethod(convert_columns)


def columns_of(rows: list[Any]) -> list[list[Any]] | None:
    """Return the columns of rows that are all of one make, None if they are not."""
    makes = set(map(type, rows))
    make = makes.pop() if len(makes) == 1 else None
    if make is dict:
        keys = set(map(tuple, rows))
    elif make is types.Row:
        keys = {tuple(row.__dict__.get("__fields__", ())) for row in rows}
    elif make is tuple or make is list:
        keys = {()}
    else:
        return None
    widths = set(map(len, rows))
    if len(keys) != 1 or len(widths) != 1:
        return None
    places: Iterable[Any] = keys.pop() if make is dict else range(widths.pop())
    return [list(map(itemgetter(place), rows)) for place in places]


def _table(
    columns: list[list[Any]],
    schema: types.StructType,
    use_large_var_types: bool,
    converter: Callable[..., Callable[[Any], Any] | None],
) -> pa.Table:
    """Return columns as a table of the package's Arrow types."""
    import pyarrow as pa
    from pyspark.sql.pandas.types import _deduplicate_field_names, to_arrow_schema

    values: list[list[Any]] = []
    fields: list[types.StructField] = []
    for column, field in zip(columns, schema.fields, strict=True):
        convert = converter(field.dataType, field.nullable, none_on_identity=True)
        if convert is None or _is_ready(column, field):
            values.append(column)
        else:
            values.append(list(map(convert, column)))
        data_type = _deduplicate_field_names(field.dataType)
        fields.append(types.StructField(field.name, data_type, field.nullable))
    arrow_schema = to_arrow_schema(
        types.StructType(fields), timezone="UTC", prefers_large_types=use_large_var_types
    )
    return pa.Table.from_arrays(values, schema=arrow_schema)


#: By Spark type, the types of the values that Arrow takes for what they are.
_READY: dict[type[types.DataType], set[type]] = {
    types.BooleanType: {bool},
    types.ByteType: {int},
    types.ShortType: {int},
    types.IntegerType: {int},
    types.LongType: {int},
    types.FloatType: {float},
    types.DoubleType: {float},
    types.StringType: {str},
    types.BinaryType: {bytes},
    types.DateType: {datetime.date},
    types.TimestampType: {datetime.datetime},
}


def _is_ready(column: list[Any], field: types.StructField) -> bool:
    """Return whether converting a column's values would change none, and complain of none."""
    ready = _READY.get(type(field.dataType))
    if ready is None:
        return False
    kinds = set(map(type, column))
    if field.nullable:
        kinds.discard(type(None))
    if not kinds <= ready:
        return False
    if datetime.datetime in kinds:
        # Those without a zone are local time: Arrow takes them for UTC.
        zones = {value.tzinfo for value in column if value is not None}
        return zones == {None} and not (time.timezone or time.daylight)
    return True
