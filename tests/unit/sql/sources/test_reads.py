"""Reading files: what Spark read from the same texts, recorded, and files that Spark wrote."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.expressions.unresolved import UnresolvedAttribute
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import UnresolvedDataSource, UnresolvedProject
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import StructType

FOLDER = Path(__file__).parent
FILES = FOLDER / "spark_files"
CASES = json.loads((FOLDER / "reads.json").read_text("utf-8"))
GOLDEN = json.loads((FOLDER / "golden_reads.json").read_text("utf-8"))


def name_of(case: dict[str, Any]) -> str:
    return f"{case['format']}: {case['name']}"


def plain(value: Any) -> Any:
    """The form in which the recorder keeps values."""
    match value:
        case float():
            return repr(value)
        case datetime.datetime() if value.tzinfo is not None:
            return value.astimezone(datetime.UTC).isoformat()
        case datetime.datetime() | datetime.date():
            return value.isoformat()
        case bytes():
            return f"0x{value.hex()}"
        case dict():
            return {key: plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case None | bool() | int() | str():
            return value
        case _:
            return str(value)


def source(format: str, path: Path, **options: str) -> UnresolvedDataSource:
    return UnresolvedDataSource(format, None, tuple(options.items()), (str(path),))


def read(session: SessionState, plan: LogicalPlan) -> tuple[StructType, list[list[Any]]]:
    result = QueryExecution(session, plan).execute()
    rows = [
        [plain(column[row].as_py()) for column in batch]
        for batch in result.batches
        for row in range(batch.num_rows)
    ]
    return result.schema, rows


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_texts_are_read_as_spark_reads_them(
    case: dict[str, Any], session: SessionState, tmp_path: Path
) -> None:
    golden = GOLDEN[name_of(case)]
    path = tmp_path / "file"
    path.write_bytes(case["text"].encode())
    schema = StructType.fromJson(golden["user_schema"]) if "user_schema" in golden else None
    options = tuple(case.get("options", {}).items())
    plan: LogicalPlan = UnresolvedDataSource(case["format"], schema, options, (str(path),))
    if "columns" in case:
        columns = tuple(UnresolvedAttribute((name,)) for name in case["columns"])
        plan = UnresolvedProject(columns, plan)
    if "error" in golden:
        with pytest.raises(SparkError) as caught:
            read(session, plan)
        assert caught.value.error_class == golden["error"]
        return
    found, rows = read(session, plan)
    if "columns" not in case:
        assert found.simpleString() == StructType.fromJson(golden["schema"]).simpleString()
    assert rows == golden["rows"]


@pytest.mark.parametrize("content", ["values", "nested"])
@pytest.mark.parametrize("format", ["parquet", "orc"])
def test_files_that_spark_wrote(content: str, format: str, session: SessionState) -> None:
    found, rows = read(session, source(format, FILES / content / format))
    golden = GOLDEN[content]
    assert found.simpleString() == StructType.fromJson(golden["schema"]).simpleString()
    assert rows == golden["rows"]


def test_partition_directories_that_spark_wrote(session: SessionState) -> None:
    found, rows = read(session, source("parquet", FILES / "partitioned"))
    golden = GOLDEN["partitioned"]
    assert found == StructType.fromJson(golden["schema"])
    assert sorted(rows) == golden["rows"]
