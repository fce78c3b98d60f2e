"""Constants: Spark Connect's literals to ``Literal``, nested ones too."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pyrite.connect.planner.data_types import data_type
from pyrite.connect.planner.messages import invalid_plan, one_of
from pyrite.sql.expressions.expression import Literal
from pyrite.sql.types import (
    BINARY,
    BOOLEAN,
    BYTE,
    DATE,
    DOUBLE,
    FLOAT,
    INTEGER,
    LONG,
    SHORT,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    ArrayType,
    CalendarIntervalType,
    DataType,
    DayTimeIntervalType,
    DecimalType,
    MapType,
    StructType,
    TimeType,
    YearMonthIntervalType,
)

if TYPE_CHECKING:
    from pyspark.sql.connect import proto

__all__ = ["literal"]


def literal(message: proto.Expression.Literal) -> Literal:
    """Translate a literal.

    Raises:
        SparkError: CONNECT_INVALID_PLAN, for one without the types that its kind needs.
    """
    kind = one_of(message, "literal_type")
    plain = _PLAIN.get(kind)
    if plain is not None:
        value, inferred = getattr(message, kind), plain
    else:
        value, inferred = _COMPOSED[kind](message)
    return Literal(
        value, data_type(message.data_type) if message.HasField("data_type") else inferred
    )


#: Literals whose field holds the value itself.
_PLAIN: dict[str, DataType] = {
    "binary": BINARY,
    "boolean": BOOLEAN,
    "byte": BYTE,
    "short": SHORT,
    "integer": INTEGER,
    "long": LONG,
    "float": FLOAT,
    "double": DOUBLE,
    "string": STRING,
    "date": DATE,
    "timestamp": TIMESTAMP,
    "timestamp_ntz": TIMESTAMP_NTZ,
    "year_month_interval": YearMonthIntervalType(),
    "day_time_interval": DayTimeIntervalType(),
}


def _null(message: Any) -> tuple[None, DataType]:
    return None, data_type(message.null)


def _decimal(message: Any) -> tuple[Decimal, DataType]:
    """The type is the wider of the declared one and the one the digits need."""
    number = Decimal(message.decimal.value)
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        raise invalid_plan("UNSUPPORTED_LITERAL_TYPE", typeInfo=f"decimal {number}")
    if exponent > 0:
        number = number.quantize(Decimal(1))
        digits, exponent = number.as_tuple().digits, 0
    scale = max(-exponent, message.decimal.scale)
    precision = max(len(digits), -exponent, message.decimal.precision, scale)
    return number, DecimalType(precision, scale)


def _calendar_interval(message: Any) -> tuple[tuple[int, int, int], DataType]:
    interval = message.calendar_interval
    return (interval.months, interval.days, interval.microseconds), CalendarIntervalType()


def _time(message: Any) -> tuple[int, DataType]:
    time = message.time
    return time.nano, TimeType(time.precision) if time.HasField("precision") else TimeType()


def _array(message: Any) -> tuple[list[Any], DataType]:
    elements = [literal(element) for element in message.array.elements]
    values = [element.value for element in elements]
    if message.HasField("data_type"):
        return values, data_type(message.data_type)
    if message.array.HasField("element_type"):
        return values, ArrayType(data_type(message.array.element_type))
    if not elements:
        raise invalid_plan("ARRAY_LITERAL_MISSING_DATA_TYPE")
    return values, ArrayType(elements[0].data_type)


_SPECIALIZED: dict[str, DataType] = {
    "bools": BOOLEAN,
    "ints": INTEGER,
    "longs": LONG,
    "floats": FLOAT,
    "doubles": DOUBLE,
    "strings": STRING,
}


def _specialized_array(message: Any) -> tuple[list[Any], DataType]:
    kind = one_of(message.specialized_array, "value_type")
    values = list(getattr(message.specialized_array, kind).values)
    return values, ArrayType(_SPECIALIZED[kind], containsNull=False)


def _map(message: Any) -> tuple[list[tuple[Any, Any]], DataType]:
    keys = [literal(key) for key in message.map.keys]
    values = [literal(value) for value in message.map.values]
    pairs = [(key.value, value.value) for key, value in zip(keys, values, strict=True)]
    if message.HasField("data_type"):
        return pairs, data_type(message.data_type)
    if message.map.HasField("key_type") and message.map.HasField("value_type"):
        return pairs, MapType(data_type(message.map.key_type), data_type(message.map.value_type))
    if not pairs:
        raise invalid_plan("MAP_LITERAL_MISSING_DATA_TYPE")
    return pairs, MapType(keys[0].data_type, values[0].data_type)


def _struct(message: Any) -> tuple[tuple[Any, ...], DataType]:
    values = tuple([literal(element).value for element in message.struct.elements])
    if message.HasField("data_type"):
        schema = data_type(message.data_type)
    else:
        schema = data_type(message.struct.struct_type)
    if not isinstance(schema, StructType):
        raise invalid_plan("STRUCT_LITERAL_MISSING_DATA_TYPE")
    return values, schema


#: Literals whose value is put together, with the type they have unless the client says another.
_COMPOSED: dict[str, Callable[[Any], tuple[Any, DataType]]] = {
    "null": _null,
    "decimal": _decimal,
    "calendar_interval": _calendar_interval,
    "time": _time,
    "array": _array,
    "specialized_array": _specialized_array,
    "map": _map,
    "struct": _struct,
}
