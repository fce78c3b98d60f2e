"""Higher-order functions: lambdas over arrays and maps.

A lambda's parameters are columns of a type that the signature's ``lambda(...)`` pattern names.
Where DuckDB offers a lambda something else (an index from 1, an entry), the parameters in its
body are replaced by SQL that reads what Spark means.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from pyrite.sql.expressions.expression import (
    Call,
    Cast,
    CastMode,
    Expression,
    LambdaFunction,
    LambdaVariable,
)
from pyrite.sql.expressions.function import Function, FunctionKind, LoweringContext
from pyrite.sql.functions.arrays import has_null
from pyrite.sql.functions.collections import map_of
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.signature import coerce, mismatch
from pyrite.sql.types import NULL, ArrayType, BooleanType, DataType, MapType, NullType, to_duckdb

__all__ = ["FUNCTIONS"]


def _fixed(sql: str, variable: LambdaVariable) -> Call:
    """Return an expression of a lambda variable's type whose SQL is given."""
    function = Function(
        name=variable.name,
        kind=FunctionKind.SCALAR,
        signature="",
        coerce=lambda function, arguments, ansi: tuple(arguments),
        result_type=lambda arguments: variable.data_type,
        nullable=lambda arguments: variable.nullable,
        lower=lambda call, arguments, context: sql,
    )
    return Call(function, (), variable.data_type, variable.nullable)


def _as_lambda(function: Expression) -> LambdaFunction:
    """Return a lambda; a value in a lambda's place is one that does not look at its arguments."""
    return function if isinstance(function, LambdaFunction) else LambdaFunction(function, ())


def _body(function: Expression, context: LoweringContext, *values: str) -> str:
    """Return the SQL of a lambda's body with its parameters replaced by SQL."""
    function = _as_lambda(function)
    replacements = {
        parameter.expression_id: _fixed(sql, parameter)
        for parameter, sql in zip(function.parameters, values, strict=False)
    }

    def substitute(node: Expression) -> Expression:
        if isinstance(node, LambdaVariable):
            return replacements.get(node.expression_id, node)
        return node

    return context.sql(function.body.transform_up(substitute))


def _name(function: Expression) -> str:
    """Return a DuckDB name for a lambda's parameter that no other lambda around it has."""
    parameters = _as_lambda(function).parameters
    return f"_v{parameters[0].expression_id}" if parameters else "_v"


def _over_elements(call: Call, context: LoweringContext) -> str:
    """Return a DuckDB lambda over an array's elements, with an index if it is asked for."""
    function = _as_lambda(call.arguments[1])
    x = _name(function)
    if len(function.parameters) < 2:
        return f"lambda {x}: {_body(function, context, x)}"
    index = f"CAST({x}i - 1 AS INTEGER)"
    return f"lambda {x}, {x}i: {_body(function, context, x, index)}"


