"""``pyrite connect``: an engine that other processes use through ``sc://`` URLs."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

import click

from pyrite.core.conf import ConfigEntry
from pyrite.core.errors import SparkIllegalArgumentException

__all__ = ["HOST", "PORT", "TOKEN", "serve"]

HOST = ConfigEntry("spark.connect.grpc.binding.address", "127.0.0.1", str)
PORT = ConfigEntry("spark.connect.grpc.binding.port", "15002", int)
TOKEN = ConfigEntry("spark.connect.authenticate.token", "", str)

_TOKEN_VARIABLE = "SPARK_CONNECT_AUTHENTICATE_TOKEN"
_LOOPBACK = ("localhost", "127.", "::1")


def serve(
    certificate: str | None, key: str | None, say: Callable[[str], None] = click.echo
) -> None:
    """Listen until SIGINT or SIGTERM; where and how is in the launch settings.

    Args:
        certificate: The server's certificate for TLS, as a PEM file; None for none.
        key: Its private key.
        say: Tells people what happens.

    Raises:
        click.ClickException: If the server cannot listen.
    """
    from pyspark import SparkConf, SparkContext

    from pyrite.connect.application_service import service_of
    from pyrite.connect.artifacts import ISOLATED
    from pyrite.connect.listen import ConnectServer, Tls

    # An event would not do: a second signal may come while the first one sets it.
    stop: SimpleQueue[int] = SimpleQueue()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: stop.put(number))
    # What a client uploads is for its own functions alone.
    with SparkContext(conf=SparkConf().setIfMissing(ISOLATED.key, "true")) as sc:
        conf = dict(sc.getConf().getAll())
        tls = Tls(Path(certificate), Path(key)) if certificate and key else None
        try:
            host, port = HOST.read(conf), PORT.read(conf)
            token = TOKEN.read(conf) or os.environ.get(_TOKEN_VARIABLE)
            server = ConnectServer(service_of(sc), host, port, token, tls)
        except (OSError, SparkIllegalArgumentException) as error:
            raise click.ClickException(str(error)) from None
        server.start()
        for line in _greeting(host, server.port, bool(token), tls is not None, sc.uiWebUrl):
            say(line)
        stop.get()
        say("Stopping.")
        server.stop()


def _greeting(host: str, port: int, has_token: bool, has_tls: bool, ui: str | None) -> list[str]:
    name = "localhost" if host.startswith(_LOOPBACK) else host
    url = f"sc://{name}:{port}"
    parameters = ["use_ssl=true"] * has_tls + ["token=<your token>"] * has_token
    if parameters:
        url += "/;" + ";".join(parameters)
    lines = [f"Pyrite listens on {host}:{port}. Programs connect with", f"  {url}"]
    if ui:
        lines.append(f"The status of its jobs is shown at {ui}.")
    if not has_token and not host.startswith(_LOOPBACK):
        lines.append(
            "Warning: whoever reaches this address can run programs here. Set a token "
            f"({TOKEN.key}, or {_TOKEN_VARIABLE} in the environment)."
        )
    return lines
