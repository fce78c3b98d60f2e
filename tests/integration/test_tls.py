"""Connections over TLS, with the server's certificate from files."""

import shutil
import subprocess

import grpc
import pytest
from pyspark.sql.connect import proto
from pyspark.sql.connect.client import DefaultChannelBuilder
from pyspark.sql.connect.proto.base_pb2_grpc import SparkConnectServiceStub

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")

TOKEN = "a token of this test"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of localhost that it has signed itself, and its key."""
    directory = tmp_path_factory.mktemp("tls")
    key, certificate = directory / "server.key", directory / "server.pem"
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    files = ["-keyout", key, "-out", certificate]
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*request, *files, *name], check=True, capture_output=True)
    return certificate, key


@pytest.fixture(scope="module")
def server(serve, certificate):
    path, key = certificate
    return serve(
        "--tls-certificate",
        str(path),
        "--tls-key",
        str(key),
        settings={"spark.connect.authenticate.token": TOKEN},
    )


def test_the_greeting_says_how_to_connect(server):
    assert server.url.endswith("/;use_ssl=true;token=<your token>")


class Trusting(DefaultChannelBuilder):
    """Trusts one certificate beside none."""

    certificate: bytes

    def _secure_channel(self, target, credentials):
        ours = grpc.composite_channel_credentials(
            grpc.ssl_channel_credentials(self.certificate),
            grpc.access_token_call_credentials(self.token),
        )
        return grpc.secure_channel(target, ours, options=self._channel_options)


def test_a_client_of_the_package_is_let_in(server, certificate, connect):
    builder = Trusting(f"sc://localhost:{server.port}/;use_ssl=true;token={TOKEN}")
    builder.certificate = certificate[0].read_bytes()
    spark = connect(builder)
    assert spark.range(100_000).count() == 100_000


def code(channel, *metadata):
    request = proto.AnalyzePlanRequest(
        session_id="00112233-4455-6677-8899-aabbccddeeff",
        spark_version=proto.AnalyzePlanRequest.SparkVersion(),
    )
    with channel:
        try:
            SparkConnectServiceStub(channel).AnalyzePlan(request, metadata=metadata, timeout=60)
        except grpc.RpcError as error:
            return error.code().name
        return "OK"


CALLERS = {
    "the right token": ([("authorization", f"Bearer {TOKEN}")], "OK"),
    "a wrong token": ([("authorization", "Bearer other")], "UNAUTHENTICATED"),
    "no token": ([], "UNAUTHENTICATED"),
    "a token without its kind": ([("authorization", TOKEN)], "UNAUTHENTICATED"),
}


@pytest.mark.parametrize("caller", CALLERS)
def test_only_the_right_token_opens(server, certificate, caller):
    metadata, expected = CALLERS[caller]
    credentials = grpc.ssl_channel_credentials(certificate[0].read_bytes())
    channel = grpc.secure_channel(f"localhost:{server.port}", credentials)
    assert code(channel, *metadata) == expected


def test_nobody_gets_through_in_the_clear_or_without_trust(server):
    address = f"localhost:{server.port}"
    bearer = ("authorization", f"Bearer {TOKEN}")
    assert code(grpc.insecure_channel(address), bearer) == "UNAVAILABLE"
    untrusting = grpc.secure_channel(address, grpc.ssl_channel_credentials())
    assert code(untrusting, bearer) == "UNAVAILABLE"
