"""Aggregates and users' Python: functions below, above and in place of aggregates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pyrite.sql.errors import analysis_error, unsupported
from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Alias,
    Attribute,
    Expression,
    NamedExpression,
    PythonUDF,
)
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.optimizer.extraction import Extraction, from_child, has_python
from pyrite.sql.plans.plan import Aggregate, AggregateInPython, LogicalPlan, Project

__all__ = ["aggregate"]


def _is_python_aggregate(node: Expression) -> bool:
    return isinstance(node, AggregateExpression) and isinstance(node.call, PythonUDF)


def aggregate(plan: Aggregate) -> LogicalPlan:
    """Rewrite an aggregate that has users' Python somewhere in it."""
    listed: list[Expression] = list(plan.aggregates)
    nodes = [node for item in listed for node in item.walk()]
    aggregates = [node for node in nodes if isinstance(node, AggregateExpression)]
    if any(map(_is_python_aggregate, aggregates)):
        return _python_aggregate(plan, aggregates)
    if any(_calls_outside(item, plan.grouping) for item in plan.aggregates):
        return _above_aggregate(plan)
    return _over_input(plan)


def _over_input(plan: Aggregate) -> LogicalPlan:
    """Compute keys and arguments of aggregates below."""
    if not has_python(plan.expressions):
        return plan
    extraction = Extraction(plan.child)
    grouping = {key: extraction.rewrite(key) for key in plan.grouping}

    def visit(node: Expression) -> Expression:
        # Equal to a key means that key, even where a second call could answer otherwise.
        if node in grouping:
            return grouping[node]
        if isinstance(node, PythonUDF):
            return extraction.rewrite(node)
        return node.map_children(visit)

    rewritten: Any = tuple(visit(item) for item in plan.aggregates)
    return replace(
        plan,
        grouping=tuple(grouping.values()),
        aggregates=rewritten,
        child=extraction.plan(),
    )


def _calls_outside(node: Expression, grouping: Sequence[Expression]) -> bool:
    """Whether a Python function takes what comes out of the aggregate: keys and aggregates."""
    if node in grouping or isinstance(node, AggregateExpression):
        return False
    if isinstance(node, PythonUDF):
        return True
    return any(_calls_outside(child, grouping) for child in node.children)


def _above_aggregate(plan: Aggregate) -> LogicalPlan:
    """Aggregate first, then call the functions on what came out."""
    lower: list[NamedExpression] = []
    known: dict[Expression, Attribute] = {}

    def below(expression: Expression) -> Attribute:
        if expression not in known:
            if isinstance(expression, Attribute):
                lower.append(expression)
                known[expression] = expression
            else:
                alias = Alias(expression, pretty(expression))
                lower.append(alias)
                known[expression] = alias.to_attribute()
        return known[expression]

    def visit(node: Expression) -> Expression:
        if isinstance(node, AggregateExpression) or node in plan.grouping:
            return below(node)
        return node.map_children(visit)

    above: Any = tuple(visit(e) for e in plan.aggregates)
    return from_child(Project(above, _over_input(replace(plan, aggregates=tuple(lower)))))


def _python_aggregate(plan: Aggregate, aggregates: Sequence[AggregateExpression]) -> LogicalPlan:
    if plan.grouping_sets is not None:
        raise unsupported("a Python aggregate in ROLLUP, CUBE or GROUPING SETS")
    if not all(map(_is_python_aggregate, aggregates)):
        raise analysis_error(
            "INVALID_PANDAS_UDF_PLACEMENT",
            functionList=", ".join(
                f"`{a.call.name}`" for a in aggregates if isinstance(a.call, PythonUDF)
            ),
        )
    extraction = Extraction(plan.child)
    keys = {key: extraction.argument(extraction.rewrite(key)) for key in plan.grouping}
    calls: dict[Expression, Alias] = {}
    for node in aggregates:
        if node not in calls:
            udf = node.call
            assert isinstance(udf, PythonUDF)
            arguments = tuple(extraction.argument(extraction.rewrite(a)) for a in udf.arguments)
            call = replace(node, call=replace(udf, arguments=arguments))
            calls[node] = Alias(call, udf.name)
    grouped = AggregateInPython(tuple(keys.values()), tuple(calls.values()), extraction.plan())

    def visit(node: Expression) -> Expression:
        if node in keys:
            return keys[node]
        if node in calls:
            return calls[node].to_attribute()
        return node.map_children(visit)

    above: Any = tuple(visit(e) for e in plan.aggregates)
    project = Project(above, grouped)
    return from_child(project) if has_python(above) else project
