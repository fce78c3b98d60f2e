"""Texts in their usual forms to values of a type, a whole column at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pyrite.sql.types import (
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
    ShortType,
    StringType,
    TimestampNTZType,
    TimestampType,
    VarcharType,
    to_arrow,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["in_range", "usual_values"]

_BITS: dict[type[DataType], int] = {ByteType: 8, ShortType: 16, IntegerType: 32, LongType: 64}
_WHOLE = r"^-?\d{1,18}$"
_NUMBER = r"^-?\d+(\.\d+)?([eE][+-]?\d{1,2})?$"
_TRUTH = "^(?i:true|false)$"
_DATE = r"^\d{4}-\d{2}-\d{2}$"
_MOMENT = r"^\d{4}-\d{2}-\d{2}[ T]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?$"


def usual_values(texts: pa.Array, target: DataType, zone: str) -> pa.Array:
    """Return the values that texts are of a type.

    Args:
        texts: The texts; of other types than text they have no blanks around them.
        target: Any type.
        zone: The time zone of clocks.

    Returns:
        Values of the type, null for texts in other forms: whole numbers of more than 18 digits,
        numbers beyond the type, decimals with too many digits, moments with a time zone or in an
        hour that clocks leave out, everything if one of the texts is a day that no calendar has.
    """
    import pyarrow as pa

    read = _READERS.get(type(target))
    kind = to_arrow(target)
    return pa.nulls(len(texts), kind) if read is None else read(texts, target, zone).cast(kind)


def in_range(numbers: Any, target: DataType) -> pa.Array:
    """Return whole numbers, null for those that an integral type has no place for."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    limit = np.int64((1 << _BITS[type(target)] - 1) - 1)
    fits = (numbers <= limit) & (numbers >= ~limit)
    return pc.if_else(pa.array(fits), pa.array(numbers), pa.scalar(None, pa.int64()))


def _matching(texts: pa.Array, pattern: str) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    fits = pc.match_substring_regex(texts, pattern)
    return pc.if_else(fits, texts, pa.scalar(None, texts.type))


def _cast_or_null(texts: pa.Array, kind: pa.DataType) -> pa.Array:
    """Convert texts; none at all if one of them is a day that no calendar has."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        return pc.cast(texts, kind)
    except pa.ArrowInvalid:
        return pa.nulls(len(texts), kind)


def _integers(texts: pa.Array, target: DataType, zone: str) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    numbers = pc.cast(_matching(texts, _WHOLE), pa.int64())
    found = in_range(pc.fill_null(numbers, 0).to_numpy(), target)
    return pc.if_else(numbers.is_valid(), found, pa.scalar(None, pa.int64()))


def _doubles(texts: pa.Array, target: DataType, zone: str) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.cast(_matching(texts, _NUMBER), pa.float64())


def _decimals(texts: pa.Array, target: DecimalType, zone: str) -> pa.Array:
    import pyarrow.compute as pc

    whole = target.precision - target.scale
    start = rf"-?\d{{1,{whole}}}" if whole else "-?0"
    fraction = rf"(\.\d{{1,{target.scale}}})?" if target.scale else ""
    return pc.cast(_matching(texts, f"^{start}{fraction}$"), to_arrow(target))


def _truths(texts: pa.Array, target: DataType, zone: str) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.cast(_matching(texts, _TRUTH), pa.bool_())


def _dates(texts: pa.Array, target: DataType, zone: str) -> pa.Array:
    import pyarrow as pa

    return _cast_or_null(_matching(texts, _DATE), pa.date32())


def _moments(texts: pa.Array, target: DataType, zone: str) -> pa.Array:
    import pyarrow as pa

    return _cast_or_null(_matching(texts, _MOMENT), pa.timestamp("us"))


def _instants(texts: pa.Array, target: DataType, zone: str) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    moments = _moments(texts, target, zone)
    try:
        return pc.assume_timezone(moments, zone, ambiguous="earliest", nonexistent="raise")
    except (pa.ArrowInvalid, ValueError):
        return pa.nulls(len(texts), pa.timestamp("us", "UTC"))


_READERS: dict[type[DataType], Callable[[pa.Array, Any, str], pa.Array]] = {
    **dict.fromkeys((StringType, CharType, VarcharType), lambda texts, target, zone: texts),
    **dict.fromkeys(_BITS, _integers),
    FloatType: _doubles,
    DoubleType: _doubles,
    DecimalType: _decimals,
    BooleanType: _truths,
    DateType: _dates,
    TimestampNTZType: _moments,
    TimestampType: _instants,
}
