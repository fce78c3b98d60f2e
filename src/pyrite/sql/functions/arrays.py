"""Functions of arrays: searching, set operations, sorting, cutting, joining."""

from __future__ import annotations

from collections.abc import Sequence

from pyrite.sql.errors import SparkError, analysis_error
from pyrite.sql.expressions.expression import Call, Expression, Literal
from pyrite.sql.expressions.function import Function, Lowering, LoweringContext
from pyrite.sql.functions.collections import field_name, packed
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.nested_order import holds_nulls, order_key
from pyrite.sql.functions.raising import raise_sql
from pyrite.sql.functions.signature import arrange, call_text, coerce, mismatch
from pyrite.sql.functions.type_coercion import common_type
from pyrite.sql.types import (
    NULL,
    ArrayType,
    DataType,
    NullType,
    StringType,
    StructField,
    StructType,
    sql_name,
    to_duckdb,
)

__all__ = ["FUNCTIONS", "has_null"]


def has_null(array: str) -> str:
    """Return SQL of whether a list has a null; null for no list."""
    return f"(len({array}) <> list_count({array}))"


def _distinct(array: str) -> str:
    """Return SQL of the first of each equal elements, in their order, null as one of them."""
    return f"list_filter({array}, lambda _x, _i: list_position({array}, _x) = _i)"


def _own_type(arguments: Sequence[Expression]) -> DataType:
    return arguments[0].data_type


def _element(arguments: Sequence[Expression]) -> DataType:
    array = arguments[0].data_type
    return array.elementType if isinstance(array, ArrayType) else NULL


def _contains_null(argument: Expression) -> bool:
    return isinstance(argument.data_type, ArrayType) and argument.data_type.containsNull


def _union_type(arguments: Sequence[Expression]) -> DataType:
    return ArrayType(_element(arguments), any(map(_contains_null, arguments)))


def _intersection_type(arguments: Sequence[Expression]) -> DataType:
    return ArrayType(_element(arguments), all(map(_contains_null, arguments)))


def _with_element_type(arguments: Sequence[Expression]) -> DataType:
    return ArrayType(_element(arguments), _contains_null(arguments[0]) or arguments[-1].nullable)


