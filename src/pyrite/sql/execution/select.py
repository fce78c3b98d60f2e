"""Select: one SELECT statement while operators are added to it."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass, field

__all__ = ["OrderKey", "Select"]

#: The text of a column, perhaps of a named relation.
_COLUMN = r'(t\d+\.)?(c\d+|"[^"]*")'
_SIMPLE = re.compile(_COLUMN)

#: Text that costs next to nothing to write twice: a column, or a little arithmetic. A subquery
#: for each step of a long chain of new columns would cost more.
_SHORT = re.compile(rf'{_COLUMN}|(?!.*(SELECT|\w(?<!CAST)\())[\w."+*\- ()]{{,80}}')


@dataclass(frozen=True, slots=True)
class OrderKey:
    """What the rows of a SELECT are sorted by.

    Attributes:
        sql: SQL of the key, in terms of the SELECT's source.
        direction: Such as ``ASC NULLS FIRST``.
        column: The column of the SELECT that this is, which is then named; None for none.
    """

    sql: str
    direction: str
    column: int | None = None

    def text(self, output: Container[int]) -> str:
        """Return what stands in ORDER BY beside the given columns."""
        named = self.column is not None and self.column in output
        return f"c{self.column} {self.direction}" if named else f"{self.sql} {self.direction}"


@dataclass
class Select:
    """A SELECT statement.

    Attributes:
        source: What stands after FROM; empty for one row of nothing.
        columns: SQL of each column by attribute id, in terms of ``source``.
        where: Conditions, all of which must hold.
        group_by: What stands after GROUP BY, HAVING included; None when rows are not grouped.
        order_by: What the rows are sorted by.
        limit: What stands after LIMIT.
        offset: What stands after OFFSET.
        distinct: Empty, ``DISTINCT`` or ``DISTINCT ON (...)``.
        computed: Whether the columns hold windows or rows made by unnest, which conditions
            must not see.
    """

    source: str
    columns: dict[int, str] = field(default_factory=dict)
    where: list[str] = field(default_factory=list)
    group_by: str | None = None
    order_by: list[OrderKey] = field(default_factory=list)
    limit: str = ""
    offset: str = ""
    distinct: str = ""
    computed: bool = False

    @property
    def plain(self) -> bool:
        """Whether this only filters and computes: more of both can be added."""
        return not (
            self.group_by is not None
            or self.order_by
            or self.limit
            or self.offset
            or self.distinct
            or self.computed
        )

    @property
    def projectable(self) -> bool:
        """Whether other columns can be computed in the place of these."""
        return self.group_by is None and not self.distinct and not self.computed

    def droppable(self, kept: Container[int]) -> bool:
        """Whether the rows stay the same if only some of the columns are given."""
        if self.distinct:
            return False
        return all(key.column in kept or "SELECT" not in key.sql for key in self.order_by)

    def cheap(self, ids: Iterable[int]) -> bool:
        """Whether the columns with these ids can be written out without computing much twice."""
        seen: set[int] = set()
        for column in ids:
            text = self.columns.get(column)
            if text is None or _SHORT.fullmatch(text):
                continue
            if column in seen or "SELECT" in text:  # a function may say its arguments often
                return False
            seen.add(column)
        return True

    def simple(self, ids: Iterable[int]) -> bool:
        """Whether the columns with these ids are those of a relation, and nothing is computed."""
        texts = (self.columns.get(column) for column in ids)
        return all(text is None or _SIMPLE.fullmatch(text) for text in texts)

    def sql(self, output: Iterable[int]) -> str:
        """Return the statement.

        Args:
            output: The ids of the columns to give, in order.
        """
        output = [*output]
        items = []
        for column in output:
            text = self.columns[column]
            name = f"c{column}"
            items.append(text if text == name else f"{text} AS {name}")
        pieces = ["SELECT", self.distinct, ", ".join(items) or "1 AS nothing"]
        if self.source:
            pieces += ["FROM", self.source]
        if self.where:
            pieces += ["WHERE", " AND ".join(self.where)]
        if self.group_by:
            pieces += ["GROUP BY", self.group_by]
        if self.order_by:
            pieces += ["ORDER BY", ", ".join(key.text(output) for key in self.order_by)]
        if self.limit:
            pieces += ["LIMIT", self.limit]
        if self.offset:
            pieces += ["OFFSET", self.offset]
        return " ".join(piece for piece in pieces if piece)
