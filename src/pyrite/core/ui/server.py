"""StatusServer: the status store over HTTP, as Spark's REST interface and as pages for people."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from pyrite.core.conf import ConfigEntry, ports_to_try
from pyrite.core.errors import SparkException
from pyrite.core.ui.pages import render_page
from pyrite.core.ui.rest import NotFound, respond
from pyrite.core.ui.status_store import AppStatusStore

__all__ = ["StatusServer"]

_PORT = ConfigEntry("spark.ui.port", "4040", int)
_API = "/api/v1/"


class StatusServer:
    """Serves one application on this machine's loopback address until ``stop``.

    Args:
        store: What to show.
        conf: The application's settings: ``spark.ui.port`` (0 takes any free one) and, for when
            it is taken, ``spark.port.maxRetries`` further ones.

    Raises:
        SparkException: If all these ports are taken.

    Attributes:
        url: The address to open, such as ``http://127.0.0.1:4040``.
    """

    def __init__(self, store: AppStatusStore, conf: Mapping[str, str]) -> None:
        self._server = _bind(store, ports_to_try(_PORT.read(conf), conf))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve, name="status-server", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Serve no more and free the port; starts no thread, so an exit handler may call it."""
        self._server.stopping = True
        with contextlib.suppress(OSError):  # wakes the server, which sees that it is to stop
            socket.create_connection(("127.0.0.1", self._server.server_port), timeout=1).close()
        self._thread.join(timeout=1)
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    store: AppStatusStore
    stopping = False

    def serve(self) -> None:
        """Answer requests until ``stopping``."""
        while not self.stopping:
            self.handle_request()

    def verify_request(self, request: object, client_address: object) -> bool:
        """Refuse the connection that only wakes the server."""
        return not self.stopping


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        """Answer one request."""
        path = urlsplit(self.path).path
        store = self.server.store
        try:
            if path.startswith(_API):
                body = json.dumps(respond(store, path.removeprefix(_API)), indent=2)
                self._send(HTTPStatus.OK, "application/json", body)
            else:
                self._send(HTTPStatus.OK, "text/html; charset=utf-8", render_page(store, path))
        except NotFound as error:
            self._send(HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", str(error))

    def log_message(self, format: str, *args: object) -> None:
        """Keep requests off the user's terminal."""

    def _send(self, status: HTTPStatus, content_type: str, body: str) -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _bind(store: AppStatusStore, ports: range) -> _Server:
    for port in ports:
        try:
            server = _Server(("127.0.0.1", port), _Handler)
        except OSError:
            continue
        server.store = store
        return server
    raise SparkException(
        f"The status page found no free port from {ports[0]} to {ports[-1]}. Set {_PORT.key} "
        "to another port, or spark.ui.enabled=false."
    )
