"""CsvOptions: Spark's options of CSV, read once and checked."""

from __future__ import annotations

from dataclasses import dataclass

from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.sql.conf import SESSION_TIME_ZONE, SQLConf
from pyrite.sql.errors import illegal_argument, runtime_error
from pyrite.sql.sources.lines import check_encoding
from pyrite.sql.sources.options import SourceOptions
from pyrite.sql.sources.parse_mode import ParseMode, corrupt_column, parse_mode
from pyrite.sql.sources.text_values import TextFormats

__all__ = ["CsvOptions", "CsvWriteOptions"]

_ESCAPES = {"\\t": "\t", "\\n": "\n", "\\r": "\r", "\\\\": "\\", "\\0": "\0", "\\'": "'",
            '\\"': '"', "\\b": "\b", "\\f": "\f"}  # fmt: skip


def _characters(text: str) -> str:
    r"""Read a separator as users write it, with ``\t`` for a tab."""
    for written, meant in _ESCAPES.items():
        text = text.replace(written, meant) if text != "\\" else text
    return text


def _one_character(options: SourceOptions, name: str, default: str) -> str:
    """Read an option of one character; empty for none."""
    text = _characters(options.text(name, default=default))
    if len(text) > 1:
        raise runtime_error("OPTION_VALUE_EXCEEDS_ONE_CHARACTER", paramName=name, actualValue=text)
    return "" if text == "\0" else text


@dataclass(frozen=True)
class CsvOptions:
    """How a CSV file is written.

    Attributes:
        header: Whether the first line of each file names the columns.
        separator: What stands between two fields; one character or more.
        quote: What stands around a field; empty for nothing.
        escape: What stands before a quote inside quotes; empty for nothing.
        comment: How lines begin that are left out; empty for none.
        null_value: The text of a null.
        empty_value: What quotes with nothing inside mean.
        trim_left: Whether spaces before a field are left out.
        trim_right: Whether spaces after a field are left out.
        multi_line: Whether a quoted field may hold line ends.
        line_separator: What ends a line; None for any of the usual line ends.
        encoding: The charset of the files.
        infers: Whether types are told from the values.
        prefers_date: Whether inference knows dates.
        enforce_schema: Whether the header's names are left unchecked.
        mode: What is done with bad records.
        corrupt_column: The column that takes the text of bad records, if the schema has it.
        max_columns: The most fields a record may have.
        formats: How dates, times and special numbers are written.
    """

    header: bool
    separator: str
    quote: str
    escape: str
    comment: str
    null_value: str
    empty_value: str
    trim_left: bool
    trim_right: bool
    multi_line: bool
    line_separator: str | None
    encoding: str
    infers: bool
    prefers_date: bool
    enforce_schema: bool
    mode: ParseMode
    corrupt_column: str
    max_columns: int
    formats: TextFormats

    @staticmethod
    def read(options: SourceOptions, conf: SQLConf) -> CsvOptions:
        """Read a reader's options.

        Raises:
            SparkIllegalArgumentException: If one of them is no such value.
        """
        separator = _characters(options.text("sep", "delimiter", default=","))
        if not separator:
            raise SparkIllegalArgumentException(
                "[INVALID_DELIMITER_VALUE.EMPTY_STRING] Delimiter cannot be empty string."
            )
        zone: str = conf.read(SESSION_TIME_ZONE)
        line_separator = options.get("lineSep")
        if line_separator is not None and not line_separator:
            raise illegal_argument("INVALID_LINE_SEPARATOR.EMPTY")
        return CsvOptions(
            header=options.flag("header", False),
            separator=separator,
            quote=_one_character(options, "quote", '"'),
            escape=_one_character(options, "escape", "\\"),
            comment=_one_character(options, "comment", ""),
            null_value=options.text("nullValue", default=""),
            empty_value=options.text("emptyValue", default=""),
            trim_left=options.flag("ignoreLeadingWhiteSpace", False),
            trim_right=options.flag("ignoreTrailingWhiteSpace", False),
            multi_line=options.flag("multiLine", False),
            line_separator=line_separator,
            encoding=check_encoding(
                options.text("encoding", "charset", default="UTF-8"), "CSVOptions"
            ),
            infers=options.flag("inferSchema", False),
            prefers_date=options.flag("preferDate", True),
            enforce_schema=options.flag("enforceSchema", True),
            mode=parse_mode(options),
            corrupt_column=corrupt_column(options, conf),
            max_columns=options.number("maxColumns", 20480),
            formats=TextFormats(
                time_zone=options.time_zone(zone),
                date=options.get("dateFormat"),
                timestamp=options.get("timestampFormat"),
                timestamp_ntz=options.get("timestampNTZFormat"),
                nan=options.text("nanValue", default="NaN"),
                positive_infinity=options.text("positiveInf", default="Inf"),
                negative_infinity=options.text("negativeInf", default="-Inf"),
            ),
        )


@dataclass(frozen=True)
class CsvWriteOptions:
    """How CSV files are to be written.

    Attributes:
        header: Whether each file begins with the columns' names.
        separator: What stands between two fields.
        quote: What stands around a field that needs it; empty for nothing.
        escape: What stands before a quote inside quotes.
        quote_all: Whether every field gets quotes.
        escape_quotes: Whether a field that holds a quote gets quotes.
        null_text: What stands for null.
        empty_text: What stands for an empty string.
        trim_left: Whether spaces before a value are left out.
        trim_right: Whether spaces after a value are left out.
        line_separator: What ends a line.
    """

    header: bool
    separator: str
    quote: str
    escape: str
    quote_all: bool
    escape_quotes: bool
    null_text: str
    empty_text: str
    trim_left: bool
    trim_right: bool
    line_separator: str

    @staticmethod
    def read(options: SourceOptions) -> CsvWriteOptions:
        """Read a writer's options.

        Raises:
            SparkIllegalArgumentException: If one of them is no such value.
        """
        mark = _one_character(options, "quote", '"')
        quote_all = options.flag("quoteAll", False)
        null_text = options.text("nullValue", default="")
        empty_text = options.text("emptyValue", default='""')
        if quote_all:
            null_text = f"{mark}{null_text}{mark}"
            if "emptyValue" in options:
                empty_text = f"{mark}{empty_text}{mark}"
        return CsvWriteOptions(
            header=options.flag("header", False),
            separator=_characters(options.text("sep", "delimiter", default=",")),
            quote=mark,
            escape=_one_character(options, "escape", "\\"),
            quote_all=quote_all,
            escape_quotes=options.flag("escapeQuotes", True),
            null_text=null_text,
            empty_text=empty_text,
            trim_left=options.flag("ignoreLeadingWhiteSpace", True),
            trim_right=options.flag("ignoreTrailingWhiteSpace", True),
            line_separator=options.text("lineSep", default="\n"),
        )

    def field(self, text: str) -> str:
        """Return a column's name as a field."""
        special = (self.separator, self.quote, "\n", "\r")
        if not self.quote or not (self.quote_all or any(c in text for c in special if c)):
            return text
        escaped = text.replace(self.quote, (self.escape or self.quote) + self.quote)
        return f"{self.quote}{escaped}{self.quote}"
