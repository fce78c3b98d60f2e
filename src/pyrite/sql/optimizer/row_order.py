"""Rows in the order in which Spark has them, where that costs next to nothing.

Spark promises no order, but has one: rows are dealt to 200 partitions by the hash of their keys,
sorted where a join or a window wants it, and read map output after map output. People see it in
each small example. Over small inputs, a plan gets columns that tell each row's place::

    Aggregate [k], [k, sum(v)]        Project [k, sum]
    +- LocalRelation [k, v]      =>   +- Sort [map, reducer, first]
                                         +- Aggregate [k], [k, sum(v), min(partition) AS map,
                                            reducer(200, k) AS reducer, min(place) AS first]
                                            +- LocalRelation [k, v, partition, place]

Adaptive execution makes one partition of all that small inputs are shuffled into.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from pyrite.sql.analysis.calls import typed_call
from pyrite.sql.conf import ANSI_ENABLED, SHUFFLE_PARTITIONS
from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Alias,
    Attribute,
    Call,
    Cast,
    Expression,
    InSubquery,
    Literal,
    NamedExpression,
    SortOrder,
    SubqueryExpression,
    WindowExpression,
    new_expression_id,
)
from pyrite.sql.functions.partitions import REDUCER
from pyrite.sql.functions.registry import builtin_functions
from pyrite.sql.optimizer.aggregate_order import AggregateKind, kind_of
from pyrite.sql.optimizer.conditions import conjuncts, equal_sides
from pyrite.sql.optimizer.join_strategy import (
    BROADCAST_THRESHOLD,
    KEEPS_LEFT,
    KEEPS_RIGHT,
    join_strategy,
)
from pyrite.sql.optimizer.partition_numbers import number_rows
from pyrite.sql.optimizer.partitioning import ranges_over, row_limit
from pyrite.sql.optimizer.row_places import deal_rows, place_rows
from pyrite.sql.optimizer.sizes import kept_sizes, size_of
from pyrite.sql.plans import plan as plans
from pyrite.sql.plans.plan import JoinType, LogicalPlan
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import INTEGER, LONG, DataType, VariantType

__all__ = ["order_rows"]

#: More rows than these, in all inputs together, stay in DuckDB's order; so do more pairs of them
#: where a join has no keys.
_MOST_ROWS = 10_000
_MOST_PAIRS = 1_000_000

#: A side of a join with fewer keys leaves most of Spark's 200 partitions empty, and adaptive
#: execution does not send it around.
_MANY_EMPTY = 40

#: Larger than any number of partitions.
_PARTITIONS = 1 << 20


@dataclass(frozen=True, slots=True)
class _Ordered:
    """A plan that tells its rows' places in columns beside its own.

    Attributes:
        plan: The plan; its columns are those it had, in any order, and those named here.
        partition: The column of the partition a row is in before the next shuffle; None where
            all are in one.
        order: The columns that order the rows of a partition.
        is_sorted: Whether DuckDB gives the rows in this order without being asked.
        clustered: The columns whose equal rows are in one partition; empty where all rows are,
            None where it is not known of any.
        is_hashed: Whether it is the columns' hash that says in which.
    """

    plan: LogicalPlan
    partition: Attribute | None
    order: tuple[SortOrder, ...]
    is_sorted: bool = False
    clustered: frozenset[int] | None = None
    is_hashed: bool = False

    @property
    def keys(self) -> tuple[SortOrder, ...]:
        """What orders all rows."""
        return self.order if self.partition is None else (SortOrder(self.partition), *self.order)

    @property
    def hidden(self) -> tuple[Attribute, ...]:
        """The columns that tell the places."""
        found = {a.expression_id: a for key in self.keys for a in key.references()}
        return tuple(found.values())

    def clusters(self, keys: Sequence[Expression]) -> bool:
        """Whether rows with equal keys are in one partition."""
        return self.clustered is not None and self.clustered <= _ids(keys)

    def is_dealt_by(self, keys: Sequence[Expression]) -> bool:
        """Whether rows are in the partitions that a shuffle by keys would bring them to."""
        by = _clustered_by(keys)
        return self.is_hashed and by is not None and self.clustered == by

    def in_order(self, output: Sequence[Attribute]) -> LogicalPlan:
        """Return a plan of the given columns, its rows in this order."""
        plan = self.plan
        if not self.is_sorted and self.keys:
            plan = plans.Sort(self.keys, False, plan)
        if [a.expression_id for a in plan.output] == [a.expression_id for a in output]:
            return plan
        return plans.Project(tuple(output), plan)


def order_rows(plan: LogicalPlan, session: SessionState) -> LogicalPlan:
    """Return a plan of the same rows, in Spark's order where that is known and cheap.

    Args:
        plan: An optimized plan.
        session: For its functions and settings.
    """
    if isinstance(plan, plans.Picture):
        return replace(plan, child=order_rows(plan.child, session))
    asked = any(_moves_rows(node) or _deals(node) for node in _operators(plan))
    if not asked or not _is_small(plan):
        return plan
    return _Ordering(session).of(plan).in_order(plan.output)


def _operators(plan: LogicalPlan) -> Iterator[LogicalPlan]:
    """Yield the operators whose order is not settled: rows that are numbered are in order."""
    yield plan
    if not isinstance(plan, plans.Numbered):
        for child in plan.children:
            yield from _operators(child)


def _deals(plan: LogicalPlan) -> bool:
    """Whether an operator brings rows to partitions of its own, which stay as they are."""
    return isinstance(plan, plans.Repartition) and plan.shuffle


def _moves_rows(plan: LogicalPlan) -> bool:
    """Whether an operator's rows come out in another order than they went in."""
    match plan:
        case plans.Project():
            return ranges_over(plan.project_list)
        case plans.Filter():
            return any(isinstance(part, InSubquery) for part in conjuncts(plan.condition))
        case plans.Aggregate():
            return bool(plan.grouping)
        case plans.Repartition():
            return _is_joined_to_one(plan)
    return isinstance(plan, _MOVING)


