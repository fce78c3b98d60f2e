"""Where an event log's bytes go: one file, or Spark's directory of rolling files.

    single file   <dir>/<app id>[.zstd].inprogress         renamed without .inprogress at the end
    rolling       <dir>/eventlog_v2_<app id>/
                      appstatus_<app id>.inprogress        renamed likewise
                      events_1_<app id>[.zstd], events_2_...

A line that was flushed survives a crash: flushing reaches the file, through the compressor too.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Mapping
from typing import Any, Protocol, cast

from pyrite.core.conf import ConfigEntry, parse_bool, parse_bytes
from pyrite.core.errors import SparkException, SparkIllegalArgumentException
from pyrite.core.hadoop.filesystem import qualify

__all__ = ["EventLogWriter", "RollingLogWriter", "SingleFileLogWriter", "open_event_log"]

_DIR = ConfigEntry("spark.eventLog.dir", "file:///tmp/spark-events", str)
_COMPRESS = ConfigEntry("spark.eventLog.compress", "true", parse_bool)
_CODEC = ConfigEntry("spark.eventLog.compression.codec", "zstd", str)
_OVERWRITE = ConfigEntry("spark.eventLog.overwrite", "false", parse_bool)
_ROLLING = ConfigEntry("spark.eventLog.rolling.enabled", "true", parse_bool)
_MAX_FILE_SIZE = ConfigEntry("spark.eventLog.rolling.maxFileSize", "128m", parse_bytes)
_SMALLEST_MAX_FILE_SIZE = 10 << 20
_IN_PROGRESS = ".inprogress"


class EventLogWriter(Protocol):
    """Takes lines until it is closed."""

    @property
    def path(self) -> str:
        """The log's final file or directory."""

    def write(self, line: bytes, flush: bool) -> None:
        """Append a line; with ``flush`` it, and all before it, are in the file on return."""

    def close(self) -> None:
        """Finish the log and take away its mark of being in progress."""


class _LogFile:
    """One file of lines, compressed or not."""

    def __init__(self, file_system: Any, path: str, compress: bool) -> None:
        self._raw = file_system.open(path, "wb")
        if isinstance(file_system.protocol, tuple) and "file" in file_system.protocol:
            os.chmod(path, 0o660)
        self._out = self._raw
        if compress:
            import pyarrow

            self._out = pyarrow.CompressedOutputStream(self._raw, "zstd")
        self._compressed = compress

    def write(self, line: bytes, flush: bool) -> None:
        self._out.write(line)
        if flush:
            self._out.flush()
            self._raw.flush()

    def size(self) -> int:
        """Bytes in the file so far, after compression."""
        return cast(int, self._raw.tell())

    def close(self) -> None:
        self._out.close()
        if self._compressed and not self._raw.closed:
            self._raw.close()


class SingleFileLogWriter:
    """The whole log in one file, named ``<path>.inprogress`` until it is closed."""

    def __init__(self, file_system: Any, path: str, compress: bool) -> None:
        self._file_system = file_system
        self.path = path
        self._file = _LogFile(file_system, path + _IN_PROGRESS, compress)

    def write(self, line: bytes, flush: bool) -> None:
        """Append a line."""
        self._file.write(line, flush)

    def close(self) -> None:
        """Close the file and give it its final name."""
        self._file.close()
        self._file_system.mv(self.path + _IN_PROGRESS, self.path)


class RollingLogWriter:
    """A directory of files; the next one begins when one has reached ``max_file_size`` bytes."""

    def __init__(
        self, file_system: Any, path: str, app: str, compress: bool, max_file_size: int
    ) -> None:
        self._file_system = file_system
        self.path = path
        self._suffix = f"{app}.zstd" if compress else app
        self._compress = compress
        self._max_file_size = max_file_size
        self._status_path = posixpath.join(path, f"appstatus_{app}")
        file_system.makedirs(path, exist_ok=True)
        file_system.touch(self._status_path + _IN_PROGRESS)
        self._index = 1
        self._file = self._open()

    def write(self, line: bytes, flush: bool) -> None:
        """Append a line, in the next file if this one is full."""
        if self._file.size() >= self._max_file_size:
            self._file.close()
            self._index += 1
            self._file = self._open()
        self._file.write(line, flush)

    def close(self) -> None:
        """Close the last file and mark the application as finished."""
        self._file.close()
        self._file_system.mv(self._status_path + _IN_PROGRESS, self._status_path)

    def _open(self) -> _LogFile:
        path = posixpath.join(self.path, f"events_{self._index}_{self._suffix}")
        return _LogFile(self._file_system, path, self._compress)


def open_event_log(app_id: str, conf: Mapping[str, str]) -> EventLogWriter:
    """Create the log of an application as ``spark.eventLog.*`` say.

    Args:
        app_id: The application's id, which names the log.
        conf: The application's settings.

    Raises:
        SparkException: If ``spark.eventLog.dir`` is not there, or the log already is.
        SparkIllegalArgumentException: If a setting cannot be used.
    """
    from fsspec.core import url_to_fs

    directory = _DIR.read(conf)
    file_system, root = url_to_fs(qualify(directory))
    if not file_system.exists(root):
        raise SparkException(
            f"File {directory} does not exist. Create the directory, or set "
            f"{_DIR.key} to one that is there."
        )
    if not file_system.isdir(root):
        raise SparkIllegalArgumentException(
            f"Log directory {directory} is not a directory. Set {_DIR.key} to one that is."
        )
    compress = _compression(conf)
    app = _file_name(app_id)
    if _ROLLING.read(conf):
        path = posixpath.join(root, f"eventlog_v2_{app}")
        _refuse_existing(file_system, path, conf)
        return RollingLogWriter(file_system, path, app, compress, _max_file_size(conf))
    path = posixpath.join(root, f"{app}.zstd" if compress else app)
    _refuse_existing(file_system, path, conf)
    return SingleFileLogWriter(file_system, path, compress)


def _refuse_existing(file_system: Any, path: str, conf: Mapping[str, str]) -> None:
    if not file_system.exists(path):
        return
    if not _OVERWRITE.read(conf):
        raise SparkException(
            f"Target log file already exists ({path}). Remove it, or set {_OVERWRITE.key}=true."
        )
    file_system.rm(path, recursive=True)


def _compression(conf: Mapping[str, str]) -> bool:
    if not _COMPRESS.read(conf):
        return False
    codec = _CODEC.read(conf)
    if codec not in ("zstd", "org.apache.spark.io.ZStdCompressionCodec"):
        raise SparkIllegalArgumentException(
            f"{_CODEC.key}: '{codec}' is not available. Set it to zstd, or set "
            f"{_COMPRESS.key}=false."
        )
    return True


def _max_file_size(conf: Mapping[str, str]) -> int:
    size = _MAX_FILE_SIZE.read(conf)
    if size < _SMALLEST_MAX_FILE_SIZE:
        raise SparkIllegalArgumentException(
            f"{_MAX_FILE_SIZE.key}: Max file size of event log ({size} bytes) should be "
            f"configured to be at least {_SMALLEST_MAX_FILE_SIZE} bytes."
        )
    return size


def _file_name(app_id: str) -> str:
    """Spark's spelling of an application id inside a path."""
    return re.sub(r"[.${}'\"]", "_", re.sub(r"[ :/]", "-", app_id)).lower()
