"""Scans that are cut: together they read each row once, in the order of the whole scan."""

from __future__ import annotations

import gzip
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.orc as orc
import pyarrow.parquet as pq
import pytest

from pyrite.sql.execution.run import run_plan
from pyrite.sql.optimizer.tell_files import with_file
from pyrite.sql.plans.plan import LogicalPlan, SourceRelation
from pyrite.sql.plans.unresolved import UnresolvedDataSource
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState
from pyrite.sql.sources import line_blocks, lines
from pyrite.sql.sources.file_format import FileScan
from pyrite.sql.sources.splits import split_scan
from pyrite.sql.types import STRING, StructField, StructType

Rows = list[tuple[Any, ...]]


def relation(
    session: SessionState,
    format: str,
    path: object,
    schema: StructType | None = None,
    **options: str,
) -> SourceRelation:
    source = UnresolvedDataSource(format, schema, tuple(options.items()), (str(path),))
    plan = QueryExecution(session, source).optimized
    assert isinstance(plan, SourceRelation)
    return plan


def rows(session: SessionState, plan: LogicalPlan) -> Rows:
    return [tuple(r.values()) for batch in run_plan(session, plan) for r in batch.to_pylist()]


def splits(source: SourceRelation, count: int) -> list[FileScan]:
    cut = split_scan(source.scan, count)
    assert cut is not None
    assert len(cut) == count
    return list(cut)


def read(session: SessionState, source: SourceRelation, count: int) -> list[Rows]:
    """Return the rows of each split."""
    return [rows(session, replace(source, scan=scan)) for scan in splits(source, count)]


def joined(parts: list[Rows]) -> Rows:
    return [row for part in parts for row in part]


def write(path: Path, start: int, stop: int, **more: Any) -> None:
    table = pa.table({"id": range(start, stop), "s": [f"{i}" for i in range(start, stop)], **more})
    pq.write_table(table, path, row_group_size=100)


def test_a_large_parquet_file_is_cut_between_row_groups(
    session: SessionState, tmp_path: Path
) -> None:
    write(tmp_path / "a.parquet", 0, 800)
    source = relation(session, "parquet", tmp_path)
    parts = read(session, source, 4)
    assert [len(part) for part in parts] == [200] * 4
    assert joined(parts) == rows(session, source)
    cut = splits(source, 4)
    assert cut[1].name == f"parquet [file:{tmp_path}/a.parquet [200, 400)]"
    assert len({str(scan.identity) for scan in cut}) == 4


def test_small_files_stay_whole(session: SessionState, tmp_path: Path) -> None:
    for number in range(8):
        write(tmp_path / f"{number}.parquet", 100 * number, 100 * number + 100)
    source = relation(session, "parquet", tmp_path)
    cut = splits(source, 4)
    assert [len(scan.paths) for scan in cut] == [2, 2, 2, 2]
    assert joined(read(session, source, 4)) == rows(session, source)


@pytest.mark.parametrize("count", [1, 2, 5, 40])
def test_files_of_many_sizes_and_schemas(session: SessionState, tmp_path: Path, count: int) -> None:
    for number, rows_of_it in enumerate([10, 1500, 0, 90, 700]):
        folder = tmp_path / f"k={number % 2}" / f"d=2024-01-0{number + 1}"
        folder.mkdir(parents=True)
        more = {"more": pa.array([1.5] * rows_of_it)} if number % 2 else {}
        write(folder / "a.parquet", 0, rows_of_it, **more)
    source = relation(session, "parquet", tmp_path, mergeSchema="true")
    assert [a.name for a in source.attributes] == ["id", "s", "more", "k", "d"]
    assert joined(read(session, source, count)) == rows(session, source)


