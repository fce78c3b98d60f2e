"""PIVOT, UNPIVOT and transpose: the columns they make, by Spark's names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.expressions.expression import Expression, Literal
from pyrite.sql.expressions.unresolved import (
    UnresolvedAlias,
    UnresolvedAttribute,
    UnresolvedFunction,
)
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import (
    SqlText,
    Transpose,
    UnresolvedInlineTable,
    UnresolvedPivot,
    UnresolvedUnpivot,
)
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import DOUBLE, INTEGER, NULL, STRING

Run = Callable[[LogicalPlan], list[tuple[Any, ...]]]


def literal(value: Any) -> Literal:
    types = {int: INTEGER, str: STRING, float: DOUBLE, type(None): NULL}
    return Literal(value, types[type(value)])


def table(names: str, *rows: tuple[Any, ...]) -> UnresolvedInlineTable:
    return UnresolvedInlineTable(
        tuple(tuple(map(literal, row)) for row in rows), tuple(names.split())
    )


def col(name: str) -> UnresolvedAttribute:
    return UnresolvedAttribute((name,))


def call(name: str, *arguments: Expression) -> UnresolvedFunction:
    return UnresolvedFunction((name,), arguments)


COURSES = table(
    "year course earnings",
    (2012, "java", 20000.0),
    (2012, "dotNET", 5000.0),
    (2013, "java", 30000.0),
    (2013, None, 1.5),
)


def columns(session: SessionState, plan: LogicalPlan) -> list[str]:
    return QueryExecution(session, plan).schema.fieldNames()


def test_pivot_asks_the_data_for_values_nulls_first(session: SessionState, run: Run) -> None:
    total = call("sum", col("earnings"))
    plan = UnresolvedPivot((col("year"),), col("course"), (), (total,), COURSES)
    assert columns(session, plan) == ["year", "null", "dotNET", "java"]
    assert sorted(run(plan)) == [(2012, None, 5000.0, 20000.0), (2013, 1.5, None, 30000.0)]


def test_pivot_names_cells_after_value_and_aggregate_when_there_are_several(
    session: SessionState, run: Run
) -> None:
    aggregates = (
        call("sum", col("earnings")),
        UnresolvedAlias(call("count", col("earnings")), "n"),
    )
    values = ((literal("java"), None), (literal("zz"), "other"))
    plan = UnresolvedPivot((col("year"),), col("course"), values, aggregates, COURSES)
    assert columns(session, plan) == [
        "year",
        "java_sum(earnings)",
        "java_n",
        "other_sum(earnings)",
        "other_n",
    ]
    # A pair without rows has no count, not a count of 0.
    assert sorted(run(plan)) == [(2012, 20000.0, 1, None, None), (2013, 30000.0, 1, None, None)]


def test_pivot_without_grouping_groups_by_the_columns_it_does_not_use(
    session: SessionState, run: Run
) -> None:
    values = ((literal(2012), None), (literal(2013), "y"))
    total = call("sum", col("earnings"))
    plan = UnresolvedPivot(None, col("year"), values, (total,), COURSES)
    assert columns(session, plan) == ["course", "2012", "y"]
    assert set(run(plan)) == {
        ("java", 20000.0, 30000.0),
        ("dotNET", 5000.0, None),
        (None, None, 1.5),
    }


def test_pivot_of_arrays_has_empty_ones_where_there_are_no_rows(run: Run) -> None:
    values = ((literal("java"), None), (literal("zz"), None))
    every = call("collect_list", col("earnings"))
    plan = UnresolvedPivot((col("year"),), col("course"), values, (every,), COURSES)
    assert sorted(run(plan)) == [(2012, [20000.0], []), (2013, [30000.0], [])]


@pytest.mark.parametrize(
    ("value", "aggregate", "condition"),
    [
        (col("course"), call("sum", col("earnings")), "NON_LITERAL_PIVOT_VALUES"),
        (literal(2012), col("earnings"), "_LEGACY_ERROR_TEMP_1006"),
    ],
)
def test_pivot_refuses(
    session: SessionState, value: Expression, aggregate: Expression, condition: str
) -> None:
    plan = UnresolvedPivot(None, col("year"), ((value, None),), (aggregate,), COURSES)
    with pytest.raises(SparkError) as caught:
        columns(session, plan)
    assert caught.value.error_class == condition


def test_pivot_refuses_more_values_than_the_setting_allows(session: SessionState) -> None:
    session.conf.set("spark.sql.pivotMaxValues", "2")
    total = call("sum", col("earnings"))
    plan = UnresolvedPivot((col("year"),), col("course"), (), (total,), COURSES)
    with pytest.raises(SparkError, match="more than 2 distinct values"):
        columns(session, plan)


NUMBERS = table("id i d s", (1, 11, 1.1, "a"), (2, 12, None, "b"))


def test_unpivot_of_all_but_the_ids(session: SessionState, run: Run) -> None:
    ids = (col("id"), col("s"))
    plan = UnresolvedUnpivot(ids, None, "var", ("val",), NUMBERS)
    assert columns(session, plan) == ["id", "s", "var", "val"]
    assert run(plan) == [
        (1, "a", "i", 11.0),
        (1, "a", "d", 1.1),
        (2, "b", "i", 12.0),
        (2, "b", "d", None),
    ]


def test_unpivot_of_groups_keeps_the_other_columns(session: SessionState, run: Run) -> None:
    values = (((col("i"), col("d")), None), ((col("d"), col("i")), "z"))
    plan = UnresolvedUnpivot(None, values, "var", ("v1", "v2"), NUMBERS, include_nulls=False)
    assert columns(session, plan) == ["id", "s", "var", "v1", "v2"]
    assert run(plan)[:2] == [(1, "a", "i_d", 11.0, 1.1), (1, "a", "z", 1.1, 11.0)]


@pytest.mark.parametrize(
    ("values", "condition"),
    [
        ((), "UNPIVOT_REQUIRES_VALUE_COLUMNS"),
        ((((col("i"),), None), ((col("s"),), None)), "UNPIVOT_VALUE_DATA_TYPE_MISMATCH"),
    ],
)
def test_unpivot_refuses(session: SessionState, values: Any, condition: str) -> None:
    plan = UnresolvedUnpivot((col("id"),), values, "var", ("val",), NUMBERS)
    with pytest.raises(SparkError) as caught:
        columns(session, plan)
    assert caught.value.error_class == condition


def test_transpose_makes_the_first_column_the_header(session: SessionState, run: Run) -> None:
    plan = Transpose((), table("id v1 v2", ("B", 3, 4.5), ("A", 1, 2.5), (None, 0, 0.0)))
    assert columns(session, plan) == ["key", "A", "B"]
    assert run(plan) == [("v1", 1.0, 3.0), ("v2", 2.5, 4.5)]


def test_transpose_needs_a_common_type(session: SessionState) -> None:
    with pytest.raises(SparkError) as caught:
        columns(session, Transpose((col("id"),), NUMBERS))
    assert caught.value.parameters == {"dt1": '"DOUBLE"', "dt2": '"STRING"'}


def test_pivot_calls_a_nested_key_by_its_last_part(session: SessionState) -> None:
    sales = SqlText("SELECT named_struct('year', 2012, 'course', 'java') AS sales, 5 AS earnings")
    total = call("sum", col("earnings"))
    keys = (UnresolvedAttribute(("sales", "year")),)
    plan = UnresolvedPivot(keys, UnresolvedAttribute(("sales", "course")), (), (total,), sales)
    assert columns(session, plan) == ["year", "java"]
