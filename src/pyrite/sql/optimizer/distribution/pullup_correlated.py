"""Correlation pulled up: what a subquery reads of the query around it, as conditions above it.

A subquery computes something for each row of the outer query. When its outer columns stand only in
conditions that commute with the operators above them, the conditions can be tested last of
all; what is below them is then computed once, and the conditions are those of a join.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, replace
from typing import Any

from pyrite.sql.expressions.expression import (
    Alias,
    Attribute,
    Call,
    Expression,
    NamedExpression,
    WindowExpression,
)
from pyrite.sql.optimizer.conditions import all_of, equal_sides, has_subquery
from pyrite.sql.optimizer.distribution.disjunctions import common_conjuncts
from pyrite.sql.optimizer.distribution.domain_join import domain_of
from pyrite.sql.optimizer.distribution.outer_references import outer_ids, output_ids, read_ids
from pyrite.sql.optimizer.join_strategy import KEEPS_LEFT, KEEPS_RIGHT
from pyrite.sql.plans.plan import (
    Aggregate,
    Distinct,
    Filter,
    Generate,
    Join,
    JoinType,
    LogicalPlan,
    Project,
    Repartition,
    Sort,
    SubqueryAlias,
    With,
)

__all__ = ["Pulled", "group_by_correlation", "pull_up"]


@dataclass(frozen=True)
class Pulled:
    """A subquery in two parts; the second filters the first to what the subquery gives.

    Attributes:
        plan: Reads no outer column. Its output has at least the subquery's columns.
        conditions: Over the plan's output and outer columns; all must hold.
    """

    plan: LogicalPlan
    conditions: tuple[Expression, ...] = ()

    def with_domain(self, outer: LogicalPlan) -> Pulled | None:
        """Return the same with conditions that are equalities; None if there is no way."""
        domain = domain_of(outer, [c for c in self.conditions if read_ids(c) & output_ids(outer)])
        if domain is None:
            return None
        condition = all_of(domain.over(self.conditions))
        return Pulled(Join(self.plan, domain.plan, JoinType.INNER, condition), domain.equal)

    def equalities(self, outer: Set[int]) -> list[tuple[Expression, Expression]] | None:
        """Return what must be equal, the plan's side first; None if there are other conditions.

        Conditions on outer columns alone are left out.
        """
        own = output_ids(self.plan)
        found = []
        for condition in self.conditions:
            if read_ids(condition) & own:
                sides = equal_sides(condition, own, set(outer))
                if sides is None:
                    return None
                found.append(sides)
        return found


def pull_up(plan: LogicalPlan, outer: LogicalPlan, for_one_row: bool = False) -> Pulled | None:
    """Take the correlated conditions out of a subquery.

    Args:
        plan: The subquery.
        outer: The plan whose columns it may read.
        for_one_row: Whether an aggregate of everything may become one for each group of rows
            that an outer row is compared with. An outer row without a group then has no row
            where the subquery has one, the aggregate of nothing.

    Returns:
        None if it reads outer columns where they cannot be taken out.
    """
    if not outer_ids(plan) & output_ids(outer):
        return Pulled(plan)
    handler = _HANDLERS.get(type(plan))
    return handler(plan, outer, for_one_row) if handler is not None else None


def _reads(expressions: Iterable[Expression], outer: LogicalPlan) -> bool:
    columns = output_ids(outer)
    return any(read_ids(expression) & columns for expression in expressions)


def _passed(plan: Any, outer: LogicalPlan, for_one_row: bool) -> Pulled | None:
    """Pull through an operator that treats each row by itself, and adds columns at most."""
    if _reads(plan.expressions, outer):
        return None
    below = pull_up(plan.child, outer, for_one_row and not isinstance(plan, Generate))
    return below and Pulled(replace(plan, child=below.plan), below.conditions)


def _filter(plan: Filter, outer: LogicalPlan, for_one_row: bool) -> Pulled | None:
    below = pull_up(plan.child, outer, for_one_row)
    split = _split(plan.condition, outer)
    if below is None or split is None:
        return None
    kept, correlated = split
    child = Filter(kept, below.plan) if kept is not None else below.plan
    return Pulled(child, (*below.conditions, *correlated))


def _split(
    condition: Expression | None, outer: LogicalPlan
) -> tuple[Expression | None, list[Expression]] | None:
    """Return the part of a condition that reads no outer columns and the parts that do."""
    parts = common_conjuncts(condition)
    correlated = [part for part in parts if _reads([part], outer)]
    if any(has_subquery(part) or not part.deterministic for part in correlated):
        return None
    return all_of(part for part in parts if part not in correlated), correlated


def _project(plan: Project, outer: LogicalPlan, for_one_row: bool) -> Pulled | None:
    """Pull through a SELECT list, which must then pass on what the conditions read."""
    items = plan.project_list
    by_row = all(item.deterministic and not item.find(WindowExpression) for item in items)
    if not by_row or _reads(items, outer):
        return None
    below = pull_up(plan.child, outer, for_one_row)
    if below is None:
        return None
    needed = _needed(below)
    missing = [a for a in needed if a.expression_id not in output_ids(plan)]
    return Pulled(Project((*items, *missing), below.plan), below.conditions)


def _needed(pulled: Pulled) -> list[Attribute]:
    """Return the columns of a plan that its conditions read."""
    read = set().union(*map(read_ids, pulled.conditions))
    return [a for a in pulled.plan.output if a.expression_id in read]


def _distinct(plan: Distinct, outer: LogicalPlan, for_one_row: bool) -> Pulled | None:
    """Pull through DISTINCT: rows that differ in a column held equal are never seen together."""
    below = pull_up(plan.child, outer)
    if below is None or plan.keys:
        return None
    own = output_ids(plan.child)
    fixed = {a for a, _ in below.equalities(output_ids(outer)) or () if isinstance(a, Attribute)}
    if all(a.expression_id in own or a in fixed for a in below.plan.output):
        return Pulled(Distinct(below.plan), below.conditions)
    return None


def _aggregate(plan: Aggregate, outer: LogicalPlan, for_one_row: bool) -> Pulled | None:
    """Pull through GROUP BY: what must be equal to outer values becomes a key of the groups."""
    if plan.grouping_sets is not None or _reads(plan.expressions, outer):
        return None
    below = pull_up(plan.child, outer)
    if below is None or not (plan.grouping or for_one_row):
        return None
    return group_by_correlation(plan, below, outer)


def group_by_correlation(plan: Aggregate, below: Pulled, outer: LogicalPlan) -> Pulled | None:
    """Return an aggregate over pulled rows, for all outer rows at once.

    Args:
        plan: The aggregate; its own input is not looked at.
        below: Its input.
        outer: The outer plan.

    Returns:
        The aggregate, for each combination of what outer rows are compared with, and the
        conditions above it. None if there is no way.
    """
    grouped = _grouped(plan, below, outer)
    if grouped is not None:
        return grouped
    by_domain = below.with_domain(outer)
    return by_domain and _grouped(plan, by_domain, outer)


def _grouped(plan: Aggregate, below: Pulled, outer: LogicalPlan) -> Pulled | None:
    """Return an aggregate with more keys over what was pulled; None if they cannot be keys."""
    keys = _Keys(plan)
    own, columns = output_ids(below.plan), output_ids(outer)
    conditions = [keys.above(condition, own, columns) for condition in below.conditions]
    above = [condition for condition in conditions if condition is not None]
    if len(above) < len(conditions) or not (plan.grouping or keys.added):
        return None
    aggregates = (*plan.aggregates, *keys.shown)
    return Pulled(Aggregate((*plan.grouping, *keys.added), aggregates, below.plan), tuple(above))


class _Keys:
    """The keys that an aggregate gets for the conditions that are pulled through it.

    Attributes:
        added: The new grouping expressions.
        shown: What is added to the output, so that the conditions can be tested there.
    """

    def __init__(self, plan: Aggregate) -> None:
        self.added: list[Expression] = []
        self.shown: list[NamedExpression] = []
        self._grouping = plan.grouping
        self._columns: list[tuple[Expression, Attribute]] = []
        for item in plan.aggregates:
            inner, column = (
                (item.child, item.to_attribute()) if isinstance(item, Alias) else (item, item)
            )
            if inner in plan.grouping:
                self._columns.append((inner, column))

    def above(self, condition: Expression, own: set[int], outer: Set[int]) -> Expression | None:
        """Return a condition of the rows below as one of the groups; None if it is not one."""
        read = read_ids(condition) & own
        if not read:
            return condition
        keys = {a.expression_id for a in self._grouping if isinstance(a, Attribute)}
        if read <= keys:
            for key in self._grouping:
                if isinstance(key, Attribute) and key.expression_id in read:
                    condition = _replaced(condition, key, self._column(key))
            return condition
        sides = equal_sides(condition, own, set(outer))
        if sides is None or not sides[0].deterministic:
            return None
        assert isinstance(condition, Call)
        return replace(condition, arguments=(self._column(sides[0]), sides[1]))

    def _column(self, key: Expression) -> Attribute:
        """Return the output's column of a key."""
        for known, column in self._columns:
            if known == key:
                return column
        item = key if isinstance(key, Attribute) else Alias(key, "key")
        column = item if isinstance(item, Attribute) else item.to_attribute()
        if key not in self._grouping:
            self.added.append(key)
        self.shown.append(item)
        self._columns.append((key, column))
        return column


