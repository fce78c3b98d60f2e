"""Equivalences: what follows from equalities, ``a = c`` from ``a = b`` and ``b = c``.

With them relations can be joined directly that the query only relates through a third one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import permutations

from pyrite.sql.expressions.expression import Call, Expression
from pyrite.sql.functions.registry import builtin_functions
from pyrite.sql.optimizer.conditions import columns_read, has_subquery
from pyrite.sql.types import BOOLEAN

__all__ = ["Equivalences"]


class Equivalences:
    """Values of the relations of a group of joins that are equal in all rows of the result.

    Args:
        conditions: What must hold for the result.
        relations: The ids of each relation's columns.

    Attributes:
        others: The conditions that are not equalities of values of two relations.
    """

    def __init__(
        self, conditions: Iterable[Expression], relations: Sequence[frozenset[int]]
    ) -> None:
        self._relations = relations
        self._everywhere = frozenset().union(*relations)
        self._classes: list[dict[Expression, int]] = []
        #: The query's own equalities, by the value on either side.
        self._given: dict[Expression, dict[Expression, Expression]] = {}
        self.others: list[Expression] = []
        for condition in conditions:
            sides = self._sides(condition)
            if sides is None:
                self.others.append(condition)
            else:
                for one, other in permutations(sides):
                    self._given.setdefault(one, {}).setdefault(other, condition)
                self._add(sides)

    def _sides(self, condition: Expression) -> dict[Expression, int] | None:
        """Return what is equal, each with its relation; None if a condition is another kind."""
        if not (isinstance(condition, Call) and condition.function.name == "="):
            return None
        if has_subquery(condition) or not condition.deterministic:
            return None
        sides = {}
        for value in condition.arguments:
            read = columns_read([value])
            found = [i for i, ids in enumerate(self._relations) if read and read <= ids]
            if not found:
                return None
            sides[value] = found[0]
        return sides if len(set(sides.values())) == 2 else None

    def _add(self, sides: dict[Expression, int]) -> None:
        met = [known for known in self._classes if not known.keys().isdisjoint(sides)]
        merged = {value: i for known in (*met, sides) for value, i in known.items()}
        self._classes = [known for known in self._classes if known not in met] + [merged]

    def within(self, relation: int) -> Iterator[Expression]:
        """Yield the equalities that follow for the values of one relation."""
        for known in self._classes:
            values = [value for value, i in known.items() if i == relation]
            for value in values[1:]:
                yield _equality(values[0], value)

    def between(self, left: frozenset[int], right: frozenset[int]) -> Iterator[Expression]:
        """Yield the equalities that must be tested where two sets of relations are joined.

        Args:
            left: The left side's relations, by number.
            right: The right side's.
        """
        for known in self._classes:
            firsts = [value for value, i in known.items() if i in left]
            seconds = [value for value, i in known.items() if i in right]
            if firsts and seconds:
                yield self._given_between(firsts, seconds) or _equality(firsts[0], seconds[0])

    def _given_between(
        self, firsts: Collection[Expression], seconds: Collection[Expression]
    ) -> Expression | None:
        """Return a condition of the query itself, which knows its place in the program."""
        if len(firsts) > len(seconds):
            firsts, seconds = seconds, firsts
        for first in firsts:
            for second, condition in self._given.get(first, {}).items():
                if second in seconds:
                    return condition
        return None


def _equality(left: Expression, right: Expression) -> Call:
    nullable = left.nullable or right.nullable
    return Call(builtin_functions()["="], (left, right), BOOLEAN, nullable)
