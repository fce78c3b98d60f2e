"""EnsureRequirements: exchanges where an operator needs rows together that lie apart.

Every operator is placed, from the leaves up: its rows are in the driver; or any task could
compute all of them; or they lie in the partitions of several tasks. What nobody knows how to do
in partitions gathers its rows into the driver: always right, if not fast.

The plan may be one of which some exchanges have run already (``QueryStage``). The others are
chosen anew then, for more is known of sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from pyrite.sql.expressions.expression import (
    Attribute,
    Expression,
    Literal,
    SortOrder,
    SubqueryExpression,
    WindowExpression,
)
from pyrite.sql.optimizer.conditions import all_of, conjuncts, equal_sides
from pyrite.sql.optimizer.distribution.clustering import (
    Keys,
    required_clustering,
    separate_windows,
    windows_of,
)
from pyrite.sql.optimizer.distribution.partial_aggregates import split_aggregate, windows_above
from pyrite.sql.optimizer.join_strategy import KEEPS_LEFT, KEEPS_RIGHT, hint_of
from pyrite.sql.plans import plan as plans
from pyrite.sql.plans.exchange import (
    TASK_OPERATORS,
    Exchange,
    FirstPartition,
    LocalLimit,
    LocalWindow,
    PartialAggregate,
    Partitioning,
    QueryStage,
    RuntimeFilter,
    SplitScan,
)
from pyrite.sql.plans.plan import LogicalPlan, subplans

__all__ = ["RUN_BELOW", "ClusterFacts", "ensure_requirements", "without_exchanges"]

#: The operators that run the plans below them, which are planned then, or are not to be touched.
RUN_BELOW: tuple[type[LogicalPlan], ...] = (
    plans.AggregateInPython,
    plans.CoGroupMap,
    plans.CollectMetrics,
    plans.EvalPython,
    plans.GroupMap,
    plans.MapPartitions,
    plans.Numbered,
    plans.Picture,
    plans.PythonTableFunction,
    plans.Sample,
    plans.WindowInPython,
)

#: A side that was measured is sent to all tasks if that moves so many times fewer bytes than to
#: move the other side; and what it may have at most.
_SENT_SHARE = 2
_MOST_SENT = 128 << 20

#: What tasks compute a second time rather than keep it.
_CHEAP = (
    plans.Filter,
    plans.LocalRelation,
    plans.Project,
    plans.Range,
    plans.Repartition,
    plans.SourceRelation,
    plans.SubqueryAlias,
    QueryStage,
    SplitScan,
)

#: What joins are asked for whose rows are to meet by their keys.
_SHUFFLE_HINTS = {"merge", "shuffle_hash"}

#: The join types that drop rows of the left, or right, side which have no partner.
_DROPS_LEFT = {
    plans.JoinType.INNER,
    plans.JoinType.LEFT_SEMI,
    plans.JoinType.RIGHT_OUTER,
}
_DROPS_RIGHT = {
    plans.JoinType.INNER,
    plans.JoinType.LEFT_SEMI,
    plans.JoinType.LEFT_ANTI,
    plans.JoinType.LEFT_OUTER,
}


@dataclass(frozen=True)
class ClusterFacts:
    """What is known outside of the plan.

    Attributes:
        bytes_of: How large the rows of a plan are thought to be.
        can_split: Whether tasks can each read a part of a leaf.
        can_read: Whether tasks can read a leaf at all.
        small: Up to so many bytes of a leaf, every task reads all of it by itself.
        broadcast: Up to so many bytes, rows are sent to every task.
        broadcast_stage: As ``broadcast``, for rows whose size was measured.
        filter: Up to so many bytes of one side of a join filter the other before it is sent.
        tasks: How many tasks an operator has.
    """

    bytes_of: Callable[[LogicalPlan], int]
    can_split: Callable[[LogicalPlan], bool]
    can_read: Callable[[LogicalPlan], bool]
    small: int
    broadcast: int
    broadcast_stage: int
    filter: int
    tasks: int


class _Where(Enum):
    DRIVER = "driver"
    ANYWHERE = "anywhere"
    PARTITIONS = "partitions"


@dataclass(frozen=True)
class _Placed:
    """An operator with what it needs below it.

    Attributes:
        plan: The operator.
        where: Where its rows are.
        clusterings: In partitions: keys, each of which alone decides the partition of a row.
    """

    plan: LogicalPlan
    where: _Where
    clusterings: tuple[Keys, ...] = ()


def ensure_requirements(plan: LogicalPlan, facts: ClusterFacts) -> LogicalPlan:
    """Put exchanges into a plan.

    Args:
        plan: A resolved, optimized plan; what an earlier call added to it is chosen anew.
        facts: What is known outside of it.

    Returns:
        The plan. What is above its topmost exchanges runs in the driver; it has no exchanges
        if all of it does.
    """
    planner = _Planner(facts)
    return planner.gathered(planner.place(without_exchanges(plan)))


def without_exchanges(plan: LogicalPlan) -> LogicalPlan:
    """Return a plan without what planning added."""
    return plan.transform_up(lambda n: n.child if isinstance(n, TASK_OPERATORS) else n)


class _Planner:
    def __init__(self, facts: ClusterFacts) -> None:
        self._facts = facts
        #: What was placed, by the identity of the operators; these are kept alive with it.
        self._known: dict[int, tuple[LogicalPlan, _Placed]] = {}

    def place(self, plan: LogicalPlan) -> _Placed:
        """Place an operator and all below it."""
        if id(plan) not in self._known:
            place = _PLACES.get(type(plan), _Planner._in_driver)
            if not all(map(self._anywhere, subplans(plan))):
                place = _Planner._in_driver
            self._known[id(plan)] = plan, place(self, plan)
        return self._known[id(plan)][1]

    def gathered(self, placed: _Placed) -> LogicalPlan:
        """Return a plan whose rows are in the driver."""
        if placed.where is _Where.DRIVER or not _needs_tasks(placed):
            return placed.plan
        return Exchange(Partitioning.SINGLE, (), placed.plan)

    def _anywhere(self, plan: LogicalPlan) -> bool:
        return self.place(plan).where is _Where.ANYWHERE

    # What runs in the driver

    def _in_driver(self, plan: LogicalPlan) -> _Placed:
        return _Placed(_with_children(plan, list(map(self._brought, plan.children))), _Where.DRIVER)

    def _brought(self, child: LogicalPlan) -> LogicalPlan:
        """Return an input of an operator of the driver."""
        placed = self.place(child)
        if isinstance(placed.plan, SplitScan):
            return child  # to read it here is not slower than to have it read and sent
        return self.gathered(placed)

    def _alone(self, plan: LogicalPlan) -> _Placed:
        """Place an operator that runs the plan below by itself."""
        return _Placed(plan, _Where.DRIVER)

    # Leaves

    def _leaf(self, plan: LogicalPlan) -> _Placed:
        if not self._facts.can_read(plan):
            return _Placed(plan, _Where.DRIVER)
        if self._facts.bytes_of(plan) <= self._facts.small:
            return _Placed(plan, _Where.ANYWHERE)
        if self._facts.can_split(plan):
            return _Placed(SplitScan(plan), _Where.PARTITIONS)
        return _Placed(plan, _Where.DRIVER)

    def _stage(self, plan: QueryStage) -> _Placed:
        if plan.partitioning is Partitioning.SINGLE:
            return _Placed(plan, _Where.DRIVER)
        if plan.partitioning is Partitioning.BROADCAST or plan.bytes <= self._facts.small:
            return _Placed(replace(plan, whole=True), _Where.ANYWHERE)
        keys = (plan.keys,) if plan.partitioning is Partitioning.HASH else ()
        return _Placed(replace(plan, whole=False), _Where.PARTITIONS, keys)

    # Operators that look at one row at a time

    def _row_by_row(self, plan: LogicalPlan) -> _Placed:
        (child,) = plan.children
        below = self.place(child)
        if not all(e.deterministic for e in plan.expressions):
            return self._in_driver(plan)
        return self._above(plan, below)

    def _above(self, plan: LogicalPlan, below: _Placed) -> _Placed:
        """Place an operator where its input is."""
        kept = _surviving(below.clusterings, plan)
        return _Placed(_with_children(plan, [below.plan]), below.where, kept)

    def _project(self, plan: plans.Project) -> _Placed:
        separate = separate_windows(plan)
        if separate is not plan:
            return self.place(separate)
        keys = required_clustering(plan)
        return self._row_by_row(plan) if keys == () else self._clustered(plan, keys or ())

    def _clustered(self, plan: LogicalPlan, keys: Keys) -> _Placed:
        """Place an operator that needs rows with equal keys together; without keys, all rows."""
        (child,) = plan.children
        below = self.place(child)
        if below.where is not _Where.PARTITIONS:
            return self._row_by_row(plan)
        if not keys:
            return self._in_driver(plan)
        if not any(set(known) <= set(keys) for known in below.clusterings):
            below = self._hashed(below.plan, keys)
        if not all(e.deterministic for e in plan.expressions):
            return self._in_driver(plan)
        return self._above(plan, below)

    def _hashed(self, plan: LogicalPlan, keys: Keys) -> _Placed:
        return _Placed(Exchange(Partitioning.HASH, keys, plan), _Where.PARTITIONS, (keys,))

    # Aggregates

    def _aggregate(self, plan: plans.Aggregate) -> _Placed:
        if not _is_deterministic(plan):
            return self._in_driver(plan)
        if any(windows_of(plan)):
            return self.place(windows_above(plan))
        below = self.place(plan.child)
        if below.where is not _Where.PARTITIONS:
            return self._above(plan, below)
        keys = required_clustering(plan) or ()
        if isinstance(plan.child, PartialAggregate) or _together(below, keys):
            return self._clustered(plan, keys)
        split = split_aggregate(plan)
        return self._clustered(plan, keys) if split is None else self.place(split[1])

    def _distinct(self, plan: plans.Distinct) -> _Placed:
        child = plan.child
        if isinstance(child, plans.Distinct) and child.keys == plan.keys:  # by an earlier call
            return self.place(child)
        below = self.place(child)
        keys = required_clustering(plan) or ()
        if below.where is not _Where.PARTITIONS or _together(below, keys):
            return self._above(plan, below)
        once = self._above(plan, below)  # what is left of each partition
        return self._above(plan, self._hashed(once.plan, keys))

    # First rows

    def _limit(self, plan: plans.Limit | plans.Offset) -> _Placed:
        bounded = self._bounded(plan, None)
        return self._in_driver(plan) if bounded is None else bounded

    def _bounded(self, plan: LogicalPlan, bound: int | None) -> _Placed | None:
        """Place an operator of whose rows so many are wanted; None if it is not to be bounded."""
        match plan:
            case plans.Limit(limit=Literal(value=int() as count)):
                return self._above_bounded(plan, count if bound is None else min(bound, count))
            case plans.Offset(offset=Literal(value=int() as count)):
                return self._above_bounded(plan, None if bound is None else bound + count)
            case plans.Project() | plans.SubqueryAlias() if _is_plain(plan):
                return self._above_bounded(plan, bound)
            case plans.Sort(is_global=True) if bound is not None:
                return self._first(plan, self.place(plan.child), bound, plan.order)
        if bound is None:
            return None
        below = self.place(plan)
        if below.where is _Where.PARTITIONS:
            limited = LocalLimit(bound, (), below.plan)
            return _Placed(Exchange(Partitioning.SINGLE, (), limited), _Where.DRIVER)
        return below

    def _above_bounded(self, plan: LogicalPlan, bound: int | None) -> _Placed | None:
        (child,) = plan.children
        below = self._bounded(child, bound)
        return None if below is None else self._above(plan, below)

    def _first(
        self, plan: LogicalPlan, below: _Placed, bound: int, order: tuple[SortOrder, ...]
    ) -> _Placed:
        if below.where is not _Where.PARTITIONS:
            return self._above(plan, below)
        limited = LocalLimit(bound, order, below.plan)
        gathered = Exchange(Partitioning.SINGLE, (), limited)
        return self._above(plan, _Placed(gathered, _Where.DRIVER))

    def _sort(self, plan: plans.Sort) -> _Placed:
        below = self.place(plan.child)
        if below.where is not _Where.PARTITIONS or not plan.is_global:
            return self._above(plan, below)
        if _is_ranged(below.plan, plan.order):
            return self._above(plan, below)
        if self._size(below) <= self._facts.small:
            return self._in_driver(plan)
        rows = below.plan  # they are looked at twice: where the ranges are, and to be sent
        if not all(isinstance(node, _CHEAP) for node in rows.walk()):
            rows = Exchange(Partitioning.UNKNOWN, (), rows)
        ranged = Exchange(Partitioning.RANGE, plan.order, rows)
        return self._above(plan, _Placed(ranged, _Where.PARTITIONS))

    # Several inputs

    def _union(self, plan: plans.Union) -> _Placed:
        inputs = [self.place(child) for child in plan.inputs]
        if all(placed.where is _Where.ANYWHERE for placed in inputs):
            return _Placed(_with_children(plan, [p.plan for p in inputs]), _Where.ANYWHERE)
        if any(placed.where is _Where.DRIVER for placed in inputs):
            return self._in_driver(plan)
        parts = [
            placed.plan if placed.where is _Where.PARTITIONS else FirstPartition(placed.plan)
            for placed in inputs
        ]
        return _Placed(_with_children(plan, parts), _Where.PARTITIONS)

    def _set_operation(self, plan: plans.SetOperation) -> _Placed:
        left, right = self.place(plan.left), self.place(plan.right)
        if left.where is right.where is _Where.ANYWHERE:
            return self._both(plan, left, right, _Where.ANYWHERE)
        if left.where is not _Where.PARTITIONS or right.where is _Where.DRIVER:
            return self._in_driver(plan)
        # Equal rows of one side lie together, and where those of the other are.
        left = self._by_all_columns(plan.left, left)
        if right.where is _Where.PARTITIONS:
            right = self._by_all_columns(plan.right, right)
        return self._both(plan, left, right, _Where.PARTITIONS)

    def _by_all_columns(self, plan: LogicalPlan, placed: _Placed) -> _Placed:
        keys = plan.output
        return placed if keys in placed.clusterings else self._hashed(placed.plan, keys)

    def _lateral(self, plan: plans.LateralJoin) -> _Placed:
        left = self.place(plan.left)
        if self._anywhere(plan.right) and left.where is not _Where.DRIVER:
            right = _Placed(plan.right, _Where.ANYWHERE)
            return self._both(plan, left, right, left.where, left.clusterings)
        return _Placed(replace(plan, left=self._brought(plan.left)), _Where.DRIVER)

    def _join(self, plan: plans.Join) -> _Placed:
        if not _is_deterministic(plan):
            return self._in_driver(plan)
        left, right = self.place(plan.left), self.place(plan.right)
        keeps_left, keeps_right = plan.join_type in KEEPS_LEFT, plan.join_type in KEEPS_RIGHT
        places = left.where, right.where
        if places == (_Where.ANYWHERE, _Where.ANYWHERE):
            return self._both(plan, left, right, _Where.ANYWHERE)
        if places == (_Where.PARTITIONS, _Where.ANYWHERE) and keeps_left:
            return self._both(plan, left, right, _Where.PARTITIONS, left.clusterings)
        if places == (_Where.ANYWHERE, _Where.PARTITIONS) and keeps_right:
            return self._both(plan, left, right, _Where.PARTITIONS, right.clusterings)
        if _Where.PARTITIONS not in places:
            return self._in_driver(plan)
        sizes = [self._size(left), self._size(right)]
        keys = _equal_keys(plan)
        sendable = [
            side
            for side, can in enumerate((keeps_right, keeps_left))
            if can and (left, right)[1 - side].where is _Where.PARTITIONS
        ]
        hints = hint_of(plan.left), hint_of(plan.right)
        asked = [side for side in sendable if hints[side] == "broadcast"]
        small = min(asked or sendable, key=lambda side: sizes[side], default=None)
        if small is not None and (
            not keys
            or asked
            or (
                _SHUFFLE_HINTS.isdisjoint(hints)
                and self._is_sent((left, right)[small], sizes[small], sizes[1 - small])
            )
        ):
            return self._with_sent(plan, left, right, small)
        if not keys or _Where.DRIVER in places:
            return self._in_driver(plan)
        return self._shuffled(plan, left, right, keys)

    def _is_sent(self, placed: _Placed, size: int, other: int) -> bool:
        """Whether one side of a join is sent to all tasks of the other side.

        A side whose size has been measured is sent, too, if that is much less than the other
        side, all of which would have to move.
        """
        is_stage = isinstance(placed.plan, QueryStage)
        threshold = self._facts.broadcast_stage if is_stage else self._facts.broadcast
        if size <= threshold:
            return True
        is_measured = is_stage and threshold > 0
        most = min(other // (_SENT_SHARE * self._facts.tasks), _MOST_SENT)
        return is_measured and size <= most

    def _size(self, placed: _Placed) -> int:
        return self._facts.bytes_of(placed.plan)

    def _with_sent(self, plan: plans.Join, left: _Placed, right: _Placed, side: int) -> _Placed:
        """Place a join one side of which is sent to all tasks of the other."""
        sides = [left, right]
        other = sides[1 - side]
        sides[side] = _sent(sides[side])
        return self._both(plan, sides[0], sides[1], _Where.PARTITIONS, other.clusterings)

    def _shuffled(
        self, plan: plans.Join, left: _Placed, right: _Placed, keys: tuple[Keys, Keys]
    ) -> _Placed:
        """Place a join whose rows meet by their keys."""
        sides = (left, right)
        # One side may lie as is wanted already: by some of the keys, which are then enough.
        for side, placed in enumerate(sides):
            for known in placed.clusterings:
                places = [keys[side].index(key) for key in known if key in keys[side]]
                if places and len(places) == len(known):
                    other = tuple(keys[1 - side][place] for place in places)
                    if other in sides[1 - side].clusterings:
                        return self._joined(plan, left, right)
        hashed = []
        for side, placed in enumerate(sides):
            lying = _by_keys(placed, keys[side])
            if lying is None:
                rows = self._filtered(plan, side, placed.plan, sides[1 - side].plan, keys[1 - side])
                lying = self._hashed(rows, keys[side])
            hashed.append(lying)
        return self._joined(plan, *hashed)

    def _filtered(
        self, plan: plans.Join, side: int, rows: LogicalPlan, other: LogicalPlan, keys: Keys
    ) -> LogicalPlan:
        """Return one side of a join without rows that are known to find no partner.

        Where a relation that has all keys of the other side has been computed, and is not large,
        it filters this side before that is sent: a runtime filter.
        """
        stages = [
            node
            for node in other.walk()
            if isinstance(node, QueryStage)
            and node.bytes <= self._facts.filter
            and set(keys) <= set(node.output)
        ]
        can_drop = plan.join_type in (_DROPS_LEFT if side == 0 else _DROPS_RIGHT)
        if not stages or not can_drop or isinstance(rows, QueryStage):
            return rows
        stage = replace(min(stages, key=lambda node: node.bytes), whole=True)
        condition = all_of(_equalities(plan))
        return rows if condition is None else RuntimeFilter(rows, stage, condition)

    def _joined(self, plan: plans.Join, left: _Placed, right: _Placed) -> _Placed:
        inner = plan.join_type is plans.JoinType.INNER
        kept = left.clusterings if plan.join_type in KEEPS_LEFT else ()
        if plan.join_type in KEEPS_RIGHT:
            kept = (*kept, *right.clusterings) if inner else right.clusterings
        return self._both(plan, left, right, _Where.PARTITIONS, kept)

    def _both(
        self,
        plan: LogicalPlan,
        left: _Placed,
        right: _Placed,
        where: _Where,
        clusterings: tuple[Keys, ...] = (),
    ) -> _Placed:
        return _Placed(_with_children(plan, [left.plan, right.plan]), where, clusterings)


def _with_children(plan: LogicalPlan, children: Sequence[LogicalPlan]) -> LogicalPlan:
    each = iter(children)
    return plan.map_children(lambda _: next(each))


def _sent(placed: _Placed) -> _Placed:
    """Return rows that every task gets all of."""
    plan = placed.plan
    if isinstance(plan, QueryStage):  # it lies on the machines already
        return _Placed(replace(plan, whole=True), _Where.ANYWHERE)
    return _Placed(Exchange(Partitioning.BROADCAST, (), plan), _Where.ANYWHERE)


def _by_keys(placed: _Placed, keys: Keys) -> _Placed | None:
    """Return rows as they lie if keys decide their partition, else None."""
    plan = placed.plan
    if isinstance(plan, QueryStage) and plan.partitioning is Partitioning.HASH:
        if plan.keys == keys:
            return _Placed(replace(plan, whole=False), _Where.PARTITIONS, (keys,))
    elif keys in placed.clusterings:
        return placed
    return None


def _is_ranged(plan: LogicalPlan, order: tuple[SortOrder, ...]) -> bool:
    """Whether rows lie in partitions one after the other in an order."""
    return (
        isinstance(plan, QueryStage)
        and plan.partitioning is Partitioning.RANGE
        and plan.keys == order
    )


def _needs_tasks(placed: _Placed) -> bool:
    """Whether some rows can only be read in tasks."""
    return placed.where is _Where.PARTITIONS or any(
        isinstance(node, (Exchange, QueryStage)) for node in placed.plan.walk()
    )


def _is_deterministic(plan: LogicalPlan) -> bool:
    return all(e.deterministic for e in plan.expressions)


def _is_plain(plan: LogicalPlan) -> bool:
    """Whether an operator looks at each row by itself and gives one for it."""
    return _is_deterministic(plan) and not any(
        e.find(WindowExpression) or e.find(SubqueryExpression) for e in plan.expressions
    )


def _together(placed: _Placed, keys: Sequence[Expression]) -> bool:
    """Whether rows with equal keys lie in the same partition."""
    return any(set(known) <= set(keys) for known in placed.clusterings)


def _equalities(plan: plans.Join) -> list[Expression]:
    """Return the parts of a join's condition that say what must be equal on both sides."""
    left = {a.expression_id for a in plan.left.output}
    right = {a.expression_id for a in plan.right.output}
    return [part for part in conjuncts(plan.condition) if equal_sides(part, left, right)]


