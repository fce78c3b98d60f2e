"""Type coercion: which types have a common one, and which convert without being asked.

Pure functions of types. The rules are those of Spark's documentation ("ANSI Compliance": type
promotion and precedence) and, without ANSI mode, of its older behaviour, where strings win.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyrite.sql.expressions.expression import Cast, CastMode, Expression, Literal
from pyrite.sql.types import (
    DATE,
    DOUBLE,
    LONG,
    NULL,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    ArrayType,
    AtomicType,
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
    FractionalType,
    IntegerType,
    IntegralType,
    LongType,
    MapType,
    NullType,
    NumericType,
    ShortType,
    StringType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
    VariantType,
    YearMonthIntervalType,
)

__all__ = [
    "cast_to",
    "common_type",
    "common_type_of",
    "decimal_for",
    "implicit_cast_type",
    "is_orderable",
    "same_structure",
    "same_type",
    "wider_decimal",
]

_MAX_PRECISION = 38

#: Numeric types from narrow to wide; a value of one may become any later one.
_NUMERIC_ORDER: tuple[type[DataType], ...] = (
    ByteType,
    ShortType,
    IntegerType,
    LongType,
    FloatType,
    DoubleType,
)

#: The decimal that holds every value of an integral type.
_INTEGRAL_DIGITS: dict[type[DataType], int] = {
    ByteType: 3,
    ShortType: 5,
    IntegerType: 10,
    LongType: 20,
}


def decimal_for(data_type: DataType) -> DecimalType:
    """Return the decimal that holds every value of an integral or decimal type.

    Example:
        >>> decimal_for(LONG)
        DecimalType(20,0)
    """
    if isinstance(data_type, DecimalType):
        return data_type
    digits = _INTEGRAL_DIGITS.get(type(data_type))
    if digits is not None:
        return DecimalType(digits, 0)
    return DecimalType(14, 7) if isinstance(data_type, FloatType) else DecimalType(30, 15)


def wider_decimal(left: DecimalType, right: DecimalType) -> DecimalType:
    """Return the decimal with room for both types' integer digits and, up to 38, their scales.

    Example:
        >>> wider_decimal(DecimalType(38, 0), DecimalType(20, 20))
        DecimalType(38,0)
    """
    scale = max(left.scale, right.scale)
    integer = max(left.precision - left.scale, right.precision - right.scale)
    precision = min(integer + scale, _MAX_PRECISION)
    return DecimalType(precision, min(scale, precision - integer))


def same_type(left: DataType, right: DataType) -> bool:
    """Whether two types are equal but for the nullability of what is inside."""
    match left, right:
        case (ArrayType(), ArrayType()):
            return same_type(left.elementType, right.elementType)
        case (MapType(), MapType()):
            return same_type(left.keyType, right.keyType) and same_type(
                left.valueType, right.valueType
            )
        case (StructType(), StructType()):
            return len(left.fields) == len(right.fields) and all(
                a.name.lower() == b.name.lower() and same_type(a.dataType, b.dataType)
                for a, b in zip(left.fields, right.fields, strict=True)
            )
        case _:
            return left == right


def common_type(left: DataType, right: DataType, ansi: bool) -> DataType | None:
    """Return the type both sides become when they meet, None if there is none.

    Example:
        >>> common_type(LONG, DOUBLE, ansi=True)
        DoubleType()
    """
    if left == right:
        return left
    if isinstance(left, NullType):
        return right
    if isinstance(right, NullType):
        return left
    if isinstance(left, NumericType) and isinstance(right, NumericType):
        return _common_numeric(left, right, ansi)
    if isinstance(left, StringType) or isinstance(right, StringType):
        return _common_with_string(left, right, ansi)
    return _common_datetime(left, right) or _common_nested(left, right, ansi)


def common_type_of(types: Sequence[DataType], ansi: bool) -> DataType | None:
    """Return the common type of several types, None if there is none."""
    if not ansi and any(isinstance(t, StringType) for t in types):
        # Without ANSI mode a string anywhere decides, whatever the order of the others.
        types = sorted(types, key=lambda t: not isinstance(t, StringType))
    found: DataType = NULL
    for item in types:
        wider = common_type(found, item, ansi)
        if wider is None:
            return None
        found = wider
    return found


def _common_numeric(left: NumericType, right: NumericType, ansi: bool) -> DataType:
    if isinstance(left, DecimalType) or isinstance(right, DecimalType):
        if isinstance(left, (FloatType, DoubleType)) or isinstance(right, (FloatType, DoubleType)):
            return DOUBLE
        return wider_decimal(decimal_for(left), decimal_for(right))
    wide = max(left, right, key=lambda t: _NUMERIC_ORDER.index(type(t)))
    narrow = right if wide is left else left
    if ansi and isinstance(wide, FloatType) and isinstance(narrow, IntegralType):
        return DOUBLE  # a float cannot hold every int
    return wide


def _common_with_string(left: DataType, right: DataType, ansi: bool) -> DataType | None:
    other = right if isinstance(left, StringType) else left
    if isinstance(other, StringType):
        return STRING
    if not isinstance(other, (AtomicType, DayTimeIntervalType, YearMonthIntervalType)):
        return None
    if not ansi:
        return None if isinstance(other, (BinaryType, BooleanType)) else STRING
    if isinstance(other, IntegralType):
        return LONG
    if isinstance(other, FractionalType):
        return DOUBLE
    return other


def _common_datetime(left: DataType, right: DataType) -> DataType | None:
    kinds = {type(left), type(right)}
    if kinds <= {DateType, TimestampType, TimestampNTZType}:
        if TimestampType in kinds:
            return TIMESTAMP
        return TIMESTAMP_NTZ if TimestampNTZType in kinds else DATE
    if isinstance(left, DayTimeIntervalType) and isinstance(right, DayTimeIntervalType):
        return DayTimeIntervalType(
            min(left.startField, right.startField), max(left.endField, right.endField)
        )
    if isinstance(left, YearMonthIntervalType) and isinstance(right, YearMonthIntervalType):
        return YearMonthIntervalType(
            min(left.startField, right.startField), max(left.endField, right.endField)
        )
    return None


def _common_nested(left: DataType, right: DataType, ansi: bool) -> DataType | None:
    match left, right:
        case (ArrayType(), ArrayType()):
            element = common_type(left.elementType, right.elementType, ansi)
            if element is None:
                return None
            return ArrayType(element, left.containsNull or right.containsNull)
        case (MapType(), MapType()):
            key = common_type(left.keyType, right.keyType, ansi)
            value = common_type(left.valueType, right.valueType, ansi)
            if key is None or value is None:
                return None
            return MapType(key, value, left.valueContainsNull or right.valueContainsNull)
        case (StructType(), StructType()) if len(left.fields) == len(right.fields):
            fields = []
            for a, b in zip(left.fields, right.fields, strict=True):
                inner = common_type(a.dataType, b.dataType, ansi)
                if inner is None or a.name.lower() != b.name.lower():
                    return None
                fields.append(StructField(a.name, inner, a.nullable or b.nullable))
            return StructType(fields)
        case _:
            return None


def same_structure(left: DataType, right: DataType) -> bool:
    """Whether two types differ in nothing but the names of structs' fields and in nulls.

    Example:
        >>> from pyrite.sql.types import INTEGER, StructField, StructType
        >>> one, other = (StructType([StructField(name, INTEGER)]) for name in "ab")
        >>> same_type(one, other), same_structure(one, other)
        (False, True)
    """
    match left, right:
        case (ArrayType(), ArrayType()):
            return same_structure(left.elementType, right.elementType)
        case (MapType(), MapType()):
            return same_structure(left.keyType, right.keyType) and same_structure(
                left.valueType, right.valueType
            )
        case (StructType(), StructType()):
            return len(left.fields) == len(right.fields) and all(
                same_structure(a.dataType, b.dataType)
                for a, b in zip(left.fields, right.fields, strict=True)
            )
        case _:
            return same_type(left, right)


def is_orderable(data_type: DataType) -> bool:
    """Whether values of a type have an order."""
    match data_type:
        case ArrayType():
            return is_orderable(data_type.elementType)
        case StructType():
            return all(is_orderable(field.dataType) for field in data_type.fields)
        case MapType() | CalendarIntervalType() | VariantType():
            return False
        case _:
            return True


def implicit_cast_type(source: DataType, target: DataType, ansi: bool) -> bool:
    """Whether an argument of one type is converted unasked where a function wants another.

    Example:
        >>> implicit_cast_type(DOUBLE, LONG, ansi=True), implicit_cast_type(LONG, DATE, ansi=True)
        (True, False)
    """
    if same_type(source, target) or isinstance(source, NullType):
        return True
    if isinstance(target, VariantType):
        return False
    if isinstance(source, StringType):
        return isinstance(target, AtomicType)
    if isinstance(target, StringType):
        return isinstance(source, AtomicType)
    if isinstance(source, NumericType) and isinstance(target, NumericType):
        return True
    datetimes = (DateType, TimestampType, TimestampNTZType)
    if isinstance(source, datetimes) and isinstance(target, datetimes):
        return True
    match source, target:
        case (ArrayType(), ArrayType()):
            return implicit_cast_type(source.elementType, target.elementType, ansi)
        case (MapType(), MapType()):
            return implicit_cast_type(source.keyType, target.keyType, ansi) and implicit_cast_type(
                source.valueType, target.valueType, ansi
            )
        case _:
            return False


def _widens(source: DataType, target: DataType) -> bool:
    """Whether every value of one integral type is one of the other."""
    integral = isinstance(source, IntegralType) and isinstance(target, IntegralType)
    order = _NUMERIC_ORDER.index
    return integral and order(type(source)) < order(type(target))


def cast_to(expression: Expression, target: DataType, ansi: bool) -> Expression:
    """Convert an expression unasked; nothing is added where the types are equal already."""
    if same_type(expression.data_type, target):
        return expression
    if isinstance(expression, Literal):
        if expression.value is None:
            return Literal(None, target)
        if _widens(expression.data_type, target):
            return Literal(expression.value, target)
    return Cast(expression, target, CastMode.ANSI if ansi else CastMode.LEGACY, implicit=True)
