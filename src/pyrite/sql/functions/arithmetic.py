"""Arithmetic operators: + - * / % and their kin, on numbers.

Dates and intervals are in ``datetime_arithmetic``, the exact rules of decimals in ``decimals``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import Call, Expression
from pyrite.sql.expressions.function import Function, LoweringContext
from pyrite.sql.functions.constants import constant_integer, is_nonzero_constant
from pyrite.sql.functions.datetime_arithmetic import (
    add_datetimes,
    attempted,
    divide_intervals,
    multiply_intervals,
    subtract_datetimes,
)
from pyrite.sql.functions.decimals import (
    decimal_operation,
    literal_decimal,
    product_type,
    quotient_type,
    remainder_type,
    sum_type,
)
from pyrite.sql.functions.define import operator, scalar
from pyrite.sql.functions.raising import unless_zero
from pyrite.sql.functions.signature import arrange, call_text, mismatch
from pyrite.sql.functions.type_coercion import cast_to, common_type, decimal_for
from pyrite.sql.types import (
    DOUBLE,
    LONG,
    ByteType,
    DataType,
    DayTimeIntervalType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    IntegralType,
    LongType,
    NullType,
    NumericType,
    ShortType,
    StringType,
    YearMonthIntervalType,
    sql_name,
    to_duckdb,
)

__all__ = ["FUNCTIONS", "narrow_sql"]

_BITS: dict[type[DataType], int] = {ByteType: 8, ShortType: 16, IntegerType: 32, LongType: 64}


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
            data_type = LONG if wide and function.name not in ("/", "try_divide") else DOUBLE
        elif isinstance(data_type, NullType):
            data_type = other.data_type if isinstance(other.data_type, NumericType) else DOUBLE
        types.append(data_type)
    if not all(isinstance(t, NumericType) for t in types):
        if not any(isinstance(t, NumericType) for t in types):
            index = 0 if not isinstance(types[0], NumericType) else 1
            raise mismatch(function, (left, right), index, "NUMERIC")
        raise _different_types(function, left, right)
    a, b = types
    if isinstance(a, DecimalType) or isinstance(b, DecimalType):
        if isinstance(a, (FloatType, DoubleType)) or isinstance(b, (FloatType, DoubleType)):
            return cast_to(left, DOUBLE, ansi), cast_to(right, DOUBLE, ansi)
        return _as_decimal(left, a, ansi), _as_decimal(right, b, ansi)
    target = common_type(a, b, ansi)
    if function.name in ("/", "try_divide"):
        target = DOUBLE
    assert target is not None
    return cast_to(left, target, ansi), cast_to(right, target, ansi)


def _different_types(function: Function, left: Expression, right: Expression) -> Exception:
    return analysis_error(
        "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
        sqlExpr=f'"{call_text(function, (left, right))}"',
        left=f'"{sql_name(left.data_type)}"',
        right=f'"{sql_name(right.data_type)}"',
    )


def _as_decimal(expression: Expression, data_type: DataType, ansi: bool) -> Expression:
    """Cast to a decimal; a constant integer takes only the digits it has."""
    constant = literal_decimal(expression)
    return cast_to(expression, constant or decimal_for(data_type), ansi)


def _numeric_result(
    rule: Callable[[DecimalType, DecimalType], DecimalType],
) -> Callable[[Sequence[Expression]], DataType]:
    def result(arguments: Sequence[Expression]) -> DataType:
        a, b = arguments[0].data_type, arguments[1].data_type
        if isinstance(a, DecimalType) and isinstance(b, DecimalType):
            return rule(a, b)
        return a

    return result


def narrow_sql(sql: str, data_type: DataType) -> str:
    """Return the low bits of a HUGEINT as an integral type: how Java's integers overflow."""
    half = 2 ** (_BITS[type(data_type)] - 1)
    return f"CAST(spark_wrap({sql}, {half}::HUGEINT) AS {to_duckdb(data_type)})"


def _infix(symbol: str, attempt: bool = False) -> Callable[..., str]:
    """Lower + - or *.

    Args:
        symbol: The operator.
        attempt: Whether overflow is null, whatever the session's mode.
    """

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        left, right = arguments
        data_type = call.data_type
        forgiving = attempt or not context.ansi
        if isinstance(data_type, DecimalType):
            return decimal_operation(symbol, call, arguments, context, forgiving)
        if isinstance(data_type, IntegralType) and forgiving:
            wide = f"(CAST({left} AS HUGEINT) {symbol} {right})"
            if attempt:
                return f"TRY_CAST({wide} AS {to_duckdb(data_type)})"
            return narrow_sql(wide, data_type)
        return f"({left} {symbol} {right})"

    return lower