def _equal_keys(plan: plans.Join) -> tuple[Keys, Keys] | None:
    """Return what must be equal on both sides of a join, None if nothing must."""
    left = {a.expression_id for a in plan.left.output}
    right = {a.expression_id for a in plan.right.output}
    pairs = [pair for part in _equalities(plan) if (pair := equal_sides(part, left, right))]
    if not pairs:
        return None
    return tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)


def _surviving(clusterings: tuple[Keys, ...], plan: LogicalPlan) -> tuple[Keys, ...]:
    """Return the clusterings that can be told by an operator's output."""
    output = set(plan.output)
    return tuple(
        keys
        for keys in clusterings
        if all(isinstance(key, Attribute) and key in output for key in keys)
    )


#: How operators are placed; what is not here runs in the driver, over gathered rows.
_PLACES: dict[type[LogicalPlan], Callable[[_Planner, Any], _Placed]] = {
    plans.OneRowRelation: _Planner._leaf,
    plans.LocalRelation: _Planner._leaf,
    plans.Range: _Planner._leaf,
    plans.SourceRelation: _Planner._leaf,
    QueryStage: _Planner._stage,
    plans.Project: _Planner._project,
    plans.Filter: _Planner._row_by_row,
    plans.SubqueryAlias: _Planner._row_by_row,
    plans.Repartition: _Planner._row_by_row,
    plans.Generate: _Planner._row_by_row,
    plans.Unpivot: _Planner._row_by_row,
    LocalWindow: _Planner._row_by_row,
    PartialAggregate: _Planner._row_by_row,
    plans.Aggregate: _Planner._aggregate,
    plans.Distinct: _Planner._distinct,
    plans.Sort: _Planner._sort,
    plans.Limit: _Planner._limit,
    plans.Offset: _Planner._limit,
    plans.Join: _Planner._join,
    plans.LateralJoin: _Planner._lateral,
    plans.Union: _Planner._union,
    plans.SetOperation: _Planner._set_operation,
    **dict.fromkeys(RUN_BELOW, _Planner._alone),
}
