"""Files that tasks read in parts: each format gives what it gives in one piece."""

import json

import pyarrow as pa
import pyarrow.orc as orc
import pyarrow.parquet as pq
import pytest
from pyspark.errors import ArithmeticException, SparkRuntimeException
from pyspark.sql import functions as F

from pyrite.connect.local_session import LocalSession
from pyrite.core.conf import SparkConf
from pyrite.core.context import SparkContext

ROWS = 60_000
SCHEMA = "id long, k int, s string"


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    conf = SparkConf().setMaster("local-cluster[2,1,1024]").setAppName("splits")
    conf.set("spark.local.dir", str(tmp_path_factory.mktemp("scratch")))
    conf.set("spark.sql.files.maxPartitionBytes", "64k")
    with SparkContext(conf=conf) as sc:
        session = LocalSession(sc)
        yield session
        session.stop()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A table of ids, keys and texts in every format."""
    folder = tmp_path_factory.mktemp("files")
    texts = [None if i % 5 == 0 else f"text, {i}" for i in range(ROWS)]
    table = pa.table({"id": range(ROWS), "k": [i % 7 for i in range(ROWS)], "s": texts})
    pq.write_table(table, folder / "a.parquet", row_group_size=5_000)
    orc.write_table(table, folder / "a.orc", stripe_size=100_000)
    rows = table.to_pylist()
    (folder / "a.json").write_text("".join(json.dumps(row) + "\n" for row in rows))
    quoted = (f"{r['id']},{r['k']}," + (f'"{r["s"]}"' if r["s"] else "") + "\n" for r in rows)
    (folder / "a.csv").write_text("id,k,s\n" + "".join(quoted))
    for k in range(3):
        (folder / "parts" / f"k={k}").mkdir(parents=True)
        pq.write_table(table.drop_columns(["k"]), folder / "parts" / f"k={k}" / "a.parquet")
    return folder


def jobs(spark):
    tracker = spark.sparkContext.statusTracker()
    return len(tracker.getJobIdsForGroup(None))


@pytest.mark.parametrize("format", ["parquet", "orc", "json", "csv"])
def test_formats(spark, files, format):
    read = spark.read.format(format).schema(SCHEMA)
    if format == "csv":
        read = read.option("header", True)
    frame = read.load(str(files / f"a.{format}"))
    before = jobs(spark)
    found = frame.groupBy("k").agg(F.count("*"), F.count("s"), F.sum("id")).orderBy("k").collect()
    assert jobs(spark) > before
    ids = [range(k, ROWS, 7) for k in range(7)]
    assert found == [(k, len(i), sum(x % 5 > 0 for x in i), sum(i)) for k, i in enumerate(ids)]
    first = frame.where("id % 10000 = 1").select("s").collect()
    assert [row.s for row in first] == [f"text, {i}" for i in range(1, ROWS, 10_000)]


def test_partitions(spark, files):
    frame = spark.read.parquet(str(files / "parts"))
    assert frame.where("k = 1").groupBy("k").count().collect() == [(1, ROWS)]
    assert frame.where("k > 7").groupBy("k").count().collect() == []


def test_errors_have_their_places(spark, files):
    frame = spark.read.parquet(str(files / "a.parquet"))
    frame.createOrReplaceTempView("t")
    with pytest.raises(ArithmeticException, match="DIVIDE_BY_ZERO") as caught:
        spark.sql("SELECT k, sum(1 / (id - 7)) FROM t GROUP BY k").collect()
    (context,) = caught.value.getQueryContext()
    assert context.fragment() == "1 / (id - 7)"
    with pytest.raises(SparkRuntimeException, match="seven"):
        frame.groupBy("k").agg(
            F.max(F.when(F.col("id") == 7, F.raise_error(F.lit("seven"))))
        ).show()
