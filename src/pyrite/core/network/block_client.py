"""BlockClient: what a process asks other machines for.

Connections are kept, one for each conversation that goes on with a machine. A reduce task asks
each machine once, for its part of all the map files there; the machine sends ahead as far as
the connection's buffers reach, while the task works on what has come.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import socket
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, BinaryIO, TypeAlias

from pyrite.core.network import wire

__all__ = ["BlockClient", "Loan", "LostFile"]

_MAX_IN_MEMORY = 64 << 20  # larger blocks go through a file and are mapped
_COPIED_AT_ONCE = 1 << 20

_Open: TypeAlias = "tuple[socket.socket, Connection[Any, Any]]"


class LostFile(Exception):
    """A file is not there any more; the message says which and why."""


@dataclass
class Loan:
    """A file that is being copied.

    Attributes:
        source: The block server to copy it from, and the path there.
        failed: To be set if it was not there.
        copy: To be set, once there is one, to where others find it.
    """

    source: tuple[str, str]
    failed: bool = False
    copy: tuple[str, str] | None = None


class BlockClient:
    """Reads and writes files of other machines' block servers.

    Args:
        secret: The application's secret.
        spill_directory: Where blocks go that are too large for memory.
    """

    def __init__(self, secret: bytes, spill_directory: str) -> None:
        self._secret = secret
        self._spill_directory = spill_directory
        self._idle: dict[str, list[_Open]] = defaultdict(list)

    def read_ranges(
        self, location: str, files: Sequence[tuple[str, tuple[wire.Span, ...]]]
    ) -> Iterator[memoryview | LostFile]:
        """Read pieces of many files.

        Args:
            location: Whose.
            files: Their paths, and the spans wanted of each.

        Yields:
            For each file in order its spans' bytes, joined; or why it is not there.

        Raises:
            OSError: If the machine cannot be reached any more; now or while iterating.
        """
        with self._conversation(location) as (channel, connection):
            wire.send(connection, wire.ReadRanges(tuple(files)))
            for left, (path, _) in zip(range(len(files) - 1, -1, -1), files, strict=True):
                answer = wire.receive(connection)
                piece: memoryview | LostFile
                if isinstance(answer, wire.NotFound):
                    piece = LostFile(f"{path} on {location}: {answer.reason}")
                else:
                    piece = self._take(channel, answer.size)
                if left:
                    yield piece
        if files:
            # Not before the connection is given back: who has all he asked for asks no more.
            yield piece

    def _take(self, channel: socket.socket, size: int) -> memoryview:
        if size <= _MAX_IN_MEMORY:
            buffer = memoryview(bytearray(size))
        else:
            with tempfile.TemporaryFile(dir=self._spill_directory) as file:
                file.truncate(size)
                buffer = memoryview(mmap.mmap(file.fileno(), size))
        wire.receive_into(channel, [buffer])
        return buffer

    def copy_into(
        self, location: str, path: str, target: BinaryIO, span: wire.Span | None = None
    ) -> None:
        """Copy a file of another machine, or a part of it.

        Args:
            location: Whose.
            path: The file there.
            target: An open file, unbuffered.
            span: Which part; None for all of it.

        Raises:
            LostFile: If it is not there, or shorter.
            OSError: If the machine cannot be reached, or ``target`` not be written.
        """
        request: object = wire.ReadFile(path)
        if span is not None:
            request = wire.ReadRanges(((path, (span,)),))
        with self._conversation(location) as (channel, connection):
            wire.send(connection, request)
            left = self._found(wire.receive(connection), location, path).size
            buffer = memoryview(bytearray(min(left, _COPIED_AT_ONCE)))
            while left:
                piece = buffer[: min(left, len(buffer))]
                wire.receive_into(channel, [piece])
                left -= len(piece)
                while piece:
                    piece = piece[target.write(piece) :]

    @contextlib.contextmanager
    def borrowed(self, location: str, path: str) -> Iterator[Loan]:
        """Learn from whom to copy a file that many machines want.

        Args:
            location: Whose file it is: who knows which machines have copies.
            path: The file there.

        Yields:
            The source, which counts as busy inside the block.

        Raises:
            LostFile: If it is not there.
            OSError: If the machine cannot be reached.
        """
        with self._conversation(location) as (_, connection):
            wire.send(connection, wire.Borrow(path))
            loan = Loan(self._found(wire.receive(connection), location, path).source)
            try:
                yield loan
            except LostFile:
                wire.send(connection, wire.Return(None, failed=True))
                raise
            wire.send(connection, wire.Return(loan.copy, loan.failed))

    def send_file(self, location: str, path: str, source: str) -> None:
        """Copy the file ``source`` to another machine, where it appears under ``path``.

        Raises:
            LostFile: If it cannot be written there.
            OSError: If the machine cannot be reached, or ``source`` not be read.
        """
        with open(source, "rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            with self._conversation(location) as (channel, connection):
                wire.send(connection, wire.WriteFile(path, size))
                channel.sendfile(file, 0, size) if size else None
                self._found(wire.receive(connection), location, path)

    def list_files(self, location: str, path: str) -> tuple[wire.Entry, ...]:
        """Return what is below a directory of another machine, from the top down.

        Raises:
            LostFile: If there is no such directory.
            OSError: If the machine cannot be reached.
        """
        with self._conversation(location) as (_, connection):
            wire.send(connection, wire.ListFiles(path))
            return self._found(wire.receive(connection), location, path).entries

    def _found(self, answer: wire.Found | wire.NotFound, location: str, path: str) -> wire.Found:
        if isinstance(answer, wire.NotFound):
            raise LostFile(f"{path} on {location}: {answer.reason}")
        return answer

    def close(self) -> None:
        """Close the connections that are kept."""
        for opened in self._idle.values():
            for end in (end for ends in opened for end in ends):
                end.close()
        self._idle.clear()

    @contextlib.contextmanager
    def _conversation(self, location: str) -> Iterator[_Open]:
        """Lend a connection; one whose conversation was not finished is closed."""
        idle = self._idle[location]
        opened = idle.pop() if idle else wire.connect(location, self._secret)
        try:
            yield opened
        except LostFile:  # the conversation itself was finished
            idle.append(opened)
            raise
        except BaseException:
            for end in opened:
                end.close()
            raise
        idle.append(opened)
