"""Text: one row for each line, or for each file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pyrite.core.hadoop.filesystem import FileStatus
from pyrite.sql.duckdb_text import identifier
from pyrite.sql.sources.file_format import FileFormat, FileScan, ReadRequest
from pyrite.sql.sources.file_index import Piece
from pyrite.sql.sources.lines import LINE, Lines, check_encoding
from pyrite.sql.sources.text_writer import text_output
from pyrite.sql.types import STRING, DataType, StringType, StructField, StructType

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TEXT"]


@dataclass(frozen=True, eq=False)
class TextScan(FileScan):
    """Text files: one text column, and after it the partition columns."""

    @cached_property
    def _lines(self) -> Lines:
        options = self.request.options
        return Lines(
            self.request.index,
            options.get("lineSep"),
            check_encoding(options.text("encoding", "charset", default="UTF-8"), "TextOptions"),
            whole=options.flag("wholetext", False),
        )

    def sql(self, columns: Sequence[str], batches: str = "") -> str:
        """Return a query over the lines of the files."""
        partitions = self.request.index.partition_schema.names
        wanted = {name.lower() for name in columns}
        items = [
            identifier(f.name) if f.name in partitions else f"{LINE} AS {identifier(f.name)}"
            for f in self.schema.fields
            if f.name.lower() in wanted
        ]
        return f"(SELECT {', '.join(items) or '1'} FROM {self._lines.sql(batches)})"

    def pieces(self, file: FileStatus, size: int) -> Sequence[Piece]:
        """Return pieces of whole lines."""
        return self._lines.pieces(file, size)

    @property
    def gives_arrow(self) -> bool:
        """Whether DuckDB does not read the lines itself."""
        return self._lines.gives_arrow

    def arrow(self, columns: Sequence[str]) -> pa.RecordBatchReader | None:
        """Return the lines where DuckDB does not read them itself."""
        return self._lines.arrow()


def _infer(request: ReadRequest) -> StructType:
    return StructType([StructField("value", STRING)])


def _scan(request: ReadRequest, schema: StructType) -> FileScan:
    return TextScan("text", request, schema)


def _supports(data_type: DataType) -> bool:
    return isinstance(data_type, StringType)


TEXT = FileFormat(
    "text",
    "Text",
    (
        "org.apache.spark.sql.execution.datasources.text",
        "org.apache.spark.sql.execution.datasources.text.TextFileFormat",
    ),
    _infer,
    _scan,
    _supports,
    nested=False,
    output=text_output,
)
