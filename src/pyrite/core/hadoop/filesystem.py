"""File systems: the narrow interface through which Pyrite reads and writes named files.

A path is a URI in the form Hadoop prints: ``file:/data/a.txt``, ``s3a://bucket/key``. Plain
paths and ``file:`` URIs are served by ``LocalFileSystem`` with nothing but ``os``; every other
scheme goes to fsspec, which is imported only then, and only here. ``hdfs:///data`` without a host
is a local file too, unless a Hadoop is configured (see ``default_fs``).
"""

from __future__ import annotations

import contextlib
import os
import posixpath
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, Protocol, cast

from pyrite.core.errors import SparkException, SparkIllegalArgumentException
from pyrite.core.hadoop.default_fs import hdfs_uri, in_default_fs
from pyrite.core.hadoop.storage_options import storage_options

__all__ = ["FileStatus", "FileSystem", "file_system", "is_private", "qualify", "scheme_of"]

_DELETE_ATTEMPTS = 10

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):(.*)", re.DOTALL)

#: Hadoop's scheme -> fsspec's protocol, where the names differ.
_PROTOCOLS = {"s3a": "s3", "s3n": "s3", "abfss": "abfs", "wasb": "abfs", "wasbs": "abfs"}

#: fsspec's protocol -> the package that serves it, for the message when it is missing.
_PACKAGES = {
    "s3": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "abfs": "adlfs",
    "adl": "adlfs",
    "hdfs": "pyarrow (and a Hadoop client library, libhdfs)",
    "webhdfs": "requests",
    "http": "aiohttp",
    "https": "aiohttp",
    "sftp": "paramiko",
    "ssh": "paramiko",
    "smb": "smbprotocol",
    "oss": "ossfs",
}


@dataclass(frozen=True, slots=True)
class FileStatus:
    """What a file system knows of one name.

    Attributes:
        path: The full URI.
        length: Size in bytes; 0 for directories.
        is_directory: Whether it holds other names.
        modified: When it was last written, in seconds since 1970; 0 where nobody knows.
    """

    path: str
    length: int
    is_directory: bool
    modified: float = 0.0

    @property
    def name(self) -> str:
        """The last component of the path."""
        return self.path.rstrip("/").rpartition("/")[2]


class FileSystem(Protocol):
    """What Pyrite asks of a storage. Every path is a URI as ``qualify`` returns it.

    Attributes:
        renames_atomically: Whether ``rename`` of a directory happens at once, and fails if the
            target is there and not empty.
    """

    renames_atomically: bool

    def status(self, path: str) -> FileStatus | None:
        """Return what is stored under ``path``, or None."""

    def list_status(self, path: str) -> list[FileStatus]:
        """Return the entries of a directory, in the storage's own order."""

    def open(self, path: str) -> BinaryIO:
        """Open a file for reading; the result can seek."""

    def create(self, path: str) -> BinaryIO:
        """Create or replace a file, and the directories above it."""

    def mkdirs(self, path: str) -> None:
        """Create a directory and those above it; nothing happens if it is there."""

    def rename(self, source: str, target: str) -> None:
        """Move a file or a whole directory; the target's parent must exist."""

    def delete(self, path: str) -> None:
        """Remove a file or a directory with all it holds; nothing happens if it is gone."""


def qualify(path: str, default_fs: str | None = None) -> str:
    """Return the full URI of a path, as Hadoop prints it.

    Args:
        path: A path or URI. ``hdfs:///data``, without a host, is on the default file system if
            that is HDFS, and else a directory of this machine.
        default_fs: Where paths without a scheme are, such as ``hdfs://namenode:8020``; by default
            among the local files.

    Raises:
        SparkIllegalArgumentException: If the path is empty.

    Example:
        >>> qualify("file:///data//a.txt"), qualify("/data/b/"), qualify("s3a://bucket/key")
        ('file:/data/a.txt', 'file:/data/b', 's3a://bucket/key')
        >>> qualify("/data/b", "hdfs://namenode:8020")
        'hdfs://namenode:8020/data/b'
    """
    if not path:
        raise SparkIllegalArgumentException("Can not create a Path from an empty string")
    match = _SCHEME.fullmatch(path)
    if match is None and default_fs:
        path = in_default_fs(path, default_fs)
        match = _SCHEME.fullmatch(path)
    # A colon after a slash belongs to a name, as in /data/a:b.
    if match is None:
        return "file:" + _clean(os.path.join(os.getcwd(), path))
    scheme, rest = match[1].lower(), match[2]
    if scheme == "file":
        return "file:" + _clean(re.sub(r"^//[^/]*", "", rest) or "/")
    if scheme == "hdfs" and not rest.startswith("//"):
        rest = f"//{rest}"
    if scheme == "hdfs" and rest.startswith("///"):
        return hdfs_uri(_clean(rest[2:]), default_fs).rstrip("/")
    if not rest.startswith("//"):
        return f"{scheme}://{_clean(rest)}"
    authority, slash, key = rest[2:].partition("/")
    return f"{scheme}://{authority}{_clean(slash + key) if key else ''}"


