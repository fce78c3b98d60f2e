"""FileFormat: what one kind of file is to the rest: its schema, its FileScan, its types."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pyrite.core.hadoop.filesystem import FileStatus
from pyrite.sql.conf import ANSI_ENABLED, SESSION_TIME_ZONE, SQLConf
from pyrite.sql.errors import SparkError
from pyrite.sql.sources.file_index import FileIndex, Piece, list_files
from pyrite.sql.sources.file_output import FileOutput, WriteRequest
from pyrite.sql.sources.options import SourceOptions
from pyrite.sql.types import (
    ArrayType,
    DataType,
    MapType,
    StructType,
    UserDefinedType,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FileFormat", "FileScan", "ReadRequest"]


@dataclass(frozen=True)
class ReadRequest:
    """What a read is asked for.

    Attributes:
        options: The reader's.
        conf: The session's settings.
        index: The files.
        user_schema: The data columns as the user gave them; None to find out.
        texts: An Arrow array of lines to read in the place of files.
    """

    options: SourceOptions
    conf: SQLConf
    index: FileIndex
    user_schema: StructType | None = None
    texts: Any = None

    @property
    def time_zone(self) -> str:
        """The zone of timestamps without one."""
        zone: str = self.conf.read(SESSION_TIME_ZONE)
        return self.options.time_zone(zone)

    @property
    def ansi(self) -> bool:
        """Whether the session is in ANSI mode."""
        return bool(self.conf.read(ANSI_ENABLED))

    def with_index(self, index: FileIndex) -> ReadRequest:
        """Return the same request for other files."""
        return replace(self, index=index)


@dataclass(frozen=True, eq=False)
class FileScan(ABC):
    """A ``plans.scan.Scan`` of files.

    Attributes:
        format: The format's name.
        request: The files, and how to read them.
        schema: The data columns, and after them the partition columns.
    """

    format: str
    request: ReadRequest
    schema: StructType

    @property
    def name(self) -> str:
        """The format and its paths, for ``explain``; of a part of a scan, the files."""
        index = self.request.index
        shown = index.roots if index.sample is None else index.part_texts
        return f"{self.format} [{', '.join(shown)}]"

    @property
    def paths(self) -> Sequence[str]:
        """The files."""
        return self.request.index.uris

    @property
    def identity(self) -> Any:
        """The paths, the options and the columns; of texts that are no files, the texts."""
        request = self.request
        part = (request.index.files, request.index.ranges) if request.index.is_part else None
        names = [(field.name, field.dataType.json()) for field in self.schema.fields]
        texts = None if request.texts is None else id(request.texts)
        options = sorted(request.options.items())
        return self.format, request.index.roots, part, options, names, texts, request.time_zone

    def has_changed(self) -> bool:
        """Return whether other files are there now, or some were written anew."""
        request = self.request
        try:
            found = list_files(request.index.roots, request.options, request.conf).files
        except SparkError:
            found = ()
        return set(found) != set(request.index.files)

    def pieces(self, file: FileStatus, size: int) -> Sequence[Piece]:
        """Return the pieces in which a file may be read; all of it, unless a format knows more.

        Args:
            file: One of the files.
            size: Pieces are cut no smaller than they have to be to have so many bytes.
        """
        return (Piece(None, file.length),)

    def part(self, index: FileIndex) -> FileScan:
        """Return the scan of some of the files, or of pieces of them.

        Whatever the scan has learned from its files stays true of each part.
        """
        return replace(self, request=self.request.with_index(index))

    @abstractmethod
    def sql(self, columns: Sequence[str], batches: str = "") -> str:
        """Return a DuckDB table expression."""

    @property
    def gives_arrow(self) -> bool:
        """Whether Python opens the files."""
        return False

    def arrow(self, columns: Sequence[str]) -> pa.RecordBatchReader | None:
        """Return the batches the SQL reads, if Python opens the files."""
        return None


def all_types(data_type: DataType) -> bool:
    """Say yes to every type."""
    return True


@dataclass(frozen=True)
class FileFormat:
    """One kind of file.

    Attributes:
        name: Its short name, such as ``csv``.
        display: Its name in messages, such as ``CSV``.
        classes: Java classes users may name in its place.
        infer: The columns of some files; None when there is nothing to tell them from.
        scan: Reads files; gets the data columns and, after them, the partition columns.
        supports: Whether a column of a type without parts can be stored.
        nested: Whether arrays, maps and structs can be.
        output: Writes files; None for a format that is only read.
    """

    name: str
    display: str
    classes: tuple[str, ...]
    infer: Callable[[ReadRequest], StructType | None]
    scan: Callable[[ReadRequest, StructType], FileScan]
    supports: Callable[[DataType], bool] = all_types
    nested: bool = True
    output: Callable[[WriteRequest], FileOutput] | None = None

    def can_store(self, data_type: DataType) -> bool:
        """Return whether a column of a type can be read and written."""
        match data_type:
            case ArrayType():
                return self.nested and self.can_store(data_type.elementType)
            case MapType():
                return (
                    self.nested
                    and self.can_store(data_type.keyType)
                    and self.can_store(data_type.valueType)
                )
            case StructType():
                return self.nested and all(self.can_store(f.dataType) for f in data_type.fields)
            case UserDefinedType():
                return self.can_store(data_type.sqlType())
            case _:
                return self.supports(data_type)
