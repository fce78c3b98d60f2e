"""The order of rows: that of the files, large ones first, as Spark packs them."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pyrite.sql.parser import parse_statement
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


def test_nan_is_the_largest_also_where_a_file_leaves_it_out_of_its_bounds(
    run: Run, tmp_path: Path
) -> None:
    values = pa.array([1.0, math.nan] * 10_000, pa.float32())
    table = pa.table({"x": values, "place": range(20_000)})
    pq.write_table(table, tmp_path / "f.parquet", row_group_size=2_000)
    text = f"SELECT place FROM parquet.`{tmp_path}` ORDER BY x DESC, place DESC LIMIT 3"

    assert run(parse_statement(text)) == [(19_999,), (19_997,), (19_995,)]
