"""Partition directories: ``year=2026/country=FR`` as columns and their values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from urllib.parse import unquote

from pyrite.sql.errors import runtime_error
from pyrite.sql.types import (
    DATE,
    DOUBLE,
    INTEGER,
    LONG,
    NULL,
    STRING,
    TIMESTAMP,
    AtomicType,
    CalendarIntervalType,
    DataType,
    DecimalType,
    NullType,
    VariantType,
)

__all__ = ["NULL_PARTITION", "can_partition", "escape", "infer_type", "read_directory"]

#: The directory's value for null and for the empty string.
NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"

#: Types without parts whose values no directory is named after.
_NOT_IN_NAMES = (CalendarIntervalType, NullType, VariantType)

_ESCAPED = re.compile(r"[\x00-\x1f\"#%'*/:=?\\\x7f{\[\]^]")
_INTEGER = re.compile(r"[+-]?\d+")
_DOUBLE = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[dDfF]?|[+-]?(NaN|Infinity)")
_TIMESTAMP = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}[ T]\d{1,2}:\d{1,2}(:\d{1,2}(\.\d{1,9})?)?(Z|[+-]\d{1,2}(:?\d{2})?)?"
)


def can_partition(data_type: DataType) -> bool:
    """Return whether columns of a type can make directories.

    Example:
        >>> can_partition(STRING), can_partition(NULL)
        (True, False)
    """
    return isinstance(data_type, AtomicType) and not isinstance(data_type, _NOT_IN_NAMES)


def escape(name: str) -> str:
    """Write a column's name or value so that it can be part of a directory's name.

    Example:
        >>> escape("a b/c")
        'a b%2Fc'
    """
    return _ESCAPED.sub(lambda match: f"%{ord(match[0]):02X}", name)


def read_directory(name: str) -> tuple[str, str | None] | None:
    """Read ``column=value``, None for a directory of another kind.

    Raises:
        SparkError: EMPTY_PARTITION_COLUMN_NAME or EMPTY_PARTITION_COLUMN_VALUE if a part is
            missing.

    Example:
        >>> read_directory("k=a%2Fb"), read_directory("k=__HIVE_DEFAULT_PARTITION__")
        (('k', 'a/b'), ('k', None))
    """
    column, found, value = name.partition("=")
    if not found:
        return None
    if not column:
        raise runtime_error("EMPTY_PARTITION_COLUMN_NAME", columnSpec=name)
    if not value:
        raise runtime_error("EMPTY_PARTITION_COLUMN_VALUE", columnSpec=name)
    return unquote(column), None if value == NULL_PARTITION else unquote(value)


def _type_of(value: str | None) -> DataType:
    """Return the narrowest type of one value."""
    if value is None:
        return NULL
    if _INTEGER.fullmatch(value):
        number = int(value)
        if -(2**31) <= number < 2**31:
            return INTEGER
        if -(2**63) <= number < 2**63:
            return LONG
        digits = len(str(abs(number)))
        return DecimalType(digits, 0) if digits <= 38 else DOUBLE
    if _DOUBLE.fullmatch(value):
        return DOUBLE
    if re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", value):
        return DATE if _is_date(value) else STRING
    if _TIMESTAMP.fullmatch(value) and _is_date(re.split("[ T]", value)[0]):
        return TIMESTAMP
    return STRING


def _is_date(text: str) -> bool:
    try:
        date(*map(int, text.split("-")))
    except ValueError:
        return False
    return True


#: Types of which every one can hold what those before it hold.
_WIDENING: tuple[Sequence[DataType], ...] = ((INTEGER, LONG, DOUBLE), (DATE, TIMESTAMP))


def _wider(left: DataType, right: DataType) -> DataType:
    if left == right or isinstance(right, NullType):
        return left
    if isinstance(left, NullType):
        return right
    if {left, right} == {LONG, DOUBLE}:
        return STRING  # digits would be lost
    for types in _WIDENING:
        if left in types and right in types:
            return max(left, right, key=types.index)
    decimals = [t for t in (left, right) if isinstance(t, DecimalType)]
    if len(decimals) == 2:
        return max(decimals, key=lambda t: t.precision)
    if decimals and (left in (INTEGER, LONG) or right in (INTEGER, LONG)):
        return DecimalType(max(decimals[0].precision, 20), 0)
    return STRING


def infer_type(values: Iterable[str | None]) -> DataType:
    """Return the type of a partition column from its directories' values.

    Example:
        >>> infer_type(["1", "30000000000", None])
        LongType()
    """
    found: DataType = NULL
    for value in values:
        found = _wider(found, _type_of(value))
    return STRING if isinstance(found, NullType) else found