def _transform(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    return f"list_transform({arguments[0]}, {_over_elements(call, context)})"


def _filter(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    return f"list_filter({arguments[0]}, {_over_elements(call, context)})"


def _exists(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    answers = _transform(call, arguments, context)
    return (
        f"CASE WHEN list_contains({answers}, TRUE) THEN TRUE WHEN {has_null(answers)} THEN NULL "
        f"ELSE len({arguments[0]}) < 0 END"
    )


def _forall(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    answers = _transform(call, arguments, context)
    return (
        f"CASE WHEN list_contains({answers}, FALSE) THEN FALSE WHEN {has_null(answers)} THEN NULL "
        f"ELSE len({arguments[0]}) >= 0 END"
    )


def _aggregate(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    """Fold with list_reduce over structs, so that the result may be of another type."""
    array, start, merge = arguments[0], arguments[1], _as_lambda(call.arguments[2])
    x = _name(merge)
    result, element = call.arguments[1].data_type, call.arguments[0].data_type
    if merge.data_type != result:
        mode = CastMode.ANSI if context.ansi else CastMode.LEGACY
        merge = replace(merge, body=Cast(merge.body, result, mode, implicit=True))
    assert isinstance(element, ArrayType)
    none = f"CAST(NULL AS {to_duckdb(result)})"
    nothing = f"CAST(NULL AS {to_duckdb(element.elementType)})"
    elements = f"list_transform({array}, lambda {x}: struct_pack(a := {none}, x := {x}))"
    body = f"CAST({_body(merge, context, f'{x}.a', f'{x}x.x')} AS {to_duckdb(result)})"
    fold = f"lambda {x}, {x}x: struct_pack(a := {body}, x := {nothing})"
    initial = f"struct_pack(a := {start}, x := {nothing})"
    folded = f"list_reduce({elements}, {fold}, {initial}).a"
    folded = f"CAST(CASE WHEN {array} IS NOT NULL THEN {folded} END AS {to_duckdb(result)})"
    if len(arguments) < 4:
        return folded
    finish = call.arguments[3]
    y = _name(finish)
    finished = f"list_transform([{folded}], lambda {y}: {_body(finish, context, y)})[1]"
    return f"CASE WHEN {array} IS NOT NULL THEN {finished} END"


def _zip_with(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    left, right = arguments[:2]
    z = _name(call.arguments[2])
    body = _body(call.arguments[2], context, f"{z}[1]", f"{z}[2]")
    zipped = f"list_transform(list_zip({left}, {right}), lambda {z}: {body})"
    return f"CASE WHEN {left} IS NOT NULL AND {right} IS NOT NULL THEN {zipped} END"


def _over_entries(call: Call, context: LoweringContext) -> tuple[str, str]:
    e = _name(call.arguments[1])
    return e, _body(call.arguments[1], context, f"{e}.key", f"{e}.value")


def _map_filter(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    e, body = _over_entries(call, context)
    return f"map_from_entries(list_filter(map_entries({arguments[0]}), lambda {e}: {body}))"


def _transform_values(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    e, body = _over_entries(call, context)
    entry = f"struct_pack(key := {e}.key, value := {body})"
    return f"map_from_entries(list_transform(map_entries({arguments[0]}), lambda {e}: {entry}))"


def _transform_keys(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    e, body = _over_entries(call, context)
    entry = f"struct_pack(key := {body}, value := {e}.value)"
    entries = f"list_transform(map_entries({arguments[0]}), lambda {e}: {entry})"
    return map_of(entries, context)


def _map_zip_with(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    left, right = arguments[:2]
    k = _name(call.arguments[2])
    values = (f"map_extract_value({mapping}, {k})" for mapping in (left, right))
    body = _body(call.arguments[2], context, k, *values)
    keys = (
        f"(map_keys({left}) || list_filter(map_keys({right}), "
        f"lambda {k}: NOT map_contains({left}, {k})))"
    )
    entry = f"struct_pack(key := {k}, value := {body})"
    return f"map_from_entries(list_transform({keys}, lambda {k}: {entry}))"


def _array_sort(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    """Sort by a comparator: an element's place is the number of elements before it."""
    array = arguments[0]
    if len(arguments) == 1:
        return f"list_sort({array}, 'ASC', 'NULLS LAST')"
    x = _name(call.arguments[1])
    y = f"{x}y"
    order = _body(call.arguments[1], context, y, x)
    before = f"({order}) < 0 OR (({order}) = 0 AND {y}i < {x}i)"
    rank = f"len(list_filter({array}, lambda {y}, {y}i: {before}))"
    ranked = f"list_transform({array}, lambda {x}, {x}i: struct_pack(r := {rank}, x := {x}))"
    return f"list_transform(list_sort({ranked}), lambda {x}: {x}.x)"


def _coerce_predicate(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Check that a lambda says true or false."""
    given = coerce(function, arguments, ansi)
    if not isinstance(given[1].data_type, (BooleanType, NullType)):
        raise mismatch(function, given, 1, "BOOLEAN")
    return given


def _fold_pretty(name: str) -> Callable[[Sequence[str]], str]:
    """Show a fold without a finish with the one that changes nothing, as Spark does."""

    def pretty(texts: Sequence[str]) -> str:
        finish = (
            []
            if len(texts) > 3
            else ["lambdafunction(namedlambdavariable(), namedlambdavariable())"]
        )
        return f"{name}({', '.join([*texts, *finish])})"

    return pretty


_V = "namedlambdavariable()"

#: How Spark shows the comparison that array_sort uses when it is given none.
_NATURAL_ORDER = (
    f"lambdafunction((IF((({_V} IS NULL) AND ({_V} IS NULL)), 0, (IF(({_V} IS NULL), 1, "
    f"(IF(({_V} IS NULL), -1, (IF(({_V} < {_V}), -1, (IF(({_V} > {_V}), 1, 0)))))))))), {_V}, {_V})"
)


def _array_sort_pretty(texts: Sequence[str]) -> str:
    return f"array_sort({texts[0]}, {texts[1] if len(texts) > 1 else _NATURAL_ORDER})"


def _lambda_array(index: int) -> Callable[[Sequence[Expression]], DataType]:
    """Result: an array of what a lambda returns."""
    return lambda arguments: ArrayType(arguments[index].data_type, arguments[index].nullable)


def _own(arguments: Sequence[Expression]) -> DataType:
    return arguments[0].data_type


def _map_parts(argument: Expression) -> tuple[DataType, DataType, bool]:
    given: Any = argument.data_type
    if not isinstance(given, MapType):
        return NULL, NULL, True
    return given.keyType, given.valueType, given.valueContainsNull


def _new_keys(arguments: Sequence[Expression]) -> DataType:
    _, value, null = _map_parts(arguments[0])
    return MapType(arguments[1].data_type, value, null)


def _new_values(arguments: Sequence[Expression]) -> DataType:
    function = arguments[-1]
    return MapType(_map_parts(arguments[0])[0], function.data_type, function.nullable)


def _first_nullable(arguments: Sequence[Expression]) -> bool:
    return arguments[0].nullable


def _two_nullable(arguments: Sequence[Expression]) -> bool:
    return arguments[0].nullable or arguments[1].nullable


FUNCTIONS = (
    scalar(
        "transform(expr: array<T>, func: lambda(T, int))",
        _transform,
        "What a lambda makes of each element.",
        result=_lambda_array(1),
        nullable=_first_nullable,
    ),
    scalar(
        "filter(expr: array<T>, func: lambda(T, int))",
        _filter,
        "The elements that a lambda holds for.",
        result=_own,
        nullable=_first_nullable,
        coerce=_coerce_predicate,
    ),
    scalar(
        "exists(expr: array<T>, pred: lambda(T)) -> boolean",
        _exists,
        "Whether a lambda holds for an element.",
        nullable=True,
        aliases=("any_match",),
        coerce=_coerce_predicate,
    ),
    scalar(
        "forall(expr: array<T>, pred: lambda(T)) -> boolean",
        _forall,
        "Whether a lambda holds for all elements.",
        nullable=True,
        aliases=("all_match",),
        coerce=_coerce_predicate,
    ),
    scalar(
        "aggregate(expr: array<T>, start: U, merge: lambda(U, T), finish?: lambda(U))",
        _aggregate,
        "What a lambda folds the elements to.",
        result=lambda arguments: arguments[3 if len(arguments) > 3 else 1].data_type,
        nullable=True,
        pretty=_fold_pretty("aggregate"),
    ),
    scalar(
        "reduce(expr: array<T>, start: U, merge: lambda(U, T), finish?: lambda(U))",
        _aggregate,
        "As aggregate.",
        result=lambda arguments: arguments[3 if len(arguments) > 3 else 1].data_type,
        nullable=True,
        pretty=_fold_pretty("reduce"),
    ),
    scalar(
        "zip_with(left: array<T>, right: array<U>, func: lambda(T, U))",
        _zip_with,
        "What a lambda makes of the nth elements of two arrays.",
        result=_lambda_array(2),
        nullable=_two_nullable,
    ),
    scalar(
        "map_filter(expr: map<K, V>, func: lambda(K, V))",
        _map_filter,
        "The entries that a lambda holds for.",
        result=_own,
        nullable=_first_nullable,
        coerce=_coerce_predicate,
    ),
    scalar(
        "transform_keys(expr: map<K, V>, func: lambda(K, V))",
        _transform_keys,
        "The map with keys that a lambda makes.",
        result=_new_keys,
        nullable=_first_nullable,
    ),
    scalar(
        "transform_values(expr: map<K, V>, func: lambda(K, V))",
        _transform_values,
        "The map with values that a lambda makes.",
        result=_new_values,
        nullable=_first_nullable,
    ),
    scalar(
        "map_zip_with(map1: map<K, V>, map2: map<K, U>, func: lambda(K, V, U))",
        _map_zip_with,
        "What a lambda makes of the values of two maps.",
        result=_new_values,
        nullable=_two_nullable,
    ),
    scalar(
        "array_sort(expr: array<T>, func?: lambda(T, T))",
        _array_sort,
        "The array sorted, nulls last, or as a lambda compares.",
        pretty=_array_sort_pretty,
        result=_own,
        nullable=_first_nullable,
    ),
)
