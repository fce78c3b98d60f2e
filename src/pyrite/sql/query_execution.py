"""QueryExecution: the whole path of a query on one page.

logical     what the client or the parser wrote
analyzed    Analyzer: names resolved, types known, Spark's checks passed
optimized   optimize: cached parts put in place, Python functions set apart
ordered     order_rows: what tells the places of a small result's rows
fragment    plan_fragment: one DuckDB query, with Python stages as its inputs
execute     PlanRun and DuckDBRunner: Arrow batches, while they are computed
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from pyrite.sql.analysis.relations import new_attributes
from pyrite.sql.errors import SparkError
from pyrite.sql.execution import commands
from pyrite.sql.execution.analyze import analyze
from pyrite.sql.execution.cluster.cluster_facts import is_distributed
from pyrite.sql.execution.explain import explain
from pyrite.sql.execution.fragment import Fragment
from pyrite.sql.execution.planner import plan_fragment
from pyrite.sql.execution.run import PlanRun, run_below, store_rows
from pyrite.sql.execution.stage import StageContext
from pyrite.sql.optimizer.optimizer import optimize
from pyrite.sql.optimizer.row_order import order_rows
from pyrite.sql.plans.commands import CatalogStatement, Command
from pyrite.sql.plans.plan import LocalRelation, LogicalPlan
from pyrite.sql.plans.unresolved import CatalogCall, PlanId
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import StructType, from_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["QueryExecution", "QueryResult"]


class QueryExecution:
    """One query or command, from its unresolved plan to its rows.

    Each phase is computed when it is first asked for, and once.

    Args:
        session: Whose settings, catalog and functions apply.
        plan: What the client or the parser wrote.
    """

    def __init__(self, session: SessionState, plan: LogicalPlan) -> None:
        self.session = session
        self.logical = plan

    @cached_property
    def analyzed(self) -> LogicalPlan:
        """Names resolved, types known, Spark's checks passed."""
        plan = self.logical
        if plan.find(CatalogCall) is not None:
            plan = plan.transform_up(self._answered)
        return analyze(self.session, plan)

    def _answered(self, node: LogicalPlan) -> LogicalPlan:
        """Put a catalog call's answer in its place."""
        if not isinstance(node, CatalogCall):
            return node
        rows = commands.run(self.session, node)
        return LocalRelation(new_attributes(from_arrow_schema(rows.schema)), rows)

    @cached_property
    def optimized(self) -> LogicalPlan:
        """Rewritten for execution; the rows are the same."""
        return optimize(self.analyzed, self.session)

    @cached_property
    def ordered(self) -> LogicalPlan:
        """What is run: small results get the order of rows that they have in Spark."""
        if is_distributed(self.session, self.optimized):
            return self.optimized
        return order_rows(self.optimized, self.session)

    def fragment(self) -> Fragment:
        """Return the query DuckDB runs, for ``explain``."""
        context = StageContext(self.session, run_below)
        store_rows(context, self.ordered)
        return plan_fragment(context, self.ordered)

    @property
    def schema(self) -> StructType:
        """The result's columns."""
        return self.analyzed.schema

    def explain(self, mode: str) -> str:
        """Describe the plan: simple, extended, codegen, cost or formatted."""
        return explain(self, mode)

    def execute(self) -> QueryResult:
        """Start the query, or run the command; a command's answer is its rows."""
        plan = self.logical
        while isinstance(plan, PlanId):
            plan = plan.child
        if isinstance(plan, CatalogStatement) and plan.statement == "explain":
            return QueryResult(self, self._explained(plan))
        if isinstance(plan, (Command, CatalogCall)):
            return QueryResult(self, commands.run(self.session, plan))
        return QueryResult(self)

    def _explained(self, statement: CatalogStatement) -> pa.Table:
        """Run EXPLAIN."""
        import pyarrow as pa

        assert statement.child is not None
        mode = dict(statement.arguments).get("mode") or "simple"
        try:
            text = QueryExecution(self.session, statement.child).explain(mode)
        except SparkError as error:
            text = f"Error occurred during query planning: \n{error}"
        return pa.table({"plan": pa.array([text], pa.string())})


class QueryResult:
    """A running query.

    Attributes:
        schema: The columns.
    """

    def __init__(self, execution: QueryExecution, rows: pa.Table | None = None) -> None:
        self._rows = rows
        self._run = None if rows is not None else PlanRun(execution.session, execution.ordered)
        self.schema: StructType = (
            execution.schema if rows is None else from_arrow_schema(rows.schema)
        )

    @property
    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows as Arrow batches of ``types.to_arrow_schema(schema)``, to be read once."""
        if self._rows is not None:
            return iter(self._rows.to_batches())
        assert self._run is not None
        return self._run.batches()

    def cancel(self) -> None:
        """Stop the query; reading ``batches`` then raises OPERATION_CANCELED."""
        if self._run is not None:
            self._run.cancel()

    def progress(self) -> float:
        """Return the share of the work that is done, from 0 to 1."""
        return self._run.progress() if self._run is not None else 1.0
