"""InsertWindowGroupLimits: of the first rows of each group, only first ones of partitions travel.

    Filter rank <= 3                      Filter rank <= 3
      Project rank() OVER (...)             Project rank() OVER (...)
        rows                                  Filter rank of the partition <= 3
                                                LocalWindow rank() OVER (...)
                                                  rows

A row's rank among all rows is not less than that among the rows of its partition.
"""

from __future__ import annotations

from pyrite.sql.expressions.expression import (
    Alias,
    Attribute,
    Call,
    Expression,
    Literal,
    WindowExpression,
)
from pyrite.sql.functions.constants import constant_integer
from pyrite.sql.functions.registry import builtin_functions
from pyrite.sql.optimizer.conditions import conjuncts
from pyrite.sql.optimizer.distribution.clustering import windows_of
from pyrite.sql.plans.exchange import LocalWindow
from pyrite.sql.plans.plan import Filter, LogicalPlan, Project, SubqueryAlias
from pyrite.sql.types import BOOLEAN, INTEGER

__all__ = ["insert_window_group_limits"]

_RANKS = {"row_number", "rank", "dense_rank"}

#: What a comparison of a rank with a number says: how much is added to the number for the most
#: that the rank may be; and the comparison with the sides exchanged.
_BOUNDS = {"<=": 0, "<": -1, "=": 0, "==": 0}
_EXCHANGED = {">=": "<=", ">": "<", "=": "=", "==": "=="}

#: Spark's spark.sql.optimizer.windowGroupLimitThreshold: more rows than these are not worth it.
_MOST = 1000


def insert_window_group_limits(plan: LogicalPlan) -> LogicalPlan:
    """Have each partition keep those rows only that may be among the first of their group."""
    return plan.transform_up(lambda node: _limited(node) if isinstance(node, Filter) else node)


def _limited(plan: Filter) -> LogicalPlan:
    for part in conjuncts(plan.condition):
        bound = _bound(part)
        if bound is None:
            continue
        below = _with_limit(plan.child, *bound)
        if below is not None:
            return Filter(plan.condition, below)
    return plan


def _bound(part: Expression) -> tuple[Attribute, int] | None:
    """Return the column that a condition bounds, and the most it may be."""
    if not isinstance(part, Call) or len(part.arguments) != 2:
        return None
    name: str | None = part.function.name
    column, number = part.arguments
    if isinstance(number, Attribute):
        name, column, number = _EXCHANGED.get(part.function.name), number, column
    most = constant_integer(number)
    if name not in _BOUNDS or not isinstance(column, Attribute) or most is None:
        return None
    most += _BOUNDS[name]
    return (column, most) if 1 <= most <= _MOST else None


def _with_limit(plan: LogicalPlan, column: Attribute, most: int) -> LogicalPlan | None:
    """Return the plan that makes a rank with its rows limited before; None if it makes none."""
    if isinstance(plan, SubqueryAlias):
        below = _with_limit(plan.child, column, most)
        return None if below is None else SubqueryAlias(plan.alias, below, plan.hint)
    if not isinstance(plan, Project):
        return None
    made = next((item for item in plan.project_list if _id(item) == _id(column)), None)
    windows = {*windows_of(plan)}
    if not windows:
        source = made.child if isinstance(made, Alias) else made
        if not isinstance(source, Attribute):
            return None
        below = _with_limit(plan.child, source, most)
        return None if below is None else Project(plan.project_list, below)
    if not isinstance(made, Alias) or not isinstance(made.child, WindowExpression):
        return None
    if not all(_is_like(made.child, window) for window in windows):
        return None
    return Project(plan.project_list, _first_rows(plan.child, made.child, most))


def _id(item: Attribute | Alias) -> int:
    return item.expression_id


def _is_like(window: WindowExpression, other: WindowExpression) -> bool:
    """Whether another window only ranks the same rows in the same order.

    Then what it says of the first rows is the same without those behind them.
    """
    return (
        isinstance(other.function, Call)
        and other.function.function.name in _RANKS
        and other.partition == window.partition
        and other.order == window.order
        and other.deterministic
    )


def _first_rows(rows: LogicalPlan, window: WindowExpression, most: int) -> LogicalPlan:
    rank = Alias(window, "rank")
    ranked = LocalWindow((*rows.output, rank), rows)
    at_most = builtin_functions()["<="]
    condition = Call(at_most, (rank.to_attribute(), Literal(most, INTEGER)), BOOLEAN, False)
    return Project(rows.output, Filter(condition, ranked))
