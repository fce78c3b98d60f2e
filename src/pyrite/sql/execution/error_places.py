"""ErrorPlaces: the expressions of a query that may fail, and which of them an error comes from.

Errors that Pyrite's SQL raises carry the number of their expression. DuckDB's own errors only
tell what happened, so whoever could have met that is suspected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pyrite.sql.errors import Origin
from pyrite.sql.expressions.expression import Expression
from pyrite.sql.functions.raising import is_open, number_errors

__all__ = ["ErrorPlaces"]


@dataclass
class ErrorPlaces:
    """The places of one query's expressions."""

    _expressions: list[tuple[Expression, Origin]] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)
    _kernels: dict[str, Origin] = field(default_factory=dict)

    def note(self, expression: Expression, sql: str, origin: Origin) -> str:
        """Note an expression and return its SQL, in which errors have its number.

        Expressions with the same SQL have one number: DuckDB computes them once.
        """
        self._expressions.append((expression, origin))
        if not is_open(sql):
            return sql
        return number_errors(sql, str(self._numbers.setdefault(sql, len(self._expressions) - 1)))

    def note_kernel(self, name: str, origin: Origin) -> None:
        """Note a function over Arrow arrays; the errors it raises have its name as number."""
        self._kernels.setdefault(name, origin)

    def numbered(self, number: str) -> Origin | None:
        """Return the place of the expression with this number."""
        if number.isdigit():
            return self._expressions[int(number)][1]
        return self._kernels.get(number)

    def suspects(self, may_raise: Callable[[Expression], bool]) -> dict[Origin, Expression]:
        """Return the expressions that can have raised an error, by their places.

        Args:
            may_raise: Whether an expression may raise such an error.
        """
        return {origin: each for each, origin in self._expressions if may_raise(each)}
