"""Queries of more than the memory they may take finish, and leave nothing on the disk."""

import pytest
from pyspark.errors.exceptions.connect import SparkConnectException
from pyspark.sql.connect import functions as F

LIMIT = 64 << 20
#: A row of the queries has 72 bytes, so all have five times the limit.
ROWS = 5 * LIMIT // 72
#: The sum of their keys.
ALL = ROWS * (ROWS - 1) // 2


@pytest.fixture(scope="module")
def server(serve):
    return serve(settings={"spark.driver.memory": f"{LIMIT >> 20}m"})


@pytest.fixture
def spark(server, connect):
    return connect(server.url)


@pytest.fixture
def rows(spark):
    """Rows with a different key each, in no order, and 64 characters of text."""
    key = F.col("id") * 7919 % ROWS
    return spark.range(ROWS).select(key.alias("k"), F.sha2(key.cast("string"), 256).alias("t"))


QUERIES = {
    "sort": lambda rows: (
        rows.orderBy("t")
        .select("k", F.monotonically_increasing_id().alias("place"))
        .agg(F.count("*"), F.sum("k"), F.sum("place")),
        (ROWS, ALL, ALL),
    ),
    "aggregation": lambda rows: (
        rows.groupBy("t")
        .agg(F.count("*").alias("n"), F.max("k").alias("k"))
        .agg(F.sum("n"), F.count("*"), F.sum("k")),
        (ROWS, ROWS, ALL),
    ),
    "join": lambda rows: (
        rows.join(rows.select(F.col("k").alias("k2"), F.col("t").alias("t")), "t").agg(
            F.count("*"), F.sum(F.col("k") - F.col("k2"))
        ),
        (ROWS, 0),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", QUERIES)
def test_five_times_the_memory(server, spark, rows, waits_until, name):
    query, expected = QUERIES[name](rows)
    assert tuple(query.collect()[0]) == expected
    assert waits_until(lambda: server.spilled() < 1 << 20)


@pytest.mark.slow
def test_a_sorted_result_larger_than_the_memory_streams(server, rows):
    count = 0
    last = ""
    for row in rows.orderBy("t").limit(ROWS // 10).toLocalIterator():
        assert row.t > last
        last = row.t
        count += 1
    assert count == ROWS // 10


def test_a_large_result_passes_through(server, spark):
    frame = spark.range(40_000_000)
    before = server.process.memory_info().rss
    held = 0
    rows = 0
    plan = frame._plan.to_proto(spark.client)
    for part in spark.client.to_table_as_iterator(plan, {}):
        if hasattr(part, "num_rows"):
            rows += part.num_rows
            held = max(held, server.process.memory_info().rss - before)
    assert rows == 40_000_000
    # 320 MB, of which the server has 64 ahead of its client.
    assert held < 200 << 20


def test_too_little_memory_is_an_error_and_not_an_end(serve, connect):
    spark = connect(serve(settings={"spark.driver.memory": "8m"}).url)
    with pytest.raises(SparkConnectException, match=r"spark\.driver\.memory") as caught:
        spark.range(3_000_000).groupBy(F.sha2(F.col("id").cast("string"), 256)).count().count()
    assert caught.value.getCondition() == "UNABLE_TO_ACQUIRE_MEMORY"
    assert spark.range(3).count() == 3
