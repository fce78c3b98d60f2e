"""The driver's scratch files, as tasks see them: broadcasts, added files, slices, large results.

A task names such a file by its path in the driver. On the driver's own machine that is where it
is (`SharedFiles`). Elsewhere (`FetchedFiles`) what many tasks need is fetched on first use, once
for all processes of the machine, to the same place below a directory of the machine's own, and a
large file from a machine that has it already if the driver is busy; of
what one task needs no copy is kept; what a task writes for the driver is sent there when it is
whole.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from typing import BinaryIO, Protocol, cast

from pyrite.core.network.block_client import BlockClient, LostFile
from pyrite.core.network.copy_sources import Source
from pyrite.core.network.wire import Entry, Span

__all__ = ["DriverFiles", "FetchedFiles", "SharedFiles", "remove_copy"]

#: So many files can be fetched by a machine at the same time.
_LOCKS = 16


class DriverFiles(Protocol):
    """Finds files of the driver.

    Attributes:
        root: The driver's scratch directory, whose files these are.
    """

    root: str

    def local(self, path: str) -> str:
        """Return where this process can read a file of the driver, which never changes.

        Raises:
            FileNotFoundError: If the driver has none of that name.
        """
        ...

    def directory(self, path: str, version: int) -> str:
        """Return where this process can read a directory of the driver.

        Args:
            path: The directory.
            version: How often its contents had changed when it was as it is wanted.

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

    def directory(self, path: str, version: int) -> str:
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
        here: This machine's block server, by which others may have copies of copies; empty if
            there is none.
    """

    def __init__(
        self, client: BlockClient, location: str, root: str, copies: str, here: str = ""
    ) -> None:
        self._client = client
        self._location = location
        self.root = root
        self._prefix = os.path.join(root, "")
        self._copies = copies
        self._here = here
        #: The version of each directory that this process has seen a copy of.
        self._versions: dict[str, int] = {}

    def local(self, path: str) -> str:
        """Return the path of this machine's copy, which is fetched if there is none."""
        if not path.startswith(self._prefix):
            return path
        copy = self.place(path)
        if not os.path.isfile(copy):
            self._fetch(path, copy)
        return copy

    def directory(self, path: str, version: int) -> str:
        """Return the path of this machine's copy, after fetching what has changed."""
        copy = self.place(path)
        if path.startswith(self._prefix) and self._versions.get(path, -1) < version:
            self._update(path, copy)
            self._versions[path] = version
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
        prefix = f".sending-{os.getpid()}-"  # by which it is found if this process is killed
        with tempfile.TemporaryDirectory(prefix=prefix, dir=self._copies) as directory:
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
        with _locked(self._copies, copy) as unfinished:
            if os.path.isfile(copy):
                return
            with _lost_is_not_found(), self._client.borrowed(self._location, path) as loan:
                try:
                    self._copy(loan.source, copy, unfinished)
                except (LostFile, OSError):
                    if loan.source[0] == self._location:
                        raise
                    loan.failed = True  # it was removed meanwhile, or with its machine
                    self._copy((self._location, path), copy, unfinished)
                loan.copy = (self._here, copy) if self._here else None

    def _fetch_file(self, path: str, copy: str, unfinished: str) -> None:
        with _lost_is_not_found():
            self._copy((self._location, path), copy, unfinished)

    def _copy(self, source: Source, copy: str, unfinished: str) -> None:
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        with open(unfinished, "wb", buffering=0) as file:
            self._client.copy_into(*source, cast(BinaryIO, file))
        os.replace(unfinished, copy)

    def _update(self, path: str, copy: str) -> None:
        """Make a copy of a directory what the directory is."""
        with _locked(self._copies, copy) as unfinished:
            try:
                entries = self._client.list_files(self._location, path)
            except LostFile as error:
                raise FileNotFoundError(str(error)) from error
            os.makedirs(copy, exist_ok=True)
            _remove_others(copy, {entry.name: entry for entry in entries})
            for entry in entries:
                target = os.path.join(copy, entry.name)
                if os.path.lexists(target):
                    continue
                if entry.link is not None:
                    os.symlink(entry.link, target)
                elif stat.S_ISDIR(entry.mode):
                    os.mkdir(target)
                else:
                    self._fetch_file(os.path.join(path, entry.name), target, unfinished)
                    os.chmod(target, stat.S_IMODE(entry.mode))
                    os.utime(target, ns=(entry.modified, entry.modified))


def remove_copy(copies: str, name: str) -> None:
    """Remove a machine's copy of a file of the driver, if there is one.

    Args:
        copies: The machine's directory for copies.
        name: The file's path below the driver's scratch directory.
    """
    copy = os.path.join(copies, name)
    if os.path.isdir(copies):  # or nothing was fetched yet
        with _locked(copies, copy), contextlib.suppress(FileNotFoundError):
            os.unlink(copy)


@contextlib.contextmanager
def _lost_is_not_found() -> Iterator[None]:
    try:
        yield
    except LostFile as error:
        raise FileNotFoundError(str(error)) from error


@contextlib.contextmanager
def _locked(copies: str, copy: str) -> Iterator[str]:
    """Let no other process of the machine change a copy meanwhile.

    Yields:
        Where to write what is not whole yet. If this process is killed, the next one that has
        the lock writes over it.
    """
    number = zlib.crc32(copy.encode()) % _LOCKS
    os.makedirs(copies, exist_ok=True)
    with open(os.path.join(copies, f".lock-{number}"), "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield os.path.join(copies, f".fetching-{number}")


def _remove_others(copy: str, entries: Mapping[str, Entry]) -> None:
    """Remove from a copy of a directory what is not, or not so, in the directory itself."""
    for directory, directories, files in os.walk(copy):
        for name in (*directories, *files):
            path = os.path.join(directory, name)
            if _is_same(path, entries.get(os.path.relpath(path, copy))):
                continue
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
                directories.remove(name)
            else:
                os.unlink(path)


def _is_same(path: str, entry: Entry | None) -> bool:
    if entry is None:
        return False
    status = os.lstat(path)
    if stat.S_IFMT(status.st_mode) != stat.S_IFMT(entry.mode):
        return False
    if entry.link is not None:
        return os.readlink(path) == entry.link
    stamp = status.st_mode, status.st_size, status.st_mtime_ns
    return stat.S_ISDIR(entry.mode) or stamp == (entry.mode, entry.size, entry.modified)
