"""Rule: put columns in the place of what depends on a row's partition.

    Project [id, spark_partition_id()]        Project [id, partition]
    +- Range 0 to 10                     =>   +- Project [id, slice of id AS partition]
                                                 +- Range 0 to 10

Where all rows are in one partition, calls stay as they are. Samples get the partition too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pyrite.sql.analysis.calls import typed_call
from pyrite.sql.conf import ANSI_ENABLED
from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Alias,
    Attribute,
    Call,
    Expression,
    FrameBound,
    Literal,
    SubqueryExpression,
    WindowExpression,
)
from pyrite.sql.functions.partitions import ROW_POSITION
from pyrite.sql.functions.randomness import SEEDS
from pyrite.sql.functions.registry import builtin_functions
from pyrite.sql.optimizer.extraction import trim
from pyrite.sql.optimizer.partition_numbers import NumberedPlan, number_rows
from pyrite.sql.optimizer.partitioning import partitioning_of, row_limit
from pyrite.sql.plans.plan import Aggregate, LogicalPlan, Numbered, Project, Sample
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import INTEGER, LONG

__all__ = ["number_partitions"]

#: The bits below the number of the partition.
_ROW_BITS = 33

#: What is asked of each row's partition.
_ID, _INCREASING = "spark_partition_id", "monotonically_increasing_id"

#: What has values in each partition, whose sequence the seed and the partition begin.
_CALLED = {_ID, _INCREASING, *SEEDS}
_ASKING = {Sample, *_CALLED}

#: More rows than these are sampled by DuckDB.
_MOST_SAMPLED = 1_000_000


def number_partitions(plan: LogicalPlan, session: SessionState) -> LogicalPlan:
    """Rewrite a resolved plan so that what depends on partitions has Spark's values."""

    def visit(node: LogicalPlan) -> LogicalPlan:
        node = node.map_expressions(in_subqueries)
        if isinstance(node, Sample):
            return _sampled(node, session)
        if isinstance(node, Aggregate):
            return _grouped(node, session)
        return _numbered(node, session) if _asked(node.expressions) else node

    def in_subqueries(expression: Expression) -> Expression:
        if expression.find(SubqueryExpression) is None:
            return expression
        return expression.transform_up(in_subquery)

    def in_subquery(node: Expression) -> Expression:
        if not isinstance(node, SubqueryExpression):
            return node
        subquery: Any = node
        rewritten: Expression = replace(subquery, plan=subquery.plan.transform_up(visit))
        return rewritten

    return plan if plan.marks.isdisjoint(_ASKING) else plan.transform_up(visit)


def _asked(expressions: Sequence[Expression]) -> set[str]:
    """Return which functions of the partition are called."""
    return {
        node.function.name
        for expression in expressions
        for node in expression.walk()
        if isinstance(node, Call) and node.function.name in _CALLED
    }


def _sampled(sample: Sample, session: SessionState) -> LogicalPlan:
    limit = row_limit(sample.child)
    if limit is None or limit > _MOST_SAMPLED:
        return sample
    below = number_rows(sample.child, session)
    if below is None:
        number = Alias(Literal(0, INTEGER), "partition")
        child = Project((*sample.child.output, number), sample.child)
        below = NumberedPlan(child, number.to_attribute(), 1)
    numbered = Numbered(below.partition, below.count, below.plan)
    return trim(replace(sample, child=numbered, partition=below.partition), sample.output)


def _grouped(plan: Aggregate, session: SessionState) -> LogicalPlan:
    """Compute what keys ask of partitions below the groups, once for each row.

    What the output asks besides is asked of the groups, which are in one partition.
    """
    asked = {
        node: Alias(node, "_nondeterministic")
        for key in plan.grouping
        for node in key.walk()
        if isinstance(node, Call) and node.function.name in _CALLED
    }
    if not asked:
        return plan

    def put(node: Expression) -> Expression:
        return asked[node].to_attribute() if node in asked else node

    computed = Project((*plan.child.output, *asked.values()), plan.child)
    above = plan.map_expressions(lambda expression: expression.transform_up(put))
    return above.map_children(lambda _: _numbered(computed, session))


def _numbered(plan: LogicalPlan, session: SessionState) -> LogicalPlan:
    if len(plan.children) != 1:
        return plan
    (child,) = plan.children
    if partitioning_of(child, session).count is None:
        return plan
    below = number_rows(child, session)
    if below is None:
        return plan
    values: dict[str, Expression] = {_ID: below.partition}
    plan_below = below.plan
    if _INCREASING in _asked(plan.expressions):
        plan_below, values[_INCREASING] = _increasing(plan_below, below.partition, session)
    numbered = Numbered(below.partition, below.count, plan_below)

    def put(node: Expression) -> Expression:
        if isinstance(node, Call) and node.function.name in values:
            return values[node.function.name]
        if isinstance(node, Call) and len(node.arguments) == SEEDS.get(node.function.name, -1) + 1:
            return replace(node, arguments=(*node.arguments, below.partition))
        return node

    rewritten = plan.map_expressions(lambda expression: expression.transform_up(put))
    return trim(rewritten.map_children(lambda _: numbered), plan.output)


def _increasing(
    plan: LogicalPlan, number: Attribute, session: SessionState
) -> tuple[LogicalPlan, Attribute]:
    """Return a plan with one more column: the partition's number, then the row's place in it.

    The rows come partition after partition, so a partition begins where the number changes.
    """
    ansi = session.conf.read(ANSI_ENABLED)
    functions = builtin_functions()

    def call(name: str, *arguments: Expression) -> Call:
        return typed_call(functions[name], arguments, ansi)

    place = Alias(Call(ROW_POSITION, (), LONG, False), "place")
    before = Alias(WindowExpression(call("lag", number), (), ()), "before")
    placed = Project((*plan.output, place, before), plan)
    begins = call(
        "if",
        call("<=>", number, before.to_attribute()),
        Literal(None, LONG),
        place.to_attribute(),
    )
    first = Alias(
        WindowExpression(
            AggregateExpression(call("max", begins)),
            (),
            (),
            frame_rows=True,
            frame_lower=FrameBound.UNBOUNDED,
            frame_upper=FrameBound.CURRENT_ROW,
        ),
        "first",
    )
    begun = Project((*plan.output, place.to_attribute(), first), placed)
    base = call("*", number, Literal(1 << _ROW_BITS, LONG))
    value = call("+", base, call("-", place.to_attribute(), first.to_attribute()))
    increasing = Alias(value, "increasing")
    return Project((*plan.output, increasing), begun), increasing.to_attribute().with_nullable(
        False
    )
