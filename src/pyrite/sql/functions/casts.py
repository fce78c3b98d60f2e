"""Which casts there are: the rules of CAST by the kinds of both types."""

from __future__ import annotations

from pyrite.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    CalendarIntervalType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DecimalType,
    FractionalType,
    IntegralType,
    MapType,
    NullType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    UserDefinedType,
    VariantType,
    YearMonthIntervalType,
)

__all__ = ["can_cast", "cast_mismatch", "kind_of"]

#: Kinds of types that cast alike; the first class that fits counts.
_KINDS: tuple[tuple[type[DataType], str], ...] = (
    (NullType, "void"),
    (BooleanType, "boolean"),
    (IntegralType, "integral"),
    (DecimalType, "decimal"),
    (FractionalType, "fractional"),
    (StringType, "string"),
    (BinaryType, "binary"),
    (DateType, "date"),
    (TimestampType, "timestamp"),
    (TimestampNTZType, "timestamp_ntz"),
    (TimeType, "time"),
    (DayTimeIntervalType, "day_time"),
    (YearMonthIntervalType, "year_month"),
    (CalendarIntervalType, "calendar"),
    (VariantType, "variant"),
    (ArrayType, "array"),
    (MapType, "map"),
    (StructType, "struct"),
    (UserDefinedType, "user_defined"),
)

_NUMBERS = "integral decimal fractional"
_TARGETS: dict[str, str] = {
    "boolean": f"{_NUMBERS} string variant",
    "integral": f"boolean {_NUMBERS} string timestamp day_time year_month variant",
    "decimal": f"boolean {_NUMBERS} string timestamp day_time year_month variant",
    "fractional": f"boolean {_NUMBERS} string timestamp variant",
    "string": f"boolean {_NUMBERS} string binary date timestamp timestamp_ntz time day_time "
    "year_month calendar variant",
    "binary": "string variant",
    "date": "string timestamp timestamp_ntz variant",
    "timestamp": f"{_NUMBERS} string date timestamp_ntz time variant",
    "timestamp_ntz": "string date timestamp time variant",
    "time": "string timestamp_ntz integral decimal variant",
    "day_time": "integral decimal string day_time",
    "year_month": "integral decimal string year_month",
    "calendar": "string",
    "variant": f"boolean {_NUMBERS} string binary date timestamp timestamp_ntz time variant "
    "array struct",
    "array": "string variant",
    "map": "string",
    "struct": "string",
    "user_defined": "string",
}
_CASTS = {source: frozenset(targets.split()) for source, targets in _TARGETS.items()}

#: Casts that only exist without ANSI mode.
_LEGACY_CASTS: dict[str, frozenset[str]] = {
    "boolean": frozenset({"timestamp"}),
    "integral": frozenset({"binary"}),
    "date": frozenset({"boolean", "integral", "decimal", "fractional"}),
    "timestamp": frozenset({"boolean"}),
}

#: The function that ANSI mode's message recommends in a cast's place.
_INSTEAD: dict[tuple[str, str], str] = {
    **{("date", number): "UNIX_DATE" for number in _NUMBERS.split()},
    **{(number, "date"): "DATE_FROM_UNIX_DATE" for number in _NUMBERS.split()},
}


def kind_of(data_type: DataType) -> str:
    """Return the name of the kind a type belongs to.

    Example:
        >>> from pyrite.sql.types import LONG
        >>> kind_of(LONG)
        'integral'
    """
    return next(kind for type_class, kind in _KINDS if isinstance(data_type, type_class))


def can_cast(source: DataType, target: DataType, ansi: bool) -> bool:
    """Whether an explicit cast from one type to another exists.

    Example:
        >>> from pyrite.sql.types import BOOLEAN, TIMESTAMP
        >>> can_cast(BOOLEAN, TIMESTAMP, ansi=True), can_cast(BOOLEAN, TIMESTAMP, ansi=False)
        (False, True)
    """
    if isinstance(target, UserDefinedType):
        return source == target or can_cast(source, target.sqlType(), ansi)
    match source, target:
        case (ArrayType(), ArrayType()):
            return can_cast(source.elementType, target.elementType, ansi)
        case (MapType(), MapType()):
            return can_cast(source.keyType, target.keyType, ansi) and can_cast(
                source.valueType, target.valueType, ansi
            )
        case (StructType(), StructType()):
            return len(source.fields) == len(target.fields) and all(
                can_cast(a.dataType, b.dataType, ansi)
                for a, b in zip(source.fields, target.fields, strict=True)
            )
        case (VariantType(), ArrayType()):
            return can_cast(source, target.elementType, ansi)
        case (VariantType(), MapType()):
            return isinstance(target.keyType, StringType) and can_cast(
                source, target.valueType, ansi
            )
        case (VariantType(), StructType()):
            return all(can_cast(source, field.dataType, ansi) for field in target.fields)
    a, b = kind_of(source), kind_of(target)
    if a == "void" or (a == b and a != "user_defined"):
        return True
    return b in _CASTS[a] or (not ansi and b in _LEGACY_CASTS.get(a, ()))


def cast_mismatch(source: DataType, target: DataType, ansi: bool) -> tuple[str, dict[str, str]]:
    """Return the condition, and the parameters beyond both types, of a cast there is not."""
    a, b = kind_of(source), kind_of(target)
    if ansi and (a, b) in _INSTEAD:
        names = f"`{_INSTEAD[a, b]}`"
        return "DATATYPE_MISMATCH.CAST_WITH_FUNC_SUGGESTION", {"functionNames": names}
    if ansi and can_cast(source, target, ansi=False):
        config = {"config": '"spark.sql.ansi.enabled"', "configVal": "'false'"}
        return "DATATYPE_MISMATCH.CAST_WITH_CONF_SUGGESTION", config
    return "DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION", {}
