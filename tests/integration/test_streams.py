"""Answers that take long, are large, or break off, over a real connection."""

import contextlib
import os
import socket
import threading

import pyarrow as pa
import pytest
from pyspark.errors.exceptions.connect import SparkConnectException
from pyspark.sql.connect import functions as F
from pyspark.sql.connect.session import SparkSession


@pytest.fixture(scope="module")
def server(serve):
    return serve(settings={"spark.connect.progress.reportInterval": "50ms"})


@pytest.fixture
def spark(server, connect):
    return connect(server.url)


class BreakingNetwork:
    """Passes bytes on to a port, and breaks connections after some bytes of answers.

    Attributes:
        port: Where it listens.
        broken: How many connections it has broken.
    """

    def __init__(self, port, bytes_each, breaks):
        self.broken = 0
        self._target = port
        self._bytes_each = bytes_each
        self._breaks = breaks
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            limit = self._bytes_each if self.broken < self._breaks else None
            for ends in [(client, server, None), (server, client, limit)]:
                thread = threading.Thread(target=self._pass_on, args=ends)
                self._threads.append(thread)
                thread.start()

    def _pass_on(self, source, target, limit):
        passed = 0
        try:
            while data := source.recv(1 << 16):
                passed += len(data)
                if limit is not None and passed > limit:
                    self.broken += 1
                    break
                target.sendall(data)
        except OSError:
            pass
        finally:
            for end in (source, target):
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(20)


@pytest.fixture
def network(server):
    network = BreakingNetwork(server.port, 1 << 20, breaks=3)
    yield network
    network.close()


def test_a_result_arrives_whole_over_a_network_that_breaks(network):
    spark = SparkSession(connection=f"sc://localhost:{network.port}", userId="patient")
    spark.conf.set("spark.connect.grpc.arrow.maxBatchSize", "256k")
    try:
        table = spark.range(1_000_000).toArrow()
        assert network.broken == 3
        assert table.column("id").to_pylist() == list(range(1_000_000))
        # What the session has is there still: it was only the connection that broke.
        assert spark.conf.get("spark.connect.grpc.arrow.maxBatchSize") == "256k"
    finally:
        spark.stop()


def test_a_value_larger_than_a_message_comes_in_chunks(spark):
    text = spark.range(1).select(F.repeat(F.lit("abcdefgh"), 20 << 20).alias("t")).first()[0]
    assert text == "abcdefgh" * (20 << 20)


def test_a_large_result_needs_little_memory_at_the_server(server, spark):
    plan = spark.range(60_000_000)._plan.to_proto(spark.client)
    before = highest = server.process.memory_info().rss
    rows = 0
    for piece in spark.client.to_table_as_iterator(plan, {}):
        if isinstance(piece, pa.Table):
            rows += piece.num_rows
            assert piece.nbytes <= 4 << 20
            highest = max(highest, server.process.memory_info().rss)
    assert rows == 60_000_000
    # The rows are 480 MB, of which those not sent may take 64 MB.
    assert highest - before < 256 << 20


def test_a_plan_larger_than_a_message_is_refused_and_the_session_goes_on(serve, connect):
    spark = connect(serve(settings={"spark.connect.grpc.maxInboundMessageSize": "1m"}).url)
    assert spark.sql(f"SELECT length('{'x' * 900_000}')").first()[0] == 900_000
    text = os.urandom(1 << 20).hex()  # which no compression makes small
    with pytest.raises(SparkConnectException, match="larger than max"):
        spark.sql(f"SELECT length('{text}')").collect()
    assert spark.range(3).count() == 3


def test_the_progress_moves(spark):
    seen = []
    spark.registerProgressHandler(lambda **progress: seen.append(progress))
    spark.range(300_000_000).select(F.max(F.sqrt(F.col("id") % 7))).collect()
    assert seen[-1]["done"]
    done = [sum(s.num_completed_tasks for s in p["stages"]) for p in seen]
    assert done == sorted(done)
    assert len(set(done)) > 1
    assert {p["operation_id"] for p in seen} != {None}
