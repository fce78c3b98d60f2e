"""Where ``hdfs:///`` and paths without a scheme are: on the configured Hadoop, or on this machine.

Hadoop names its default file system in ``fs.defaultFS``, in the file ``core-site.xml`` of the
directory ``HADOOP_CONF_DIR``. Where nobody configured one, ``hdfs:///`` is a directory of this
machine, ``~/.pyrite/hdfs`` or that of the environment variable ``PYRITE_HDFS_DIR``, so that
programs written for a cluster run without one.
"""

from __future__ import annotations

import getpass
import os
from functools import lru_cache
from xml.etree import ElementTree

from pyrite.core.errors import SparkException

__all__ = [
    "DEFAULT_FS",
    "configured_default_fs",
    "default_fs_in",
    "hadoop_user",
    "hdfs_uri",
    "in_default_fs",
]

#: The setting that names the file system of paths without a scheme.
DEFAULT_FS = "fs.defaultFS"


def configured_default_fs() -> str | None:
    """Return ``fs.defaultFS`` of the Hadoop that ``HADOOP_CONF_DIR`` configures, or None.

    Raises:
        SparkException: If its ``core-site.xml`` cannot be read.
    """
    directory = os.environ.get("HADOOP_CONF_DIR")
    file = os.path.join(directory, "core-site.xml") if directory else ""
    return default_fs_in(file) if os.path.exists(file) else None


def default_fs_in(file: str) -> str | None:
    """Return what one of Hadoop's configuration files says of ``fs.defaultFS``.

    Raises:
        SparkException: If the file cannot be read.
    """
    try:
        return _read_default_fs(file, os.stat(file).st_mtime_ns)
    except (OSError, ElementTree.ParseError) as error:
        raise SparkException(
            f"{file}, which is to have Hadoop's settings, cannot be read: {error}. "
            "Mend it, or do not name it with -conf or its directory in HADOOP_CONF_DIR."
        ) from None


@lru_cache(maxsize=8)
def _read_default_fs(file: str, _written: int) -> str | None:
    """Read a file of settings, again when it was written anew."""
    found = None
    for setting in ElementTree.parse(file).getroot().iter("property"):
        if setting.findtext("name", "").strip() in (DEFAULT_FS, "fs.default.name"):
            found = setting.findtext("value", "").strip() or None
    return found


def hadoop_user() -> str:
    """Return whom Hadoop takes the user for: ``HADOOP_USER_NAME``, else who they are."""
    return os.environ.get("HADOOP_USER_NAME") or getpass.getuser()


def hdfs_uri(path: str, default_fs: str | None = None) -> str:
    """Return where ``hdfs://`` and an absolute path without a host is.

    Args:
        path: The path, from its first slash.
        default_fs: The default file system; by default the configured one.

    Returns:
        A URI with the default's host, where the default is HDFS on a host; otherwise that of a
        file of this machine.
    """
    default = default_fs or configured_default_fs() or ""
    if default.lower().startswith("hdfs://") and default[len("hdfs://") :].strip("/"):
        return default.rstrip("/") + path
    root = os.environ.get("PYRITE_HDFS_DIR") or os.path.join("~", ".pyrite", "hdfs")
    return "file:" + os.path.abspath(os.path.expanduser(root)) + path


def in_default_fs(path: str, default_fs: str | None) -> str:
    """Return a path without a scheme as a path or URI of the default file system.

    Args:
        path: The path; a relative one is below ``/user/NAME``, except among local files.
        default_fs: Such as ``hdfs://namenode:8020``; None and ``file:///`` mean local files.

    Example:
        >>> in_default_fs("/logs/a", "hdfs://namenode:8020/"), in_default_fs("logs", "file:///")
        ('hdfs://namenode:8020/logs/a', 'logs')
    """
    scheme, colon, rest = (default_fs or "").partition("://")
    if not colon or scheme.lower() == "file":
        return path
    absolute = path if path.startswith("/") else f"/user/{hadoop_user()}/{path}"
    return f"{scheme}://{rest.partition('/')[0]}{absolute}"
