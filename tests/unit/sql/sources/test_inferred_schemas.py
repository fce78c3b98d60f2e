"""Schemas found in files are found once, and again when the files or the question change."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from pyrite.sql.conf import SQLConf
from pyrite.sql.sources import registry
from pyrite.sql.sources.file_format import ReadRequest
from pyrite.sql.types import StructType


def test_files_are_looked_through_once_for_each_question(tmp_path: Path, monkeypatch: Any) -> None:
    looked = []
    csv = registry.find_format("csv")

    def infer(request: ReadRequest) -> StructType | None:
        looked.append(request)
        return csv.infer(request)

    monkeypatch.setattr(registry, "find_format", lambda name: replace(csv, infer=infer))

    def schema(*options: tuple[str, str]) -> str:
        path = str(tmp_path)
        found, _ = registry.resolve("csv", None, options, [path], SQLConf({}))
        return found.simpleString()

    (tmp_path / "a.csv").write_text("1\n")
    inferring = ("inferSchema", "true")
    assert schema(inferring) == schema(inferring) == "struct<_c0:int>"
    assert len(looked) == 1
    assert schema() == "struct<_c0:string>"
    assert len(looked) == 2
    (tmp_path / "a.csv").write_text("1.5\n")
    assert schema(inferring) == "struct<_c0:double>"
    assert len(looked) == 3
