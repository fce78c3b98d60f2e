"""What footers say of rows and values."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pyrite.core.hadoop.filesystem import FileStatus
from pyrite.sql.sources import parquet_statistics
from pyrite.sql.sources.parquet_statistics import column_bounds, row_count


def written(path: Path, statistics: bool = True, **columns: Any) -> FileStatus:
    pq.write_table(pa.table(columns), path, row_group_size=2, write_statistics=statistics)
    return FileStatus(f"file:{path}", path.stat().st_size, False, path.stat().st_mtime)


BOUNDS = {
    "numbers": ([3, None, 1, 7, None, None], (1.0, 7.0)),
    "fractions": ([0.5, -2.5, 1.0], (-2.5, 1.0)),
    "decimals": ([Decimal("1.25"), Decimal("0.50")], (0.5, 1.25)),
    "days": ([date(1970, 1, 11), date(1969, 12, 31)], (-1.0, 10.0)),
    "instants": ([datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)], (1e6, 1e6)),
    "texts": (["a", "b"], None),
    "days after Python's last": (pa.array([10**7, 5], pa.int32()).cast(pa.date32()), None),
    "only nulls": (pa.array([None, None], pa.int64()), None),
}


@pytest.mark.parametrize("name", BOUNDS)
def test_the_least_and_greatest_value(tmp_path: Path, name: str) -> None:
    values, expected = BOUNDS[name]
    file = written(tmp_path / "f.parquet", x=values)
    assert column_bounds([file], ["X"]) == {"X": expected}
    assert row_count([file]) == len(values)


def test_several_files(tmp_path: Path) -> None:
    files = [written(tmp_path / f"{i}.parquet", x=[i, 10 * i]) for i in (1, 2, 3)]
    assert row_count(files) == 6
    assert column_bounds(files, ["x"]) == {"x": (1.0, 30.0)}
    assert column_bounds(files, ["x", "y"]) == {"x": (1.0, 30.0), "y": None}


def test_of_many_files_some_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [written(tmp_path / f"{i}.parquet", x=[i, i]) for i in range(5)]
    monkeypatch.setattr(parquet_statistics, "_MOST_FILES", 2)
    assert row_count(files) == 10
    assert column_bounds(files, ["x"]) == {"x": None}


def test_what_nobody_knows(tmp_path: Path) -> None:
    silent = written(tmp_path / "silent.parquet", statistics=False, x=[1, 2])
    assert row_count([silent]) == 2
    assert column_bounds([silent], ["x"]) == {"x": None}
    (tmp_path / "bad.parquet").write_bytes(b"no parquet")
    assert row_count([silent, FileStatus(f"file:{tmp_path}/bad.parquet", 10, False)]) is None
