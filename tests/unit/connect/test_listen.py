import math
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from pyspark.errors.exceptions.connect import SparkConnectException
from pyspark.sql import functions as F
from pyspark.sql.connect import proto
from pyspark.sql.connect.client import DefaultChannelBuilder
from pyspark.sql.connect.proto.base_pb2_grpc import SparkConnectServiceStub
from pyspark.sql.connect.session import SparkSession

import pyrite
from pyrite.connect import execution, listen
from pyrite.connect.listen import ConnectServer, Tls
from pyrite.connect.server import SparkConnectService


@pytest.fixture
def server(service: SparkConnectService) -> Iterator[ConnectServer]:
    server = ConnectServer(service, port=0)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def remote(server: ConnectServer) -> Iterator[SparkSession]:
    session = SparkSession(connection=f"sc://localhost:{server.port}", userId="remote")
    yield session
    session.stop()


def test_a_client_on_the_network_gets_its_rows(remote: SparkSession) -> None:
    assert remote.range(100_000).select(F.sum("id")).collect()[0][0] == sum(range(100_000))
    assert remote.range(1_000_000).toPandas().shape == (1_000_000, 1)


def test_errors_cross_the_network_whole(remote: SparkSession) -> None:
    with pytest.raises(SparkConnectException) as caught:
        remote.range(1).select("nope").collect()
    assert caught.value.getCondition() == "UNRESOLVED_COLUMN.WITH_SUGGESTION"
    assert caught.value.getMessageParameters() == {"objectName": "`nope`", "proposal": "`id`"}


def test_two_clients_do_not_see_each_other(server: ConnectServer, remote: SparkSession) -> None:
    other = SparkSession(connection=f"sc://localhost:{server.port}", userId="other")
    remote.range(2).createOrReplaceTempView("v")
    with pytest.raises(SparkConnectException, match="TABLE_OR_VIEW_NOT_FOUND"):
        other.table("v").collect()
    other.stop()


def test_a_stream_that_ends_early_is_taken_up_again(remote: SparkSession) -> None:
    remote.conf.set("spark.connect.execute.reattachable.senderMaxStreamDuration", "1ms")
    remote.conf.set("spark.connect.grpc.arrow.maxBatchSize", "64k")
    assert len(remote.range(100_000).collect()) == 100_000


def test_streams_and_silence_may_have_no_limit(remote: SparkSession) -> None:
    remote.conf.set("spark.connect.execute.reattachable.senderMaxStreamDuration", "0")
    remote.conf.set("spark.connect.progress.reportInterval", "0")
    assert remote.range(100_000).select(F.sum("id")).collect()[0][0] == sum(range(100_000))
    for never, entry in [
        ("0", execution.STREAM_SECONDS),
        ("0", execution.PROGRESS_SECONDS),
        ("-1", listen.SESSION_SECONDS),
        ("-1", listen.DETACHED_SECONDS),
    ]:
        assert entry.read({entry.key: never}) == math.inf


def test_a_server_without_timeouts_keeps_its_sessions(
    service: SparkConnectService, monkeypatch: pytest.MonkeyPatch
) -> None:
    timeouts = {listen.SESSION_SECONDS.key: "-1", listen.DETACHED_SECONDS.key: "-1"}
    monkeypatch.setattr(service, "conf", {**service.conf, **timeouts})
    monkeypatch.setattr(listen, "_PERIODS", (0.01, 0.01))
    swept = threading.Semaphore(0)
    sweep = service.sessions.sweep

    def counted(*seconds: float) -> None:
        sweep(*seconds)
        swept.release()

    monkeypatch.setattr(service.sessions, "sweep", counted)
    server = ConnectServer(service, port=0)
    server.start()
    try:
        session = SparkSession(connection=f"sc://localhost:{server.port}", userId="silent")
        session.sql("CREATE TEMPORARY VIEW mine AS SELECT 1")
        for _ in range(3):
            assert swept.acquire(timeout=60)
        assert session.table("mine").count() == 1
        session.stop()
    finally:
        server.stop()


def test_a_client_that_hangs_up_ends_its_query(
    service: SparkConnectService, server: ConnectServer
) -> None:
    session = SparkSession(connection=f"sc://localhost:{server.port}", userId="gone")
    plan = session.range(10**12).select(F.max(F.col("id") % 7))._plan.to_proto(session.client)
    with grpc.insecure_channel(f"localhost:{server.port}") as channel:
        stub = SparkConnectServiceStub(channel)
        call = stub.ExecutePlan(
            proto.ExecutePlanRequest(
                session_id=session.client._session_id,
                user_context=proto.UserContext(user_id="gone"),
                plan=plan,
            )
        )
        holder = None
        for _ in range(6000):
            holder = service.sessions.find("gone", session.client._session_id)
            if holder and holder.operations:
                break
            time.sleep(0.01)
        assert holder is not None
        (operation,) = holder.operations
        call.cancel()
    for _ in range(6000):
        if operation.state.name == "CANCELLED":
            break
        time.sleep(0.01)
    assert operation.state.name == "CANCELLED"
    session.stop()


