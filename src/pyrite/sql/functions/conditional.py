"""Conditional functions: one of several values."""

from __future__ import annotations

from collections.abc import Sequence

from pyrite.sql.errors import SparkError, analysis_error
from pyrite.sql.expressions.char_types import as_it_is
from pyrite.sql.expressions.expression import Call, Expression, Literal
from pyrite.sql.expressions.function import Function, LoweringContext
from pyrite.sql.expressions.unresolved import UnresolvedFunction
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.signature import arrange, call_text, mismatch
from pyrite.sql.functions.type_coercion import cast_to, common_type_of
from pyrite.sql.types import BOOLEAN, DOUBLE, INTEGER, BooleanType, DataType, NullType, sql_name

__all__ = ["FUNCTIONS"]


def _coerce_branches(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Bring the values to their common type; conditions must be booleans."""
    arguments = arrange(function, arguments)
    values = [arguments[index] for index in _value_places(function, len(arguments))]
    for index, argument in enumerate(arguments):
        is_condition = index not in _value_places(function, len(arguments))
        fits = (BooleanType,) if function.name == "when" else (BooleanType, NullType)
        if is_condition and not isinstance(argument.data_type, fits):
            raise mismatch(function, arguments, index, "BOOLEAN")
    target = common_type_of([value.data_type for value in values], ansi)
    if target is None:
        raise _unlike(function, arguments, values)
    places = _value_places(function, len(arguments))
    return tuple(
        cast_to(argument, target if index in places else BOOLEAN, ansi)
        for index, argument in enumerate(arguments)
    )


def _unlike(
    function: Function, arguments: Sequence[Expression], values: Sequence[Expression]
) -> SparkError:
    types = ", ".join(f'"{sql_name(value.data_type)}"' for value in values)
    return analysis_error(
        "DATATYPE_MISMATCH.DATA_DIFF_TYPES",
        sqlExpr=f'"{call_text(function, arguments)}"',
        functionName=f"`{ {'when': 'casewhen'}.get(function.name, function.name) }`",
        dataType=f"[{types}]",
    )


def _value_places(function: Function, count: int) -> tuple[int, ...]:
    """Return which arguments are values: when(condition, value, ..., else), if(condition, ...)."""
    if function.name == "if":
        return (1, 2)
    return (*range(1, count, 2), *((count - 1,) if count % 2 else ()))


def _value_type(arguments: Sequence[Expression]) -> DataType:
    return arguments[1].data_type


def _when_nullable(arguments: Sequence[Expression]) -> bool:
    values = [*arguments[1::2], *([arguments[-1]] if len(arguments) % 2 else [])]
    return len(arguments) % 2 == 0 or any(value.nullable for value in values)


def _case(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    branches = [
        f"WHEN {condition} THEN {value}"
        for condition, value in zip(arguments[::2], arguments[1::2], strict=False)
    ]
    otherwise = f" ELSE {arguments[-1]}" if len(arguments) % 2 else ""
    return f"(CASE {' '.join(branches)}{otherwise} END)"


def _case_text(texts: Sequence[str]) -> str:
    branches = [
        f"WHEN {condition} THEN {value}"
        for condition, value in zip(texts[::2], texts[1::2], strict=False)
    ]
    otherwise = f" ELSE {texts[-1]}" if len(texts) % 2 else ""
    return f"CASE {' '.join(branches)}{otherwise} END"


def _only_if_all_are(arguments: Sequence[Expression]) -> bool:
    return all(argument.nullable for argument in arguments)


def _nullif(arguments: Sequence[Expression], ansi: bool) -> Expression | None:
    if len(arguments) != 2:
        return None
    first, second = arguments
    equal = UnresolvedFunction(("=",), (as_it_is(first), second))
    return UnresolvedFunction(("if",), (equal, Literal(None, first.data_type), first))


def _nullifzero(arguments: Sequence[Expression], ansi: bool) -> Expression | None:
    if len(arguments) != 1:
        return None
    return _nullif((arguments[0], Literal(0, INTEGER)), ansi)


def _zeroifnull(arguments: Sequence[Expression], ansi: bool) -> Expression | None:
    if len(arguments) != 1:
        return None
    return UnresolvedFunction(("coalesce",), (arguments[0], Literal(0, INTEGER)))


def _nvl2(arguments: Sequence[Expression], ansi: bool) -> Expression | None:
    if len(arguments) != 3:
        return None
    present = UnresolvedFunction(("isnotnull",), (arguments[0],))
    return UnresolvedFunction(("if",), (present, arguments[1], arguments[2]))


def _nanvl(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    first, second = arguments
    return f"(CASE WHEN isnan({first}) THEN {second} ELSE {first} END)"


def _extreme(name: str, description: str) -> tuple[Function, ...]:
    return scalar(
        f"{name}(expr: T, exprs...: T) -> T",
        f"{name}({{*}})",
        description,
        nullable=_only_if_all_are,
    )


def _rewritten(
    name: str, arguments: str, description: str, rewrite: object
) -> tuple[Function, ...]:
    """Define a function that is always another expression."""
    return scalar(f"{name}({arguments}) -> any", "{0}", description, rewrite=rewrite)


FUNCTIONS = (
    scalar(
        "when(branches...: any) -> any",
        _case,
        "The value of the first condition that holds.",
        coerce=_coerce_branches,
        result=_value_type,
        nullable=_when_nullable,
        pretty=_case_text,
    ),
    scalar(
        "if(condition: boolean, trueValue: any, falseValue: any) -> any",
        "(CASE WHEN {condition} THEN {trueValue} ELSE {falseValue} END)",
        "One of two values.",
        coerce=_coerce_branches,
        result=_value_type,
        nullable=lambda arguments: arguments[1].nullable or arguments[2].nullable,
        pretty=lambda texts: f"(IF({', '.join(texts)}))",
    ),
    scalar(
        "coalesce(exprs...: T) -> T",
        "coalesce({*})",
        "The first value that is not null.",
        nullable=_only_if_all_are,
    ),
    scalar(
        "nvl(expr1: T, expr2: T) -> T",
        "coalesce({expr1}, {expr2})",
        "The first value, the second if it is null.",
        nullable=_only_if_all_are,
        aliases=("ifnull",),
    ),
    _rewritten(
        "nvl2",
        "expr1: any, expr2: any, expr3: any",
        "The second value, the third if the first is null.",
        _nvl2,
    ),
    _rewritten(
        "nullif", "expr1: any, expr2: any", "The first value, null if both are equal.", _nullif
    ),
    _rewritten("nullifzero", "expr: any", "The number, null if it is zero.", _nullifzero),
    _rewritten("zeroifnull", "expr: any", "The number, zero if it is null.", _zeroifnull),
    scalar(
        "nanvl(expr1: double|float, expr2: double|float) -> any",
        _nanvl,
        "The first number, the second if it is NaN.",
        coerce=lambda function, arguments, ansi: tuple(
            cast_to(argument, DOUBLE, ansi) for argument in arrange(function, arguments)
        ),
        result=lambda _: DOUBLE,
    ),
    _extreme("greatest", "The greatest of the values, nulls left out."),
    _extreme("least", "The least of the values, nulls left out."),
)