def _is_joined_to_one(plan: plans.Repartition) -> bool:
    """Whether adaptive execution joins the partitions that rows are brought to."""
    by_hash = plan.keys and not plan.by_id and not isinstance(plan.keys[0], SortOrder)
    return bool(by_hash) and plan.num_partitions is None


def _is_small(plan: LogicalPlan) -> bool:
    leaves = [node for node in plan.walk() if not node.children]
    limits = [row_limit(leaf) for leaf in leaves if not isinstance(leaf, plans.CteReference)]
    known = [limit for limit in limits if limit is not None]
    if len(known) < len(limits) or sum(known) > _MOST_ROWS or plans.RecursiveCte in plan.marks:
        return False
    joins = (node for node in plan.walk() if isinstance(node, plans.Join))
    return prod(filter(None, known)) <= _MOST_PAIRS or all(map(_join_keys, joins))


def _join_keys(plan: plans.Join) -> list[tuple[Expression, Expression]]:
    """Return the pairs of expressions that a join wants to be equal."""
    left, right = ({a.expression_id for a in side.output} for side in (plan.left, plan.right))
    pairs = (equal_sides(part, left, right) for part in conjuncts(plan.condition))
    return [pair for pair in pairs if pair is not None]


def _null_safe(plan: plans.Join) -> bool:
    calls = (part for part in conjuncts(plan.condition) if isinstance(part, Call))
    return any(call.function.name == "<=>" for call in calls)


def _ids(expressions: Sequence[Expression]) -> frozenset[int]:
    return frozenset(e.expression_id for e in expressions if isinstance(e, Attribute))


def _clustered_by(keys: Sequence[Expression]) -> frozenset[int] | None:
    """Return the columns that keys are; None if one is not a column."""
    ids = _ids(keys)
    return ids if len(ids) == len(keys) else None


def _read_of(plan: plans.Aggregate) -> list[Attribute] | None:
    """Return the columns that an aggregate reads; None for all."""
    expressions = (*plan.grouping, *plan.aggregates)
    if any(expression.find(SubqueryExpression) for expression in expressions):
        return None
    read = {a.expression_id for expression in expressions for a in expression.references()}
    return [a for a in plan.child.output if a.expression_id in read]


def _renamed(ids: frozenset[int] | None, items: Sequence[NamedExpression]) -> frozenset[int] | None:
    """Return columns as they are known above a projection, None if one is not there."""
    if ids is None:
        return None
    names = {
        column.expression_id: item.expression_id
        for item in items
        if isinstance(column := item.child if isinstance(item, Alias) else item, Attribute)
    }
    return frozenset(names[i] for i in ids) if ids <= names.keys() else None


