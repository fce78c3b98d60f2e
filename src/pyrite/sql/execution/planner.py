"""From an optimized plan to fragments: a plan is cut where DuckDB cannot go on."""

from __future__ import annotations

from pyrite.sql.execution.fragment import Fragment, make_fragment
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.session_state import SessionState

__all__ = ["plan_fragment"]


def plan_fragment(
    session: SessionState, plan: LogicalPlan, wide_decimals: bool = False
) -> Fragment:
    """Return the fragment of a plan's root; those below it are its inputs.

    Args:
        session: For settings, and the workers of Python functions.
        plan: A resolved, optimized plan.
        wide_decimals: As in ``LoweringContext``.
    """
    return make_fragment(session, plan, None, wide_decimals)
