"""The tables of TPC-H for engines that do not know all of Arrow's types."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.tpch.data import TABLES, plain


def test_plain_tables_have_the_same_rows_and_types_of_parquet_alone(tmp_path: Path) -> None:
    folder = tmp_path / "tpch-1"
    folder.mkdir()
    rows = pa.table({"a": pa.array(["x", "y"], pa.string_view()), "b": [1, 2]})
    for table in TABLES:
        pq.write_table(rows, folder / f"{table}.parquet")
    place = plain(folder)
    assert plain(folder) == place == tmp_path / "tpch-1-plain"
    found = pq.read_table(place / "orders.parquet")
    assert found.schema.types == [pa.string(), pa.int64()]
    assert found.to_pylist() == rows.to_pylist()
    assert pq.read_table(folder / "orders.parquet").schema.types[0] == pa.string_view()
