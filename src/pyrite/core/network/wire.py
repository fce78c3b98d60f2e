"""What a block client asks a block server, and the connection both use.

A request is one pickled dataclass in a frame. File contents follow frames as bare bytes, so that
the system copies them from the disk to the socket (``sendfile``) and Python never touches them.
Both sides prove with a keyed hash that they know the application's secret before anything else
is read; what they say afterwards is not encrypted, as in Spark by default.
"""

from __future__ import annotations

import pickle
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, answer_challenge, deliver_challenge
from typing import Any

__all__ = [
    "Borrow",
    "Entry",
    "Found",
    "ListFiles",
    "NotFound",
    "ReadFile",
    "ReadRanges",
    "Return",
    "Span",
    "WriteFile",
    "accept",
    "connect",
    "parse_location",
    "receive",
    "receive_into",
    "send",
]

#: Seconds to wait for the next bytes from another machine (``spark.network.timeout``'s default).
TIMEOUT_SECONDS = 120
_CONNECT_SECONDS = 10.0

Span = tuple[int, int]
"""An offset in a file and a number of bytes."""


@dataclass(frozen=True, slots=True)
class ReadRanges:
    """Give pieces of many files, one file after the other.

    For each file comes a `Found` and then its pieces' bytes, or a `NotFound`.

    Attributes:
        files: Each file's path, and the spans wanted of it.
    """

    files: tuple[tuple[str, tuple[Span, ...]], ...]


@dataclass(frozen=True, slots=True)
class ReadFile:
    """Give a whole file: a `Found` and its bytes, or a `NotFound`."""

    path: str


@dataclass(frozen=True, slots=True)
class Borrow:
    """Say who is to send a whole file; a `Found` with its source answers.

    That machine counts as busy until a `Return` comes on the same connection.
    """

    path: str


@dataclass(frozen=True, slots=True)
class Return:
    """The file has come, or has not.

    Attributes:
        copy: The block server that has it now, and the path there; None if none has.
        failed: Whether the source did not have it.
    """

    copy: tuple[str, str] | None
    failed: bool


@dataclass(frozen=True, slots=True)
class ListFiles:
    """Tell all there is below a directory; a `Found` with its entries answers."""

    path: str


@dataclass(frozen=True, slots=True)
class WriteFile:
    """Take a whole file, whose bytes follow; it appears complete or not at all."""

    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, directory or symbolic link below a directory.

    Attributes:
        name: Its path from there.
        mode: What it is, and who may do what with it.
        size: Its length.
        modified: When it was written last, in nanoseconds.
        link: Where it leads, if it is a symbolic link.
    """

    name: str
    mode: int
    size: int
    modified: int
    link: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """What was asked for is there.

    Attributes:
        size: How many bytes follow.
        entries: The answer to a `ListFiles`: directories before what is in them.
        source: The answer to a `Borrow`: a block server, and the path there.
    """

    size: int = 0
    entries: tuple[Entry, ...] = ()
    source: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class NotFound:
    """What was asked for is not there, or cannot be read or written; ``reason`` says why."""

    reason: str


def parse_location(location: str) -> tuple[str, int]:
    """Split a location into host and port.

    Example:
        >>> parse_location("10.0.0.7:35001")
        ('10.0.0.7', 35001)
    """
    host, _, port = location.rpartition(":")
    return host.strip("[]"), int(port)


def connect(location: str, secret: bytes) -> tuple[socket.socket, Connection[Any, Any]]:
    """Open a connection to a block server.

    Returns:
        The socket, for bare bytes, and the framed connection over the same one. Closing both
        ends it.

    Raises:
        OSError: If it cannot be reached or has another secret.
    """
    channel = socket.create_connection(parse_location(location), _CONNECT_SECONDS)
    return _prove(channel, secret, first_answers=True)


def accept(channel: socket.socket, secret: bytes) -> tuple[socket.socket, Connection[Any, Any]]:
    """Take up a connection that a client opened.

    Raises:
        OSError: If the client is gone or has another secret.
    """
    return _prove(channel, secret, first_answers=False)


def _prove(
    channel: socket.socket, secret: bytes, first_answers: bool
) -> tuple[socket.socket, Connection[Any, Any]]:
    try:
        # Timeouts of Python's own would make the socket non-blocking, which frames cannot bear.
        channel.settimeout(None)
        if first_answers:  # a client waits for the next bytes; a server for the next request
            seconds = struct.pack("ll", TIMEOUT_SECONDS, 0)
            channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, seconds)
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection: Connection[Any, Any] = Connection(socket.dup(channel.fileno()))
    except BaseException:
        channel.close()
        raise
    steps = [answer_challenge, deliver_challenge]
    try:
        for step in steps if first_answers else reversed(steps):
            step(connection, secret)
    except Exception as error:
        channel.close()
        connection.close()
        raise ConnectionError(f"the other side is not of this application: {error}") from error
    return channel, connection


def send(connection: Connection[Any, Any], message: object) -> None:
    """Send one request or answer."""
    connection.send_bytes(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))


def receive(connection: Connection[Any, Any]) -> Any:
    """Wait for one request or answer.

    Raises:
        OSError: If the other side is gone (EOFError is one of these here).
    """
    try:
        return pickle.loads(connection.recv_bytes())
    except EOFError:
        raise ConnectionResetError("the other side closed the connection") from None


def receive_into(channel: socket.socket, buffers: Sequence[memoryview]) -> None:
    """Fill buffers with bare bytes.

    Raises:
        OSError: If the other side is gone before they are full.
    """
    for buffer in buffers:
        filled = 0
        while filled < len(buffer):
            count = channel.recv_into(buffer[filled:])
            if not count:
                raise ConnectionResetError("the other side closed the connection")
            filled += count
