"""A session that nobody speaks to any more ends by itself, and gives back what it held."""

import time

import pytest
from pyspark.sql.connect import functions as F

#: Seconds: longer than a machine may stand still between two requests of a test.
TIMEOUT = 8

#: Keeps rows in the engine, a view and a setting, and says nothing more for a while.
IDLE = """
    wide = spark.range(6_000_000).select("id", F.sha2(F.col("id").cast("string"), 256).alias("t"))
    wide.cache().count()
    wide.createOrReplaceTempView("mine")
    held = spark.range(10).localCheckpoint()
    say("idle")
    input()
    for action in (lambda: spark.table("mine").count(), lambda: held.count()):
        try:
            say(action())
        except Exception as error:
            say(error.getCondition(), error.getSqlState())
"""


@pytest.fixture(scope="module")
def server(serve):
    return serve(
        settings={
            "spark.connect.session.manager.defaultSessionTimeout": f"{TIMEOUT}s",
            "spark.connect.execute.manager.detachedTimeout": "1s",
            "spark.sql.session.timeZone": "UTC",
        }
    )


def test_a_silent_session_is_closed_and_its_memory_is_free(server, program, waits_until):
    client = program(server.url, IDLE)
    assert client.hears() == "idle"
    before = server.process.memory_info().rss
    # The kept rows alone take some hundred megabytes.
    assert waits_until(lambda: server.process.memory_info().rss < before - (64 << 20))
    client.go_on()
    assert client.ends()[:2] == ["INVALID_HANDLE.SESSION_CLOSED 08003"] * 2


def test_a_session_that_is_used_stays(server, connect, waits_until):
    spark = connect(server.url)
    spark.range(3).createOrReplaceTempView("mine")
    over = time.monotonic() + TIMEOUT + 2
    assert waits_until(lambda: spark.table("mine").count() == 3 and time.monotonic() > over)


def test_a_session_with_a_query_stays(server, connect):
    spark = connect(server.url)

    def slowly(value):
        import time

        time.sleep(3)
        return value

    rows = spark.range(4).select(F.udf(slowly, "long")("id").alias("x"))
    rows.createOrReplaceTempView("slow")
    assert rows.agg(F.sum("x")).first()[0] == 6
    assert spark.catalog.tableExists("slow")


def test_what_two_sessions_keep_stays_while_one_is_there(server, connect):
    one, other = connect(server.url), connect(server.url)
    for spark in (one, other):
        spark.range(77).cache()
    one.stop()
    assert other.range(77).storageLevel.useMemory
    other.stop()
    assert not connect(server.url).range(77).storageLevel.useMemory
