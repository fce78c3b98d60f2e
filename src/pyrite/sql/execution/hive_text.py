"""Values as the SQL shell prints them: Hive's texts, which look like JSON inside of arrays.

Scalars are written as ``show`` writes them, but for binary values and intervals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pyrite.sql.execution.value_text import value_texts
from pyrite.sql.types import (
    ArrayType,
    BinaryType,
    DataType,
    DayTimeIntervalType,
    MapType,
    StringType,
    StructType,
    UserDefinedType,
    YearMonthIntervalType,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["hive_texts"]

#: From an array, its type and the time zone to the values' texts; nulls are written over.
Writer = Callable[[Any, Any, str], Sequence[str]]

_MICROSECONDS = 1_000_000


def hive_texts(
    array: pa.Array, data_type: DataType, time_zone: str, null: str = "NULL"
) -> list[str]:
    """Return each value's text.

    Args:
        array: Values in the Arrow type of ``data_type``.
        data_type: Their type.
        time_zone: Where timestamps are shown.
        null: What stands for null.

    Example:
        >>> import pyarrow as pa
        >>> from pyrite.sql.types import STRING
        >>> hive_texts(pa.array([["a", None], None]), ArrayType(STRING), "UTC")
        ['["a",null]', 'NULL']
    """
    if isinstance(data_type, UserDefinedType):
        data_type = data_type.sqlType()
    write: Writer = _WRITERS.get(type(data_type), value_texts)
    texts = write(array, data_type, time_zone)
    if not array.null_count:
        return list(texts)
    valid = array.is_valid().to_pylist()
    return [text if known else null for text, known in zip(texts, valid, strict=True)]


def _part(array: pa.Array, data_type: DataType, time_zone: str) -> list[str]:
    """Write what stands inside of another value: strings in quotes, null in small letters."""
    texts = hive_texts(array, data_type, time_zone, "null")
    if not isinstance(data_type, StringType):
        return texts
    valid = array.is_valid().to_pylist()
    return [f'"{text}"' if known else text for text, known in zip(texts, valid, strict=True)]


def _array(array: pa.Array, data_type: ArrayType, time_zone: str) -> list[str]:
    return _joined(array, _part(array.values, data_type.elementType, time_zone), "[]")


def _map(array: pa.Array, data_type: MapType, time_zone: str) -> list[str]:
    keys = _part(array.keys, data_type.keyType, time_zone)
    values = _part(array.items, data_type.valueType, time_zone)
    entries = [f"{key}:{value}" for key, value in zip(keys, values, strict=True)]
    return _joined(array, entries, "{}")


def _joined(array: pa.Array, parts: list[str], brackets: str) -> list[str]:
    bounds = array.offsets.to_pylist()
    return [
        f"{brackets[0]}{','.join(parts[start:stop])}{brackets[1]}"
        for start, stop in pairwise(bounds)
    ]


def _struct(array: pa.Array, data_type: StructType, time_zone: str) -> list[str]:
    fields = [
        [f'"{field.name}":{text}' for text in _part(part, field.dataType, time_zone)]
        for part, field in zip(array.flatten(), data_type.fields, strict=True)
    ]
    return ["{" + ",".join([field[row] for field in fields]) + "}" for row in range(len(array))]


def _binary(array: pa.Array, data_type: DataType, time_zone: str) -> list[str]:
    return [(value or b"").decode(errors="replace") for value in array.to_pylist()]


def _day_time(array: pa.Array, data_type: DataType, time_zone: str) -> list[str]:
    def write(micros: int) -> str:
        seconds, fraction = divmod(abs(micros), _MICROSECONDS)
        minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
        sign = "-" if micros < 0 else ""
        clock = f"{hours % 24:02}:{minutes % 60:02}:{seconds % 60:02}"
        return f"{sign}{days} {clock}.{fraction * 1000:09}"

    return [write(micros or 0) for micros in array.cast("int64").to_pylist()]


def _year_month(array: pa.Array, data_type: DataType, time_zone: str) -> list[str]:
    def write(months: int) -> str:
        return f"{'-' if months < 0 else ''}{abs(months) // 12}-{abs(months) % 12}"

    return [write(months or 0) for months in array.to_pylist()]


_WRITERS: dict[type[DataType], Writer] = {
    ArrayType: _array,
    MapType: _map,
    StructType: _struct,
    BinaryType: _binary,
    DayTimeIntervalType: _day_time,
    YearMonthIntervalType: _year_month,
}
