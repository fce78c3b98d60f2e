"""Decimals: Spark's types of results, and exact arithmetic on them.

DuckDB's own operators are exact while every digit fits into 38; a result that needs more on the
way (Spark computes with any number of digits and rounds at the end) goes to Python's decimals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from pyrite.sql.expressions.expression import Call, Expression, Literal
from pyrite.sql.expressions.function import LoweringContext
from pyrite.sql.functions.constants import is_nonzero_constant
from pyrite.sql.functions.raising import raised_text, unless_zero
from pyrite.sql.types import DecimalType, IntegralType, LongType, to_arrow, to_duckdb

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "decimal_operation",
    "literal_decimal",
    "product_type",
    "quotient_type",
    "remainder_type",
    "sum_type",
    "without_precision_loss",
]

#: The decimal digits that DuckDB keeps in 64 bits.
_INT64_DIGITS = 18
#: Products with more digits of scale hardly have room in 64 bits.
_INT64_SCALE = 8
#: Numbers moved by more digits hardly have room in 128 bits.
_MOVED_DIGITS = 20


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


def sum_type(a: DecimalType, b: DecimalType) -> DecimalType:
    """Return the type of a sum or a difference."""
    scale = max(a.scale, b.scale)
    return bounded_decimal(max(a.precision - a.scale, b.precision - b.scale) + scale + 1, scale)


def product_type(a: DecimalType, b: DecimalType) -> DecimalType:
    """Return the type of a product."""
    return bounded_decimal(a.precision + b.precision + 1, a.scale + b.scale)


def quotient_type(a: DecimalType, b: DecimalType) -> DecimalType:
    """Return the type of a quotient."""
    scale = max(6, a.scale + b.precision + 1)
    return bounded_decimal(a.precision - a.scale + b.scale + scale, scale)


def remainder_type(a: DecimalType, b: DecimalType) -> DecimalType:
    """Return the type of a remainder."""
    scale = max(a.scale, b.scale)
    return bounded_decimal(min(a.precision - a.scale, b.precision - b.scale) + scale, scale)


def _cut_decimal(precision: int, scale: int) -> DecimalType:
    """Return a decimal type of at most 38 digits that keeps its digits of scale."""
    return DecimalType(min(precision, 38), min(scale, 38))


def _exact_sum(a: DecimalType, b: DecimalType) -> DecimalType:
    scale = max(a.scale, b.scale)
    return _cut_decimal(max(a.precision - a.scale, b.precision - b.scale) + scale + 1, scale)


def _exact_product(a: DecimalType, b: DecimalType) -> DecimalType:
    return _cut_decimal(a.precision + b.precision + 1, a.scale + b.scale)


def _exact_quotient(a: DecimalType, b: DecimalType) -> DecimalType:
    """Give up digits of both sides alike."""
    whole = min(38, a.precision - a.scale + b.scale)
    scale = min(38, max(6, a.scale + b.precision + 1))
    beyond = whole + scale - 38
    if beyond > 0:
        scale -= beyond // 2 + 1
        whole = 38 - scale
    return _cut_decimal(whole + scale, scale)


def _exact_remainder(a: DecimalType, b: DecimalType) -> DecimalType:
    scale = max(a.scale, b.scale)
    return _cut_decimal(min(a.precision - a.scale, b.precision - b.scale) + scale, scale)


_EXACT_TYPES: dict[str, Callable[[DecimalType, DecimalType], DecimalType]] = {
    "+": _exact_sum,
    "-": _exact_sum,
    "*": _exact_product,
    "/": _exact_quotient,
    "%": _exact_remainder,
    "mod": _exact_remainder,
    "pmod": _exact_remainder,
    "try_add": _exact_sum,
    "try_subtract": _exact_sum,
    "try_multiply": _exact_product,
    "try_divide": _exact_quotient,
    "try_mod": _exact_remainder,
}


def without_precision_loss(call: Call) -> Call:
    """Return arithmetic on decimals with the type of a result that keeps its digits of scale.

    That is ``spark.sql.decimalOperations.allowPrecisionLoss=false``: what needs more than 38
    digits is null, or an error, instead of being rounded. Other calls are left as they are.
    """
    rule = _EXACT_TYPES.get(call.function.name)
    if rule is None or not isinstance(call.data_type, DecimalType):
        return call
    left, right = (argument.data_type for argument in call.arguments)
    assert isinstance(left, DecimalType)
    assert isinstance(right, DecimalType)
    return replace(call, data_type=rule(left, right))


def literal_decimal(expression: Expression) -> DecimalType | None:
    """Return the decimal with just the digits of a constant integer, None for other values."""
    value = expression.value if isinstance(expression, Literal) else None
    if isinstance(value, int) and isinstance(expression.data_type, IntegralType):
        return DecimalType(max(len(str(abs(value))), 1), 0)
    return None


_EXACT: dict[str, Callable[[Context, Decimal, Decimal], Decimal]] = {
    "+": Context.add,
    "-": Context.subtract,
    "*": Context.multiply,
    "/": Context.divide,
    "div": Context.divide_int,
}


def _compute(
    left: pa.Array, right: pa.Array, *, symbol: str, target: DecimalType, forgiving: bool
) -> pa.Array:
    """Compute exactly, round once, and raise or give null for what 38 digits cannot hold."""
    import pyarrow as pa

    exact, context = _EXACT[symbol], Context(prec=200, rounding=ROUND_HALF_UP)
    unit = Decimal(1).scaleb(-target.scale)
    limit = Decimal(10) ** (target.precision - target.scale)
    rounding = ROUND_DOWN if symbol == "div" else ROUND_HALF_UP
    answers: list[Decimal | None] = []
    for a, b in zip(left.to_pylist(), right.to_pylist(), strict=True):
        if a is None or b is None or (not b and symbol in ("/", "div")):
            answers.append(None)
            continue
        value = exact(context, a, b)
        answer = value.quantize(unit, rounding, context)
        if abs(answer) < limit:
            answers.append(answer)
        elif forgiving:
            answers.append(None)
        else:
            raise ValueError(_beyond(value, target))
    return pa.array(answers, to_arrow(target))


#: What Spark computes with, though it says only in errors that it rounds.
_MOST_DIGITS = Context(prec=38, rounding=ROUND_HALF_UP)


def _beyond(value: Decimal, target: DecimalType) -> str:
    return raised_text(
        "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION",
        value=f"{_MOST_DIGITS.plus(value):f}",
        precision=str(target.precision),
        scale=str(target.scale),
        config='"spark.sql.ansi.enabled"',
    )


@cache
def _kernel(symbol: str, target: DecimalType, forgiving: bool) -> Callable[..., Any]:
    return partial(_compute, symbol=symbol, target=target, forgiving=forgiving)


def decimal_operation(
    symbol: str,
    call: Call,
    arguments: Sequence[str],
    context: LoweringContext,
    forgiving: bool,
) -> str:
    """Return SQL of an operation on two decimals, exact and rounded as Spark rounds.

    Args:
        symbol: One of ``+ - * / div``.
        call: The call; its arguments are decimals.
        arguments: Their SQL.
        context: Where functions over Arrow arrays are registered.
        forgiving: Whether what does not fit, and division by zero, is null.

    Returns:
        The SQL; ``div`` gives a HUGEINT.
    """
    left, right = arguments
    a, b = (argument.data_type for argument in call.arguments)
    assert isinstance(a, DecimalType)
    assert isinstance(b, DecimalType)
    target = call.data_type if isinstance(call.data_type, DecimalType) else DecimalType(38, 0)
    if symbol in ("+", "-") and target.scale == max(a.scale, b.scale) and target.precision < 38:
        return f"({left} {symbol} {right})"
    if symbol == "*" and target.scale == a.scale + b.scale and target.precision < 38:
        if context.wide_decimals and a.precision <= _INT64_DIGITS:
            left = f"CAST({left} AS DECIMAL({_INT64_DIGITS + 1},{a.scale}))"
        return f"({left} * {right})"
    quick, fits = _quick(symbol, left, right, a, b, target)
    if quick and context.runs_again:
        quick, fits = _hopeful(symbol, left, right, a, b, target), "TRUE"
    elif quick and call.foldable:
        # DuckDB computes constants on every branch, so they must not overflow on this one.
        safe = f"(CASE WHEN {fits} THEN {left} END)"
        quick, _ = _quick(symbol, safe, right, a, b, target)
    sql = quick
    if fits != "TRUE":
        exact = context.kernel(call, _kernel(symbol, target, forgiving), [left, right])
        sql = f"CASE WHEN {fits} THEN {quick} ELSE {exact} END" if quick else exact
    if isinstance(call.data_type, LongType):
        sql = f"CAST({sql} AS HUGEINT)"
    if symbol in ("/", "div") and not forgiving and not is_nonzero_constant(call.arguments[1]):
        return unless_zero(call, "DIVIDE_BY_ZERO", (left, right), sql)
    return f"({sql})"


def _quick(
    symbol: str, left: str, right: str, a: DecimalType, b: DecimalType, target: DecimalType
) -> tuple[str, str]:
    """Return SQL that computes with 128-bit integers, and SQL of whether 38 digits suffice.

    The check computes with doubles, so it leaves the last percent of the range alone.
    """
    x, y = f"abs(CAST({left} AS DOUBLE))", f"abs(CAST({right} AS DOUBLE))"
    most = f"0.99e{target.precision - target.scale}::DOUBLE"
    if symbol in ("/", "div"):
        quick = _quick_quotient(left, right, a, b, target, truncates=symbol == "div")
        dividend_digits = a.precision - a.scale + target.scale + b.scale
        if target.precision < 38 and dividend_digits <= 37 and b.precision <= 37:
            return quick, "TRUE"
        # The division doubles both sides, so that it can round.
        fits = [
            f"{x} < 0.4e{38 - target.scale - b.scale}::DOUBLE",
            f"{y} < 0.4e{38 - b.scale}::DOUBLE",
            f"{x} < {most} * {y}",
        ]
        return quick, " AND ".join(fits)
    scale = a.scale + b.scale if symbol == "*" else max(a.scale, b.scale)
    if scale > 38:
        return "", ""
    size = f"{x} * {y}" if symbol == "*" else f"{x} + {y}"
    room = f"0.99e{min(38 - scale, target.precision - target.scale)}::DOUBLE"
    left, right = (f"CAST({side} AS DECIMAL(38,{t.scale}))" for side, t in ((left, a), (right, b)))
    return f"CAST({left} {symbol} {right} AS {to_duckdb(target)})", f"{size} < {room}"


def _hopeful(
    symbol: str, left: str, right: str, a: DecimalType, b: DecimalType, target: DecimalType
) -> str:
    """Return shorter SQL than ``_quick``, which raises where it has no room for all digits."""
    shift = target.scale + b.scale
    if symbol in ("/", "div") and max(a.scale + shift, 2 * b.scale) <= _MOVED_DIGITS:
        dividend, divisor = _moved(left, a, shift), _moved(right, b, b.scale)
        return _rounded_quotient(dividend, divisor, target, truncates=symbol == "div")
    if symbol == "*" and a.scale + b.scale <= min(target.scale, _INT64_SCALE):
        return f"{left} * {right}"
    return _quick(symbol, left, right, a, b, target)[0]


def _quick_quotient(
    left: str, right: str, a: DecimalType, b: DecimalType, target: DecimalType, truncates: bool
) -> str:
    """Divide 128-bit integers, the dividend moved by the digits that the quotient has more."""
    shift = target.scale + b.scale
    if shift > 37 or a.scale > shift or max(a.scale, b.scale) > 18:
        return ""
    dividend = f"{_unscaled(left, a)} * CAST('1{'0' * (shift - a.scale)}' AS HUGEINT)"
    return _rounded_quotient(dividend, _unscaled(right, b), target, truncates)


def _rounded_quotient(dividend: str, divisor: str, target: DecimalType, truncates: bool) -> str:
    division = f"spark_{'truncating' if truncates else 'rounding'}_div"
    quotient = f"CAST({division}({dividend}, {divisor}) AS DECIMAL(38,0))"
    if not target.scale:
        return f"CAST({quotient} AS {to_duckdb(target)})"
    unit = f"CAST('0.{'0' * (target.scale - 1)}1' AS DECIMAL({target.scale},{target.scale}))"
    return f"CAST({quotient} * {unit} AS {to_duckdb(target)})"


def _unscaled(sql: str, data_type: DecimalType) -> str:
    """Return a decimal's digits as an integer."""
    power = "1" + "0" * data_type.scale
    if data_type.precision + data_type.scale <= 38:
        return _moved(sql, data_type, data_type.scale)
    # The whole part and the fraction each for itself, since both together need not fit.
    whole = f"CAST(trunc({sql}) AS HUGEINT) * CAST('{power}' AS HUGEINT)"
    fraction = f"CAST({sql} % 1 AS DECIMAL(38,{data_type.scale}))"
    digits = f"CAST({fraction} * CAST('{power}' AS DECIMAL({data_type.scale + 1},0)) AS HUGEINT)"
    return f"({whole} + {digits})"


def _moved(sql: str, data_type: DecimalType, places: int) -> str:
    """Return a decimal times a power of ten as an integer, if 38 digits have room for both."""
    if not places:
        return f"CAST({sql} AS HUGEINT)"
    power = f"CAST('1{'0' * places}' AS DECIMAL({places + 1},0))"
    return f"CAST(CAST({sql} AS DECIMAL(38,{data_type.scale})) * {power} AS HUGEINT)"