def _has_no_hash(data_type: DataType) -> bool:
    return "map<" in data_type.simpleString() or isinstance(data_type, VariantType)


def _windows_in(items: Sequence[Expression]) -> list[WindowExpression]:
    """Return a window of each kind, in the order in which Spark computes them."""
    kinds: dict[Any, WindowExpression] = {}
    for item in items:
        for node in item.walk():
            if isinstance(node, WindowExpression):
                kinds.setdefault((node.partition, node.order), node)
    return [*kinds.values()]


def _window_order(windows: Sequence[WindowExpression]) -> list[SortOrder]:
    """Return what windows sort by, the last one first."""
    order: list[SortOrder] = []
    for window in windows:
        parts = [SortOrder(key) for key in window.partition if not key.foldable]
        order = [*parts, *window.order, *order]
    return order


def _is_settled(plan: LogicalPlan) -> bool:
    """Whether rows come as their partitions say, and DuckDB keeps them so."""
    return not any(map(_moves_rows, _operators(plan)))


class _Ordering:
    """Rewrites plans; ``_RULES`` says how each operator is rewritten."""

    def __init__(self, session: SessionState) -> None:
        self._session = session
        self._functions = builtin_functions()
        self._ansi = session.conf.read(ANSI_ENABLED)
        self._threshold = session.conf.read(BROADCAST_THRESHOLD)
        self._reducers = session.conf.read(SHUFFLE_PARTITIONS)

    def of(self, plan: LogicalPlan) -> _Ordered:
        """Return a plan that tells its rows' places."""
        if _is_settled(plan):
            return self._leaf(plan)
        return _RULES.get(type(plan), _Ordering._other)(self, plan)

    # Expressions

    def _call(self, name: str, *arguments: Expression) -> Call:
        return typed_call(self._functions[name], arguments, self._ansi)

    def _first(self, column: Expression) -> Alias:
        return Alias(AggregateExpression(self._call("min", column)), "first")

    def _reducer(self, keys: Sequence[Expression]) -> Alias:
        """Return the partition that a shuffle by keys brings a row to; the first of unknown."""
        if any(_has_no_hash(key.data_type) for key in keys):
            return Alias(Literal(0, INTEGER), "reducer")
        count = Literal(self._reducers, INTEGER)
        return Alias(Call(REDUCER, (count, *keys), INTEGER, False), "reducer")

    def _dealt(
        self, plan: LogicalPlan, keys: Sequence[Expression]
    ) -> tuple[LogicalPlan, Attribute | Alias]:
        """Return a plan and the reducer of each row: a column more of the plan, or beside it."""
        known = deal_rows(plan, keys, self._reducers)
        return known or (plan, self._reducer(keys))

    # What operators share

    def _beside(
        self, plan: LogicalPlan, output: Sequence[NamedExpression], order: Sequence[SortOrder]
    ) -> tuple[LogicalPlan, tuple[SortOrder, ...]]:
        """Return a projection with what an order is by, and that order of its columns."""
        made: list[NamedExpression] = list(output)
        known = {item.expression_id for item in made}
        keys = []
        for key in order:
            column = key.child
            if not isinstance(column, Attribute):
                column = Alias(column, "key") if not isinstance(column, Alias) else column
            if column.expression_id not in known:
                made.append(column)
                known.add(column.expression_id)
            found = column.to_attribute() if isinstance(column, Alias) else column
            keys.append(replace(key, child=found))
        if len(made) == len(plan.output) and _ids(made) == _ids(plan.output):
            return plan, tuple(keys)
        return plans.Project(tuple(made), plan), tuple(keys)

    def _in_order(self, plan: LogicalPlan) -> LogicalPlan:
        return self.of(plan).in_order(plan.output)

    def _leaf(self, plan: LogicalPlan) -> _Ordered:
        """Number the rows of an input, and what only computes on them, as they come."""
        numbered = number_rows(plan, self._session)
        partition = None if numbered is None else numbered.partition
        clustered = _range_column(plan)
        if (clustered and partition is None) or _is_one_partition(plan):
            clustered = frozenset()
        below = plan if numbered is None else numbered.plan
        return replace(self._as_it_comes(below, partition), clustered=clustered)

    def _as_it_comes(self, plan: LogicalPlan, partition: Attribute | None = None) -> _Ordered:
        """Number rows in the order in which DuckDB gives them."""
        placed, place = place_rows(plan)
        return _Ordered(placed, partition, (SortOrder(place),), is_sorted=True)

    def _placed(self, plan: LogicalPlan, columns: Sequence[Attribute] | None = None) -> _Ordered:
        """Return an input whose rows come in order, their places one column of numbers.

        Args:
            plan: The input.
            columns: Those of its columns that are read; None for all.
        """
        below = self.of(plan)
        if len(below.order) == 1 and below.order[0].ascending and below.is_sorted:
            return below
        beside = () if below.partition is None else (below.partition,)
        sorted_plan = below.in_order((*(plan.output if columns is None else columns), *beside))
        placed = self._as_it_comes(sorted_plan, below.partition)
        return replace(below, plan=placed.plan, order=placed.order, is_sorted=True)

    def _shuffled(self, below: _Ordered, keys: Sequence[Expression]) -> _Ordered:
        """Deal rows by the hash of keys, each map's for itself; do nothing if they are so."""
        if below.is_dealt_by(keys):
            return below
        plan, reducer = self._dealt(below.plan, keys)
        plan, order = self._beside(plan, plan.output, (SortOrder(reducer), *below.order))
        return _Ordered(plan, below.partition, order, False, _clustered_by(keys), True)

    def _other(self, plan: LogicalPlan) -> _Ordered:
        """Order the inputs of an operator that is not known."""
        above = plan.map_children(self._in_order)
        return self._as_it_comes(above)

    # Operators on one input

    def _same(self, plan: Any) -> _Ordered:
        below = self.of(plan.child)
        return replace(below, plan=replace(plan, child=below.plan))

    def _with(self, plan: plans.With) -> _Ordered:
        definitions = tuple([(cte, self._in_order(made)) for cte, made in plan.definitions])
        return self._same(replace(plan, definitions=definitions))

    def _project(self, plan: plans.Project) -> _Ordered:
        if ranges_over(plan.project_list):
            return self._windows(plan)
        below = self.of(plan.child)
        child = below.plan
        if not all(item.deterministic for item in plan.project_list):  # they may count rows
            child = below.in_order(child.output)
        above = plans.Project((*plan.project_list, *below.hidden), child)
        clustered = _renamed(below.clustered, plan.project_list)
        return replace(below, plan=above, clustered=clustered)

    def _windows(self, plan: plans.Project) -> _Ordered:
        """Sort rows by the last of the windows; rows that are equal there by those before."""
        below = self.of(plan.child)
        windows = _windows_in(plan.project_list)
        order = (*_window_order(windows), *below.keys)
        child = below.in_order(below.plan.output)
        above, order = self._beside(child, [*plan.project_list], order)
        keys = [key for key in windows[-1].partition if not key.foldable]
        clustered = _renamed(_ids(keys), plan.project_list) if keys else frozenset()
        return _Ordered(above, None, order, False, clustered, bool(keys))

    def _sort(self, plan: plans.Sort) -> _Ordered:
        below = self.of(plan.child)
        given = [key for key in plan.order if not isinstance(key.child, Literal)]
        ties = below.keys if plan.is_global else below.order
        partition = None if plan.is_global else below.partition
        above, order = self._beside(below.plan, below.plan.output, (*given, *ties))
        return _Ordered(above, partition, order)

    def _cut(self, plan: Any) -> _Ordered:
        """Cut what stands in order: LIMIT, OFFSET."""
        above = replace(plan, child=self._in_order(plan.child))
        return replace(self._as_it_comes(above), clustered=frozenset())

    def _generate(self, plan: plans.Generate) -> _Ordered:
        below = self.of(plan.child)
        beside = () if below.partition is None else (below.partition,)
        child = below.in_order((*plan.child.output, *beside))
        above = replace(plan, child=child)
        return self._as_it_comes(above, below.partition)

    def _aggregate(self, plan: plans.Aggregate) -> _Ordered:
        """Groups come in the order in which the reducer meets their keys."""
        below = self._placed(plan.child, _read_of(plan))
        child = below.in_order(below.plan.output)
        if not plan.grouping:
            above: LogicalPlan = replace(plan, child=child)
            return replace(self._as_it_comes(above), clustered=frozenset())
        kind = kind_of(plan)
        moved = not below.clusters(plan.grouping) or plan.grouping_sets is not None
        groups = [key for key in plan.grouping if not isinstance(key, Literal)]
        hidden: list[Alias] = []
        if kind is AggregateKind.SORTED:
            hidden = [Alias(key, "key") for key in groups]
        elif plan.grouping_sets is not None:
            hidden = self._set_reducer(plan)
        elif moved:
            child, reducer = self._dealt(child, plan.grouping)
            hidden = [self._first(reducer) if isinstance(reducer, Attribute) else reducer]
        partition: Alias | None = None
        if below.partition is not None and kind is not AggregateKind.DISTINCT:
            partition = self._first(below.partition)
        order = [*hidden, self._first(below.order[0].child)]
        if kind is AggregateKind.KEYS and moved:
            order.insert(0, self._null_key(groups))
        sorting = _window_order(_windows_in(plan.aggregates))
        sorted_by = [Alias(key.child, "key") for key in sorting]
        items = [*sorted_by, *order, *([] if partition is None else [partition])]
        above = replace(plan, aggregates=(*plan.aggregates, *items), child=child)
        keys = tuple([SortOrder(item.to_attribute()) for item in order])
        clustered = _renamed(_ids(plan.grouping), plan.aggregates)
        if not moved and not sorting:
            column = None if partition is None else partition.to_attribute()
            clustered = _renamed(below.clustered, plan.aggregates)
            return _Ordered(above, column, keys, False, clustered, below.is_hashed)
        if partition is not None and kind is not AggregateKind.SORTED:
            place = 1 if kind is AggregateKind.KEYS else 0
            keys = (*keys[:place], SortOrder(partition.to_attribute()), *keys[place:])
        by = zip(sorting, sorted_by, strict=True)
        keys = (*(replace(key, child=made.to_attribute()) for key, made in by), *keys)
        return _Ordered(above, None, keys, False, clustered, True)

    def _set_reducer(self, plan: plans.Aggregate) -> list[Alias]:
        """Return where a group of GROUPING SETS is brought to: the set is one of its keys."""
        used = {place for given in plan.grouping_sets or () for place in given}
        keys = plan.grouping
        if len(used) < len(keys) or len(_ids(keys)) < len(keys):  # DuckDB can tell no set
            return []
        number = AggregateExpression(self._call("grouping_id", *keys))
        return [self._reducer([*keys, number])]

    def _null_key(self, keys: Sequence[Expression]) -> Alias:
        """Return whether a key is null: Spark's fast table of keys has no room for it."""
        test: Expression = self._call("isnull", keys[0])
        for key in keys[1:]:
            test = self._call("or", test, self._call("isnull", key))
        return Alias(test, "null")

    def _distinct(self, plan: plans.Distinct) -> _Ordered:
        if plan.keys and len(plan.keys) < len(plan.child.output):
            return self._first_of_each(plan)
        columns = plan.child.output
        return self._aggregate(plans.Aggregate(columns, columns, plan.child))

    def _first_of_each(self, plan: plans.Distinct) -> _Ordered:
        """Rows once for each value of some columns: Spark groups by them."""
        below = self._placed(plan.child)
        ids = _ids(plan.keys)
        firsts = tuple(
            Alias(AggregateExpression(self._call("first", a)), a.name)
            for a in plan.child.output
            if a.expression_id not in ids
        )
        kind = kind_of(plans.Aggregate(plan.keys, (*plan.keys, *firsts), plan.child))
        distinct = replace(plan, child=below.in_order(below.plan.output))
        order: tuple[SortOrder, ...] = below.keys
        if kind is AggregateKind.SORTED:
            order = (*map(SortOrder, plan.keys), *order)
        elif not below.clusters(plan.keys):
            partition = [] if below.partition is None else [SortOrder(below.partition)]
            order = (*partition, SortOrder(self._reducer(plan.keys)), *below.order)
        above, order = self._beside(distinct, distinct.output, order)
        return _Ordered(above, None, order, False, ids, True)

    def _filter(self, plan: plans.Filter) -> _Ordered:
        """IN with a subquery is a join that looks whether a row has a partner."""
        below = self._same(plan)
        for part in conjuncts(plan.condition):
            if isinstance(part, InSubquery) and self._bytes(part.plan) > self._threshold:
                moved = self._shuffled(below, part.values)
                order = (*map(SortOrder, part.values), *moved.keys)
                above, order = self._beside(moved.plan, moved.plan.output, order)
                below = replace(moved, plan=above, partition=None, order=order, is_sorted=False)
        return below

    def _repartition(self, plan: plans.Repartition) -> _Ordered:
        if _is_joined_to_one(plan):
            moved = self._shuffled(self.of(plan.child), plan.keys)
            return replace(moved, partition=None, order=moved.keys)
        if _is_settled(plan.child):
            return self._leaf(plan)
        return self._leaf(replace(plan, child=self._in_order(plan.child)))

    # Operators on several inputs

    def _union(self, plan: plans.Union) -> _Ordered:
        inputs: list[LogicalPlan] = []
        for place, child in enumerate(plan.inputs):
            below = self._placed(child)
            number: Expression = Literal(place * _PARTITIONS, LONG)
            if below.partition is not None:
                number = self._call("+", below.partition, number)
            column = below.order[0].child
            assert isinstance(column, Attribute)
            items: list[NamedExpression] = [*child.output, Alias(number, "partition"), column]
            inputs.append(plans.Project(tuple(items), below.plan))
        partition = Attribute("partition", LONG, False, new_expression_id())
        position = Attribute("place", LONG, False, new_expression_id())
        union = plans.Union(tuple(inputs), (*plan.attributes, partition, position))
        return _Ordered(union, partition, (SortOrder(position),))

    def _set_operation(self, plan: plans.SetOperation) -> _Ordered:
        """INTERSECT and EXCEPT are joins that look whether a row has a partner."""
        if plan.is_all:
            return self._other(plan)
        found = plan.operation is plans.SetOperationType.INTERSECT
        pairs = [
            self._call("<=>", a, b)
            for a, b in zip(plan.left.output, plan.right.output, strict=True)
        ]
        condition: Expression = pairs[0]
        for pair in pairs[1:]:
            condition = self._call("and", condition, pair)
        kind = JoinType.LEFT_SEMI if found else JoinType.LEFT_ANTI
        joined = plans.Distinct(plans.Join(plan.left, plan.right, kind, condition))
        named = tuple(
            Alias(column, a.name, a.expression_id)
            for column, a in zip(plan.left.output, plan.attributes, strict=True)
        )
        return self._project(plans.Project(named, joined))

    def _join(self, plan: plans.Join) -> _Ordered:
        pairs = _join_keys(plan)
        keys = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        strategy = join_strategy(plan, bool(pairs), self._threshold, self._bytes)
        inputs = [self.of(plan.left), self.of(plan.right)]
        name, side = strategy.name, strategy.side
        if name == "SortMergeJoin" and plan.condition is not None:
            sent = [not below.is_dealt_by(by) for below, by in zip(inputs, keys, strict=True)]
            side = self._sent_after_all(plan, sent)
        if name in ("SortMergeJoin", "ShuffledHashJoin") and side is not None:
            # Only the streamed side tells the reducer: rows with equal keys have the same.
            moved = self._shuffled(inputs[1 - side], keys[1 - side])
            if _null_safe(plan):  # what is hashed is not the keys themselves
                moved = replace(moved, clustered=None)
            inputs[1 - side] = moved
        left, right = inputs
        above = replace(plan, left=left.plan, right=right.plan)
        if name == "CartesianProduct":
            return self._product(above, left, right)
        if side is None:
            return self._merged(above, left, right, *keys)
        streamed, theirs = inputs[1 - side], inputs[side].keys
        if plan.join_type in (JoinType.LEFT_SEMI, JoinType.LEFT_ANTI):
            theirs = ()
        if pairs:  # a table gives what came last first
            theirs = tuple([replace(k, ascending=not k.ascending) for k in theirs])
        return replace(streamed, plan=above, order=(*streamed.order, *theirs), is_sorted=False)

    def _sent_after_all(self, plan: plans.Join, shuffled: Sequence[bool]) -> int | None:
        """Return the side that adaptive execution sends around, as small as it is.

        Args:
            plan: The join.
            shuffled: Which sides are shuffled for the join, so that empty partitions show.
        """
        kind = plan.join_type
        can = kind in KEEPS_RIGHT, kind in KEEPS_LEFT
        skips = kind in (JoinType.INNER, JoinType.CROSS, JoinType.LEFT_SEMI)
        for side, child in ((1, plan.right), (0, plan.left)):
            keys = [pair[side] for pair in _join_keys(plan)]
            mostly_empty = skips and shuffled[side] and _fills_few(child, keys)
            if can[side] and not mostly_empty:
                return side
        return None

    def _merged(
        self,
        above: plans.Join,
        left: _Ordered,
        right: _Ordered,
        left_keys: Sequence[Expression],
        right_keys: Sequence[Expression],
    ) -> _Ordered:
        """Sort both sides by their keys and go through them at once."""
        kind = above.join_type
        ours, theirs = left.keys, right.keys
        keys: list[Expression] = [*left_keys]
        if kind in (JoinType.LEFT_SEMI, JoinType.LEFT_ANTI):
            theirs = ()
        elif kind is JoinType.RIGHT_OUTER:
            keys, ours, theirs = [*right_keys], theirs, ours
        elif kind is JoinType.FULL_OUTER:
            pairs = zip(left_keys, right_keys, strict=True)
            keys = [self._call("coalesce", *pair) for pair in pairs]
            ours = tuple([replace(key, nulls_first=False) for key in ours])
        # What is hashed is not the keys themselves where null equals null.
        clustered = None if _null_safe(above) else _clustered_by(keys)
        order = (*map(SortOrder, keys), *ours, *theirs)
        plan, order = self._beside(above, above.output, order)
        return _Ordered(plan, None, order, False, clustered, True)

    def _product(self, above: plans.Join, left: _Ordered, right: _Ordered) -> _Ordered:
        """Pair each partition of the left side with each of the right."""
        plan: LogicalPlan = above
        partition = left.partition or right.partition
        if left.partition is not None and right.partition is not None:
            row = self._call("*", left.partition, Literal(_PARTITIONS, LONG))
            pair = Alias(self._call("+", row, right.partition), "partition")
            plan = plans.Project((*above.output, pair), above)
            partition = pair.to_attribute()
        return _Ordered(plan, partition, (*left.order, *right.order))

    def _bytes(self, plan: LogicalPlan) -> int:
        """Return how large Spark thinks a plan to be; rows that come from Python have no end."""
        unknown = plan.find(plans.LocalRelation) is not None
        return 1 << 62 if unknown else size_of(plan, kept_sizes(self._session.shared.cache)).bytes