def _clean(path: str) -> str:
    """Collapse repeated slashes, ``.``, ``..`` and a final slash, keeping glob syntax."""
    path = re.sub(r"/(?:\.?/)+", "/", path)
    path = path.removesuffix("/.")
    if "/.." in path:
        path = posixpath.normpath(path)
    return path.rstrip("/") or "/"


def scheme_of(uri: str) -> str:
    """Return the scheme of a URI made by ``qualify``."""
    return uri.partition(":")[0]


def is_private(uri: str) -> bool:
    """Return whether files under ``uri`` are seen by no other process: those of ``memory://``.

    Such files must travel with the tasks that read them, and back from those that write them.
    """
    return scheme_of(uri) == "memory"


def file_system(uri: str) -> FileSystem:
    """Return the file system that serves a URI made by ``qualify``.

    Raises:
        SparkException: If nothing serves its scheme, or the package that does is missing; the
            message names the package.
    """
    scheme = scheme_of(uri)
    return _LOCAL if scheme == "file" else _FsspecFileSystem(scheme, uri)


class LocalFileSystem:
    """Files of this machine, under ``file:`` URIs."""

    renames_atomically = True

    def status(self, path: str) -> FileStatus | None:
        """Return what is stored under ``path``, or None."""
        try:
            found = os.stat(_local(path))
        except (FileNotFoundError, NotADirectoryError):
            return None
        is_directory = (found.st_mode & 0o170000) == 0o040000
        length = 0 if is_directory else found.st_size
        return FileStatus(path, length, is_directory, found.st_mtime)

    def list_status(self, path: str) -> list[FileStatus]:
        """Return the entries of a directory, in the order the disk gives them, as Spark does."""
        prefix = path.rstrip("/")
        statuses = []
        with os.scandir(_local(path)) as entries:
            for entry in entries:
                # Hadoop keeps checksums beside local files and never shows them.
                if entry.name.startswith(".") and entry.name.endswith(".crc"):
                    continue
                is_directory = entry.is_dir()
                try:
                    found = entry.stat()
                except FileNotFoundError:  # gone meanwhile, or a link to nothing
                    continue
                length = 0 if is_directory else found.st_size
                path_of_entry = f"{prefix}/{entry.name}"
                statuses.append(FileStatus(path_of_entry, length, is_directory, found.st_mtime))
        return statuses

    def open(self, path: str) -> BinaryIO:
        """Open a file for reading."""
        return open(_local(path), "rb")

    def create(self, path: str) -> BinaryIO:
        """Create or replace a file, and the directories above it."""
        name = _local(path)
        os.makedirs(os.path.dirname(name), exist_ok=True)
        _forget_checksum(name)
        return open(name, "wb")

    def mkdirs(self, path: str) -> None:
        """Create a directory and those above it."""
        os.makedirs(_local(path), exist_ok=True)

    def rename(self, source: str, target: str) -> None:
        """Move a file or a whole directory, replacing a file of that name."""
        _forget_checksum(_local(target))
        os.replace(_local(source), _local(target))

    def delete(self, path: str) -> None:
        """Remove a file or a directory with all it holds."""
        name = _local(path)
        if not os.path.isdir(name) or os.path.islink(name):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
            return
        for attempts_left in reversed(range(_DELETE_ATTEMPTS)):
            try:
                return shutil.rmtree(name)
            except FileNotFoundError:
                if not os.path.exists(name):
                    return
            except OSError:  # a task that is being stopped wrote another file meanwhile
                if not attempts_left:
                    raise
                time.sleep(0.05)


_LOCAL = LocalFileSystem()