def test_paths_and_places_of_rows_stay_true(session: SessionState, tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", 0, 1000)
    write(tmp_path / "b.parquet", 0, 50)
    told = with_file(relation(session, "parquet", tmp_path), counts_rows=True)
    assert told is not None
    assert isinstance(told.plan, SourceRelation)
    found = joined(read(session, told.plan, 4))
    assert found == rows(session, told.plan)
    assert all(row[0] == row[-1] for row in found)


def test_columns_that_nobody_reads_are_counted(session: SessionState, tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", 0, 1000)
    source = relation(session, "parquet", tmp_path)
    for scan in splits(source, 2):
        assert rows(session, replace(source, scan=scan, attributes=())) == [()] * 500


@pytest.mark.parametrize("format", ["text", "csv", "json", "orc", "binaryFile"])
def test_other_formats_are_cut_between_files(
    session: SessionState, tmp_path: Path, format: str
) -> None:
    for number in range(6):
        folder = tmp_path / f"k={number}"
        folder.mkdir()
        if format == "orc":
            orc.write_table(pa.table({"a": [number]}), folder / "a")
        else:
            line = f'{{"a": {number}}}' if format == "json" else f"a{number}"
            (folder / "a").write_text(f"{line}\n" * (number + 1))
    source = relation(session, format, tmp_path)
    parts = read(session, source, 3)
    assert all(parts)
    assert joined(parts) == rows(session, source)


def test_a_large_orc_file_is_cut_between_stripes(session: SessionState, tmp_path: Path) -> None:
    numbers = [random.random() for _ in range(100_000)]
    table = pa.table({"id": range(100_000), "x": numbers})
    orc.write_table(table, tmp_path / "a.orc", stripe_size=100_000)
    source = relation(session, "orc", tmp_path)
    parts = read(session, source, 3)
    assert min(map(len, parts)) > 20_000
    assert joined(parts) == rows(session, source) == list(enumerate(numbers))
    unread = [replace(source, scan=scan, attributes=()) for scan in splits(source, 3)]
    assert [len(rows(session, plan)) for plan in unread] == list(map(len, parts))


def test_a_large_parquet_file_elsewhere_is_cut_between_row_groups(session: SessionState) -> None:
    fsspec = pytest.importorskip("fsspec")
    table = pa.table({"id": range(1000)})
    with fsspec.open("memory://splits/k=1/a.parquet", "wb") as file:
        pq.write_table(table, file, row_group_size=100)
    source = relation(session, "parquet", "memory://splits")
    parts = read(session, source, 5)
    assert list(map(len, parts)) == [200] * 5
    assert joined(parts) == rows(session, source) == [(i, 1) for i in range(1000)]
    unread = [replace(source, scan=scan, attributes=()) for scan in splits(source, 5)]
    assert [len(rows(session, plan)) for plan in unread] == [200] * 5


TEXTS = {
    "empty": "",
    "one line": "a,1",
    "no end": "a,1\nb,2\nc,3",
    "empty lines": "\n\na,1\n\n\nb,2\n\n",
    "windows": "a,1\r\n\r\nb,2\r\nc,3\r\n",
    "mixed": "a,1\rb,2\r\nc,3\nd,4\r",
    "wide characters": "ä,1\n€,2\n\U0001f600,3\n" * 3,
    "a long line": "a,1\n" + "x" * 200 + ",2\nb,3\n",
}


@pytest.fixture
def tiny_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have even the smallest files cut, and read in small blocks."""
    monkeypatch.setattr(lines, "_LEAST_PIECE", 1)
    monkeypatch.setattr(line_blocks, "_BLOCK_BYTES", 5)


@pytest.mark.usefixtures("tiny_pieces")
@pytest.mark.parametrize("count", [2, 5])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
@pytest.mark.parametrize(
    ("format", "options"),
    [
        ("text", {}),
        ("text", {"lineSep": "\n"}),
        ("text", {"lineSep": ",1"}),
        ("text", {"wholetext": "true"}),
        ("text", {"encoding": "ISO-8859-1"}),
        ("csv", {}),
        ("csv", {"header": "true"}),
        ("csv", {"multiLine": "true"}),
    ],
)
def test_lines_of_large_files(
    session: SessionState,
    tmp_path: Path,
    format: str,
    options: dict[str, str],
    text: str,
    count: int,
) -> None:
    (tmp_path / "a").write_text(text, encoding="utf-8", newline="")
    (tmp_path / "b").write_text("head,line\n" + text[::-1], encoding="utf-8", newline="")
    schema = StructType([StructField("a", STRING), StructField("b", STRING)])
    source = relation(session, format, tmp_path, schema if format == "csv" else None, **options)
    assert joined(read(session, source, count)) == rows(session, source)


@pytest.mark.usefixtures("tiny_pieces")
def test_documents_of_a_large_file(session: SessionState, tmp_path: Path) -> None:
    folder = tmp_path / "k=1"
    folder.mkdir()
    (folder / "a").write_text("".join(f'{{"a": {i}, "s": "é{i}"}}\n' for i in range(100)))
    source = relation(session, "json", tmp_path)
    cut = splits(source, 4)
    assert {len(scan.request.index.ranges) for scan in cut} == {1}
    parts = read(session, source, 4)
    assert [len(part) // 10 for part in parts] == [2, 2, 2, 2]
    assert joined(parts) == rows(session, source) == [(i, f"é{i}", 1) for i in range(100)]


def test_files_that_cannot_be_cut(session: SessionState, tmp_path: Path) -> None:
    with gzip.open(tmp_path / "a.gz", "wt") as file:
        file.writelines(f"{random.random()}\n" for _ in range(200_000))
    (tmp_path / "b").write_bytes("a\nb\n".encode("utf-16"))
    source = relation(session, "text", tmp_path, encoding="UTF-16")
    assert all(not any(scan.request.index.ranges) for scan in splits(source, 4))
    source = relation(session, "text", tmp_path / "a.gz")
    assert sorted(map(len, read(session, source, 3))) == [0, 0, 200_000]


@pytest.mark.parametrize("format", ["parquet", "text", "csv", "json", "orc", "binaryFile"])
def test_splits_without_files_have_the_columns(
    session: SessionState, tmp_path: Path, format: str
) -> None:
    folder = tmp_path / "k=1"
    folder.mkdir()
    table = pa.table({"a": [1], "s": ["x"]})
    if format == "parquet":
        pq.write_table(table, folder / "a")
    elif format == "orc":
        orc.write_table(table, folder / "a")
    else:
        (folder / "a").write_text('{"a": 1, "s": "x"}\n')
    source = relation(session, format, tmp_path)
    told = with_file(source)
    assert told is not None
    assert isinstance(told.plan, SourceRelation)
    for plan in (source, told.plan):
        parts = read(session, plan, 3)
        assert sorted(map(len, parts)) == [0, 0, 1]
        assert joined(parts) == rows(session, plan)


def test_a_bad_file_is_met_when_it_is_read(session: SessionState, tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", 0, 100)
    source = relation(session, "parquet", tmp_path, ignoreCorruptFiles="true")
    (tmp_path / "b.parquet").write_text("x" * 5000)
    source = relation(session, "parquet", tmp_path, ignoreCorruptFiles="true")
    assert joined(read(session, source, 3)) == rows(session, source)
    assert len(rows(session, source)) == 100


def test_a_part_is_not_cut_again(session: SessionState, tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", 0, 1000)
    source = relation(session, "parquet", tmp_path)
    assert split_scan(splits(source, 2)[0], 2) is None
