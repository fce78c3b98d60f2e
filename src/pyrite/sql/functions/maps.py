"""Functions of maps: keys, values, entries, and maps of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import Call, Expression
from pyrite.sql.expressions.function import Function, LoweringContext
from pyrite.sql.functions.collections import map_of
from pyrite.sql.functions.constants import constant_text
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.signature import arrange, call_text, coerce
from pyrite.sql.functions.type_coercion import cast_to, common_type_of
from pyrite.sql.types import (
    NULL,
    ArrayType,
    DataType,
    MapType,
    NullType,
    StringType,
    StructField,
    StructType,
    sql_name,
)

__all__ = ["FUNCTIONS", "entry_type"]


def _map_type(argument: Expression) -> MapType:
    data_type = argument.data_type
    return data_type if isinstance(data_type, MapType) else MapType(NULL, NULL)


def entry_type(mapping: MapType) -> StructType:
    """Return the struct of one entry of a map."""
    return StructType(
        [
            StructField("key", mapping.keyType, False),
            StructField("value", mapping.valueType, mapping.valueContainsNull),
        ]
    )


def _concat_type(arguments: Sequence[Expression]) -> DataType:
    if not arguments:
        return MapType(NULL, NULL, False)
    maps = [_map_type(argument) for argument in arguments]
    return MapType(
        maps[0].keyType, maps[0].valueType, any(mapping.valueContainsNull for mapping in maps)
    )


def _coerce_concat(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    common = common_type_of([argument.data_type for argument in arguments], ansi)
    if not isinstance(common, MapType):
        return coerce(function, arguments, ansi)
    return tuple(cast_to(argument, common, ansi) for argument in arguments)


def _concat(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    if not arguments:
        return "CAST(map([], []) AS MAP(INTEGER, INTEGER))"
    entries = " || ".join(f"map_entries({argument})" for argument in arguments)
    return map_of(f"({entries})", context)


def _contains_key(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    mapping, key = arrange(function, arguments)
    if isinstance(mapping.data_type, MapType):
        texts = [isinstance(t, StringType) for t in (mapping.data_type.keyType, key.data_type)]
        if texts[0] != texts[1] and not isinstance(key.data_type, NullType):
            raise analysis_error(
                "DATATYPE_MISMATCH.MAP_FUNCTION_DIFF_TYPES",
                sqlExpr=f'"{call_text(function, (mapping, key))}"',
                functionName=f"`{function.name}`",
                dataType='"MAP"',
                leftType=f'"{sql_name(mapping.data_type)}"',
                rightType=f'"{sql_name(key.data_type)}"',
            )
        return mapping, cast_to(key, mapping.data_type.keyType, ansi)
    return coerce(function, (mapping, key), ansi)


def _from_arrays_type(arguments: Sequence[Expression]) -> DataType:
    keys, values = (argument.data_type for argument in arguments)
    if not isinstance(keys, ArrayType) or not isinstance(values, ArrayType):
        return MapType(NULL, NULL)
    return MapType(keys.elementType, values.elementType, values.containsNull)


def _from_arrays(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    if context.last_map_key_wins:
        return map_of(f"list_zip({arguments[0]}, {arguments[1]})", context)
    return f"map({arguments[0]}, {arguments[1]})"


def _from_entries_type(arguments: Sequence[Expression]) -> DataType:
    array = arguments[0].data_type
    if not isinstance(array, ArrayType) or not isinstance(array.elementType, StructType):
        return MapType(NULL, NULL)
    key, value = array.elementType.fields
    return MapType(key.dataType, value.dataType, value.nullable)


def _from_entries_nullable(arguments: Sequence[Expression]) -> bool:
    array = arguments[0].data_type
    return arguments[0].nullable or not isinstance(array, ArrayType) or array.containsNull


def _from_entries(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    entries = arguments[0]
    nulls = f"len(list_filter({entries}, lambda _e: _e IS NULL)) > 0"
    return f"CASE WHEN {nulls} THEN NULL ELSE {map_of(entries, context)} END"


def _str_to_map(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    text, pair_delimiter, key_delimiter = arguments
    pairs = f"string_split_regex({text}, {pair_delimiter})"
    delimiter = constant_text(call.arguments[2])
    if delimiter is not None and re.escape(delimiter) == delimiter:
        place = f"instr(_p, {key_delimiter})"
        width = f"length({key_delimiter})"
        key = f"CASE WHEN {place} > 0 THEN _p[:{place} - 1] ELSE _p END"
        value = f"CASE WHEN {place} > 0 THEN _p[{place} + {width}:] END"
    else:
        pieces = f"string_split_regex(_p, {key_delimiter})"
        key = f"{pieces}[1]"
        rest = f"_p[length({pieces}[1]) + 1:]"
        value = f"CASE WHEN len({pieces}) > 1 THEN regexp_replace({rest}, {key_delimiter}, '') END"
    entries = f"list_transform({pairs}, lambda _p: struct_pack(key := {key}, value := {value}))"
    nulls = " OR ".join(f"{argument} IS NULL" for argument in arguments)
    return f"CASE WHEN {nulls} THEN NULL ELSE {map_of(entries, context)} END"


FUNCTIONS = (
    scalar(
        "map_keys(map: map<K, V>)",
        "map_keys({map})",
        "The keys.",
        result=lambda arguments: ArrayType(_map_type(arguments[0]).keyType, True),
    ),
    scalar(
        "map_values(map: map<K, V>)",
        "map_values({map})",
        "The values.",
        result=lambda arguments: ArrayType(
            _map_type(arguments[0]).valueType, _map_type(arguments[0]).valueContainsNull
        ),
    ),
    scalar(
        "map_entries(map: map<K, V>)",
        "map_entries({map})",
        "The entries as structs.",
        result=lambda arguments: ArrayType(entry_type(_map_type(arguments[0])), False),
    ),
    scalar(
        "map_concat(maps...?: map<K, V>)",
        _concat,
        "All entries of several maps.",
        coerce=_coerce_concat,
        result=_concat_type,
    ),
    scalar(
        "map_contains_key(map: map<K, V>, key: K) -> boolean",
        "map_contains({map}, {key})",
        "Whether there is a key.",
        coerce=_contains_key,
    ),
    scalar(
        "map_from_arrays(keys: array<K>, values: array<V>)",
        _from_arrays,
        "A map of keys and values.",
        result=_from_arrays_type,
    ),
    scalar(
        "map_from_entries(arrayOfEntries: array<struct>)",
        _from_entries,
        "A map of entries.",
        result=_from_entries_type,
        nullable=_from_entries_nullable,
    ),
    scalar(
        "str_to_map(text: string, pairDelim: string = ',', keyValueDelim: string = ':')",
        _str_to_map,
        "A map of the pairs in a text.",
        result=lambda arguments: MapType(arguments[0].data_type, arguments[0].data_type, True),
    ),
)
