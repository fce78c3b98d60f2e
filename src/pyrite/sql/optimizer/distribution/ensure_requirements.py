"""EnsureRequirements: exchanges where an operator needs rows together that lie apart.

Every operator is placed, from the leaves up: its rows are in the driver; or any task could
compute all of them; or they lie in the partitions of several tasks. What nobody knows how to do
in partitions gathers its rows into the driver: always right, if not fast.

The plan may be one of which some exchanges have run already (``QueryStage``). The others are
chosen anew then, for more is known of sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from pyrite.sql.expressions.expression import (
    Attribute,
    Expression,
    Literal,
    SortOrder,
    SubqueryExpression,
    WindowExpression,
)
from pyrite.sql.optimizer.distribution.clustering import (
    Keys,
    required_clustering,
    separate_windows,
    windows_of,
)
from pyrite.sql.optimizer.distribution.partial_aggregates import split_aggregate, windows_above
from pyrite.sql.optimizer.distribution.place_join import place_join
from pyrite.sql.optimizer.distribution.placement import (
    ClusterFacts,
    Placed,
    Where,
    hashed,
    with_children,
)
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
    SplitScan,
)
from pyrite.sql.plans.plan import LogicalPlan, subplans

__all__ = ["RUN_BELOW", "ensure_requirements", "without_exchanges"]

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
        self._known: dict[int, tuple[LogicalPlan, Placed]] = {}

    def place(self, plan: LogicalPlan) -> Placed:
        """Place an operator and all below it."""
        if id(plan) not in self._known:
            place = _PLACES.get(type(plan), _Planner._in_driver)
            if not all(map(self._anywhere, subplans(plan))):
                place = _Planner._in_driver
            self._known[id(plan)] = plan, place(self, plan)
        return self._known[id(plan)][1]

    def gathered(self, placed: Placed) -> LogicalPlan:
        """Return a plan whose rows are in the driver."""
        if placed.where is Where.DRIVER or not _needs_tasks(placed):
            return placed.plan
        return Exchange(Partitioning.SINGLE, (), placed.plan)

    def _anywhere(self, plan: LogicalPlan) -> bool:
        return self.place(plan).where is Where.ANYWHERE

    # What runs in the driver

    def _in_driver(self, plan: LogicalPlan) -> Placed:
        return Placed(with_children(plan, list(map(self._brought, plan.children))), Where.DRIVER)

    def _brought(self, child: LogicalPlan) -> LogicalPlan:
        """Return an input of an operator of the driver."""
        placed = self.place(child)
        if isinstance(placed.plan, SplitScan):
            return child  # to read it here is not slower than to have it read and sent
        return self.gathered(placed)

    def _alone(self, plan: LogicalPlan) -> Placed:
        """Place an operator that runs the plan below by itself."""
        return Placed(plan, Where.DRIVER)

    # Leaves

    def _leaf(self, plan: LogicalPlan) -> Placed:
        if not self._facts.can_read(plan):
            return Placed(plan, Where.DRIVER)
        if self._facts.bytes_of(plan) <= self._facts.small:
            return Placed(plan, Where.ANYWHERE)
        if self._facts.can_split(plan):
            return Placed(SplitScan(plan), Where.PARTITIONS)
        return Placed(plan, Where.DRIVER)

    def _stage(self, plan: QueryStage) -> Placed:
        if plan.partitioning is Partitioning.SINGLE:
            return Placed(plan, Where.DRIVER)
        if plan.partitioning is Partitioning.BROADCAST or plan.bytes <= self._facts.small:
            return Placed(replace(plan, whole=True), Where.ANYWHERE)
        keys = (plan.keys,) if plan.partitioning is Partitioning.HASH else ()
        return Placed(replace(plan, whole=False), Where.PARTITIONS, keys)

    # Operators that look at one row at a time

    def _row_by_row(self, plan: LogicalPlan) -> Placed:
        (child,) = plan.children
        below = self.place(child)
        if not all(e.deterministic for e in plan.expressions):
            return self._in_driver(plan)
        return self._above(plan, below)

    def _above(self, plan: LogicalPlan, below: Placed) -> Placed:
        """Place an operator where its input is."""
        kept = _surviving(below.clusterings, plan)
        return Placed(with_children(plan, [below.plan]), below.where, kept)

    def _project(self, plan: plans.Project) -> Placed:
        separate = separate_windows(plan)
        if separate is not plan:
            return self.place(separate)
        keys = required_clustering(plan)
        return self._row_by_row(plan) if keys == () else self._clustered(plan, keys or ())

    def _clustered(self, plan: LogicalPlan, keys: Keys) -> Placed:
        """Place an operator that needs rows with equal keys together; without keys, all rows."""
        (child,) = plan.children
        below = self.place(child)
        if below.where is not Where.PARTITIONS:
            return self._row_by_row(plan)
        if not keys:
            return self._in_driver(plan)
        if not any(set(known) <= set(keys) for known in below.clusterings):
            below = hashed(below.plan, keys)
        if not all(e.deterministic for e in plan.expressions):
            return self._in_driver(plan)
        return self._above(plan, below)

    # Aggregates

    def _aggregate(self, plan: plans.Aggregate) -> Placed:
        if not _is_deterministic(plan):
            return self._in_driver(plan)
        if any(windows_of(plan)):
            return self.place(windows_above(plan))
        below = self.place(plan.child)
        if below.where is not Where.PARTITIONS:
            return self._above(plan, below)
        keys = required_clustering(plan) or ()
        if isinstance(plan.child, PartialAggregate) or _together(below, keys):
            return self._clustered(plan, keys)
        split = split_aggregate(plan)
        return self._clustered(plan, keys) if split is None else self.place(split[1])

    def _distinct(self, plan: plans.Distinct) -> Placed:
        child = plan.child
        if isinstance(child, plans.Distinct) and child.keys == plan.keys:  # by an earlier call
            return self.place(child)
        below = self.place(child)
        keys = required_clustering(plan) or ()
        if below.where is not Where.PARTITIONS or _together(below, keys):
            return self._above(plan, below)
        once = self._above(plan, below)  # what is left of each partition
        return self._above(plan, hashed(once.plan, keys))

    # First rows

    def _limit(self, plan: plans.Limit | plans.Offset) -> Placed:
        bounded = self._bounded(plan, None)
        if bounded is None:
            return self._in_driver(plan)
        if bounded.where is Where.ANYWHERE:  # tasks would not all choose the same rows
            return Placed(self.gathered(bounded), Where.DRIVER)
        return bounded

    def _bounded(self, plan: LogicalPlan, bound: int | None) -> Placed | None:
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
        if below.where is Where.PARTITIONS:
            limited = LocalLimit(bound, (), below.plan)
            return Placed(Exchange(Partitioning.SINGLE, (), limited), Where.DRIVER)
        return below

    def _above_bounded(self, plan: LogicalPlan, bound: int | None) -> Placed | None:
        (child,) = plan.children
        below = self._bounded(child, bound)
        return None if below is None else self._above(plan, below)

    def _first(
        self, plan: LogicalPlan, below: Placed, bound: int, order: tuple[SortOrder, ...]
    ) -> Placed:
        if below.where is not Where.PARTITIONS:
            return self._above(plan, below)
        limited = LocalLimit(bound, order, below.plan)
        gathered = Exchange(Partitioning.SINGLE, (), limited)
        return self._above(plan, Placed(gathered, Where.DRIVER))

    def _sort(self, plan: plans.Sort) -> Placed:
        below = self.place(plan.child)
        if below.where is not Where.PARTITIONS or not plan.is_global:
            return self._above(plan, below)
        if _is_ranged(below.plan, plan.order):
            return self._above(plan, below)
        if self._facts.bytes_of(below.plan) <= self._facts.small:
            return self._in_driver(plan)
        rows = below.plan  # they are looked at twice: where the ranges are, and to be sent
        if not all(isinstance(node, _CHEAP) for node in rows.walk()):
            rows = Exchange(Partitioning.UNKNOWN, (), rows)
        ranged = Exchange(Partitioning.RANGE, plan.order, rows)
        return self._above(plan, Placed(ranged, Where.PARTITIONS))

    # Several inputs

    def _union(self, plan: plans.Union) -> Placed:
        inputs = [self.place(child) for child in plan.inputs]
        if all(placed.where is Where.ANYWHERE for placed in inputs):
            return Placed(with_children(plan, [p.plan for p in inputs]), Where.ANYWHERE)
        if any(placed.where is Where.DRIVER for placed in inputs):
            return self._in_driver(plan)
        parts = [
            placed.plan if placed.where is Where.PARTITIONS else FirstPartition(placed.plan)
            for placed in inputs
        ]
        return Placed(with_children(plan, parts), Where.PARTITIONS)

    def _set_operation(self, plan: plans.SetOperation) -> Placed:
        left, right = self.place(plan.left), self.place(plan.right)
        if left.where is right.where is Where.ANYWHERE:
            return Placed(with_children(plan, [left.plan, right.plan]), Where.ANYWHERE)
        if left.where is not Where.PARTITIONS or right.where is Where.DRIVER:
            return self._in_driver(plan)
        # Equal rows of one side lie together, and where those of the other are.
        left = self._by_all_columns(plan.left, left)
        if right.where is Where.PARTITIONS:
            right = self._by_all_columns(plan.right, right)
        return Placed(with_children(plan, [left.plan, right.plan]), Where.PARTITIONS)

    def _by_all_columns(self, plan: LogicalPlan, placed: Placed) -> Placed:
        keys = plan.output
        return placed if keys in placed.clusterings else hashed(placed.plan, keys)

    def _lateral(self, plan: plans.LateralJoin) -> Placed:
        left = self.place(plan.left)
        if self._anywhere(plan.right) and left.where is not Where.DRIVER:
            right = Placed(plan.right, Where.ANYWHERE)
            return Placed(
                with_children(plan, [left.plan, right.plan]), left.where, left.clusterings
            )
        return Placed(replace(plan, left=self._brought(plan.left)), Where.DRIVER)

    def _join(self, plan: plans.Join) -> Placed:
        placed = None
        if _is_deterministic(plan):
            placed = place_join(plan, self.place(plan.left), self.place(plan.right), self._facts)
        return self._in_driver(plan) if placed is None else placed


def _is_ranged(plan: LogicalPlan, order: tuple[SortOrder, ...]) -> bool:
    """Whether rows lie in partitions one after the other in an order."""
    return (
        isinstance(plan, QueryStage)
        and plan.partitioning is Partitioning.RANGE
        and plan.keys == order
    )


def _needs_tasks(placed: Placed) -> bool:
    """Whether some rows can only be read in tasks."""
    return placed.where is Where.PARTITIONS or any(
        isinstance(node, (Exchange, QueryStage)) for node in placed.plan.walk()
    )


def _is_deterministic(plan: LogicalPlan) -> bool:
    return all(e.deterministic for e in plan.expressions)


def _is_plain(plan: LogicalPlan) -> bool:
    """Whether an operator looks at each row by itself and gives one for it."""
    return _is_deterministic(plan) and not any(
        e.find(WindowExpression) or e.find(SubqueryExpression) for e in plan.expressions
    )


def _together(placed: Placed, keys: Sequence[Expression]) -> bool:
    """Whether rows with equal keys lie in the same partition."""
    return any(set(known) <= set(keys) for known in placed.clusterings)


def _surviving(clusterings: tuple[Keys, ...], plan: LogicalPlan) -> tuple[Keys, ...]:
    """Return the clusterings that can be told by an operator's output."""
    output = set(plan.output)
    return tuple(
        keys
        for keys in clusterings
        if all(isinstance(key, Attribute) and key in output for key in keys)
    )


#: How operators are placed; what is not here runs in the driver, over gathered rows.
_PLACES: dict[type[LogicalPlan], Callable[[_Planner, Any], Placed]] = {
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