def test_streams_left_alone_keep_no_thread_from_others(
    service: SparkConnectService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pyrite.connect.listen._CALLS", 3)
    server = ConnectServer(service, port=0)
    server.start()
    session = SparkSession(connection=f"sc://localhost:{server.port}", userId="many")
    session.conf.set("spark.connect.progress.reportInterval", "1h")
    request = session.client._execute_plan_request_with_metadata()
    frame = session.range(10**12).select(F.max(F.col("id") % 7))
    request.plan.CopyFrom(frame._plan.to_proto(session.client))
    request.request_options.add().reattach_options.reattachable = True
    with grpc.insecure_channel(f"localhost:{server.port}") as channel:
        stub = SparkConnectServiceStub(channel)
        calls = []
        for _ in range(9):
            request.operation_id = str(uuid.uuid4())
            calls.append(stub.ExecutePlan(request))
            if len(calls) <= 2:
                next(calls[-1])  # its schema: it holds a thread
        for call in calls:
            call.cancel()
        asked = proto.ConfigRequest(
            session_id=request.session_id, user_context=request.user_context
        )
        asked.operation.get.keys.append("spark.sql.ansi.enabled")
        assert stub.Config(asked, timeout=300).pairs[0].value == "true"
    session.stop()
    server.stop()


def test_only_who_has_the_token_is_let_in(service: SparkConnectService) -> None:
    server = ConnectServer(service, port=0, token="secret")
    server.start()
    request = proto.AnalyzePlanRequest(
        session_id="00112233-4455-6677-8899-aabbccddeeff",
        spark_version=proto.AnalyzePlanRequest.SparkVersion(),
    )

    def code(*metadata: tuple[str, str]) -> grpc.StatusCode:
        with grpc.insecure_channel(f"localhost:{server.port}") as channel:
            stub = SparkConnectServiceStub(channel)
            try:
                stub.AnalyzePlan(request, metadata=metadata)
            except grpc.RpcError as error:
                return error.code()
            return grpc.StatusCode.OK

    try:
        assert code() is grpc.StatusCode.UNAUTHENTICATED
        assert code(("authorization", "Bearer wrong")) is grpc.StatusCode.UNAUTHENTICATED
        assert code(("authorization", "Bearer secret")) is grpc.StatusCode.OK
        url = f"sc://localhost:{server.port}/;token=secret"
        session = SparkSession(connection=DefaultChannelBuilder(url))
        assert session.range(3).count() == 3
        session.stop()
    finally:
        server.stop()


def test_a_port_in_use_is_an_error(service: SparkConnectService) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="cannot listen on"):
            ConnectServer(service, port=taken.getsockname()[1])


def test_a_certificate_that_is_none_is_named(service: SparkConnectService, tmp_path: Path) -> None:
    junk = tmp_path / "junk.pem"
    junk.write_text("no certificate")
    with pytest.raises(OSError, match=r"with the certificate .*junk\.pem"):
        ConnectServer(service, port=0, tls=Tls(junk, junk))


def test_a_setting_that_is_wrong_is_one_clear_error(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SPARK", "PYSPARK"))}
    environment["PYTHONPATH"] = str(Path(pyrite.__file__).parents[1])
    setting = "spark.connect.grpc.maxInboundMessageSize=much"
    done = subprocess.run(
        [sys.executable, "-m", "pyrite", "connect", "--master", "local[1]", "--conf", setting],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: spark.connect.grpc.maxInboundMessageSize: 'much' is not")


def test_the_command_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SPARK", "PYSPARK"))}
    environment["PYTHONPATH"] = str(Path(pyrite.__file__).parents[1])
    program = "from pyrite.deploy.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, "connect", "--port", "0", "--master", "local[1]"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    watchdog = threading.Timer(300, process.kill)
    watchdog.start()
    try:
        assert process.stdout.readline().startswith("Pyrite listens on 127.0.0.1:")
        url = process.stdout.readline().strip()
        assert re.fullmatch(r"sc://localhost:\d+", url)
        session = SparkSession(connection=url)
        assert session.range(3).count() == 3
        session.stop()
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 0
        assert "Stopping." in process.stdout.read()
    finally:
        watchdog.cancel()
        process.kill()
        process.wait()
        process.stdout.close()
