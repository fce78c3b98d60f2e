"""Mathematics: powers, logarithms, trigonometry, and numbers in other bases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from pyrite.sql.expressions.expression import Call
from pyrite.sql.expressions.function import Function, Lowering, LoweringContext
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.kernels.radix import convert_base
from pyrite.sql.types import BinaryType, IntegralType, StringType

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FUNCTIONS"]


def _of_double(
    name: str, sql: str | Lowering, description: str, **rest: object
) -> tuple[Function, ...]:
    """Define a function from double to double."""
    rest.setdefault("nullable", True)  # Spark does not look at what such functions are given
    rest.setdefault("pretty", lambda texts: f"{name.upper()}({texts[0]})")
    return scalar(f"{name}(expr: double) -> double", sql, description, **rest)


def _shown(name: str) -> Callable[[Sequence[str]], str]:
    return lambda texts: f"{name if name == 'ln' else name.upper()}({texts[0]})"


def _logarithm(name: str, sql: str, bound: int, description: str) -> tuple[Function, ...]:
    """Define a logarithm, which is null where it has no value."""
    guarded = f"CASE WHEN {{expr}} > {bound} THEN {sql} END"
    return _of_double(name, guarded, description, pretty=_shown(name))


def _log(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    if len(arguments) == 1:
        return f"(CASE WHEN {arguments[0]} > 0 THEN ln({arguments[0]}) END)"
    base, number = arguments
    return f"(CASE WHEN {base} > 0 AND {number} > 0 THEN ln({number}) / ln({base}) END)"


_FACTORIALS = "[" + ", ".join(
    str(product)
    for product in [
        1, 1, 2, 6, 24, 120, 720, 5040, 40320, 362880, 3628800, 39916800, 479001600, 6227020800,
        87178291200, 1307674368000, 20922789888000, 355687428096000, 6402373705728000,
        121645100408832000, 2432902008176640000,
    ]
) + "]::BIGINT[]"  # fmt: skip


def _hex(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    (argument,) = arguments
    data_type = call.arguments[0].data_type
    if isinstance(data_type, (BinaryType, StringType)):
        return f"hex({argument})"
    return f"to_hex(CAST({argument} AS BIGINT))"


def _unhex(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    (text,) = arguments
    return f"(CASE WHEN regexp_full_match({text}, '[0-9a-fA-F]*') THEN unhex({text}) END)"


def _conv(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    text, *bases = arguments
    compute = partial(convert_base, ansi=context.ansi)
    return context.kernel(call, compute, [f"trim({text}, ' ')", *bases])


def _width_bucket(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    value, low, high, buckets = (f"CAST({argument} AS DOUBLE)" for argument in arguments)
    up = f"CAST(floor({buckets} * ({value} - {low}) / ({high} - {low})) AS BIGINT) + 1"
    down = f"CAST(floor({buckets} * ({low} - {value}) / ({low} - {high})) AS BIGINT) + 1"
    return (
        f"(CASE WHEN {value} IS NULL OR {low} IS NULL OR {high} IS NULL OR {buckets} IS NULL "
        f"OR {buckets} >= 9223372036854775807 OR {buckets} <= 0 "
        f"OR {low} = {high} OR isnan({value}) "
        f"OR NOT isfinite({low}) OR NOT isfinite({high}) THEN NULL "
        f"WHEN {low} < {high} THEN CASE WHEN {value} < {low} THEN 0 "
        f"WHEN {value} >= {high} THEN CAST({buckets} AS BIGINT) + 1 ELSE {up} END "
        f"ELSE CASE WHEN {value} > {low} THEN 0 "
        f"WHEN {value} <= {high} THEN CAST({buckets} AS BIGINT) + 1 ELSE {down} END END)"
    )


def _map_doubles(name: str) -> Callable[..., object]:
    """Return a kernel of one of numpy's functions, for what DuckDB computes less exactly."""

    def compute(values: pa.Array) -> pa.Array:
        import numpy as np
        import pyarrow as pa

        with np.errstate(all="ignore"):
            computed = getattr(np, name)(values.to_numpy(zero_copy_only=False))
        return pa.array(computed, pa.float64(), mask=values.is_null().to_numpy(False))

    return compute


def _by_numpy(name: str) -> Callable[..., str]:
    compute = _map_doubles(name)

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        return context.kernel(call, compute, arguments[:1])

    return lower


_SIGN = "CAST(CASE WHEN isnan({0}) OR {0} = 0 THEN {0} ELSE sign({0}) END AS DOUBLE)"


