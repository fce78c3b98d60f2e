"""The service on a port: a gRPC server over SparkConnectService.

::

    client -- gRPC --> a thread for each call --> SparkConnectService
                       the sweeper: ends what clients have left behind
"""

from __future__ import annotations

import hmac
import math
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from pyspark.sql.connect.proto.base_pb2_grpc import add_SparkConnectServiceServicer_to_server

from pyrite.connect.deep_plans import let_messages_nest
from pyrite.connect.server import SparkConnectService
from pyrite.core.conf import ConfigEntry, parse_bytes, parse_seconds

__all__ = ["ConnectServer", "Tls"]


def _parse_timeout(text: str) -> float:
    seconds = parse_seconds(text)
    return seconds if seconds >= 0 else math.inf  # -1 stands for never


MAX_MESSAGE_BYTES = ConfigEntry("spark.connect.grpc.maxInboundMessageSize", "128m", parse_bytes)
SESSION_SECONDS = ConfigEntry(
    "spark.connect.session.manager.defaultSessionTimeout", "60m", _parse_timeout
)
#: Spark waits for five minutes; but a client that is alive comes back within seconds.
DETACHED_SECONDS = ConfigEntry(
    "spark.connect.execute.manager.detachedTimeout", "30s", _parse_timeout
)

#: Calls at a time. A stream keeps its thread, which mostly waits, while its query runs or its
#: client does something else; threads are started only when they are needed.
_CALLS = 2048
_SWEEPS_PER_TIMEOUT = 4
#: Seconds between sweeps, at least and at most.
_PERIODS = (0.1, 3600.0)

#: Clients may ask while they wait whether the server is there, as those of a JVM do each minute;
#: and the server asks, so that the calls of a machine that is gone end.
_KEEPALIVE = [
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
]


@dataclass(frozen=True)
class Tls:
    """What a server shows to its clients, as PEM files.

    Attributes:
        certificate: The certificate, followed by those of its issuers.
        key: Its private key.
    """

    certificate: Path
    key: Path

    def credentials(self) -> Any:
        """Read the files.

        Raises:
            OSError: If one cannot be read.
        """
        return grpc.ssl_server_credentials([(self.key.read_bytes(), self.certificate.read_bytes())])


class ConnectServer:
    """A service that listens.

    Args:
        service: What answers.
        host: The address to listen on.
        port: The port; 0 for any that is free.
        token: What clients must send as their bearer token; None lets everyone in.
        tls: The server's certificate; None for connections in the clear.

    Attributes:
        port: The port it listens on.

    Raises:
        OSError: If the address cannot be used, or a file of ``tls`` not be read.
    """

    def __init__(
        self,
        service: SparkConnectService,
        host: str = "127.0.0.1",
        port: int = 15002,
        token: str | None = None,
        tls: Tls | None = None,
    ) -> None:
        conf = service.conf
        self._service = service
        limit = MAX_MESSAGE_BYTES.read(conf)
        self._server = grpc.server(
            ThreadPoolExecutor(_CALLS, thread_name_prefix="connect"),
            interceptors=[_TokenCheck(token)] if token else [],
            options=[
                ("grpc.max_receive_message_length", limit),
                ("grpc.max_send_message_length", -1),
                # A second server on the port would share its clients with this one.
                ("grpc.so_reuseport", 0),
                *_KEEPALIVE,
            ],
        )
        let_messages_nest()
        register: Any = add_SparkConnectServiceServicer_to_server
        register(service, self._server)
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            if tls is None:
                self.port: int = self._server.add_insecure_port(address)
            else:
                self.port = self._server.add_secure_port(address, tls.credentials())
        except RuntimeError as error:
            shown = f" with the certificate {tls.certificate} and the key {tls.key}" if tls else ""
            raise OSError(f"cannot listen on {address}{shown}: {error}") from None
        self._stopped = threading.Event()
        self._sweeper = threading.Thread(
            target=self._sweep,
            args=(SESSION_SECONDS.read(conf), DETACHED_SECONDS.read(conf)),
            name="connect sweeper",
            daemon=True,
        )

    def start(self) -> None:
        """Begin to answer."""
        self._server.start()
        self._sweeper.start()

    def stop(self) -> None:
        """Stop queries and answer no more; a second call does nothing."""
        if self._stopped.is_set():
            return
        self._stopped.set()
        # New calls are refused from here on; those that run end with their queries.
        ended = self._server.stop(grace=5)
        self._service.sessions.close()
        ended.wait()
        self._sweeper.join()

    def _sweep(self, session_seconds: float, detached_seconds: float) -> None:
        least, most = _PERIODS
        wanted = min(session_seconds, detached_seconds) / _SWEEPS_PER_TIMEOUT
        period = max(least, min(wanted, most))
        while not self._stopped.wait(period):
            self._service.sessions.sweep(session_seconds, detached_seconds)


class _TokenCheck(grpc.ServerInterceptor):  # type: ignore[misc]
    """Refuses calls without the right bearer token."""

    def __init__(self, token: str) -> None:
        self._expected = f"Bearer {token}".encode()

    def intercept_service(self, continuation: Callable[[Any], Any], details: Any) -> Any:
        """Pass a call on, or answer it with UNAUTHENTICATED."""
        given = dict(details.invocation_metadata).get("authorization")
        if given is None:
            return _refusal("No authentication token provided")
        if not hmac.compare_digest(str(given).encode(), self._expected):
            return _refusal("Invalid authentication token")
        return continuation(details)


def _refusal(reason: str) -> Any:
    def refuse(_: Any, context: Any) -> None:
        context.abort(grpc.StatusCode.UNAUTHENTICATED, reason)

    return grpc.unary_unary_rpc_method_handler(refuse)
