"""Plain CSV: DuckDB's reader gives what cutting lines gives, and is kept from all other files."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from pyrite.sql.plans.unresolved import UnresolvedDataSource
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState
from pyrite.sql.sources import csv, csv_plain
from pyrite.sql.types import STRING, StructField, StructType

PARTS = ["a", "1", "é", "\\", '"', '""', '\\"', "'", ",", ";", " ", "\t", "", "NA", "2.5"]


@pytest.fixture(autouse=True)
def small_files_are_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_plain, "_LEAST_BYTES", 0)


def read(session: SessionState, path: Path, options: dict[str, str]) -> list[Any]:
    schema = StructType([StructField(name, STRING) for name in "abc"])
    source = UnresolvedDataSource("csv", schema, tuple(options.items()), (str(path),))
    batches = QueryExecution(session, source).execute().batches
    return [tuple(row.values()) for batch in batches for row in batch.to_pylist()]


def is_plain(session: SessionState, path: Path, options: dict[str, str]) -> bool:
    """Whether the reader is used; what it gives has to be what cutting lines gives."""
    tables: list[str | None] = []

    def watched(*given: Any) -> str | None:
        tables.append(csv_plain.plain_fields(*given))
        return tables[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv, "plain_fields", watched)
        found = read(session, path, options)
        patch.setattr(csv, "plain_fields", lambda *_: None)
        assert found == read(session, path, options)
    return any(tables)


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ('"a","b","c"\n1,"x,y","é"\n', {}, True),
        ('"a","b","c"\n1,"x,y","é"\n', {"header": "true"}, True),
        ('"a","b","c"\r\n\r\n1,"","say \\"hi\\""\r\n', {}, True),
        ('\ufeff"a","b""c",\n', {"escape": '"'}, True),
        ('"a";"b";', {"sep": ";", "nullValue": "a", "emptyValue": "e"}, True),
        ('"a","b","c"\n', {"mode": "DROPMALFORMED"}, True),
        ('"a","b","c"\n', {"mode": "FAILFAST"}, False),
        ('"a","b","c"\n', {"comment": "#"}, False),
        ('"a","b","c"\n', {"ignoreLeadingWhiteSpace": "true"}, False),
        ('"a","b","c"\n', {"multiLine": "true"}, False),
        ('"a","b","c"\n', {"sep": "||"}, False),
        ("a,b,c\n", {}, False),
        ('"a","b"\n', {}, False),
        ('"a","b","c","d"\n', {}, False),
        ('"a", "b" ,"c"\n', {}, False),
        ('"a","b\nc","d"\n', {}, False),
        ('"a","b\\n","c"\n', {}, False),
        ('"a","b"c,"d"\n', {}, False),
        ('"a","b","c\n', {}, False),
        ('"a",b"c,"d"\n', {}, False),
        ('"a","b","c"\n   \n', {}, False),
    ],
)
def test_what_is_plain(
    text: str, options: dict[str, str], expected: bool, session: SessionState, tmp_path: Path
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(text.encode())
    assert is_plain(session, path, options) is expected


def test_any_text_is_read_alike(session: SessionState, tmp_path: Path) -> None:
    rnd = random.Random(7)
    plain = 0
    for turn in range(60):
        escape, end = rnd.choice(["\\", '"']), rnd.choice(["\n", "\r\n"])

        def field(mark: str = escape) -> str:
            text = "".join(rnd.choices(PARTS, k=rnd.randint(0, 3)))
            if rnd.random() < 0.05:
                return text
            escaped = text.replace("\\", "").replace('"', mark + '"')
            return f'"{escaped}"' if rnd.random() < 0.7 else text.replace('"', "").replace(",", "")

        lines = [",".join(field() for _ in "abc") for _ in range(rnd.randint(1, 6))]
        path = tmp_path / f"file{turn}.csv"
        path.write_bytes(end.join([*lines, ""]).encode())
        plain += is_plain(session, path, {"escape": escape, "emptyValue": "e"})
    assert 10 < plain < 60
