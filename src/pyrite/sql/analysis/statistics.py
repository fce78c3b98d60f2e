"""describe, summary and ``df.stat``: statistics as plans over the ordinary operators.

Quantiles are exact whatever error the caller allows, and frequent items are counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Any

from pyrite.sql.analysis.expressions import ExpressionResolver
from pyrite.sql.analysis.sampling import sample_by
from pyrite.sql.analysis.scope import Resolved, Scope
from pyrite.sql.errors import SparkError, analysis_error, requirement_failed
from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Alias,
    Attribute,
    Cast,
    CastMode,
    Expression,
    Literal,
    SortOrder,
    WindowExpression,
    new_expression_id,
)
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.expressions.unresolved import UnresolvedAttribute
from pyrite.sql.functions.type_coercion import cast_to
from pyrite.sql.plans.plan import (
    Aggregate,
    Distinct,
    Filter,
    Join,
    JoinType,
    LocalRelation,
    LogicalPlan,
    Project,
    Sort,
    Unpivot,
)
from pyrite.sql.plans.unresolved import Describe, StatFunction, Summary
from pyrite.sql.types import (
    DOUBLE,
    INTEGER,
    STRING,
    ArrayType,
    DecimalType,
    DoubleType,
    FloatType,
    NumericType,
    StringType,
)

if TYPE_CHECKING:
    from pyrite.sql.analysis.analyzer import Analyzer

__all__ = ["HANDLERS"]


# describe and summary

_DESCRIBED = ("count", "mean", "stddev", "min", "max")
_SUMMARIZED = ("count", "mean", "stddev", "min", "25%", "50%", "75%", "max")


def _call(name: str) -> Callable[[ExpressionResolver, Attribute], Expression]:
    return lambda resolver, column: resolver.call(name, column)


def _number_call(name: str) -> Callable[[ExpressionResolver, Attribute], Expression]:
    return lambda resolver, column: resolver.call(name, _number(column))


def _count_distinct(resolver: ExpressionResolver, column: Attribute) -> Expression:
    count = resolver.call("count", column)
    assert isinstance(count, AggregateExpression)
    return replace(count, distinct=True)


#: What each statistic computes of a column.
_STATISTICS: dict[str, Callable[[ExpressionResolver, Attribute], Expression]] = {
    "count": _call("count"),
    "count_distinct": _count_distinct,
    "approx_count_distinct": _call("approx_count_distinct"),
    "mean": _number_call("avg"),
    "stddev": _number_call("stddev"),
    "min": _call("min"),
    "max": _call("max"),
}


def _number(column: Expression) -> Expression:
    """Return a column as numbers; texts that are none become null."""
    if isinstance(column.data_type, StringType):
        return Cast(column, DOUBLE, CastMode.TRY, True)
    return column


def _statistic(name: str) -> Callable[[ExpressionResolver, Attribute], Expression]:
    """Return what a statistic's name stands for; percentiles end in ``%``."""
    if name in _STATISTICS:
        return _STATISTICS[name]
    share = _share(name)
    if share is None:
        raise analysis_error("UNRECOGNIZED_STATISTIC", stats=f"'{name}'")
    if not 0 <= share <= 1:
        raise requirement_failed("Percentiles must be in the range [0, 1]")

    def percentile(resolver: ExpressionResolver, column: Attribute) -> Expression:
        value = _number(column)
        if isinstance(value.data_type, DecimalType):
            value = cast_to(value, DOUBLE, True)
        return resolver.call("percentile_approx", value, Literal(share, DOUBLE))

    return percentile


def _share(name: str) -> float | None:
    """Return the share that a percentile's name says, None for another name."""
    try:
        return float(name[:-1]) / 100 if name.endswith("%") else None
    except ValueError:
        return None


