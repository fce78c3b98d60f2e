"""The DuckDB SQL of each fragment of a query that runs in tasks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from pyrite.sql.execution.cluster.cluster_plan import ClusterPlan, PlannedFragment
from pyrite.sql.execution.cluster.task_plans import bucketed, task_plans
from pyrite.sql.execution.explain.expression_text import expression_text
from pyrite.sql.execution.explain.sql_layout import laid_out
from pyrite.sql.execution.fragment import Input
from pyrite.sql.execution.fragment_writer import make_fragment
from pyrite.sql.plans.exchange import Partitioning, QueryStage
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.session_state import SessionState

__all__ = ["fragment_sections"]


def fragment_sections(session: SessionState, plan: ClusterPlan) -> Iterator[tuple[str, str]]:
    """Yield a title and the SQL of each fragment; of several tasks, that of the first."""
    for fragment in plan.fragments:
        yield _title(fragment, plan.tasks), laid_out(_sql(session, plan, fragment))


def _title(fragment: PlannedFragment, tasks: int) -> str:
    count = fragment.tasks
    where = "driver" if count is None else f"{count} task{'s' if count > 1 else ''}"
    title = f"Fragment {fragment.number} ({where})"
    if fragment.exchange is None:
        return title
    return f"{title}: {fragment.exchange.text(expression_text, tasks)}"


def _sql(session: SessionState, parts: ClusterPlan, fragment: PlannedFragment) -> str:
    plan, exchange = fragment.plan, fragment.exchange
    if exchange is not None and exchange.partitioning is Partitioning.HASH:
        plan = bucketed(exchange.keys, parts.tasks, plan)
    first = next(task_plans(plan, fragment.tasks or 1))
    return make_fragment(session, first, partial(_input, parts)).sql


def _input(parts: ClusterPlan, operator: LogicalPlan) -> Input:
    """Return the name of what is not SQL; nobody opens it."""
    if isinstance(operator, QueryStage):
        kept = parts.kept(operator)
        if kept is not None:
            return Input(kept.key, lambda: None)
        return Input(f"fragment_{operator.stage_id}", lambda: None)
    return Input(f"{type(operator).__name__}_{id(operator)}", lambda: None)
