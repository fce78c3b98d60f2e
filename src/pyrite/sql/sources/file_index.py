"""FileIndex: from the paths of a read to its files, and the columns their directories make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from pyrite.core.hadoop.filesystem import FileStatus, FileSystem, file_system, qualify
from pyrite.core.hadoop.input_paths import glob, glob_to_regex
from pyrite.sql.conf import SESSION_TIME_ZONE, SQLConf
from pyrite.sql.duckdb_text import quote, struct
from pyrite.sql.errors import analysis_error, runtime_error
from pyrite.sql.sources.options import SourceOptions
from pyrite.sql.sources.partitions import infer_type, read_directory
from pyrite.sql.time_zones import parse_zone
from pyrite.sql.types import LONG, STRING, StructField, StructType, to_duckdb

__all__ = ["ROW_NUMBER", "FileIndex", "Piece", "list_files", "uri"]

#: What DuckDB calls the place of a row in its file.
ROW_NUMBER = "file_row_number"


class Piece(NamedTuple):
    """A piece of a file that can be read without the rest.

    Attributes:
        part: Which of its rows, bytes or stripes, as ``FileIndex.ranges`` has them; None for all.
        bytes: About how many bytes it has.
    """

    part: range | None
    bytes: int


@dataclass(frozen=True, slots=True)
class FileIndex:
    """The files of a read.

    Attributes:
        roots: The paths they were found under, as URIs.
        files: The files, by path.
        partition_schema: The columns that directories make.
        partition_values: For each file, the texts of those columns; None for null.
        file_column: Which of those columns holds the path of the file itself, as DuckDB tells
            it; empty for none.
        numbers_rows: Whether one of those columns, ``ROW_NUMBER``, holds a row's place in its
            file, from 0. Only DuckDB's reader of Parquet can tell it.
        ranges: For each file of a scan that was cut, which of its rows are read (of a text file,
            which of its bytes; of one that Arrow reads, which of its stripes or row groups); None
            for all. Empty for a scan that reads whole files.
        sample: Of a scan that was cut, the file by which the uncut one tells how the others are
            written; None for the first that is not empty.
        is_part: Whether the read has more files than these.
    """

    roots: tuple[str, ...]
    files: tuple[FileStatus, ...]
    partition_schema: StructType
    partition_values: tuple[tuple[str | None, ...], ...] = ()
    file_column: str = ""
    numbers_rows: bool = False
    ranges: tuple[range | None, ...] = ()
    sample: FileStatus | None = None
    is_part: bool = False

    @property
    def rows_of_values(self) -> tuple[tuple[str | None, ...], ...]:
        """For each file, the texts of the partition columns, if there are any."""
        return self.partition_values or ((),) * len(self.files)

    @property
    def parts(self) -> tuple[range | None, ...]:
        """For each file, which part of it is read; None for all of it."""
        return self.ranges or (None,) * len(self.files)

    @property
    def part_texts(self) -> list[str]:
        """The files with their ranges, for people: ``file:/data/a [0, 1000)``."""
        return [
            file.path if part is None else f"{file.path} [{part.start}, {part.stop})"
            for file, part in zip(self.files, self.parts, strict=True)
        ]

    @property
    def is_local(self) -> bool:
        """Whether all files are on this machine's disks."""
        return all(file.path.startswith("file:") for file in self.files)

    @property
    def local_paths(self) -> list[str]:
        """The files as the operating system names them."""
        return [file.path.removeprefix("file:") for file in self.files]

    @property
    def uris(self) -> list[str]:
        """The files as ``inputFiles`` names them, each once."""
        return list(dict.fromkeys(uri(file.path) for file in self.files))

    def largest_first(self) -> FileIndex:
        """Return the index in the order in which Spark reads: large files before small ones."""
        order = sorted(range(len(self.files)), key=lambda i: -self.files[i].length)
        values = tuple(self.partition_values[i] for i in order) if self.partition_values else ()
        files = tuple(self.files[i] for i in order)
        return replace(self, files=files, partition_values=values)

    def chosen(self, places: Iterable[int]) -> FileIndex:
        """Return the index of some of the files."""
        kept = tuple(places)
        values = self.partition_values
        return replace(
            self,
            files=tuple(self.files[place] for place in kept),
            partition_values=tuple(values[place] for place in kept) if values else (),
            is_part=True,
        )

    def with_file_column(self, name: str) -> FileIndex:
        """Return the index with one more column, which holds the path of the file."""
        values = self.rows_of_values
        return replace(
            self,
            partition_schema=StructType([*self.partition_schema.fields, StructField(name, STRING)]),
            partition_values=tuple(
                (*row, path) for row, path in zip(values, self.local_paths, strict=True)
            ),
            file_column=name,
        )

    def with_row_numbers(self) -> FileIndex:
        """Return the index with one more column, the place of a row in its file."""
        schema = StructType([*self.partition_schema.fields, StructField(ROW_NUMBER, LONG)])
        values = self.rows_of_values
        numbered = tuple((*row, None) for row in values)
        return replace(self, partition_schema=schema, partition_values=numbered, numbers_rows=True)

    @property
    def reader_options(self) -> str:
        """The arguments by which DuckDB's readers make the partition columns."""
        told = (self.file_column, ROW_NUMBER if self.numbers_rows else "")
        columns = [f for f in self.partition_schema.fields if f.name not in told]
        types = struct((f.name, quote(to_duckdb(f.dataType))) for f in columns)
        options = (
            f"hive_partitioning=true, hive_types={types}" if columns else "hive_partitioning=false"
        )
        if self.file_column:
            options += f", filename={quote(self.file_column)}"
        return f"{options}, file_row_number=true" if self.numbers_rows else options

    def with_partition_types(self, types: Mapping[str, StructField]) -> FileIndex:
        """Return the index with the types that a user's schema gives its partition columns.

        Args:
            types: The user's fields by lower-case name.
        """
        fields = [types.get(f.name.lower(), f) for f in self.partition_schema.fields]
        return FileIndex(self.roots, self.files, StructType(fields), self.partition_values)

    def with_partition_columns(self, fields: Sequence[StructField]) -> FileIndex:
        """Return the index with just these partition columns, in this order."""
        known = {f.name.lower(): i for i, f in enumerate(self.partition_schema.fields)}
        places = [known.get(f.name.lower()) for f in fields]
        rows = self.rows_of_values
        values = tuple(
            tuple(None if place is None else row[place] for place in places) for row in rows
        )
        return FileIndex(self.roots, self.files, StructType(list(fields)), values)


