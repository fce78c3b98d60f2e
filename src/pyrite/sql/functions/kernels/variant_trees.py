"""Trees of variants: from and to JSON text, paths into them, their schemas."""

from __future__ import annotations

import base64
import datetime
import json
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from pyrite.sql.expressions.number_text import double_text, float_text
from pyrite.sql.functions.kernels.json_documents import Number
from pyrite.sql.functions.kernels.variant_binary import Float32, decode
from pyrite.sql.types import (
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    LONG,
    NULL,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    ArrayType,
    DataType,
    DecimalType,
    DoubleType,
    FloatType,
    LongType,
    MapType,
    NullType,
    StructField,
    StructType,
    VariantType,
    sql_name,
)

__all__ = [
    "decimal_text",
    "from_document",
    "from_json",
    "merged_schema",
    "moment_text",
    "parse_path",
    "schema_of",
    "schema_text",
    "to_json",
    "tree_maker",
]

_MOST_DIGITS = 38


# ---- JSON ----


def _number(text: str) -> int | float | Decimal:
    """Return a number as a variant holds it: exactly, unless it has an exponent or is long."""
    if "e" in text or "E" in text:
        return float(text)
    if "." not in text and -(2**63) <= (whole := int(text)) < 2**63:
        return whole
    exact = Decimal(text)
    _, digits, exponent = exact.as_tuple()
    assert isinstance(exponent, int)
    return exact if len(digits) <= _MOST_DIGITS and -exponent <= _MOST_DIGITS else float(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise ValueError(f"the key {name} comes twice")
        made[name] = value
    return made


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


_DECODER = json.JSONDecoder(
    parse_float=_number, parse_int=_number, parse_constant=_refuse, object_pairs_hook=_object
)
_BLANKS = " \t\r\n"


def from_json(text: str) -> Any:
    """Return the tree of a text's first JSON value.

    Raises:
        ValueError: If the text is no JSON, or has an object with a key twice.

    Example:
        >>> from_json('[1, 1.50, 1e2, "x"]')
        [1, Decimal('1.50'), 100.0, 'x']
    """
    start = len(text) - len(text.lstrip(_BLANKS))
    tree, end = _DECODER.raw_decode(text, start)
    if text[end - 1] not in '"]}' and text[end : end + 1].strip(_BLANKS):
        raise ValueError(f"{text!r} goes on after its value")
    return tree


def from_document(document: Any) -> Any:
    """Return the tree of a JSON document whose numbers are still texts."""
    match document:
        case Number():
            return _number(document)
        case list():
            return [from_document(item) for item in document]
        case dict():
            return {name: from_document(item) for name, item in document.items()}
        case _:
            return document


def to_json(tree: Any, zone: datetime.tzinfo) -> str:
    """Return a tree as JSON text; instants are shown by a zone's clocks.

    Example:
        >>> to_json({"a": [1, 2.5, None]}, datetime.UTC)
        '{"a":[1,2.5,null]}'
    """
    match tree:
        case None:
            return "null"
        case bool():
            return "true" if tree else "false"
        case int():
            return str(tree)
        case float():
            text = float_text(tree) if isinstance(tree, Float32) else double_text(tree)
            return text if text[-1].isdigit() else f'"{text}"'
        case Decimal():
            return decimal_text(tree)
        case str():
            return json.dumps(tree, ensure_ascii=False)
        case bytes():
            return f'"{base64.b64encode(tree).decode()}"'
        case datetime.datetime():
            if tree.tzinfo is None:
                return f'"{moment_text(tree)}"'
            local = tree.astimezone(zone)
            naive = local.replace(tzinfo=None)
            offset = local.isoformat().removeprefix(naive.isoformat())
            return f'"{moment_text(naive)}{offset}"'
        case list():
            return f"[{','.join(to_json(item, zone) for item in tree)}]"
        case dict():
            items = (
                f"{json.dumps(name, ensure_ascii=False)}:{to_json(item, zone)}"
                for name, item in tree.items()
            )
            return "{" + ",".join(items) + "}"
        case _:
            return f'"{tree}"'


def decimal_text(value: Decimal) -> str:
    """Return a decimal without the zeros at its end.

    Example:
        >>> decimal_text(Decimal("100.50")), decimal_text(Decimal("0.00"))
        ('100.5', '0')
    """
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def moment_text(moment: datetime.datetime) -> str:
    """Return a date and a time, with as much of the second as there is."""
    text = moment.isoformat(" ")
    return text.rstrip("0") if moment.microsecond else text


# ---- paths ----

_STEP = re.compile(r"""\.([^.\[]+)|\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]""")


@lru_cache(maxsize=256)
def parse_path(text: str) -> tuple[str | int, ...] | None:
    """Return the names and indexes of a path such as ``$.a[0]["b c"]``, None if it is none.

    Example:
        >>> parse_path("$.a[0]['b c']"), parse_path("a")
        (('a', 0, 'b c'), None)
    """
    if not text.startswith("$"):
        return None
    steps: list[str | int] = []
    position = 1
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            return None
        name, index, single, double = match.groups()
        steps.append(
            int(index) if index else next(t for t in (name, single, double) if t is not None)
        )
        position = match.end()
    return tuple(steps)


# ---- schemas ----

_VARIANT = VariantType()
_SCALARS: tuple[tuple[type, DataType], ...] = (
    (bool, BOOLEAN),
    (int, LONG),
    (Float32, FLOAT),
    (float, DOUBLE),
    (str, STRING),
    (bytes, BINARY),
)


def schema_of(tree: Any) -> DataType:
    """Return the type of a tree; objects are structs, and mixed elements are variants."""
    match tree:
        case None:
            return NULL
        case Decimal():
            _, digits, exponent = Decimal(decimal_text(tree)).as_tuple()
            assert isinstance(exponent, int)
            return DecimalType(max(len(digits), -exponent), -exponent)
        case list():
            return ArrayType(merged_schema(map(schema_of, tree)))
        case dict():
            return StructType([StructField(name, schema_of(item)) for name, item in tree.items()])
        case datetime.datetime():
            return TIMESTAMP_NTZ if tree.tzinfo is None else TIMESTAMP
        case datetime.date():
            return DATE
        case _:
            return next((found for kind, found in _SCALARS if isinstance(tree, kind)), _VARIANT)


def merged_schema(types: Iterable[DataType]) -> DataType:
    """Return the type of values of any of these types, a variant if they have none in common."""
    merged: DataType = NULL
    for data_type in types:
        merged = _merge(merged, data_type)
    return merged


def _merge(a: DataType, b: DataType) -> DataType:
    match a, b:
        case (NullType(), other) | (other, NullType()):
            return other
        case (ArrayType(), ArrayType()):
            return ArrayType(_merge(a.elementType, b.elementType))
        case (StructType(), StructType()):
            fields = {field.name: field.dataType for field in a.fields}
            for field in b.fields:
                fields[field.name] = _merge(fields.get(field.name, NULL), field.dataType)
            return StructType([StructField(name, fields[name]) for name in sorted(fields)])
        case (LongType() | DecimalType(), LongType() | DecimalType()) if a != b:
            return _common_decimal(_as_decimal(a), _as_decimal(b))
        case (
            LongType() | DecimalType() | FloatType() | DoubleType(),
            LongType() | DecimalType() | FloatType() | DoubleType(),
        ) if a != b:
            return DOUBLE
        case _:
            return a if a == b else _VARIANT


def _as_decimal(data_type: DataType) -> DecimalType:
    return data_type if isinstance(data_type, DecimalType) else DecimalType(20, 0)


def _common_decimal(a: DecimalType, b: DecimalType) -> DataType:
    scale = max(a.scale, b.scale)
    precision = max(a.precision - a.scale, b.precision - b.scale) + scale
    return DecimalType(precision, scale) if precision <= _MOST_DIGITS else DOUBLE


def schema_text(data_type: DataType) -> str:
    """Return a schema as Spark writes it: objects are no structs there.

    Example:
        >>> schema_text(schema_of({"a b": [1, 2.5]}))
        'OBJECT<`a b`: ARRAY<DOUBLE>>'
    """
    match data_type:
        case ArrayType():
            return f"ARRAY<{schema_text(data_type.elementType)}>"
        case StructType():
            fields = (f"{_name(f.name)}: {schema_text(f.dataType)}" for f in data_type.fields)
            return f"OBJECT<{', '.join(fields)}>"
        case _:
            return sql_name(data_type)


def _name(name: str) -> str:
    plain = re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII)
    return name if plain else "`" + name.replace("`", "``") + "`"


# ---- values of other types ----


def tree_maker(data_type: DataType) -> Callable[[Any], Any]:
    """Return a function that makes trees of a type's values, as ``to_pylist`` gives them."""
    match data_type:
        case FloatType():
            return Float32
        case VariantType():
            return lambda parts: decode(parts["value"], parts["metadata"])
        case ArrayType():
            item = _or_none(tree_maker(data_type.elementType))
            return lambda values: [item(value) for value in values]
        case MapType():
            inner = _or_none(tree_maker(data_type.valueType))
            return lambda entries: {key: inner(value) for key, value in entries}
        case StructType():
            makers = [(f.name, _or_none(tree_maker(f.dataType))) for f in data_type.fields]
            return lambda row: {name: make(row[name]) for name, make in makers}
        case _:
            return lambda value: value


def _or_none(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else make(value)
