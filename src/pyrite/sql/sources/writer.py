"""Saving: Arrow batches become the files of a directory, all of them or none.

Files are written below ``_temporary`` and moved into place when the last one is complete. What
an overwrite replaces is removed only then, so a save that fails leaves what was there.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pyrite.core.hadoop.committer import FileOutputCommitter
from pyrite.core.hadoop.filesystem import file_system, qualify
from pyrite.core.hadoop.output_job import make_committer
from pyrite.sql.conf import SESSION_TIME_ZONE, SQLConf
from pyrite.sql.errors import analysis_error, unsupported
from pyrite.sql.sources.buckets import split_by_buckets
from pyrite.sql.sources.file_format import FileFormat
from pyrite.sql.sources.file_output import BatchWriter, FileOutput, WriteRequest
from pyrite.sql.sources.options import SourceOptions
from pyrite.sql.sources.partition_split import split_by_partitions
from pyrite.sql.sources.partitions import can_partition
from pyrite.sql.sources.registry import check_types
from pyrite.sql.types import StructType, sql_name

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Save", "SaveResult", "save_mode"]

_MODES = {
    "append": "append", "overwrite": "overwrite", "ignore": "ignore",
    "error": "error", "errorifexists": "error", "default": "error",
}  # fmt: skip


def save_mode(name: str) -> str:
    """Return a save mode's canonical name: append, overwrite, ignore or error.

    Raises:
        SparkError: INVALID_SAVE_MODE if there is none of that name.
    """
    mode = _MODES.get(name.lower())
    if mode is None:
        raise analysis_error("INVALID_SAVE_MODE", mode=f'"{name}"')
    return mode


@dataclass(frozen=True)
class SaveResult:
    """What a save wrote.

    Attributes:
        rows: How many rows.
        partitions: The partition directories that were written, such as ``k=1/j=x``.
    """

    rows: int
    partitions: frozenset[str]


def has_empty_schema(schema: StructType) -> bool:
    """Return whether a schema, or a struct in it, has no columns.

    Example:
        >>> has_empty_schema(StructType([]))
        True
    """
    inner = [field.dataType for field in schema.fields]
    return not inner or any(has_empty_schema(t) for t in inner if isinstance(t, StructType))


def _check_distinct(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in map(str.lower, names):
        if name in seen:
            raise analysis_error("COLUMN_ALREADY_EXISTS", columnName=f"`{name}`")
        seen.add(name)


@dataclass(frozen=True)
class Save:
    """One save of rows into a directory.

    Attributes:
        file_format: How files are written.
        path: The directory, as the user gave it.
        mode: "append", "overwrite", "ignore" or "error".
        schema: The rows' columns.
        conf: The session's settings.
        options: The writer's.
        partition_columns: The columns that become directories.
        replaced: For an overwrite, the directory below ``path`` that is replaced: a static
            partition such as ``k=1``; empty for all.
        hadoop: Hadoop's settings, for the committer.
        partitions: How many partitions the rows are in; each is written to files of its own.
        is_bucketed: Whether rows have the column ``BUCKET_COLUMN``, by which those of each
            partition are sorted; each bucket is written to files of its own.
    """

    file_format: FileFormat
    path: str
    mode: str
    schema: StructType
    conf: SQLConf
    options: SourceOptions = field(default_factory=SourceOptions)
    partition_columns: tuple[str, ...] = ()
    replaced: str = ""
    hadoop: Mapping[str, str] = field(default_factory=dict)
    partitions: int = 1
    is_bucketed: bool = False

    def begin(self) -> bool:
        """Check everything that can be checked before a row is computed.

        Returns:
            False if there is nothing to do: the mode is "ignore" and the path is there.

        Raises:
            SparkError: PATH_ALREADY_EXISTS, UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE, or what is
                wrong with the columns.
        """
        self._check_columns()
        path = qualify(self.path)
        exists = file_system(path).status(path) is not None
        if exists and self.mode == "error":
            raise analysis_error("PATH_ALREADY_EXISTS", outputPath=path)
        return not (exists and self.mode == "ignore")

    def _check_columns(self) -> None:
        if self.file_format.output is None:
            raise unsupported(f"writing {self.file_format.name} files")
        if has_empty_schema(self.schema):
            raise analysis_error(
                "EMPTY_SCHEMA_NOT_SUPPORTED_FOR_DATASOURCE", format=self.file_format.display
            )
        _check_distinct(self.schema.names)
        _check_distinct(self.partition_columns)
        types = {field.name.lower(): field.dataType for field in self.schema.fields}
        for name in self.partition_columns:
            if name.lower() not in types:
                raise analysis_error(
                    "PARTITION_COLUMN_NOT_FOUND_IN_SCHEMA",
                    column=f"`{name}`",
                    schema=self.schema.simpleString(),
                )
            if not can_partition(types[name.lower()]):
                raise analysis_error(
                    "INVALID_PARTITION_COLUMN_DATA_TYPE",
                    type=f'"{sql_name(types[name.lower()])}"',
                )
        if self.schema.fields and len(self.partition_columns) == len(self.schema.fields):
            raise analysis_error("ALL_PARTITION_COLUMNS_NOT_ALLOWED")
        check_types(self.file_format, self.data_schema)
        if self.file_format.name == "text" and len(self.data_schema.fields) > 1:
            count = str(len(self.data_schema.fields))
            raise analysis_error("TEXT_SINGLE_COLUMN", count=count)

    @property
    def data_schema(self) -> StructType:
        """The columns that go into files."""
        partitions = {name.lower() for name in self.partition_columns}
        return StructType([f for f in self.schema.fields if f.name.lower() not in partitions])

    def run(self, rows: Iterable[tuple[int, pa.RecordBatch]]) -> SaveResult:
        """Write the rows.

        Args:
            rows: Rows of ``types.to_arrow_schema(schema)`` with the number of their partition;
                they are computed while they are read. What they raise aborts the save.
        """
        assert self.file_format.output is not None
        output = self.file_format.output(WriteRequest(self.options, self.conf, self.data_schema))
        committer = make_committer(self.path, self.hadoop)
        committer.setup_job()
        files = _Files(self, output, committer)
        try:
            for number in range(self.partitions):
                committer.setup_task(number, 0)
            for number, batch in rows:
                files.add(number, batch)
            files.close()
            for number in range(self.partitions):
                committer.commit_task(number, 0)
            if self.mode == "overwrite":
                self._remove_replaced(committer, files.partitions)
            committer.commit_job()
        except BaseException:
            files.abandon()
            committer.abort_job()
            raise
        return SaveResult(files.rows, frozenset(files.partitions))

    @property
    def is_dynamic_overwrite(self) -> bool:
        """Whether an overwrite replaces only those partitions that get new rows."""
        setting = self.conf.get("spark.sql.sources.partitionOverwriteMode") or "static"
        mode = self.options.text("partitionOverwriteMode", default=setting)
        return bool(self.partition_columns) and mode.lower() == "dynamic"

    def _remove_replaced(self, committer: FileOutputCommitter, partitions: set[str]) -> None:
        fs = file_system(committer.output)
        if self.is_dynamic_overwrite:
            for partition in sorted(partitions):
                fs.delete(f"{committer.output}/{partition}")
            return
        top = f"{committer.output}/{self.replaced}".rstrip("/")
        status = fs.status(top)
        if status is None:
            return
        for entry in fs.list_status(top):
            if entry.name != "_temporary":
                fs.delete(entry.path)


class _Files:
    """The open files of a save."""

    def __init__(self, save: Save, output: FileOutput, committer: FileOutputCommitter) -> None:
        self._save = save
        self._output = output
        self._committer = committer
        self._id = uuid.uuid4()
        self._limit = save.options.number(
            "maxRecordsPerFile", int(save.conf.get("spark.sql.files.maxRecordsPerFile") or 0)
        )
        self._open: dict[tuple[int, str, str], _OpenFile] = {}
        self._zone: str = save.conf.read(SESSION_TIME_ZONE)
        self.rows = 0
        self.partitions: set[str] = set()
        if not save.partition_columns and not save.is_bucketed:
            self._file(0, "", "")  # an answer without rows still leaves a file with its schema

    def add(self, number: int, batch: pa.RecordBatch) -> None:
        """Write rows of a partition."""
        import pyarrow as pa

        table = pa.Table.from_batches([batch])
        self.rows += table.num_rows
        if table.num_rows:
            self._write(number, table)

    def _write(self, number: int, table: Any) -> None:
        columns = self._save.partition_columns
        if not columns:
            self._append(number, "", table)
            return
        by_name = {name.lower(): name for name in table.column_names}
        names = [by_name[column.lower()] for column in columns]
        for directory, rows in split_by_partitions(table, names, self._zone):
            self.partitions.add(directory.strip("/"))
            self._append(number, directory, rows)

    def _append(self, number: int, directory: str, table: Any) -> None:
        if not self._save.is_bucketed:
            self._append_to(number, directory, "", table)
            return
        for bucket, rows in split_by_buckets(table):
            self._append_to(number, directory, f"_{bucket:05d}", rows)

    def _append_to(self, number: int, directory: str, bucket: str, table: Any) -> None:
        while table.num_rows:
            file = self._file(number, directory, bucket)
            room = self._limit - file.rows if self._limit > 0 else table.num_rows
            if room <= 0:
                file.writer.close()
                following = self._start(number, directory, bucket, file.sequence + 1)
                self._open[number, directory, bucket] = following
                continue
            file.writer.write(table.slice(0, room))
            file.rows += min(room, table.num_rows)
            table = table.slice(room)

    def _file(self, number: int, directory: str, bucket: str) -> _OpenFile:
        file = self._open.get((number, directory, bucket))
        if file is None:
            file = self._start(number, directory, bucket, 0)
            self._open[number, directory, bucket] = file
        return file

    def _start(self, number: int, directory: str, bucket: str, sequence: int) -> _OpenFile:
        mark = "." if self._save.partition_columns or bucket else "-"
        name = f"part-{number:05d}-{self._id}{bucket}{mark}c{sequence:03d}{self._output.extension}"
        path = f"{self._committer.attempt_path(number, 0)}{directory}/{name}"
        return _OpenFile(self._output.open(file_system(path).create(path)), sequence)

    def close(self) -> None:
        """Complete every file."""
        for file in self._open.values():
            file.writer.close()
        self._open.clear()

    def abandon(self) -> None:
        """Let go of the files of a save that failed."""
        import contextlib

        for file in self._open.values():
            with contextlib.suppress(Exception):
                file.writer.close()
        self._open.clear()


@dataclass
class _OpenFile:
    writer: BatchWriter
    sequence: int
    rows: int = 0
