"""Unpacking archives that were added to an application, without leaving their directory.

An entry that would be written elsewhere (an absolute path, ``..``, a link followed outwards)
makes the whole archive unusable: nothing of it stays behind.
"""

from __future__ import annotations

import os
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable

from pyrite.core.errors import SparkException

__all__ = ["unpack"]


def unpack(archive: str, target: str, name: str) -> None:
    """Unpack an archive into a new directory; a file that is no archive is copied as it is.

    Args:
        archive: The local file.
        target: The directory to make.
        name: The archive's file name, whose ending tells its kind (``.zip``, ``.jar``,
            ``.tar``, ``.tar.gz``, ``.tgz``).

    Raises:
        SparkException: The archive is damaged, or has an entry outside the directory.
    """
    extract = next((e for end, e in _KINDS.items() if name.lower().endswith(end)), None)
    if extract is None:
        shutil.copyfile(archive, target)
        return
    # Beside the target, so that the finished directory can be renamed into its place.
    temporary = tempfile.mkdtemp(prefix=".unpacking-", dir=os.path.dirname(target))
    try:
        extract(archive, temporary)
        os.chmod(temporary, 0o755)
        os.replace(temporary, target)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise SparkException(f"Cannot unpack archive {name}: {error}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _extract_zip(archive: str, directory: str) -> None:
    inside = os.path.realpath(directory) + os.sep
    with zipfile.ZipFile(archive) as file:
        for entry in file.infolist():
            path = os.path.realpath(os.path.join(directory, entry.filename))
            if not (path + os.sep).startswith(inside):
                raise zipfile.BadZipFile(f"its entry {entry.filename!r} lies outside the archive")
        for entry in file.infolist():
            path = file.extract(entry, directory)
            mode = stat.S_IMODE(entry.external_attr >> 16)
            if mode and not entry.is_dir():
                os.chmod(path, mode | stat.S_IRUSR)


def _extract_tar(archive: str, directory: str) -> None:
    with tarfile.open(archive) as file:
        # The "tar" filter follows links before it decides what is outside. The stricter "data"
        # filter would refuse packed Python environments, which link to an interpreter elsewhere.
        if hasattr(tarfile, "tar_filter"):
            file.extractall(directory, filter="tar")
        else:  # Python before 3.11.4
            for entry in file:
                file.extract(_inside(entry, os.path.realpath(directory)), directory)


def _inside(entry: tarfile.TarInfo, directory: str) -> tarfile.TarInfo:
    """Return the entry without leading slashes; raise if it, or its hard link, leads outside."""
    entry.name = entry.name.lstrip("/")
    for name in (entry.name, *([entry.linkname] if entry.islnk() else [])):
        path = os.path.realpath(os.path.join(directory, name))
        if os.path.commonpath([path, directory]) != directory:
            raise tarfile.TarError(f"its entry {entry.name!r} lies outside the archive")
    return entry


_KINDS: dict[str, Callable[[str, str], None]] = {
    ".zip": _extract_zip,
    ".jar": _extract_zip,
    ".tar": _extract_tar,
    ".tar.gz": _extract_tar,
    ".tgz": _extract_tar,
}
