"""Aggregates of statistics: moments, percentiles, correlation, linear regression.

Spark gives null where a statistic is not defined (one row has no sample variance), and NaN where
a value is not finite; DuckDB raises for the latter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import Call, Cast, Expression, Literal
from pyrite.sql.expressions.function import Function, Lowering, LoweringContext
from pyrite.sql.expressions.number_text import double_text
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.functions.constants import constant_value
from pyrite.sql.functions.define import aggregate
from pyrite.sql.functions.partial_moments import partial_moment, partial_pair
from pyrite.sql.functions.signature import coerce
from pyrite.sql.functions.sums import partial_count_if
from pyrite.sql.types import (
    DOUBLE,
    ArrayType,
    DataType,
    DayTimeIntervalType,
    DoubleType,
    FloatType,
    StringType,
    YearMonthIntervalType,
)

__all__ = ["FUNCTIONS"]


def _may_be_infinite(argument: Expression) -> bool:
    """Whether a double may be NaN or infinite; one made of whole numbers cannot."""
    if isinstance(argument, Cast):
        argument = argument.child
    return isinstance(argument.data_type, (FloatType, DoubleType, StringType))


def _finite(sql: str) -> Lowering:
    """Lower to a template of ``{x}`` and ``{call}``, NaN if a value is not finite.

    The template marks its aggregates' FILTER clauses with ``{filter}`` as usual.
    """

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        value = arguments[0]
        text = sql.replace("{x}", value)
        if not _may_be_infinite(call.arguments[0]):
            return text
        finite = f" FILTER (WHERE isfinite({value}){{and_filter}}){{over}}"
        return (
            f"CASE WHEN bool_or(NOT isfinite({value})){{filter}} THEN CAST('NaN' AS DOUBLE) "
            f"ELSE {text.replace('{filter}', finite)} END"
        )

    return lower


def _moment(name: str, sql: str, description: str, *aliases: str) -> tuple[Function, ...]:
    return aggregate(
        f"{name}(expr: double) -> double",
        _finite(sql),
        description,
        aliases=aliases,
        partial=partial_moment(name),
    )


_COUNT = "count({distinct}{x}){filter}"
_SKEWNESS = (
    "CASE WHEN var_pop({distinct}{x}){filter} = 0 THEN NULL "
    f"WHEN {_COUNT} = 2 THEN 0.0::DOUBLE "
    f"ELSE skewness({{distinct}}{{x}}){{filter}} * ({_COUNT} - 2) "
    f"/ sqrt({_COUNT} * ({_COUNT} - 1.0::DOUBLE)) END"
)
_KURTOSIS = (
    "CASE WHEN var_pop({distinct}{x}){filter} = 0 THEN NULL "
    f"WHEN {_COUNT} = 2 THEN -2.0::DOUBLE "
    f"WHEN {_COUNT} = 3 THEN -1.5::DOUBLE "
    "ELSE kurtosis_pop({distinct}{x}){filter} END"
)


_NAN = "CAST('NaN' AS DOUBLE)"

#: A clause for rows where both values of a pair are there.
_PAIRS = " FILTER (WHERE {y} IS NOT NULL AND {x} IS NOT NULL{and_filter}){over}"


def _constant(value: str) -> str:
    """Return SQL of whether a value of pairs is finite and everywhere the same."""
    least, most = f"min({value}){_PAIRS}", f"max({value}){_PAIRS}"
    return f"isfinite({most}) AND {least} = {most}"


def _finite_pair(sql: str, decided: str, values: str, otherwise: str) -> Lowering:
    """Lower to a template of ``{y}`` and ``{x}``, another where a value is not finite.

    Args:
        sql: The template over finite values.
        decided: WHEN clauses of what is known whether the values are finite or not.
        values: Which of the two values count, ``yx`` for both.
        otherwise: The template where some are not finite.
    """

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        given = dict(zip("yx", zip(arguments, call.arguments, strict=True), strict=True))
        asked = [
            text for side, (text, a) in given.items() if side in values and _may_be_infinite(a)
        ]
        template = sql
        if asked:
            finite = " AND ".join(f"isfinite({text})" for text in asked)
            clause = f" FILTER (WHERE {finite}{{and_filter}}){{over}}"
            template = (
                f"CASE {decided} WHEN bool_or(NOT ({finite})){_PAIRS} THEN {otherwise} "
                f"ELSE {sql.replace('{filter}', clause)} END"
            )
        return template.replace("{y}", arguments[0]).replace("{x}", arguments[1])

    return lower


def _pair(
    name: str,
    description: str,
    sql: str | None = None,
    decided: str = "",
    values: str = "yx",
    otherwise: str = _NAN,
) -> tuple[Function, ...]:
    """Define an aggregate of two doubles; NaN, which DuckDB gives for 0/0, is null in Spark."""
    template = sql or f"nullif({name}({{distinct}}{{y}}, {{x}}){{filter}}, {_NAN})"
    return aggregate(
        f"{name}(y: double, x: double) -> double",
        _finite_pair(template, decided, values, otherwise),
        description,
        partial=partial_pair(name),
    )


_SXX, _SYY, _SXY = (
    f"regr_{name}({{distinct}}{{y}}, {{x}}){{filter}}" for name in ("sxx", "syy", "sxy")
)
_CORRELATION = f"({_SXY} / nullif(sqrt({_SXX} * {_SYY}), 0))"
_R2 = (
    f"CASE WHEN {_SXX} = 0 THEN NULL WHEN {_SYY} = 0 THEN 1.0::DOUBLE "
    f"ELSE {_SXY} * {_SXY} / nullif({_SXX} * {_SYY}, 0) END"
)


_ONE_IS_NULL = "WHEN regr_count({distinct}{y}, {x}){filter} < 2 THEN NULL"
_ONE_X_IS_NULL = f"WHEN {_constant('{x}')} THEN NULL"
_ONE_Y_IS_ALL = f"{_ONE_X_IS_NULL} WHEN {_constant('{y}')} THEN 1.0::DOUBLE"


def _percentile_type(arguments: Sequence[Expression]) -> DataType:
    given = arguments[0].data_type
    wide: DataType = DOUBLE
    if isinstance(given, DayTimeIntervalType):
        wide = DayTimeIntervalType()
    elif isinstance(given, YearMonthIntervalType):
        wide = YearMonthIntervalType()
    return _one_or_many(wide, arguments[1])


def _coerce_percentile(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Convert the arguments, and refuse shares and accuracies out of their range."""
    given = coerce(function, arguments, ansi)
    within_group = function.name in ("percentile_cont", "percentile_disc")
    value, percentage, *rest = (given[1], given[0]) if within_group else given

    def refuse(name: str, limits: str, current: str) -> None:
        texts = ", ".join(pretty(argument) for argument in (value, percentage, *rest))
        raise analysis_error(
            "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE",
            sqlExpr=f'"{function.name}({texts})"',
            exprName=name,
            valueRange=limits,
            currentValue=current,
        )

    shares = _numbers(percentage)
    if not all(0 <= share <= 1 for share in shares):
        refuse("percentage", "[0.0, 1.0]", ",".join(f"{double_text(n)}D" for n in shares))
    if function.name == "percentile_approx":
        accuracies = _numbers(rest[0])
        if not all(0 < accuracy < 2**31 for accuracy in accuracies):
            refuse("accuracy", "(0, 2147483647]", f"{int(accuracies[0])}L")
    return given


