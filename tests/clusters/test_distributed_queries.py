"""Queries cut into tasks answer as the same queries do in one piece."""

import os
import random

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.errors import ArithmeticException
from pyspark.sql import functions as F

from pyrite.connect.local_session import LocalSession
from pyrite.core.conf import SparkConf
from pyrite.core.context import SparkContext
from pyrite.sql.execution.cluster.query_stages import ClusterRun
from pyrite.sql.plans.exchange import Partitioning

LINES, ORDERS, CUSTOMERS = 60_000, 20_000, 4_000

QUERIES = {
    "joins and groups": """
        SELECT c.region, count(*) n, sum(l.price) total, avg(l.price) mean, max(o.day) latest
        FROM lines l JOIN orders o ON l.order = o.id JOIN customers c ON o.customer = c.id
        WHERE o.day >= DATE '2024-02-01' GROUP BY c.region""",
    "outer joins": """
        SELECT c.region, count(o.id) orders, count(*) n
        FROM customers c LEFT JOIN orders o ON c.id = o.customer AND o.day < DATE '2024-03-01'
        GROUP BY c.region""",
    "full join": """
        SELECT count(a.id), count(b.id), count(*)
        FROM (SELECT * FROM orders WHERE id % 3 = 0) a
        FULL JOIN (SELECT * FROM orders WHERE id % 5 = 0) b ON a.id = b.id""",
    "exists": """
        SELECT count(*) FROM orders o
        WHERE EXISTS (SELECT * FROM lines l WHERE l.order = o.id AND l.price > 95)
          AND NOT EXISTS (SELECT * FROM lines l WHERE l.order = o.id AND l.price < 5)""",
    "correlated scalar": """
        SELECT count(*) FROM lines l
        WHERE price > (SELECT avg(price) FROM lines m WHERE m.order = l.order)""",
    "uncorrelated scalar": """
        SELECT count(*) FROM lines WHERE price > (SELECT avg(price) FROM lines)""",
    "not in with nulls": "SELECT count(*) FROM orders WHERE customer NOT IN "
    "(SELECT id FROM customers WHERE region = 'north')",
    "distinct": "SELECT count(DISTINCT customer), count(DISTINCT day) FROM orders",
    "windows": """
        SELECT sum(place), sum(r) FROM (
          SELECT row_number() OVER (PARTITION BY customer ORDER BY day, id) place,
                 rank() OVER (PARTITION BY day ORDER BY customer) r FROM orders)""",
    "rollup": """
        SELECT region, active, count(*), grouping_id() FROM customers c JOIN orders o
        ON c.id = o.customer GROUP BY ROLLUP (region, active)""",
    "sets": """
        SELECT count(*) FROM (
          (SELECT customer FROM orders EXCEPT SELECT id FROM customers WHERE active)
          UNION ALL (SELECT id FROM customers INTERSECT SELECT customer FROM orders))""",
    "ctes": """
        WITH big AS (SELECT order, sum(price) s FROM lines GROUP BY order)
        SELECT count(*), max(s) FROM big WHERE s > (SELECT avg(s) FROM big)""",
    "percentile": "SELECT region, percentile(price, 0.5) p FROM lines l JOIN orders o "
    "ON l.order = o.id JOIN customers c ON c.id = o.customer GROUP BY region",
    "cross join": "SELECT count(*) FROM (SELECT * FROM customers WHERE id < 20) a, "
    "(SELECT * FROM orders WHERE id < 30) b WHERE a.id < b.customer",
}
ORDERED = {
    "first rows": "SELECT id, day FROM orders ORDER BY day DESC, id LIMIT 20 OFFSET 5",
    "sorted": "SELECT order, price FROM lines WHERE price > 99 ORDER BY price, order, number",
}


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    draw = random.Random(5)
    days = pd.date_range("2024-01-01", periods=120).date
    tables = {
        "lines": {
            "order": [draw.randrange(ORDERS) for _ in range(LINES)],
            "number": range(LINES),
            "price": [draw.choice([None, draw.randrange(10_000) / 100]) for _ in range(LINES)],
        },
        "orders": {
            "id": range(ORDERS),
            "customer": [draw.choice([None, draw.randrange(5_000)]) for _ in range(ORDERS)],
            "day": [draw.choice(days) for _ in range(ORDERS)],
        },
        "customers": {
            "id": range(CUSTOMERS),
            "region": [draw.choice(["north", "south", "east", None]) for _ in range(CUSTOMERS)],
            "active": [draw.random() < 0.5 for _ in range(CUSTOMERS)],
        },
    }
    for name, columns in tables.items():
        pq.write_table(pa.table(columns), folder / f"{name}.parquet", row_group_size=1_000)
    return folder


