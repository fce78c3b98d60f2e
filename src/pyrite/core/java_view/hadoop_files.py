"""``org.apache.hadoop.fs``: Hadoop's FileSystem and Path, on this engine's file systems."""

from __future__ import annotations

from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.core.hadoop.filesystem import FileStatus, file_system, qualify
from pyrite.core.hadoop.input_paths import glob
from pyrite.core.java_view.java_classes import JavaUri
from pyrite.core.java_view.view import JavaView

__all__ = ["JavaFileSystem", "JavaPath"]


class JavaPath(JavaView):
    """``Path``: a name in some file system.

    Args:
        parent: The path, or the one above ``child``.
        child: A name below it.
    """

    java_name = "org.apache.hadoop.fs.Path"

    def __init__(self, parent: str | JavaPath | JavaUri, child: str | JavaPath = "") -> None:
        self._text = "/".join(str(part).rstrip("/") or "/" for part in (parent, child) if part)
        if not self._text:
            raise SparkIllegalArgumentException("Can not create a Path from an empty string")

    def __str__(self) -> str:
        return self._text

    def getName(self) -> str:
        """Return the last part."""
        return self._text.rpartition("/")[2]

    def getParent(self) -> JavaPath | None:
        """Return the path above, None at the top."""
        above = self._text.rpartition("/")[0]
        return JavaPath(above) if above else None

    def suffix(self, text: str) -> JavaPath:
        """Return the path with more at the end of its name."""
        return JavaPath(self._text + text)

    def toUri(self) -> JavaUri:
        """Return the path as a URI."""
        return JavaUri(self._text)

    def getFileSystem(self, conf: object = None) -> JavaFileSystem:
        """Return the file system the path is in."""
        return JavaFileSystem()


class JavaFileStatus(JavaView):
    """``FileStatus``: what a file system knows of a name.

    Args:
        status: This engine's own.
    """

    java_name = "org.apache.hadoop.fs.FileStatus"

    def __init__(self, status: FileStatus) -> None:
        self._status = status

    def getPath(self) -> JavaPath:
        """Return the full path."""
        return JavaPath(self._status.path)

    def getLen(self) -> int:
        """Return the size in bytes."""
        return self._status.length

    def isDirectory(self) -> bool:
        """Whether it holds other names."""
        return self._status.is_directory

    def isFile(self) -> bool:
        """Whether it is a file."""
        return not self._status.is_directory

    def getModificationTime(self) -> int:
        """Return when it was last written, in milliseconds since 1970."""
        return int(self._status.modified * 1000)


class JavaFileSystem(JavaView):
    """``FileSystem``, the class and its objects: each path is found where its scheme says."""

    java_name = "org.apache.hadoop.fs.FileSystem"

    def get(self, *uri_or_conf: object) -> JavaFileSystem:
        """Return a file system."""
        return self

    getLocal = newInstance = get  # noqa: N815

    def exists(self, path: JavaPath) -> bool:
        """Whether there is something of this name."""
        return self._status(path) is not None

    def isDirectory(self, path: JavaPath) -> bool:
        """Whether there is a directory of this name."""
        status = self._status(path)
        return status is not None and status.is_directory

    def isFile(self, path: JavaPath) -> bool:
        """Whether there is a file of this name."""
        status = self._status(path)
        return status is not None and not status.is_directory

    def getFileStatus(self, path: JavaPath) -> JavaFileStatus:
        """Return what is known of a name.

        Raises:
            FileNotFoundError: If there is nothing.
        """
        return JavaFileStatus(self._found(path))

    def listStatus(self, path: JavaPath) -> list[JavaFileStatus]:
        """Return what a directory holds, by name, or the file itself.

        Raises:
            FileNotFoundError: If there is nothing of this name.
        """
        status = self._found(path)
        if not status.is_directory:
            return [JavaFileStatus(status)]
        entries = file_system(status.path).list_status(status.path)
        return [JavaFileStatus(entry) for entry in sorted(entries, key=lambda entry: entry.path)]

    def globStatus(self, path: JavaPath) -> list[JavaFileStatus]:
        """Return what a pattern matches."""
        uri = qualify(str(path))
        return [JavaFileStatus(status) for status in glob(file_system(uri), uri)]

    def mkdirs(self, path: JavaPath) -> bool:
        """Create a directory and those above it."""
        uri = qualify(str(path))
        file_system(uri).mkdirs(uri)
        return True

    def delete(self, path: JavaPath, recursive: bool = True) -> bool:
        """Remove a file, or a directory with all it holds; return whether there was one.

        Raises:
            OSError: If it is a directory that is not empty, and ``recursive`` is false.
        """
        status = self._status(path)
        if status is None:
            return False
        fs = file_system(status.path)
        if status.is_directory and not recursive and fs.list_status(status.path):
            raise OSError(f"{status.path} is non empty")
        fs.delete(status.path)
        return True

    def rename(self, source: JavaPath, target: JavaPath) -> bool:
        """Move a file or a directory, into ``target`` if that is a directory; tell whether."""
        status, into = self._status(source), self._status(target)
        if status is None:
            return False
        moved = qualify(str(target))
        if into is not None and into.is_directory:
            moved = f"{moved}/{status.name}"
        file_system(status.path).rename(status.path, moved)
        return True

    def _status(self, path: JavaPath) -> FileStatus | None:
        uri = qualify(str(path))
        return file_system(uri).status(uri)

    def _found(self, path: JavaPath) -> FileStatus:
        status = self._status(path)
        if status is None:
            raise FileNotFoundError(f"File {path} does not exist")
        return status