def _divide(attempt: bool = False) -> Callable[..., str]:
    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        left, right = arguments
        forgiving = attempt or not context.ansi
        if isinstance(call.data_type, DecimalType):
            return decimal_operation("/", call, arguments, context, forgiving)
        if forgiving:
            return f"({left} / nullif({right}, 0))"
        if is_nonzero_constant(call.arguments[1]):
            return f"({left} / {right})"
        return unless_zero(call, "DIVIDE_BY_ZERO", arguments, f"{left} / {right}")

    return lower


def _remainder_of(write: Callable[[str, str], str], attempt: bool = False) -> Callable[..., str]:
    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        left, right = arguments
        kind = to_duckdb(call.data_type)
        if attempt or not context.ansi:
            return f"CAST({write(left, f'nullif({right}, 0)')} AS {kind})"
        written = f"CAST({write(left, right)} AS {kind})"
        divisor = constant_integer(call.arguments[1])
        if isinstance(call.data_type, IntegralType) and divisor in (None, -1):
            # DuckDB refuses the least integer by -1, where there is no remainder.
            written = f"CASE WHEN {right} = -1 THEN CAST(0 * {left} AS {kind}) ELSE {written} END"
        if is_nonzero_constant(call.arguments[1]):
            return f"({written})"
        return unless_zero(call, "REMAINDER_BY_ZERO", arguments, written)

    return lower


def _percent(left: str, right: str) -> str:
    return f"({left} % {right})"


def _positive_percent(left: str, right: str) -> str:
    return (
        f"(CASE WHEN {left} % {right} < 0 THEN ({left} % {right} + {right}) % {right} "
        f"ELSE {left} % {right} END)"
    )


