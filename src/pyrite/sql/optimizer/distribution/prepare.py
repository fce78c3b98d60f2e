"""What a plan becomes before exchanges are put into it: rules in order."""

from __future__ import annotations

from collections.abc import Callable

from pyrite.sql.optimizer.distribution.inline_ctes import inline_ctes
from pyrite.sql.optimizer.distribution.push_predicates import push_predicates
from pyrite.sql.optimizer.distribution.rewrite_subqueries import rewrite_subqueries
from pyrite.sql.plans.plan import LogicalPlan

__all__ = ["RULES", "prepare"]

#: The rules, each run once, in this order. For a plan that is one DuckDB query, DuckDB does all
#: this by itself; here it sees only pieces.
RULES: tuple[Callable[[LogicalPlan], LogicalPlan], ...] = (
    inline_ctes,
    rewrite_subqueries,
    push_predicates,
)


def prepare(plan: LogicalPlan) -> LogicalPlan:
    """Rewrite a resolved, optimized plan that will be distributed; the rows stay the same."""
    for rule in RULES:
        plan = rule(plan)
    return plan
