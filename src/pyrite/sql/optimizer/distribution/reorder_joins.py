"""ReorderJoin: inner joins are done in the order in which the least rows come out of them.

``JoinOrder`` finds the order. Semi joins, anti joins and left outer joins go along: each is done
when it makes least rows. In inner joins the larger side is left, whose rows stream past the
smaller one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pyrite.sql.expressions.expression import Attribute, Expression
from pyrite.sql.optimizer.conditions import (
    columns_read,
    conjuncts,
    has_subquery,
    ids_of,
)
from pyrite.sql.optimizer.distribution.cardinality import Cardinality
from pyrite.sql.optimizer.distribution.join_order import JoinOrder
from pyrite.sql.optimizer.join_strategy import BROADCAST_THRESHOLD
from pyrite.sql.plans.plan import Join, JoinType, LogicalPlan, Project, SubqueryAlias

__all__ = ["reorder_joins"]

_INNER = (JoinType.INNER, JoinType.CROSS)
#: Joins that can be done early or late: they only read the left side's rows, each by itself.
_DEPENDENT = (JoinType.LEFT_SEMI, JoinType.LEFT_ANTI, JoinType.LEFT_OUTER)


def reorder_joins(
    plan: LogicalPlan,
    cardinality: Cardinality | None = None,
    broadcast: int = BROADCAST_THRESHOLD.read({}),
) -> LogicalPlan:
    """Do joins in the order in which they are thought to cost least; the rows stay the same.

    Args:
        plan: A plan whose conditions have been pushed down.
        cardinality: What is thought, or known, of sizes.
        broadcast: Up to so many bytes, one side of a join is sent to where the other is.
    """
    return _reordered(plan, cardinality or Cardinality(), broadcast)


def _reordered(plan: LogicalPlan, cardinality: Cardinality, broadcast: int) -> LogicalPlan:
    def reordered(part: LogicalPlan) -> LogicalPlan:
        return _reordered(part, cardinality, broadcast)

    root = _join_below(plan)
    group = _Group()
    if root is None or not group.take(root):
        return plan.map_children(reordered)
    relations = [reordered(relation) for relation in group.relations]
    dependents = [
        Join(join.left, reordered(join.right), join.join_type, join.condition)
        for join in group.dependents
    ]
    joined = JoinOrder(relations, dependents, group.conditions, cardinality, broadcast).joined()
    wanted = [a.expression_id for a in plan.output]
    if [a.expression_id for a in joined.output] == wanted:
        return joined
    return Project(plan.output, joined)


def _join_below(plan: LogicalPlan) -> Join | None:
    """Return the join that a plan is, below what only picks columns or names them."""
    while True:
        match plan:
            case Project() if all(isinstance(item, Attribute) for item in plan.project_list):
                plan = plan.child
            case SubqueryAlias(hint=None):
                plan = plan.child
            case Join() if all(map(_can_move, conjuncts(plan.condition))):
                return plan
            case _:
                return None


def _can_move(condition: Expression) -> bool:
    return condition.deterministic and not has_subquery(condition)


@dataclass
class _Group:
    """Joins that may be done in any order.

    Attributes:
        relations: What is joined.
        conditions: What must hold for the result.
        dependents: The joins with a right side that only belongs to them, and need what they
            read of the other relations.
    """

    relations: list[LogicalPlan] = field(default_factory=list)
    conditions: list[Expression] = field(default_factory=list)
    dependents: list[Join] = field(default_factory=list)

    def take(self, root: Join) -> bool:
        """Take in the joins below one; False if there is nothing to choose."""
        if root.join_type not in (*_INNER, *_DEPENDENT):
            return False
        self._take(root)
        ids = [a.expression_id for plan in self._inputs() for a in plan.output]
        return len(self.relations) > 1 and len(ids) == len(set(ids))

    def _inputs(self) -> Iterator[LogicalPlan]:
        yield from self.relations
        yield from (join.right for join in self.dependents)

    def _take(self, plan: LogicalPlan) -> None:
        join = _join_below(plan)
        if join is not None and join.join_type in _INNER:
            self.conditions += conjuncts(join.condition)
            self._take(join.left)
            self._take(join.right)
        elif join is not None and join.join_type in _DEPENDENT and not self._reads(join):
            self.dependents.append(join)
            self._take(join.left)
        else:
            self.relations.append(plan)

    def _reads(self, join: Join) -> bool:
        """Whether a join above reads what the right side of one gives."""
        if join.join_type is not JoinType.LEFT_OUTER:
            return False
        above = [other.condition for other in self.dependents if other.condition is not None]
        read = columns_read([*self.conditions, *above])
        return not read.isdisjoint(ids_of(join.right.output))
