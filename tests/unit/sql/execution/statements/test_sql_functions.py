"""Functions written in SQL: made, called, described, dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.plans.commands import CatalogStatement
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import SqlText
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState, SharedState

Run = Callable[[LogicalPlan], list[tuple[Any, ...]]]


@pytest.fixture
def create(run: Run) -> Callable[..., None]:
    def create_function(name: str, **arguments: Any) -> None:
        run(CatalogStatement("create_function", (("name", (name,)), *arguments.items())))

    return create_function


def test_a_scalar_function(run: Run, create: Callable[..., None], session: SessionState) -> None:
    create("area", parameters="w DOUBLE, h DOUBLE DEFAULT 2 COMMENT 'high'", returns="INT",
           body="w * area.h")  # fmt: skip
    assert run(SqlText("SELECT area(3, 4), default.area(1.5), area(h => 1, w => 7)")) == [
        (12, 3, 7)
    ]
    schema = QueryExecution(session, SqlText("SELECT area(3, 4)")).schema
    assert schema.names == ["spark_catalog.default.area(3, 4)"]
    values = "VALUES (1), (2) AS t(x)"
    assert run(SqlText(f"SELECT sum(area(x, x)) FROM {values}")) == [(5,)]


def test_a_body_with_a_query(run: Run, create: Callable[..., None]) -> None:
    create("smaller", parameters="n INT", returns="BIGINT",
           body="SELECT count(*) FROM VALUES (1), (2), (3) AS t(x) WHERE x < n")  # fmt: skip
    assert run(SqlText("SELECT smaller(3), smaller(1)")) == [(2, 0)]


def test_a_table_function(run: Run, create: Callable[..., None]) -> None:
    create("pairs", parameters="n INT", returns="a BIGINT, b STRING", is_table=True,
           body="SELECT x, x * 10 FROM VALUES (1), (2), (3) AS t(x) WHERE x >= n")  # fmt: skip
    assert run(SqlText("SELECT b, a FROM pairs(2)")) == [("20", 2), ("30", 3)]


def test_functions_are_stored_and_temporary_ones_are_not(
    run: Run, create: Callable[..., None], shared: SharedState
) -> None:
    create("kept", parameters="x INT", returns="INT", body="x + 1")
    create("mine", parameters="x INT", returns="INT", body="x + 2", temporary=True)
    assert run(SqlText("SELECT kept(1), mine(1)")) == [(2, 3)]
    shown = run(CatalogStatement("show_functions", (("scope", "user"),)))
    assert shown == [("mine",), ("spark_catalog.default.kept",)]
    other = SessionState(shared)
    assert other.function("kept") is not None
    assert other.function("mine") is None


def test_describing_and_dropping(run: Run, create: Callable[..., None]) -> None:
    create("sq", parameters="x INT", returns="INT", body="x * x")
    described = run(CatalogStatement("describe_function", (("name", ("sq",)),)))
    assert described == [
        ("Function: spark_catalog.default.sq",),
        ("Type:     SCALAR",),
        ("Input:    x INT",),
        ("Returns:  INT",),
    ]
    drop = CatalogStatement("drop_function", (("name", ("sq",)),))
    run(drop)
    for plan, condition in (
        (drop, "ROUTINE_NOT_FOUND"),
        (SqlText("SELECT sq(1)"), "UNRESOLVED_ROUTINE"),
    ):
        with pytest.raises(SparkError) as caught:
            run(plan)
        assert caught.value.error_class == condition


def test_a_wrong_number_of_arguments(run: Run, create: Callable[..., None]) -> None:
    create("sq", parameters="x INT", returns="INT", body="x * x")
    for call in ("sq()", "sq(1, 2)"):
        with pytest.raises(SparkError) as caught:
            run(SqlText(f"SELECT {call}"))
        assert caught.value.error_class == "WRONG_NUM_ARGS.WITHOUT_SUGGESTION"


def test_stored_views_are_read_in_their_own_database(run: Run) -> None:
    from pyrite.sql.plans.commands import CreateView, WriteTable

    run(CatalogStatement("create_database", (("name", ("d",)),)))
    run(CatalogStatement("use", (("name", ("d",)),)))
    run(WriteTable(("t",), SqlText("SELECT 1 AS a, 'x' AS b"), "create"))
    text = "SELECT b, a FROM t"
    run(CreateView(("v",), SqlText(text), "stored", False, columns=(("p", "first"), ("q", None)),
                   text=text))  # fmt: skip
    run(CatalogStatement("use", (("name", ("default",)),)))
    assert run(SqlText("SELECT q, p FROM d.v")) == [(1, "x")]
    assert run(CatalogStatement("describe_table", (("name", ("d", "v")),))) == [
        ("p", "string", "first"),
        ("q", "int", None),
    ]
