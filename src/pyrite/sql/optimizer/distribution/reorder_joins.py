"""ReorderJoin: inner joins are done in the order in which the least rows come out of them.

The joins of a group are put together again greedily: of all pairs of relations that something
connects, the one is joined first whose result is thought to be smallest, and so on with what
that gives (Greedy Operator Ordering: Fegaras, A New Heuristic for Optimizing Large Queries,
1998). Since the best first step need not begin the best order, a few orders are followed at a
time. In each join the larger side is left, whose rows stream past the smaller one.

Semi joins, anti joins and left outer joins go along: each is done when it makes least rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

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
from pyrite.sql.optimizer.distribution.equivalences import Equivalences
from pyrite.sql.optimizer.distribution.estimates import Estimate
from pyrite.sql.plans.plan import Filter, Join, JoinType, LogicalPlan, Project, SubqueryAlias

__all__ = ["reorder_joins"]

_INNER = (JoinType.INNER, JoinType.CROSS)
#: Joins that can be done early or late: they only read the left side's rows, each by itself.
_DEPENDENT = (JoinType.LEFT_SEMI, JoinType.LEFT_ANTI, JoinType.LEFT_OUTER)
#: How many orders are followed at a time; one is Fegaras' way.
_WIDTH = 6


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
        done: The dependent joins that have been done, by number.
        columns: The ids of the relations' columns.
        estimate: What is thought of the rows.
        is_product: Whether the last step was a product of unrelated rows.
    """

    plan: LogicalPlan
    members: frozenset[int]
    done: frozenset[int]
    columns: frozenset[int]
    estimate: Estimate
    is_product: bool = False


@dataclass(frozen=True)
class _State:
    """How far one order has come.

    Attributes:
        trees: What is still to be joined.
        products: How many products of unrelated rows there were: none if it can be.
        rows: How many rows came out of all steps.
    """

    trees: tuple[_Tree, ...]
    products: int = 0
    rows: float = 0.0

    def after(self, inputs: tuple[_Tree, ...], result: _Tree) -> _State:
        """Return the state after one more step."""
        rest = tuple(tree for tree in self.trees if tree not in inputs)
        rows = self.rows + result.estimate.rows
        return _State((*rest, result), self.products + result.is_product, rows)

    @property
    def cost(self) -> tuple[int, float]:
        """What is compared."""
        return self.products, self.rows

    @property
    def key(self) -> frozenset[tuple[frozenset[int], frozenset[int]]]:
        """What has been joined with what, in whatever order."""
        return frozenset([(tree.members, tree.done) for tree in self.trees])


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
        self._relations = relations
        self._columns = frozenset().union(*(ids_of(plan.output) for plan in relations))
        self._dependents = [(join, self._read(*conjuncts(join.condition))) for join in dependents]
        self._equal = Equivalences(conditions, [ids_of(plan.output) for plan in relations])
        self._others = [(part, self._read(part)) for part in self._equal.others]
        #: Results by the identity of the inputs and the number of the dependent join.
        self._results: dict[tuple[int, ...], _Tree] = {}

    def _read(self, *parts: Expression) -> frozenset[int]:
        return columns_read(parts) & self._columns

    def joined(self) -> LogicalPlan:
        """Return the joins in the best order found."""
        leaves = tuple(self._leaf(number) for number in range(len(self._relations)))
        states = [_State(leaves)]
        for _ in range(len(leaves) - 1 + len(self._dependents)):
            best: dict[Any, _State] = {}
            for state in states:
                for following in self._following(state):
                    known = best.get(following.key)
                    if known is None or following.cost < known.cost:
                        best[following.key] = following
            states = sorted(best.values(), key=lambda state: state.cost)[:_WIDTH]
        return states[0].trees[0].plan

    def _leaf(self, number: int) -> _Tree:
        plan = self._relations[number]
        columns = ids_of(plan.output)
        own = [part for part, read in self._others if read <= columns and (read or not number)]
        condition = all_of([*self._equal.within(number), *own])
        plan = plan if condition is None else Filter(condition, plan)
        members = frozenset([number])
        return _Tree(plan, members, frozenset(), columns, self._cardinality.of(plan))

    def _following(self, state: _State) -> list[_State]:
        """Return the states after each step that can be done in one."""
        found = []
        for pair in combinations(state.trees, 2):
            found.append(state.after(pair, self._pair(*pair)))
        done = frozenset().union(*(tree.done for tree in state.trees))
        for number, (_, read) in enumerate(self._dependents):
            for tree in state.trees if number not in done else ():
                if read <= tree.columns and (read or len(state.trees) == 1):
                    found.append(state.after((tree,), self._depend(tree, number)))
        return found

    def _pair(self, left: _Tree, right: _Tree) -> _Tree:
        """Join two trees."""
        if left.estimate.bytes < right.estimate.bytes:
            left, right = right, left
        known = self._results.get((id(left), id(right)))
        if known is not None:
            return known
        columns = left.columns | right.columns
        tested = [
            part
            for part, read in self._others
            if read <= columns and not read <= left.columns and not read <= right.columns
        ]
        equal = [*self._equal.between(left.members, right.members)]
        condition = all_of([*equal, *tested])
        kind = JoinType.CROSS if condition is None else JoinType.INNER
        made = Join(left.plan, right.plan, kind, condition)
        sides = set(left.columns), set(right.columns)
        result = self._results[id(left), id(right)] = _Tree(
            made,
            left.members | right.members,
            left.done | right.done,
            columns,
            self._cardinality.of_join(made, left.estimate, right.estimate),
            not equal and not any(equal_sides(part, *sides) for part in tested),
        )
        return result

    def _depend(self, tree: _Tree, number: int) -> _Tree:
        """Do a join with a right side of its own."""
        known = self._results.get((id(tree), -1, number))
        if known is not None:
            return known
        join, _ = self._dependents[number]
        made = Join(tree.plan, join.right, join.join_type, join.condition)
        right = self._cardinality.of(join.right)
        estimate = self._cardinality.of_join(made, tree.estimate, right)
        done = tree.done | {number}
        result = _Tree(made, tree.members, done, tree.columns, estimate)
        self._results[id(tree), -1, number] = result
        return result
