"""Formats by name, files of different schemas, bad files, files that are not on a disk."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.sql.conf import SQLConf
from pyrite.sql.errors import SparkError
from pyrite.sql.plans.commands import WriteFiles
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import UnresolvedDataSource
from pyrite.sql.sources.registry import find_format, resolve
from pyrite.sql.types import INTEGER, LONG, STRING, StructField, StructType

Run = Callable[[LogicalPlan], list[tuple[Any, ...]]]


def source(
    format: str, path: object, schema: StructType | None = None, **options: str
) -> UnresolvedDataSource:
    return UnresolvedDataSource(format, schema, tuple(options.items()), (str(path),))


def refusal(run: Run, plan: LogicalPlan) -> str:
    with pytest.raises(SparkError) as caught:
        run(plan)
    return caught.value.error_class


def test_formats_have_short_names_and_class_names() -> None:
    assert find_format("CSV").name == "csv"
    name = "org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat"
    assert find_format(name).name == "parquet"
    with pytest.raises(SparkError) as caught:
        find_format("nothing")
    assert caught.value.error_class == "DATA_SOURCE_NOT_FOUND"


def test_options_have_no_case_and_are_checked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n1\n")
    assert run(source("csv", tmp_path, HEADER="TRUE", InferSchema="true")) == [(1,)]
    with pytest.raises(SparkIllegalArgumentException, match="header flag can be true or false"):
        run(source("csv", tmp_path, header="maybe"))
    for name, value, condition in (
        ("quote", "''", "OPTION_VALUE_EXCEEDS_ONE_CHARACTER"),
        ("lineSep", "", "INVALID_LINE_SEPARATOR.EMPTY"),
        ("encoding", "klingon", "INVALID_PARAMETER_VALUE.CHARSET"),
        ("timeZone", "Mars/Olympus", "INVALID_TIMEZONE"),
    ):
        assert refusal(run, source("csv", tmp_path, **{name: value})) == condition


@pytest.mark.parametrize("format", ["parquet", "orc", "json", "csv"])
def test_a_directory_without_files_has_no_schema(run: Run, tmp_path: Path, format: str) -> None:
    assert refusal(run, source(format, tmp_path)) == "UNABLE_TO_INFER_SCHEMA"
    schema = StructType([StructField("a", INTEGER)])
    assert run(source(format, tmp_path, schema)) == []


def write(path: Path, **columns: list[Any]) -> None:
    pq.write_table(pa.table(columns), path)


def test_parquet_files_of_different_schemas(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "1.parquet", a=[1], b=["x"])
    write(tmp_path / "2.parquet", b=["y"], c=[2.5])
    assert sorted(run(source("parquet", tmp_path)), key=repr) == [(1, "x"), (None, "y")]
    merged = run(source("parquet", tmp_path, mergeSchema="true"))
    assert sorted(merged, key=repr) == [(1, "x", None), (None, "y", 2.5)]
    write(tmp_path / "3.parquet", a=["text"])
    assert refusal(run, source("parquet", tmp_path, mergeSchema="true")) == "CANNOT_MERGE_SCHEMAS"


def test_a_schema_for_parquet_files(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "1.parquet", a=pa.array([1], pa.int32()), B=["x"])
    schema = StructType(
        [StructField("b", STRING), StructField("A", LONG), StructField("c", INTEGER)]
    )
    assert run(source("parquet", tmp_path, schema)) == [("x", 1, None)]


def test_bad_parquet_files(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "1.parquet", a=[1])
    (tmp_path / "2.parquet").write_text("no parquet")
    assert refusal(run, source("parquet", tmp_path)) == "FAILED_READ_FILE.CANNOT_READ_FILE_FOOTER"
    assert run(source("parquet", tmp_path, ignoreCorruptFiles="true")) == [(1,)]


def test_a_partition_column_that_is_also_in_the_files(run: Run, tmp_path: Path) -> None:
    (tmp_path / "k=7").mkdir()
    write(tmp_path / "k=7" / "f.parquet", k=[1], v=["x"])
    assert run(source("parquet", tmp_path)) == [(7, "x")]


def test_headers_are_compared_with_the_schema_when_asked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    schema = StructType([StructField("y", INTEGER), StructField("x", INTEGER)])
    assert run(source("csv", tmp_path, schema, header="true")) == [(1, 2)]
    with pytest.raises(SparkIllegalArgumentException, match=r"Header: x, y\n Schema: y, x"):
        run(source("csv", tmp_path, schema, header="true", enforceSchema="false"))


@pytest.mark.parametrize(
    "data",
    [
        b"a\xff,1\n",  # not UTF-8
        b"a,1\rb,1\n",  # two kinds of line ends
        "\ufeffa,1\n".encode(),
        "a,1\n".encode("utf-16"),
    ],
)
def test_text_that_duckdb_does_not_read(run: Run, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "f").write_bytes(data)
    encoding = "UTF-16" if data[:2] == b"\xff\xfe" else "UTF-8"
    rows = run(source("csv", tmp_path, encoding=encoding))
    assert rows[-1][-1] == "1"
    assert rows[0][0] in ("a", "a\ufffd")


def test_compressed_files(run: Run, tmp_path: Path) -> None:
    (tmp_path / "f.csv.gz").write_bytes(gzip.compress(b"1,2\n"))
    assert run(source("csv", tmp_path)) == [("1", "2")]


@pytest.mark.parametrize("format", ["parquet", "orc", "csv", "json", "text"])
def test_files_that_are_not_on_a_disk(run: Run, tmp_path: Path, format: str) -> None:
    (tmp_path / "in").write_text("x\ny\n")
    path = f"memory://sources/{format}"
    run(WriteFiles(source("text", tmp_path), format, path, "overwrite"))
    assert run(source(format, path)) == [("x",), ("y",)]


def test_binary_files(run: Run, tmp_path: Path) -> None:
    (tmp_path / "f.bin").write_bytes(b"\x00\x01")
    ((path, modified, length, content),) = run(source("binaryFile", tmp_path))
    assert (path, length, content) == (f"file:{tmp_path}/f.bin", 2, b"\x00\x01")
    assert abs(modified.timestamp() - (tmp_path / "f.bin").stat().st_mtime) < 0.01


def test_paths_are_shown_as_spark_shows_them(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("1\n")
    _, scan = resolve("csv", None, [], [str(tmp_path)], SQLConf({}))
    assert scan.paths == [f"file://{tmp_path}/f.csv"]
    assert scan.name == f"csv [file:{tmp_path}]"
