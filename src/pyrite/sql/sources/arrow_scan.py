"""ArrowScan: files that Python opens, one Arrow table after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyrite.core.hadoop.filesystem import FileStatus
from pyrite.sql.duckdb_text import identifier
from pyrite.sql.sources.column_defaults import existence_text
from pyrite.sql.sources.file_format import FileScan
from pyrite.sql.sources.file_index import Piece
from pyrite.sql.types import to_duckdb

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ArrowScan", "constant_column"]


@dataclass(frozen=True, eq=False)
class ArrowScan(FileScan):
    """Files whose content Python turns into Arrow tables.

    Attributes:
        read: From a file, the columns wanted, and which of its pieces are (None for all), to a
            table that has those columns that it knows.
        cut: From a file to its pieces, known by their numbers; None for a format without any.
    """

    read: Callable[[FileStatus, Sequence[str], range | None], pa.Table]
    cut: Callable[[FileStatus], Sequence[Piece]] | None = None

    def pieces(self, file: FileStatus, size: int) -> Sequence[Piece]:
        """Return the file's stripes or row groups."""
        return super().pieces(file, size) if self.cut is None else self.cut(file)

    def sql(self, columns: Sequence[str], batches: str = "") -> str:
        """Return a SELECT that gives the batches' columns the schema's types."""
        wanted = {name.lower() for name in columns}
        items = [
            f"CAST({identifier(f.name)} AS {to_duckdb(f.dataType)}) AS {identifier(f.name)}"
            for f in self.schema.fields
            if f.name.lower() in wanted
        ]
        return f"(SELECT {', '.join(items) or '1'} FROM {batches})"

    @property
    def gives_arrow(self) -> bool:
        """Always."""
        return True

    def arrow(self, columns: Sequence[str]) -> pa.RecordBatchReader | None:
        """Return the files' rows, with partition columns as text."""
        import pyarrow as pa

        tables = self._tables(columns)
        first = next(tables, None)
        wanted = {name.lower() for name in columns}
        names = [f.name for f in self.schema.fields if f.name.lower() in wanted]
        if first is None:
            empty = pa.schema([(name, pa.null()) for name in names or ["_"]])
            return pa.RecordBatchReader.from_batches(empty, iter(()))
        schema = first.schema

        def batches() -> Iterator[pa.RecordBatch]:
            yield from first.to_batches()
            for table in tables:
                yield from table.cast(schema).to_batches()

        return pa.RecordBatchReader.from_batches(schema, batches())

    def _tables(self, columns: Sequence[str]) -> Iterator[Any]:
        index = self.request.index
        wanted = {name.lower() for name in columns}
        partitions = index.partition_schema.names
        fields = [f for f in self.schema.fields if f.name.lower() in wanted]
        chosen = [f.name for f in fields]
        defaults = {f.name: existence_text(f) for f in fields}
        data = [name for name in chosen if name not in partitions]
        for file, part, row in zip(index.files, index.parts, index.rows_of_values, strict=True):
            table = self.read(file, data, part)
            known = {name.lower() for name in table.column_names}
            constants: dict[str, str | None] = {
                name: text
                for name, text in defaults.items()
                if text is not None and name.lower() not in known
            }
            constants.update(zip(partitions, row, strict=True))
            yield _complete(table, chosen, constants)


def _complete(table: Any, names: Sequence[str], constants: dict[str, str | None]) -> Any:
    """Return a table of exactly these columns: the table's own, constants, and nulls."""
    import pyarrow as pa

    known = {name.lower(): name for name in table.column_names}
    arrays = []
    for name in names:
        if name in constants:
            arrays.append(constant_column(constants[name], table.num_rows))
        elif name.lower() in known:
            arrays.append(table.column(known[name.lower()]))
        else:
            arrays.append(pa.nulls(table.num_rows))
    if not names:
        return pa.table({"_": pa.nulls(table.num_rows)})
    return pa.table(arrays, names=list(names))


def constant_column(text: str | None, length: int) -> Any:
    """Return an Arrow string array of one text, or of nulls."""
    import pyarrow as pa

    return pa.nulls(length, pa.string()) if text is None else pa.repeat(pa.scalar(text), length)
