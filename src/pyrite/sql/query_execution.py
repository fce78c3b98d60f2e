"""QueryExecution: the whole path of a query on one page.

logical     what the client or the parser wrote
analyzed    Analyzer: names resolved, types known, Spark's checks passed
optimized   Optimizer: cached parts put in place, Python functions set apart
fragment    make_fragment: one DuckDB query, with Python stages as its inputs
execute     DuckDBRunner: Arrow batches, while they are computed
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pyrite.sql.analysis.analyzer import Analyzer
from pyrite.sql.execution import commands
from pyrite.sql.execution.duckdb_runner import DecimalOverflow, RunningQuery
from pyrite.sql.execution.engine import runner_of
from pyrite.sql.execution.explain import explain
from pyrite.sql.execution.fragment import Fragment
from pyrite.sql.execution.observation import observed_metrics
from pyrite.sql.execution.planner import plan_fragment
from pyrite.sql.optimizer.optimizer import optimize
from pyrite.sql.plans.commands import Command
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import CatalogCall
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import StructType

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
        return Analyzer(self.session).analyze(self.logical)

    @cached_property
    def optimized(self) -> LogicalPlan:
        """Rewritten for execution; the rows are the same."""
        return optimize(self.analyzed, self.session)

    def fragment(self, wide_decimals: bool = False) -> Fragment:
        """Return the query DuckDB runs; each call plans anew."""
        return plan_fragment(self.session, self.optimized, wide_decimals)

    @property
    def schema(self) -> StructType:
        """The result's columns."""
        return self.analyzed.schema

    def explain(self, mode: str) -> str:
        """Describe the plan: simple, extended, codegen, cost or formatted."""
        return explain(self, mode)

    def execute(self) -> QueryResult:
        """Start the query, or run the command; a command's answer is its rows."""
        if isinstance(self.logical, (Command, CatalogCall)):
            return QueryResult(self, commands.run(self.session, self.logical))
        return QueryResult(self)


class QueryResult:
    """A running query.

    Attributes:
        schema: The columns.
        observed: After the last batch: by name of an ``observe``, its metrics in order as
            (name, value).
    """

    def __init__(self, execution: QueryExecution, rows: pa.Table | None = None) -> None:
        from pyrite.sql.types import from_arrow_schema

        self._execution = execution
        self._rows = rows
        self._query: RunningQuery | None = None
        self._cancelled = False
        self.observed: dict[str, list[tuple[str, Any]]] = {}
        self.schema: StructType = (
            execution.schema if rows is None else from_arrow_schema(rows.schema)
        )

    @property
    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows as Arrow batches of ``types.to_arrow_schema(schema)``, to be read once."""
        if self._rows is not None:
            yield from self._rows.to_batches()
            return
        try:
            yield from self._run(wide_decimals=False)
        except DecimalOverflow:
            yield from self._run(wide_decimals=True)

    def _run(self, wide_decimals: bool) -> Iterator[pa.RecordBatch]:
        execution = self._execution
        fragment = execution.fragment(wide_decimals)
        self._query = runner_of(execution.session.shared).run(fragment, self.schema)
        if self._cancelled:
            self._query.cancel()
        yield from self._query.batches()
        if fragment.metrics:
            self.observed = observed_metrics(execution.session, fragment.metrics)

    def cancel(self) -> None:
        """Stop the query; reading ``batches`` then raises OPERATION_CANCELED."""
        self._cancelled = True
        if self._query is not None:
            self._query.cancel()

    def progress(self) -> float:
        """Return the share of the work that is done, from 0 to 1."""
        return self._query.progress() if self._query is not None else 0.0
