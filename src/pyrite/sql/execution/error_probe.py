"""Probing: which of several expressions failed, found by running the failed query again.

DuckDB's overflows do not say which sum or product they come from. Where several could have
overflowed, the query is written once more for each of them, so that it alone raises an error that
can be told from the others, until that error comes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyrite.sql.errors import Origin
from pyrite.sql.execution.error_places import ErrorPlaces
from pyrite.sql.expressions.expression import Expression

if TYPE_CHECKING:
    from pyrite.sql.execution.stoppable_connection import StoppableConnection

__all__ = ["probe"]

#: How many expressions are tried, and how many seconds that may take.
_MOST_SUSPECTS = 8
_LONGEST = 5.0

_FOUND = "pyrite found the culprit"


@dataclass
class _OneSuspect(ErrorPlaces):
    """Places that let one expression raise an error of its own.

    Attributes:
        suspect: The expression.
    """

    suspect: Expression | None = None

    def note(self, expression: Expression, sql: str, origin: Origin) -> str:
        """Note an expression, and catch what the suspect raises."""
        sql = super().note(expression, sql, origin)
        if expression != self.suspect:
            return sql
        return f"struct_extract(coalesce(TRY(struct_pack(v := {sql})), error('{_FOUND}')), 'v')"


def probe(
    connection: StoppableConnection,
    rewrite: Callable[[ErrorPlaces], str],
    suspects: Sequence[Expression],
) -> Expression | None:
    """Return the expression that fails, None if that does not come out soon.

    Args:
        connection: What the query ran on.
        rewrite: Writes the query again.
        suspects: The expressions that can have failed, inner ones before those around them.
    """
    until = time.monotonic() + _LONGEST
    for suspect in suspects[:_MOST_SUSPECTS]:
        sql = rewrite(_OneSuspect(suspect=suspect))
        with connection.working() as working:
            if _fails(working, sql, until - time.monotonic()):
                return suspect
    return None


def _fails(connection: Any, sql: str, seconds: float) -> bool:
    """Whether a query ends in the suspect's error."""
    timer = threading.Timer(max(seconds, 0.0), connection.interrupt)
    timer.start()
    try:
        for _ in connection.sql(sql).to_arrow_reader():
            pass
    except Exception as error:
        return _FOUND in str(error).partition("\n\nLINE ")[0]
    finally:
        timer.cancel()
    return False