def _coerce_div(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Bring both sides of ``div`` to bigint, decimals or intervals of one kind."""
    left, right = arrange(function, arguments)
    a, b = left.data_type, right.data_type
    for kind in (DayTimeIntervalType, YearMonthIntervalType):
        if isinstance(a, kind) and isinstance(b, kind):
            return left, right
    fits = (IntegralType, DecimalType, NullType, *((StringType,) if ansi else ()))
    if not isinstance(a, fits) or not isinstance(b, fits):
        wide = [
            LONG if isinstance(t, IntegralType) else DOUBLE if isinstance(t, StringType) else t
            for t in (a, b)
        ]
        raise analysis_error(
            "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
            sqlExpr=f'"{call_text(function, (left, right))}"',
            left=f'"{sql_name(wide[0])}"',
            right=f'"{sql_name(wide[1])}"',
        )
    if isinstance(a, DecimalType) or isinstance(b, DecimalType):
        return _as_decimal(left, a, ansi), _as_decimal(right, b, ansi)
    return cast_to(left, LONG, ansi), cast_to(right, LONG, ansi)


def _div(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    left, right = arguments
    divisor = right if context.ansi else f"nullif({right}, 0)"
    if isinstance(call.arguments[0].data_type, DecimalType):
        divided = decimal_operation("div", call, arguments, context, not context.ansi)
        return narrow_sql(divided, LONG)  # also in ANSI mode
    if context.ansi:
        divided = f"(CAST({left} AS BIGINT) // {divisor})"
        if is_nonzero_constant(call.arguments[1]):
            return divided
        return unless_zero(call, "DIVIDE_BY_ZERO", arguments, divided)
    return narrow_sql(f"(CAST({left} AS HUGEINT) // {divisor})", LONG)


def _negated(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    if not isinstance(call.data_type, IntegralType):
        return f"(-{arguments[0]})"
    if not context.ansi:
        return narrow_sql(f"(-CAST({arguments[0]} AS HUGEINT))", call.data_type)
    # DuckDB would take the minus for the sign of a constant, and widen it.
    return f"(CAST(0 AS {to_duckdb(call.data_type)}) - {arguments[0]})"


def _absolute(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    if isinstance(call.data_type, IntegralType) and not context.ansi:
        return narrow_sql(f"abs(CAST({arguments[0]} AS HUGEINT))", call.data_type)
    return f"abs({arguments[0]})"


def _try_mod(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    return f"CAST(({arguments[0]} % nullif({arguments[1]}, 0)) AS {to_duckdb(call.data_type)})"


def _first_type(arguments: Sequence[Expression]) -> DataType:
    return arguments[0].data_type


FUNCTIONS = (
    operator(
        "+(left: any, right: any)",
        "+",
        _infix("+"),
        "The sum.",
        coerce=_coerce_numbers,
        result=_numeric_result(sum_type),
        rewrite=add_datetimes,
    ),
    operator(
        "-(left: any, right: any)",
        "-",
        _infix("-"),
        "The difference.",
        coerce=_coerce_numbers,
        result=_numeric_result(sum_type),
        rewrite=subtract_datetimes,
    ),
    operator(
        "*(left: any, right: any)",
        "*",
        _infix("*"),
        "The product.",
        coerce=_coerce_numbers,
        result=_numeric_result(product_type),
        rewrite=multiply_intervals,
    ),
    operator(
        "/(left: any, right: any)",
        "/",
        _divide(),
        "The quotient; integers are divided as doubles.",
        coerce=_coerce_numbers,
        result=_numeric_result(quotient_type),
        nullable=True,
        rewrite=divide_intervals,
    ),
    operator(
        "%(left: any, right: any)",
        "%",
        _remainder_of(_percent),
        "The remainder, with the sign of the dividend.",
        coerce=_coerce_numbers,
        result=_numeric_result(remainder_type),
        nullable=True,
    ),
    scalar(
        "mod(left: any, right: any)",
        _remainder_of(_percent),
        "The remainder, with the sign of the dividend.",
        coerce=_coerce_numbers,
        result=_numeric_result(remainder_type),
        nullable=True,
        pretty=lambda texts: f"mod({', '.join(texts)})",
    ),
    scalar(
        "pmod(left: any, right: any)",
        _remainder_of(_positive_percent),
        "The remainder, with the sign of the divisor.",
        coerce=_coerce_numbers,
        result=_numeric_result(remainder_type),
        nullable=True,
    ),
    operator(
        "div(left: any, right: any) -> bigint",
        "div",
        _div,
        "The quotient without its fraction.",
        coerce=_coerce_div,
        nullable=True,
    ),
    scalar(
        "negative(expr: numeric|interval) -> any",
        _negated,
        "The number with the other sign.",
        result=_first_type,
    ),
    scalar(
        "unary -(expr: numeric|interval) -> any",
        _negated,
        "The number with the other sign.",
        result=_first_type,
        pretty=lambda texts: f"(- {texts[0]})",
    ),
    scalar(
        "positive(expr: numeric|interval) -> any",
        "{expr}",
        "The number itself.",
        result=_first_type,
        pretty=lambda texts: f"(+ {texts[0]})",
    ),
    scalar(
        "abs(expr: numeric|interval) -> any",
        _absolute,
        "The absolute value.",
        result=_first_type,
    ),
    scalar(
        "try_add(left: any, right: any)",
        _infix("+", attempt=True),
        "The sum, null if it overflows.",
        coerce=_coerce_numbers,
        result=_numeric_result(sum_type),
        nullable=True,
        rewrite=attempted(add_datetimes),
    ),
    scalar(
        "try_subtract(left: any, right: any)",
        _infix("-", attempt=True),
        "The difference, null if it overflows.",
        coerce=_coerce_numbers,
        result=_numeric_result(sum_type),
        nullable=True,
        rewrite=attempted(subtract_datetimes),
    ),
    scalar(
        "try_multiply(left: any, right: any)",
        _infix("*", attempt=True),
        "The product, null if it overflows.",
        coerce=_coerce_numbers,
        result=_numeric_result(product_type),
        nullable=True,
        rewrite=attempted(multiply_intervals),
    ),
    scalar(
        "try_divide(left: any, right: any)",
        _divide(attempt=True),
        "The quotient, null for division by zero.",
        coerce=_coerce_numbers,
        result=_numeric_result(quotient_type),
        nullable=True,
        rewrite=attempted(partial(divide_intervals, attempt=True)),
    ),
    scalar(
        "try_mod(left: any, right: any)",
        _try_mod,
        "The remainder, null for division by zero.",
        coerce=_coerce_numbers,
        result=_numeric_result(remainder_type),
        nullable=True,
    ),
)
