"""The directory a task's commands run in: what the job ships, under the names it was given.

The driver fetches files and archives once, into a directory that every machine has a copy of.
A task gets a directory of its own with links to them.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from pyrite.core.env import SparkEnv
from pyrite.core.errors import SparkException
from pyrite.core.shared.files import UserFiles

__all__ = ["ShippedFiles", "WorkingDirectory"]


@dataclass(frozen=True)
class ShippedFiles:
    """What every task of a job finds in its directory.

    Attributes:
        root: Where the driver has it; None where there is nothing.
        files: The names of the files.
        archives: The names of the directories of unpacked archives.
    """

    root: str | None = None
    files: tuple[str, ...] = ()
    archives: tuple[str, ...] = ()

    @classmethod
    def fetch(cls, root: str, files: Iterable[str], archives: Iterable[str]) -> ShippedFiles:
        """Fetch what a job ships, in the driver.

        Args:
            root: A directory to make, below the application's scratch directory.
            files: Paths or URIs of files or directories; ``#name`` at the end of one is its name
                for the tasks. Files are made executable.
            archives: Paths or URIs of archives, which are unpacked; ``#name`` likewise.

        Raises:
            SparkException: If one is not there or is damaged, or two have the same name.
        """
        files, archives = tuple(files), tuple(archives)
        if not files and not archives:
            return cls()
        book = UserFiles(root, imports_here=False)
        names = [_fetch_file(book, path) for path in dict.fromkeys(files)]
        unpacked = [_fetch_archive(book, path) for path in dict.fromkeys(archives)]
        return cls(book.root, tuple(names), tuple(unpacked))

    def here(self) -> str | None:
        """Return the directory of it all on this machine, in a task."""
        if self.root is None:
            return None
        return SparkEnv.get().network.driver_files.directory(self.root, 1)


class WorkingDirectory:
    """A task attempt's own directory; as a context manager it goes in the end.

    Args:
        parent: Where to make it.
        shipped: The directory of what is to be found in it, or None.

    Attributes:
        root: The directory with all that is the attempt's own.
        shipped: As given.
        path: The directory that commands run in.
        temporary: Another one, for their temporary files.
    """

    def __init__(self, parent: str, shipped: str | None = None) -> None:
        self.shipped = shipped
        self.root = tempfile.mkdtemp(prefix="attempt-", dir=parent)
        self.path = os.path.join(self.root, "work")
        self.temporary = os.path.join(self.root, "tmp")
        os.mkdir(self.path)
        os.mkdir(self.temporary)
        for name in os.listdir(shipped) if shipped is not None else ():
            os.symlink(os.path.join(shipped or "", name), os.path.join(self.path, name))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.remove()

    def remove(self) -> None:
        """Remove it with all that commands left in it; harmless when it is gone."""
        shutil.rmtree(self.root, ignore_errors=True)


def _fetch_file(book: UserFiles, path: str) -> str:
    address, _, alias = path.partition("#")
    try:
        name = book.add_file(address, recursive=True, name=alias)
    except (FileNotFoundError, SparkException) as error:
        raise SparkException(f"-files {path}: {error}") from error
    target = os.path.join(book.root, name)
    if os.path.isfile(target):
        executable = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH
        os.chmod(target, stat.S_IMODE(os.stat(target).st_mode) | executable)
    return name


def _fetch_archive(book: UserFiles, path: str) -> str:
    try:
        return book.add_archive(path)
    except (FileNotFoundError, SparkException) as error:
        raise SparkException(f"-archives {path}: {error}") from error
