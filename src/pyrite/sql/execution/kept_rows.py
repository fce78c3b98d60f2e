"""Rows that outlive a query: computed when the first query reads them, then kept.

They are a table of the driver's DuckDB; many rows that executors compute stay with these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from pyrite.sql.catalog.cache_manager import PARTITION_COLUMN, KeptPlan
from pyrite.sql.errors import internal_error
from pyrite.sql.execution.cluster.cluster_facts import is_distributed, is_small
from pyrite.sql.execution.cluster.query_stages import ClusterRun
from pyrite.sql.execution.engine import runner_of
from pyrite.sql.execution.planner import plan_fragment
from pyrite.sql.execution.stage import StageContext
from pyrite.sql.expressions.expression import Alias, Literal
from pyrite.sql.optimizer.optimizer import optimize
from pyrite.sql.optimizer.partition_numbers import number_rows
from pyrite.sql.plans.exchange import QueryStage
from pyrite.sql.plans.plan import CachedRelation, LogicalPlan, Project, Repartition, subplans
from pyrite.sql.plans.semantics import bare
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import INTEGER, AtomicType

__all__ = ["store_kept_rows"]

MakeRun = Callable[[StageContext], ClusterRun]


def store_kept_rows(context: StageContext, plan: LogicalPlan, make_run: MakeRun) -> None:
    """Compute the kept rows that a plan reads and that are not there yet.

    Args:
        context: The query that reads them.
        plan: Its optimized plan.
        make_run: Runs plans in tasks.
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
                _store(context, kept, make_run)
                kept.is_stored = True


def _store(context: StageContext, kept: KeptPlan, make_run: MakeRun) -> None:
    session = context.session
    # Its parts may be cached on their own, but not the whole by itself: a name for the same
    # rows is no part.
    inner = bare(kept.plan).map_children(session.shared.cache.substitute)
    plan = optimize(inner, session, with_cached=False)
    store_kept_rows(context, plan, make_run)
    if is_distributed(session, plan):
        _store_from_tasks(context, kept, plan, make_run)
    else:
        _store_in_driver(context, kept, *_with_partitions(plan, session))


def _store_in_driver(
    context: StageContext, kept: KeptPlan, plan: LogicalPlan, partitions: int
) -> None:
    columns = kept.columns
    if plan.output:
        kept.partitions = partitions
        columns = (*columns, PARTITION_COLUMN)
    runner = runner_of(context.session.shared)
    runner.store(plan_fragment(context, plan), kept.table, columns, context.on_cancel)


def _store_from_tasks(
    context: StageContext, kept: KeptPlan, plan: LogicalPlan, make_run: MakeRun
) -> None:
    """Keep rows where tasks compute them, unless they come from the driver or are few."""
    outer, run = context.stages, make_run(context)
    context.stages = run
    try:
        numbered, partitions = _with_partitions_in_tasks(run, plan, context.session)
        rest = run.run_in_tasks(numbered)
        if isinstance(rest, QueryStage) and not is_small(context.session, rest.bytes):
            kept.stage, kept.partitions = run.keep(rest), partitions
        else:
            _store_in_driver(context, kept, run.run(rest), partitions)
    finally:
        context.stages = outer
        if kept.stage is None:
            run.close()


def _with_partitions(plan: LogicalPlan, session: SessionState) -> tuple[LogicalPlan, int]:
    """Return a plan with the number of each row's partition as its last column; how many."""
    numbered = number_rows(plan, session, in_order=False) if plan.output else None
    if numbered is None:
        return _in_one_partition(plan)
    return Project((*plan.output, numbered.partition), numbered.plan), numbered.count


def _with_partitions_in_tasks(
    run: ClusterRun, plan: LogicalPlan, session: SessionState
) -> tuple[LogicalPlan, int]:
    """Return the like if rows need not move to be numbered, else all of them in one partition."""
    for numberable in (plan, _dealt_by_hash(plan)):
        numbered, partitions = _with_partitions(numberable, session)
        if partitions <= 1 or run.has_one_exchange(numbered):
            return numbered, partitions
    return _in_one_partition(plan)


def _dealt_by_hash(plan: LogicalPlan) -> LogicalPlan:
    """Return a plan whose rows are dealt out to as many partitions, each by itself."""
    keys = tuple(a for a in plan.output if isinstance(a.data_type, AtomicType))
    if isinstance(plan, Repartition) and plan.shuffle and not plan.keys:
        return replace(plan, keys=keys)
    return plan


def _in_one_partition(plan: LogicalPlan) -> tuple[LogicalPlan, int]:
    if not plan.output:
        return plan, 0
    return Project((*plan.output, Alias(Literal(0, INTEGER), "partition")), plan), 1


def _cached_relations(plan: LogicalPlan) -> Iterator[CachedRelation]:
    for node in plan.walk():
        if isinstance(node, CachedRelation):
            yield node
        for inner in subplans(node):
            yield from _cached_relations(inner)
