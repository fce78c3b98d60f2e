"""Commands: what statements do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrite.sql.errors import unsupported
from pyrite.sql.plans.commands import CreateView
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.session_state import SessionState

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["run"]


def run(session: SessionState, command: LogicalPlan) -> pa.Table:
    """Run a command; return its rows."""
    import pyarrow as pa

    if isinstance(command, CreateView) and command.scope == "local":
        session.catalog.temporary_views[command.name[-1].lower()] = command.child
        return pa.table({})
    raise unsupported(f"the command {type(command).__name__}")
