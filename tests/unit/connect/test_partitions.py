"""Where rows are: the partitions of DataFrames, as PySpark 4.3 has them with ``local[4]``.

``golden_partitions.json`` maps expressions to what is in each partition of ``df.rdd``, and to the
rows with ``spark_partition_id()`` and ``monotonically_increasing_id()``.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

GOLDEN = json.loads((Path(__file__).parent / "golden_partitions.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    session = (
        SparkSession.builder.master("local[4]").config("spark.ui.enabled", "false").getOrCreate()
    )
    yield session
    session.stop()


def plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))


def frame_of(spark: Any, text: str) -> Any:
    return eval(text, {"spark": spark, "F": F})


@pytest.mark.parametrize("text", GOLDEN)
def test_the_rdd_has_sparks_partitions(spark: Any, text: str) -> None:
    partitions = frame_of(spark, text).rdd.glom().collect()
    assert plain(partitions) == GOLDEN[text]["partitions"]


@pytest.mark.parametrize("text", GOLDEN)
def test_rows_tell_their_partition(spark: Any, text: str) -> None:
    frame = frame_of(spark, text)
    numbered = frame.select("*", F.spark_partition_id(), F.monotonically_increasing_id())
    assert plain(numbered.collect()) == GOLDEN[text]["ids"]


def test_a_limit_comes_before_a_window(spark: Any) -> None:
    rows = spark.sql("SELECT count(*) OVER () AS n FROM (SELECT * FROM range(9) LIMIT 3)")
    assert [row.n for row in rows.collect()] == [3, 3, 3]
