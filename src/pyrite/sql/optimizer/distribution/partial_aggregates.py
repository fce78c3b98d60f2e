"""Aggregates in two steps: a partial one in each partition, and a final one over what those give.

An Aggregate becomes a PartialAggregate, of the groups of each partition, and an Aggregate that
merges equal groups of all partitions. How a function's values are merged, its registry entry says.
The columns that come out are those that came out before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Alias,
    Attribute,
    Call,
    Expression,
    Literal,
    NamedExpression,
    SubqueryExpression,
    WindowExpression,
)
from pyrite.sql.expressions.function import Partial
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.functions.registry import builtin_functions
from pyrite.sql.plans.exchange import PartialAggregate
from pyrite.sql.plans.plan import Aggregate, LogicalPlan, Project
from pyrite.sql.types import LONG, StringType

__all__ = ["split_aggregate", "windows_above"]


def split_aggregate(aggregate: Aggregate) -> tuple[PartialAggregate, LogicalPlan] | None:
    """Split an aggregate.

    Args:
        aggregate: The whole one.

    Returns:
        The partial aggregate and the final plan above it; None if the rows of a group have to
        meet, since one of its functions has no partial form or wants its rows in an order.
    """
    plan = windows_above(aggregate)
    whole = plan.child if isinstance(plan, Project) else plan
    assert isinstance(whole, Aggregate)
    sets = whole.grouping_sets or ()
    if len({frozenset(positions) for positions in sets}) < len(sets):
        return None  # equal sets give each group twice, which the final step would make one
    split = _Split(_over_different_values(_with_used_keys(whole)))
    items = split.rewrite()
    if items is None:
        return None
    partial = split.partial()
    final = Aggregate(split.final_keys(), items, partial)
    return partial, replace(plan, child=final) if isinstance(plan, Project) else final


def _with_used_keys(aggregate: Aggregate) -> Aggregate:
    """Return an aggregate without the keys that are in no grouping set, which nothing reads."""
    if aggregate.grouping_sets is None:
        return aggregate
    used = sorted({index for positions in aggregate.grouping_sets for index in positions})
    sets = tuple(tuple(map(used.index, positions)) for positions in aggregate.grouping_sets)
    grouping = tuple(aggregate.grouping[index] for index in used)
    return replace(aggregate, grouping=grouping, grouping_sets=sets if used else None)


def _over_different_values(aggregate: Aggregate) -> Aggregate:
    """Return an aggregate of different values of the same columns as one over a smaller input.

    Without keys all of the values would have to be in one place. As groups of their own they lie
    apart, and what they are aggregated to is small.
    """
    found = [*_aggregates(aggregate)]
    arguments = {tuple(a for a in node.call.children if not a.foldable) for node in found}
    if aggregate.grouping or len(arguments) != 1 or () in arguments:
        return aggregate
    if not all(map(_is_of_different_values, found)):
        return aggregate
    (different,) = arguments
    columns = {argument: _named(argument) for argument in different}
    below = Aggregate(tuple(columns), tuple(columns.values()), aggregate.child)

    def visit(node: Expression) -> Expression:
        if isinstance(node, AggregateExpression):
            return replace(node.map_nodes(Expression, visit), distinct=False)
        return _column(columns[node]) if node in columns else node.map_children(visit)

    rewritten: Any = tuple(visit(item) for item in aggregate.aggregates)
    return replace(aggregate, aggregates=rewritten, child=below)


def _is_of_different_values(node: AggregateExpression) -> bool:
    """Whether an aggregate is nothing but a splittable one of different values.

    Those that make texts are not: they have the values in order, as long as they are distinct.
    """
    plain = node.distinct and node.filter is None and not isinstance(node.data_type, StringType)
    return plain and _partial_of(node) is not None


class _Split:
    """One aggregate as it is split.

    Args:
        whole: It, without windows.

    Attributes:
        keys: The grouping expressions and the partial aggregate's columns of them.
        distinct: What distinct aggregates ask for, and the columns of it. The partial aggregate
            groups by these as well, so each of their values is left at least once.
        buffers: The buffers, and the columns of them.
    """

    def __init__(self, whole: Aggregate) -> None:
        self.whole = whole
        self.keys: dict[Expression, NamedExpression] = {}
        self.distinct: dict[Expression, NamedExpression] = {}
        self.buffers: dict[Expression, NamedExpression] = {}
        for key in whole.grouping:
            column = _named(key)
            if whole.grouping_sets is not None and isinstance(column, Attribute):
                column = column.with_nullable()
            self.keys[key] = column
        self._set: NamedExpression | None = None
        if whole.grouping_sets is not None:
            keys = tuple(dict.fromkeys(whole.grouping))
            function = builtin_functions()["grouping_id"]
            self._set = Alias(AggregateExpression(Call(function, keys, LONG, False)), "set")

    def rewrite(self) -> tuple[NamedExpression, ...] | None:
        """Return the output list over the partial aggregate's columns, None if there is none."""
        merged: dict[Expression, Expression] = {}
        for node in _aggregates(self.whole):
            final = self._merged_distinct(node) if node.distinct else self._merged(node)
            if final is None:
                return None
            merged[node] = final
        if not merged and not self.keys:
            return None

        def visit(node: Expression) -> Expression:
            if node in merged:
                return merged[node]
            if node in self.keys and not isinstance(node, (Attribute, Literal)):
                return _column(self.keys[node])
            return node.map_children(visit)

        rewritten: Any = tuple(visit(item) for item in self.whole.aggregates)
        items: tuple[NamedExpression, ...] = rewritten
        return items

    def _merged(self, node: AggregateExpression) -> Expression | None:
        """Return the final form of an aggregate of all rows."""
        partial = _partial_of(node)
        if partial is None:
            return None
        call = node.call
        assert isinstance(call, Call)
        columns = tuple(
            self._column(self.buffers, AggregateExpression(part, filter=node.filter))
            for part in partial.buffers
        )
        function = replace(call.function, lower=partial.merge, partial=None)
        return AggregateExpression(replace(call, function=function, arguments=columns))

    def _merged_distinct(self, node: AggregateExpression) -> Expression | None:
        """Return the final form of an aggregate of different values: itself, of those left."""
        if not isinstance(node.call, Call):
            return None
        arguments = [argument for argument in node.call.arguments if not argument.foldable]
        if self._set is not None and any(argument in self.keys for argument in arguments):
            return None  # a grouping set may leave it out
        columns = {argument: self._column(self.distinct, argument) for argument in arguments}
        if any(order.child not in columns for order in node.order):
            return None

        def over(expression: Expression) -> Expression:
            return columns.get(expression, expression)

        call = replace(node.call, arguments=tuple(map(over, node.call.arguments)))
        return AggregateExpression(
            call,
            True,
            None if node.filter is None else self._column(self.distinct, node.filter),
            tuple(replace(order, child=over(order.child)) for order in node.order),
        )

    def _column(self, made: dict[Expression, NamedExpression], expression: Expression) -> Attribute:
        known = self.keys.get(expression)
        if known is None:
            known = made.setdefault(expression, _named(expression))
        return _column(known)

    def partial(self) -> PartialAggregate:
        """Return the partial aggregate."""
        marks = () if self._set is None else (self._set,)
        columns = (*self.keys.values(), *marks, *self.distinct.values(), *self.buffers.values())
        keys = self.whole.grouping
        grouping, sets = (*keys, *self.distinct), self.whole.grouping_sets
        if sets is not None:
            always = tuple(range(len(keys), len(grouping)))
            sets = tuple((*positions, *always) for positions in sets)
        return PartialAggregate(grouping, columns, self.whole.child, sets)

    def final_keys(self) -> tuple[Attribute, ...]:
        """Return what the final aggregate groups by: the keys, and the grouping set."""
        marks = () if self._set is None else (self._set,)
        return tuple(map(_column, (*self.keys.values(), *marks)))


