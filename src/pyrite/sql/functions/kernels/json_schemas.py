"""The Spark type of one parsed JSON document."""

from __future__ import annotations

from functools import reduce
from typing import Any

from pyrite.sql.functions.kernels.json_documents import Number
from pyrite.sql.functions.type_coercion import decimal_for, wider_decimal
from pyrite.sql.types import (
    BOOLEAN,
    DOUBLE,
    LONG,
    NULL,
    STRING,
    ArrayType,
    DataType,
    DecimalType,
    DoubleType,
    LongType,
    NullType,
    StructField,
    StructType,
)

__all__ = ["infer_type"]


def infer_type(
    value: Any, *, primitives_as_string: bool = False, prefers_decimal: bool = False
) -> DataType:
    """Return the type of a document; nulls and empty texts are strings.

    Args:
        value: The document, parsed.
        primitives_as_string: Whether every value that is no object or array is text.
        prefers_decimal: Whether fractions are decimals where they fit.

    Example:
        >>> infer_type({"a": [Number("1")]}).simpleString()
        'struct<a:array<bigint>>'
    """
    return _without_nulls(_infer(value, primitives_as_string, prefers_decimal))


def _infer(value: Any, as_string: bool, prefers_decimal: bool) -> DataType:
    match value:
        case dict():
            fields = [
                StructField(name, _infer(inner, as_string, prefers_decimal), True)
                for name, inner in sorted(value.items())
            ]
            return StructType(fields)
        case list():
            kinds = [_infer(inner, as_string, prefers_decimal) for inner in value]
            nothing: DataType = NULL
            return ArrayType(reduce(_merged, kinds, nothing), True)
        case None | "":
            return NULL
        case _ if as_string:
            return STRING
        case bool():
            return BOOLEAN
        case Number():
            return _number(value, prefers_decimal)
        case _:
            return STRING


def _number(text: str, prefers_decimal: bool) -> DataType:
    if text.lstrip("-").isdigit():
        if -(2**63) <= int(text) < 2**63:
            return LONG
        digits = len(text.lstrip("-"))
        return DecimalType(digits, 0) if digits <= 38 else DOUBLE
    if prefers_decimal and "e" not in text.lower():
        whole, _, fraction = text.lstrip("-").partition(".")
        precision = len(whole.lstrip("0") + fraction) or 1
        if precision <= 38:
            return DecimalType(max(precision, len(fraction)), len(fraction))
    return DOUBLE


def _merged(left: DataType, right: DataType) -> DataType:
    match left, right:
        case _ if left == right:
            return left
        case NullType(), _:
            return right
        case _, NullType():
            return left
        case ArrayType(), ArrayType():
            return ArrayType(_merged(left.elementType, right.elementType), True)
        case StructType(), StructType():
            fields = {field.name: field.dataType for field in left.fields}
            for field in right.fields:
                fields[field.name] = _merged(fields.get(field.name, NULL), field.dataType)
            return StructType([StructField(name, fields[name], True) for name in sorted(fields)])
        case (LongType() | DoubleType(), LongType() | DoubleType()):
            return DOUBLE
        case (LongType() | DecimalType(), LongType() | DecimalType()):
            return wider_decimal(decimal_for(left), decimal_for(right))
        case (DecimalType() | DoubleType(), DecimalType() | DoubleType()):
            return DOUBLE
        case _:
            return STRING


def _without_nulls(data_type: DataType) -> DataType:
    match data_type:
        case NullType():
            return STRING
        case ArrayType():
            return ArrayType(_without_nulls(data_type.elementType), True)
        case StructType():
            fields = data_type.fields
            return StructType(
                [StructField(f.name, _without_nulls(f.dataType), True) for f in fields]
            )
        case _:
            return data_type
