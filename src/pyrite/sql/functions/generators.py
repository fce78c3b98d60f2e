"""Generators: functions that make rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import Call, Expression, Literal
from pyrite.sql.expressions.function import Function, LoweringContext
from pyrite.sql.functions.collections import packed
from pyrite.sql.functions.constants import constant_value
from pyrite.sql.functions.define import generator
from pyrite.sql.functions.maps import entry_type
from pyrite.sql.functions.signature import arrange, call_text, coerce, mismatch, parse_signature
from pyrite.sql.functions.type_coercion import cast_to, common_type_of
from pyrite.sql.types import (
    INTEGER,
    NULL,
    ArrayType,
    DataType,
    MapType,
    NullType,
    StringType,
    StructField,
    StructType,
    as_nullable,
    sql_name,
)

__all__ = ["FUNCTIONS"]


def _exploded(arguments: Sequence[Expression]) -> StructType:
    match arguments[0].data_type:
        case ArrayType() as array:
            return StructType([StructField("col", array.elementType, array.containsNull)])
        case MapType() as mapping:
            return entry_type(mapping)
        case other:
            raise AssertionError(f"{other} has no elements")


def _with_position(arguments: Sequence[Expression]) -> DataType:
    return StructType([StructField("pos", INTEGER, False), *_exploded(arguments).fields])


def _explode(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    if isinstance(call.arguments[0].data_type, MapType):
        return f"map_entries({arguments[0]})"
    return arguments[0]


def _posexplode(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    position = "CAST(_i - 1 AS INTEGER)"
    if isinstance(call.arguments[0].data_type, MapType):
        row = f"struct_pack(pos := {position}, key := _x.key, value := _x.value)"
        return f"list_transform(map_entries({arguments[0]}), lambda _x, _i: {row})"
    row = f"struct_pack(pos := {position}, col := _x)"
    return f"list_transform({arguments[0]}, lambda _x, _i: {row})"


def _inline_type(arguments: Sequence[Expression]) -> StructType:
    array = arguments[0].data_type
    assert isinstance(array, ArrayType)
    element = array.elementType
    assert isinstance(element, StructType)
    if not array.containsNull:
        return element
    return StructType([StructField(f.name, f.dataType, True, f.metadata) for f in element.fields])


def _coerce_collection(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    given = arrange(function, arguments)
    if isinstance(given[0].data_type, NullType):
        patterns = parse_signature(function.signature).patterns(1)
        raise mismatch(function, given, 0, patterns[0].name)
    return coerce(function, given, ansi)


def _inline(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    schema = _inline_type(call.arguments)
    if len(schema.fields) == 1:
        return f"list_transform({arguments[0]}, lambda _x: struct_extract_at(_x, 1))"
    return arguments[0]


def _coerce_stack(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Bring the values of each column to one type and fill up the last row with nulls."""
    arguments = arrange(function, arguments)
    count = constant_value(arguments[0])
    if not isinstance(count, int) or count < 1:
        raise analysis_error(
            "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE",
            sqlExpr=f'"{call_text(function, arguments)}"',
            exprName="`n`",
            valueRange="(0, 2147483647]",
            currentValue=str(count),
        )
    values: list[Expression] = list(arguments[1:])
    columns = -(-len(values) // count)
    values += [Literal(None, NULL)] * (columns * count - len(values))
    for column in range(columns):
        given = values[column::columns]
        kinds = [value.data_type for value in given if not isinstance(value.data_type, NullType)]
        common = common_type_of(kinds, ansi)
        texts = {isinstance(kind, StringType) for kind in kinds}
        if common is None or len(texts) > 1:
            raise analysis_error(
                "DATATYPE_MISMATCH.STACK_COLUMN_DIFF_TYPES",
                sqlExpr=f'"{call_text(function, arguments)}"',
                columnIndex=str(column),
                leftParamIndex=str(column + 1),
                leftType=f'"{sql_name(given[0].data_type)}"',
                rightParamIndex=str(columns + column + 1),
                rightType=f'"{sql_name(given[-1].data_type)}"',
            )
        values[column::columns] = [cast_to(value, common, ansi) for value in given]
    return (arguments[0], *values)


def _stack_type(arguments: Sequence[Expression]) -> DataType:
    count: Any = constant_value(arguments[0])
    values = arguments[1:]
    columns = len(values) // count
    return StructType(
        [
            StructField(
                f"col{column}",
                values[column].data_type,
                True,
            )
            for column in range(columns)
        ]
    )


def _stack(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    count: Any = constant_value(call.arguments[0])
    values = arguments[1:]
    columns = len(values) // count
    if columns == 1:
        return f"[{', '.join(values)}]"
    rows = (
        packed(call.data_type, values[start : start + columns])
        for start in range(0, len(values), columns)
    )
    return f"[{', '.join(rows)}]"


def _outer(result: Any) -> Any:
    """Allow nulls everywhere: the outer form makes a row of nulls where there is none."""
    return lambda arguments: as_nullable(result(arguments))


def _pair(
    signature: str, sql: Any, description: str, result: Any
) -> tuple[tuple[Function, ...], ...]:
    """Define a generator and its outer form."""
    name, _, rest = signature.partition("(")
    return (
        generator(signature, sql, description, result=result, coerce=_coerce_collection),
        generator(
            f"{name}_outer({rest}",
            sql,
            f"{description} A row of nulls if there is none.",
            result=_outer(result),
            coerce=_coerce_collection,
        ),
    )


FUNCTIONS = (
    *_pair(
        "explode(collection: array<any>|map<any, any>)",
        _explode,
        "A row for each element or entry.",
        _exploded,
    ),
    *_pair(
        "posexplode(collection: array<any>|map<any, any>)",
        _posexplode,
        "A row for each element or entry, with its index from 0.",
        _with_position,
    ),
    *_pair(
        "inline(collection: array<struct>)",
        _inline,
        "A row for each struct.",
        _inline_type,
    ),
    generator(
        "stack(n: int, exprs...: any)",
        _stack,
        "Values laid out in n rows.",
        coerce=_coerce_stack,
        result=_stack_type,
    ),
)
