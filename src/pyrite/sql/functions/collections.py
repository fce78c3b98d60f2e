"""Arrays, maps and structs: making them, reading one element, size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import Alias, Attribute, Call, Expression
from pyrite.sql.expressions.function import Function, Lowering, LoweringContext
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.functions.constants import constant_text
from pyrite.sql.functions.define import any_argument_nullable, scalar
from pyrite.sql.functions.raising import raise_sql
from pyrite.sql.functions.signature import arrange, call_text, coerce, mismatch
from pyrite.sql.functions.type_coercion import cast_to, common_type_of, implicit_cast_type
from pyrite.sql.types import (
    INTEGER,
    NULL,
    ArrayType,
    ByteType,
    DataType,
    IntegerType,
    IntegralType,
    MapType,
    NullType,
    ShortType,
    StructField,
    StructType,
    duckdb_names,
    sql_name,
    to_duckdb,
)

__all__ = ["FUNCTIONS", "field_name", "map_of", "null_of_null", "packed"]


# ---- making ----


def _array_type(arguments: Sequence[Expression]) -> DataType:
    element = arguments[0].data_type if arguments else NULL
    return ArrayType(element, any_argument_nullable(arguments))


def _array(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    if not arguments:
        return f"CAST([] AS {to_duckdb(call.data_type)})"
    return f"[{', '.join(arguments)}]"


def _common(
    function: Function, shown: Sequence[Expression], given: Sequence[Expression], ansi: bool
) -> list[Expression]:
    common = common_type_of([e.data_type for e in given], ansi)
    if common is None:
        raise analysis_error(
            "DATATYPE_MISMATCH.DATA_DIFF_TYPES",
            sqlExpr=f'"{call_text(function, shown)}"',
            functionName=f"`{function.name}`",
            dataType="(" + " or ".join(f'"{sql_name(e.data_type)}"' for e in given) + ")",
        )
    return [cast_to(e, common, ansi) for e in given]


def _coerce_map(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    if len(arguments) % 2:
        raise analysis_error(
            "WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
            functionName=f"`{function.name}`",
            expectedNum="2n (n > 0)",
            actualNum=str(len(arguments)),
            docroot="https://spark.apache.org/docs/latest",
        )
    keys = _common(function, arguments, arguments[::2], ansi)
    values = _common(function, arguments, arguments[1::2], ansi)
    return tuple(e for pair in zip(keys, values, strict=True) for e in pair)


def _map_type(arguments: Sequence[Expression]) -> DataType:
    if not arguments:
        return MapType(NULL, NULL, False)
    values = arguments[1::2]
    return MapType(arguments[0].data_type, values[0].data_type, any_argument_nullable(values))


def map_of(entries: str, context: LoweringContext) -> str:
    """Return SQL of a map of a list of structs of keys and values."""
    if not context.last_map_key_wins:
        return f"map_from_entries({entries})"
    keys = f"list_transform({entries}, lambda _e: struct_extract_at(_e, 1))"
    first = f"list_filter({keys}, lambda _k, _i: list_position({keys}, _k) = _i)"
    last = f"list_filter({entries}, lambda _e: struct_extract_at(_e, 1) = _k)[-1]"
    return f"map_from_entries(list_transform({first}, lambda _k: {last}))"


def _map(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    keys, values = arguments[::2], arguments[1::2]
    if arguments and context.last_map_key_wins:
        pairs = zip(keys, values, strict=True)
        return map_of(f"[{', '.join(f'row({k}, {v})' for k, v in pairs)}]", context)
    made = f"map([{', '.join(keys)}], [{', '.join(values)}])"
    return made if arguments else f"CAST({made} AS {to_duckdb(call.data_type)})"


def field_name(argument: Expression, default: str) -> str:
    """Return what a struct calls the field made of an argument."""
    if isinstance(argument, (Alias, Attribute)):
        return argument.name
    if isinstance(argument, Call) and argument.function.name in _FIELD_ACCESS:
        return constant_text(argument.arguments[1]) or default
    return default


_FIELD_ACCESS = frozenset(("get_struct_field", "get_array_struct_fields"))


def _struct_type(arguments: Sequence[Expression]) -> DataType:
    return StructType(
        [
            StructField(
                field_name(argument, f"col{index + 1}"), argument.data_type, argument.nullable
            )
            for index, argument in enumerate(arguments)
        ]
    )


def packed(schema: DataType, values: Sequence[str]) -> str:
    """Return SQL of a struct with the fields of a type."""
    assert isinstance(schema, StructType)
    pairs = zip(duckdb_names(schema), values, strict=True)
    return f"struct_pack({', '.join(f'{name} := {value}' for name, value in pairs)})"


def _struct(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    return packed(call.data_type, arguments)


def _coerce_named_struct(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    if len(arguments) % 2:
        raise analysis_error(
            "WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
            functionName=f"`{function.name}`",
            expectedNum="2n (n > 0)",
            actualNum=str(len(arguments)),
            docroot="https://spark.apache.org/docs/latest",
        )
    for name in arguments[::2]:
        if constant_text(name) is None:
            raise analysis_error(
                "DATATYPE_MISMATCH.CREATE_NAMED_STRUCT_WITHOUT_FOLDABLE_STRING",
                sqlExpr=f'"{call_text(function, arguments)}"',
                inputExprs=f'["{pretty(name)}"]',
            )
    return tuple(arguments)


def _named_struct_type(arguments: Sequence[Expression]) -> DataType:
    return StructType(
        [
            StructField(constant_text(name) or "", value.data_type, value.nullable)
            for name, value in zip(arguments[::2], arguments[1::2], strict=True)
        ]
    )


# ---- reading ----


def _struct_field(struct: DataType, name: Expression) -> StructField:
    assert isinstance(struct, StructType)
    wanted = constant_text(name)
    return next(field for field in struct.fields if field.name == wanted)


def _as_given(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    return tuple(arguments)


def _array_struct_fields_type(arguments: Sequence[Expression]) -> DataType:
    array = arguments[0].data_type
    assert isinstance(array, ArrayType)
    field = _struct_field(array.elementType, arguments[1])
    return ArrayType(field.dataType, array.containsNull or field.nullable)


def _array_struct_fields(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    return f"list_transform({arguments[0]}, lambda _x: struct_extract(_x, {arguments[1]}))"


def _element_type(arguments: Sequence[Expression]) -> DataType:
    match arguments[0].data_type:
        case ArrayType() as array:
            return array.elementType
        case MapType() as mapping:
            return mapping.valueType
        case other:
            raise AssertionError(f"{other} has no elements")


def _coerce_array_item(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    array, index = arrange(function, arguments)
    if isinstance(index.data_type, IntegralType):
        return array, index
    return coerce(function, (array, index), ansi)


def _array_item(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    array, index = arguments
    if not context.ansi:
        return _item_or_null(array, index)
    error = raise_sql("INVALID_ARRAY_INDEX", indexValue=index, arraySize=f"len({array})")
    return (
        f"CASE WHEN {index} < 0 OR {index} >= len({array}) THEN {error} "
        f"ELSE {array}[{index} + 1] END"
    )


def _item_or_null(array: str, index: str) -> str:
    return f"CASE WHEN {index} >= 0 THEN {array}[{index} + 1] END"


def _element_at(strict: bool) -> Lowering:
    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        container, key = arguments
        if isinstance(call.arguments[0].data_type, MapType):
            return f"map_extract_value({container}, {key})"
        zero = raise_sql("INVALID_INDEX_OF_ZERO")
        checks = f"WHEN {key} = 0 THEN {zero}"
        if strict and context.ansi:
            error = raise_sql(
                "INVALID_ARRAY_INDEX_IN_ELEMENT_AT",
                indexValue=key,
                arraySize=f"len({container})",
            )
            checks += f" WHEN abs({key}) > len({container}) THEN {error}"
        return f"CASE {checks} ELSE {container}[{key}] END"

    return lower


def _coerce_map_value(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """The key becomes what the map's keys are."""
    mapping, key = arrange(function, arguments)
    if isinstance(mapping.data_type, MapType):
        wanted = mapping.data_type.keyType
        if implicit_cast_type(key.data_type, wanted, ansi):
            return mapping, cast_to(key, wanted, ansi)
    return coerce(function, (mapping, key), ansi)


