"""Spark's JVM client: its requests as it sent them, answered as Spark answered them.

``tests/oracle/record_jvm_client.py`` has recorded both; no Java is needed here.
"""

import base64
import importlib
import json
import uuid
from pathlib import Path

import grpc
import pytest

_TESTS = Path(__file__).parents[1]
_SERVICE = "/spark.connect.SparkConnectService/"

#: Cases whose functions are code of a JVM; the server says so.
_FOREIGN = ("typed.", "udf.", "udaf.")

#: What Spark's server was started with.
_SETTINGS = {"spark.sql.session.timeZone": "Etc/UTC"}

answers = importlib.import_module("tests.oracle.jvm_answers")


def _cases():
    lines = (_TESTS / "data" / "jvm_client.jsonl").read_text().splitlines()
    return [(case["case"], case["calls"]) for case in map(json.loads, lines)]


CASES = _cases()


class Replay:
    """One session of a client that says what another said."""

    def __init__(self, channel):
        self._channel = channel
        self._session_id = str(uuid.uuid4())

    def answer(self, call):
        """Send a recorded request; return what the answer says."""
        rpc = call["rpc"]
        request = answers.REQUESTS[rpc].FromString(base64.b64decode(call["request"]))
        request.session_id = self._session_id
        if rpc == "ExecutePlan":
            request.operation_id = str(uuid.uuid4())
        kind = self._channel.unary_stream if answers.is_stream(rpc) else self._channel.unary_unary
        try:
            said = kind(_SERVICE + rpc)(request.SerializeToString())
            return answers.answer_of(rpc, list(said) if answers.is_stream(rpc) else [said])
        except grpc.RpcError as error:
            return answers.error_of(error)


@pytest.fixture(scope="module")
def replay(serve):
    with grpc.insecure_channel(f"localhost:{serve(settings=_SETTINGS).port}") as channel:
        yield Replay(channel)


@pytest.mark.parametrize(("name", "calls"), CASES, ids=[name for name, _ in CASES])
def test_a_client_of_a_jvm_gets_sparks_answers(name, calls, replay):
    for call in calls:
        said = replay.answer(call)
        if name.startswith(_FOREIGN) and "error" in call["answer"]:
            assert said["error"] == "UNSUPPORTED_FEATURE.PYRITE"
        else:
            assert said == call["answer"], call["rpc"]