def _sign(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    if isinstance(call.arguments[0].data_type, IntegralType):
        return f"CAST(sign({arguments[0]}) AS DOUBLE)"
    return _SIGN.format(f"CAST({arguments[0]} AS DOUBLE)")


_TRIGONOMETRY = (
    ("sin", "sin({expr})", "The sine."),
    ("cos", "cos({expr})", "The cosine."),
    ("tan", "tan({expr})", "The tangent."),
    ("cot", "(1 / tan({expr}))", "The cotangent."),
    ("sec", "(1 / cos({expr}))", "The secant."),
    ("csc", "(1 / sin({expr}))", "The cosecant."),
    ("asin", "asin({expr})", "The angle of a sine."),
    ("acos", "acos({expr})", "The angle of a cosine."),
    ("atan", "atan({expr})", "The angle of a tangent."),
    ("sinh", "sinh({expr})", "The hyperbolic sine."),
    ("cosh", "cosh({expr})", "The hyperbolic cosine."),
    ("tanh", "tanh({expr})", "The hyperbolic tangent."),
    ("asinh", "asinh({expr})", "The inverse of the hyperbolic sine."),
    ("acosh", "acosh({expr})", "The inverse of the hyperbolic cosine."),
    ("atanh", "atanh({expr})", "The inverse of the hyperbolic tangent."),
    ("degrees", "degrees({expr})", "An angle in degrees."),
    ("radians", "radians({expr})", "An angle in radians."),
)


#: In C, 1 to the power of NaN is 1; in Java it is NaN.
_POWER = "CASE WHEN isnan({exponent}) THEN {exponent} ELSE pow({base}, {exponent}) END"


FUNCTIONS = (
    _of_double("sqrt", "sqrt({expr})", "The square root."),
    _of_double(
        "cbrt",
        "CASE WHEN round(cbrt({expr})) * round(cbrt({expr})) * round(cbrt({expr})) = {expr} "
        "THEN round(cbrt({expr})) ELSE cbrt({expr}) END",
        "The cube root.",
    ),
    _of_double("exp", "exp({expr})", "e to a power."),
    _of_double(
        "expm1",
        _by_numpy("expm1"),
        "e to a power, less 1.",
    ),
    _logarithm("ln", "ln({expr})", 0, "The natural logarithm."),
    _logarithm("log10", "log10({expr})", 0, "The logarithm of base 10."),
    _logarithm("log2", "(ln({expr}) / ln(2))", 0, "The logarithm of base 2."),
    scalar(
        "log1p(expr: double) -> double",
        lambda call, arguments, context: (
            f"(CASE WHEN {arguments[0]} > -1 THEN "
            f"{_by_numpy('log1p')(call, arguments, context)} END)"
        ),
        "The natural logarithm of the number plus 1.",
        nullable=True,
        pretty=lambda t: f"LOG1P({t[0]})",
    ),
    scalar(
        "log(base: double, expr?: double) -> double",
        _log,
        "The logarithm of a base, e if there is one argument.",
        nullable=True,
        pretty=lambda texts: f"LOG({', '.join(texts if len(texts) > 1 else ['E()', *texts])})",
    ),
    scalar(
        "e() -> double",
        "CAST('2.718281828459045' AS DOUBLE)",
        "Euler's number.",
        pretty=lambda _: "E()",
    ),
    scalar("pi() -> double", "pi()", "Pi.", pretty=lambda _: "PI()"),
    scalar(
        "power(base: double, exponent: double) -> double",
        _POWER,
        "A number to a power.",
        pretty=lambda texts: f"POWER({', '.join(texts)})",
    ),
    scalar(
        "pow(base: double, exponent: double) -> double",
        _POWER,
        "A number to a power.",
    ),
    scalar(
        "hypot(expr1: double, expr2: double) -> double",
        "sqrt({expr1} * {expr1} + {expr2} * {expr2})",
        "The length of the hypotenuse.",
        pretty=lambda texts: f"HYPOT({', '.join(texts)})",
    ),
    *(_of_double(name, sql, description) for name, sql, description in _TRIGONOMETRY),
    scalar(
        "atan2(exprY: double, exprX: double) -> double",
        "atan2({exprY}, {exprX})",
        "The angle of a point.",
        pretty=lambda texts: f"ATAN2({', '.join(texts)})",
    ),
    scalar("sign(expr: double|interval) -> double", _sign, "-1, 0 or 1.", nullable=True),
    scalar(
        "signum(expr: double|interval) -> double",
        _sign,
        "-1, 0 or 1.",
        nullable=True,
        pretty=lambda texts: f"SIGNUM({texts[0]})",
    ),
    scalar(
        "factorial(expr: int) -> bigint",
        f"CASE WHEN {{expr}} BETWEEN 0 AND 20 THEN ({_FACTORIALS})[{{expr}} + 1] END",
        "The product of the numbers from 1.",
        nullable=True,
    ),
    scalar("bin(expr: bigint) -> string", "bin({expr})", "The number in base 2."),
    scalar(
        "hex(expr: bigint|binary|string) -> string",
        _hex,
        "The number in base 16, or two digits for each byte.",
    ),
    scalar(
        "unhex(expr: string) -> binary",
        _unhex,
        "The bytes of a text of base 16, null if it is none.",
        nullable=True,
    ),
    scalar(
        "conv(num: string, fromBase: int, toBase: int) -> string",
        _conv,
        "A number's text in another base.",
        nullable=True,
    ),
    *(
        scalar(
            f"width_bucket(value: {kind}, minValue: {kind}, maxValue: {kind}, "
            "numBucket: bigint) -> bigint",
            _width_bucket,
            "Which of some equal parts of a range a value lies in.",
            nullable=True,
        )
        for kind in ("double|interval",)
    ),
)
