"""Rows that go from task to task: the answers are those of one task."""

import math

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pyrite.connect.local_session import LocalSession
from pyrite.core.conf import SparkConf
from pyrite.core.context import SparkContext
from pyrite.sql.execution.cluster import query_stages
from pyrite.sql.execution.cluster.assignments import assign

ROWS = 40_000
DOUBLES = [None, math.nan, -0.0, 0.0, math.inf, -1.5, 1e300]


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    conf = SparkConf().setMaster("local-cluster[2,1,1024]").setAppName("exchanges")
    conf.set("spark.local.dir", str(tmp_path_factory.mktemp("scratch")))
    folder = tmp_path_factory.mktemp("files")
    table = pa.table(
        {
            "id": range(ROWS),
            "i": pa.array([None if n % 11 == 0 else n * 7919 % 1000 for n in range(ROWS)]),
            "d": pa.array([DOUBLES[n * 31 % 7] for n in range(ROWS)], pa.float64()),
            "s": pa.array([None if n % 13 == 0 else str(n * 104_729 % ROWS) for n in range(ROWS)]),
        }
    )
    table = table.append_column("m", table["i"].cast(pa.decimal128(21, 2)))
    pq.write_table(table, folder / "t.parquet", row_group_size=2_000)
    with SparkContext(conf=conf) as sc:
        session = LocalSession(sc)
        session.read.parquet(str(folder / "t.parquet")).createOrReplaceTempView("t")
        yield session
        session.stop()


def rows(spark, text, **settings):
    """The rows of a query, as texts: NaN is equal to itself there, and -0.0 is not 0.0."""
    for key, value in settings.items():
        spark.conf.set(key, value)
    try:
        return [tuple(map(str, row)) for row in spark.sql(text).collect()]
    finally:
        for key in settings:
            spark.conf.unset(key)


def in_tasks(spark, text, **settings):
    return rows(spark, text, **settings, **{"spark.sql.files.maxPartitionBytes": "1000"})


@pytest.mark.parametrize(
    "text",
    [
        "SELECT i, d, s, id FROM t ORDER BY i, d DESC, s NULLS LAST, id",
        "SELECT id, d FROM t WHERE id % 3 = 0 ORDER BY d NULLS LAST, id DESC",
        "SELECT m, id FROM t ORDER BY m DESC NULLS FIRST, id",
        "SELECT s, count(*) AS c, sum(m) FROM t GROUP BY s ORDER BY c DESC, s",
        "SELECT a.id + b.id AS x, a.s FROM t a JOIN t b ON a.id = b.id + 1 ORDER BY x DESC",
        "SELECT id FROM t ORDER BY i % 2, id OFFSET 39990",
        "SELECT id FROM t WHERE id < 0 ORDER BY id",
        "SELECT i = i AS x FROM t WHERE i IS NOT NULL ORDER BY x",
    ],
)
def test_sorts(spark, text):
    assert in_tasks(spark, text) == rows(spark, text)
    plan = in_tasks(spark, f"EXPLAIN {text}")[0][0]
    assert "Exchange rangepartitioning(" in plan


@pytest.mark.parametrize(
    "text",
    [
        "SELECT collect_list(id), first(id), last(id) FROM (SELECT * FROM t ORDER BY s, id)",
        "SELECT i, collect_list(id) FROM (SELECT * FROM t ORDER BY s, id) GROUP BY i ORDER BY i",
        "SELECT id FROM (SELECT * FROM t ORDER BY s, id) WHERE d = 0 LIMIT 5",
        "SELECT id FROM (SELECT id FROM t ORDER BY s, id) UNION ALL SELECT 1",
        "SELECT s, i FROM (SELECT i, max(s) AS s FROM t GROUP BY i) ORDER BY s, i LIMIT 3 OFFSET 2",
    ],
)
def test_what_reads_sorted_rows(spark, text):
    assert in_tasks(spark, text) == rows(spark, text)


SKEWED = """
    SELECT w, count(*) AS n, sum(i) AS i, sum(k) AS k
    FROM (SELECT IF(id % 5 < 4, 0, id % 100) AS k, i FROM t) a {join} JOIN
        (SELECT id AS g, id % 3 AS w FROM t WHERE id % 2 = 0) b ON k = g
    GROUP BY w ORDER BY w
"""


@pytest.mark.parametrize("join", ["INNER", "LEFT", "RIGHT", "FULL"])
@pytest.mark.parametrize("adaptive", ["true", "false"])
def test_one_key_of_a_join_has_most_of_the_rows(spark, join, adaptive, monkeypatch):
    settings = {
        "spark.sql.autoBroadcastJoinThreshold": "-1",
        "spark.sql.adaptive.enabled": adaptive,
        "spark.sql.adaptive.advisoryPartitionSizeInBytes": "10k",
        "spark.sql.adaptive.coalescePartitions.minPartitionSize": "1k",
        "spark.sql.adaptive.skewJoin.skewedPartitionThresholdInBytes": "1k",
        "spark.sql.adaptive.skewJoin.skewedPartitionFactor": "2",
    }
    read = []

    def assigned(*arguments):
        read.extend(tasks := assign(*arguments))
        return tasks

    monkeypatch.setattr(query_stages, "assign", assigned)
    text = SKEWED.format(join=join)
    assert in_tasks(spark, text, **settings) == rows(spark, text)
    is_shared = any(part.maps is not None for task in read for part in task.values())
    assert is_shared == (adaptive == "true" and join in ("INNER", "LEFT"))


@pytest.mark.parametrize(
    ("hint", "threshold", "broadcasts"),
    [
        ("", "10m", 2),
        ("", "-1", 0),
        ("/*+ BROADCAST(b) */", "-1", 1),
        ("/*+ BROADCAST(b, c) */", "-1", 2),
        ("/*+ MERGE(b), SHUFFLE_HASH(c) */", "10m", 0),
        ("/*+ MERGE(c) */", "10m", 1),
    ],
)
def test_joins_are_done_as_asked(spark, hint, threshold, broadcasts):
    text = f"""
        SELECT {hint} a.i, count(*), sum(b.id), max(c.s)
        FROM t a JOIN t b ON a.id = b.i JOIN t c ON a.id = c.id
        WHERE b.id % 2 = 0 AND c.id > 10 GROUP BY a.i ORDER BY 1
    """
    settings = {"spark.sql.autoBroadcastJoinThreshold": threshold}
    ((plan,),) = in_tasks(spark, f"EXPLAIN {text}", **settings)
    assert plan.count("BroadcastExchange") == broadcasts
    assert in_tasks(spark, text, **settings) == rows(spark, text)