def _describe(analyzer: Analyzer, node: Describe, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    resolver = analyzer.resolver(child, outer)
    columns: Sequence[Expression] = child.plan.output
    if node.columns:
        columns = [
            resolver.resolve(UnresolvedAttribute(tuple(analyzer.name_parts(name))))
            for name in node.columns
        ]
    return _summarized(analyzer, resolver, child.plan, columns, _DESCRIBED)


def _summary(analyzer: Analyzer, node: Summary, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    resolver = analyzer.resolver(child, outer)
    names = node.statistics or _SUMMARIZED
    return _summarized(analyzer, resolver, child.plan, child.plan.output, names)


def _summarized(
    analyzer: Analyzer,
    resolver: ExpressionResolver,
    plan: LogicalPlan,
    columns: Sequence[Expression],
    names: Sequence[str],
) -> Resolved:
    """Compute every statistic of every column in one row, and turn it into a row for each."""
    statistics = [_statistic(name) for name in names]
    shown = [
        c
        for c in columns
        if isinstance(c, Attribute) and isinstance(c.data_type, (NumericType, StringType))
    ]
    label = Attribute("summary", STRING, True, new_expression_id())
    if not shown:
        import pyarrow as pa

        return Resolved(LocalRelation((label,), pa.table({"summary": pa.array(names)})))
    rows = [
        [
            Alias(cast_to(compute(resolver, column), STRING, analyzer.ansi), column.name)
            for column in shown
        ]
        for compute in statistics
    ]
    values = Aggregate((), tuple(cell for row in rows for cell in row), plan)
    attributes = [Attribute(c.name, STRING, True, new_expression_id()) for c in shown]
    return Resolved(
        Unpivot(
            (),
            tuple(tuple(cell.to_attribute() for cell in row) for row in rows),
            tuple(names),
            (label, *attributes),
            values,
        )
    )


# df.stat


def _stat_function(analyzer: Analyzer, node: StatFunction, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    resolver = analyzer.resolver(child, outer)
    columns = [resolver.resolve(column) for column in node.columns]
    statistic = _STAT_FUNCTIONS[node.function]
    return Resolved(statistic(analyzer, resolver, child.plan, columns, dict(node.parameters)))


def _numbers(
    resolver: ExpressionResolver, columns: Sequence[Expression], what: str
) -> list[Expression]:
    """Return columns as doubles, 0 for null, which is how Spark counts them here."""
    for column in columns:
        if not isinstance(column.data_type, NumericType):
            raise requirement_failed(
                f"Currently {what} calculation for columns with dataType "
                f"{column.data_type.simpleString()} not supported."
            )
    zero = Literal(0.0, DOUBLE)
    return [resolver.call("coalesce", cast_to(column, DOUBLE, True), zero) for column in columns]


def _covariance(
    analyzer: Analyzer,
    resolver: ExpressionResolver,
    plan: LogicalPlan,
    columns: Sequence[Expression],
    parameters: dict[str, Any],
) -> LogicalPlan:
    numbers = _numbers(resolver, columns, "covariance")
    covariance = resolver.call("covar_samp", *numbers)
    return Aggregate((), (Alias(_or_nan(resolver, covariance, numbers), "cov"),), plan)


def _or_nan(
    resolver: ExpressionResolver, statistic: Expression, numbers: Sequence[Expression]
) -> Expression:
    """Return an aggregate that is NaN if one of the numbers is."""
    assert isinstance(statistic, AggregateExpression)
    is_nan = reduce(
        lambda a, b: resolver.call("or", a, b), [resolver.call("isnan", n) for n in numbers]
    )
    filtered = replace(statistic, filter=resolver.call("not", is_nan))
    nan = Literal(math.nan, DOUBLE)
    return resolver.call("if", resolver.call("bool_or", is_nan), nan, filtered)


def _correlation(
    analyzer: Analyzer,
    resolver: ExpressionResolver,
    plan: LogicalPlan,
    columns: Sequence[Expression],
    parameters: dict[str, Any],
) -> LogicalPlan:
    if parameters["method"] != "pearson":
        raise requirement_failed(
            "Currently only the calculation of the Pearson Correlation coefficient is supported."
        )
    numbers = _numbers(resolver, columns, "correlation")
    correlation = _or_nan(resolver, resolver.call("corr", *numbers), numbers)
    return Aggregate((), (Alias(correlation, "corr"),), plan)


def _crosstab(
    analyzer: Analyzer,
    resolver: ExpressionResolver,
    plan: LogicalPlan,
    columns: Sequence[Expression],
    parameters: dict[str, Any],
) -> LogicalPlan:
    """Count pairs: a row for each value of one column, a column for each of the other's."""
    down, across = (
        resolver.call("coalesce", cast_to(column, STRING, analyzer.ansi), Literal("null", STRING))
        for column in columns
    )
    value = Alias(across, "value")
    distinct = Distinct(Project((value,), plan))
    found = analyzer.rows(Sort((SortOrder(value.to_attribute()),), True, distinct))
    label = Alias(down, "_".join(pretty(column) for column in columns))
    cells = []
    for text in found.column(0).to_pylist():
        count = resolver.call("count", Literal(1, INTEGER))
        assert isinstance(count, AggregateExpression)
        condition = resolver.call("=", across, Literal(text, STRING))
        cells.append(Alias(replace(count, filter=condition), text))
    return Aggregate((down,), (label, *cells), plan)


_LEAST_SUPPORT = 1e-4


def _frequent_items(
    analyzer: Analyzer,
    resolver: ExpressionResolver,
    plan: LogicalPlan,
    columns: Sequence[Expression],
    parameters: dict[str, Any],
) -> LogicalPlan:
    support = parameters["support"]
    if not _LEAST_SUPPORT <= support <= 1:
        raise requirement_failed(f"Support must be in [1e-4, 1], but got {support}.")
    each = [_frequent(resolver, plan, column, support) for column in columns]
    return reduce(lambda left, right: Join(left, right, JoinType.CROSS), each)


def _frequent(
    resolver: ExpressionResolver, plan: LogicalPlan, column: Expression, support: float
) -> LogicalPlan:
    """Return one row: the array of a column's values that make up ``support`` of all rows."""
    value = Alias(column, "value")
    count = Alias(resolver.call("count", Literal(1, INTEGER)), "count")
    counted = Aggregate((column,), (value, count), plan)
    total = Alias(WindowExpression(resolver.call("sum", count.to_attribute()), (), ()), "total")
    different = Alias(
        WindowExpression(resolver.call("count", Literal(1, INTEGER)), (), ()), "different"
    )
    shares = Project((*counted.output, total, different), counted)
    least = resolver.call("*", Literal(support, DOUBLE), total.to_attribute())
    is_frequent = resolver.call(">=", count.to_attribute(), least)
    # Spark keeps this many values without looking at how often they occur.
    places = Literal(int(1 / support), INTEGER)
    fits = resolver.call("<=", different.to_attribute(), places)
    frequent = Filter(resolver.call("or", is_frequent, fits), shares)
    # In a struct, nulls are collected too.
    boxed = resolver.call("named_struct", Literal("value", STRING), value.to_attribute())
    collected = resolver.field(resolver.call("collect_list", boxed), "value")
    items = resolver.call("sort_array", collected)
    return Aggregate((), (Alias(items, f"{pretty(column)}_freqItems"),), frequent)


def _approximate_quantiles(
    analyzer: Analyzer,
    resolver: ExpressionResolver,
    plan: LogicalPlan,
    columns: Sequence[Expression],
    parameters: dict[str, Any],
) -> LogicalPlan:
    doubles = ArrayType(DOUBLE, False)
    shares = Literal(tuple(parameters["probabilities"]), doubles)
    quantiles = []
    for column in columns:
        if not isinstance(column.data_type, NumericType):
            raise _no_quantiles(column)
        found = resolver.call("percentile_approx", cast_to(column, DOUBLE, True), shares)
        if isinstance(column.data_type, (FloatType, DoubleType)):
            assert isinstance(found, AggregateExpression)
            number = resolver.call("not", resolver.call("isnan", column))
            found = replace(found, filter=number)
        quantiles.append(resolver.call("coalesce", found, Literal((), doubles)))
    return Aggregate((), (Alias(resolver.call("array", *quantiles), "approx_quantile"),), plan)


def _no_quantiles(column: Expression) -> SparkError:
    return requirement_failed(
        f"Quantile calculation for column {pretty(column)} with data type "
        f"{type(column.data_type).__name__} is not supported."
    )


#: By Spark Connect's name: from the analyzer, the resolver of the input, the input, the columns
#: and the other arguments to the plan.
_STAT_FUNCTIONS: dict[
    str,
    Callable[
        [
            Analyzer,
            ExpressionResolver,
            LogicalPlan,
            Sequence[Expression],
            dict[str, Any],
        ],
        LogicalPlan,
    ],
] = {
    "cov": _covariance,
    "corr": _correlation,
    "crosstab": _crosstab,
    "freq_items": _frequent_items,
    "approx_quantile": _approximate_quantiles,
    "sample_by": sample_by,
}

HANDLERS: dict[type[LogicalPlan], Any] = {
    Describe: _describe,
    Summary: _summary,
    StatFunction: _stat_function,
}
