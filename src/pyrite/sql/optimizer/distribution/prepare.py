"""What a plan becomes before exchanges are put into it: rules in order.

For a plan that is one DuckDB query, DuckDB does all this by itself; here it sees only pieces.
"""

from __future__ import annotations

from collections.abc import Callable

from pyrite.sql.optimizer.distribution.cardinality import Cardinality
from pyrite.sql.optimizer.distribution.inject_runtime_filter import inject_runtime_filter
from pyrite.sql.optimizer.distribution.inline_ctes import inline_ctes
from pyrite.sql.optimizer.distribution.insert_window_group_limits import (
    insert_window_group_limits,
)
from pyrite.sql.optimizer.distribution.prune_columns import prune_columns
from pyrite.sql.optimizer.distribution.push_predicates import push_predicates
from pyrite.sql.optimizer.distribution.reorder_joins import reorder_joins
from pyrite.sql.optimizer.distribution.rewrite_subqueries import rewrite_subqueries
from pyrite.sql.plans.plan import LogicalPlan

__all__ = ["RULES", "prepare"]

Rule = Callable[[LogicalPlan, Cardinality], LogicalPlan]

#: The rules in their order.
RULES: tuple[Rule, ...] = (
    lambda plan, _: inline_ctes(plan),
    lambda plan, _: rewrite_subqueries(plan),
    lambda plan, _: push_predicates(plan),
    lambda plan, _: prune_columns(plan),  # sizes are those of the columns that are read
    inject_runtime_filter,
    reorder_joins,
    lambda plan, _: prune_columns(plan),
    lambda plan, _: insert_window_group_limits(plan),
)


def prepare(plan: LogicalPlan, cardinality: Cardinality) -> LogicalPlan:
    """Rewrite a plan that will be distributed; the rows stay the same.

    Args:
        plan: A resolved, optimized plan.
        cardinality: What is thought of sizes.
    """
    for rule in RULES:
        plan = rule(plan, cardinality)
    return plan
