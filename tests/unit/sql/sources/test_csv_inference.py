"""CSV inference: what stands behind the first records counts as much as they do."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyrite.sql.plans.unresolved import UnresolvedDataSource
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState
from pyrite.sql.sources.csv_inference import SAMPLE


@pytest.mark.parametrize(
    ("usual", "last", "expected"),
    [
        ("1", "007", "int"),
        ("1", "3000000000", "bigint"),
        ("3000000000", "12345678901234567890123", "decimal(23,0)"),
        ("1", "12345678901234567890123", "decimal(23,0)"),
        ("1", "1.5", "double"),
        ("1.5", "1e400", "double"),
        ("1.5", "Inf", "double"),
        ("1.5", "1_000", "string"),
        ("1.5", "2020-01-02", "string"),
        ("2020-01-02", "2020-01-02 03:04:05", "timestamp"),
        ("2020-01-02", "2020-1-2", "timestamp"),
        ("2020-01-02", "2020-02-30", "string"),
        ("2020-01-02", "12020-01-02", "timestamp"),
        ("2020-01-02 03:04:05", "2020-01-02T03:04:05.123Z", "timestamp"),
        ("2020-01-02 03:04:05", "infinity", "string"),
        ("true", "FALSE", "boolean"),
        ("true", "1", "string"),
        ("", "1", "int"),
        ("x", "1", "string"),
    ],
)
def test_a_late_value(
    usual: str, last: str, expected: str, session: SessionState, tmp_path: Path
) -> None:
    path = tmp_path / "file.csv"
    path.write_text("k,v\n" + f"1,{usual}\n" * (2 * SAMPLE) + f"1,{last}\n", "utf-8")
    options = (("header", "true"), ("inferSchema", "true"))
    source = UnresolvedDataSource("csv", None, options, (str(path),))
    found = QueryExecution(session, source).execute().schema
    assert found.simpleString() == f"struct<k:int,v:{expected}>"
