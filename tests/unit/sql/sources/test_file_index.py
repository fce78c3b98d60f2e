"""Finding files: globs, hidden files, partition directories, filters."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pyrite.sql.conf import SQLConf
from pyrite.sql.errors import SparkError
from pyrite.sql.sources.file_index import FileIndex, list_files
from pyrite.sql.sources.options import SourceOptions
from pyrite.sql.sources.partition_split import partition_text
from pyrite.sql.sources.partitions import infer_type

CONF = {"spark.sql.session.timeZone": "UTC"}


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")


def find(*paths: Path | str, **options: str) -> FileIndex:
    return list_files([str(p) for p in paths], SourceOptions(options.items()), SQLConf(CONF))


def shown(index: FileIndex, folder: Path) -> list[str]:
    return [path.removeprefix(f"{folder}/") for path in index.local_paths]


def test_hidden_files_and_other_directories_are_passed_over(tmp_path: Path) -> None:
    touch(tmp_path, "b", "a", "_SUCCESS", ".crc", "_temporary/0/c", "sub/d", "a._COPYING_")
    assert shown(find(tmp_path), tmp_path) == ["a", "b"]
    assert shown(find(tmp_path, recursiveFileLookup="true"), tmp_path) == ["a", "b", "sub/d"]


def test_globs(tmp_path: Path) -> None:
    touch(tmp_path, "x1/a", "x2/b", "y/c")
    assert shown(find(f"{tmp_path}/x*"), tmp_path) == ["x1/a", "x2/b"]
    assert shown(find(f"{tmp_path}/{{x1,y}}"), tmp_path) == ["x1/a", "y/c"]


@pytest.mark.parametrize("name", ["nothing", "no*"])
def test_a_path_that_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(SparkError) as caught:
        find(tmp_path / name)
    assert caught.value.error_class == "PATH_NOT_FOUND"
    assert caught.value.parameters == {"path": f"file:{tmp_path}/{name}"}


def test_partition_columns(tmp_path: Path) -> None:
    touch(tmp_path, "k=1/j=a b/f", "k=2/j=%3D/f", "k=__HIVE_DEFAULT_PARTITION__/j=c/f")
    index = find(tmp_path)
    assert index.partition_schema.simpleString() == "struct<k:int,j:string>"
    assert index.partition_values == (("1", "a b"), ("2", "="), (None, "c"))


def test_a_base_path_says_where_partition_columns_begin(tmp_path: Path) -> None:
    touch(tmp_path, "k=1/j=2/f")
    assert find(tmp_path / "k=1").partition_schema.names == ["j"]
    based = find(tmp_path / "k=1", basePath=str(tmp_path))
    assert based.partition_schema.names == ["k", "j"]


def test_directories_that_do_not_agree(tmp_path: Path) -> None:
    touch(tmp_path, "k=1/f", "j=1/f")
    with pytest.raises(SparkError) as caught:
        find(tmp_path)
    assert caught.value.error_class == "CONFLICTING_PARTITION_COLUMN_NAMES"


def test_files_behind_a_directory_without_a_value_belong_to_the_partition(tmp_path: Path) -> None:
    touch(tmp_path, "k=1/part/f", "k=2/f")
    index = find(tmp_path)
    assert shown(index, tmp_path) == ["k=1/part/f", "k=2/f"]
    assert index.partition_values == (("1",), ("2",))


def test_files_beside_partitions_are_passed_over(tmp_path: Path) -> None:
    touch(tmp_path, "f", "k=1/f")
    assert shown(find(tmp_path), tmp_path) == ["k=1/f"]


def test_partitions_may_begin_below_the_path(tmp_path: Path) -> None:
    touch(tmp_path, "part/k=1/f")
    assert find(tmp_path).partition_values == (("1",),)


@pytest.mark.parametrize(
    ("names", "condition"),
    [
        (["k=1/f", "part/f"], "CONFLICTING_DIRECTORY_STRUCTURES"),
        (["k=1/f", "part/k=2/f"], "CONFLICTING_DIRECTORY_STRUCTURES"),
        (["f", "part/k=2/f"], "CONFLICTING_DIRECTORY_STRUCTURES"),
        (["k=1/f", "k=/f"], "EMPTY_PARTITION_COLUMN_VALUE"),
        (["=1/f"], "EMPTY_PARTITION_COLUMN_NAME"),
        (["k=1/K=2/f"], "COLUMN_ALREADY_EXISTS"),
    ],
)
def test_no_file_is_left_out_silently(tmp_path: Path, names: list[str], condition: str) -> None:
    touch(tmp_path, *names)
    with pytest.raises(SparkError) as caught:
        find(tmp_path)
    assert caught.value.error_class == condition


def test_a_directory_that_is_given_beside_the_one_around_it(tmp_path: Path) -> None:
    touch(tmp_path, "a/f", "a/b/g")
    assert shown(find(tmp_path / "a/b", tmp_path / "a"), tmp_path) == ["a/b/g", "a/f"]


def test_filters(tmp_path: Path) -> None:
    touch(tmp_path, "a.csv", "b.json", "old.csv")
    os.utime(tmp_path / "old.csv", (0, 0))
    assert shown(find(tmp_path, pathGlobFilter="*.csv"), tmp_path) == ["a.csv", "old.csv"]
    before = find(tmp_path, modifiedBefore="1990-01-01T00:00:00")
    assert shown(before, tmp_path) == ["old.csv"]
    after = find(tmp_path, modifiedAfter="1990-01-01T00:00:00")
    assert shown(after, tmp_path) == ["a.csv", "b.json"]


def test_a_time_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(SparkError, match="modifiedBefore"):
        find(tmp_path, modifiedBefore="yesterday")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", "2"], "int"),
        (["1", "3000000000"], "bigint"),
        (["1", "1.5"], "double"),
        (["3000000000", "1.5"], "string"),
        (["99999999999999999999"], "decimal(20,0)"),
        (["2026-01-01"], "date"),
        (["2026-01-01", "2026-01-01 10:00:00"], "timestamp"),
        (["2026-02-30"], "string"),
        (["1", "2026-01-01"], "string"),
        ([None, "7"], "int"),
        ([None], "string"),
    ],
)
def test_types_of_partition_columns(values: list[str | None], expected: str) -> None:
    assert infer_type(values).simpleString() == expected


def test_a_time_zone_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(SparkError, match="INVALID_TIMEZONE"):
        find(tmp_path, modifiedBefore="2020-01-01", timeZone="Mars/Olympus")


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("Europe/Paris", "2020-01-01 01:00:00"), ("+05:30", "2020-01-01 05:30:00")],
)
def test_instants_name_partitions_as_a_clock_shows_them(zone: str, expected: str) -> None:
    assert partition_text(datetime(2020, 1, 1, tzinfo=UTC), zone) == expected


def test_a_path_that_is_given_twice_is_read_twice(tmp_path: Path) -> None:
    touch(tmp_path, "a/f", "b/k=1/f")
    plain, partitioned = tmp_path / "a", tmp_path / "b"
    twice = find(plain, plain / "f")
    assert shown(twice, tmp_path) == ["a/f", "a/f"]
    assert len(twice.uris) == 1
    assert shown(find(plain, plain, recursiveFileLookup="true"), tmp_path) == ["a/f"]
    assert shown(find(partitioned, partitioned), tmp_path) == ["b/k=1/f"]
