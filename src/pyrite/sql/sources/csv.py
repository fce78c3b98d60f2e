"""CSV: lines cut into fields, fields turned into values, all by one DuckDB query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.core.hadoop.filesystem import FileStatus
from pyrite.sql.conf import CASE_SENSITIVE
from pyrite.sql.duckdb_text import identifier, quote
from pyrite.sql.sources.column_defaults import existence_default
from pyrite.sql.sources.csv_inference import (
    SAMPLE,
    column_names,
    kinds_found,
    may_widen,
    type_of_kinds,
)
from pyrite.sql.sources.csv_options import CsvOptions
from pyrite.sql.sources.csv_plain import plain_fields
from pyrite.sql.sources.csv_records import FIELDS, cut_fields, ends_inside_quotes, records
from pyrite.sql.sources.file_format import FileFormat, FileScan, ReadRequest
from pyrite.sql.sources.file_index import FileIndex, Piece
from pyrite.sql.sources.lines import LINE, Lines
from pyrite.sql.sources.options import check_sampling_ratio
from pyrite.sql.sources.parse_mode import ParseMode, check_corrupt_column, refuse
from pyrite.sql.sources.probe import BATCHES, probe
from pyrite.sql.sources.text_values import text_value
from pyrite.sql.sources.text_writer import csv_output
from pyrite.sql.types import (
    STRING,
    CalendarIntervalType,
    DataType,
    NullType,
    StringType,
    StructField,
    StructType,
    VariantType,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["CSV"]


def _lines(request: ReadRequest, options: CsvOptions, skip: int) -> Lines:
    return Lines(
        request.index,
        options.line_separator,
        options.encoding,
        skip=skip,
        is_open=ends_inside_quotes(options) if options.multi_line else None,
        texts=request.texts,
    )


def _first_record(lines: Lines, options: CsvOptions) -> tuple[int, list[str]] | None:
    """Return the first record's place among the lines and its fields, None without a record."""
    for index, line in enumerate(lines.first_lines()):
        if line.strip() and not (options.comment and line.startswith(options.comment)):
            return index, cut_fields(line, options)
    return None


def _field(position: int, options: CsvOptions) -> str:
    """Return SQL of a field's text, null for a null."""
    return f"nullif({FIELDS}[{position + 1}], {quote(options.null_value)})"


def _infer(request: ReadRequest) -> StructType | None:
    check_sampling_ratio(request.options)
    options = CsvOptions.read(request.options, request.conf)
    if request.texts is None and not request.index.files:
        return None
    lines = _lines(request, options, skip=0)
    first = _first_record(lines, options)
    if first is None:
        return StructType([])
    start, fields = first
    if len(fields) > options.max_columns:
        raise SparkIllegalArgumentException(
            f"A record has {len(fields)} fields, more than the option maxColumns allows "
            f"({options.max_columns})."
        )
    names = column_names(fields, options, request.conf.read(CASE_SENSITIVE))
    if not options.infers:
        return StructType([StructField(name, STRING) for name in names])
    body = _lines(request, options, skip=start + 1 if options.header else 0)
    table = plain_fields(body, options, len(names), range(len(names)))
    if table is None:
        columns = ", ".join(f"{_field(i, options)} AS f{i}" for i in range(len(names)))
        table = f"(SELECT {columns} FROM {records(body.sql(BATCHES), options)})"
    some = [kinds_found(f"f{i}", options) for i in range(len(names))]
    row = probe(
        f"SELECT {', '.join(some)} FROM (SELECT * FROM {table} LIMIT {SAMPLE})", body.arrow()
    )[0]
    types = [type_of_kinds(kinds) for kinds in row]
    # What the first records have, most others have too: a quick test tells it.
    left = [place for place, kinds in enumerate(row) if may_widen(kinds)]
    if left:
        every = [kinds_found(f"f{place}", options, types[place]) for place in left]
        row = probe(f"SELECT {', '.join(every)} FROM {table}", body.arrow())[0]
        for place, kinds in zip(left, row, strict=True):
            types[place] = type_of_kinds(kinds)
    return StructType([StructField(name, kind) for name, kind in zip(names, types, strict=True)])


