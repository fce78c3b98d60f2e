"""Rows that outlive a query: computed when the first query reads them, then a DuckDB table."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pyrite.sql.catalog.cache_manager import PARTITION_COLUMN, KeptPlan
from pyrite.sql.errors import internal_error
from pyrite.sql.execution.engine import runner_of
from pyrite.sql.execution.fragment import Fragment
from pyrite.sql.execution.stage import StageContext
from pyrite.sql.expressions.expression import Alias, Literal
from pyrite.sql.optimizer.optimizer import optimize
from pyrite.sql.optimizer.partition_numbers import number_rows
from pyrite.sql.plans.plan import CachedRelation, LogicalPlan, Project, subplans
from pyrite.sql.plans.semantics import bare
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import INTEGER

__all__ = ["store_kept_rows"]

MakeFragment = Callable[[StageContext, LogicalPlan], Fragment]


def store_kept_rows(context: StageContext, plan: LogicalPlan, make: MakeFragment) -> None:
    """Compute the kept rows that a plan reads and that are not there yet.

    Args:
        context: The query that reads them.
        plan: Its optimized plan.
        make: Writes the plans of the rows as DuckDB queries.
    """
    if CachedRelation not in plan.marks:
        return
    cache = context.session.shared.cache
    for relation in _cached_relations(plan):
        kept = cache.kept(relation.key)
        if kept is None:
            raise internal_error(
                f"The rows of {relation.key} were released while a query read them."
            )
        with kept.lock:
            if not kept.is_stored:
                _store(context, kept, make)
                kept.is_stored = True


def _store(context: StageContext, kept: KeptPlan, make: MakeFragment) -> None:
    session = context.session
    # Its parts may be cached on their own, but not the whole by itself: a name for the same
    # rows is no part.
    inner = bare(kept.plan).map_children(session.shared.cache.substitute)
    plan = optimize(inner, session, with_cached=False)
    columns = kept.columns
    if plan.output:
        plan, kept.partitions = _with_partitions(plan, session)
        columns = (*columns, PARTITION_COLUMN)
    runner_of(session.shared).store(make(context, plan), kept.table, columns, context.on_cancel)


def _with_partitions(plan: LogicalPlan, session: SessionState) -> tuple[LogicalPlan, int]:
    """Return a plan with the number of each row's partition as its last column; how many."""
    numbered = number_rows(plan, session, in_order=False)
    if numbered is None:
        return Project((*plan.output, Alias(Literal(0, INTEGER), "partition")), plan), 1
    return Project((*plan.output, numbered.partition), numbered.plan), numbered.count


def _cached_relations(plan: LogicalPlan) -> Iterator[CachedRelation]:
    for node in plan.walk():
        if isinstance(node, CachedRelation):
            yield node
        for inner in subplans(node):
            yield from _cached_relations(inner)
