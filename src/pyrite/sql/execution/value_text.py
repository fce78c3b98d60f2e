"""Values as ``show`` writes them: Arrow arrays to texts, nested types part by part."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pyrite.core.hadoop.java_text import java_float
from pyrite.sql.expressions.interval_text import (
    calendar_interval_text,
    day_time_text,
    year_month_text,
)
from pyrite.sql.time_zones import parse_zone
from pyrite.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    CalendarIntervalType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DecimalType,
    DoubleType,
    FloatType,
    MapType,
    NullType,
    StructType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    UserDefinedType,
    VariantType,
    YearMonthIntervalType,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["value_texts"]

_NULL = "NULL"

#: From an array, its type and the session's time zone to the values' texts.
Writer = Callable[[Any, Any, str], list[str]]


def value_texts(array: pa.Array, data_type: DataType, time_zone: str) -> list[str]:
    """Return each value's text.

    Args:
        array: Values in the Arrow type of ``data_type`` (``types.to_arrow``).
        data_type: Their type.
        time_zone: Where timestamps are shown.

    Example:
        >>> import pyarrow as pa
        >>> from pyrite.sql.types import DOUBLE
        >>> value_texts(pa.array([[1e10, None], None]), ArrayType(DOUBLE), "UTC")
        ['[1.0E10, NULL]', 'NULL']
    """
    if isinstance(data_type, UserDefinedType):
        return _user_defined(array, data_type, time_zone)
    write: Writer = _WRITERS.get(type(data_type), _plain)
    return write(array, data_type, time_zone)


def _each(values: list[Any], write: Callable[[Any], str]) -> list[str]:
    return [_NULL if value is None else write(value) for value in values]


def _plain(array: pa.Array, data_type: DataType, time_zone: str) -> list[str]:
    return _each(array.to_pylist(), str)


def _null(array: pa.Array, data_type: DataType, time_zone: str) -> list[str]:
    return [_NULL] * len(array)


def _boolean(array: pa.Array, data_type: DataType, time_zone: str) -> list[str]:
    return _each(array.to_pylist(), lambda value: "true" if value else "false")


def _floating(array: pa.Array, data_type: DataType, time_zone: str) -> list[str]:
    # Arrow writes the shortest digits of either width.
    pairs = zip(array.to_pylist(), array.cast("string").to_pylist(), strict=True)
    return [_NULL if value is None else java_float(value, text) for value, text in pairs]


def _decimal(array: pa.Array, data_type: DataType, time_zone: str) -> list[str]:
    return _each(array.to_pylist(), lambda value: f"{value:f}")


def _binary(array: pa.Array, data_type: DataType, time_zone: str) -> list[str]:
    return _each(array.to_pylist(), lambda value: f"[{value.hex(' ').upper()}]")


_DAY = 86_400_000_000
_EPOCH = datetime.datetime(1970, 1, 1)
#: 400 years, after which the calendar repeats.
_CYCLE = 146_097 * _DAY
#: What Python's calendar and every zone's offset have room for.
_FIRST = (datetime.datetime(2, 1, 1) - _EPOCH) // datetime.timedelta(microseconds=1)
_LAST = (datetime.datetime(9999, 1, 1) - _EPOCH) // datetime.timedelta(microseconds=1)


def _local(micros: int, zone: datetime.tzinfo | None) -> tuple[int, datetime.datetime]:
    """Return the year and a moment that is like it in everything else."""
    cycles = 0
    if micros < _FIRST:
        cycles = (_FIRST - micros) // _CYCLE + 1
    elif micros > _LAST:
        cycles = -((micros - _LAST) // _CYCLE + 1)
    moment = _EPOCH + datetime.timedelta(microseconds=micros + cycles * _CYCLE)
    if zone is not None:
        moment = moment.replace(tzinfo=datetime.UTC).astimezone(zone)
    return moment.year - 400 * cycles, moment


def _date_text(year: int, moment: datetime.datetime) -> str:
    sign = "-" if year < 0 else "+" if year > 9999 else ""
    return f"{sign}{abs(year):04d}-{moment:%m-%d}"


def _clock_text(moment: datetime.datetime | datetime.time) -> str:
    text = f"{moment:%H:%M:%S}"
    return f"{text}.{moment.microsecond:06d}".rstrip("0") if moment.microsecond else text


def _date(array: pa.Array, data_type: DataType, time_zone: str) -> list[str]:
    days = array.cast("int32").to_pylist()
    return _each(days, lambda day: _date_text(*_local(day * _DAY, None)))


def _moments(array: pa.Array, zone: datetime.tzinfo | None) -> list[str]:
    def write(micros: int) -> str:
        year, moment = _local(micros, zone)
        return f"{_date_text(year, moment)} {_clock_text(moment)}"

    return _each(array.cast("int64").to_pylist(), write)


def _timestamp(array: pa.Array, data_type: DataType, time_zone: str) -> list[str]:
    return _moments(array, parse_zone(time_zone))


def _timestamp_ntz(array: pa.Array, data_type: DataType, time_zone: str) -> list[str]:
    return _moments(array, None)


def _time(array: pa.Array, data_type: DataType, time_zone: str) -> list[str]:
    micros = [None if v is None else v // 1000 for v in array.cast("int64").to_pylist()]
    return _each(micros, lambda value: _clock_text(_EPOCH + datetime.timedelta(microseconds=value)))


def _day_time(array: pa.Array, data_type: DayTimeIntervalType, time_zone: str) -> list[str]:
    start, end = data_type.startField, data_type.endField
    return _each(array.cast("int64").to_pylist(), lambda micros: day_time_text(micros, start, end))


def _year_month(array: pa.Array, data_type: YearMonthIntervalType, time_zone: str) -> list[str]:
    start, end = data_type.startField, data_type.endField
    return _each(array.to_pylist(), lambda months: year_month_text(months, start, end))


def _calendar_interval(array: pa.Array, data_type: DataType, time_zone: str) -> list[str]:
    def write(interval: Any) -> str:
        return calendar_interval_text(interval.months, interval.days, interval.nanoseconds // 1000)

    return _each(array.to_pylist(), write)


def _array(array: pa.Array, data_type: ArrayType, time_zone: str) -> list[str]:
    return _joined(array, value_texts(array.values, data_type.elementType, time_zone), "[]")


def _map(array: pa.Array, data_type: MapType, time_zone: str) -> list[str]:
    keys = value_texts(array.keys, data_type.keyType, time_zone)
    values = value_texts(array.items, data_type.valueType, time_zone)
    entries = [f"{key} -> {value}" for key, value in zip(keys, values, strict=True)]
    return _joined(array, entries, "{}")


def _joined(array: pa.Array, parts: list[str], brackets: str) -> list[str]:
    """Write lists, given the texts of all that they hold."""
    bounds = array.offsets.to_pylist()
    valid = array.is_valid().to_pylist()
    return [
        f"{brackets[0]}{', '.join(parts[start:stop])}{brackets[1]}" if present else _NULL
        for start, stop, present in zip(bounds, bounds[1:], valid, strict=False)
    ]


def _struct(array: pa.Array, data_type: StructType, time_zone: str) -> list[str]:
    fields = [
        value_texts(part, field.dataType, time_zone)
        for part, field in zip(array.flatten(), data_type.fields, strict=True)
    ]
    valid = array.is_valid().to_pylist()
    return [
        "{" + ", ".join([field[row] for field in fields]) + "}" if present else _NULL
        for row, present in enumerate(valid)
    ]


def _variant(array: pa.Array, data_type: DataType, time_zone: str) -> list[str]:
    from pyspark.sql.types import VariantVal

    def write(parts: dict[str, bytes]) -> str:
        return VariantVal(parts["value"], parts["metadata"]).toJson(time_zone)

    return _each(array.to_pylist(), write)


def _user_defined(array: pa.Array, data_type: UserDefinedType, time_zone: str) -> list[str]:
    """Types that Spark knows too, such as vectors, are written as what they stand for."""
    if not data_type.scalaUDT():
        return value_texts(array, data_type.sqlType(), time_zone)
    return _each(array.to_pylist(), lambda value: str(data_type.deserialize(_row(value))))


def _row(value: Any) -> Any:
    return tuple(value.values()) if isinstance(value, dict) else value


#: How the values of a type are written; of other types, as Python writes them.
_WRITERS: dict[type[DataType], Writer] = {
    NullType: _null,
    BooleanType: _boolean,
    FloatType: _floating,
    DoubleType: _floating,
    DecimalType: _decimal,
    BinaryType: _binary,
    DateType: _date,
    TimestampType: _timestamp,
    TimestampNTZType: _timestamp_ntz,
    TimeType: _time,
    DayTimeIntervalType: _day_time,
    YearMonthIntervalType: _year_month,
    CalendarIntervalType: _calendar_interval,
    ArrayType: _array,
    MapType: _map,
    StructType: _struct,
    VariantType: _variant,
}