@dataclass(frozen=True, eq=False)
class CsvScan(FileScan):
    """CSV files.

    Attributes:
        skip: How many lines at the start of each file are no records; None to find out.
    """

    skip: int | None = None

    @cached_property
    def _options(self) -> CsvOptions:
        return CsvOptions.read(self.request.options, self.request.conf)

    @cached_property
    def _lines(self) -> Lines:
        options = self._options
        skip = self.skip or 0
        if options.header and self.skip is None:
            first = _first_record(_lines(self.request, options, 0), options)
            skip = first[0] + 1 if first else 1
        return _lines(self.request, options, skip)

    def part(self, index: FileIndex) -> CsvScan:
        """Return the scan of some of the files, or of pieces of them."""
        return replace(self, request=self.request.with_index(index), skip=self._lines.skip)

    @property
    def _data_fields(self) -> list[StructField]:
        partitions = self.request.index.partition_schema.names
        return [field for field in self.schema.fields if field.name not in partitions]

    def sql(self, columns: Sequence[str], batches: str = "") -> str:
        """Return a query over the lines of the files."""
        options = self._options
        wanted = {name.lower() for name in columns}
        data = self._data_fields
        corrupt = next((f.name for f in data if f.name == options.corrupt_column), None)
        stored = [field for field in data if field.name != corrupt]
        # Where a record that is bad is not just nulls, all columns tell that it is.
        tells = options.mode is not ParseMode.PERMISSIVE or (corrupt or "").lower() in wanted
        chosen = {i: f for i, f in enumerate(stored) if tells or f.name.lower() in wanted}
        bad = [
            f"(v{position} IS NULL AND f{position} IS NOT NULL)"
            for position, field in chosen.items()
            if not isinstance(field.dataType, StringType)
        ]
        if corrupt is not None and corrupt.lower() not in wanted:
            corrupt = None
        table = None
        if corrupt is None and options.mode is not ParseMode.FAIL_FAST:  # they show the line
            table = plain_fields(self._lines, options, len(stored), tuple(chosen))
        cut = table is None
        if table is None:
            table = records(self._lines.sql(batches), options)
            texts = [f"{_field(position, options)} AS f{position}" for position in chosen]
            table = f"(SELECT *{_more(texts)} FROM {table})"
            if len(chosen) == len(stored):
                bad.append(f"len({FIELDS}) <> {len(stored)}")
        values = [
            f"{text_value(f'f{position}', field.dataType, options.formats)} AS v{position}"
            for position, field in chosen.items()
        ]
        table = f"(SELECT *{_more(values)} FROM {table})"
        items = [
            f"{_or_default(position, field, cut)} AS {identifier(field.name)}"
            for position, field in chosen.items()
        ]
        items += [
            identifier(field.name)
            for field in self.request.index.partition_schema.fields
            if field.name.lower() in wanted
        ]
        is_bad = " OR ".join(bad) or "false"
        where = ""
        if options.mode is ParseMode.DROP_MALFORMED:
            where = f" WHERE NOT ({is_bad})"
        elif options.mode is ParseMode.FAIL_FAST:
            where = f" WHERE CASE WHEN {is_bad} THEN {refuse(LINE)} ELSE true END"
        if corrupt is not None:
            items.append(f"CASE WHEN {is_bad} THEN {LINE} END AS {identifier(corrupt)}")
        return f"(SELECT {', '.join(items) or '1'} FROM {table}{where})"

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


def _or_default(position: int, field: StructField, cut: bool) -> str:
    """Return SQL of a value, or of the default of a record without such a field."""
    default = existence_default(field) if cut else None
    if default is None:
        return f"v{position}"
    return f"CASE WHEN len({FIELDS}) <= {position} THEN {default} ELSE v{position} END"


def _more(items: Sequence[str]) -> str:
    return "".join(f", {item}" for item in items)


def _scan(request: ReadRequest, schema: StructType) -> FileScan:
    options = CsvOptions.read(request.options, request.conf)
    check_corrupt_column(schema, options.corrupt_column)
    if options.header and not options.enforce_schema and request.user_schema is not None:
        _check_headers(request, options, request.user_schema)
    return CsvScan("csv", request, schema)


def _check_headers(request: ReadRequest, options: CsvOptions, schema: StructType) -> None:
    """Refuse files whose header does not name the columns of the schema, in its order.

    Raises:
        SparkIllegalArgumentException: With the file's header and the schema.
    """
    names = [name for name in schema.names if name != options.corrupt_column]
    case_sensitive = request.conf.read(CASE_SENSITIVE)
    for file in request.index.files:
        one = request.with_index(FileIndex(request.index.roots, (file,), StructType([])))
        first = _first_record(_lines(one, options, 0), options)
        if first is None:
            continue
        header = first[1]
        same = (
            header == names
            if case_sensitive
            else [h.lower() for h in header] == [name.lower() for name in names]
        )
        if not same:
            raise SparkIllegalArgumentException(
                "CSV header does not conform to the schema.\n"
                f" Header: {', '.join(header)}\n Schema: {', '.join(names)}\n"
                f"CSV file: {file.path}"
            )


def _supports(data_type: DataType) -> bool:
    return not isinstance(data_type, (CalendarIntervalType, NullType, VariantType))


CSV = FileFormat(
    "csv",
    "CSV",
    (
        "com.databricks.spark.csv",
        "org.apache.spark.sql.execution.datasources.csv",
        "org.apache.spark.sql.execution.datasources.csv.CSVFileFormat",
    ),
    _infer,
    _scan,
    _supports,
    nested=False,
    output=csv_output,
)
