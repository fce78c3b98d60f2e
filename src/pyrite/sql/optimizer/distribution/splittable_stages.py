"""Splittable stages: of which inputs of a fragment several tasks may share one partition's rows."""

from __future__ import annotations

from pyrite.sql.expressions.expression import WindowExpression
from pyrite.sql.optimizer.join_strategy import KEEPS_LEFT, KEEPS_RIGHT
from pyrite.sql.plans import plan as plans
from pyrite.sql.plans.exchange import LocalLimit, PartialAggregate, QueryStage, RuntimeFilter
from pyrite.sql.plans.plan import LogicalPlan

__all__ = ["splittable_stages"]

#: The operators that do not need a partition's rows together.
_ROW_BY_ROW = (
    LocalLimit,
    PartialAggregate,
    RuntimeFilter,
    plans.Filter,
    plans.Generate,
    plans.Project,
    plans.Repartition,
    plans.SubqueryAlias,
    plans.Unpivot,
)


def splittable_stages(plan: LogicalPlan) -> frozenset[int]:
    """Return the stages of which tasks may each read some rows of a partition.

    Each of these tasks reads all of that partition of the other stages; the rows that all of the
    tasks give together are those that one task would.

    Args:
        plan: A fragment.

    Returns:
        The stages' ids; rows of one of them may be divided, not of two at a time.
    """
    match plan:
        case QueryStage(stage_id=stage_id, whole=False):
            return frozenset([stage_id])
        case plans.Join(left=left, right=right, join_type=join_type):
            spread = _is_spread(left), _is_spread(right)
            found: frozenset[int] = frozenset()
            if spread[0] and join_type in KEEPS_LEFT:
                found |= splittable_stages(left)
            if spread[1] and join_type in KEEPS_RIGHT:
                found |= splittable_stages(right)
            return found
        case _ if isinstance(plan, _ROW_BY_ROW):
            if any(e.find(WindowExpression) for e in plan.expressions):
                return frozenset()
            return splittable_stages(plan.children[0])
    return frozenset()


def _is_spread(plan: LogicalPlan) -> bool:
    return any(isinstance(node, QueryStage) and not node.whole for node in plan.walk())
