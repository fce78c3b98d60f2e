"""JSON: one document on each line, or one in each file, read by one DuckDB query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pyrite.core.hadoop.filesystem import FileStatus
from pyrite.sql.conf import SESSION_TIME_ZONE, SQLConf
from pyrite.sql.duckdb_text import identifier
from pyrite.sql.errors import runtime_error
from pyrite.sql.sources.column_defaults import existence_default
from pyrite.sql.sources.file_format import FileFormat, FileScan, ReadRequest
from pyrite.sql.sources.file_index import Piece
from pyrite.sql.sources.json_inference import infer_schema
from pyrite.sql.sources.json_values import extract, is_bad, value
from pyrite.sql.sources.lines import LINE, Lines, check_encoding
from pyrite.sql.sources.options import SourceOptions, check_sampling_ratio
from pyrite.sql.sources.parse_mode import (
    ParseMode,
    check_corrupt_column,
    corrupt_column,
    parse_mode,
    refuse,
)
from pyrite.sql.sources.probe import BATCHES, probe
from pyrite.sql.sources.text_values import TextFormats
from pyrite.sql.sources.text_writer import json_output
from pyrite.sql.types import (
    STRING,
    CalendarIntervalType,
    DataType,
    StructField,
    StructType,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["JSON"]

#: The column that holds a line's document, null where the line is none.
_DOCUMENT = "__document"


def json_formats(options: SourceOptions, conf: SQLConf) -> TextFormats:
    """Return how dates and times are written inside JSON."""
    zone: str = conf.read(SESSION_TIME_ZONE)
    return TextFormats(
        time_zone=options.time_zone(zone),
        date=options.get("dateFormat"),
        timestamp=options.get("timestampFormat"),
        timestamp_ntz=options.get("timestampNTZFormat"),
    )


def _lines(request: ReadRequest) -> Lines:
    options = request.options
    return Lines(
        request.index,
        options.get("lineSep"),
        check_encoding(options.text("encoding", "charset", default="UTF-8"), "JSONOptions"),
        whole=options.flag("multiLine", False),
        texts=request.texts,
    )


def _documents(lines: str, options: SourceOptions) -> str:
    """Return a table expression with a row for each document.

    An array stands for the documents in it. A line that is no document gives one row with a
    null document.
    """
    text = LINE
    if options.flag("allowSingleQuotes", True):
        # Only for lines that are wrong as they stand.
        double = f"regexp_replace({LINE}, '''([^''\"]*)''', '\"\\1\"', 'g')"
        wrong = f"contains({LINE}, '''') AND NOT json_valid({LINE})"
        text = f"CASE WHEN {wrong} THEN {double} ELSE {LINE} END"
    if options.flag("allowUnquotedFieldNames", False):
        bare = f"regexp_replace({text}, '([{{,]\\s*)([A-Za-z_]\\w*)\\s*:', '\\1\"\\2\":', 'g')"
        text = f"CASE WHEN json_valid({LINE}) THEN {LINE} ELSE {bare} END"
    if options.flag("allowComments", False):
        text = f"regexp_replace({text}, '/\\*.*?\\*/|//[^\\n]*', '', 'gs')"
    # An object of an array that is written over lines; what follows a document is not read.
    item = f"rtrim({text}, ' ,' || chr(9) || chr(13))"
    is_item = f"NOT json_valid({text}) AND ends_with({item}, '}}')"
    text = f"CASE WHEN {is_item} THEN {item} ELSE {text} END"
    lines = f"(SELECT * REPLACE ({text} AS {LINE}), {LINE} AS __raw FROM {lines})"
    valid = f"CASE WHEN json_valid({LINE}) THEN CAST({LINE} AS JSON) END"
    array = f"starts_with(ltrim({LINE}), '[') AND json_valid({LINE})"
    kinds = f"CASE WHEN {array} THEN json_extract({LINE}, '$[*]') ELSE [{valid}] END"
    rows = (
        f"SELECT * EXCLUDE (__raw) REPLACE (__raw AS {LINE}), unnest({kinds}) AS {_DOCUMENT} "
        f"FROM {lines} WHERE regexp_matches({LINE}, '[^ \\t\\r\\n]')"
    )
    is_object = f"json_type({_DOCUMENT}) = 'OBJECT'"
    return (
        f"(SELECT * REPLACE (CASE WHEN {is_object} THEN {_DOCUMENT} END AS {_DOCUMENT}), "
        f"coalesce(json_type({_DOCUMENT}) NOT IN ('OBJECT', 'NULL'), true) AS __bad "
        f"FROM ({rows}))"
    )


def _infer(request: ReadRequest) -> StructType | None:
    check_sampling_ratio(request.options)
    if request.texts is None and not request.index.files:
        return None
    options = request.options
    lines = _lines(request)
    table = _documents(lines.sql(BATCHES), options)
    prefers_decimal = options.flag("prefersDecimal", False)
    # DuckDB's structures tell neither how large numbers are nor of keys that come twice.
    numbers = r"[0-9]{19}" + (r"|[0-9][.eE]" if prefers_decimal else "")
    table = f"(SELECT *, json_structure({_DOCUMENT}) AS __structure FROM {table})"
    whole = (
        f"coalesce(regexp_matches({LINE}, '{numbers}') "
        f"OR len(json_keys({_DOCUMENT})) <> len(json_keys(__structure)), false)"
    )
    table = f"(SELECT {_DOCUMENT}, __structure, __bad, {whole} AS __whole FROM {table})"
    known = f"CASE WHEN __whole THEN CAST({_DOCUMENT} AS VARCHAR) ELSE __structure END"
    found = probe(f"SELECT DISTINCT {known}, __whole, __bad FROM {table}", lines.arrow())
    good = [(str(text), whole) for text, whole, bad in found if text is not None and not bad]
    schema = infer_schema(
        [text for text, whole in good if not whole],
        [text for text, whole in good if whole],
        prefers_decimal=prefers_decimal,
        primitives_as_string=options.flag("primitivesAsString", False),
        drops_null=options.flag("dropFieldIfAllNull", False),
    )
    name = corrupt_column(options, request.conf)
    mode = parse_mode(options)
    if schema is None or any(bad for _, _, bad in found):
        if mode is ParseMode.FAIL_FAST:
            raise runtime_error(
                "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION",
                badRecord=name,
                failFastMode="FAILFAST",
            )
        fields = list(schema.fields) if schema is not None else []
        if mode is ParseMode.PERMISSIVE and name not in [f.name for f in fields]:
            fields.append(StructField(name, STRING))
        return StructType(sorted(fields, key=lambda f: f.name))
    return schema


@dataclass(frozen=True, eq=False)
class JsonScan(FileScan):
    """JSON files."""

    @cached_property
    def _lines(self) -> Lines:
        return _lines(self.request)

    def sql(self, columns: Sequence[str], batches: str = "") -> str:
        """Return a query over the lines of the files."""
        request = self.request
        formats = json_formats(request.options, request.conf)
        corrupt_name = corrupt_column(request.options, request.conf)
        wanted = {name.lower() for name in columns}
        partitions = request.index.partition_schema.names
        mode = parse_mode(request.options)
        # Where a record that is bad is not just nulls, all columns tell that it is.
        tells = mode is not ParseMode.PERMISSIVE or corrupt_name.lower() in wanted
        data = [
            f
            for f in self.schema.fields
            if f.name not in partitions
            and f.name != corrupt_name
            and (tells or f.name.lower() in wanted)
        ]
        corrupt = next((f.name for f in self.schema.fields if f.name == corrupt_name), None)
        table = _documents(self._lines.sql(batches), request.options)
        if data:
            fields = extract(_DOCUMENT, [f.name for f in data])
            table = f"(SELECT *, {fields} AS __fields FROM {table})"
            names = ", ".join(f"__fields[{i + 1}] AS j{i}" for i in range(len(data)))
            table = f"(SELECT *, {names} FROM {table})"
        bad = ["__bad"]
        items = []
        for i, f in enumerate(data):
            read = value(f"j{i}", f.dataType, formats)
            if (default := existence_default(f)) is not None:
                is_absent = f"j{i} IS NULL AND {_DOCUMENT} IS NOT NULL"
                read = f"CASE WHEN {is_absent} THEN {default} ELSE {read} END"
            items.append(f"{read} AS {identifier(f.name)}")
            bad.append(is_bad(f"j{i}", f.dataType, formats))
        is_any_bad = " OR ".join(part for part in bad if part != "false")
        items += [identifier(name) for name in partitions if name.lower() in wanted]
        if corrupt is not None and corrupt.lower() in wanted:
            items.append(f"CASE WHEN {is_any_bad} THEN {LINE} END AS {identifier(corrupt)}")
        where = ""
        if mode is ParseMode.DROP_MALFORMED:
            where = f" WHERE NOT ({is_any_bad})"
        elif mode is ParseMode.FAIL_FAST:
            where = f" WHERE CASE WHEN {is_any_bad} THEN {refuse(LINE)} ELSE true END"
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


def _scan(request: ReadRequest, schema: StructType) -> FileScan:
    check_corrupt_column(schema, corrupt_column(request.options, request.conf))
    return JsonScan("json", request, schema)


def _supports(data_type: DataType) -> bool:
    return not isinstance(data_type, CalendarIntervalType)


JSON = FileFormat(
    "json",
    "JSON",
    (
        "org.apache.spark.sql.json",
        "org.apache.spark.sql.execution.datasources.json",
        "org.apache.spark.sql.execution.datasources.json.JsonFileFormat",
    ),
    _infer,
    _scan,
    _supports,
    output=json_output,
)
