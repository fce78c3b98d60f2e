"""Cached and checkpointed DataFrames."""

import gc
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from pyspark.errors.exceptions.connect import SparkConnectException
from pyspark.sql import functions as F
from pyspark.sql.connect import proto
from pyspark.sql.connect.session import SparkSession
from pyspark.sql.types import StructType
from pyspark.storagelevel import StorageLevel

from pyrite.connect.server import SparkConnectService


def tables(service: SparkConnectService) -> list[str]:
    """The kept tables of the engine's database."""
    runner = service.sessions._shared.runner
    if runner is None:
        return []
    with runner._lock:  # a checkpoint may be forgotten at this moment
        rows = runner._database.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    return [name for (name,) in rows]


def explained(frame: Any) -> str:
    plan = frame._plan.to_proto(frame.sparkSession.client)
    return str(frame.sparkSession.client.explain_string(plan, "cost"))


def test_rows_are_kept_when_they_are_first_read(
    service: SparkConnectService, spark: SparkSession
) -> None:
    frame = spark.range(4).select((F.col("id") * 2).alias("double"))
    assert frame.cache() is frame
    assert tables(service) == []
    assert frame.filter(F.col("double") > 2).count() == 2
    assert len(tables(service)) == 1
    assert "InMemoryRelation" in explained(frame.filter(F.col("double") > 2))
    assert [row.double for row in frame.collect()] == [0, 2, 4, 6]
    frame.unpersist()
    assert tables(service) == []
    assert "InMemoryRelation" not in explained(frame)


def test_the_same_plan_written_again_reads_the_same_rows(
    service: SparkConnectService, spark: SparkSession
) -> None:
    first = spark.range(3).cache()
    joined = spark.range(3).join(spark.range(3).withColumnRenamed("id", "other"), F.lit(True))
    assert joined.count() == 9
    assert len(tables(service)) == 1
    first.unpersist()


def test_a_cached_plan_over_a_cached_plan(
    service: SparkConnectService, spark: SparkSession
) -> None:
    below = spark.range(10).cache()
    above = below.filter(F.col("id") > 4).cache()
    assert above.count() == 5
    assert len(tables(service)) == 2
    below.unpersist()
    assert above.count() == 5
    above.unpersist()


def test_columns_of_one_name_are_kept_apart(spark: SparkSession) -> None:
    frame = spark.range(2).select("id", "id", F.lit("x").alias("id")).cache()
    assert [tuple(row) for row in frame.collect()] == [(0, 0, "x"), (1, 1, "x")]
    frame.unpersist()


def test_a_table_is_cached_under_whatever_name_it_is_read(
    service: SparkConnectService, spark: SparkSession
) -> None:
    spark.range(3).createOrReplaceTempView("v")
    spark.catalog.cacheTable("v")
    assert len(tables(service)) == 0
    assert spark.table("v").alias("other").count() == 3
    assert len(tables(service)) == 1
    assert spark.catalog.isCached("v")
    assert spark.range(3).storageLevel.useMemory
    spark.catalog.uncacheTable("v")
    assert not spark.catalog.isCached("v")
    spark.sql("CACHE TABLE v")
    assert len(tables(service)) == 1
    spark.catalog.clearCache()
    assert tables(service) == []


def test_rows_without_columns_are_kept(spark: SparkSession) -> None:
    frame = spark.range(3).select().cache()
    assert frame.collect() == [(), (), ()]
    frame.unpersist()
    assert spark.createDataFrame([(), ()], StructType()).count() == 2


def test_a_storage_level_is_told(spark: SparkSession) -> None:
    frame = spark.range(7)
    assert frame.storageLevel == StorageLevel.NONE
    assert not frame.is_cached
    assert frame.persist(StorageLevel.DISK_ONLY).storageLevel == StorageLevel.DISK_ONLY
    frame.unpersist()
    assert frame.cache().storageLevel == StorageLevel.MEMORY_AND_DISK_DESER
    frame.unpersist()


def test_what_computing_kept_rows_meets_is_an_error_each_time(spark: SparkSession) -> None:
    frame = spark.range(3).select(F.raise_error(F.lit("no"))).cache()
    for _ in range(2):
        with pytest.raises(SparkConnectException, match="no"):
            frame.collect()
    frame.unpersist()


@pytest.mark.parametrize("eager", [True, False])
def test_a_checkpoint_is_computed_once(
    service: SparkConnectService, spark: SparkSession, eager: bool
) -> None:
    frame = spark.range(5).select((F.col("id") / 3).alias("r")).localCheckpoint(eager)
    assert len(tables(service)) == int(eager)
    first = frame.collect()
    assert frame.collect() == first
    assert len(tables(service)) == 1
    assert frame.join(frame.select(F.col("r").alias("s")), F.lit(True)).count() == 25
    command = proto.Command()
    relation = frame._plan.plan(spark.client).cached_remote_relation
    command.remove_cached_remote_relation_command.relation.CopyFrom(relation)
    spark.client.execute_command(command)
    assert tables(service) == []


def test_a_checkpoint_ends_with_its_frame(
    service: SparkConnectService, spark: SparkSession
) -> None:
    frame = spark.range(5).localCheckpoint()
    assert len(tables(service)) == 1
    del frame
    gc.collect()
    until = time.monotonic() + 60
    while tables(service) and time.monotonic() < until:
        time.sleep(0.01)
    assert tables(service) == []


def test_checkpoints_end_with_their_session(
    service: SparkConnectService, spark: SparkSession
) -> None:
    frame = spark.range(5).localCheckpoint()
    assert frame.count() == 5
    assert len(tables(service)) == 1
    spark.client.release_session()
    assert tables(service) == []


def test_cached_files_are_read_again_when_something_refreshes_them(
    spark: SparkSession, tmp_path: Path
) -> None:
    path = str(tmp_path / "numbers")
    spark.range(3).write.parquet(path)
    cached = spark.read.parquet(path).filter("id > 0").cache()
    assert cached.count() == 2
    shutil.rmtree(path)
    spark.range(10).toPandas().to_parquet(_directory(path) / "part.parquet")
    # Another program's changes are not noticed,
    assert spark.read.parquet(path).filter("id > 0").count() == 2
    spark.catalog.refreshByPath(path)
    assert spark.read.parquet(path).filter("id > 0").count() == 9
    # but one's own are.
    spark.range(10, 12).write.mode("append").parquet(path)
    assert cached.count() == 11
    assert cached.storageLevel.useMemory
    cached.unpersist()


def test_a_cached_table_outlives_its_files_until_it_is_refreshed(
    spark: SparkSession, tmp_path: Path
) -> None:
    location = _directory(str(tmp_path / "lines"))
    spark.sql(f"CREATE TABLE lines (line STRING) USING TEXT LOCATION '{location}'")
    spark.sql("INSERT INTO lines SELECT 'abc'")
    spark.catalog.cacheTable("lines")
    assert spark.table("lines").count() == 1
    shutil.rmtree(location)
    assert spark.table("lines").count() == 1
    spark.catalog.refreshTable("lines")
    assert spark.table("lines").count() == 0
    assert spark.catalog.isCached("lines")
    spark.sql("INSERT INTO lines VALUES ('d'), ('e')")
    assert spark.table("lines").count() == 2
    spark.sql("TRUNCATE TABLE lines")
    assert spark.table("lines").count() == 0
    spark.sql("DROP TABLE lines")


def _directory(path: str) -> Path:
    directory = Path(path)
    directory.mkdir(exist_ok=True)
    return directory
