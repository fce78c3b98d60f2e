"""Files, Python modules and archives that a program adds to its application.

The driver fetches each into one directory that all workers of the machine can read
(`UserFiles`); `SparkFiles` finds them there, in the driver and in tasks.
"""

from __future__ import annotations

import filecmp
import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, ClassVar, cast

from pyrite.core.errors import SparkException
from pyrite.core.hadoop.filesystem import FileSystem, file_system, qualify
from pyrite.core.shared.archives import unpack

__all__ = ["SparkFiles", "UserFiles", "put_on_sys_path"]

_PACKAGES = (".zip", ".egg", ".jar")
_WEB_SCHEMES = ("http://", "https://", "ftp://")


class SparkFiles:
    """Finds what was added by ``sc.addFile``, ``sc.addPyFile`` and ``sc.addArchive``.

    Only its class methods are of use.
    """

    _root_directory: ClassVar[str | None] = None
    #: Where else a file may be: the application's directory, inside of a session's scope.
    _further_root: ClassVar[str | None] = None

    def __init__(self) -> None:
        raise NotImplementedError("Do not construct SparkFiles objects")

    @classmethod
    def get(cls, filename: str) -> str:
        """Return the absolute path of an added file, whether or not there is one."""
        path = os.path.abspath(os.path.join(cls.getRootDirectory(), filename))
        if cls._further_root is not None and not os.path.lexists(path):
            further = os.path.abspath(os.path.join(cls._further_root, filename))
            return further if os.path.lexists(further) else path
        return path

    @classmethod
    def getRootDirectory(cls) -> str:
        """Return the directory of all added files.

        Raises:
            AssertionError: No SparkContext was started in this process.
        """
        if cls._root_directory is None:
            raise AssertionError("SparkFiles needs a running SparkContext")
        return cls._root_directory

    @classmethod
    def _use(cls, root: str | None) -> None:
        """Say where this process finds the files: its context or its worker loop calls this."""
        cls._root_directory = root

    @classmethod
    @contextmanager
    def _before(cls, root: str) -> Iterator[None]:
        """Look for files in another directory first, inside of a block."""
        further = cls._root_directory
        cls._root_directory, cls._further_root = root, further
        try:
            yield
        finally:
            cls._root_directory, cls._further_root = further, None


class UserFiles:
    """The driver's book of added files. Adding a path a second time does nothing, as in Spark.

    Args:
        root: The directory for the files; made at once.
        overwrite: Let a file replace another one of the same name (``spark.files.overwrite``).
        imports_here: Whether modules can be imported in the driver, too.
    """

    def __init__(self, root: str, overwrite: bool = False, imports_here: bool = True) -> None:
        os.makedirs(root, exist_ok=True)
        self.root = os.path.abspath(root)
        self._overwrite = overwrite
        self._imports_here = imports_here
        self._files: list[str] = []
        self._archives: list[str] = []
        self._python_packages: list[str] = []
        #: How often something was added.
        self.version = 0

    def add_file(self, path: str, recursive: bool = False, name: str = "") -> str:
        """Fetch a file, or a directory with all it holds, and return its name in the root.

        Args:
            path: A local path, or a URI of any file system Pyrite reads, or a web address.
            recursive: Accept a directory.
            name: What to call it in the root, if not as it is called there.

        Raises:
            FileNotFoundError: There is nothing there.
            SparkException: It is a directory and ``recursive`` is not set, a different file of
                the same name was added before, or nothing serves the address.
        """
        url = _url(path)
        listed = f"{url}#{name}" if name else url
        name = name or _name(url)
        if listed in self._files or f"{listed}/" in self._files:
            return name
        target = os.path.join(self.root, name)
        with self._making() as temporary:
            fetched = os.path.join(temporary, name)
            is_directory = _fetch(url, fetched, recursive)
            self._place(fetched, target, url)
        self._files.append(f"{listed}/" if is_directory else listed)
        self.version += 1
        return name

    def add_py_file(self, path: str) -> str:
        """Fetch a Python module or package and make it importable in the workers, and here.

        Raises:
            As `add_file`.
        """
        name = self.add_file(path)
        target = os.path.join(self.root, name)
        if name.lower().endswith(_PACKAGES) and target not in self._python_packages:
            self._python_packages.insert(0, target)
            self.version += 1
        if self._imports_here:
            put_on_sys_path(self.python_path())
        return name

    def add_archive(self, path: str) -> str:
        """Fetch an archive and unpack it into the root; return its directory's name there.

        Args:
            path: As for `add_file`; ``#name`` at its end names the directory, which otherwise
                is called like the archive.

        Raises:
            FileNotFoundError: There is nothing there.
            SparkException: The archive is damaged or reaches outside its directory, or
                something else of the same name was added before.
        """
        address, _, alias = path.partition("#")
        url = _url(address)
        listed = f"{url}#{alias}" if alias else url
        name = alias or _name(url)
        if listed in self._archives:
            return name
        target = os.path.join(self.root, name)
        with self._making() as temporary:
            fetched = os.path.join(temporary, "fetched")
            unpacked = os.path.join(temporary, "unpacked")
            if _fetch(url, fetched, recursive=True):
                unpacked = fetched
            else:
                unpack(fetched, unpacked, _name(url))
            self._place(unpacked, target, listed)
        self._archives.append(listed)
        self.version += 1
        return name

    def copy(self, root: str) -> UserFiles:
        """Return a book of the same files in another directory."""
        shutil.copytree(self.root, root)
        other = UserFiles(root, self._overwrite, self._imports_here)
        other._files = list(self._files)
        other._archives = list(self._archives)
        other.version = self.version
        other._python_packages = [
            os.path.join(other.root, os.path.relpath(package, self.root))
            for package in self._python_packages
        ]
        return other

    def list_files(self) -> list[str]:
        """Return the addresses of all added files, in the order they were added."""
        return list(self._files)

    def list_archives(self) -> list[str]:
        """Return the addresses of all added archives, in the order they were added."""
        return list(self._archives)

    def python_path(self) -> list[str]:
        """Return what belongs on the ``sys.path`` of driver and workers, first things first."""
        if not self._files and not self._archives:
            return []
        return [*self._python_packages, self.root]

    def _making(self) -> tempfile.TemporaryDirectory[str]:
        """Make a directory beside the root, where nobody looks for files yet."""
        beside, name = os.path.split(self.root)
        return tempfile.TemporaryDirectory(prefix=f".{name}-", dir=beside)

    def _place(self, source: str, target: str, url: str) -> None:
        """Move something fetched to its place, unless the same is there already."""
        if os.path.lexists(target):
            if _same(source, target):
                return
            if not self._overwrite:
                raise SparkException(
                    f"File {target} exists and does not match contents of {url}. Give it another "
                    "name, or set spark.files.overwrite to true."
                )
            if os.path.isdir(target):
                shutil.rmtree(target)
            else:
                os.unlink(target)
        os.replace(source, target)


