"""Running a plan: its fragment on the application's DuckDB, its rows as Arrow batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pyrite.sql.execution.cluster.cluster_facts import is_distributed
from pyrite.sql.execution.cluster.query_stages import ClusterRun
from pyrite.sql.execution.duckdb_runner import DecimalOverflow
from pyrite.sql.execution.engine import runner_of
from pyrite.sql.execution.kept_rows import store_kept_rows
from pyrite.sql.execution.operation import Observation, Observed, current_operation
from pyrite.sql.execution.planner import plan_fragment
from pyrite.sql.execution.ready_rows import ready_rows
from pyrite.sql.execution.stage import StageContext
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.session_state import SessionState

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.sql.execution.duckdb_runner import RunningQuery
    from pyrite.sql.execution.observation import ObservedRows

__all__ = ["PlanRun", "run_below", "run_plan", "store_rows"]


class PlanRun:
    """One run of an optimized plan.

    Args:
        session: Whose settings apply.
        plan: The plan.

    Attributes:
        observed: After the last batch, what was observed.
    """

    def __init__(self, session: SessionState, plan: LogicalPlan) -> None:
        self.observed: Observed = {}
        self._session = session
        self._plan = plan
        self._context: StageContext | None = None
        self._cancelled = False
        self._progress: Any = None

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows as Arrow batches of ``to_arrow_schema(plan.schema)``."""
        ready = ready_rows(self._plan)
        if ready is not None:
            yield from ready
            return
        operation = current_operation()
        if operation is not None:
            operation.add(self)
        try:
            yield from self._batches(wide_decimals=False)
        except DecimalOverflow:
            yield from self._batches(wide_decimals=True)

    def _batches(self, wide_decimals: bool) -> Iterator[pa.RecordBatch]:
        context = StageContext(self._session, run_below, wide_decimals)
        self._context = context
        if self._cancelled:
            context.cancel()
        try:
            query = _start(context, self._plan)
            self._progress = query.progress
            yield from query.batches()
            for rows in context.observed:
                self._observe(rows)
        except Exception as error:
            raise context.failure or error from None
        finally:
            context.close()

    def _observe(self, rows: ObservedRows) -> None:
        (batch,) = run_plan(self._session, rows.metrics())
        wanted = rows.operator.metrics
        values = [column[0].as_py() for column in batch.columns]
        metrics = [(m.name, v, m.data_type) for m, v in zip(wanted, values, strict=True)]
        self.observed[rows.operator.name] = Observation(metrics, rows.operator.frame)

    def cancel(self) -> None:
        """Stop; reading ``batches`` then raises OPERATION_CANCELED."""
        self._cancelled = True
        if self._context is not None:
            self._context.cancel()

    def progress(self) -> float:
        """Return the share of the work that is done, from 0 to 1."""
        last = self._progress() if self._progress is not None else 0.0
        stages = None if self._context is None else self._context.stages
        return last if stages is None else stages.progress(last)


def run_plan(session: SessionState, plan: LogicalPlan) -> Iterator[pa.RecordBatch]:
    """Run an optimized plan and yield its rows."""
    return PlanRun(session, plan).batches()


def run_below(context: StageContext, plan: LogicalPlan) -> Iterator[pa.RecordBatch]:
    """Run the plan below a stage, within the same run of a query."""
    return _start(context, plan).batches()


def _start(context: StageContext, plan: LogicalPlan) -> RunningQuery:
    """Start a plan: what needs several executors runs now, the rest as its rows are read."""
    store_rows(context, plan)
    if is_distributed(context.session, plan):
        if context.stages is None:
            context.stages = _cluster_run(context)
        plan = context.stages.run(plan)
    return _query(context, plan)


def store_rows(context: StageContext, plan: LogicalPlan) -> None:
    """Compute the kept rows that a plan reads and that are not there yet."""
    store_kept_rows(context, plan, _cluster_run)


def _cluster_run(context: StageContext) -> ClusterRun:
    return ClusterRun(context, lambda below: _query(context, below).batches())


def _query(context: StageContext, plan: LogicalPlan) -> RunningQuery:
    """Start the driver's own fragment of a plan."""
    fragment = plan_fragment(context, plan)
    query = runner_of(context.session.shared).run(fragment, plan.schema)
    try:
        context.on_cancel(query.cancel)
    except BaseException:
        query.close()
        raise
    return query
