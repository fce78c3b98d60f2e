"""Which casts may give null for a value that is not null, as schemas say.

Spark decides it by the two types alone. The answer is about the schema, not about values: a
cast of text to a number is nullable also where it raises for every text that is no number.
"""

from __future__ import annotations

from pyrite.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    ByteType,
    CalendarIntervalType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    IntegralType,
    LongType,
    MapType,
    NumericType,
    ShortType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    YearMonthIntervalType,
)

__all__ = ["cast_may_give_null", "try_cast_may_give_null"]

#: The decimal digits that every value of an integral type has room in.
_DIGITS: dict[type[DataType], int] = {ByteType: 3, ShortType: 5, IntegerType: 10, LongType: 20}

_SMALL = (ByteType, ShortType)
_FLOATING = (FloatType, DoubleType)
_TEXTUAL = (StringType, BinaryType)
_INTERVALS = (DayTimeIntervalType, YearMonthIntervalType)

_Types = tuple[type[DataType], ...]

#: Sources and targets of the casts that may give null.
_NULLABLE: tuple[tuple[_Types, _Types], ...] = (
    (_FLOATING, (IntegralType, DecimalType, TimestampType)),
    ((DecimalType,), (IntegralType,)),
    ((TimestampType,), (*_SMALL, IntegerType, DecimalType)),
    ((TimestampNTZType,), (DateType,)),
    ((DateType,), (BooleanType, NumericType, TimestampNTZType)),
    (_INTERVALS, (DecimalType,)),
    ((TimeType,), (*_SMALL, DecimalType)),
)

#: Sources and targets of the casts that every value survives, besides casts to text.
_SAFE: tuple[tuple[_Types, _Types], ...] = (
    ((ByteType,), (ShortType, IntegerType, LongType, *_FLOATING)),
    ((ShortType,), (IntegerType, LongType, *_FLOATING)),
    ((IntegerType,), (LongType, *_FLOATING)),
    ((LongType,), (*_FLOATING, TimestampType)),
    ((FloatType,), (DoubleType,)),
    ((DateType,), (TimestampType, TimestampNTZType)),
    ((TimestampType,), (LongType, TimestampNTZType)),
    ((TimestampNTZType,), (TimestampType,)),
    ((DayTimeIntervalType,), (DayTimeIntervalType,)),
    ((YearMonthIntervalType,), (YearMonthIntervalType,)),
)


def cast_may_give_null(source: DataType, target: DataType) -> bool:
    """Return whether CAST is nullable for a value that is not.

    Example:
        >>> from pyrite.sql.types import LONG, STRING
        >>> cast_may_give_null(STRING, LONG), cast_may_give_null(LONG, STRING)
        (True, False)
    """
    if source == target:
        return False
    if isinstance(source, StringType):
        return not isinstance(target, _TEXTUAL)
    if isinstance(target, DecimalType) and isinstance(source, (IntegralType, DecimalType)):
        return not _has_room(source, target)
    return _listed(_NULLABLE, source, target)


def try_cast_may_give_null(source: DataType, target: DataType) -> bool:
    """Return whether TRY_CAST is nullable for a value that is not."""
    if source == target or isinstance(source, CalendarIntervalType):
        return False
    parts = _parts(source)
    if parts and type(source) is type(target):
        return any(map(try_cast_may_give_null, parts, _parts(target)))
    if isinstance(source, StringType):
        return not isinstance(target, _TEXTUAL)
    if isinstance(target, StringType):
        return bool(parts)
    if isinstance(target, DecimalType) and isinstance(source, (IntegralType, DecimalType)):
        return _loses_digits(source, target) or not _has_room(source, target)
    return not _listed(_SAFE, source, target)


def _loses_digits(source: IntegralType | DecimalType, target: DecimalType) -> bool:
    return isinstance(source, DecimalType) and source.scale > target.scale


def _has_room(source: IntegralType | DecimalType, target: DecimalType) -> bool:
    """Return whether a decimal type has the digits before the point for every value of a type."""
    if not isinstance(source, DecimalType):
        digits = _DIGITS[type(source)]
    else:  # rounding may carry into one more digit
        digits = source.precision - source.scale + _loses_digits(source, target)
    return target.precision - target.scale >= digits


def _parts(data_type: DataType) -> list[DataType]:
    match data_type:
        case ArrayType():
            return [data_type.elementType]
        case MapType():
            return [data_type.keyType, data_type.valueType]
        case StructType():
            return [field.dataType for field in data_type.fields]
        case _:
            return []


def _listed(casts: tuple[tuple[_Types, _Types], ...], source: DataType, target: DataType) -> bool:
    return any(isinstance(source, a) and isinstance(target, b) for a, b in casts)