def _numbers(expression: Expression) -> list[float]:
    """Return the constant numbers of an argument: one, those of an array, or none."""
    while isinstance(expression, Cast):
        expression = expression.child
    if isinstance(expression, Call) and expression.function.name == "array":
        return [number for item in expression.arguments for number in _numbers(item)]
    if isinstance(expression, Call) and expression.function.name == "negative":
        return [-number for number in _numbers(expression.arguments[0])]
    value = expression.value if isinstance(expression, Literal) else None
    given = value if isinstance(value, (list, tuple)) else [value]
    return [float(number) for number in given if isinstance(number, (int, float, Decimal))]


def _one_or_many(data_type: DataType, percentage: Expression) -> DataType:
    if isinstance(percentage.data_type, ArrayType):
        return ArrayType(data_type, containsNull=False)
    return data_type


def _fractions(percentage: Expression, text: str) -> str:
    """Write percentages as doubles, which DuckDB's quantile functions want as constants."""
    many = isinstance(percentage.data_type, ArrayType)
    return f"CAST({text} AS {'DOUBLE[]' if many else 'DOUBLE'})"


_DUCKDB_ATOMS: dict[type[DataType], str] = {
    DayTimeIntervalType: "BIGINT",
    YearMonthIntervalType: "INTEGER",
}


