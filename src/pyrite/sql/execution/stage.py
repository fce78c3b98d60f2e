"""StageContext: what a stage of a query that is not SQL has to work with."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from pyrite.sql.errors import runtime_error
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.session_state import SessionState

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.sql.execution.cluster.query_stages import ClusterRun
    from pyrite.sql.execution.observation import ObservedRows

__all__ = ["StageContext"]

_numbers = itertools.count()


class StageContext:
    """One run of a query: its session, and a way to stop all that works for it.

    Args:
        session: Whose query it is.
        run: Runs a plan and yields its rows as Arrow batches of ``to_arrow_schema(schema)``.
        wide_decimals: As in ``LoweringContext``.

    Attributes:
        observed: The rows that pass an ``observe``, for its metrics.
        stages: The exchanges of the query, where it runs on several executors.
    """

    def __init__(
        self,
        session: SessionState,
        run: Callable[[StageContext, LogicalPlan], Iterator[pa.RecordBatch]],
        wide_decimals: bool = False,
    ) -> None:
        self.session = session
        self.wide_decimals = wide_decimals
        self.cancelled = False
        #: What a stage met: DuckDB, which reads it, passes only the text of an exception on.
        self.failure: Exception | None = None
        self.observed: list[ObservedRows] = []
        self.stages: ClusterRun | None = None
        self._run = run
        self._stops: list[Callable[[], None]] = []

    def batches(self, plan: LogicalPlan) -> Iterator[pa.RecordBatch]:
        """Run the plan below a stage; its columns are the plan's output, by position."""
        return self._run(self, plan)

    def path(self, name: str) -> str:
        """Return where a new file of the query goes; who writes it removes it."""
        directory: str = self.session.shared.context.local_dir
        return os.path.join(directory, f"{name}-{next(_numbers)}")

    def fail(self, error: Exception) -> Exception:
        """Note what a stage has met, and return what its reader is to get."""
        if self.cancelled:
            error = runtime_error("OPERATION_CANCELED", None)
        self.failure = error
        return error

    def on_cancel(self, stop: Callable[[], None]) -> None:
        """Have ``stop`` called when the query is cancelled.

        Raises:
            SparkError: OPERATION_CANCELED when it is already.
        """
        self._stops.append(stop)
        if self.cancelled:
            raise runtime_error("OPERATION_CANCELED", None)

    def close(self) -> None:
        """Let go of all that the query had; what still knew its jobs would keep their rows."""
        for rows in self.observed:
            rows.close()
        if self.stages is not None:
            self.stages.close()
        self.stages = None
        self._stops.clear()

    def cancel(self) -> None:
        """Stop all that works for this query."""
        self.cancelled = True
        for stop in self._stops:
            with contextlib.suppress(Exception):
                stop()
