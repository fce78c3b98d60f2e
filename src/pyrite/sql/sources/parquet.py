"""Parquet: schemas from file footers; DuckDB reads the rows, and skips what a query skips."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

from pyrite.core.hadoop.filesystem import FileStatus, file_system
from pyrite.sql.duckdb_text import identifier, string_list, struct
from pyrite.sql.errors import SparkError, runtime_error
from pyrite.sql.sources.arrow_scan import ArrowScan
from pyrite.sql.sources.column_defaults import existence_default
from pyrite.sql.sources.columnar_writer import parquet_output
from pyrite.sql.sources.file_format import FileFormat, FileScan, ReadRequest
from pyrite.sql.sources.file_index import ROW_NUMBER, Piece
from pyrite.sql.sources.parquet_schema import FileSchema, read_schema
from pyrite.sql.sources.schema_merging import merge_schemas
from pyrite.sql.types import (
    ArrayType,
    CalendarIntervalType,
    DataType,
    MapType,
    StructField,
    StructType,
    TimestampType,
    to_duckdb,
)

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

__all__ = ["PARQUET", "ParquetScan", "opened_parquet"]


class _File(NamedTuple):
    """A file, what its footer says, and which of its rows are read; None for all."""

    status: FileStatus
    schema: FileSchema
    rows: range | None


@contextmanager
def opened_parquet(file: FileStatus) -> Iterator[pq.ParquetFile]:
    """Open a file, of which only what is asked for is read."""
    import pyarrow.parquet as pq

    if file.path.startswith("file:"):
        with pq.ParquetFile(file.path.removeprefix("file:")) as opened:
            yield opened
    else:
        with file_system(file.path).open(file.path) as source, pq.ParquetFile(source) as opened:
            yield opened


@lru_cache(maxsize=4096)
def _footer(file: FileStatus, binary_as_string: bool, infers_ntz: bool) -> FileSchema:
    """Read one file's schema, once for each time the file was written.

    Raises:
        SparkError: FAILED_READ_FILE.CANNOT_READ_FILE_FOOTER if it is no Parquet file.
    """
    import pyarrow as pa

    try:
        with opened_parquet(file) as opened:
            return read_schema(opened, binary_as_string, infers_ntz)
    except (pa.ArrowInvalid, OSError) as error:
        raise runtime_error(
            "FAILED_READ_FILE.CANNOT_READ_FILE_FOOTER", None, path=file.path
        ) from error


@lru_cache(maxsize=4096)
def _row_groups(file: FileStatus) -> Sequence[Piece]:
    """Return the row groups of a file, by their rows."""
    with opened_parquet(file) as opened:
        metadata = opened.metadata
    groups = [metadata.row_group(place) for place in range(metadata.num_row_groups)]
    stored = sum(group.total_byte_size for group in groups) or 1
    ends = list(accumulate((group.num_rows for group in groups), initial=0))
    return [
        Piece(range(start, end), file.length * group.total_byte_size // stored)
        for group, (start, end) in zip(groups, pairwise(ends), strict=True)
    ]


def _footers(request: ReadRequest) -> list[_File]:
    """Return the files of a read with their schemas; without bad ones if those are ignored."""
    options, conf = request.options, request.conf
    ignores = options.flag(
        "ignoreCorruptFiles", (conf.get("spark.sql.files.ignoreCorruptFiles") or "") == "true"
    )
    as_string = (conf.get("spark.sql.parquet.binaryAsString") or "") == "true"
    infers_ntz = conf.get("spark.sql.parquet.inferTimestampNTZ.enabled") != "false"
    found: list[_File] = []
    for file, rows in zip(request.index.files, request.index.parts, strict=True):
        try:
            found.append(_File(file, _footer(file, as_string, infers_ntz), rows))
        except SparkError:
            if not ignores:
                raise
    return found


def _different(schemas: Iterable[FileSchema]) -> list[FileSchema]:
    """Return each schema once, in the order in which they are met."""
    found: list[FileSchema] = []
    for schema in schemas:
        if schema not in found:
            found.append(schema)
    return found


def _infer(request: ReadRequest) -> StructType | None:
    schemas = _different(file.schema for file in _footers(request))
    if not schemas:
        return None
    merges = request.options.flag(
        "mergeSchema", (request.conf.get("spark.sql.parquet.mergeSchema") or "") == "true"
    )
    return merge_schemas([s.schema for s in (schemas if merges else schemas[:1])])


@dataclass(frozen=True, eq=False)
class ParquetScan(FileScan):
    """Local Parquet files, read by DuckDB."""

    @cached_property
    def _footers(self) -> list[_File]:
        return _footers(self.request)

    def pieces(self, file: FileStatus, size: int) -> Sequence[Piece]:
        """Return the file's row groups; of one that is no Parquet file, all of it."""
        import pyarrow as pa

        try:
            return _row_groups(file)
        except (pa.ArrowInvalid, OSError):
            return super().pieces(file, size)

    def sql(self, columns: Sequence[str], batches: str = "") -> str:
        """Return a call of ``read_parquet``, with casts where a file's types are others."""
        wanted = {name.lower() for name in columns}
        fields = [f for f in self.schema.fields if f.name.lower() in wanted]
        tables = [self._table(files, fields) for files in self._alike(fields)]
        if not tables:
            return _no_rows(self.schema)
        if len(tables) == 1:
            return tables[0]
        items = ", ".join(identifier(f.name) for f in fields) or "1"
        return "(" + " UNION ALL ".join(f"SELECT {items} FROM {table}" for table in tables) + ")"

    def _alike(self, fields: Sequence[StructField]) -> list[list[_File]]:
        """Return the files, those together that one call of DuckDB's reader can read.

        They lack the same columns with a default, and the same of their rows are read.
        """
        filled = [f.name for f in fields if existence_default(f) is not None]
        groups: dict[tuple[range | None, *tuple[str, ...]], list[_File]] = {}
        for file in self._footers:
            missing = [name for name in filled if file.schema.column(name) is None]
            groups.setdefault((file.rows, *missing), []).append(file)
        return list(groups.values())

    def _table(self, files: Sequence[_File], fields: Sequence[StructField]) -> str:
        schemas = _different(file.schema for file in files)
        paths = [file.status.path.removeprefix("file:") for file in files]
        rows = files[0].rows
        arguments = [string_list(paths)]
        if len(schemas) > 1:
            arguments.append("union_by_name=true")
        arguments.append(self.request.index.reader_options)
        if rows is not None and not self.request.index.numbers_rows:
            arguments.append(f"{ROW_NUMBER}=true")
        table = f"read_parquet({', '.join(arguments)})"
        items = [self._item(f, schemas) for f in fields]
        if rows is None and all(item is None for item in items):
            return table
        chosen = [item or identifier(f.name) for item, f in zip(items, fields, strict=True)]
        # DuckDB does not touch the row groups that have none of these rows.
        within = "" if rows is None else f" WHERE {_within(rows)}"
        return f"(SELECT {', '.join(chosen) or '1'} FROM {table}{within})"

    def _item(self, field: StructField, schemas: Sequence[FileSchema]) -> str | None:
        """Return the select item of a column; None when the file has it as it should be."""
        name, target = identifier(field.name), to_duckdb(field.dataType)
        if field.name in self.request.index.partition_schema.names:
            return None
        stored = [s.column(field.name) for s in schemas]
        known = [column for column in stored if column is not None]
        if not known:
            return f"{existence_default(field) or f'CAST(NULL AS {target})'} AS {name}"
        if len({column.duckdb_type for column in known}) == 1 and known[0].duckdb_type == target:
            return None if known[0].name == field.name else f"{identifier(known[0].name)} AS {name}"
        source = identifier(known[0].name)
        if known[0].duckdb_type == "VARIANT":
            encoded = f"variant_to_parquet_variant({source})"
            source = f"CASE WHEN {source} IS NOT NULL THEN {encoded} END"
        if all(column.has_no_zone for column in known):
            source = _with_instants(source, field.dataType)
        return f"CAST({source} AS {target}) AS {name}"


