"""Which file a row was read from: input_file_name(), ``_metadata``, and the partitions of files."""

from pathlib import Path
from typing import Any

import pytest
from pyspark.errors import AnalysisException
from pyspark.sql import functions as F

FORMATS = ["parquet", "csv", "json", "orc"]


#: Of the session.
MASTER = "local[4]"


@pytest.fixture(scope="module", params=FORMATS)
def numbers(request: Any, local_spark: Any, tmp_path_factory: Any) -> Any:
    """Twelve rows in files of three, two, three and four of them, in this order of their ids."""
    path = str(tmp_path_factory.mktemp("some files") / request.param)
    rows = local_spark.range(12).withColumn("id", F.col("id").cast("int"))
    placed = rows.withColumn("k", F.expr("case when id < 3 then 0 when id < 5 then 1 else 2 end"))
    placed.coalesce(1).write.partitionBy("k").format(request.param).save(path)
    return local_spark.read.format(request.param).schema("id int, k int").load(path)


def test_the_name_of_the_file(numbers: Any) -> None:
    names = numbers.groupBy(F.input_file_name().alias("name")).agg(F.count("*").alias("n"))
    found = sorted((row.name.rpartition("/")[0][-3:], row.n) for row in names.collect())
    assert found == [("k=0", 3), ("k=1", 2), ("k=2", 7)]
    name = numbers.select(F.input_file_name()).first()[0]
    assert name.startswith("file:///")
    assert "/some%20files" in name


def test_the_metadata_column_of_a_frame(numbers: Any) -> None:
    (row,) = numbers.select(numbers.metadataColumn("_metadata").file_name).distinct().take(1)
    assert row[0] in {r[0] for r in numbers.select("_metadata.file_name").collect()}


def test_the_metadata_of_the_file(numbers: Any) -> None:
    frame = numbers.where("_metadata.file_size > 0").select("id", "_metadata").orderBy("id")
    row = frame.first()
    path = Path(row._metadata.file_path.removeprefix("file:").replace("%20", " "))
    assert path.name == row._metadata.file_name
    assert path.stat().st_size == row._metadata.file_size == row._metadata.file_block_length
    assert row._metadata.file_modification_time.timestamp() == pytest.approx(
        path.stat().st_mtime, abs=0.01
    )
    assert numbers.select("*", "_metadata.file_name").columns == ["id", "k", "file_name"]
    assert numbers.columns == ["id", "k"]


def test_a_block_is_the_whole_file(numbers: Any) -> None:
    blocks = numbers.select(F.input_file_block_start(), F.input_file_block_length()).distinct()
    sizes = numbers.select("_metadata.file_size").distinct().collect()
    assert {tuple(row) for row in blocks.collect()} == {(0, row[0]) for row in sizes}


def test_small_files_are_partitions_of_their_own(numbers: Any) -> None:
    partitions = numbers.rdd.map(lambda row: row.k).glom().collect()
    assert sorted(map(set, partitions), key=str) == [{0}, {1}, {2}]
    numbered = numbers.select(F.spark_partition_id().alias("p"), "_metadata.file_size").distinct()
    sizes = [row.file_size for row in numbered.orderBy("p").collect()]
    assert len(sizes) == 3
    assert sizes == sorted(sizes, reverse=True)


def test_rows_of_no_file(local_spark: Any) -> None:
    row = local_spark.range(1).select(F.input_file_name(), F.input_file_block_start()).first()
    assert tuple(row) == ("", -1)
    with pytest.raises(AnalysisException, match="_metadata"):
        local_spark.range(1).select("_metadata").collect()


def test_parquet_tells_the_place_of_a_row_in_its_file(local_spark: Any, tmp_path: Path) -> None:
    path = str(tmp_path / "numbers")
    local_spark.range(10, 16, 1, 2).write.parquet(path)
    frame = local_spark.read.parquet(path)
    told = frame.where("id % 2 = 0").select("id", "_metadata.row_index", "_metadata.file_name")
    by_file = sorted((row.file_name[:10], row.row_index, row.id) for row in told.collect())
    assert by_file == [("part-00000", 0, 10), ("part-00000", 2, 12), ("part-00001", 1, 14)]
    kept = frame.where("_metadata.row_index = 0").select("_metadata.row_index", "_metadata")
    assert [row.row_index for row in kept.collect()] == [0, 0]
    assert kept.schema["_metadata"].dataType.names[-1] == "row_index"