@pytest.fixture(
    scope="module", params=["local-cluster[2,1,1024]", "local-cluster[1,2,1024]", "ray"]
)
def spark(request, tmp_path_factory, tables):
    master = request.param
    if master == "ray":
        nodes = request.getfixturevalue("ray_nodes")
        nodes.restore()
        master = nodes.master
    conf = SparkConf().setMaster(master).setAppName("queries")
    conf.set("spark.local.dir", str(tmp_path_factory.mktemp("scratch")))
    conf.set("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
    with SparkContext(conf=conf) as sc:
        session = LocalSession(sc)
        for name in ("lines", "orders", "customers"):
            session.read.parquet(f"{tables}/{name}.parquet").createOrReplaceTempView(name)
        yield session
        session.stop()


@pytest.fixture
def in_tasks(spark):
    """Have plans cut however small their files are."""
    spark.conf.set("spark.sql.files.maxPartitionBytes", "1000")
    yield
    spark.conf.unset("spark.sql.files.maxPartitionBytes")


@pytest.fixture
def stages(monkeypatch):
    """The exchanges that have run."""
    seen = []
    run = ClusterRun._run

    def noted(self, exchange):
        stage = run(self, exchange)
        seen.append(stage)
        return stage

    monkeypatch.setattr(ClusterRun, "_run", noted)
    return seen


def answers(spark, sql):
    """The rows of a query in one piece, and in tasks."""
    whole = spark.sql(sql).collect()
    spark.conf.set("spark.sql.files.maxPartitionBytes", "1000")
    try:
        return whole, spark.sql(sql).collect()
    finally:
        spark.conf.unset("spark.sql.files.maxPartitionBytes")


def sorted_rows(rows):
    return sorted([str([round(v, 6) if isinstance(v, float) else v for v in row]) for row in rows])


@pytest.mark.parametrize("name", QUERIES)
def test_answers_are_the_same(spark, stages, name):
    whole, in_tasks = answers(spark, QUERIES[name])
    assert sorted_rows(in_tasks) == sorted_rows(whole)
    assert stages


@pytest.mark.parametrize("name", ORDERED)
def test_rows_come_in_the_same_order(spark, stages, name):
    whole, in_tasks = answers(spark, ORDERED[name])
    assert in_tasks == whole
    assert stages


def test_what_fits_one_executor_stays_one_fragment(spark, stages):
    assert spark.sql("SELECT count(*) FROM lines").collect() == [(LINES,)]
    assert not stages


def test_lost_rows_of_a_stage_are_computed_again(spark, monkeypatch):
    run, removed = ClusterRun._run, []

    def losing(self, exchange):
        stage = run(self, exchange)
        if stage.partitioning is Partitioning.HASH and len(removed) < 2:
            handle = self._written[stage.stage_id].dependency.handle
            statuses = self._spark._application.map_outputs.statuses(handle.shuffle_id)
            for status in statuses:
                os.unlink(status.path)
            removed.append(stage)
        return stage

    monkeypatch.setattr(ClusterRun, "_run", losing)
    whole, in_tasks = answers(
        spark,
        "SELECT o.day, sum(l.price) FROM lines l JOIN orders o ON l.order = o.id "
        "JOIN lines m ON m.order = o.id GROUP BY o.day",
    )
    assert sorted_rows(in_tasks) == sorted_rows(whole)
    assert removed


def test_functions_caches_and_writes_over_stages(spark, in_tasks, tmp_path):
    @F.pandas_udf("double")
    def half(values: pd.Series) -> pd.Series:
        return values / 2

    joined = spark.table("lines").join(spark.table("orders"), F.col("order") == F.col("id"))
    per_day = joined.groupBy("day").agg(F.sum("price").alias("total"), F.count("*").alias("n"))
    assert per_day.select(F.sum("n"), F.count(half("total"))).collect() == [(LINES, 120)]
    groups = joined.groupBy("day").applyInPandas(
        lambda key, rows: pd.DataFrame({"day": [key[0]], "n": [len(rows)]}), "day date, n long"
    )
    assert groups.agg(F.sum("n")).collect() == [(LINES,)]
    cached = per_day.cache()
    assert cached.count() == 120
    assert cached.agg(F.sum("n")).collect() == [(LINES,)]
    cached.unpersist()
    per_day.write.partitionBy("n").parquet(str(tmp_path / "written"))
    assert os.path.exists(tmp_path / "written" / "_SUCCESS")
    assert spark.read.parquet(str(tmp_path / "written")).agg(F.sum("n")).collect() == [(LINES,)]
    spark.sql("CREATE TABLE days AS SELECT day, count(*) n FROM orders GROUP BY day")
    assert spark.table("days").agg(F.sum("n")).collect() == [(ORDERS,)]
    spark.sql("DROP TABLE days")


def test_errors_tell_where_they_come_from(spark, in_tasks):
    with pytest.raises(ArithmeticException, match="DIVIDE_BY_ZERO") as caught:
        spark.sql("SELECT sum(id / (id - 7)) FROM orders").collect()
    assert "id / (id - 7)" in str(caught.value)
    assert spark.sql("SELECT count(*) FROM orders").collect() == [(ORDERS,)]


def test_rows_are_used_again_only_with_the_same_columns(spark, stages):
    """Both joins have a scan of orders sent around, of as many columns; one is not the other."""
    whole, in_tasks = answers(
        spark,
        """SELECT count(*), sum(c.id) FROM customers c
        LEFT SEMI JOIN orders o ON c.id = o.customer
        LEFT SEMI JOIN (SELECT id FROM orders) p ON c.id = p.id""",
    )
    assert in_tasks == whole
    assert stages


def test_no_column_of_a_table_is_read(spark, stages):
    whole, in_tasks = answers(
        spark,
        """SELECT count(*), max(region) FROM (SELECT o.day, c.region FROM orders o
        CROSS JOIN (SELECT * FROM customers WHERE id < 3) c
        WHERE EXISTS (SELECT * FROM lines))""",
    )
    assert in_tasks == whole
    assert stages


def test_casts_that_could_fail_decide_where_rows_go(spark, stages, tmp_path):
    lines = spark.table("lines").select("number", (F.col("number") % 2 == 0).alias("even"))
    lines.write.partitionBy("even").parquet(str(tmp_path / "parts"))
    spark.read.parquet(str(tmp_path / "parts")).createOrReplaceTempView("parts")
    whole, in_tasks = answers(
        spark, "SELECT CAST(even AS BOOLEAN) e FROM parts INTERSECT SELECT active FROM customers"
    )
    assert sorted_rows(in_tasks) == sorted_rows(whole) == ["[False]", "[True]"]
    assert stages
