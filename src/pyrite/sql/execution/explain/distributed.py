"""Physical plans of queries that run in tasks: the exchanges that are planned, and no others.

Where a local query's picture tells what a cluster would do, this one tells what is planned to be
done. ``[plan_id=n]`` is the number of the fragment whose rows an exchange takes; "codegen" shows
each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from pyrite.sql.execution.cluster.cluster_plan import ClusterPlan
from pyrite.sql.execution.explain.expression_text import expression_text, list_text
from pyrite.sql.execution.explain.joins import JoinParts
from pyrite.sql.execution.explain.physical import Made, PhysicalPicture, details_of
from pyrite.sql.execution.explain.plan_node import PlanNode
from pyrite.sql.execution.explain.predicates import nodes_of
from pyrite.sql.expressions.expression import AggregateExpression, Alias, Call, Expression
from pyrite.sql.optimizer.join_strategy import KEEPS_LEFT, KEEPS_RIGHT, JoinStrategy
from pyrite.sql.optimizer.sizes import Cached
from pyrite.sql.plans import plan as plans
from pyrite.sql.plans.exchange import (
    Exchange,
    FirstPartition,
    LocalLimit,
    PartialAggregate,
    Partitioning,
    QueryStage,
    SplitScan,
)
from pyrite.sql.plans.plan import JoinType, LogicalPlan
from pyrite.sql.session_state import SessionState

__all__ = ["DistributedPicture"]


class DistributedPicture(PhysicalPicture):
    """Draws the plan of a query that runs in tasks.

    Args:
        session: For its settings.
        cached: From a relation of cached rows to the picture of them.
        sizes: From a relation of cached rows to their size.
        plan: What is planned.
    """

    def __init__(
        self,
        session: SessionState,
        cached: Callable[[plans.CachedRelation], PlanNode],
        sizes: Cached,
        plan: ClusterPlan,
    ) -> None:
        super().__init__(session, cached, sizes)
        self._plan = plan
        self._drawn: set[int] = set()

    def node(self, plan: LogicalPlan) -> PlanNode:
        """Return the picture of a plan, or of the plan of rows that another one reads."""
        return super().node(self._plan.whole(plan) if isinstance(plan, QueryStage) else plan)

    def _made(self, plan: LogicalPlan, above: list[Expression]) -> Made:
        draw = _DRAWN.get(type(plan))
        if draw is None:
            return super()._made(plan, above)
        made: Made = draw(self, plan, above)
        return made

    def _bytes(self, plan: LogicalPlan) -> int:
        return self._plan.bytes_of(plan)

    # Exchanges

    def _exchanged(self, plan: Exchange, above: list[Expression]) -> Made:
        name, _, how = plan.text(expression_text, self._plan.tasks).partition(" ")
        return self._filtered(self._moved(plan, name, f"{how}, ENSURE_REQUIREMENTS"), above)

    def _moved(self, plan: Exchange, name: str, how: str) -> Made:
        number = self._plan.number(plan)
        text = f"{how}, [plan_id={number}]"
        if number in self._drawn:
            again = f"{list_text(plan.output)}, {name} {text}"
            return Made(PlanNode("ReusedExchange", again, (), (("Arguments", again),)), plan.output)
        made = self._made(plan.child, [])
        self._drawn.add(number)
        self._exchanges += 1
        node = PlanNode(name, text, (made.node,), details_of(made, ("Arguments", text)))
        return Made(node, made.output)

    def _spread(self, made: Made, keys: Sequence[Expression]) -> Made:
        return made  # the plan has its exchanges

    def _read(self, plan: QueryStage, above: list[Expression]) -> Made:
        return self._made(self._plan.whole(plan), above)

    def _child(self, plan: Any, above: list[Expression]) -> Made:
        return self._made(plan.child, above)

    def _first_partition(self, plan: FirstPartition, above: list[Expression]) -> Made:
        made = self._made(plan.child, above)
        return replace(made, node=PlanNode("FirstPartition", "", (made.node,), details_of(made)))

    # What is done in steps

    def _sort(self, plan: plans.Sort, above: list[Expression]) -> Made:
        return self._sorted_by(self._made(plan.child, above), plan.order, plan.is_global)

    def _local_limit(self, plan: LocalLimit, above: list[Expression]) -> Made:
        made = self._sorted_by(self._made(plan.child, []), plan.order)
        details = details_of(made, ("Arguments", str(plan.limit)))
        return Made(PlanNode("LocalLimit", str(plan.limit), (made.node,), details), made.output)

    def _partial(self, plan: PartialAggregate, above: list[Expression]) -> Made:
        made = self._expanded(plan, self._made(plan.child, []))
        found = dict.fromkeys(nodes_of(plan.aggregates, AggregateExpression))
        texts = map(expression_text, found)
        functions = [f"partial_{text.removeprefix('partial_')}" for text in texts]
        return self._hash_aggregate(made, plan.grouping, functions, plan.output)

    def _aggregate(self, plan: plans.Aggregate, above: list[Expression]) -> Made:
        return super()._aggregate(_with_whole_functions(plan), above)

    def _grouped(
        self,
        made: Made,
        keys: Sequence[Expression],
        functions: list[str],
        output: Any,
    ) -> Made:
        return self._hash_aggregate(made, keys, functions, output)

    # Joins

    def _strategy(self, plan: plans.Join, has_keys: bool) -> JoinStrategy:
        """Return how the rows of a join meet.

        DuckDB makes a table of the rows of one side; that of the smaller, it is shown here.
        """
        can = plan.join_type in KEEPS_RIGHT, plan.join_type in KEEPS_LEFT
        sides = [side for side in (1, 0) if can[side]] or [1, 0]
        spread = _in_partitions(plan.left), _in_partitions(plan.right)
        if spread[0] != spread[1]:
            sides = [spread.index(False)]
        side = min(sides, key=lambda side: self._bytes((plan.left, plan.right)[side]))
        if not has_keys:
            return JoinStrategy("BroadcastNestedLoopJoin", side)
        name = "ShuffledHashJoin" if spread[0] == spread[1] else "BroadcastHashJoin"
        return JoinStrategy(name, side)

    def _sides(
        self, plan: plans.Join, parts: JoinParts, strategy: JoinStrategy
    ) -> tuple[Made, Made]:
        return (
            self._side(plan.left, parts.left_keys, parts.for_left),
            self._side(plan.right, parts.right_keys, parts.for_right),
        )

    def _side(self, plan: LogicalPlan, keys: list[Expression], tests: list[Expression]) -> Made:
        if not isinstance(plan, Exchange):
            return self._made(plan, tests)
        if plan.partitioning is not Partitioning.BROADCAST:
            return self._made(plan, [])  # what is left to test, the join does
        listed = ", ".join(map(expression_text, keys))
        mode = f"HashedRelationBroadcastMode(List({listed}),false)"
        return self._moved(plan, "BroadcastExchange", mode if keys else "IdentityBroadcastMode")


def _in_partitions(plan: LogicalPlan) -> bool:
    """Whether the rows of a plan lie in the partitions of several tasks."""
    match plan:
        case SplitScan():
            return True
        case Exchange(partitioning=partitioning):
            return partitioning.is_spread
        case plans.Join(join_type=JoinType.LEFT_SEMI | JoinType.LEFT_ANTI, left=left):
            return _in_partitions(left)
    return any(map(_in_partitions, plan.children))


def _with_whole_functions(plan: plans.Aggregate) -> plans.Aggregate:
    """Return an aggregate over a partial one with functions of what that one is computed of."""
    below = plan.child.child if isinstance(plan.child, Exchange) else plan.child
    if not isinstance(below, PartialAggregate):
        return plan
    buffers = {
        item.expression_id: item.child
        for item in below.aggregates
        if isinstance(item, Alias) and isinstance(item.child, AggregateExpression)
    }

    def visit(node: Expression) -> Expression:
        if not isinstance(node, AggregateExpression) or not isinstance(node.call, Call):
            return node.map_children(visit)
        read = [buffers.get(getattr(a, "expression_id", 0)) for a in node.call.arguments]
        parts = [part for part in read if part is not None]
        if not parts or len(parts) < len(read):
            return node
        arguments = dict.fromkeys(a for part in parts for a in part.call.children)
        return replace(
            node, call=replace(node.call, arguments=tuple(arguments)), filter=parts[0].filter
        )

    items: Any = tuple(map(visit, plan.aggregates))
    return replace(plan, aggregates=items)


_DRAWN: dict[type[LogicalPlan], Callable[[DistributedPicture, Any, list[Expression]], Made]] = {
    Exchange: DistributedPicture._exchanged,
    QueryStage: DistributedPicture._read,
    SplitScan: DistributedPicture._child,
    FirstPartition: DistributedPicture._first_partition,
    LocalLimit: DistributedPicture._local_limit,
    PartialAggregate: DistributedPicture._partial,
    plans.Aggregate: DistributedPicture._aggregate,
    plans.Join: DistributedPicture._join,
    plans.Repartition: DistributedPicture._child,
    plans.Sort: DistributedPicture._sort,
}