def uri(path: str) -> str:
    """Return a path as Spark shows files: ``file:///data/a``.

    Example:
        >>> uri("file:/data/a")
        'file:///data/a'
    """
    if path.startswith("file:/") and not path.startswith("file://"):
        return "file://" + path.removeprefix("file:")
    return path


def list_files(paths: Sequence[str], options: SourceOptions, conf: SQLConf) -> FileIndex:
    """Find the files of a read.

    A directory stands for the files in its ``column=value`` directories or, where it has none,
    for the files in it; with ``recursiveFileLookup`` for all files below it. Names that begin
    with ``_`` or ``.`` are passed over. A file that is found twice is read twice, except with
    ``recursiveFileLookup`` and where directories make columns.

    Args:
        paths: Files, directories and globs.
        options: ``basePath``, ``pathGlobFilter``, ``recursiveFileLookup``, ``modifiedBefore``
            and ``modifiedAfter`` count.
        conf: The session's settings.

    Raises:
        SparkError: PATH_NOT_FOUND if a path or a pattern matches nothing; CONFLICTING_... and
            EMPTY_... if directories do not make one table.
    """
    recursive = options.flag("recursiveFileLookup", False)
    keep = _filter(options, conf)
    roots: list[str] = []
    found: list[tuple[str, FileStatus]] = []
    base = qualify(options["basePath"]) if "basePath" in options else None
    for path in paths:
        root = qualify(path)
        fs = file_system(root)
        matches = glob(fs, root)
        if not matches:
            raise analysis_error("PATH_NOT_FOUND", path=root)
        for match in matches:
            roots.append(match.path)
            top = match.path if match.is_directory else match.path.rpartition("/")[0]
            found += ((top, file) for file in _leaves(fs, match))
    found.sort(key=lambda item: item[1].path)
    once = tuple({file.path: file for _, file in found if keep(file)}.values())
    index = FileIndex(tuple(roots), once, StructType([]))
    if recursive:
        return index
    bases = {base} if base else {top for top, _ in found}
    directories = dict.fromkeys(_directory(file) for _, file in found)
    partitions = _read_directories(directories, bases)
    if partitions:
        return _with_partitions(index, partitions, conf)
    own = tuple(file for top, file in found if _directory(file) == top and keep(file))
    return replace(index, files=own)


