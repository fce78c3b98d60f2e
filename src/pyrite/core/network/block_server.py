"""BlockServer: gives the files of an application's scratch directories to its other machines.

One runs per machine and application, in a process that outlives executors, so that what an
executor wrote stays readable when it is gone (Spark's external shuffle service). Each connection
has a thread; the bytes go from the disk to the socket without passing through Python.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import stat
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from multiprocessing.connection import Connection
from types import MappingProxyType
from typing import Any

from pyrite.core.conf import ConfigEntry, ports_to_try
from pyrite.core.errors import SparkException
from pyrite.core.network import wire
from pyrite.core.network.copy_sources import CopySources

__all__ = ["BlockServer"]

_AT_ONCE = 1 << 30  # what one call of sendfile is asked for
_SMALL = 4 << 20  # files up to this size are sent to everybody from here

_NO_SETTINGS: Mapping[str, str] = MappingProxyType({})
_PORT = ConfigEntry("spark.blockManager.port", "0", int)
_DRIVER_PORT = ConfigEntry("spark.driver.blockManager.port", "0", int, fallback=_PORT.key)


class BlockServer:
    """Serves the files below some directories to whoever knows the application's secret.

    Args:
        roots: The directories; nothing outside of them is read or written.
        secret: The application's secret.
        host: The address other machines reach this one by.
        conf: The application's settings: ``spark.blockManager.port``, in the driver
            ``spark.driver.blockManager.port``; when it is taken, ``spark.port.maxRetries``
            further ones are tried.
        is_driver: Whether this is the driver's.

    Raises:
        SparkException: If all these ports are taken.

    Example:
        >>> import tempfile
        >>> server = BlockServer([tempfile.mkdtemp()], b"secret", "127.0.0.1")
        >>> server.location.partition(":")[0]
        '127.0.0.1'
        >>> server.stop()
    """

    def __init__(
        self,
        roots: Sequence[str],
        secret: bytes,
        host: str,
        conf: Mapping[str, str] = _NO_SETTINGS,
        *,
        is_driver: bool = False,
    ) -> None:
        self._roots = tuple(os.path.realpath(root) + os.sep for root in roots)
        self._secret = secret
        entry = _DRIVER_PORT if is_driver else _PORT
        self._listener = _listen(host, ports_to_try(entry.read(conf), conf))
        port = self._listener.getsockname()[1]
        #: Where it is found: ``host:port``.
        self.location = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._open: set[socket.socket] = set()
        self._stopped = False
        #: Who else has copies of the files here.
        self.copies = CopySources()
        self._handlers: dict[type, Callable[[_Peer, Any], None]] = {
            wire.ReadRanges: self._read_ranges,
            wire.ReadFile: self._read_file,
            wire.Borrow: self._lend,
            wire.ListFiles: self._list_files,
            wire.WriteFile: self._write_file,
        }
        threading.Thread(target=self._accept, name="pyrite-block-server", daemon=True).start()

    def stop(self) -> None:
        """Close all connections and listen no more."""
        self._stopped = True
        for channel in [self._listener, *self._open]:
            with contextlib.suppress(OSError):
                channel.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while not self._stopped:
            try:
                channel, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(channel)
            threading.Thread(
                target=self._serve, args=(channel,), name="pyrite-block-peer", daemon=True
            ).start()

    def _serve(self, channel: socket.socket) -> None:
        try:
            with contextlib.suppress(OSError):  # the client is gone, or is none
                peer = _Peer(*wire.accept(channel, self._secret))
                with peer.connection:
                    while True:
                        request = wire.receive(peer.connection)
                        self._handlers[type(request)](peer, request)
        finally:
            self._open.discard(channel)
            channel.close()

    def _checked(self, path: str) -> str:
        real = os.path.realpath(path)
        if not (real + os.sep).startswith(self._roots):
            raise PermissionError(f"{path} is not a file of this application")
        return real

    # ------------------------------------------------------------------------------- requests

    def _read_ranges(self, peer: _Peer, request: wire.ReadRanges) -> None:
        for path, spans in request.files:
            self._send_spans(peer, path, spans)

    def _read_file(self, peer: _Peer, request: wire.ReadFile) -> None:
        self._send_spans(peer, request.path, None)

    def _send_spans(self, peer: _Peer, path: str, spans: Sequence[wire.Span] | None) -> None:
        try:
            file = open(self._checked(path), "rb", buffering=0)  # noqa: SIM115
        except OSError as error:
            wire.send(peer.connection, wire.NotFound(str(error)))
            return
        with file:
            size = os.fstat(file.fileno()).st_size
            spans = [(0, size)] if spans is None else spans
            if any(offset + length > size for offset, length in spans):
                wire.send(peer.connection, wire.NotFound(f"{path} is truncated at byte {size}"))
                return
            wire.send(peer.connection, wire.Found(sum(length for _, length in spans)))
            for offset, length in spans:
                peer.send_from(file.fileno(), offset, length)

    def _lend(self, peer: _Peer, request: wire.Borrow) -> None:
        path = request.path
        own = self.location, path
        try:
            size = os.path.getsize(self._checked(path))
        except OSError as error:
            wire.send(peer.connection, wire.NotFound(str(error)))
            return
        if size <= _SMALL:
            wire.send(peer.connection, wire.Found(source=own))
            wire.receive(peer.connection)
            return
        with self.copies.lent(path, own) as source:
            wire.send(peer.connection, wire.Found(source=source))
            outcome = wire.receive(peer.connection)
        if outcome.failed:
            self.copies.drop(path, source)
        if outcome.copy is not None:
            self.copies.add(path, outcome.copy)

    def _list_files(self, peer: _Peer, request: wire.ListFiles) -> None:
        try:
            top = self._checked(request.path)
            entries = tuple(_entries_below(top))
        except OSError as error:
            wire.send(peer.connection, wire.NotFound(str(error)))
            return
        wire.send(peer.connection, wire.Found(entries=entries))

    def _write_file(self, peer: _Peer, request: wire.WriteFile) -> None:
        left = request.size
        failure: OSError | None = None
        temporary = ""
        try:
            path = self._checked(request.path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            temporary = f"{path}.{threading.get_ident()}.tmp"
            with open(temporary, "wb", buffering=0) as file:
                while left:
                    data = peer.channel.recv(min(left, 1 << 20))
                    if not data:
                        raise ConnectionResetError("the client is gone")
                    left -= len(data)
                    file.write(data)
            os.replace(temporary, path)
        except OSError as error:
            failure = error
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        while left and (data := peer.channel.recv(min(left, 1 << 20))):  # what nobody wants
            left -= len(data)
        wire.send(peer.connection, wire.Found() if failure is None else wire.NotFound(str(failure)))


def _listen(host: str, ports: range) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in ports:
        try:
            return socket.create_server((host, port), family=family, backlog=128)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    raise SparkException(
        f"The block server of {host} found no free port from {ports[0]} to {ports[-1]}. Set "
        f"{_PORT.key} to another port, or to 0 for any."
    )


class _Peer:
    """One client: the framed connection, and the socket below it for bare bytes."""

    def __init__(self, channel: socket.socket, connection: Connection[Any, Any]) -> None:
        self.channel = channel
        self.connection = connection

    def send_from(self, descriptor: int, offset: int, length: int) -> None:
        while length:
            sent = os.sendfile(self.channel.fileno(), descriptor, offset, min(length, _AT_ONCE))
            if not sent:
                raise ConnectionAbortedError("the file became shorter")  # nothing else to tell
            offset += sent
            length -= sent


def _entries_below(top: str) -> Iterator[wire.Entry]:
    if not os.path.isdir(top):
        raise FileNotFoundError(f"{top} is no directory")
    for directory, directories, files in os.walk(top):
        for name in (*directories, *files):
            path = os.path.join(directory, name)
            status = os.lstat(path)
            yield wire.Entry(
                os.path.relpath(path, top),
                status.st_mode,
                status.st_size,
                status.st_mtime_ns,
                os.readlink(path) if stat.S_ISLNK(status.st_mode) else None,
            )