def _replaced(expression: Expression, old: Attribute, new: Attribute) -> Expression:
    return expression.transform_up(lambda node: new if node == old else node)


def _join(plan: Join, outer: LogicalPlan, for_one_row: bool) -> Pulled | None:
    """Pull from the sides whose rows come out, or do not, each by itself."""
    left, right = pull_up(plan.left, outer), pull_up(plan.right, outer)
    split = _split(plan.condition, outer)
    if left is None or right is None or split is None:
        return None
    kept, correlated = split
    inner = plan.join_type in KEEPS_LEFT & KEEPS_RIGHT
    if (
        (left.conditions and plan.join_type not in KEEPS_LEFT)
        or (right.conditions and plan.join_type not in KEEPS_RIGHT)
        or (correlated and not inner)
    ):
        return None
    join_type = JoinType.INNER if plan.join_type is JoinType.CROSS and kept else plan.join_type
    joined = Join(left.plan, right.plan, join_type, kept)
    return Pulled(joined, (*left.conditions, *right.conditions, *correlated))


def _with(plan: With, outer: LogicalPlan, for_one_row: bool) -> Pulled | None:
    if any(outer_ids(definition) & output_ids(outer) for _, definition in plan.definitions):
        return None
    below = pull_up(plan.child, outer, for_one_row)
    return below and Pulled(replace(plan, child=below.plan), below.conditions)


_HANDLERS: dict[type[LogicalPlan], Callable[[Any, LogicalPlan, bool], Pulled | None]] = {
    Aggregate: _aggregate,
    Distinct: _distinct,
    Filter: _filter,
    Generate: _passed,
    Join: _join,
    Project: _project,
    Repartition: _passed,
    Sort: _passed,
    SubqueryAlias: _passed,
    With: _with,
}