def _percentile(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    fractions = _fractions(call.arguments[1], arguments[1])
    atom = _DUCKDB_ATOMS.get(type(call.arguments[0].data_type), "DOUBLE")
    result = f"{atom}[]" if isinstance(call.data_type, ArrayType) else atom
    value, frequency = f"CAST({arguments[0]} AS DOUBLE)", call.arguments[2]
    if isinstance(frequency, Literal) and frequency.value == 1:
        return f"CAST(quantile_cont({{distinct}}{value}, {fractions}){{filter}} AS {result})"
    repeated = f"list_resize([{value}], {arguments[2]}, {value})"
    values = f"flatten(list({{distinct}}{repeated}){{filter}})"
    return f"CAST(list_aggregate({values}, 'quantile_cont', {fractions}) AS {result})"


def _approximate(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    fractions = _fractions(call.arguments[1], arguments[1])
    return f"quantile_disc({{distinct}}{arguments[0]}, {fractions}){{filter}}"


def _within_group(name: str) -> Lowering:
    """Lower a percentile of an ordering; DuckDB counts from the top for a negative share."""

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        share, value = arguments[:2]
        sign = "-" if constant_value(call.arguments[2]) else ""
        atom = _DUCKDB_ATOMS.get(type(call.data_type), "DOUBLE")
        percentile = f"{name}({{distinct}}CAST({value} AS DOUBLE), {sign}CAST({share} AS DOUBLE))"
        return f"CAST({percentile}{{filter}} AS {atom})"

    return lower


def _within_group_pretty(name: str) -> Callable[[Sequence[str]], str]:
    def pretty(texts: Sequence[str]) -> str:
        direction = " DESC" if texts[2] == "true" else ""
        return f"{name}({texts[0]}) WITHIN GROUP (ORDER BY {texts[1]}{direction})"

    return pretty


def _mode_pretty(texts: Sequence[str]) -> str:
    if texts[1] == "true":
        return f"mode() WITHIN GROUP (ORDER BY {texts[0]} DESC)"
    return f"mode({texts[0]})"


FUNCTIONS = (
    _moment(
        "stddev_samp",
        "stddev_samp({distinct}{x}){filter}",
        "The standard deviation of a sample.",
    ),
    _moment("stddev", "stddev_samp({distinct}{x}){filter}", "As stddev_samp.", "std"),
    _moment("stddev_pop", "stddev_pop({distinct}{x}){filter}", "The standard deviation of all."),
    _moment("var_samp", "var_samp({distinct}{x}){filter}", "The variance of a sample."),
    _moment("variance", "var_samp({distinct}{x}){filter}", "As var_samp."),
    _moment("var_pop", "var_pop({distinct}{x}){filter}", "The variance of all."),
    _moment("skewness", _SKEWNESS, "How lopsided the values lie around their mean."),
    _moment("kurtosis", _KURTOSIS, "How heavy the tails are, 0 for a normal distribution."),
    aggregate(
        "median(expr: numeric|dt_interval|ym_interval)",
        lambda call, arguments, context: (
            f"CAST(median({{distinct}}CAST({arguments[0]} AS DOUBLE)){{filter}} AS "
            f"{_DUCKDB_ATOMS.get(type(call.data_type), 'DOUBLE')})"
        ),
        "The value in the middle.",
        result=lambda arguments: _percentile_type((arguments[0], Literal(0.5, DOUBLE))),
    ),
    aggregate(
        "percentile(expr: numeric|dt_interval|ym_interval, percentage: double|array<double>,"
        " frequency: integral = 1)",
        _percentile,
        "The value below which a share of the values lies, interpolated.",
        result=_percentile_type,
        coerce=_coerce_percentile,
    ),
    aggregate(
        "percentile_approx(expr: numeric|datetime|dt_interval|ym_interval,"
        " percentage: double|array<double>, accuracy: integral = 10000)",
        _approximate,
        "The least value that a share of the values does not exceed.",
        result=lambda arguments: _one_or_many(arguments[0].data_type, arguments[1]),
        coerce=_coerce_percentile,
        aliases=("approx_percentile",),
    ),
    *(
        aggregate(
            f"{name}(percentage: double, within_group: numeric|dt_interval|ym_interval,"
            " descending: boolean)",
            _within_group(duckdb_name),
            description,
            result=lambda arguments: _percentile_type((arguments[1], arguments[0])),
            coerce=_coerce_percentile,
            pretty=_within_group_pretty(name),
        )
        for name, duckdb_name, description in (
            (
                "percentile_cont",
                "quantile_cont",
                "The value below which a share of the values lies, interpolated.",
            ),
            (
                "percentile_disc",
                "quantile_disc",
                "The first value that a share of the values does not exceed.",
            ),
        )
    ),
    aggregate(
        "mode(expr: T, deterministic: boolean = false) -> T",
        "mode({distinct}{expr} ORDER BY {expr}){filter}",
        "The most frequent value.",
        pretty=_mode_pretty,
    ),
    _pair("corr", "Pearson's correlation.", _CORRELATION, _ONE_IS_NULL),
    _pair("covar_samp", "The covariance of a sample.", decided=_ONE_IS_NULL),
    _pair("covar_pop", "The covariance of all."),
    aggregate(
        "regr_count(y: double, x: double) -> bigint",
        "CAST(regr_count({distinct}{y}, {x}){filter} AS BIGINT)",
        "How many pairs have both values.",
        nullable=False,
        partial=partial_count_if,
    ),
    _pair(
        "regr_avgx",
        "The mean of x over pairs with both values.",
        values="x",
        otherwise=f"avg({{x}}){_PAIRS}",
    ),
    _pair(
        "regr_avgy",
        "The mean of y over pairs with both values.",
        values="y",
        otherwise=f"avg({{y}}){_PAIRS}",
    ),
    _pair("regr_sxx", "The sum of squares of x.", values="x"),
    _pair("regr_syy", "The sum of squares of y.", values="y"),
    _pair("regr_sxy", "The sum of products of x and y."),
    _pair("regr_slope", "The slope of the regression line.", decided=_ONE_X_IS_NULL),
    _pair("regr_intercept", "Where the regression line meets the y axis.", decided=_ONE_X_IS_NULL),
    _pair("regr_r2", "How much of y's variance the regression line explains.", _R2, _ONE_Y_IS_ALL),
)
