"""Operation: all that one call of a client runs, to be watched and stopped as one.

A statement may run several plans, deep inside its own code. They find the operation they
belong to by the thread they run in.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple, Protocol

from pyrite.sql.types import DataType

__all__ = ["Observation", "Observed", "Operation", "Run", "current_operation"]


class Observation(NamedTuple):
    """What one ``observe`` has seen.

    Attributes:
        metrics: The metrics in order, as (name, value, type).
        frame: The client's id of the observed DataFrame, None if it gave none.
    """

    metrics: list[tuple[str, Any, DataType]]
    frame: int | None


#: Observations by the name of their ``observe``.
Observed = dict[str, Observation]

_current: ContextVar[Operation | None] = ContextVar("operation", default=None)


class Run(Protocol):
    """A plan that runs.

    Attributes:
        observed: What it has observed; complete after its last row.
    """

    observed: Observed

    def cancel(self) -> None:
        """Stop it; whoever reads its rows gets OPERATION_CANCELED."""

    def progress(self) -> float:
        """Return the share of the work that is done, from 0 to 1."""


class Operation:
    """What a client has asked for.

    Example::

        operation = Operation()
        with operation.is_current():
            QueryExecution(session, statement).execute()  # another thread may cancel it
    """

    def __init__(self) -> None:
        self._runs: list[Run] = []
        self._cancelled = False

    @contextmanager
    def is_current(self) -> Iterator[None]:
        """Let the plans that this thread runs inside the block belong to this operation."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    def add(self, run: Run) -> None:
        """Note a plan that begins to run."""
        self._runs.append(run)
        if self._cancelled:
            run.cancel()

    def cancel(self) -> None:
        """Stop what runs, and what would begin to."""
        self._cancelled = True
        for run in list(self._runs):
            run.cancel()

    @property
    def observed(self) -> Observed:
        """What its plans have observed."""
        return {name: seen for run in self._runs for name, seen in run.observed.items()}

    def progress(self) -> float | None:
        """Return the share of the latest plan's work that is done; None before the first."""
        return self._runs[-1].progress() if self._runs else None


def current_operation() -> Operation | None:
    """Return the operation of this thread, None outside of any."""
    return _current.get()
