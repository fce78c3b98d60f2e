"""However busy a server is when it is told to end, it ends, and takes everything with it."""

import signal
import socket

import pytest

BUSY = """
    def sleep(x):
        import time
        time.sleep(600)
    def run(action):
        try:
            action()
        except Exception as error:
            say(type(error).__name__)
    slow = spark.range(10**12).select(F.max(F.col("id") % 7))
    actions = [
        slow.collect,
        lambda: slow.write.saveAsTable("never"),
        spark.range(4).select(F.udf(sleep, "long")("id")).collect,
    ]
    threads = [threading.Thread(target=run, args=(action,), daemon=True) for action in actions]
    for thread in threads:
        thread.start()
    rows = spark.range(10**9).toLocalIterator()
    next(rows)
    say("busy")
    for thread in threads:
        thread.join()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_busy_server_ends_at_once_and_leaves_nothing(serve, program, number):
    server = serve()
    client = program(server.url, BUSY)
    assert client.hears() == "busy"
    assert server.stop(number) == 0, server.output
    assert server.output[-1].strip() == "Stopping."
    assert list(server.scratch.iterdir()) == []
    assert not list(server.scratch.parent.glob("warehouse/never/*"))
    with (
        pytest.raises(ConnectionRefusedError),
        socket.create_connection(("127.0.0.1", server.port)),
    ):
        pass
    client.kill()


def test_a_killed_server_leaves_no_process(serve, program, waits_until):
    server = serve()
    client = program(server.url, BUSY)
    assert client.hears() == "busy"
    assert server.stop(signal.SIGKILL) == -signal.SIGKILL
    # Its launcher, which outlives it for a moment, cleans up behind it.
    assert waits_until(lambda: not list(server.scratch.iterdir()))
    client.kill()


def test_a_server_that_is_told_many_times_ends_once(serve):
    server = serve()
    for _ in range(50):
        server.process.send_signal(signal.SIGINT)
        server.process.send_signal(signal.SIGTERM)
    assert server.stop() == 0, server.output
    assert [line.strip() for line in server.output].count("Stopping.") == 1
