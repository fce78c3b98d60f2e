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


def literal(message: proto.Expression.Literal, declared: DataType | None = None) -> Literal:
    """Translate a literal.

    Args:
        message: The literal.
        declared: The type it has as a part of another, of which the client says the type once.

    Raises:
        SparkError: CONNECT_INVALID_PLAN, for one without the types that its kind needs.
    """
    kind = one_of(message, "literal_type")
    if message.HasField("data_type"):
        declared = data_type(message.data_type)
    plain = _PLAIN.get(kind)
    if plain is not None:
        return Literal(getattr(message, kind), declared or plain)
    value, inferred = _COMPOSED[kind](message, declared)
    return Literal(value, declared or inferred)


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


Declared = DataType | None


def _null(message: Any, declared: Declared) -> tuple[None, DataType]:
    return None, data_type(message.null)


def _decimal(message: Any, declared: Declared) -> tuple[Decimal, DataType]:
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


def _calendar_interval(message: Any, declared: Declared) -> tuple[tuple[int, int, int], DataType]:
    interval = message.calendar_interval
    return (interval.months, interval.days, interval.microseconds), CalendarIntervalType()


def _time(message: Any, declared: Declared) -> tuple[int, DataType]:
    time = message.time
    return time.nano, TimeType(time.precision) if time.HasField("precision") else TimeType()


def _array(message: Any, declared: Declared) -> tuple[list[Any], DataType]:
    if declared is None and message.array.HasField("element_type"):
        declared = ArrayType(data_type(message.array.element_type))
    element_type = declared.elementType if isinstance(declared, ArrayType) else None
    elements = [literal(element, element_type) for element in message.array.elements]
    values = [element.value for element in elements]
    if declared is not None:
        return values, declared
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


def _specialized_array(message: Any, declared: Declared) -> tuple[list[Any], DataType]:
    kind = one_of(message.specialized_array, "value_type")
    values = list(getattr(message.specialized_array, kind).values)
    return values, ArrayType(_SPECIALIZED[kind], containsNull=False)


def _map(message: Any, declared: Declared) -> tuple[list[tuple[Any, Any]], DataType]:
    kind = message.map
    if declared is None and kind.HasField("key_type") and kind.HasField("value_type"):
        declared = MapType(data_type(kind.key_type), data_type(kind.value_type))
    types: tuple[Declared, Declared] = (None, None)
    if isinstance(declared, MapType):
        types = (declared.keyType, declared.valueType)
    keys = [literal(key, types[0]) for key in kind.keys]
    values = [literal(value, types[1]) for value in kind.values]
    pairs = [(key.value, value.value) for key, value in zip(keys, values, strict=True)]
    if declared is not None:
        return pairs, declared
    if not pairs:
        raise invalid_plan("MAP_LITERAL_MISSING_DATA_TYPE")
    return pairs, MapType(keys[0].data_type, values[0].data_type)


def _struct(message: Any, declared: Declared) -> tuple[tuple[Any, ...], DataType]:
    schema = declared or data_type(message.struct.struct_type)
    if not isinstance(schema, StructType):
        raise invalid_plan("STRUCT_LITERAL_MISSING_DATA_TYPE")
    elements = zip(message.struct.elements, schema.fields, strict=True)
    return tuple([literal(element, field.dataType).value for element, field in elements]), schema


#: Literals whose value is put together, with the type they have unless the client says another.
_COMPOSED: dict[str, Callable[[Any, Declared], tuple[Any, DataType]]] = {
    "null": _null,
    "decimal": _decimal,
    "calendar_interval": _calendar_interval,
    "time": _time,
    "array": _array,
    "specialized_array": _specialized_array,
    "map": _map,
    "struct": _struct,
}
