"""What ``observe`` computes: aggregates over all rows, named once in a query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pyrite.sql.analysis.grouping import check_grouping
from pyrite.sql.analysis.projection import named
from pyrite.sql.analysis.scope import Resolved, Scope
from pyrite.sql.errors import SparkError, analysis_error, unsupported
from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Alias,
    Attribute,
    Expression,
    PythonUDF,
    WindowExpression,
)
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.plans.plan import CollectMetrics, LogicalPlan
from pyrite.sql.plans.unresolved import Observe

if TYPE_CHECKING:
    from pyrite.sql.analysis.analyzer import Analyzer

__all__ = ["HANDLERS"]


def _observe(analyzer: Analyzer, node: Observe, outer: Scope | None) -> Resolved:
    """Resolve an ``observe``.

    Raises:
        SparkError: INVALID_OBSERVED_METRICS if a metric is none; DUPLICATED_METRICS_NAME if the
            name stands for other metrics in the same query.
    """
    child = analyzer.resolve(node.child, outer)
    if not node.name:
        raise analysis_error("INVALID_OBSERVED_METRICS.MISSING_NAME", operator="CollectMetrics")
    if analyzer.observed.setdefault(node.name, node) != node:
        raise analysis_error("DUPLICATED_METRICS_NAME", metricName=node.name)
    resolver = analyzer.resolver(child, outer)
    metrics = []
    for metric in node.metrics:
        item = named(resolver.resolve(metric))
        metrics.append(item if isinstance(item, Alias) else Alias(item, item.name))
    _check(metrics)
    check_grouping(metrics, (), child.plan)
    return replace(child, plan=CollectMetrics(node.name, tuple(metrics), child.plan), inner=None)


def _check(metrics: Sequence[Alias]) -> None:
    for metric in metrics:
        if metric.find(WindowExpression) is not None:
            raise _invalid("WINDOW_EXPRESSIONS_UNSUPPORTED", metric)
        for node in _outside_of_aggregates(metric):
            match node:
                case AggregateExpression(call=PythonUDF()):
                    raise unsupported("a Python function of groups as a metric of observe")
                case AggregateExpression(distinct=True):
                    raise _invalid("AGGREGATE_EXPRESSION_WITH_DISTINCT_UNSUPPORTED", metric)
                case AggregateExpression(filter=Expression()):
                    raise _invalid("AGGREGATE_EXPRESSION_WITH_FILTER_UNSUPPORTED", metric)
                case AggregateExpression(call=call):
                    if call.find(AggregateExpression) is not None:
                        raise _invalid("NESTED_AGGREGATES_UNSUPPORTED", metric)
                case Attribute():
                    raise _invalid("NON_AGGREGATE_FUNC_ARG_IS_ATTRIBUTE", metric)
                case _ if not node.deterministic and all(c.deterministic for c in node.children):
                    raise _invalid("NON_AGGREGATE_FUNC_ARG_IS_NON_DETERMINISTIC", metric)


def _outside_of_aggregates(expression: Expression) -> Iterator[Expression]:
    """Yield the parts of an expression down to its aggregate functions, these included."""
    yield expression
    if not isinstance(expression, AggregateExpression):
        for child in expression.children:
            yield from _outside_of_aggregates(child)


def _invalid(why: str, metric: Alias) -> SparkError:
    return analysis_error(f"INVALID_OBSERVED_METRICS.{why}", expr=f'"{pretty(metric)}"')


HANDLERS: dict[type[LogicalPlan], Any] = {Observe: _observe}
