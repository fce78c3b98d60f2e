"""use_cached: read kept rows where a part of the plan is cached."""

from __future__ import annotations

from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.session_state import SessionState

__all__ = ["use_cached"]


def use_cached(plan: LogicalPlan, session: SessionState) -> LogicalPlan:
    """Put a ``CachedRelation`` in the place of each cached part.

    Example, after ``df = spark.range(3); df.cache()``::

        Filter id > 1                 Filter id > 1
        +- Range 0 to 3       =>      +- CachedRelation kept_0
    """
    return session.shared.cache.substitute(plan)
