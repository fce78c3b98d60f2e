"""The rows of an exchange as a task reads them."""

from pathlib import Path

import pyarrow as pa
import pytest

from pyrite.sql.execution.cluster import stage_inputs
from pyrite.sql.execution.cluster.stage_inputs import ReadFile
from pyrite.sql.execution.python.chunk import write_batches

SCHEMA = pa.schema([("a", pa.int64())])


@pytest.mark.parametrize("values", [[], [[1, None]], [[1], [2, 3]]])
def test_a_file_of_the_driver(
    values: list[list[int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage_inputs, "driver_file", lambda path: path)
    path = str(tmp_path / "rows.arrow")
    write_batches(path, [pa.record_batch([pa.array(each)], SCHEMA) for each in values])
    rows = ReadFile(path, SCHEMA, ["c1"])().read_all()
    assert rows.column_names == ["c1"]
    assert rows.column(0).to_pylist() == [value for each in values for value in each]
