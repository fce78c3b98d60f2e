"""StatementReader: a query, or the command whose first words these are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrite.sql.parser.queries import QueryReader
from pyrite.sql.parser.statements import (
    alter,
    databases,
    functions,
    session,
    show,
    tables,
    views,
    writes,
)
from pyrite.sql.parser.words import QUERY_WORDS

if TYPE_CHECKING:
    from pyrite.sql.parser.statements.clauses import Rule
    from pyrite.sql.plans.plan import LogicalPlan

__all__ = ["StatementReader"]

#: Rules by the words in front of what they read.
_RULES: dict[tuple[str, ...], Rule] = {
    **alter.RULES,
    **databases.RULES,
    **functions.RULES,
    **session.RULES,
    **show.RULES,
    **tables.RULES,
    **views.RULES,
    **writes.RULES,
}
_LONGEST = max(len(words) for words in _RULES)
_FIRST_WORDS = frozenset(words[0] for words in _RULES)


class StatementReader(QueryReader):
    """Reads statements."""

    def statement(self) -> LogicalPlan:
        """Read a query or a command."""
        if self.kind == "WITH":
            return self._with_statement()
        if self.kind == "FROM":
            return self.either(self.query, lambda: writes.multi_insert(self))
        if self.kind in QUERY_WORDS or self.kind in ("(", "MAP", "REDUCE"):
            return self.query()
        for length in range(_LONGEST, 0, -1):
            rule = _RULES.get(tuple(self.peek(distance) for distance in range(length)))
            if rule is not None:
                self.index += length
                return rule(self)
        if self.kind in _FIRST_WORDS:
            self.index += 1
        self.fail()

    def _with_statement(self) -> LogicalPlan:
        first = self.index
        recursive, definitions = self.definitions()
        if self.kind in ("INSERT", "MERGE", "DELETE", "UPDATE"):
            return writes.with_definitions(self, recursive, definitions)
        self.index = first
        return self.query()

    def rest(self) -> str:
        """Step to the end, and return the text as it was written."""
        first = self.index
        last = len(self.kinds) - 1
        while last > first and self.kinds[last - 1] == ";":
            last -= 1
        self.index = last
        return self.source(first, last)
