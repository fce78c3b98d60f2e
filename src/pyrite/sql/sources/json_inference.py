"""JSON inference: one schema from the shapes of all documents, merged as Spark does."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from functools import reduce
from typing import Any

from pyrite.sql.errors import analysis_error
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

__all__ = ["infer_schema"]

#: DuckDB's word for an object without fields.
_EMPTY = "JSON"

#: DuckDB's name of a JSON value's kind -> Spark's type.
_ATOMS: dict[str, DataType] = {
    "NULL": NULL,
    "BOOLEAN": BOOLEAN,
    "BIGINT": LONG,
    "UBIGINT": LONG,
    "HUGEINT": DecimalType(38, 0),
    "DOUBLE": DOUBLE,
    "VARCHAR": STRING,
}


def infer_schema(
    structures: Iterable[str],
    documents: Iterable[str],
    *,
    prefers_decimal: bool,
    primitives_as_string: bool,
    drops_null: bool,
) -> StructType | None:
    """Return the schema of documents.

    Args:
        structures: What DuckDB's ``json_structure`` says of them, each different answer once.
        documents: More documents, as they are.
        prefers_decimal: Whether fractions are decimals where 38 digits suffice.
        primitives_as_string: Whether every value that is not an object or array is text.
        drops_null: Whether columns that are always null or empty are left out.

    Returns:
        The columns, sorted by name; None when a document is no object.

    Raises:
        SparkError: COLUMN_ALREADY_EXISTS if two names of an object differ only in case, or not.
    """
    types = [_type(json.loads(structure), primitives_as_string) for structure in structures]
    types += [
        _read(document, prefers_decimal=prefers_decimal, as_string=primitives_as_string)
        for document in documents
    ]
    merged = _merged(types)
    if isinstance(merged, NullType):
        return StructType([])
    if not isinstance(merged, StructType):
        return None
    finished = _finish(merged, drops_null)
    schema = finished if isinstance(finished, StructType) else StructType([])
    _check_names(schema)
    return schema


def _type(structure: Any, as_string: bool) -> DataType:
    if structure == _EMPTY:
        return StructType([])
    if isinstance(structure, dict):
        fields = [StructField(name, _type(part, as_string)) for name, part in structure.items()]
        return StructType(fields)
    if isinstance(structure, list):
        # In an array, the same word stands for elements of different kinds.
        mixed = not structure or structure[0] == _EMPTY
        return ArrayType(STRING if mixed else _type(structure[0], as_string))
    atom = _ATOMS.get(structure, STRING)
    return STRING if as_string and not isinstance(atom, NullType) else atom


def _read(document: str, *, prefers_decimal: bool, as_string: bool) -> DataType:
    """Return the type of a document."""

    def struct(pairs: list[tuple[str, Any]]) -> DataType:
        schema = StructType([StructField(name, type_of(value)) for name, value in pairs])
        _check_names(schema)
        return schema

    def fraction(text: str) -> DataType:
        return (_decimal(Decimal(text)) if prefers_decimal else None) or DOUBLE

    def type_of(value: Any) -> DataType:
        found: DataType
        match value:
            case StructType():
                return value
            case list():
                return ArrayType(_merged(map(type_of, value)))
            case None:
                return NULL
            case DataType():
                found = value
            case bool():
                found = BOOLEAN
            case _:
                found = STRING
        return STRING if as_string else found

    return type_of(
        json.loads(document, object_pairs_hook=struct, parse_int=_whole, parse_float=fraction)
    )


def _whole(text: str) -> DataType:
    number = int(text)
    if -(2**63) <= number < 2**63:
        return LONG
    return _decimal(Decimal(number)) or DOUBLE


def _decimal(value: Decimal) -> DecimalType | None:
    """Return the decimal with the digits of a value, None if it cannot have them."""
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    precision = max(len(digits), -exponent)
    return DecimalType(precision, -exponent) if exponent <= 0 and precision <= 38 else None


def _merged(types: Iterable[DataType]) -> DataType:
    nothing: DataType = NULL
    return reduce(_merge, types, nothing)


def _merge(left: DataType, right: DataType) -> DataType:
    if isinstance(left, NullType) or left == right:
        return right
    if isinstance(right, NullType):
        return left
    match left, right:
        case StructType(), StructType():
            fields = {f.name: f.dataType for f in left.fields}
            for f in right.fields:
                fields[f.name] = _merge(fields.get(f.name, NULL), f.dataType)
            return StructType([StructField(name, t) for name, t in fields.items()])
        case ArrayType(), ArrayType():
            return ArrayType(_merge(left.elementType, right.elementType))
        case LongType() | DecimalType(), LongType() | DecimalType():
            return _wider(_digits(left), _digits(right))
        case LongType() | DecimalType() | DoubleType(), LongType() | DecimalType() | DoubleType():
            return DOUBLE
        case _:
            return STRING


def _digits(data_type: LongType | DecimalType) -> DecimalType:
    return data_type if isinstance(data_type, DecimalType) else DecimalType(20, 0)


def _wider(left: DecimalType, right: DecimalType) -> DataType:
    scale = max(left.scale, right.scale)
    precision = max(left.precision - left.scale, right.precision - right.scale) + scale
    return DecimalType(precision, scale) if precision <= 38 else DOUBLE


def _finish(data_type: DataType, drops_null: bool) -> DataType | None:
    """Sort fields, make text of what was always null, and leave out empty structs."""
    match data_type:
        case NullType():
            return None if drops_null else STRING
        case ArrayType():
            element = _finish(data_type.elementType, drops_null)
            return None if element is None else ArrayType(element)
        case StructType():
            fields = [
                StructField(f.name, part)
                for f in sorted(data_type.fields, key=lambda field: field.name)
                if (part := _finish(f.dataType, drops_null)) is not None
            ]
            return StructType(fields) if fields else None
        case _:
            return data_type


def _check_names(schema: DataType) -> None:
    if isinstance(schema, ArrayType):
        _check_names(schema.elementType)
    if not isinstance(schema, StructType):
        return
    seen: set[str] = set()
    for field in schema.fields:
        name = field.name.lower()
        if name in seen:
            raise analysis_error("COLUMN_ALREADY_EXISTS", columnName=f"`{name}`")
        seen.add(name)
        _check_names(field.dataType)