def _forget_checksum(name: str) -> None:
    """Remove the checksum Hadoop wrote beside a file that is about to be replaced."""
    directory, _, base = name.rpartition("/")
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        os.unlink(f"{directory}/.{base}.crc")


def _local(uri: str) -> str:
    return uri[len("file:") :]


class _FsspecFileSystem:
    """Any storage fsspec can reach; the one place that touches it."""

    renames_atomically = False

    def __init__(self, scheme: str, uri: str) -> None:
        self._scheme = scheme
        self._protocol = _PROTOCOLS.get(scheme, scheme)
        self._fs = self._connect(uri)

    def _connect(self, uri: str) -> Any:
        import fsspec

        authority = uri.partition("://")[2].partition("/")[0]
        options = storage_options(self._protocol, authority)
        try:
            fs, _ = fsspec.core.url_to_fs(self._to_fsspec(uri), **options)
        except ImportError as error:
            package = _PACKAGES.get(self._protocol)
            remedy = f"Install the package {package}." if package else str(error)
            raise SparkException(
                f'No FileSystem for scheme "{self._scheme}": its Python package is not installed. '
                f"{remedy}"
            ) from error
        except ValueError as error:
            if "Protocol not known" not in str(error):
                raise
            raise SparkException(
                f'No FileSystem for scheme "{self._scheme}". Schemes that work: file, memory, and '
                "those of the installed fsspec packages (s3a through s3fs, gs through gcsfs, ...)."
            ) from None
        return fs

    def _to_fsspec(self, uri: str) -> str:
        return self._protocol + uri[len(self._scheme) :]

    def _status(self, info: dict[str, Any], path: str) -> FileStatus:
        is_directory = info["type"] == "directory"
        length = 0 if is_directory else int(info["size"] or 0)
        return FileStatus(path, length, is_directory, _modified(info))

    def status(self, path: str) -> FileStatus | None:
        """Return what is stored under ``path``, or None."""
        # Listings are cached by object stores' clients; what was just written must be seen.
        self._fs.invalidate_cache()
        try:
            return self._status(self._fs.info(self._to_fsspec(path)), path)
        except FileNotFoundError:
            return None

    def list_status(self, path: str) -> list[FileStatus]:
        """Return the entries of a directory."""
        self._fs.invalidate_cache()
        prefix = path.rstrip("/")
        entries = cast("list[dict[str, Any]]", self._fs.ls(self._to_fsspec(path), detail=True))
        names = [(entry["name"].rstrip("/").rpartition("/")[2], entry) for entry in entries]
        # Some stores list the directory's own marker among its entries.
        own = prefix.rpartition("/")[2]
        return [
            self._status(entry, f"{prefix}/{name}")
            for name, entry in names
            if not (name == own and entry["name"].strip("/") == _key(prefix))
        ]

    def open(self, path: str) -> BinaryIO:
        """Open a file for reading."""
        return cast(BinaryIO, self._fs.open(self._to_fsspec(path), "rb"))

    def create(self, path: str) -> BinaryIO:
        """Create or replace a file, and the directories above it."""
        self.mkdirs(path.rpartition("/")[0])
        return cast(BinaryIO, self._fs.open(self._to_fsspec(path), "wb"))

    def mkdirs(self, path: str) -> None:
        """Create a directory and those above it, where the storage has directories."""
        self._fs.makedirs(self._to_fsspec(path), exist_ok=True)

    def rename(self, source: str, target: str) -> None:
        """Move a file or a whole directory; object stores copy and delete."""
        is_directory = self._fs.isdir(self._to_fsspec(source))
        move: Callable[..., None] = self._fs.mv
        move(self._to_fsspec(source), self._to_fsspec(target), recursive=is_directory)

    def delete(self, path: str) -> None:
        """Remove a file or a directory with all it holds."""
        self._fs.invalidate_cache()
        if self._fs.exists(self._to_fsspec(path)):
            self._fs.rm(self._to_fsspec(path), recursive=True)


def _modified(info: dict[str, Any]) -> float:
    """Return when a file was written; every fsspec package has its own word for it."""
    for name in ("mtime", "LastModified", "last_modified", "updated", "created"):
        value = info.get(name)
        if isinstance(value, (int, float)):
            return float(value)
        if isinstance(value, datetime):
            return value.timestamp()
    return 0.0


def _key(uri: str) -> str:
    return uri.partition("://")[2].strip("/")
