"""Finding the expression that failed among several that can have."""

from __future__ import annotations

import duckdb
import pytest

from pyrite.sql.errors import Origin
from pyrite.sql.execution.error_places import ErrorPlaces
from pyrite.sql.execution.error_probe import probe
from pyrite.sql.execution.stoppable_connection import StoppableConnection
from pyrite.sql.expressions.expression import Literal
from pyrite.sql.types import INTEGER

SUMS = [Literal(number, INTEGER) for number in range(3)]
TEXTS = ["(a + 1)", "(b + 1)", "(a + a)"]


def rewrite(places: ErrorPlaces) -> str:
    """Write a query of three sums, the second of which overflows."""
    noted = [
        places.note(each, sql, Origin(sql, 0, len(sql) - 1))
        for each, sql in zip(SUMS, TEXTS, strict=True)
    ]
    return f"SELECT {', '.join(noted)} FROM (SELECT 1 AS a, 2147483647 AS b FROM range(3))"


@pytest.mark.parametrize(
    ("suspects", "culprit"), [(SUMS, SUMS[1]), ([SUMS[0], SUMS[2]], None), ([], None)]
)
def test_the_one_that_fails_is_found(suspects: list[Literal], culprit: Literal | None) -> None:
    connection = StoppableConnection(duckdb.connect())

    assert probe(connection, rewrite, suspects) is culprit

    connection.close()


def test_too_many_suspects_are_let_go() -> None:
    connection = StoppableConnection(duckdb.connect())

    assert probe(connection, rewrite, [SUMS[0]] * 8 + [SUMS[1]]) is None

    connection.close()
