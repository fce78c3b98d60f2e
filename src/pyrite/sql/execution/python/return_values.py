"""What a pickled function returned, as a value of its declared type.

PySpark converts nothing here: a value of another Python type than the declared one's is null,
except that anything becomes text where text is declared.
"""

from __future__ import annotations

import array
import datetime
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext
from typing import Any

from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    ByteType,
    CharType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    ShortType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    UserDefinedType,
    VarcharType,
)

__all__ = ["pickled_converter"]

Converter = Callable[[Any], Any]


def pickled_converter(data_type: DataType) -> Converter:
    """Return the conversion to a value from which Arrow makes one of ``data_type``.

    Example:
        >>> to_int = pickled_converter(IntegerType())
        >>> to_int(7), to_int("7"), to_int(True)
        (7, None, None)
    """
    make = _MAKERS.get(type(data_type))
    if isinstance(data_type, UserDefinedType):
        return _user_defined(data_type)
    return make(data_type) if make is not None else _internal(data_type)


def _internal(data_type: DataType) -> Converter:
    """Types that Python converts itself, or passes on: dates, times, intervals."""
    if not data_type.needConversion():
        return lambda value: value
    convert = data_type.toInternal
    return lambda value: None if value is None else convert(value)


_BITS: dict[type[DataType], int] = {ByteType: 8, ShortType: 16, IntegerType: 32, LongType: 64}


def _integer(data_type: DataType) -> Converter:
    bits = _BITS[type(data_type)]
    half, whole = 1 << (bits - 1), 1 << bits

    def convert(value: Any) -> Any:
        if type(value) is not int:
            return None
        if -half <= value < half:
            return value
        if not -(1 << 63) <= value < 1 << 63:
            return None
        return (value + half) % whole - half  # as Java narrows a long

    return convert


def _boolean(data_type: DataType) -> Converter:
    return lambda value: value if type(value) is bool else None


def _floating(data_type: DataType) -> Converter:
    return lambda value: value if type(value) is float else None


def _decimal(data_type: DataType) -> Converter:
    assert isinstance(data_type, DecimalType)
    unit, most = Decimal(1).scaleb(-data_type.scale), data_type.precision

    def convert(value: Any) -> Any:
        if not isinstance(value, Decimal):
            return None
        with localcontext() as context:
            context.prec = 100
            try:
                rounded = value.quantize(unit, ROUND_HALF_UP)
            except InvalidOperation:
                return None
        return rounded if len(rounded.as_tuple().digits) <= most else None

    return convert


def _text(data_type: DataType) -> Converter:
    def convert(value: Any) -> Any:
        return value if type(value) is str else None if value is None else _java_text(value)

    return convert


def _java_text(value: Any) -> str:
    """Show a value as Java's ``toString`` shows what it becomes there."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case float():
            return _java_double(value)
        case list() | set() | frozenset():
            return f"[{', '.join(map(_java_text, value))}]"
        case dict():
            return (
                "{" + ", ".join(f"{_java_text(k)}={_java_text(v)}" for k, v in value.items()) + "}"
            )
        case _:
            return str(value)


def _java_double(value: float) -> str:
    if value != value:
        return "NaN"
    if value in (float("inf"), -float("inf")):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        digits = f"{Decimal(repr(value)):f}"
        return digits if "." in digits else f"{digits}.0"
    mantissa, _, exponent = f"{Decimal(repr(value)).normalize():E}".partition("E")
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(exponent)}"


def _bytes(data_type: DataType) -> Converter:
    def convert(value: Any) -> Any:
        match value:
            case bytes() | bytearray():
                return bytes(value)
            case str():
                return value.encode()
        return None

    return convert


def _date(data_type: DataType) -> Converter:
    return lambda value: None if value is None else value.toordinal() - _EPOCH


_EPOCH = datetime.date(1970, 1, 1).toordinal()


def _list(data_type: DataType) -> Converter:
    assert isinstance(data_type, ArrayType)
    convert_element = pickled_converter(data_type.elementType)

    def convert(value: Any) -> Any:
        if isinstance(value, (list, tuple, array.array)):
            return [convert_element(element) for element in value]
        return None

    return convert


def _map(data_type: DataType) -> Converter:
    assert isinstance(data_type, MapType)
    convert_key = pickled_converter(data_type.keyType)
    convert_value = pickled_converter(data_type.valueType)

    def convert(value: Any) -> Any:
        if not isinstance(value, dict):
            return None
        return [(convert_key(k), convert_value(v)) for k, v in value.items()]

    return convert


def _struct(data_type: DataType) -> Converter:
    assert isinstance(data_type, StructType)
    names = data_type.names
    converters = [pickled_converter(field.dataType) for field in data_type.fields]

    def convert(value: Any) -> Any:
        match value:
            case None:
                return None
            case dict():
                parts = [value.get(name) for name in names]
            case tuple() | list():
                parts = _parts(value, names)
            case _ if hasattr(value, "__dict__"):
                parts = [value.__dict__.get(name) for name in names]
            case _:
                raise ValueError(f"Unexpected tuple {value!r} with StructType")
        return tuple([to(part) for to, part in zip(converters, parts, strict=True)])

    return convert


def _parts(value: Any, names: list[str]) -> list[Any]:
    if len(value) != len(names):
        raise ValueError(
            f"Input row doesn't have expected number of values required by the schema. "
            f"{len(names)} fields are required while {len(value)} values are provided."
        )
    return list(value)


def _user_defined(data_type: Any) -> Converter:
    convert = pickled_converter(data_type.sqlType())
    return lambda value: None if value is None else convert(data_type.serialize(value))


_MAKERS: dict[type[DataType], Callable[[DataType], Converter]] = {
    ArrayType: _list,
    BinaryType: _bytes,
    BooleanType: _boolean,
    ByteType: _integer,
    CharType: _text,
    DateType: _date,
    DecimalType: _decimal,
    DoubleType: _floating,
    FloatType: _floating,
    IntegerType: _integer,
    LongType: _integer,
    MapType: _map,
    ShortType: _integer,
    StringType: _text,
    StructType: _struct,
    TimestampNTZType: _internal,
    TimestampType: _internal,
    VarcharType: _text,
}