def _contains(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    array, value = arguments
    return (
        f"CASE WHEN {value} IS NULL THEN NULL WHEN list_contains({array}, {value}) THEN TRUE "
        f"WHEN {has_null(array)} THEN NULL ELSE len({array}) < 0 END"
    )


def _overlap(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    left, right = arguments
    return (
        f"CASE WHEN {left} IS NULL OR {right} IS NULL THEN NULL "
        f"WHEN list_has_any({left}, {right}) THEN TRUE "
        f"WHEN len({left}) > 0 AND len({right}) > 0 AND ({has_null(left)} OR {has_null(right)}) "
        "THEN NULL ELSE FALSE END"
    )


def _insert(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    array, position, value = arguments
    zero = raise_sql("INVALID_INDEX_OF_ZERO")
    length = f"len({array})"
    nulls = f"list_resize(CAST([] AS {to_duckdb(call.data_type)}), greatest({{0}}, 0))"
    front = f"({array}[:{position} - 1] || {nulls.format(f'{position} - 1 - {length}')})"
    after = f"{array}[{position}:]"
    # From the end: -1 is behind the last element.
    split = f"({length} + {position} + 1)"
    before_negative = f"{array}[:{split}]"
    padding = nulls.format(f"-{split}")
    rest = f"({padding} || {array}[greatest({split}, 0) + 1:])"
    return (
        f"CASE WHEN {array} IS NULL OR {position} IS NULL THEN NULL "
        f"WHEN {position} = 0 THEN {zero} "
        f"WHEN {position} > 0 THEN {front} || [{value}] || {after} "
        f"WHEN {split} >= 0 THEN {before_negative} || [{value}] || {array}[{split} + 1:] "
        f"ELSE [{value}] || {rest} END"
    )


def _slice(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    array, start, length = arguments
    bad_start = raise_sql(
        "INVALID_PARAMETER_VALUE.START", parameter="'`start`'", functionName="'`slice`'"
    )
    bad_length = raise_sql(
        "INVALID_PARAMETER_VALUE.LENGTH",
        parameter="'`length`'",
        length=length,
        functionName="'`slice`'",
    )
    first = f"CASE WHEN {start} > 0 THEN {start} ELSE len({array}) + {start} + 1 END"
    return (
        f"CASE WHEN {array} IS NULL OR {start} IS NULL OR {length} IS NULL THEN NULL "
        f"WHEN {start} = 0 THEN {bad_start} WHEN {length} < 0 THEN {bad_length} "
        f"WHEN {start} < -len({array}) OR {length} = 0 THEN {array}[1:0] "
        f"ELSE list_slice({array}, {first}, ({first}) + {length} - 1) END"
    )


def _sort_array(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    array, ascending = arguments
    data_type = call.arguments[0].data_type
    assert isinstance(data_type, ArrayType)
    if holds_nulls(data_type.elementType):
        key = order_key("_x", data_type.elementType, 1)
        pairs = f"list_transform({array}, lambda _x: row(_x IS NOT NULL, {key}, _x))"
        up, down = (
            f"list_transform(list_sort({pairs}, '{way}'), lambda _p: struct_extract_at(_p, 3))"
            for way in ("ASC", "DESC")
        )
    else:
        up = f"list_sort({array}, 'ASC', 'NULLS FIRST')"
        down = f"list_sort({array}, 'DESC', 'NULLS LAST')"
    flag = call.arguments[1]
    if isinstance(flag, Literal) and flag.value is not None:
        return up if flag.value else down
    return f"CASE WHEN {ascending} THEN {up} WHEN NOT {ascending} THEN {down} END"


def _join(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    array, delimiter = arguments[:2]
    if len(arguments) == 3:
        filled = f"list_transform({array}, lambda _x: coalesce(_x, {arguments[2]}))"
        return (
            f"CASE WHEN {delimiter} IS NOT NULL AND {arguments[2]} IS NOT NULL "
            f"THEN array_to_string({filled}, {delimiter}) END"
        )
    present = f"list_filter({array}, lambda _x: _x IS NOT NULL)"
    return f"CASE WHEN {delimiter} IS NOT NULL THEN array_to_string({present}, {delimiter}) END"


def _guarded(guards: str, sql: str) -> str:
    """Return a template that is null where one of some arguments is null."""
    tests = " OR ".join(f"{{{name}}} IS NULL" for name in guards.split())
    return f"CASE WHEN {tests} THEN NULL ELSE {sql} END"


def _both(sql: str) -> Lowering:
    """Lower a function of two arrays: ``{unique}`` is the first without repetitions."""

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        left, right = arguments
        text = sql.replace("{unique}", _distinct(left)).replace("{right}", right)
        return f"CASE WHEN {left} IS NULL OR {right} IS NULL THEN NULL ELSE {text} END"

    return lower


def _arrays_zip(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    data_type = call.data_type
    assert isinstance(data_type, ArrayType)
    if not arguments:
        return f"CAST([] AS {to_duckdb(data_type)})"
    row = packed(data_type.elementType, [f"{argument}[_i]" for argument in arguments])
    longest = f"greatest({', '.join(f'len({argument})' for argument in arguments)})"
    tests = " OR ".join(f"{argument} IS NULL" for argument in arguments)
    rows = f"list_transform(generate_series(1, {longest}), lambda _i: {row})"
    return f"CASE WHEN {tests} THEN NULL ELSE {rows} END"


def _zip_type(arguments: Sequence[Expression]) -> DataType:
    fields = [
        StructField(field_name(argument, str(index)), _element((argument,)), True)
        for index, argument in enumerate(arguments)
    ]
    return ArrayType(StructType(fields), False)


def _flatten_nullable(arguments: Sequence[Expression]) -> bool:
    outer = arguments[0].data_type
    return arguments[0].nullable or not isinstance(outer, ArrayType) or outer.containsNull


def _flatten(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    array = arguments[0]
    return f"CASE WHEN {has_null(array)} THEN NULL ELSE flatten({array}) END"


def _coerce_flatten(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    given = arrange(function, arguments)
    if isinstance(given[0].data_type, NullType):
        raise mismatch(function, given, 0, '"ARRAY" of "ARRAY"')
    return coerce(function, given, ansi)


def _flatten_type(arguments: Sequence[Expression]) -> DataType:
    inner = _element(arguments)
    return inner if isinstance(inner, ArrayType) else ArrayType(NULL)


def _is_text(data_type: DataType) -> bool:
    return isinstance(data_type, StringType)


def _coerce_element(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Bring an array and a value to one type; a text is no number here, nor the other way."""
    given = arrange(function, arguments)
    array, value = given[0].data_type, given[-1].data_type
    if isinstance(array, NullType):
        raise mismatch(function, given, 0, "ARRAY")
    if isinstance(array, ArrayType) and not _compatible(array.elementType, value, ansi):
        raise _different(function, given, "ARRAY_FUNCTION_DIFF_TYPES", dataType='"ARRAY"')
    return coerce(function, given, ansi)


def _coerce_arrays(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Bring two arrays to one type, as ``_coerce_element`` does."""
    given = arrange(function, arguments)
    left, right = (argument.data_type for argument in given)
    if (
        not isinstance(left, ArrayType)
        or not isinstance(right, ArrayType)
        or not _compatible(left.elementType, right.elementType, ansi)
    ):
        raise _different(function, given, "BINARY_ARRAY_DIFF_TYPES", arrayType='"ARRAY"')
    return coerce(function, given, ansi)


def _compatible(left: DataType, right: DataType, ansi: bool) -> bool:
    if isinstance(left, NullType) or isinstance(right, NullType):
        return True
    return _is_text(left) == _is_text(right) and common_type(left, right, ansi) is not None


def _different(
    function: Function, arguments: Sequence[Expression], subclass: str, **kind: str
) -> SparkError:
    return analysis_error(
        f"DATATYPE_MISMATCH.{subclass}",
        sqlExpr=f'"{call_text(function, arguments)}"',
        functionName=f"`{function.name}`",
        leftType=f'"{sql_name(arguments[0].data_type)}"',
        rightType=f'"{sql_name(arguments[-1].data_type)}"',
        **kind,
    )


FUNCTIONS = (
    scalar(
        "array_contains(array: array<T>, value: T) -> boolean",
        _contains,
        "Whether an element equals the value.",
        nullable=True,
        coerce=_coerce_element,
    ),
    scalar(
        "array_position(array: array<T>, element: T) -> bigint",
        _guarded("array element", "CAST(coalesce(list_position({array}, {element}), 0) AS BIGINT)"),
        "The index of the first equal element from 1, 0 if there is none.",
        coerce=_coerce_element,
    ),
    scalar(
        "array_distinct(array: array<T>) -> array<T>",
        lambda call, arguments, context: _distinct(arguments[0]),
        "The array without repetitions.",
        result=_own_type,
    ),
    scalar(
        "array_union(array1: array<T>, array2: array<T>)",
        lambda call, arguments, context: _distinct(f"({arguments[0]} || {arguments[1]})"),
        "The elements of both arrays, without repetitions.",
        result=_union_type,
        coerce=_coerce_arrays,
    ),
    scalar(
        "array_intersect(array1: array<T>, array2: array<T>)",
        _both("list_filter({unique}, lambda _x: list_position({right}, _x) > 0)"),
        "The elements that are in both arrays, without repetitions.",
        result=_intersection_type,
        coerce=_coerce_arrays,
    ),
    scalar(
        "array_except(array1: array<T>, array2: array<T>)",
        _both("list_filter({unique}, lambda _x: coalesce(list_position({right}, _x), 0) = 0)"),
        "The elements that are in the first array only, without repetitions.",
        result=_own_type,
        coerce=_coerce_arrays,
    ),
    scalar(
        "arrays_overlap(array1: array<T>, array2: array<T>) -> boolean",
        _overlap,
        "Whether both arrays have an element in common.",
        nullable=True,
        coerce=_coerce_arrays,
    ),
    scalar(
        "array_remove(array: array<T>, element: T)",
        _guarded("array element", "list_filter({array}, lambda _x: _x IS DISTINCT FROM {element})"),
        "The array without the elements that equal one.",
        result=_own_type,
        coerce=_coerce_element,
    ),
    scalar(
        "array_compact(array: array<T>)",
        "list_filter({array}, lambda _x: _x IS NOT NULL)",
        "The array without nulls.",
        result=lambda arguments: ArrayType(_element(arguments), False),
    ),
    scalar(
        "array_append(array: array<T>, element: T)",
        "({array} || [{element}])",
        "The array with an element more at its end.",
        result=_with_element_type,
        nullable=lambda arguments: arguments[0].nullable,
        coerce=_coerce_element,
    ),
    scalar(
        "array_prepend(array: array<T>, element: T)",
        "([{element}] || {array})",
        "The array with an element more at its start.",
        result=_with_element_type,
        nullable=lambda arguments: arguments[0].nullable,
        coerce=_coerce_element,
    ),
    scalar(
        "array_insert(array: array<T>, pos: int, item: T)",
        _insert,
        "The array with an element more at an index from 1, or from -1 at its end.",
        result=lambda arguments: ArrayType(_element(arguments), True),
        coerce=_coerce_element,
    ),
    scalar(
        "array_repeat(element: any, count: int)",
        "repeat([{element}], CASE WHEN {count} < 0 THEN 0 ELSE {count} END)",
        "A value some times.",
        result=lambda arguments: ArrayType(arguments[0].data_type, arguments[0].nullable),
        nullable=lambda arguments: arguments[1].nullable,
    ),
    scalar(
        "array_join(array: array<string>, delimiter: string, nullReplacement?: string) -> string",
        _join,
        "The elements in one text.",
    ),
    scalar(
        "array_min(array: array<T>) -> T",
        "list_min({array})",
        "The least element.",
        result=_element,
        nullable=True,
    ),
    scalar(
        "array_max(array: array<T>) -> T",
        "list_max({array})",
        "The greatest element.",
        result=_element,
        nullable=True,
    ),
    scalar(
        "sort_array(array: array<T>, ascendingOrder: boolean = true)",
        _sort_array,
        "The array sorted, nulls as the least.",
        result=_own_type,
    ),
    scalar(
        "slice(x: array<T>, start: int, length: int)",
        _slice,
        "Some elements from an index from 1, or from -1 at the end.",
        result=_own_type,
    ),
    scalar(
        "shuffle(array: array<T>, seed?: bigint)",
        "list_transform(list_sort(list_transform({array}, "
        "lambda _x: {'r': random(), 'x': _x})), lambda _s: _s.x)",
        "The array in a random order.",
        result=_own_type,
        deterministic=False,
    ),
    scalar(
        "flatten(arrayOfArrays: array<array<T>>)",
        _flatten,
        "The elements of the elements.",
        coerce=_coerce_flatten,
        result=_flatten_type,
        nullable=_flatten_nullable,
    ),
    scalar(
        "arrays_zip(arrays...?: array<any>)",
        _arrays_zip,
        "The nth elements of all arrays as structs.",
        result=_zip_type,
    ),
)
