"""Saving files: their names, their content, and that a save is whole or nothing."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pyrite.sql.conf import SQLConf
from pyrite.sql.errors import SparkError
from pyrite.sql.plans.unresolved import UnresolvedDataSource
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState
from pyrite.sql.sources.options import SourceOptions
from pyrite.sql.sources.registry import find_format
from pyrite.sql.sources.writer import Save, save_mode
from pyrite.sql.types import INTEGER, LONG, NULL, STRING, ArrayType, StructField, StructType

FILES = Path(__file__).parent / "spark_files"
SCHEMA = StructType([StructField("id", INTEGER), StructField("k", STRING)])


def rows(*values: tuple[int, str | None]) -> Iterator[pa.RecordBatch]:
    ids = pa.array([v[0] for v in values], pa.int32())
    yield pa.record_batch({"id": ids, "k": pa.array([v[1] for v in values], pa.string())})


def save(
    path: Path,
    batches: Iterator[pa.RecordBatch],
    format: str = "parquet",
    mode: str = "error",
    partitions: tuple[str, ...] = (),
    numbers: Sequence[int] = (0,),
    **options: str,
) -> bool:
    made = Save(
        find_format(format),
        str(path),
        mode,
        SCHEMA,
        SQLConf({"spark.sql.session.timeZone": "UTC"}),
        SourceOptions(options.items()),
        partitions,
        partitions=max(numbers) + 1,
    )
    if not made.begin():
        return False
    made.run(zip(itertools.cycle(numbers), batches, strict=False))
    return True


def names(path: Path) -> list[str]:
    return sorted(p.name for p in path.rglob("*") if p.is_file())


def ids(path: Path) -> list[int]:
    return sorted(i for file in path.rglob("part-*") for i in pq.read_table(file)["id"].to_pylist())


@pytest.mark.parametrize(
    ("format", "options", "end"),
    [
        ("parquet", {}, "-c000.snappy.parquet"),
        ("parquet", {"compression": "none"}, "-c000.parquet"),
        ("parquet", {"compression": "ZSTD"}, "-c000.zstd.parquet"),
        ("orc", {}, "-c000.zstd.orc"),
        ("csv", {}, "-c000.csv"),
        ("csv", {"compression": "gzip"}, "-c000.csv.gz"),
        ("json", {"compression": "bzip2"}, "-c000.json.bz2"),
    ],
)
def test_names_of_files(tmp_path: Path, format: str, options: dict[str, str], end: str) -> None:
    path = tmp_path / "out"
    save(path, rows((1, "a")), format, **options)
    success, part = names(path)
    assert success == "_SUCCESS"
    assert part.startswith("part-00000-")
    assert part.endswith(end)
    assert len(part) == len("part-00000-") + 36 + len(end)


@pytest.mark.parametrize("format", ["csv", "json"])
def test_text_is_what_spark_writes(session: SessionState, tmp_path: Path, format: str) -> None:
    plan = UnresolvedDataSource("parquet", None, (), (str(FILES / "values" / "parquet"),))
    result = QueryExecution(session, plan).execute()
    options = SourceOptions([("header", "true")])
    target = str(tmp_path / "out")
    Save(find_format(format), target, "error", result.schema, session.conf, options).run(
        (0, batch) for batch in result.batches
    )
    (written,) = (tmp_path / "out").glob("part-*")
    (expected,) = (FILES / "values" / format).glob("part-*")
    assert written.read_text("utf-8") == expected.read_text("utf-8")


def test_nested_json_is_what_spark_writes(session: SessionState, tmp_path: Path) -> None:
    plan = UnresolvedDataSource("parquet", None, (), (str(FILES / "nested" / "parquet"),))
    result = QueryExecution(session, plan).execute()
    Save(find_format("json"), str(tmp_path / "out"), "error", result.schema, session.conf).run(
        (0, batch) for batch in result.batches
    )
    (written,) = (tmp_path / "out").glob("part-*")
    (expected,) = (FILES / "nested" / "json").glob("part-*")
    assert json.loads(written.read_text("utf-8")) == json.loads(expected.read_text("utf-8"))


def test_parquet_keeps_the_schema_for_spark(tmp_path: Path) -> None:
    save(tmp_path / "out", rows((1, None)))
    (part,) = (tmp_path / "out").glob("part-*")
    metadata = pq.ParquetFile(part).metadata.metadata
    assert metadata is not None
    written = metadata[b"org.apache.spark.sql.parquet.row.metadata"]
    assert StructType.fromJson(json.loads(written)) == SCHEMA


def test_each_partition_has_a_file(tmp_path: Path) -> None:
    batches = [batch for i in range(6) for batch in rows((2 * i, "x"), (2 * i + 1, "x"))]
    save(tmp_path / "out", iter(batches), numbers=(0, 2, 3))
    parts = sorted((tmp_path / "out").glob("part-*"))
    assert [p.name[:10] for p in parts] == ["part-00000", "part-00002", "part-00003"]
    assert [pq.read_metadata(p).num_rows for p in parts] == [4, 4, 4]
    assert ids(tmp_path / "out") == list(range(12))


def test_a_full_file_is_followed_by_another(tmp_path: Path) -> None:
    save(tmp_path / "out", rows(*((i, "x") for i in range(10))), maxRecordsPerFile="4")
    parts = sorted((tmp_path / "out").glob("part-*"), key=lambda p: p.name[-24:])
    assert [p.name.split("-")[-1][:4] for p in parts] == ["c000", "c001", "c002"]
    assert [pq.read_metadata(p).num_rows for p in parts] == [4, 4, 2]


def test_no_rows_still_leave_a_file(tmp_path: Path) -> None:
    save(tmp_path / "out", iter(()))
    (part,) = (tmp_path / "out").glob("part-*")
    assert pq.read_table(part).num_rows == 0


def test_partition_directories(tmp_path: Path) -> None:
    save(tmp_path / "out", rows((1, "a/b"), (2, None), (3, "a/b")), partitions=("k",))
    directories = sorted(p.name for p in (tmp_path / "out").iterdir() if p.is_dir())
    assert directories == ["k=__HIVE_DEFAULT_PARTITION__", "k=a%2Fb"]
    (part,) = (tmp_path / "out" / "k=a%2Fb").iterdir()
    assert part.name.endswith(".c000.snappy.parquet")
    assert pq.ParquetFile(part).read().to_pydict() == {"id": [1, 3]}


def test_modes(tmp_path: Path) -> None:
    path = tmp_path / "out"
    assert save(path, rows((1, "a")))
    with pytest.raises(SparkError) as caught:
        save(path, rows((2, "a")))
    assert caught.value.error_class == "PATH_ALREADY_EXISTS"
    assert caught.value.parameters == {"outputPath": f"file:{path}"}
    assert not save(path, rows((2, "a")), mode="ignore")
    assert save(path, rows((3, "a")), mode="append")
    assert ids(path) == [1, 3]
    assert save(path, rows((4, "a")), mode="overwrite")
    assert ids(path) == [4]


def test_overwriting_some_partitions(tmp_path: Path) -> None:
    path = tmp_path / "out"
    save(path, rows((1, "a"), (2, "b")), partitions=("k",))
    dynamic = {"partitionOverwriteMode": "dynamic"}
    save(path, rows((3, "b")), mode="overwrite", partitions=("k",), **dynamic)
    assert ids(path) == [1, 3]
    save(path, rows((4, "b")), mode="overwrite", partitions=("k",))
    assert ids(path) == [4]


def failing(first: tuple[int, str]) -> Iterator[pa.RecordBatch]:
    yield from rows(first)
    raise RuntimeError("the query failed")


@pytest.mark.parametrize("partitions", [(), ("k",)])
def test_a_save_that_fails_leaves_nothing(tmp_path: Path, partitions: tuple[str, ...]) -> None:
    path = tmp_path / "out"
    with pytest.raises(RuntimeError, match="the query failed"):
        save(path, failing((1, "a")), partitions=partitions)
    assert not path.exists()


@pytest.mark.parametrize("mode", ["append", "overwrite"])
def test_a_save_that_fails_leaves_what_was_there(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "out"
    save(path, rows((1, "a")))
    before = names(path)
    with pytest.raises(RuntimeError, match="the query failed"):
        save(path, failing((2, "b")), mode=mode)
    assert names(path) == before
    assert ids(path) == [1]


def refusal(schema: StructType, format: str, partitions: tuple[str, ...] = ()) -> str:
    conf = SQLConf({})
    with pytest.raises(SparkError) as caught:
        Save(
            find_format(format), "/nowhere", "error", schema, conf, partition_columns=partitions
        ).begin()
    return caught.value.error_class


def test_columns_that_cannot_be_saved() -> None:
    twice = StructType([StructField("a", INTEGER), StructField("A", INTEGER)])
    lists = StructType([StructField("a", ArrayType(INTEGER))])
    assert refusal(twice, "parquet") == "COLUMN_ALREADY_EXISTS"
    assert refusal(lists, "csv") == "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE"
    assert refusal(StructType([StructField("a", LONG)]), "text") == (
        "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE"
    )
    assert refusal(SCHEMA, "parquet", ("id", "k")) == "ALL_PARTITION_COLUMNS_NOT_ALLOWED"
    assert refusal(SCHEMA, "parquet", ("zz",)) == "PARTITION_COLUMN_NOT_FOUND_IN_SCHEMA"
    assert refusal(SCHEMA, "parquet", ("k", "K")) == "COLUMN_ALREADY_EXISTS"
    with_lists = StructType([*SCHEMA.fields, *lists.fields])
    assert refusal(with_lists, "parquet", ("a",)) == "INVALID_PARTITION_COLUMN_DATA_TYPE"


@pytest.mark.parametrize("format", ["csv", "orc"])
def test_nothing_but_nulls_has_no_place_in_some_formats(format: str) -> None:
    nulls = StructType([StructField("a", NULL)])
    assert refusal(nulls, format) == "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE"


@pytest.mark.parametrize("schema", [[], [StructField("a", StructType([]))]])
@pytest.mark.parametrize("format", ["csv", "json", "orc", "parquet"])
def test_rows_without_columns_are_not_saved(format: str, schema: list[StructField]) -> None:
    assert refusal(StructType(schema), format) == "EMPTY_SCHEMA_NOT_SUPPORTED_FOR_DATASOURCE"


def test_an_unknown_codec_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(SparkError, match="zzz is not available") as caught:
        save(tmp_path / "out", rows((1, "a")), compression="zzz")
    assert caught.value.error_class == "CODEC_NOT_AVAILABLE.WITH_AVAILABLE_CODECS_SUGGESTION"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("format", ["csv", "json"])
def test_a_time_zone_that_is_none(tmp_path: Path, format: str) -> None:
    with pytest.raises(SparkError) as caught:
        save(tmp_path / "out", rows((1, "a")), format=format, timeZone="Mars/Olympus")
    assert caught.value.error_class == "INVALID_TIMEZONE"
    assert not (tmp_path / "out").exists()


def test_names_of_modes() -> None:
    assert save_mode("ErrorIfExists") == "error"
    with pytest.raises(SparkError) as caught:
        save_mode("never")
    assert caught.value.error_class == "INVALID_SAVE_MODE"
