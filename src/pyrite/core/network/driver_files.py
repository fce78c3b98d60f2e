"""The driver's scratch files, as tasks see them: broadcasts, added files, slices, large results.

A task names such a file by its path in the driver. On the driver's own machine that is where it
is (`SharedFiles`). Elsewhere (`FetchedFiles`) what many tasks need is fetched on first use, once
for all processes of the machine, to the same place below a directory of the machine's own; of
what one task needs no copy is kept; what a task writes for the driver is sent there when it is
whole.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from typing import BinaryIO, Protocol, cast

from pyrite.core.network.block_client import BlockClient, LostFile
from pyrite.core.network.wire import Span

__all__ = ["DriverFiles", "FetchedFiles", "SharedFiles"]


class DriverFiles(Protocol):
    """Finds files of the driver.

    Attributes:
        root: The driver's scratch directory, whose files these are.
    """

    root: str

    def local(self, path: str) -> str:
        """Return where this process can read a file or directory of the driver.

        Raises:
            FileNotFoundError: If the driver has none of that name.
        """
        ...

    def open(self, path: str, span: Span | None = None) -> BinaryIO:
        """Open a file of the driver that is read once.

        Args:
            path: The file.
            span: The only part that is wanted; None for all of it.

        Returns:
            The file, or more of it than was wanted, positioned where that begins.

        Raises:
            FileNotFoundError: If the driver has none of that name.
        """
        ...

    def writing(self, path: str) -> contextlib.AbstractContextManager[str]:
        """Give a path to write a file for the driver at; it is there when the block ends."""
        ...

    def place(self, path: str) -> str:
        """Return where ``local`` puts a file of the driver, whether or not it is there."""
        ...


class SharedFiles:
    """The driver's files where they are: this is its machine.

    Args:
        root: The driver's scratch directory.

    Example:
        >>> SharedFiles("/scratch").local("/scratch/broadcasts/broadcast_0")
        '/scratch/broadcasts/broadcast_0'
    """

    def __init__(self, root: str) -> None:
        self.root = root

    def local(self, path: str) -> str:
        """Return the path itself."""
        return path

    def open(self, path: str, span: Span | None = None) -> BinaryIO:
        """Open the file itself."""
        file = open(path, "rb")  # noqa: SIM115
        if span is not None:
            file.seek(span[0])
        return file

    @contextlib.contextmanager
    def writing(self, path: str) -> Iterator[str]:
        """Give the path itself."""
        os.makedirs(os.path.dirname(path), exist_ok=True)
        yield path

    def place(self, path: str) -> str:
        """Return the path itself."""
        return path


class FetchedFiles:
    """Copies of the driver's files on another machine.

    Args:
        client: Reaches the driver's block server.
        location: The driver's block server.
        root: The directory of the driver whose files are meant; other paths are left as they are.
        copies: This machine's directory for copies.
    """

    def __init__(self, client: BlockClient, location: str, root: str, copies: str) -> None:
        self._client = client
        self._location = location
        self.root = root
        self._prefix = os.path.join(root, "")
        self._copies = copies

    def local(self, path: str) -> str:
        """Return the path of this machine's copy, to which is fetched what it lacks."""
        if not path.startswith(self._prefix):
            return path
        copy = self.place(path)
        if not os.path.isfile(copy):
            self._fetch(path, copy)
        return copy

    def open(self, path: str, span: Span | None = None) -> BinaryIO:
        """Fetch what is wanted into a file without a name."""
        if not path.startswith(self._prefix):
            return SharedFiles(self.root).open(path, span)
        os.makedirs(self._copies, exist_ok=True)
        file = tempfile.TemporaryFile(dir=self._copies)  # noqa: SIM115
        try:
            self._client.copy_into(self._location, path, cast(BinaryIO, file.raw), span)
        except BaseException as error:
            file.close()
            if isinstance(error, LostFile):
                raise FileNotFoundError(str(error)) from error
            raise
        file.seek(0)
        return cast(BinaryIO, file)

    @contextlib.contextmanager
    def writing(self, path: str) -> Iterator[str]:
        """Give a path of this machine; the file goes to the driver when the block ends."""
        if not path.startswith(self._prefix):
            yield path
            return
        os.makedirs(self._copies, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".sending-", dir=self._copies) as directory:
            written = os.path.join(directory, "file")
            yield written
            try:
                self._client.send_file(self._location, path, written)
            except LostFile as error:
                raise OSError(f"The driver cannot keep {path}: {error}") from error

    def place(self, path: str) -> str:
        """Return where this machine's copy is, or would be."""
        return os.path.join(self._copies, os.path.relpath(path, self.root))

    def _fetch(self, path: str, copy: str) -> None:
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        with open(os.path.join(self._copies, ".lock"), "wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # one process of the machine fetches
            try:
                names = self._client.list_files(self._location, path)
                if names is None:
                    self._fetch_file(path, copy)
                for name in names or ():  # files are added to directories, and never change
                    self._fetch_file(os.path.join(path, name), os.path.join(copy, name))
            except LostFile as error:
                raise FileNotFoundError(str(error)) from error

    def _fetch_file(self, path: str, copy: str) -> None:
        if os.path.exists(copy):
            return
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        unfinished = os.path.join(self._copies, ".fetching")
        with open(unfinished, "wb", buffering=0) as file:
            self._client.copy_into(self._location, path, cast(BinaryIO, file))
        os.replace(unfinished, copy)
