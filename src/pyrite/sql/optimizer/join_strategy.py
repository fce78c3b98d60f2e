"""Which kind of join Spark would choose: as hinted, else by the sizes of the inputs.

DuckDB chooses for itself; Spark's choice shows in ``explain`` and in the order of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pyrite.sql.conf_entries import ENTRIES
from pyrite.sql.plans.exchange import QueryStage, RuntimeFilter
from pyrite.sql.plans.plan import Filter, Join, JoinType, LogicalPlan, Project, SubqueryAlias

__all__ = [
    "BROADCAST_THRESHOLD",
    "KEEPS_LEFT",
    "KEEPS_RIGHT",
    "JoinStrategy",
    "hint_of",
    "join_strategy",
]

#: The most bytes that are sent to everyone.
BROADCAST_THRESHOLD = ENTRIES["spark.sql.autoBroadcastJoinThreshold"]

_INNER = {JoinType.INNER, JoinType.CROSS}
#: The join types whose left, or right, rows come out, or do not, each by itself. A condition
#: above the join may be tested on them, and the other side can be the one that is looked into.
KEEPS_LEFT = {*_INNER, JoinType.LEFT_OUTER, JoinType.LEFT_SEMI, JoinType.LEFT_ANTI}
KEEPS_RIGHT = {*_INNER, JoinType.RIGHT_OUTER}


@dataclass(frozen=True)
class JoinStrategy:
    """How a join is done.

    Attributes:
        name: The operator.
        side: The input that is made into a table or sent around: 0 left, 1 right, None neither.
    """

    name: str
    side: int | None = None

    @property
    def build(self) -> str:
        """The side in Spark's words."""
        return "" if self.side is None else ("BuildLeft", "BuildRight")[self.side]


def join_strategy(
    plan: Join, has_keys: bool, threshold: int, size: Callable[[LogicalPlan], int]
) -> JoinStrategy:
    """Return how Spark would do a join: as hinted, else by the sizes of its inputs.

    Args:
        plan: The join.
        has_keys: Whether something must be equal.
        threshold: The most bytes that are sent to everyone.
        size: Returns how many bytes an input is thought to give.
    """
    hints = hint_of(plan.left), hint_of(plan.right)
    can = plan.join_type in KEEPS_RIGHT, plan.join_type in KEEPS_LEFT
    sizes = size(plan.left), size(plan.right)

    def best(sides: Sequence[bool]) -> int | None:
        chosen = [side for side in (1, 0) if sides[side]]
        return min(chosen, key=lambda side: sizes[side], default=None)

    def hinted(name: str) -> int | None:
        return best([can[side] and hints[side] == name for side in (0, 1)])

    small = best([can[side] and sizes[side] <= threshold for side in (0, 1)])
    sent = hinted("broadcast")
    product = plan.join_type in _INNER
    if not has_keys:
        if sent is None and product and ("shuffle_replicate_nl" in hints or small is None):
            return JoinStrategy("CartesianProduct")
        sides = [side for side in (sent, small, best([True, True])) if side is not None]
        return JoinStrategy("BroadcastNestedLoopJoin", sides[0])
    hashed = hinted("shuffle_hash")
    if sent is not None:
        return JoinStrategy("BroadcastHashJoin", sent)
    if "merge" in hints:
        return JoinStrategy("SortMergeJoin")
    if hashed is not None:
        return JoinStrategy("ShuffledHashJoin", hashed)
    if "shuffle_replicate_nl" in hints and product:
        return JoinStrategy("CartesianProduct")
    if small is not None:
        return JoinStrategy("BroadcastHashJoin", small)
    return JoinStrategy("SortMergeJoin")


def hint_of(plan: LogicalPlan) -> str | None:
    """Return what was hinted about the rows of one side of a join."""
    while isinstance(plan, (SubqueryAlias, Project, Filter, RuntimeFilter)):
        if isinstance(plan, SubqueryAlias) and plan.hint is not None:
            return plan.hint
        plan = plan.child
    return plan.hint if isinstance(plan, QueryStage) else None
