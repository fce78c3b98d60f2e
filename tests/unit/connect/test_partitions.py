"""Where rows are: the partitions of DataFrames, as PySpark 4.3 has them with ``local[4]``.

``golden_partitions.json`` maps expressions to what is in each partition of ``df.rdd``, and to the
rows with ``spark_partition_id()`` and ``monotonically_increasing_id()``.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import functions as F

GOLDEN = json.loads((Path(__file__).parent / "golden_partitions.json").read_text("utf-8"))


#: Of the session.
MASTER = "local[4]"


def plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))


def frame_of(local_spark: Any, text: str) -> Any:
    return eval(text, {"spark": local_spark, "F": F})


@pytest.mark.parametrize("text", GOLDEN)
def test_the_rdd_has_sparks_partitions(local_spark: Any, text: str) -> None:
    partitions = frame_of(local_spark, text).rdd.glom().collect()
    assert plain(partitions) == GOLDEN[text]["partitions"]


@pytest.mark.parametrize("text", GOLDEN)
def test_rows_tell_their_partition(local_spark: Any, text: str) -> None:
    frame = frame_of(local_spark, text)
    numbered = frame.select("*", F.spark_partition_id(), F.monotonically_increasing_id())
    assert plain(numbered.collect()) == GOLDEN[text]["ids"]


def parts(path: Path) -> list[tuple[str, list[str]]]:
    """Return the numbers and the lines of the files of a save."""
    files = sorted(path.rglob("part-*"), key=lambda p: (p.name[5:10], p.name[-8:]))
    return [(f"{p.name[5:10]}{p.name[-8:-4]}", p.read_text().split()) for p in files]


def test_each_partition_is_written_to_a_file(local_spark: Any, tmp_path: Path) -> None:
    local_spark.range(10).write.csv(str(tmp_path / "four"))
    assert parts(tmp_path / "four") == [
        ("00000c000", ["0", "1"]),
        ("00001c000", ["2", "3", "4"]),
        ("00002c000", ["5", "6"]),
        ("00003c000", ["7", "8", "9"]),
    ]
    local_spark.range(10).repartition(3, "id").write.csv(str(tmp_path / "hashed"))
    assert parts(tmp_path / "hashed") == [
        ("00000c000", ["3", "6", "7"]),
        ("00001c000", ["0"]),
        ("00002c000", ["1", "2", "4", "5", "8", "9"]),
    ]
    local_spark.range(10).coalesce(1).write.csv(str(tmp_path / "one"))
    assert parts(tmp_path / "one") == [("00000c000", [str(i) for i in range(10)])]
    local_spark.range(8).filter("id > 5").write.csv(str(tmp_path / "first_is_empty"))
    assert parts(tmp_path / "first_is_empty") == [("00000c000", []), ("00003c000", ["6", "7"])]


def test_a_partition_may_have_several_files(local_spark: Any, tmp_path: Path) -> None:
    local_spark.range(0, 10, 1, 2).write.option("maxRecordsPerFile", 2).csv(str(tmp_path / "two"))
    assert parts(tmp_path / "two") == [
        ("00000c000", ["0", "1"]),
        ("00000c001", ["2", "3"]),
        ("00000c002", ["4"]),
        ("00001c000", ["5", "6"]),
        ("00001c001", ["7", "8"]),
        ("00001c002", ["9"]),
    ]


def test_a_function_is_called_for_each_partition(local_spark: Any) -> None:
    def count(batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow as pa

        rows = sum(batch.num_rows for batch in batches)
        yield pa.RecordBatch.from_pydict({"rows": pa.array([rows], pa.int64())})

    placed = local_spark.range(0, 10, 1, 4).filter("id <> 2 and id <> 3 and id <> 4")
    counts = placed.mapInArrow(count, "rows long")
    assert [row.rows for row in counts.collect()] == [2, 0, 2, 3]
    numbered = counts.select("rows", F.spark_partition_id())
    assert [tuple(row) for row in numbered.collect()] == [(2, 0), (0, 1), (2, 2), (3, 3)]
    assert [len(part) for part in counts.rdd.glom().collect()] == [1, 1, 1, 1]
    hashed = local_spark.range(10).repartition(3, "id").mapInArrow(count, "rows long")
    assert [row.rows for row in hashed.collect()] == [3, 1, 6]


def test_a_limit_comes_before_a_window(local_spark: Any) -> None:
    rows = local_spark.sql("SELECT count(*) OVER () AS n FROM (SELECT * FROM range(9) LIMIT 3)")
    assert [row.n for row in rows.collect()] == [3, 3, 3]
