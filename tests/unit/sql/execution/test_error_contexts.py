"""Where in its query an error says it comes from, as Spark said it.

``tests/oracle/record_error_contexts.py`` records the answers.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.plans.unresolved import SqlText
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState

GOLDENS = json.loads(Path(__file__).with_name("golden_error_contexts.json").read_text("utf-8"))


@pytest.mark.parametrize("golden", GOLDENS, ids=lambda golden: golden["sql"])
def test_a_failing_query_says_where_it_failed(
    session: SessionState, golden: dict[str, Any]
) -> None:
    with pytest.raises(SparkError) as caught:
        list(QueryExecution(session, SqlText(golden["sql"])).execute().batches)

    error, origin = caught.value, caught.value.origin
    assert {
        "sql": golden["sql"],
        "class": error.exception_class.__name__,
        "error": error.error_class,
        "sql_state": error.sql_state,
        "parameters": error.parameters,
        "context": origin and [origin.fragment, origin.start, origin.stop, origin.summary()],
    } == golden
