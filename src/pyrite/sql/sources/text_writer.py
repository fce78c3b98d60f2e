"""Writing text formats: DuckDB makes one line of each row, a file takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from pyrite.sql.duckdb_text import identifier, quote
from pyrite.sql.sources.csv_options import CsvWriteOptions
from pyrite.sql.sources.file_output import FileOutput, WriteRequest, text_codec
from pyrite.sql.sources.lines import check_encoding
from pyrite.sql.sources.probe import BATCHES, probe_table
from pyrite.sql.sources.text_output import OutputFormats, json_text, plain_text

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["csv_output", "json_output", "text_output"]


class _LineWriter:
    """Writes lines.

    Args:
        file: An open file, compressing or plain.
        line: SQL of a row's line.
        separator: What ends each line.
        encoding: Python's name of the encoding.
        header: The first line, or None.
    """

    def __init__(
        self, file: BinaryIO, line: str, separator: str, encoding: str, header: str | None
    ) -> None:
        self._file = file
        self._line = line
        self._separator = separator
        self._encoding = encoding
        if header is not None:
            self._write_text(header + separator)

    def write(self, table: pa.Table) -> None:
        """Add rows."""
        if not table.num_rows:
            return
        separator = quote(self._separator)
        # A number of lines at a time become one string, so that Python sees few of them.
        sql = (
            f"SELECT string_agg(line, {separator} ORDER BY i) FROM "
            f"(SELECT {self._line} AS line, row_number() OVER () AS i FROM {BATCHES}) "
            f"GROUP BY i // 4096 ORDER BY min(i)"
        )
        for chunk in probe_table(sql, table).column(0):
            self._write_text(chunk.as_py() + self._separator)

    def _write_text(self, text: str) -> None:
        self._file.write(text.encode(self._encoding))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


#: Whose options those of the files with an extension are, for errors.
_READERS = {".csv": "CSVOptions", ".json": "JSONOptions", ".txt": "TextOptions"}


def _lines_output(
    request: WriteRequest,
    suffix: str,
    line: str,
    separator: str,
    header: str | None = None,
) -> FileOutput:
    codec = text_codec(request.options)
    charset = request.options.text("encoding", "charset", default="UTF-8")
    encoding = check_encoding(charset, _READERS[suffix])

    def open_file(file: BinaryIO) -> _LineWriter:
        out = codec.writer(file) if codec else file
        return _LineWriter(out, line, separator, encoding, header)

    return FileOutput(suffix + (codec.extension if codec else ""), open_file)


def _formats(request: WriteRequest, keeps_nulls: bool = False) -> OutputFormats:
    default = OutputFormats()
    options = request.options
    return OutputFormats(
        request.time_zone,
        options.text("dateFormat", default=default.date),
        options.text("timestampFormat", default=default.timestamp),
        options.text("timestampNTZFormat", default=default.timestamp_ntz),
        keeps_nulls,
    )


def csv_output(request: WriteRequest) -> FileOutput:
    """Return how CSV files are written."""
    options = CsvWriteOptions.read(request.options)
    formats = _formats(request)
    fields = [
        _csv_field(plain_text(identifier(f.name), f.dataType, formats), options)
        for f in request.schema.fields
    ]
    separator = quote(options.separator)
    line = f" || {separator} || ".join(fields) or "''"
    header = None
    if options.header:
        header = options.separator.join(options.field(name) for name in request.schema.names)
    return _lines_output(request, ".csv", line, options.line_separator, header)


def _csv_field(text: str, options: CsvWriteOptions) -> str:
    """Return SQL of a field: trimmed, quoted where it must be."""
    if options.trim_left or options.trim_right:
        function = "trim" if options.trim_left and options.trim_right else (
            "ltrim" if options.trim_left else "rtrim"
        )  # fmt: skip
        text = f"{function}({text}, ' ' || chr(9))"
    value = f"coalesce(CASE WHEN ({text}) = '' THEN {quote(options.empty_text)} END, {text})"
    if options.quote:
        escaped = text
        if options.escape and options.escape != options.quote:
            escaped = f"replace({escaped}, {quote(options.escape)}, {quote(options.escape * 2)})"
        escape = options.escape or options.quote
        escaped = f"replace({escaped}, {quote(options.quote)}, {quote(escape + options.quote)})"
        quoted = f"{quote(options.quote)} || {escaped} || {quote(options.quote)}"
        if options.quote_all:
            value = f"CASE WHEN ({text}) = '' THEN {quote(options.empty_text)} ELSE {quoted} END"
        else:
            special = [options.separator, options.quote, "\n", "\r"]
            if not options.escape_quotes:
                special.remove(options.quote)
            tests = " OR ".join(f"contains({text}, {_character(c)})" for c in special)
            value = (
                f"CASE WHEN ({text}) = '' THEN {quote(options.empty_text)} "
                f"WHEN {tests} THEN {quoted} ELSE {text} END"
            )
    return f"coalesce({value}, {quote(options.null_text)})"


def _character(text: str) -> str:
    return f"chr({ord(text)})" if text in "\n\r" else quote(text)


def json_output(request: WriteRequest) -> FileOutput:
    """Return how JSON files are written."""
    default = (request.conf.get("spark.sql.jsonGenerator.ignoreNullFields") or "true") == "true"
    keeps = not request.options.flag("ignoreNullFields", default)
    formats = _formats(request, keeps)
    row = "row"
    names = ", ".join(f"{identifier(f.name)}: {identifier(f.name)}" for f in request.schema.fields)
    if names:
        text = json_text(row, request.schema, formats)
        line = f"list_transform([{{{names}}}], lambda {row}: {text})[1]"
    else:
        line = "'{}'"
    return _lines_output(request, ".json", line, request.options.text("lineSep", default="\n"))


def text_output(request: WriteRequest) -> FileOutput:
    """Return how text files are written."""
    names = request.schema.names
    line = f"coalesce({identifier(names[0])}, '')" if names else "''"
    return _lines_output(request, ".txt", line, request.options.text("lineSep", default="\n"))
