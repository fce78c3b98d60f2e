"""Lines: text files as rows of one column, before anything is made of them.

DuckDB reads plain UTF-8 files itself, on all cores. What it cannot read as Spark does (other
encodings and separators, mixed line ends, Hadoop's codecs, remote files) is read here.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pyrite.core.hadoop.codecs import codec_for_path
from pyrite.core.hadoop.filesystem import FileStatus, file_system
from pyrite.sql.duckdb_text import identifier, string_list
from pyrite.sql.errors import illegal_argument
from pyrite.sql.sources.arrow_scan import constant_column
from pyrite.sql.sources.file_index import FileIndex, Piece
from pyrite.sql.sources.line_blocks import ASCII_LIKE, LINE_END, line_array, read_blocks
from pyrite.sql.types import to_duckdb

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["LINE", "Lines", "check_encoding"]

#: The column that holds the lines.
LINE = "__line"

_HEAD = 1 << 16
_BATCH_BYTES = 1 << 22
#: Suffixes of files that DuckDB decompresses.
_DUCKDB_SUFFIXES = (".gz", ".zst")
_MAX_LINE = 1 << 27
#: Below so many bytes it does not pay to cut a file.
_LEAST_PIECE = 1 << 20


def check_encoding(name: str, reader: str) -> str:
    """Return Python's name of an encoding.

    Args:
        name: The encoding, as the user gave it.
        reader: Whose option it is, for the error: ``CSVOptions``.

    Raises:
        SparkError: INVALID_PARAMETER_VALUE.CHARSET if there is none of that name.
    """
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise illegal_argument(
            "INVALID_PARAMETER_VALUE.CHARSET",
            functionName=f"`{reader}`",
            parameter="`charset`",
            charset=name,
            charsets="iso-8859-1, us-ascii, utf-16, utf-16be, utf-16le, utf-32, utf-8",
        ) from None


@dataclass(frozen=True)
class Lines:
    """The lines of some files.

    Attributes:
        index: The files.
        separator: What ends a line; None for any of the usual line ends.
        encoding: Python's name of the files' encoding.
        whole: Whether each file is one single line.
        skip: How many lines at the start of each file are left out.
        texts: An Arrow array of the lines, when they are not in files.
        is_open: Whether a line goes on in the next one: a record with a line end inside quotes.
    """

    index: FileIndex
    separator: str | None = None
    encoding: str = "utf-8"
    whole: bool = False
    skip: int = 0
    is_open: Callable[[str], bool] | None = None
    texts: Any = None

    @cached_property
    def _line_end(self) -> str | None:
        """How DuckDB is to cut lines, None when it cannot read these files as Spark does."""
        if self.whole or self.is_open or not self.index.is_local or self.encoding != "utf-8":
            return None
        if any(part is not None for part in self.index.ranges):
            return None
        for file in self.index.files:
            codec = codec_for_path(file.path)
            if codec is not None and not file.path.endswith(_DUCKDB_SUFFIXES):
                return None
        if self.separator not in (None, "\n"):
            return None
        head = self.head()
        if head is None or (self.separator and "\r" in head):  # DuckDB would end lines there
            return None
        is_cut = any(file.length > _HEAD for file in self.index.files)
        # A carriage return at the very end may be half of a line end.
        ends = set(LINE_END.findall(head.removesuffix("\r") if is_cut else head))
        if len(ends) > 1 or "\r" in ends:
            return None
        return "\r\n" if "\r\n" in ends else "\n"

    def head(self) -> str | None:
        """Return the start of the first file that is not empty, None if it is no valid text."""
        return "" if self._sample is None else _head(self._sample, self.encoding)

    def first_lines(self) -> Iterator[str]:
        """Yield the lines of the first file that is not empty."""
        if self.texts is not None:
            yield from (text for text in self.texts.to_pylist() if text)
            return
        if self._sample is not None:
            for lines in self._records(self._sample):
                yield from lines

    @property
    def _sample(self) -> FileStatus | None:
        """The file by which is told how all are written."""
        return self.index.sample or next((file for file in self.index.files if file.length), None)

    def pieces(self, file: FileStatus, size: int) -> Sequence[Piece]:
        """Return the pieces of so many bytes in which a file can be read.

        A piece has the lines that begin in it.
        """
        is_cut = self._is_of_blocks and codec_for_path(file.path) is None
        size = max(size, _LEAST_PIECE)
        if not is_cut or file.length <= size:
            return (Piece(None, file.length),)
        ends = [*range(0, file.length, size), file.length]
        return [Piece(range(start, end), end - start) for start, end in pairwise(ends)]

    def sql(self, batches: str = "") -> str:
        """Return a table expression with the lines and the partition columns."""
        if self.texts is not None:
            return batches
        if not self.index.files:
            items = [f"CAST(NULL AS VARCHAR) AS {LINE}", *self._typed_partitions("NULL")]
            return f"(SELECT {', '.join(items)} WHERE false)"
        if self._line_end is None:
            return f"(SELECT {', '.join([LINE, *self._typed_partitions()])} FROM {batches})"
        line_end = "\\r\\n" if self._line_end == "\r\n" else "\\n"
        table = self.reader(
            f"{{'{LINE}': 'VARCHAR'}}",
            f"delim='', quote='', escape='', strict_mode=false, new_line='{line_end}'",
        )
        # The reader takes an empty line for a null.
        items = [f"coalesce({LINE}, '') AS {LINE}", *self.partition_columns]
        return f"(SELECT {', '.join(items)} FROM {table})"

    def reader(self, columns: str, dialect: str) -> str:
        """Return a call of DuckDB's CSV reader for these files; nothing is left for it to guess.

        Args:
            columns: The columns and their types, as SQL.
            dialect: How they stand in a line, as arguments.
        """
        parts = [
            string_list(self.index.local_paths),
            f"columns={columns}, auto_detect=false, header=false, comment=''",
            dialect,
            f"skip={self.skip}",
            f"max_line_size={_MAX_LINE}" if self._has_long_lines else "",
            self.index.reader_options,
        ]
        return f"read_csv({', '.join(filter(None, parts))})"

    @property
    def is_read_by_duckdb(self) -> bool:
        """Whether DuckDB opens the files itself."""
        return self.texts is None and bool(self.index.files) and self._line_end is not None

    @property
    def partition_columns(self) -> list[str]:
        """The names of the columns that directories make, quoted."""
        return [identifier(name) for name in self.index.partition_schema.names]

    def _typed_partitions(self, value: str = "") -> list[str]:
        """Return the columns that directories make, of texts or of one value, in their types."""
        fields = self.index.partition_schema.fields
        columns = [(identifier(f.name), to_duckdb(f.dataType)) for f in fields]
        return [f"CAST({value or name} AS {kind}) AS {name}" for name, kind in columns]

    def with_skip(self, skip: int) -> Lines:
        """Return the lines with another number of them left out of each file."""
        return replace(self, skip=skip)

    @cached_property
    def _has_long_lines(self) -> bool:
        head = self.head() or ""
        return len(head) >= _HEAD // 4 and not LINE_END.search(head)

    @property
    def gives_arrow(self) -> bool:
        """Whether ``sql`` reads what ``arrow`` returns."""
        return self.texts is not None or (bool(self.index.files) and self._line_end is None)

    def arrow(self) -> pa.RecordBatchReader | None:
        """Return the lines as batches where DuckDB does not read them itself."""
        if not self.gives_arrow:
            return None
        import pyarrow as pa

        if self.texts is not None:
            kept = self.texts.drop_null().slice(self.skip)
            return pa.table({LINE: kept.cast(pa.string())}).to_reader()
        names = self.index.partition_schema.names
        schema = pa.schema([(LINE, pa.string()), *((name, pa.string()) for name in names)])

        def batches() -> Iterator[pa.RecordBatch]:
            index = self.index
            for file, part, row in zip(index.files, index.parts, index.rows_of_values, strict=True):
                left = 0 if part is not None and part.start else self.skip
                for lines in self._arrays(file, part):
                    kept, left = lines.slice(left), max(0, left - len(lines))
                    constants = [constant_column(text, len(kept)) for text in row]
                    yield pa.record_batch([kept, *constants], schema=schema)

        return pa.RecordBatchReader.from_batches(schema, batches())

    def _arrays(self, file: FileStatus, part: range | None) -> Iterator[pa.StringArray]:
        """Yield the lines of a file or a part of it, those that belong together as one."""
        import pyarrow as pa

        if not self._is_of_blocks:
            for lines in self._records(file):
                yield pa.array(lines, pa.string())
            return
        with _open(file) as opened:
            for block in read_blocks(opened, part):
                yield line_array(block, self.encoding, only_line_feeds=self.separator is not None)

    @property
    def _is_of_blocks(self) -> bool:
        """Whether line feeds end lines, and nothing in a file is more than a line."""
        is_cut_by_feeds = self.separator in (None, "\n") and self.encoding in ASCII_LIKE
        return is_cut_by_feeds and not (self.whole or self.is_open)

    def _records(self, file: FileStatus) -> Iterator[Sequence[str]]:
        """Yield a file's lines, those that belong together as one."""
        if self.is_open is None:
            yield from self._cut(file)
            return
        started = ""
        for lines in self._cut(file):
            records = []
            for line in lines:
                text = started + line
                record = text.rstrip("\r\n")
                started = text if self.is_open(record) else ""
                if not started:
                    records.append(record)
            yield records
        if started:
            yield [started]

    def _cut(self, file: FileStatus) -> Iterator[Sequence[str]]:
        """Yield a file's lines, some millions of characters at a time."""
        with _open(file) as opened:
            if self.whole:
                yield [_decode(opened.read(), self.encoding)]
                return
            decoder = codecs.getincrementaldecoder(self.encoding)(errors="replace")
            rest = ""
            started = False
            while True:
                data = opened.read(_BATCH_BYTES)
                text = rest + decoder.decode(data, final=not data)
                if not started:
                    text, started = text.removeprefix("\ufeff"), True
                # A carriage return at the very end may be half of a line end.
                held = "\r" if data and self.separator is None and text.endswith("\r") else ""
                text = text.removesuffix(held) if held else text
                lines = self._split(text)
                rest = lines.pop() + held
                if not data:
                    yield [*lines, rest] if rest else lines
                    return
                if lines:
                    yield lines

    def _split(self, text: str) -> list[str]:
        """Cut a text at its line ends; lines that may go on in the next keep theirs."""
        if self.separator:
            return text.split(self.separator)
        if self.is_open is None:
            return LINE_END.split(text)
        parts = re.split("(\r\n|\n|\r)", text)
        ends = [*parts[1::2], ""]
        return [line + end for line, end in zip(parts[::2], ends, strict=True)]


def _open(file: FileStatus) -> io.BufferedIOBase:
    codec = codec_for_path(file.path)
    opened = file_system(file.path).open(file.path)
    return codec.reader(opened) if codec else opened  # type: ignore[return-value]


def _head(file: FileStatus, encoding: str) -> str | None:
    """Return the start of a file, None if it is no valid text."""
    with _open(file) as opened:
        data = opened.read(_HEAD)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
        return decoder.decode(data, final=len(data) < _HEAD)
    except UnicodeDecodeError:
        return None


def _decode(data: bytes, encoding: str) -> str:
    return data.decode(encoding, errors="replace").removeprefix("\ufeff")
