"""Arithmetic: operators, with Spark's decimal precision and overflow rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import Call, Expression
from pyrite.sql.expressions.function import Function, LoweringContext
from pyrite.sql.functions.define import any_argument_nullable, operator, scalar
from pyrite.sql.functions.signature import arrange, call_text, mismatch
from pyrite.sql.functions.type_coercion import cast_to, common_type, decimal_for
from pyrite.sql.types import (
    DOUBLE,
    LONG,
    DataType,
    DecimalType,
    DoubleType,
    FloatType,
    FractionalType,
    IntegralType,
    NullType,
    NumericType,
    StringType,
    sql_name,
)

__all__ = ["FUNCTIONS"]


def bounded_decimal(precision: int, scale: int) -> DecimalType:
    """Return a decimal type of at most 38 digits, giving up digits of scale beyond 6.

    Example:
        >>> bounded_decimal(44, 10)
        DecimalType(38,6)
    """
    if precision <= 38:
        return DecimalType(precision, scale)
    integer = precision - scale
    kept = max(38 - integer, min(scale, 6))
    return DecimalType(38, kept)


def _sum_type(a: DecimalType, b: DecimalType) -> DecimalType:
    scale = max(a.scale, b.scale)
    return bounded_decimal(max(a.precision - a.scale, b.precision - b.scale) + scale + 1, scale)


def _product_type(a: DecimalType, b: DecimalType) -> DecimalType:
    return bounded_decimal(a.precision + b.precision + 1, a.scale + b.scale)


def _quotient_type(a: DecimalType, b: DecimalType) -> DecimalType:
    scale = max(6, a.scale + b.precision + 1)
    return bounded_decimal(a.precision - a.scale + b.scale + scale, scale)


def _remainder_type(a: DecimalType, b: DecimalType) -> DecimalType:
    scale = max(a.scale, b.scale)
    return bounded_decimal(min(a.precision - a.scale, b.precision - b.scale) + scale, scale)


DecimalRule = Callable[[DecimalType, DecimalType], DecimalType]


def _coerce_numbers(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Bring both sides to one numeric type; decimals keep their own precision."""
    left, right = arrange(function, arguments)
    types = []
    for side, other in ((left, right), (right, left)):
        data_type = side.data_type
        if isinstance(data_type, StringType):
            wide = isinstance(other.data_type, IntegralType) and ansi
            data_type = LONG if wide and function.name != "/" else DOUBLE
        elif isinstance(data_type, NullType):
            data_type = other.data_type if isinstance(other.data_type, NumericType) else DOUBLE
        types.append(data_type)
    if not all(isinstance(t, NumericType) for t in types):
        if not any(isinstance(t, NumericType) for t in types):
            index = 0 if not isinstance(types[0], NumericType) else 1
            raise mismatch(function, (left, right), index, "NUMERIC")
        raise analysis_error(
            "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
            sqlExpr=f'"{call_text(function, (left, right))}"',
            left=f'"{sql_name(left.data_type)}"',
            right=f'"{sql_name(right.data_type)}"',
        )
    a, b = types
    if isinstance(a, DecimalType) or isinstance(b, DecimalType):
        if isinstance(a, (FloatType, DoubleType)) or isinstance(b, (FloatType, DoubleType)):
            return cast_to(left, DOUBLE, ansi), cast_to(right, DOUBLE, ansi)
        return _as_decimal(left, a, ansi), _as_decimal(right, b, ansi)
    target = common_type(a, b, ansi)
    if function.name == "/" and not isinstance(target, FractionalType):
        target = DOUBLE
    assert target is not None
    return cast_to(left, target, ansi), cast_to(right, target, ansi)


def _as_decimal(expression: Expression, data_type: DataType, ansi: bool) -> Expression:
    """Cast to a decimal; a constant integer takes only the digits it has."""
    value = getattr(expression, "value", None)
    if isinstance(data_type, IntegralType) and isinstance(value, int):
        return cast_to(expression, DecimalType(max(len(str(abs(value))), 1), 0), ansi)
    return cast_to(expression, decimal_for(data_type), ansi)


def _numeric_result(rule: DecimalRule) -> Callable[[Sequence[Expression]], DataType]:
    def result(arguments: Sequence[Expression]) -> DataType:
        a, b = arguments[0].data_type, arguments[1].data_type
        if isinstance(a, DecimalType) and isinstance(b, DecimalType):
            return rule(a, b)
        return a

    return result


def _nullable_unless_ansi_integral(arguments: Sequence[Expression]) -> bool:
    return any_argument_nullable(arguments) or isinstance(arguments[0].data_type, DecimalType)


def _infix(symbol: str) -> Callable[[Call, Sequence[str], LoweringContext], str]:
    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        return f"({arguments[0]} {symbol} {arguments[1]})"

    return lower


FUNCTIONS = (
    operator(
        "+(left: any, right: any)",
        "+",
        _infix("+"),
        "The sum.",
        coerce=_coerce_numbers,
        result=_numeric_result(_sum_type),
    ),
    operator(
        "-(left: any, right: any)",
        "-",
        _infix("-"),
        "The difference.",
        coerce=_coerce_numbers,
        result=_numeric_result(_sum_type),
    ),
    operator(
        "*(left: any, right: any)",
        "*",
        _infix("*"),
        "The product.",
        coerce=_coerce_numbers,
        result=_numeric_result(_product_type),
    ),
    operator(
        "/(left: any, right: any)",
        "/",
        _infix("/"),
        "The quotient; integers are divided as doubles.",
        coerce=_coerce_numbers,
        result=_numeric_result(_quotient_type),
        nullable=_nullable_unless_ansi_integral,
    ),
    operator(
        "%(left: any, right: any)",
        "%",
        _infix("%"),
        "The remainder, with the sign of the dividend.",
        coerce=_coerce_numbers,
        result=_numeric_result(_remainder_type),
    ),
    scalar(
        "abs(expr: numeric|interval) -> any",
        "abs({expr})",
        "The absolute value.",
        result=lambda a: a[0].data_type,
    ),
)
