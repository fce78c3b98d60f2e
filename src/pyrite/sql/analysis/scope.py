"""Scope: what a name means where it stands.

A scope holds the columns that an operator's inputs put out. Subqueries have the scope of the
query around them as ``outer``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyrite.sql.expressions.expression import Alias, Attribute, Expression

if TYPE_CHECKING:
    from pyrite.sql.plans.plan import LogicalPlan

__all__ = ["Match", "PlanIds", "Resolved", "Scope"]


@dataclass(frozen=True)
class Match:
    """What a name was found to be.

    Attributes:
        candidates: The columns it may mean; more than one is ambiguous.
        fields: The parts of the name after the column's: nested fields.
    """

    candidates: tuple[Expression, ...]
    fields: tuple[str, ...]


#: By the id of a client's DataFrame, the columns it put out, once for each place it stands in.
PlanIds = Mapping[int, tuple[tuple[Attribute, ...], ...]]


@dataclass
class Scope:
    """The columns that can be named.

    Attributes:
        attributes: The inputs' columns.
        plan_ids: The client's DataFrames below.
        hidden: Columns that only a qualified name finds: both sides' keys of JOIN USING.
        outer: The scope around a subquery.
        case_sensitive: Whether ``A`` and ``a`` differ.
        lifted: Below a HAVING or an ORDER BY: what subqueries there want aggregated here.
        plan: What puts the columns out, where it is one operator.
    """

    attributes: Sequence[Attribute]
    plan_ids: PlanIds = field(default_factory=dict)
    hidden: Sequence[Attribute] = ()
    outer: Scope | None = None
    case_sensitive: bool = False
    lifted: list[Alias] | None = None
    plan: LogicalPlan | None = None
    _index: dict[str, list[Attribute]] | None = None

    def fold(self, name: str) -> str:
        """Return a name in the form in which names are compared."""
        return name if self.case_sensitive else name.lower()

    def index(self) -> dict[str, list[Attribute]]:
        """Return the columns by folded name."""
        if self._index is None:
            self._index = {}
            for attribute in self.attributes:
                self._index.setdefault(self.fold(attribute.name), []).append(attribute)
        return self._index

    def find(self, parts: Sequence[str]) -> Match | None:
        """Look up a name: the longest qualifier first, then the column, then nested fields.

        Returns:
            None when nothing has that name in this scope (outer scopes are not asked).
        """
        for length in range(min(len(parts) - 1, 3), 0, -1):
            found = self._qualified(parts[:length], parts[length])
            if found:
                return Match(found, tuple(parts[length + 1 :]))
        unqualified = self.index().get(self.fold(parts[0]), ())
        if unqualified:
            return Match(tuple(dict.fromkeys(unqualified)), tuple(parts[1:]))
        return None

    def _qualified(self, qualifier: Sequence[str], name: str) -> tuple[Expression, ...]:
        folded = [self.fold(part) for part in qualifier]
        wanted = self.fold(name)
        for columns in (self.index().get(wanted, ()), self.hidden):
            found = [
                a
                for a in columns
                if self.fold(a.name) == wanted
                and [self.fold(part) for part in a.qualifier[-len(folded) :]] == folded
            ]
            if found:
                return tuple(dict.fromkeys(found))
        return ()

    def under(self, qualifier: Sequence[str]) -> list[Attribute]:
        """Return the columns of one relation, for ``t.*``: the keys of JOIN USING come first."""
        folded = [self.fold(part) for part in qualifier]
        matching = [
            a
            for a in (*self.hidden, *self.attributes)
            if [self.fold(part) for part in a.qualifier[-len(folded) :]] == folded
        ]
        return list(dict.fromkeys(matching))


@dataclass
class Resolved:
    """A resolved operator, with what names above it may point at.

    Attributes:
        plan: The operator.
        plan_ids: The client's DataFrames below it.
        hidden: As in ``Scope``.
        inner: The scope the operator's own expressions were resolved in, for ORDER BY and
            HAVING, which may name columns that the SELECT list dropped.
    """

    plan: LogicalPlan
    plan_ids: PlanIds = field(default_factory=dict)
    hidden: Sequence[Attribute] = ()
    inner: Scope | None = None
