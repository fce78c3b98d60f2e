"""Variants to values of other types, as Spark's casts convert what they hold."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from pyrite.sql.expressions.number_text import double_text, float_text
from pyrite.sql.functions.kernels.datetime_text import (
    parse_date,
    parse_timestamp,
    parse_timestamp_ntz,
    to_instant,
)
from pyrite.sql.functions.kernels.variant_binary import Float32, encode
from pyrite.sql.functions.kernels.variant_trees import decimal_text, moment_text, to_json
from pyrite.sql.functions.raising import raised_text
from pyrite.sql.time_zones import parse_zone
from pyrite.sql.types import (
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
    VarcharType,
    VariantType,
    sql_name,
)

__all__ = ["VariantCast"]

_EPOCH = datetime.datetime(1970, 1, 1)
_UTC_EPOCH = _EPOCH.replace(tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)
_MICROS = 1_000_000
_BITS: dict[type[DataType], int] = {ByteType: 8, ShortType: 16, IntegerType: 32, LongType: 64}
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?inf(inity)?|nan", re.ASCII | re.I)
_TRUTH = {
    **dict.fromkeys(("t", "true", "y", "yes", "1"), True),
    **dict.fromkeys(("f", "false", "n", "no", "0"), False),
}
_EXACT = Context(prec=80)


class _NoSuchCast(Exception):
    """A value does not convert to a type."""


@dataclass(frozen=True)
class VariantCast:
    """Converts trees.

    Attributes:
        zone_name: The session's time zone.
        strict: Whether what does not convert raises, rather than become null.
    """

    zone_name: str
    strict: bool

    @property
    def zone(self) -> datetime.tzinfo:
        """The session's time zone."""
        return parse_zone(self.zone_name) or datetime.UTC

    def convert(self, tree: Any, target: DataType) -> Any:
        """Return a value of a type, in a form that Arrow reads.

        Raises:
            ValueError: In the form that carries INVALID_VARIANT_CAST.
        """
        if isinstance(target, VariantType):
            value, metadata = encode(tree)
            return {"value": value, "metadata": metadata}
        if tree is None:
            return None
        try:
            return _CONVERSIONS[type(target)](self, tree, target)
        except (_NoSuchCast, ArithmeticError, UnicodeError):
            if not self.strict:
                return None
        raise ValueError(
            raised_text(
                "INVALID_VARIANT_CAST",
                value=to_json(tree, self.zone),
                dataType=f'"{sql_name(target)}"',
            )
        )

    def _array(self, tree: Any, target: ArrayType) -> Any:
        if not isinstance(tree, list):
            raise _NoSuchCast
        return [self.convert(item, target.elementType) for item in tree]

    def _map(self, tree: Any, target: MapType) -> Any:
        if not isinstance(tree, dict):
            raise _NoSuchCast
        return [(name, self.convert(item, target.valueType)) for name, item in tree.items()]

    def _struct(self, tree: Any, target: StructType) -> Any:
        if not isinstance(tree, dict):
            raise _NoSuchCast
        return {f.name: self._field(tree, f.name, f.dataType) for f in target.fields}

    def _field(self, tree: dict[str, Any], name: str, target: DataType) -> Any:
        return self.convert(tree[name], target) if name in tree else None

    def _string(self, tree: Any, target: DataType) -> str:
        match tree:
            case str():
                return tree
            case float():
                return float_text(tree) if isinstance(tree, Float32) else double_text(tree)
            case Decimal():
                return decimal_text(tree)
            case bytes():
                return tree.decode(errors="replace")
            case datetime.datetime():
                return moment_text(self._local(tree))
            case bool() | list() | dict():
                return to_json(tree, self.zone)
            case _:
                return str(tree)

    def _boolean(self, tree: Any, target: DataType) -> bool:
        match tree:
            case bool() | int() | float() | Decimal():
                return bool(tree)
            case str() if (word := tree.strip().lower()) in _TRUTH:
                return _TRUTH[word]
            case _:
                raise _NoSuchCast

    def _integral(self, tree: Any, target: DataType) -> int:
        match tree:
            case bool() | int():
                whole = int(tree)
            case float() if math.isfinite(tree):
                whole = int(tree)
            case Decimal():
                whole = int(tree)
            case str() if _WHOLE.fullmatch(tree.strip()):
                whole = int(tree)
            case datetime.datetime() if tree.tzinfo is not None:
                whole = (tree - _UTC_EPOCH) // _MICROSECOND // _MICROS
            case _:
                raise _NoSuchCast
        if (whole if whole >= 0 else ~whole).bit_length() >= _BITS[type(target)]:
            raise _NoSuchCast
        return whole

    def _double(self, tree: Any, target: DataType) -> float:
        match tree:
            case bool() | int() | float() | Decimal():
                return float(tree)
            case str() if _NUMBER.fullmatch(tree.strip()):
                return float(tree)
            case datetime.datetime() if tree.tzinfo is not None:
                return ((tree - _UTC_EPOCH) // _MICROSECOND) / _MICROS
            case _:
                raise _NoSuchCast

    def _decimal(self, tree: Any, target: DecimalType) -> Decimal:
        match tree:
            case bool() | int() | Decimal():
                exact = Decimal(tree)
            case float() if math.isfinite(tree):
                exact = Decimal(repr(float(tree)))
            case str() if _NUMBER.fullmatch(tree.strip()):
                exact = Decimal(tree.strip())
            case datetime.datetime() if tree.tzinfo is not None:
                exact = Decimal((tree - _UTC_EPOCH) // _MICROSECOND) / _MICROS
            case _:
                raise _NoSuchCast
        rounded = exact.quantize(Decimal(1).scaleb(-target.scale), ROUND_HALF_UP, _EXACT)
        if len(rounded.as_tuple().digits) > target.precision and rounded:
            raise _NoSuchCast
        return rounded

    def _binary(self, tree: Any, target: DataType) -> bytes:
        match tree:
            case bytes():
                return tree
            case str():
                return tree.encode()
            case _:
                raise _NoSuchCast

    def _date(self, tree: Any, target: DataType) -> datetime.date | int:
        match tree:
            case datetime.datetime():
                return self._local(tree).date()
            case datetime.date():
                return tree
            case str() if (days := parse_date(tree)) is not None:
                return days
            case _:
                raise _NoSuchCast

    def _timestamp(self, tree: Any, target: DataType) -> datetime.datetime | int:
        match tree:
            case bool():
                raise _NoSuchCast
            case int() | Decimal():
                return _saturated(int(tree * _MICROS))
            case float() if math.isfinite(tree):
                return _saturated(int(tree * _MICROS))
            case datetime.datetime() if tree.tzinfo is not None:
                return tree
            case datetime.date():
                return to_instant(_micros(tree), self.zone)
            case str() if (micros := parse_timestamp(tree, self.zone_name)) is not None:
                return micros
            case _:
                raise _NoSuchCast

    def _timestamp_ntz(self, tree: Any, target: DataType) -> datetime.datetime | int:
        match tree:
            case datetime.datetime():
                return self._local(tree)
            case datetime.date():
                return _micros(tree)
            case str() if (micros := parse_timestamp_ntz(tree)) is not None:
                return micros
            case _:
                raise _NoSuchCast

    def _local(self, moment: datetime.datetime) -> datetime.datetime:
        if moment.tzinfo is None:
            return moment
        return moment.astimezone(self.zone).replace(tzinfo=None)


def _saturated(number: int) -> int:
    """Return the nearest number of 64 bits."""
    return max(-(1 << 63), min(number, (1 << 63) - 1))


def _micros(moment: datetime.date) -> int:
    if not isinstance(moment, datetime.datetime):
        moment = datetime.datetime.combine(moment, datetime.time())
    return (moment - _EPOCH) // _MICROSECOND


_CONVERSIONS: dict[type[DataType], Callable[[VariantCast, Any, Any], Any]] = {
    ArrayType: VariantCast._array,
    MapType: VariantCast._map,
    StructType: VariantCast._struct,
    StringType: VariantCast._string,
    CharType: VariantCast._string,
    VarcharType: VariantCast._string,
    BooleanType: VariantCast._boolean,
    **dict.fromkeys(_BITS, VariantCast._integral),
    FloatType: VariantCast._double,
    DoubleType: VariantCast._double,
    DecimalType: VariantCast._decimal,
    BinaryType: VariantCast._binary,
    DateType: VariantCast._date,
    TimestampType: VariantCast._timestamp,
    TimestampNTZType: VariantCast._timestamp_ntz,
}
