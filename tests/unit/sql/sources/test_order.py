"""The order of rows: that of the files, large ones first, as Spark packs them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import UnresolvedDataSource

Run = Callable[[LogicalPlan], list[tuple[Any, ...]]]


@pytest.mark.parametrize("format", ["text", "csv", "json"])
def test_large_files_come_first(run: Run, tmp_path: Path, format: str) -> None:
    quote = '"' if format == "json" else ""
    for name, value in (("a", "x"), ("b", "xxx"), ("c", "xx")):
        text = f'{{"v": {quote}{value}{quote}}}' if format == "json" else value
        (tmp_path / name).write_text(text + "\n")
    rows = run(UnresolvedDataSource(format, None, (), (str(tmp_path),)))
    assert rows == [("xxx",), ("xx",), ("x",)]
