"""Which results of functions may be null, or hold nulls: what Spark's ``printSchema`` says."""

from __future__ import annotations

import pytest

from pyrite.sql.plans.unresolved import SqlText
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState


@pytest.mark.parametrize(
    ("expression", "nullable"),
    [
        ("encode('a', 'UTF-8')", True),
        ("decode(X'61', 'UTF-8')", True),
        ("quote('a')", True),
        ("url_encode('a')", True),
        ("split_part('a', 'b', 1)", True),
        ("format_string('%s', null)", False),
        ("flatten(array(array(1)))", False),
        ("map_from_entries(array(struct(1, 2)))", False),
        ("map_from_entries(array(struct(1, 2), null))", True),
    ],
)
def test_results_may_be_null_where_spark_says_so(
    session: SessionState, expression: str, nullable: bool
) -> None:
    schema = QueryExecution(session, SqlText(f"SELECT {expression}")).execute().schema
    assert schema.fields[0].nullable is nullable


@pytest.mark.parametrize(
    ("expression", "holds_nulls"), [("split('a', 'b')", False), ("map_keys(map('a', 1))", True)]
)
def test_arrays_hold_nulls_where_spark_says_so(
    session: SessionState, expression: str, holds_nulls: bool
) -> None:
    schema = QueryExecution(session, SqlText(f"SELECT {expression}")).execute().schema
    assert schema.fields[0].dataType.jsonValue()["containsNull"] is holds_nulls
