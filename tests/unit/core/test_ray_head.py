"""Knocking at heads: servers that answer as Ray's does."""

from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from pyrite.core.errors import SparkException
from pyrite.core.ray_head import Answer, admission, ask

TOKEN = "its token"


class Head(grpc.GenericRpcHandler):
    """Answers with a cluster id to those with the token."""

    def __init__(self, token):
        self._token = token

    def service(self, details):
        if details.method != "/ray.rpc.NodeInfoGcsService/GetClusterId":
            return None
        return grpc.unary_unary_rpc_method_handler(self._answer)

    def _answer(self, request, context):
        given = dict(context.invocation_metadata()).get("authorization")
        if self._token and given != f"Bearer {self._token}":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "InvalidAuthToken")
        return b"id"


@pytest.fixture
def start():
    servers = []

    def start(token=None):
        servers.append(grpc.server(ThreadPoolExecutor(2)))
        servers[-1].add_generic_rpc_handlers([Head(token)])
        port = servers[-1].add_insecure_port("127.0.0.1:0")
        servers[-1].start()
        return f"127.0.0.1:{port}"

    yield start
    for server in servers:
        server.stop(0).wait()


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_USE_TLS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(tmp_path / "token"))
    return monkeypatch


def test_a_head_tells_tokens_apart(start):
    address = start(TOKEN)
    assert [ask(address, token) for token in (TOKEN, "another", None)] == [
        Answer.WELCOME,
        Answer.WRONG_TOKEN,
        Answer.WRONG_TOKEN,
    ]
    assert ask("127.0.0.1:1", None) is Answer.NONE


def test_an_open_cluster_is_entered_without_a_token_even_by_those_who_have_one(start, tmp_path):
    (tmp_path / "token").write_text("of another cluster")
    assert admission("spark://h:1", start(), {}) == {}


def test_the_token_of_the_file_or_the_settings_is_shown(start, tmp_path):
    address = start(TOKEN)
    conf = {"spark.authenticate.secret": TOKEN}
    assert admission("spark://h:1", address, conf)["RAY_AUTH_TOKEN"] == TOKEN
    (tmp_path / "token").write_text(TOKEN)
    assert admission("spark://h:1", address, {}) == {"RAY_AUTH_MODE": "token"}


@pytest.mark.parametrize(("conf", "had"), [({}, "none"), ({"secret": "x"}, "another")])
def test_a_missing_and_a_wrong_token_are_told_with_the_remedy(start, conf, had, tmp_path):
    conf = {f"spark.authenticate.{key}": value for key, value in conf.items()}
    with pytest.raises(SparkException, match=f"this machine has {had}.*{tmp_path}"):
        admission("spark://h:1", start(TOKEN), conf)


def test_a_master_that_does_not_answer_is_named():
    with pytest.raises(SparkException, match="No master answers at 'spark://h:1'"):
        admission("spark://h:1", "127.0.0.1:1", {})