def put_on_sys_path(paths: Iterable[str]) -> None:
    """Make modules under these paths importable, behind the program's own directory."""
    for path in reversed(list(paths)):
        if path not in sys.path:
            sys.path.insert(1, path)
    # A directory's listing is cached for a while, in which a new module would not be found.
    importlib.invalidate_caches()


def _url(path: str) -> str:
    """Return the address under which Spark lists a path."""
    return path.rstrip("/") if "://" in path else qualify(path)


def _name(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


def _fetch(url: str, target: str, recursive: bool) -> bool:
    """Copy what is at an address to a local path; tell whether it is a directory."""
    if url.startswith(_WEB_SCHEMES):
        _download(url, target)
        return False
    uri = qualify(url)
    fs = file_system(uri)
    status = fs.status(uri)
    if status is None:
        raise FileNotFoundError(f"File {url} does not exist")
    if not status.is_directory:
        _copy(fs.open(uri), target)
        return False
    if not recursive:
        raise SparkException(
            f"[UNSUPPORTED_ADD_FILE.DIRECTORY] Don't support add file. The file {url}/ is a "
            "directory, consider to add it with recursive=True. SQLSTATE: 0A000"
        )
    _copy_directory(fs, uri, target)
    return True


def _copy_directory(fs: FileSystem, uri: str, target: str) -> None:
    os.makedirs(target)
    for entry in fs.list_status(uri):
        inner = os.path.join(target, entry.name)
        if entry.is_directory:
            _copy_directory(fs, entry.path, inner)
        else:
            _copy(fs.open(entry.path), inner)


def _download(url: str, target: str) -> None:
    # Most programs fetch nothing from the web and should not wait for its machinery.
    from urllib.error import HTTPError, URLError
    from urllib.request import urlopen

    try:
        response = cast(BinaryIO, urlopen(url))
    except HTTPError as error:
        error.close()
        raise FileNotFoundError(f"File {url} does not exist: {error}") from error
    except URLError as error:
        raise SparkException(f"Cannot fetch {url}: {error.reason}") from error
    _copy(response, target)


def _copy(source: BinaryIO, target: str) -> None:
    with source, open(target, "wb") as file:
        shutil.copyfileobj(source, file, 1 << 20)


def _same(one: str, other: str) -> bool:
    """Compare two files, or two directories with all they hold."""
    if not (os.path.isdir(one) and os.path.isdir(other)):
        both_files = os.path.isfile(one) and os.path.isfile(other)
        return both_files and filecmp.cmp(one, other, shallow=False)
    names = sorted(os.listdir(one))
    return names == sorted(os.listdir(other)) and all(
        _same(os.path.join(one, name), os.path.join(other, name)) for name in names
    )
