"""Observation: the metrics of ``observe``, computed over the rows that passed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyrite.sql.execution.duckdb_runner import RunningQuery
from pyrite.sql.execution.engine import runner_of
from pyrite.sql.execution.planner import plan_fragment
from pyrite.sql.plans.plan import Aggregate, CollectMetrics
from pyrite.sql.session_state import SessionState

__all__ = ["observed_metrics"]


def observed_metrics(
    session: SessionState, observations: Sequence[CollectMetrics]
) -> dict[str, list[tuple[str, Any]]]:
    """Return the metrics of each observation, in order, as (name, value)."""
    observed = {}
    for observation in observations:
        plan = Aggregate((), observation.metrics, observation.child)
        fragment = plan_fragment(session, plan)
        query: RunningQuery = runner_of(session.shared).run(fragment, plan.schema)
        (row,) = [row for batch in query.batches() for row in batch.to_pylist()]
        observed[observation.name] = [
            (metric.name, row[metric.name]) for metric in observation.metrics
        ]
    return observed
