"""JoinOrder: in which order relations are joined, by the rows that come out of each join.

The rows that have to be sent to other tasks for a join count as much as those that come out: of
a small side, that side's; else those of both sides.

Of all pairs of relations that something connects, the one is joined first whose result is
thought to cost least, and so on with what that gives (Greedy Operator Ordering: Fegaras, A New
Heuristic for Optimizing Large Queries, 1998). Since the best first step need not begin the best
order, a few orders are followed at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from pyrite.sql.expressions.expression import Expression
from pyrite.sql.optimizer.conditions import all_of, columns_read, conjuncts, equal_sides, ids_of
from pyrite.sql.optimizer.distribution.cardinality import Cardinality
from pyrite.sql.optimizer.distribution.equivalences import Equivalences
from pyrite.sql.optimizer.distribution.estimates import Estimate
from pyrite.sql.plans.plan import Filter, Join, JoinType, LogicalPlan

__all__ = ["JoinOrder"]

#: How many orders are followed at a time; one is Fegaras' way.
_WIDTH = 6


@dataclass(frozen=True, eq=False)
class _Tree:
    """Relations that have been joined.

    Attributes:
        plan: The joins.
        members: The relations, by number.
        done: The dependent joins that have been done, by number.
        columns: The ids of the relations' columns.
        estimate: What is thought of the rows.
        sent: How many rows had to be sent to other tasks for the last step.
        is_product: Whether the last step was a product of unrelated rows.
    """

    plan: LogicalPlan
    members: frozenset[int]
    done: frozenset[int]
    columns: frozenset[int]
    estimate: Estimate
    sent: float = 0.0
    is_product: bool = False

    @property
    def cost(self) -> float:
        """What the last step cost, in rows."""
        return self.estimate.rows + self.sent


@dataclass(frozen=True)
class _Test:
    """What is tested where two trees are joined.

    Attributes:
        conditions: What must hold for two rows.
        is_connected: Whether something must be equal on both sides.
    """

    conditions: tuple[Expression, ...]
    is_connected: bool


@dataclass(frozen=True, eq=False)
class _State:
    """How far one order has come.

    Attributes:
        trees: What is still to be joined.
        products: How many products of unrelated rows there were: none if it can be.
        rows: What all steps cost, in rows.
    """

    trees: tuple[_Tree, ...]
    products: int = 0
    rows: float = 0.0

    def after(self, step: _Step) -> _State:
        """Return the state after one more step."""
        rest = tuple(tree for tree in self.trees if tree not in step.inputs)
        return _State((*rest, step.result), *step.cost)

    @property
    def key(self) -> frozenset[tuple[frozenset[int], frozenset[int]]]:
        """What has been joined with what, in whatever order."""
        return frozenset([(tree.members, tree.done) for tree in self.trees])


@dataclass(frozen=True, eq=False)
class _Step:
    """What could be done next.

    Attributes:
        state: After what.
        inputs: What it takes.
        result: What it makes of them.
    """

    state: _State
    inputs: tuple[_Tree, ...]
    result: _Tree

    @property
    def cost(self) -> tuple[int, float]:
        """What is compared: how many products of unrelated rows there were, then all rows."""
        products = self.state.products + self.result.is_product
        return products, self.state.rows + self.result.cost


class JoinOrder:
    """The search for an order.

    Args:
        relations: What is joined.
        dependents: The joins with a right side of their own.
        conditions: What must hold for the result.
        cardinality: What is thought of sizes.
        broadcast: Up to so many bytes, rows are sent to every task, and the others stay.
    """

    def __init__(
        self,
        relations: Sequence[LogicalPlan],
        dependents: Sequence[Join],
        conditions: Sequence[Expression],
        cardinality: Cardinality,
        broadcast: int,
    ) -> None:
        self._broadcast = broadcast
        self._cardinality = cardinality
        self._relations = relations
        self._columns = frozenset().union(*(ids_of(plan.output) for plan in relations))
        self._dependents = [(join, self._read(*conjuncts(join.condition))) for join in dependents]
        self._equal = Equivalences(conditions, [ids_of(plan.output) for plan in relations])
        self._others = [(part, self._read(part)) for part in self._equal.others]
        #: What has been found out of two trees, or of a tree and a dependent join.
        self._tests: dict[tuple[_Tree, _Tree], _Test] = {}
        self._results: dict[tuple[_Tree, _Tree | int], _Tree] = {}

    def _read(self, *parts: Expression) -> frozenset[int]:
        return columns_read(parts) & self._columns

    def joined(self) -> LogicalPlan:
        """Return the joins in the best order found."""
        leaves = tuple(self._leaf(number) for number in range(len(self._relations)))
        states = [_State(leaves)]
        for _ in range(len(leaves) - 1 + len(self._dependents)):
            steps = [step for state in states for step in self._steps(state)]
            best: dict[Any, _State] = {}
            for step in sorted(steps, key=lambda step: step.cost):
                state = step.state.after(step)
                best.setdefault(state.key, state)
                if len(best) == _WIDTH:
                    break
            states = [*best.values()]
        return states[0].trees[0].plan

    def _leaf(self, number: int) -> _Tree:
        plan = self._relations[number]
        columns = ids_of(plan.output)
        own = [part for part, read in self._others if read <= columns and (read or not number)]
        condition = all_of([*self._equal.within(number), *own])
        plan = plan if condition is None else Filter(condition, plan)
        members = frozenset([number])
        return _Tree(plan, members, frozenset(), columns, self._cardinality.of(plan))

    def _steps(self, state: _State) -> list[_Step]:
        """Return what can be done next."""
        found = []
        done = frozenset().union(*(tree.done for tree in state.trees))
        for number, (_, read) in enumerate(self._dependents):
            for tree in state.trees if number not in done else ():
                if read <= tree.columns and (read or len(state.trees) == 1):
                    found.append(_Step(state, (tree,), self._depend(tree, number)))
        pairs = [*combinations(state.trees, 2)]
        # Products of unrelated rows come last.
        connected = [pair for pair in pairs if self._test(*pair).is_connected]
        pairs = connected or ([] if found else pairs)
        return [*found, *(_Step(state, pair, self._pair(*pair)) for pair in pairs)]

    def _test(self, left: _Tree, right: _Tree) -> _Test:
        """Return what is tested where two trees are joined."""
        known = self._tests.get((left, right))
        if known is not None:
            return known
        columns = left.columns | right.columns
        tested = [
            part
            for part, read in self._others
            if read <= columns and not read <= left.columns and not read <= right.columns
        ]
        equal = [*self._equal.between(left.members, right.members)]
        sides = set(left.columns), set(right.columns)
        is_connected = bool(equal) or any(equal_sides(part, *sides) for part in tested)
        made = self._tests[left, right] = _Test((*equal, *tested), is_connected)
        return made

    def _pair(self, left: _Tree, right: _Tree) -> _Tree:
        """Join two trees."""
        known = self._results.get((left, right))
        if known is not None:
            return known
        test = self._test(left, right)
        condition = all_of(test.conditions)
        kind = JoinType.CROSS if condition is None else JoinType.INNER
        large, small = sorted((left, right), key=lambda tree: -tree.estimate.bytes)
        made = Join(large.plan, small.plan, kind, condition)
        result = self._results[left, right] = _Tree(
            made,
            left.members | right.members,
            left.done | right.done,
            left.columns | right.columns,
            self._cardinality.of_join(made, large.estimate, small.estimate),
            self._sent(large.estimate, small.estimate),
            not test.is_connected,
        )
        return result

    def _depend(self, tree: _Tree, number: int) -> _Tree:
        """Do a join with a right side of its own."""
        known = self._results.get((tree, number))
        if known is not None:
            return known
        join, _ = self._dependents[number]
        made = Join(tree.plan, join.right, join.join_type, join.condition)
        right = self._cardinality.of(join.right)
        estimate = self._cardinality.of_join(made, tree.estimate, right)
        done = tree.done | {number}
        sent = self._sent(tree.estimate, right)
        result = _Tree(made, tree.members, done, tree.columns, estimate, sent)
        self._results[tree, number] = result
        return result

    def _sent(self, large: Estimate, small: Estimate) -> float:
        return small.rows if small.bytes <= self._broadcast else large.rows + small.rows
