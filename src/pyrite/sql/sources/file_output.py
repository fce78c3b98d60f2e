"""FileOutput: how one format writes the files of a save."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol

from pyrite.core.hadoop.codecs import Codec, find_codec
from pyrite.sql.conf import SESSION_TIME_ZONE, SQLConf
from pyrite.sql.errors import SparkError, illegal_argument
from pyrite.sql.sources.options import SourceOptions
from pyrite.sql.types import StructType

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["BatchWriter", "FileOutput", "WriteRequest", "text_codec", "unknown_codec"]


@dataclass(frozen=True)
class WriteRequest:
    """What a save is asked for.

    Attributes:
        options: The writer's.
        conf: The session's settings.
        schema: The columns that go into files: all but the partition columns.
    """

    options: SourceOptions
    conf: SQLConf
    schema: StructType

    @property
    def time_zone(self) -> str:
        """The zone in which timestamps are written as text."""
        zone: str = self.conf.read(SESSION_TIME_ZONE)
        return self.options.time_zone(zone)


class BatchWriter(Protocol):
    """An open file."""

    def write(self, table: pa.Table) -> None:
        """Add rows."""

    def close(self) -> None:
        """Write what is left, and close the file."""


@dataclass(frozen=True)
class FileOutput:
    """How files are written.

    Attributes:
        extension: The end of their names, such as ``.snappy.parquet``.
        open: From an open empty file to its writer.
    """

    extension: str
    open: Callable[[BinaryIO], BatchWriter]


def unknown_codec(name: str, known: list[str]) -> SparkError:
    """Make the error of a compression that a format does not have."""
    return illegal_argument(
        "CODEC_NOT_AVAILABLE.WITH_AVAILABLE_CODECS_SUGGESTION",
        codecName=name,
        availableCodecs=", ".join(known),
    )


_TEXT_CODECS = ("bzip2", "deflate", "gzip", "lz4", "snappy", "zstd")


def text_codec(options: SourceOptions) -> Codec | None:
    """Return the codec of a text format's files, None for plain files.

    Raises:
        SparkError: If there is no such codec; the message lists them.
    """
    name = options.text("compression", "codec", default="none").lower()
    if name in ("none", "uncompressed"):
        return None
    if name in _TEXT_CODECS or "." in name:
        return find_codec(name)
    raise unknown_codec(name, [*_TEXT_CODECS, "none", "uncompressed"])
