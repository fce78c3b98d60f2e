"""StatementReader: commands, each by the words it begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrite.sql.parser.queries import QueryReader

if TYPE_CHECKING:
    from pyrite.sql.plans.plan import LogicalPlan

__all__ = ["StatementReader"]


class StatementReader(QueryReader):
    """Reads statements."""

    def statement(self) -> LogicalPlan:
        """Read a query or a command."""
        if self.kind in ("SELECT", "WITH", "VALUES", "FROM", "TABLE", "("):
            return self.query()
        self.fail()