def _within(rows: range) -> str:
    return f"{ROW_NUMBER} >= {rows.start} AND {ROW_NUMBER} < {rows.stop}"


def _with_instants(value: str, data_type: DataType, depth: int = 0) -> str:
    """Return SQL of a value whose instants, read as if they had no zone, are in UTC."""
    variable = f"e{depth}"
    match data_type:
        case TimestampType():
            return f"(CAST({value} AS TIMESTAMP) AT TIME ZONE 'UTC')"
        case ArrayType():
            element = _with_instants(variable, data_type.elementType, depth + 1)
            return f"list_transform({value}, lambda {variable}: {element})"
        case MapType():
            key = _with_instants(f"{variable}.key", data_type.keyType, depth + 1)
            item = _with_instants(f"{variable}.value", data_type.valueType, depth + 1)
            entry = f"{{'key': {key}, 'value': {item}}}"
            entries = f"list_transform(map_entries({value}), lambda {variable}: {entry})"
            return f"map_from_entries({entries})"
        case StructType():
            fields = struct(
                (f.name, _with_instants(f"{value}.{identifier(f.name)}", f.dataType, depth))
                for f in data_type.fields
            )
            return f"CASE WHEN {value} IS NOT NULL THEN {fields} END"
        case _:
            return value


def _no_rows(schema: StructType) -> str:
    items = [
        f"CAST(NULL AS {to_duckdb(field.dataType)}) AS {identifier(field.name)}"
        for field in schema.fields
    ]
    return f"(SELECT {', '.join(items) or 'NULL'} WHERE false)"


def _numbered_row_groups(file: FileStatus) -> Sequence[Piece]:
    return [Piece(range(i, i + 1), group.bytes) for i, group in enumerate(_row_groups(file))]


def _read_remote(file: FileStatus, columns: Sequence[str], part: range | None) -> pa.Table:
    with opened_parquet(file) as opened:
        known = {name.lower(): name for name in opened.schema_arrow.names}
        names = [known[c.lower()] for c in columns if c.lower() in known]
        groups = range(opened.num_row_groups) if part is None else part
        return opened.read_row_groups(list(groups), names)


def _scan(request: ReadRequest, schema: StructType) -> FileScan:
    if request.index.is_local:
        return ParquetScan("parquet", request, schema)
    return ArrowScan("parquet", request, schema, _read_remote, _numbered_row_groups)


def _supports(data_type: DataType) -> bool:
    return not isinstance(data_type, CalendarIntervalType)


PARQUET = FileFormat(
    "parquet",
    "Parquet",
    (
        "org.apache.spark.sql.parquet",
        "org.apache.spark.sql.execution.datasources.parquet",
        "org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat",
    ),
    _infer,
    _scan,
    _supports,
    output=parquet_output,
)
