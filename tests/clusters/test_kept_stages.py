"""Cached rows of large plans stay in the executors, and later queries read them there."""

import gc
import os
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import functions as F
from pyspark.storagelevel import StorageLevel

from pyrite.connect.local_session import LocalSession
from pyrite.core.conf import SparkConf
from pyrite.core.context import SparkContext
from pyrite.sql.execution.cluster.query_stages import ClusterRun
from pyrite.sql.plans.exchange import Partitioning
from tests.clusters.conftest import wait_until

LINES, ORDERS = 30_000, 5_000


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    lines = {
        "order": [n * 7 % ORDERS for n in range(LINES)],
        "price": [n % 97 for n in range(LINES)],
    }
    orders = {"id": range(ORDERS), "day": [f"day {n % 11}" for n in range(ORDERS)]}
    pq.write_table(pa.table(lines), folder / "lines.parquet", row_group_size=1_000)
    pq.write_table(pa.table(orders), folder / "orders.parquet", row_group_size=500)
    return folder


@pytest.fixture(scope="module", params=["local-cluster[2,1,1024]", "ray"])
def spark(request, tmp_path_factory, tables):
    master = request.param
    if master == "ray":
        nodes = request.getfixturevalue("ray_nodes")
        nodes.restore()
        master = nodes.master
    conf = SparkConf().setMaster(master).setAppName("kept").set("spark.ui.enabled", "false")
    conf.set("spark.sql.files.maxPartitionBytes", "1000")
    conf.set("spark.local.dir", str(tmp_path_factory.mktemp("scratch")))
    conf.set("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
    with SparkContext(conf=conf) as sc:
        session = LocalSession(sc)
        for name in ("lines", "orders"):
            session.read.parquet(f"{tables}/{name}.parquet").createOrReplaceTempView(name)
        yield session
        session.stop()


class Kept:
    """The rows that executors have kept."""

    def __init__(self):
        self.shuffles = []
        self.gathered = 0

    def files(self, context):
        """The map outputs."""
        outputs = context._application.map_outputs
        return [
            status.path
            for shuffle in self.shuffles
            if outputs.contains(shuffle)
            for status in outputs.statuses(shuffle)
        ]


@pytest.fixture
def kept(monkeypatch):
    seen = Kept()
    keep, run = ClusterRun.keep, ClusterRun._run

    def noted(self, stage):
        rows = keep(self, stage)
        seen.shuffles.append(rows.dependency.handle.shuffle_id)
        return rows

    def counted(self, exchange):
        stage = run(self, exchange)
        if stage.partitioning is Partitioning.SINGLE:
            seen.gathered += stage.rows
        return stage

    monkeypatch.setattr(ClusterRun, "keep", noted)
    monkeypatch.setattr(ClusterRun, "_run", counted)
    return seen


def context():
    return SparkContext._active_spark_context


def are_gone(paths):
    gc.collect()
    return wait_until(lambda: not any(map(os.path.exists, paths)))


def joined(spark):
    lines, orders = spark.table("lines"), spark.table("orders")
    return lines.join(orders, lines["order"] == orders["id"]).select("order", "price", "day")


def per_day(rows):
    return (
        rows.groupBy("day").agg(F.count("*").alias("n"), F.sum("price").alias("s")).orderBy("day")
    )


def test_cached_rows_stay_in_the_executors(spark, kept):
    expected = per_day(joined(spark)).collect()
    cached = joined(spark).cache()
    kept.gathered = 0
    assert cached.count() == LINES
    assert cached.storageLevel == StorageLevel.MEMORY_AND_DISK_DESER
    assert len(kept.shuffles) == 1
    assert per_day(joined(spark)).collect() == expected
    more = cached.join(spark.table("orders"), F.col("order") == F.col("id"))
    assert more.count() == LINES
    twice = cached.alias("a").join(cached.alias("b"), F.expr("a.order = b.order"))
    assert twice.agg(F.count("*"), F.max("b.price")).collect() == [(LINES * LINES // ORDERS, 96)]
    assert "InMemoryTableScan" in per_day(cached)._explain_string()
    assert kept.gathered < LINES / 2
    assert len(kept.shuffles) == 1
    paths = kept.files(context())
    assert len(paths) == 2
    assert all(map(os.path.exists, paths))
    cached.unpersist()
    assert are_gone(paths)
    assert not cached.storageLevel.useMemory
    assert per_day(cached).collect() == expected
    assert len(kept.shuffles) == 1


def test_lost_rows_are_computed_again(spark, kept):
    cached = joined(spark).cache()
    expected = per_day(cached).collect()
    for path in kept.files(context()):
        os.unlink(path)
    assert per_day(cached).collect() == expected
    assert len(kept.shuffles) == 1
    cached.unpersist()


def test_few_rows_come_to_the_driver_once(spark, kept):
    cached = joined(spark).groupBy("day").count().cache()
    assert cached.count() == 11
    assert not kept.shuffles
    kept.gathered = 0
    assert cached.agg(F.sum("count")).collect() == [(LINES,)]
    assert cached.join(spark.table("orders"), "day").count() == ORDERS
    cached.unpersist()
    assert kept.gathered < ORDERS


def test_statements_keep_and_forget(spark, kept):
    spark.sql("CACHE TABLE big AS SELECT order, price FROM lines WHERE price > 5")
    assert len(kept.shuffles) == 1
    assert spark.catalog.isCached("big")
    assert not kept.gathered
    count = LINES - spark.sql("SELECT * FROM lines WHERE price <= 5").count()
    assert spark.table("big").count() == count
    in_subquery = "SELECT count(*) FROM orders WHERE id IN (SELECT order FROM big)"
    assert spark.sql(in_subquery).collect() == [(ORDERS,)]
    correlated = """
        SELECT count(*) FROM orders o
        WHERE 50 < (SELECT max(price) FROM big b WHERE b.order = o.id)"""
    assert spark.sql(correlated).collect()[0][0] > 0
    paths = kept.files(context())
    spark.sql("UNCACHE TABLE big")
    assert are_gone(paths)
    spark.sql("CACHE TABLE lines")
    paths = kept.files(context())
    assert paths
    spark.sql("CLEAR CACHE")
    assert are_gone(paths)


def test_partitions_of_kept_rows(spark, kept):
    cached = spark.table("lines").where("price < 50").cache()
    rows = cached.rdd
    assert rows.getNumPartitions() == spark.table("lines").rdd.getNumPartitions()
    assert len(rows.collect()) == cached.count()
    numbers = cached.select(F.spark_partition_id().alias("p")).distinct().collect()
    assert {row.p for row in numbers} <= set(range(rows.getNumPartitions()))
    assert len(kept.shuffles) == 1
    cached.unpersist()


def test_rows_that_are_dealt_out_stay_so(spark, kept):
    dealt = spark.table("lines").withColumn("m", F.create_map("order", "price")).repartition(6)
    cached = dealt.cache()
    counts = cached.groupBy(F.spark_partition_id().alias("p")).count().collect()
    assert {row.p for row in counts} == set(range(cached.rdd.getNumPartitions())) == set(range(6))
    assert sum(row["count"] for row in counts) == LINES
    assert max(row["count"] for row in counts) < LINES / 2
    assert len(kept.shuffles) == 1
    cached.unpersist()


def test_checkpoints(spark, kept):
    for name in ("localCheckpoint", "checkpoint"):
        held = getattr(joined(spark), name)()
        assert len(kept.shuffles) == 1
        assert not kept.gathered
        assert per_day(held).collect() == per_day(joined(spark)).collect()
        paths = kept.files(context())
        assert paths
        del held
        assert are_gone(paths)
        kept.shuffles.clear()
        kept.gathered = 0


def test_functions_read_kept_rows(spark, kept):
    @F.pandas_udf("long")
    def double(values):
        return values * 2

    cached = joined(spark).cache()
    expected = 2 * joined(spark).agg(F.sum("price")).collect()[0][0]
    assert cached.select(F.sum(double("price"))).collect() == [(expected,)]
    assert len(cached.sample(0.5, seed=1).collect()) > LINES / 4
    assert len(kept.shuffles) == 1
    cached.unpersist()


def test_sorted_rows_stay_sorted(spark, kept):
    cached = spark.table("lines").orderBy("price", "order").cache()
    assert cached.collect() == spark.table("lines").orderBy("price", "order").collect()
    cached.unpersist()


def test_rows_kept_of_kept_rows_outlive_them(spark, kept):
    first = joined(spark).cache()
    second = first.where("price > 10").select("day", "price").cache()
    expected = per_day(joined(spark).where("price > 10")).collect()
    assert per_day(second).collect() == expected
    assert len(kept.shuffles) == 2
    paths = kept.files(context())
    first.unpersist()
    gc.collect()
    for path in paths:
        os.unlink(path)
    assert per_day(second).collect() == expected
    assert len(kept.shuffles) == 2
    paths = kept.files(context())
    second.unpersist()
    assert are_gone(paths)


def test_files_that_change_are_read_again(spark, kept, tmp_path):
    path = str(tmp_path / "copy")
    spark.table("lines").write.parquet(path)
    cached = spark.read.parquet(path).where("price >= 0").cache()
    assert cached.count() == LINES
    paths = kept.files(context())
    spark.table("lines").limit(10).write.mode("append").parquet(path)
    assert cached.count() == LINES + 10
    assert are_gone(paths)
    cached.unpersist()


def test_several_queries_want_the_rows_at_once(spark, kept):
    cached = joined(spark).cache()
    with ThreadPoolExecutor(4) as pool:
        counts = [pool.submit(cached.where(f"price > {n}").count) for n in range(4)]
        assert [count.result() for count in counts] == [
            joined(spark).where(f"price > {n}").count() for n in range(4)
        ]
    assert len(kept.shuffles) == 1
    cached.unpersist()


def test_kept_rows_are_written(spark, kept, tmp_path):
    cached = joined(spark).cache()
    cached.write.partitionBy("day").parquet(str(tmp_path / "written"))
    assert len(kept.shuffles) == 1
    cached.unpersist()
    written = spark.read.parquet(str(tmp_path / "written"))
    assert per_day(written).collect() == per_day(joined(spark)).collect()


def test_rows_of_no_columns_are_kept(spark, kept):
    cached = spark.table("lines").select().cache()
    assert cached.count() == LINES
    assert cached.count() == LINES
    cached.unpersist()


def test_sizes_of_kept_rows_are_known(spark, kept):
    cached = joined(spark).where("price = 13").cache()
    assert "rowCount" not in cached._explain_string(mode="cost")
    count = cached.count()
    assert kept.shuffles
    assert f"rowCount={count})" in cached._explain_string(mode="cost")
    cached.unpersist()
