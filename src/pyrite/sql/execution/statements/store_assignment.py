"""Store assignment: which values may be written into a table's column, and how."""

from __future__ import annotations

from pyrite.sql.expressions.char_types import map_texts, without_lengths
from pyrite.sql.expressions.expression import Attribute, Expression, Literal
from pyrite.sql.expressions.unresolved import UnresolvedCast, UnresolvedFunction
from pyrite.sql.types import (
    INTEGER,
    STRING,
    ArrayType,
    BinaryType,
    BooleanType,
    CharType,
    DataType,
    DateType,
    DayTimeIntervalType,
    MapType,
    NullType,
    NumericType,
    StringType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
    UserDefinedType,
    VarcharType,
    VariantType,
    YearMonthIntervalType,
    sql_name,
)

__all__ = ["assignable", "stored_number", "stored_value"]

_TEXT = (StringType, CharType, VarcharType)
_TIMES = (DateType, TimestampType, TimestampNTZType)
_PARTED = (ArrayType, MapType, StructType)


def assignable(source: DataType, target: DataType) -> bool:
    """Return whether values of one type may be stored as another, as ANSI SQL allows.

    Numbers may be stored as any number (one that is too large raises), everything without parts
    as text, dates and timestamps as each other.

    Example:
        >>> from pyrite.sql.types import INTEGER, STRING
        >>> assignable(INTEGER, STRING), assignable(STRING, INTEGER)
        (True, False)
    """
    match source, target:
        case NullType(), _:
            return True
        case UserDefinedType(), UserDefinedType():
            return source == target
        case NumericType(), NumericType():
            return True
        case ArrayType(), ArrayType():
            return assignable(source.elementType, target.elementType)
        case MapType(), MapType():
            return assignable(source.keyType, target.keyType) and assignable(
                source.valueType, target.valueType
            )
        case StructType(), StructType():
            return len(source.fields) == len(target.fields) and all(
                assignable(a.dataType, b.dataType)
                for a, b in zip(source.fields, target.fields, strict=True)
            )
        case _:
            pass
    if isinstance(target, _TEXT):
        return not isinstance(source, (*_PARTED, BinaryType, VariantType))
    if isinstance(source, _TIMES) and isinstance(target, _TIMES):
        return True
    if isinstance(source, BooleanType) or isinstance(target, BooleanType):
        return type(source) is type(target)
    intervals = (DayTimeIntervalType, YearMonthIntervalType)
    if isinstance(source, intervals) and isinstance(target, intervals):
        return type(source) is type(target)
    return type(source) is type(target)


def stored_value(value: Expression, target: DataType) -> Expression:
    """Return an expression of the value that is stored; what does not fit raises."""
    stored = UnresolvedCast(value, without_lengths(target), "ansi")
    return map_texts(stored, target, _fitted)


def stored_number(value: Attribute, field: StructField) -> Expression:
    """Return an expression of a number as a column stores it; one too large names the column."""
    texts = (
        f"`{field.name}`",
        f'"{sql_name(value.data_type)}"',
        f'"{sql_name(field.dataType)}"',
    )
    stored = UnresolvedCast(value, field.dataType, "try")
    shown = tuple(Literal(text, STRING) for text in texts)
    return UnresolvedFunction(("table_insert_check",), (stored, value, *shown))


def _fitted(text: Expression, declared: DataType) -> Expression:
    assert isinstance(declared, (CharType, VarcharType))
    kind = "char" if isinstance(declared, CharType) else "varchar"
    size = Literal(declared.length, INTEGER)
    return UnresolvedFunction((f"{kind}_type_write_side_check",), (text, size))
