"""QueryExecution: the whole path of a query on one page."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from pyrite.sql.errors import unsupported
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import StructType

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["QueryExecution", "QueryResult"]


class QueryResult:
    """A running query.

    Attributes:
        schema: The columns.
        batches: The rows as Arrow batches of ``types.to_arrow_schema(schema)``, computed while
            they are read.
        observed: After the last batch: by name of an ``observe``, its metrics in order as
            (name, value, type).
    """

    schema: StructType
    batches: Iterator[pa.RecordBatch]
    observed: dict[str, list[tuple[str, object]]]

    def cancel(self) -> None:
        """Stop the query; reading ``batches`` then raises OPERATION_CANCELED."""
        raise NotImplementedError

    def progress(self) -> float:
        """Return the share of the work that is done, from 0 to 1."""
        raise NotImplementedError


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
        raise unsupported("queries")

    @property
    def schema(self) -> StructType:
        """The result's columns."""
        return self.analyzed.schema

    def explain(self, mode: str) -> str:
        """Describe the plan: simple, extended, codegen, cost or formatted."""
        raise unsupported("explain")

    def execute(self) -> QueryResult:
        """Start the query, or run the command; a command's answer is its rows."""
        raise unsupported("queries")