def _filter(options: SourceOptions, conf: SQLConf) -> _Filter:
    name = options.get("pathGlobFilter")
    zone = conf.read(SESSION_TIME_ZONE)
    return _Filter(
        glob_to_regex(name).fullmatch if name else None,
        _instant(options, "modifiedBefore", zone),
        _instant(options, "modifiedAfter", zone),
    )


@dataclass(frozen=True)
class _Filter:
    """Which files a read's options let through."""

    matches: object
    before: float | None
    after: float | None

    def __call__(self, file: FileStatus) -> bool:
        return (
            (not callable(self.matches) or bool(self.matches(file.name)))
            and (self.before is None or file.modified < self.before)
            and (self.after is None or file.modified > self.after)
        )


def _instant(options: SourceOptions, name: str, session_zone: str) -> float | None:
    text = options.get(name)
    if text is None:
        return None
    found = parse_zone(options.time_zone(session_zone))
    try:
        return datetime.fromisoformat(text).replace(tzinfo=found).timestamp()
    except ValueError:
        raise analysis_error("INVALID_FILE_TIME_OPTION", option=name, value=text) from None


def _is_hidden(name: str) -> bool:
    return (
        name.startswith(".")
        or (name.startswith("_") and "=" not in name)
        or name.endswith("._COPYING_")
    )


def _directory(file: FileStatus) -> str:
    return file.path.rpartition("/")[0]


def _leaves(fs: FileSystem, top: FileStatus) -> Iterator[FileStatus]:
    """Yield the files of a directory and of those below it, but for hidden ones."""
    if not top.is_directory:
        yield top
        return
    for entry in fs.list_status(top.path):
        if not _is_hidden(entry.name):
            yield from _leaves(fs, entry) if entry.is_directory else (entry,)


#: The columns that a directory's path makes, outermost first, and their values.
_Columns = tuple[tuple[str, str | None], ...]


def _read_directories(directories: Iterable[str], bases: Set[str]) -> dict[str, _Columns]:
    """Return those directories of files that make columns, if any do.

    Args:
        directories: Where there are files.
        bases: Directories above which no columns are looked for.

    Raises:
        SparkError: CONFLICTING_DIRECTORY_STRUCTURES if some make columns, and not all of them
            lie below the same directory.
    """
    found: dict[str, _Columns] = {}
    starts: dict[str, None] = {}
    for directory in directories:
        columns, start = _columns_of(directory, bases)
        starts[start] = None
        if columns:
            found[directory] = columns
    if found and len(starts) > 1:
        raise runtime_error(
            "CONFLICTING_DIRECTORY_STRUCTURES",
            discoveredBasePaths="".join(f"\n\t{start}" for start in starts) + "\n",
        )
    return found


def _columns_of(directory: str, bases: Set[str]) -> tuple[_Columns, str]:
    """Return the columns of a directory's path, and the directory where they begin."""
    columns: list[tuple[str, str | None]] = []
    current = directory
    while current and current not in bases:
        current_above, _, name = current.rpartition("/")
        pair = read_directory(name)
        if pair is not None:
            columns.append(pair)
        elif columns:
            break
        current = current_above
    return tuple(reversed(columns)), current if columns else directory


def _with_partitions(
    index: FileIndex, partitions: Mapping[str, _Columns], conf: SQLConf
) -> FileIndex:
    """Return the index with the columns that its directories make, of files that have some."""
    names = [tuple(name for name, _ in columns) for columns in partitions.values()]
    distinct = list(dict.fromkeys(names))
    if len(distinct) > 1:
        shown = "\n".join(f"Partition column name list #{i}: {', '.join(n)}"
                          for i, n in enumerate(distinct))  # fmt: skip
        raise analysis_error("CONFLICTING_PARTITION_COLUMN_NAMES", distinctPartColLists=shown,
                             suspiciousPaths="\n".join(partitions))  # fmt: skip
    lowered = [name.lower() for name in distinct[0]]
    for name in lowered:
        if lowered.count(name) > 1:
            raise analysis_error("COLUMN_ALREADY_EXISTS", columnName=f"`{name}`")
    files = tuple(file for file in index.files if _directory(file) in partitions)
    values = {path: tuple(v for _, v in columns) for path, columns in partitions.items()}
    infers = (
        conf.get("spark.sql.sources.partitionColumnTypeInference.enabled") or "true"
    ) == "true"
    fields = [
        StructField(name, infer_type(dict.fromkeys(column)) if infers else STRING)
        for name, column in zip(distinct[0], zip(*values.values(), strict=True), strict=True)
    ]
    rows = tuple(values[_directory(file)] for file in files)
    return FileIndex(index.roots, files, StructType(fields), rows)
