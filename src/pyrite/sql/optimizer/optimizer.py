"""The optimizer: RULES in order.

DuckDB optimises the query it gets; what is done here is what it cannot know.
"""

from __future__ import annotations

from collections.abc import Callable

from pyrite.sql.optimizer.extract_python import extract_python
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.session_state import SessionState

__all__ = ["RULES", "optimize"]

Rule = Callable[[LogicalPlan, SessionState], LogicalPlan]

#: The rules, each run once, in this order.
RULES: tuple[Rule, ...] = (extract_python,)


def optimize(plan: LogicalPlan, session: SessionState) -> LogicalPlan:
    """Rewrite a resolved plan; the rows stay the same."""
    for rule in RULES:
        plan = rule(plan, session)
    return plan
