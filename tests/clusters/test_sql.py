"""What programs do with DataFrames, wherever their executors are."""

import os

import pandas as pd
import pyarrow as pa
import pytest
from pyspark.sql import Row
from pyspark.sql import functions as F

from pyrite.connect.local_session import LocalSession
from pyrite.core.conf import SparkConf
from pyrite.core.context import SparkContext


@pytest.fixture(scope="module", params=["local-cluster[2,1,1024]", "ray"])
def spark(request, tmp_path_factory):
    master = request.param
    if master == "ray":
        nodes = request.getfixturevalue("ray_nodes")
        nodes.restore()
        master = nodes.master
    conf = SparkConf().setMaster(master).setAppName("frames")
    conf.set("spark.local.dir", str(tmp_path_factory.mktemp("scratch")))
    with SparkContext(conf=conf) as sc:
        session = LocalSession(sc)
        yield session
        session.stop()


def test_frames_become_rdds_and_rdds_become_frames(spark):
    frame = spark.range(20_000).withColumn("k", F.col("id") % 3)
    pairs = frame.rdd.map(lambda row: (row.k, row.id))
    assert sorted(pairs.reduceByKey(max).collect()) == [(0, 19998), (1, 19999), (2, 19997)]
    back = pairs.map(lambda pair: Row(k=pair[0], v=pair[1])).toDF()
    assert back.groupBy("k").agg(F.sum("v")).orderBy("k").collect()[0][1] == 66_663_333
    assert sorted(frame.repartition(4).rdd.map(lambda row: row.id).take(10_000))[0] == 0
    seen = spark.sparkContext.accumulator(0)
    frame.limit(100).foreach(lambda row: seen.add(row.id))
    frame.limit(100).foreachPartition(lambda rows: seen.add(sum(1 for _ in rows)))
    assert seen.value == 4950 + 100


def test_functions_of_rows_and_of_columns(spark):
    frame = spark.range(1000).withColumn("k", F.col("id") % 4)
    plus = F.udf(lambda x: x + 1, "long")

    @F.pandas_udf("double")
    def half(values: pd.Series) -> pd.Series:
        return values / 2

    @F.pandas_udf("double")
    def mean(values: pd.Series) -> float:
        return values.mean()

    once = frame.select(F.sum(plus("id")), F.sum(half("id"))).collect()
    assert once == [(500_500, 249_750.0)]
    means = frame.groupBy("k").agg(mean("id").alias("m")).orderBy("k").collect()
    assert [row.m for row in means] == [498.0, 499.0, 500.0, 501.0]
    spark.udf.register("plus_one", lambda x: x + 1, "long")
    assert spark.sql("SELECT plus_one(41) AS x").collect() == [(42,)]


def test_functions_of_tables_and_groups(spark):
    frame = spark.range(1000).withColumn("k", F.col("id") % 4)

    def keep_even(batches):
        for batch in batches:
            yield batch[batch.id % 2 == 0]

    def count(key, group):
        return pd.DataFrame({"k": [key[0]], "n": [len(group)]})

    def merge(left, right):
        return pd.DataFrame({"n": [len(left) + len(right)]})

    def keep_arrow(batches):
        for batch in batches:
            yield batch.slice(0, 1)

    assert frame.mapInPandas(keep_even, frame.schema).count() == 500
    assert frame.mapInArrow(keep_arrow, frame.schema).count() >= 1
    counts = frame.groupBy("k").applyInPandas(count, "k long, n long")
    assert sorted(counts.collect()) == [(k, 250) for k in range(4)]
    both = frame.groupBy("k").cogroup(frame.groupBy("k")).applyInPandas(merge, "n long")
    assert both.collect() == [(500,)] * 4

    @F.udtf(returnType="n int, square int")
    class Squares:
        def eval(self, start: int, end: int):
            for n in range(start, end):
                yield n, n * n

    assert Squares(F.lit(1), F.lit(4)).collect() == [(1, 1), (2, 4), (3, 9)]

    @F.udtf
    class Wide:
        @staticmethod
        def analyze(count):
            from pyspark.sql.types import IntegerType, StructType
            from pyspark.sql.udtf import AnalyzeResult

            schema = StructType()
            for number in range(count.value):
                schema = schema.add(f"c{number}", IntegerType())
            return AnalyzeResult(schema)

        def eval(self, count):
            yield tuple(range(count))

    assert Wide(F.lit(3)).collect() == [Row(c0=0, c1=1, c2=2)]


def test_functions_use_broadcasts_accumulators_and_added_files(spark, tmp_path):
    (tmp_path / "factor.txt").write_text("3")
    spark.sparkContext.addFile(str(tmp_path / "factor.txt"))
    table = spark.sparkContext.broadcast({n: n * 10 for n in range(100)})
    calls = spark.sparkContext.accumulator(0)

    @F.udf("long")
    def use(x):
        from pyspark import SparkFiles

        calls.add(1)
        with open(SparkFiles.get("factor.txt")) as file:
            return table.value[x] * int(file.read())

    assert spark.range(10).select(F.sum(use("id"))).collect() == [(1350,)]
    assert calls.value == 10


@pytest.mark.parametrize("isolated", ["false", "true"])
def test_artifacts_reach_functions(spark, tmp_path, isolated):
    session = spark.newSession()
    session.conf.set("spark.sql.artifact.isolation.enabled", isolated)
    name = f"sent_to_sessions_{isolated}"
    (tmp_path / f"{name}.py").write_text("def triple(x):\n    return 3 * x\n")
    (tmp_path / f"{name}.txt").write_text("5")
    session.addArtifacts(str(tmp_path / f"{name}.py"), pyfile=True)
    session.addArtifacts(str(tmp_path / f"{name}.txt"), file=True)

    @F.udf("long")
    def use(x):
        import importlib

        from pyspark import SparkFiles

        with open(SparkFiles.get(f"{name}.txt")) as file:
            return importlib.import_module(name).triple(x) + int(file.read())

    got = session.range(4).select(use("id").alias("x")).collect()
    assert [row.x for row in got] == [5, 8, 11, 14]


def test_caches_views_and_writes(spark, tmp_path):
    plus = F.udf(lambda x: x + 1, "long")
    frame = spark.range(100).select(plus("id").alias("x")).cache()
    assert frame.count() == 100
    frame.createOrReplaceTempView("numbers")
    assert spark.sql("SELECT sum(x) FROM numbers").collect() == [(5050,)]
    path = os.path.join(tmp_path, "written")
    frame.write.parquet(path)
    assert spark.read.parquet(path).agg(F.max("x")).collect() == [(100,)]
    frame.unpersist()
    assert frame.localCheckpoint().count() == 100
    table = pa.table({"a": [1, 2, 3]})
    assert spark.createDataFrame(table).toPandas().a.tolist() == [1, 2, 3]
