"""From parsed JSON to values of a Spark type, by from_json's rules."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from pyrite.sql.expressions.interval_text import parse_calendar, parse_day_time, parse_year_month
from pyrite.sql.functions.kernels.datetime_text import (
    parse_date,
    parse_timestamp,
    parse_timestamp_ntz,
)
from pyrite.sql.functions.kernels.json_documents import Number, compact
from pyrite.sql.functions.kernels.variant_binary import encode
from pyrite.sql.functions.kernels.variant_trees import from_document
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
    IntegralType,
    MapType,
    NullType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    VariantType,
    YearMonthIntervalType,
)

__all__ = ["BadValue", "TextFormats", "ValueReader"]

_INTEGRAL_BITS = {"byte": 7, "short": 15, "integer": 31, "long": 63}
_SPECIAL_DOUBLES = {
    "NaN": "nan",
    "Infinity": "inf",
    "+Infinity": "inf",
    "INF": "inf",
    "+INF": "inf",
    "-Infinity": "-inf",
    "-INF": "-inf",
}


class BadValue(Exception):
    """A JSON value that is no value of its type."""


@dataclass(frozen=True)
class TextFormats:
    """How dates and times are written.

    Attributes:
        zone: The name of the time zone for times without one.
        date: Reads a date to days since 1970; None to read it as a cast does.
        timestamp: Reads an instant to microseconds.
        timestamp_ntz: Reads a time without zone to microseconds.
    """

    zone: str
    date: Callable[[str], int] | None = None
    timestamp: Callable[[str], int] | None = None
    timestamp_ntz: Callable[[str], int] | None = None

    def reader(self, data_type: DataType) -> Callable[[str], int] | None:
        """Return what reads values of a type by a pattern, None if there is none."""
        match data_type:
            case DateType():
                return self.date
            case TimestampType():
                return self.timestamp
            case TimestampNTZType():
                return self.timestamp_ntz
            case _:
                return None


class ValueReader:
    """Reads values, and notes whether a field was given up as null.

    Args:
        formats: How dates and times are written.

    Attributes:
        gave_up: Whether some field of a struct was bad since it was last set to False.
    """

    def __init__(self, formats: TextFormats) -> None:
        self.formats = formats
        self.gave_up = False

    def read(self, value: Any, data_type: DataType) -> Any:
        """Return a value as Arrow takes it.

        Raises:
            BadValue: If it is no value of the type.
        """
        if value is None or isinstance(data_type, NullType):
            return None
        match data_type:
            case VariantType():
                parts = zip(("value", "metadata"), encode(from_document(value)), strict=True)
                return dict(parts)
            case StructType():
                return self._struct(value, data_type)
            case ArrayType():
                if not isinstance(value, list):
                    raise BadValue
                return [self.read(item, data_type.elementType) for item in value]
            case MapType():
                if not isinstance(value, dict):
                    raise BadValue
                return [(k, self.read(v, data_type.valueType)) for k, v in value.items()]
            case StringType():
                return value if type(value) is str else compact(value)
            case BooleanType():
                if isinstance(value, bool):
                    return value
                raise BadValue
            case IntegralType():
                return _integer(value, data_type)
            case FloatType() | DoubleType():
                return _double(value)
            case DecimalType():
                return _decimal(value, data_type)
            case _:
                return self._text(value, data_type)

    def _struct(self, value: Any, data_type: StructType) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise BadValue
        fields = {}
        for field in data_type.fields:
            try:
                fields[field.name] = self.read(value.get(field.name), field.dataType)
            except BadValue:
                fields[field.name] = None
                self.gave_up = True
        return fields

    def _text(self, value: Any, data_type: DataType) -> Any:
        formats = self.formats
        if isinstance(data_type, TimestampType) and isinstance(value, Number):
            micros = _integer(value, None) * 1_000_000
            if not -(1 << 63) <= micros < 1 << 63:
                raise BadValue
            return micros
        if type(value) is not str:
            raise BadValue
        try:
            match data_type:
                case DateType():
                    found = formats.date(value) if formats.date else parse_date(value)
                case TimestampType():
                    found = (
                        formats.timestamp(value)
                        if formats.timestamp
                        else parse_timestamp(value, formats.zone)
                    )
                case TimestampNTZType():
                    found = (
                        formats.timestamp_ntz(value)
                        if formats.timestamp_ntz
                        else parse_timestamp_ntz(value)
                    )
                case BinaryType():
                    return base64.b64decode(value)
                case DayTimeIntervalType():
                    found = parse_day_time(value, data_type.startField, data_type.endField)
                case YearMonthIntervalType():
                    found = parse_year_month(value, data_type.startField, data_type.endField)
                case CalendarIntervalType():
                    return _calendar_interval(value)
                case _:
                    raise BadValue
        except (ValueError, OverflowError):
            raise BadValue from None
        if found is None:
            raise BadValue
        return found


def _calendar_interval(text: str) -> tuple[int, int, int]:
    parts = parse_calendar(text)
    if parts is None:
        raise BadValue
    months, days, micros = parts
    return months, days, micros * 1000


def _integer(value: Any, data_type: DataType | None) -> int:
    if not isinstance(value, Number) or not value.lstrip("-").isdigit():
        raise BadValue
    number = int(value)
    bits = 63 if data_type is None else _INTEGRAL_BITS[data_type.typeName()]
    if not -(1 << bits) <= number < 1 << bits:
        raise BadValue
    return number


def _double(value: Any) -> float:
    if isinstance(value, Number):
        return float(value)
    special = _SPECIAL_DOUBLES.get(value) if isinstance(value, str) else None
    if special is None:
        raise BadValue
    return float(special)


def _decimal(value: Any, data_type: DecimalType) -> Decimal:
    if not isinstance(value, str):
        raise BadValue
    try:
        unit = Decimal(1).scaleb(-data_type.scale)
        number = Decimal(value.strip()).quantize(unit, ROUND_HALF_UP)
    except InvalidOperation:
        raise BadValue from None
    if not number.is_finite() or len(number.as_tuple().digits) > data_type.precision:
        raise BadValue
    return number
