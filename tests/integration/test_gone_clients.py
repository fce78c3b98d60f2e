"""A client that is gone leaves nothing: its query stops, and what it held is given back."""

import pytest
from pyspark.sql.connect import functions as F

#: Spills soon, and would take hours.
HEAVY = """
    say("begins")
    rows = spark.range(30_000_000).select(
        (F.col("id") * 7919 % 29_999_999).alias("k"), F.md5(F.col("id").cast("string")).alias("t")
    )
    firsts = rows.groupBy("k").agg(F.max("t").alias("t"))
    firsts.crossJoin(spark.range(10**6)).agg(F.max(F.concat("t", F.col("id")))).collect()
"""

#: Waits for its client, which has read the first rows of many.
WAITING = """
    rows = spark.range(10**9).toLocalIterator()
    next(rows)
    say("begins")
    time.sleep(600)
"""

#: Waits for a user's function.
FUNCTION = """
    import pathlib
    def wait(x, path=os.path.abspath("called")):
        import pathlib, time
        pathlib.Path(path).touch()
        time.sleep(600)
    def tell():
        while not os.path.exists("called"):
            time.sleep(0.02)
        say("begins")
    threading.Thread(target=tell).start()
    spark.range(4).select(F.udf(wait, "long")("id")).collect()
"""


@pytest.fixture(scope="module")
def server(serve):
    return serve(
        settings={
            "spark.driver.memory": "128m",
            "spark.connect.execute.manager.detachedTimeout": "1s",
        }
    )


def test_a_killed_clients_query_stops_and_gives_back_what_it_held(server, program, waits_until):
    client = program(server.url, HEAVY)
    assert client.hears() == "begins"
    assert waits_until(lambda: server.spilled() > 1 << 20)
    client.kill()
    assert waits_until(lambda: server.spilled() < 1 << 20 and server.is_idle())


def test_a_result_that_nobody_reads_any_more_is_dropped(server, program, waits_until):
    client = program(server.url, WAITING)
    assert client.hears() == "begins"
    assert waits_until(server.is_idle)  # it has made as much as it may ahead of its client
    before = server.process.memory_info().rss
    client.kill()
    # What waited to be sent were 64 MB.
    assert waits_until(lambda: server.process.memory_info().rss < before - (32 << 20))


def test_a_killed_clients_function_is_stopped(server, program, connect):
    client = program(server.url, FUNCTION)
    assert client.hears() == "begins"
    client.kill()
    # Every worker slept for it.
    frame = connect(server.url).range(4)
    assert frame.select(F.udf(lambda x: x + 1, "long")("id").alias("y")).agg(
        F.sum("y")
    ).collect() == [(10,)]


def test_the_server_serves_on(server, connect):
    assert connect(server.url).range(1000).count() == 1000
