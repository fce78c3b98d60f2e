"""Timestamps without zone in Parquet: what they are taken for, in Los Angeles."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pyrite.sql.parser.parse import parse_schema
from pyrite.sql.plans.unresolved import UnresolvedDataSource
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState

LOCAL = datetime(2020, 1, 2, 3, 4, 5)
INSTANT = "2020-01-02T03:04:05+00:00"


@pytest.mark.parametrize(
    ("setting", "schema", "found", "instant"),
    [
        ("true", None, "struct<a:timestamp_ntz,b:array<timestamp_ntz>>", False),
        ("true", "a timestamp, b array<timestamp>", "struct<a:timestamp,b:array<timestamp>>", True),
        ("false", None, "struct<a:timestamp,b:array<timestamp>>", True),
        (
            "false",
            "a timestamp_ntz, b array<timestamp_ntz>",
            "struct<a:timestamp_ntz,b:array<timestamp_ntz>>",
            False,
        ),
    ],
)
def test_what_has_no_zone(
    setting: str,
    schema: str | None,
    found: str,
    instant: bool,
    session: SessionState,
    tmp_path: Path,
) -> None:
    path = tmp_path / "file.parquet"
    moment = pa.timestamp("us")
    pq.write_table(
        pa.table({"a": pa.array([LOCAL], moment), "b": pa.array([[LOCAL]], pa.list_(moment))}), path
    )
    session.conf.set("spark.sql.parquet.inferTimestampNTZ.enabled", setting)
    given = None if schema is None else parse_schema(schema)
    source = UnresolvedDataSource("parquet", given, (), (str(path),))
    result = QueryExecution(session, source).execute()
    assert result.schema.simpleString() == found
    (row,) = [row for batch in result.batches for row in batch.to_pylist()]
    (in_array,) = row["b"]
    for value in (row["a"], in_array):
        assert value == (datetime.fromisoformat(INSTANT) if instant else LOCAL)
