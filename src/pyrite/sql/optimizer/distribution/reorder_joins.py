"""ReorderJoin: inner joins are done in the order in which the least rows come out of each.

The joins of a group are put together again greedily: of all pairs of relations that something
connects, the one is joined first whose result is thought to be smallest, and so on with what
that gives (Greedy Operator Ordering: Fegaras, A New Heuristic for Optimizing Large Queries,
1998). In each join the larger side is left, whose rows stream past the smaller one.

Semi joins, anti joins and left outer joins go along: each is done when it makes least rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from pyrite.sql.expressions.expression import Attribute, Expression
from pyrite.sql.optimizer.conditions import (
    all_of,
    columns_read,
    conjuncts,
    equal_sides,
    has_subquery,
    ids_of,
)
from pyrite.sql.optimizer.distribution.cardinality import Cardinality
from pyrite.sql.optimizer.distribution.equivalences import Equivalences, equality
from pyrite.sql.optimizer.distribution.estimates import Estimate
from pyrite.sql.plans.plan import Filter, Join, JoinType, LogicalPlan, Project, SubqueryAlias

__all__ = ["reorder_joins"]

_INNER = (JoinType.INNER, JoinType.CROSS)
#: Joins that can be done early or late: they only read the left side's rows, each by itself.
_DEPENDENT = (JoinType.LEFT_SEMI, JoinType.LEFT_ANTI, JoinType.LEFT_OUTER)


def reorder_joins(plan: LogicalPlan, cardinality: Cardinality | None = None) -> LogicalPlan:
    """Do joins in the order in which they are thought to cost least; the rows stay the same.

    Args:
        plan: A plan whose conditions have been pushed down.
        cardinality: What is thought, or known, of sizes.
    """
    return _reordered(plan, cardinality or Cardinality())


def _reordered(plan: LogicalPlan, cardinality: Cardinality) -> LogicalPlan:
    root = _join_below(plan)
    group = _Group()
    if root is None or not group.take(root):
        return plan.map_children(lambda child: _reordered(child, cardinality))
    relations = [_reordered(relation, cardinality) for relation in group.relations]
    dependents = [
        Join(join.left, _reordered(join.right, cardinality), join.join_type, join.condition)
        for join in group.dependents
    ]
    joined = _Ordering(relations, dependents, group.conditions, cardinality).joined()
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


@dataclass(frozen=True, eq=False)
class _Tree:
    """Relations that have been joined.

    Attributes:
        plan: The joins.
        members: The relations, by number.
        columns: The ids of their columns.
        estimate: What is thought of the rows.
    """

    plan: LogicalPlan
    members: frozenset[int]
    columns: frozenset[int]
    estimate: Estimate


@dataclass(frozen=True, eq=False)
class _Step:
    """What could be done next.

    Attributes:
        inputs: The trees that it takes.
        result: What it makes of them.
        conditions: Those of the group's that it tests.
        is_connected: Whether something must be equal on both sides.
        dependent: The join that it does; None for one of two trees.
    """

    inputs: tuple[_Tree, ...]
    result: _Tree
    conditions: tuple[Expression, ...] = ()
    is_connected: bool = True
    dependent: Join | None = None

    @property
    def cost(self) -> tuple[bool, float]:
        """The cheapest step is done next; products of unrelated rows come last."""
        return not self.is_connected, self.result.estimate.rows


class _Ordering:
    """The search for an order.

    Args:
        relations: What is joined.
        dependents: The joins with a right side of their own.
        conditions: What must hold for the result.
        cardinality: What is thought of sizes.
    """

    def __init__(
        self,
        relations: Sequence[LogicalPlan],
        dependents: Sequence[Join],
        conditions: Sequence[Expression],
        cardinality: Cardinality,
    ) -> None:
        self._cardinality = cardinality
        self._dependents = [*dependents]
        self._columns = frozenset().union(*(ids_of(plan.output) for plan in relations))
        self._equal = Equivalences(conditions, [ids_of(plan.output) for plan in relations])
        self._others = self._equal.others
        self._trees = [self._leaf(i, plan) for i, plan in enumerate(relations)]
        #: Steps by the identity of their inputs and of the dependent join.
        self._steps: dict[tuple[int, ...], _Step] = {}

    def _leaf(self, number: int, plan: LogicalPlan) -> _Tree:
        columns = ids_of(plan.output)
        own = [part for part in self._others if columns_read([part]) & self._columns <= columns]
        self._others = [part for part in self._others if part not in own]
        condition = all_of([*self._equal.within(number), *own])
        plan = plan if condition is None else Filter(condition, plan)
        return _Tree(plan, frozenset([number]), columns, self._cardinality.of(plan))

    def joined(self) -> LogicalPlan:
        """Return the joins in the order found."""
        while len(self._trees) > 1 or self._dependents:
            step = min(self._possible(), key=lambda step: step.cost)
            self._trees = [tree for tree in self._trees if tree not in step.inputs]
            self._trees.append(step.result)
            self._others = [part for part in self._others if part not in step.conditions]
            self._dependents = [join for join in self._dependents if join is not step.dependent]
        return self._trees[0].plan

    def _possible(self) -> Iterator[_Step]:
        for pair in combinations(self._trees, 2):
            yield self._remembered(pair)
        for join in self._dependents:
            read = columns_read(conjuncts(join.condition)) & self._columns
            for tree in self._trees:
                if read <= tree.columns and (read or len(self._trees) == 1):
                    yield self._remembered((tree,), join)

    def _remembered(self, inputs: tuple[_Tree, ...], dependent: Join | None = None) -> _Step:
        key = (*map(id, inputs), id(dependent))
        if key not in self._steps:
            self._steps[key] = (
                self._pair(*inputs) if dependent is None else self._depend(inputs[0], dependent)
            )
        return self._steps[key]

    def _pair(self, left: _Tree, right: _Tree) -> _Step:
        """Join two trees."""
        if left.estimate.bytes < right.estimate.bytes:
            left, right = right, left
        columns = left.columns | right.columns
        tested = [p for p in self._others if columns_read([p]) & self._columns <= columns]
        equal = [equality(*pair) for pair in self._equal.between(left.members, right.members)]
        condition = all_of([*equal, *tested])
        kind = JoinType.CROSS if condition is None else JoinType.INNER
        made = Join(left.plan, right.plan, kind, condition)
        estimate = self._cardinality.of_join(made, left.estimate, right.estimate)
        result = _Tree(made, left.members | right.members, columns, estimate)
        sides = set(left.columns), set(right.columns)
        is_connected = bool(equal) or any(equal_sides(part, *sides) for part in tested)
        return _Step((left, right), result, tuple(tested), is_connected)

    def _depend(self, tree: _Tree, join: Join) -> _Step:
        """Do a join with a right side of its own."""
        made = Join(tree.plan, join.right, join.join_type, join.condition)
        right = self._cardinality.of(join.right)
        estimate = self._cardinality.of_join(made, tree.estimate, right)
        result = _Tree(made, tree.members, tree.columns, estimate)
        return _Step((tree,), result, dependent=join)
