"""DuckDB's errors as Spark's, where a query's text alone does not make them."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pyrite.core.errors import CertainFailure
from pyrite.sql.errors import SparkError
from pyrite.sql.execution.duckdb_errors import FragmentError, translate
from pyrite.sql.parser import parse_statement
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState


def test_a_file_that_went_after_the_query_was_planned(
    session: SessionState, tmp_path: Path
) -> None:
    path = tmp_path / "gone.parquet"
    pq.write_table(pa.table({"a": [1]}), path)
    execution = QueryExecution(session, parse_statement(f"SELECT a FROM parquet.`{path}`"))
    assert execution.ordered
    path.unlink()
    with pytest.raises(SparkError) as caught:
        list(execution.execute().batches)
    assert caught.value.error_class == "FAILED_READ_FILE.FILE_NOT_EXIST"
    assert f"file://{path}. File does not exist." in caught.value.message


@pytest.mark.parametrize(
    ("statement", "is_certain"),
    [
        ("SELECT CAST('x' AS INTEGER)", True),
        ("SELECT 9223372036854775807 + i FROM range(2) AS t(i)", True),
        ("SELECT error('boom')", True),
        ("SELECT * FROM read_parquet('/nowhere/it.parquet')", False),
    ],
)
def test_what_follows_from_the_data_is_certain(statement: str, is_certain: bool) -> None:
    import duckdb

    with pytest.raises(duckdb.Error) as caught, duckdb.connect() as connection:
        connection.execute(statement).fetchall()
    error = translate(caught.value, None)
    assert isinstance(error, FragmentError)
    assert isinstance(error, CertainFailure) is is_certain