def _fills_few(plan: LogicalPlan, keys: Sequence[Expression]) -> bool:
    """Whether rows are brought to few of Spark's partitions, as far as can be told."""
    rows = row_limit(plan)
    if rows is None or rows < _MANY_EMPTY:
        return True
    columns = [key.child if isinstance(key, Cast) else key for key in keys]
    for node in plan.walk():
        if isinstance(node, plans.LocalRelation) and len(columns) == 1:
            for attribute, column in zip(node.attributes, node.table.columns, strict=True):
                if attribute == columns[0]:
                    return len(column.unique()) < _MANY_EMPTY
    return False


def _range_column(plan: LogicalPlan) -> frozenset[int] | None:
    """Return the column of a Range, whose partitions each have their own part of it."""
    match plan:
        case plans.Range():
            return frozenset((plan.attributes[0].expression_id,))
        case plans.Project():
            return _renamed(_range_column(plan.child), plan.project_list)
        case plans.Filter() | plans.SubqueryAlias():
            return _range_column(plan.child)
    return None


def _is_one_partition(plan: LogicalPlan) -> bool:
    """Whether a program has asked for a single partition."""
    while isinstance(plan, (plans.Project, plans.Filter, plans.SubqueryAlias)):
        plan = plan.child
    return isinstance(plan, plans.Repartition) and plan.num_partitions == 1


#: Operators that change the order of rows.
_MOVING = (
    plans.Aggregate,
    plans.Distinct,
    plans.Join,
    plans.SetOperation,
    plans.Sort,
)

_RULES: dict[type[LogicalPlan], Callable[[_Ordering, Any], _Ordered]] = {
    plans.Aggregate: _Ordering._aggregate,
    plans.CollectMetrics: _Ordering._same,
    plans.Distinct: _Ordering._distinct,
    plans.EvalPython: _Ordering._same,
    plans.Filter: _Ordering._filter,
    plans.Generate: _Ordering._generate,
    plans.Join: _Ordering._join,
    plans.Limit: _Ordering._cut,
    plans.Offset: _Ordering._cut,
    plans.Project: _Ordering._project,
    plans.Repartition: _Ordering._repartition,
    plans.SetOperation: _Ordering._set_operation,
    plans.Sort: _Ordering._sort,
    plans.SubqueryAlias: _Ordering._same,
    plans.Union: _Ordering._union,
    plans.With: _Ordering._with,
}
