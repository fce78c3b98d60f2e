"""What users name: a path as they wrote it, where that is, and what is there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pyrite.core.errors import SparkException, SparkIllegalArgumentException
from pyrite.core.hadoop.filesystem import FileStatus, FileSystem, file_system, qualify
from pyrite.core.hadoop.input_paths import glob, is_glob
from pyrite.deploy.hadoop_fs.command import FsError, Misused

__all__ = ["Item", "Items", "missing"]

_PREFIX = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*:)(//[^/]*)?")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was named.

    Attributes:
        shown: Its name in listings and messages: in the user's own form, relative if theirs was.
        uri: Where it is.
        status: What is there; None if nothing is.
    """

    shown: str
    uri: str
    status: FileStatus | None

    @property
    def fs(self) -> FileSystem:
        """The file system that has it."""
        return file_system(self.uri)

    @property
    def name(self) -> str:
        """The last component of its path."""
        return self.uri.rstrip("/").rpartition("/")[2]

    @property
    def exists(self) -> bool:
        """Whether anything is there."""
        return self.status is not None

    @property
    def is_directory(self) -> bool:
        """Whether it is a directory."""
        return self.status is not None and self.status.is_directory

    @property
    def found(self) -> FileStatus:
        """What is there.

        Raises:
            FsError: If nothing is.
        """
        if self.status is None:
            raise missing(self)
        return self.status

    @property
    def is_root(self) -> bool:
        """Whether it is all of its file system."""
        bare = self.uri.partition("://")[2] or self.uri.partition(":")[2]
        return "/" not in bare.rstrip("/") or self.uri == qualify("hdfs:///")

    def children(self) -> list[Item]:
        """Return what is in this directory, by name."""
        entries = sorted(self.fs.list_status(self.uri), key=lambda entry: entry.name)
        return [Item(self._below(entry.name), entry.path, entry) for entry in entries]

    def child(self, name: str) -> Item:
        """Return what has that name in this directory, or would have."""
        uri = f"{self.uri.rstrip('/')}/{name}"
        return Item(self._below(name), uri, self.fs.status(uri))

    def _below(self, name: str) -> str:
        """Return what something in this directory is shown as."""
        if self.shown == ".":
            return name
        if self.shown.endswith(":///"):  # the slashes are the scheme's
            return self.shown + name
        return f"{self.shown.rstrip('/')}/{name}"

    def parent(self) -> Item:
        """Return the directory that has it."""
        uri = self.uri.rstrip("/").rpartition("/")[0]
        uri = f"{uri}/" if uri.endswith(":") else uri
        # A path the user wrote as a URI is shown as one, whatever it stands for.
        shown = self.shown.rstrip("/").rpartition("/")[0] if ":" in self.shown else uri
        return Item(shown, uri, file_system(uri).status(uri))

    def walk(self) -> Iterator[Item]:
        """Yield it and all that is below it, directories before what they hold."""
        yield self
        if self.is_directory:
            for child in self.children():
                yield from child.walk()


@dataclass(frozen=True, slots=True)
class Items:
    """Where paths lead.

    Attributes:
        default_fs: The file system of paths without a scheme; None for local files.
    """

    default_fs: str | None = None

    def item(self, path: str) -> Item:
        """Return what a path names, without a look for globs.

        Raises:
            Misused: If the path is empty.
        """
        uri = self._uri(path)
        status = file_system(uri).status(uri)
        return Item(path if status is None else self._shown(path, uri), uri, status)

    def expand(self, path: str) -> list[Item]:
        """Return all that a path or glob names; one missing item if that is nothing."""
        uri = self._uri(path)
        try:
            matches = glob(file_system(uri), uri)
        except SparkException as error:
            raise FsError(str(error)) from None
        if not matches:
            return [Item(path, uri, None)]
        return [Item(self._shown(path, match.path), match.path, match) for match in matches]

    def names(self, path: str) -> list[Item]:
        """Return what a path names, also if it is missing, or what a glob names.

        Raises:
            FsError: If it is a glob and names nothing.
        """
        found = self.expand(path)
        if not found[0].exists and is_glob(path):
            raise missing(found[0])
        return found

    def target(self, path: str) -> Item:
        """Return where a path or glob says that something is to go.

        Raises:
            FsError: If a glob names several things, or none.
        """
        found = self.names(path)
        if len(found) > 1:
            raise FsError(f"`{path}': Too many matches")
        return found[0]

    def _uri(self, path: str) -> str:
        try:
            uri = qualify(path, self.default_fs)
        except SparkIllegalArgumentException as error:
            raise Misused(str(error)) from None
        root = qualify("hdfs:///", self.default_fs)
        # The root of a file system is always there; that of hdfs:/// on this machine, too.
        if root.startswith("file:") and f"{uri}/".startswith(f"{root}/"):
            os.makedirs(root.removeprefix("file:"), exist_ok=True)
        return uri

    def _shown(self, path: str, uri: str) -> str:
        """Return a URI that ``path`` led to in the form of ``path``."""
        prefix = _PREFIX.match(path)
        if prefix is not None:
            written = prefix[0]
            base = self._uri(f"{written}/").rstrip("/")
        elif path.startswith("/"):
            written, base = "", self._uri("/").rstrip("/")
        else:
            return uri.removeprefix(self._uri(".")).lstrip("/") or "."
        return written + (uri.removeprefix(base) or "/")


def missing(item: Item) -> FsError:
    """Return the error that something is not there."""
    return FsError(f"`{item.shown}': No such file or directory")