def _coerce_element_at(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    container, key = arrange(function, arguments)
    if isinstance(container.data_type, MapType):
        wanted = common_type_of([container.data_type.keyType, key.data_type], ansi)
        if wanted is not None:
            return container, cast_to(key, container.data_type.keyType, ansi)
    if isinstance(container.data_type, ArrayType):
        if not isinstance(key.data_type, (ByteType, ShortType, IntegerType, NullType)):
            raise mismatch(function, (container, key), 1, "INT")
        return container, cast_to(key, INTEGER, ansi)
    return coerce(function, (container, key), ansi)


def _size(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    counted = _length(call, arguments, context)
    return counted if context.ansi else f"coalesce({counted}, -1)"


def _length(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    measure = "cardinality" if isinstance(call.arguments[0].data_type, MapType) else "len"
    return f"CAST({measure}({arguments[0]}) AS INTEGER)"


@lru_cache
def null_of_null(size: Function) -> Function:
    """Return a function of sizes that is null for null, whatever the session's mode."""
    return replace(size, lower=_length)


FUNCTIONS = (
    scalar(
        "array(exprs...?: T)", _array, "An array of values.", result=_array_type, nullable=False
    ),
    scalar(
        "map(exprs...?: any)",
        _map,
        "A map of keys and values in turn.",
        coerce=_coerce_map,
        result=_map_type,
        nullable=False,
    ),
    scalar(
        "struct(exprs...: any)",
        _struct,
        "A struct of columns.",
        coerce=_as_given,
        result=_struct_type,
        nullable=False,
    ),
    scalar(
        "named_struct(exprs...?: any)",
        lambda call, arguments, context: packed(call.data_type, arguments[1::2]),
        "A struct of names and values in turn.",
        coerce=_coerce_named_struct,
        result=_named_struct_type,
        nullable=False,
    ),
    scalar(
        "get_struct_field(struct: struct, field: string)",
        "struct_extract({struct}, {field})",
        "A field of a struct; what a dot means.",
        coerce=_as_given,
        result=lambda arguments: _struct_field(arguments[0].data_type, arguments[1]).dataType,
        nullable=lambda arguments: (
            arguments[0].nullable or _struct_field(arguments[0].data_type, arguments[1]).nullable
        ),
        pretty=lambda texts: f"{texts[0]}.{texts[1]}",
    ),
    scalar(
        "get_array_struct_fields(array: array<any>, field: string)",
        _array_struct_fields,
        "A field of every struct in an array; what a dot means.",
        coerce=_as_given,
        result=_array_struct_fields_type,
        pretty=lambda texts: f"{texts[0]}.{texts[1]}",
    ),
    scalar(
        "get_array_item(array: array<any>, index: int)",
        _array_item,
        "An element by its index from 0; what brackets mean.",
        coerce=_coerce_array_item,
        result=_element_type,
        nullable=True,
        pretty=lambda texts: f"{texts[0]}[{texts[1]}]",
    ),
    scalar(
        "get_map_value(map: map<K, V>, key: K)",
        "map_extract_value({map}, {key})",
        "The value of a key; what brackets mean.",
        coerce=_coerce_map_value,
        result=_element_type,
        nullable=True,
        pretty=lambda texts: f"{texts[0]}[{texts[1]}]",
    ),
    scalar(
        "get(array: array<any>, index: int)",
        lambda call, arguments, context: _item_or_null(*arguments),
        "An element by its index from 0, null if there is none.",
        result=_element_type,
        nullable=True,
    ),
    *(
        scalar(
            f"{name}(container: array<any>|map<any, any>, key: int)",
            _element_at(strict),
            text,
            coerce=_coerce_element_at,
            result=_element_type,
            nullable=True,
        )
        for name, strict, text in (
            ("element_at", True, "An element by its index from 1, or the value of a key."),
            ("try_element_at", False, "As element_at, null if there is no such index."),
        )
    ),
    scalar(
        "size(expr: array<any>|map<any, any>) -> int",
        _size,
        "How many elements there are.",
        aliases=("cardinality",),
    ),
    scalar("array_size(expr: array<any>) -> int", _length, "How many elements there are."),
)
