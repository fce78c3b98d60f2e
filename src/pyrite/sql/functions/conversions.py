"""Conversions: the functions named after types, such as ``int('5')``."""

from __future__ import annotations

from collections.abc import Sequence

from pyrite.sql.expressions.expression import Cast, CastMode, Expression
from pyrite.sql.expressions.function import Function
from pyrite.sql.expressions.unresolved import UnresolvedCast
from pyrite.sql.functions.casts import can_cast
from pyrite.sql.functions.define import scalar
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
    DataType,
    DecimalType,
)

__all__ = ["FUNCTIONS"]

_TYPES: dict[str, DataType] = {
    "boolean": BOOLEAN,
    "tinyint": BYTE,
    "smallint": SHORT,
    "int": INTEGER,
    "bigint": LONG,
    "float": FLOAT,
    "double": DOUBLE,
    "decimal": DecimalType(10, 0),
    "date": DATE,
    "timestamp": TIMESTAMP,
    "binary": BINARY,
    "string": STRING,
}


def _conversion(name: str, data_type: DataType) -> tuple[Function, ...]:
    def as_cast(arguments: Sequence[Expression], ansi: bool) -> Expression | None:
        if len(arguments) != 1:
            return None  # the signature's check raises
        if not can_cast(arguments[0].data_type, data_type, ansi):
            return UnresolvedCast(arguments[0], data_type)  # the analyzer raises
        mode = CastMode.ANSI if ansi else CastMode.LEGACY
        return Cast(arguments[0], data_type, mode, implicit=True)

    return scalar(
        f"{name}(expr: any) -> {name}" if name != "decimal" else "decimal(expr: any) -> any",
        "{expr}",
        f"The value as {name}.",
        rewrite=as_cast,
    )


FUNCTIONS = tuple(_conversion(name, data_type) for name, data_type in _TYPES.items())
