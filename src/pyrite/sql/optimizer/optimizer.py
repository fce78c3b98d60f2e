"""The optimizer: RULES in order.

DuckDB optimises the query it gets; what is done here is what it cannot know.
"""

from __future__ import annotations

from collections.abc import Callable

from pyrite.sql.optimizer.extract_python import extract_python
from pyrite.sql.optimizer.known_membership import known_membership
from pyrite.sql.optimizer.limit_observed import limit_observed
from pyrite.sql.optimizer.number_partitions import number_partitions
from pyrite.sql.optimizer.prune_python import prune_python
from pyrite.sql.optimizer.subqueries_once import subqueries_once
from pyrite.sql.optimizer.tell_files import tell_files
from pyrite.sql.optimizer.use_cached import use_cached
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.session_state import SessionState

__all__ = ["RULES", "optimize"]

Rule = Callable[[LogicalPlan, SessionState], LogicalPlan]

#: The rules, each run once, in this order.
RULES: tuple[Rule, ...] = (
    use_cached,
    known_membership,
    subqueries_once,
    limit_observed,
    tell_files,
    number_partitions,
    extract_python,
    prune_python,
)


def optimize(plan: LogicalPlan, session: SessionState, with_cached: bool = True) -> LogicalPlan:
    """Rewrite a resolved plan; the rows stay the same.

    Args:
        plan: The plan.
        session: Whose settings apply.
        with_cached: Whether cached rows may be read; not for the plan that computes them.
    """
    for rule in RULES:
        if with_cached or rule is not use_cached:
            plan = rule(plan, session)
    return plan
