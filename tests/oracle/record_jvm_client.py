"""Record what Spark's JVM client asks of a server, and what Spark's server answers.

    python tests/oracle/record_jvm_client.py JARS sc-address-of-sparks-server

``JARS`` is the directory of a Spark distribution's jars, with its Scala compiler; ``Cases.scala``
beside this file is compiled and run against the server, through a proxy that writes each call
down. Tests replay the requests (``tests/integration/test_jvm_client.py``), so they need no Java.
"""

import base64
import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
from jvm_answers import REQUESTS, answer_of, error_of, is_stream
from pyspark.sql.connect import proto

_HERE = Path(__file__).parent
_RECORDS = _HERE.parent / "data" / "jvm_client.jsonl"
_OPENED = ("java.lang", "java.nio", "java.util", "sun.util.calendar")
_SERVERS_OWN = ("sql_", "sql-", "catalyst", "connect_", "hive", "mllib_", "repl")


class Proxy(grpc.GenericRpcHandler):
    """Passes calls on to a server, and notes them by the case they belong to."""

    def __init__(self, channel):
        self.cases = {}
        self._channel = channel
        self._calls = []

    def service(self, details):
        rpc = details.method.rpartition("/")[2]
        if rpc == "AddArtifacts":
            call = self._channel.stream_unary(details.method)
            return grpc.stream_unary_rpc_method_handler(lambda requests, _: call(requests))
        handler = (
            grpc.unary_stream_rpc_method_handler
            if is_stream(rpc)
            else (grpc.unary_unary_rpc_method_handler)
        )
        return handler(lambda request, context: self._answer(details.method, request, context))

    def _answer(self, method, request, context):
        rpc = method.rpartition("/")[2]
        if is_stream(rpc):
            return self._stream(method, rpc, request, context)
        try:
            answer = self._channel.unary_unary(method)(request)
        except grpc.RpcError as error:
            self._note(rpc, request, error_of(error))
            _fail(context, error)
        self._note(rpc, request, answer_of(rpc, [answer]))
        return answer

    def _stream(self, method, rpc, request, context):
        answers = []
        try:
            for answer in self._channel.unary_stream(method)(request):
                answers.append(answer)
                yield answer
        except grpc.RpcError as error:
            self._note(rpc, request, error_of(error))
            _fail(context, error)
        self._note(rpc, request, answer_of(rpc, answers))

    def _note(self, rpc, request, answer):
        if rpc == "Config":
            for pair in proto.ConfigRequest.FromString(request).operation.set.pairs:
                if pair.key == "case":
                    self._calls = self.cases.setdefault(pair.value, [])
                    return
        if rpc in REQUESTS:
            data = base64.b64encode(_unbound(REQUESTS[rpc].FromString(request))).decode()
            self._calls.append({"rpc": rpc, "request": data, "answer": answer})


def _unbound(request):
    """Return a request as bytes, without what ties it to a session, an operation, a machine."""
    for field in ("session_id", "user_context", "client_observed_server_side_session_id"):
        request.ClearField(field)
    if isinstance(request, proto.ExecutePlanRequest):
        request.ClearField("operation_id")
    request.client_type = request.client_type.partition(" ")[0]
    return request.SerializeToString()


def _fail(context, error):
    context.set_trailing_metadata(error.trailing_metadata() or ())
    context.abort(error.code(), error.details())


def main(jars, address):
    jars = Path(jars)
    compiler = [
        str(next(jars.glob(f"scala-{part}-2*.jar"))) for part in ("compiler", "library", "reflect")
    ]
    client = next(jars.rglob("spark-connect-client-jvm_*.jar"))
    others = [
        jar
        for jar in jars.glob("*.jar")
        if not jar.name.startswith(*(f"spark-{name}" for name in _SERVERS_OWN), "hive")
    ]
    class_path = ":".join(map(str, [client, *others]))
    server = grpc.server(ThreadPoolExecutor(16))
    proxy = Proxy(grpc.insecure_channel(address, options=[("grpc.max_receive_message_length", -1)]))
    server.add_generic_rpc_handlers([proxy])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with tempfile.TemporaryDirectory() as classes:
        subprocess.run(
            [
                "java",
                "-cp",
                ":".join(compiler),
                "scala.tools.nsc.Main",
                "-nowarn",
                "-cp",
                class_path,
                "-d",
                classes,
                str(_HERE / "jvm_client" / "Cases.scala"),
            ],
            check=True,
        )
        opens = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED]
        subprocess.run(
            [
                "java",
                *opens,
                "-Duser.timezone=UTC",
                "-cp",
                f"{classes}:{class_path}",
                "Cases",
                f"sc://localhost:{port}",
            ],
            check=True,
            stderr=subprocess.DEVNULL,
        )
    server.stop(0)
    with _RECORDS.open("w", encoding="utf-8") as file:
        for name, calls in proxy.cases.items():
            file.write(json.dumps({"case": name, "calls": calls}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
