"""Select: one SELECT statement while operators are added to it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

__all__ = ["Select"]

#: Text that costs nothing to write twice: a column, perhaps of a named relation.
_SIMPLE = re.compile(r'(t\d+\.)?(c\d+|"[^"]*")')


@dataclass
class Select:
    """A SELECT statement.

    Attributes:
        source: What stands after FROM; empty for one row of nothing.
        columns: SQL of each column by attribute id, in terms of ``source``.
        where: Conditions, all of which must hold.
        group_by: What stands after GROUP BY; None when rows are not grouped.
        order_by: What stands after ORDER BY.
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
    order_by: str = ""
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

    def cheap(self, ids: Iterable[int]) -> bool:
        """Whether the columns with these ids can be written out without computing twice."""
        seen: set[int] = set()
        for column in ids:
            text = self.columns.get(column)
            if text is None or _SIMPLE.fullmatch(text):
                continue
            if column in seen:
                return False
            seen.add(column)
        return True

    def sql(self, output: Iterable[int]) -> str:
        """Return the statement.

        Args:
            output: The ids of the columns to give, in order.
        """
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
            pieces += ["ORDER BY", self.order_by]
        if self.limit:
            pieces += ["LIMIT", self.limit]
        if self.offset:
            pieces += ["OFFSET", self.offset]
        return " ".join(piece for piece in pieces if piece)