def _named(expression: Expression) -> NamedExpression:
    if isinstance(expression, Attribute):
        return expression
    return Alias(expression, pretty(expression))


def _column(named: NamedExpression) -> Attribute:
    return named.to_attribute() if isinstance(named, Alias) else named


def _aggregates(plan: Aggregate) -> Iterator[AggregateExpression]:
    """Yield the aggregates in the output list."""
    items: tuple[Expression, ...] = plan.aggregates
    for item in items:
        yield from (node for node in item.walk() if isinstance(node, AggregateExpression))


def _partial_of(node: AggregateExpression) -> Partial | None:
    """Return how an aggregate is computed in parts, None if it is not."""
    call = node.call
    if node.order or not isinstance(call, Call) or call.function.partial is None:
        return None
    return call.function.partial(call)


def windows_above(aggregate: Aggregate) -> LogicalPlan:
    """Return an aggregate whose window functions are computed by a Project above it.

    They need rows together that are of the same window, not of the same group.
    """
    items: tuple[Expression, ...] = aggregate.aggregates
    if not any(item.find(WindowExpression) for item in items):
        return aggregate
    keys = {key for key in aggregate.grouping if not isinstance(key, Literal)}
    lower: dict[Expression, NamedExpression] = {}

    def below(expression: Expression) -> Attribute:
        return _column(lower.setdefault(expression, _named(expression)))

    def visit(node: Expression) -> Expression:
        if isinstance(node, AggregateExpression) or node in keys:
            return below(node)
        if isinstance(node, WindowExpression):
            function = node.function

            def part(child: Expression) -> Expression:
                return child.map_children(visit) if child is function else visit(child)

            return node.map_nodes(Expression, part)
        if isinstance(node, SubqueryExpression):
            for column in node.outer_references():
                if column in keys:
                    below(column)
        return node.map_children(visit)

    above: Any = tuple(visit(item) for item in items)
    return Project(above, replace(aggregate, aggregates=tuple(lower.values())))
