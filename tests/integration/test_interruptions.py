"""Queries that would never end are stopped by their client, at whatever moment it does so."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from pyspark.errors.exceptions.connect import SparkConnectException
from pyspark.sql import Observation
from pyspark.sql.connect import functions as F
from pyspark.sql.connect import proto


@pytest.fixture(scope="module")
def server(serve):
    return serve(settings={"spark.connect.progress.reportInterval": "50ms"})


@pytest.fixture
def spark(server, connect):
    return connect(server.url)


@pytest.fixture
def pool():
    with ThreadPoolExecutor(8) as pool:
        yield pool


def endless(spark):
    return spark.range(10**13).agg(F.max(F.col("id") % 7))


def stopped(future):
    with pytest.raises(SparkConnectException, match="OPERATION_CANCELED"):
        future.result(300)


def test_interrupts_at_any_moment_stop_the_engine(server, spark, pool, waits_until):
    for _ in range(10):
        futures = [pool.submit(endless(spark).collect) for _ in range(4)]
        while not all(future.done() for future in futures):
            spark.interruptAll()
        for future in futures:
            stopped(future)
    assert waits_until(server.is_idle)


def test_a_tag_stops_its_queries_alone(server, spark, pool, waits_until):
    begun = threading.Barrier(3)

    def tagged(tag):
        spark.addTag(tag)
        begun.wait(120)
        return endless(spark).collect()

    one, other = pool.submit(tagged, "one"), pool.submit(tagged, "other")
    begun.wait(120)
    while not one.done():
        spark.interruptTag("one")
    stopped(one)
    assert not other.done()
    while not other.done():
        spark.interruptTag("other")
    stopped(other)
    assert waits_until(server.is_idle)


def test_many_threads_of_a_session(server, spark, pool):
    def run(n):
        spark.conf.set(f"my.key{n}", str(n))
        observation = Observation(f"o{n}")
        frame = spark.range(100 + n).observe(observation, F.count(F.lit(1)).alias("n"))
        rows = frame.collect()
        return len(rows), observation.get, spark.conf.get(f"my.key{n}")

    for n, got in enumerate(pool.map(run, range(40), timeout=300)):
        assert got == (100 + n, {"n": 100 + n}, str(n))


def test_an_operation_is_stopped_by_its_id(server, spark, pool, waits_until):
    ids = []
    spark.registerProgressHandler(lambda **progress: ids.append(progress["operation_id"]))
    future = pool.submit(endless(spark).collect)
    assert waits_until(lambda: ids)
    assert spark.interruptOperation(ids[0]) == [ids[0]]
    stopped(future)
    assert spark.interruptOperation(ids[0]) == []
    assert waits_until(server.is_idle)


def test_messages_that_are_not_supported_are_refused_and_the_session_goes_on(spark):
    for command in (
        proto.Command(ml_command=proto.MlCommand(fit=proto.MlCommand.Fit())),
        proto.Command(streaming_query_manager_command=proto.StreamingQueryManagerCommand()),
        proto.Command(),
    ):
        with pytest.raises(SparkConnectException):
            spark.client.execute_command(command)
    assert spark.range(3).count() == 3
