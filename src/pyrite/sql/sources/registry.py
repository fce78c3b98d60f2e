"""The registry of file formats, and ``resolve``: from a read to its schema and its scan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from pyrite.core.hadoop.filesystem import file_system
from pyrite.sql.conf import SQLConf
from pyrite.sql.errors import analysis_error
from pyrite.sql.sources.binary_file import BINARY_FILE
from pyrite.sql.sources.csv import CSV
from pyrite.sql.sources.file_format import FileFormat, FileScan, ReadRequest
from pyrite.sql.sources.file_index import FileIndex, list_files
from pyrite.sql.sources.inferred_schemas import inferred_schema
from pyrite.sql.sources.json import JSON
from pyrite.sql.sources.options import SourceOptions
from pyrite.sql.sources.orc import ORC
from pyrite.sql.sources.parquet import PARQUET
from pyrite.sql.sources.text import TEXT
from pyrite.sql.types import StructField, StructType, as_nullable, sql_name

__all__ = [
    "FORMATS",
    "check_types",
    "find_format",
    "is_format",
    "resolve",
    "resolve_table",
    "resolve_text",
]

#: Every file format.
FORMATS: tuple[FileFormat, ...] = (PARQUET, CSV, JSON, TEXT, ORC, BINARY_FILE)

_BY_NAME = {
    name.lower(): file_format
    for file_format in FORMATS
    for name in (file_format.name, *file_format.classes)
}


def is_format(name: str) -> bool:
    """Return whether a name is a file format's, as in ``SELECT * FROM csv.`path```."""
    return name.lower() in _BY_NAME


def find_format(name: str) -> FileFormat:
    """Return the format of a short name or a Java class name, in any case.

    Raises:
        SparkError: DATA_SOURCE_NOT_FOUND if there is none.
    """
    found = _BY_NAME.get(name.lower())
    if found is None:
        raise analysis_error("DATA_SOURCE_NOT_FOUND", provider=name)
    return found


def check_types(file_format: FileFormat, schema: StructType) -> None:
    """Refuse columns that a format cannot store.

    Raises:
        SparkError: UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE.
    """
    for field in schema.fields:
        if not file_format.can_store(field.dataType):
            raise analysis_error(
                "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE",
                format=file_format.display,
                columnName=f"`{field.name}`",
                columnType=f'"{sql_name(field.dataType)}"',
            )


def resolve(
    format: str,
    user_schema: StructType | None,
    options: Iterable[tuple[str, str]],
    paths: Sequence[str],
    conf: SQLConf,
) -> tuple[StructType, FileScan]:
    """Find the files of a read, their columns, and how they are read.

    Args:
        format: A short name such as ``csv``, or a Java class name.
        user_schema: The schema the user gave; None to infer it.
        options: The reader's; ``path`` counts when there are no ``paths``.
        paths: Files, directories and globs.
        conf: The session's settings.

    Returns:
        The columns, partition columns last, and the scan.

    Raises:
        SparkError: DATA_SOURCE_NOT_FOUND, PATH_NOT_FOUND, UNABLE_TO_INFER_SCHEMA,
            UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE, or what the format finds.
    """
    file_format = find_format(format)
    checked = SourceOptions(options)
    if not paths and "path" in checked:
        paths = [checked["path"]]
    index = list_files(paths, checked, conf)
    user_data: StructType | None = None
    if user_schema is not None:
        fields = {field.name.lower(): field for field in user_schema.fields}
        index = index.with_partition_types(fields)
        partitions = {name.lower() for name in index.partition_schema.names}
        user_data = _nullable(
            [field for field in user_schema.fields if field.name.lower() not in partitions]
        )
    request = ReadRequest(checked, conf, index, user_data)
    data = user_data if user_data is not None else inferred_schema(file_format, request)
    if data is None:
        raise analysis_error("UNABLE_TO_INFER_SCHEMA", format=file_format.display)
    check_types(file_format, data)
    schema = _with_partitions(data, index.partition_schema)
    return schema, file_format.scan(request.with_index(index.largest_first()), schema)


def resolve_table(
    format: str,
    schema: StructType,
    partition_columns: Sequence[str],
    options: Iterable[tuple[str, str]],
    location: str,
    conf: SQLConf,
) -> FileScan:
    """Return how a table's files are read: its columns are known, whatever is on disk.

    Args:
        format: The table's provider.
        schema: Its columns, partition columns last.
        partition_columns: The names of those that directories make.
        options: The table's and the reader's.
        location: Its directory, which need not be there.
        conf: The session's settings.
    """
    file_format = find_format(format)
    checked = SourceOptions(options)
    exists = file_system(location).status(location) is not None
    index = list_files([location] if exists else [], checked, conf)
    fields = [f for f in schema.fields if f.name in partition_columns]
    index = replace(index, roots=(location,)).with_partition_columns(fields).largest_first()
    data = StructType([f for f in schema.fields if f.name not in partition_columns])
    return file_format.scan(ReadRequest(checked, conf, index, data), schema)


def resolve_text(
    format: str,
    user_schema: StructType | None,
    options: Iterable[tuple[str, str]],
    texts: Any,
    conf: SQLConf,
) -> tuple[StructType, FileScan]:
    """Find how a column of texts is read as the lines of a file.

    Args:
        format: ``csv`` or ``json``.
        user_schema: The schema the user gave; None to infer it.
        options: The reader's.
        texts: A chunked Arrow array of strings.
        conf: The session's settings.

    Returns:
        The columns and the scan.
    """
    file_format = find_format(format)
    index = FileIndex((), (), StructType([]))
    data = _nullable(user_schema.fields) if user_schema is not None else None
    request = ReadRequest(SourceOptions(options), conf, index, data, texts)
    schema = data if data is not None else file_format.infer(request)
    if schema is None:
        raise analysis_error("UNABLE_TO_INFER_SCHEMA", format=file_format.display)
    check_types(file_format, schema)
    return schema, file_format.scan(request, schema)


def _nullable(fields: list[StructField]) -> StructType:
    schema = as_nullable(StructType(fields))
    assert isinstance(schema, StructType)
    return schema


def _with_partitions(data: StructType, partitions: StructType) -> StructType:
    """Return the data columns and the partition columns; one that is both stays in its place."""
    by_name = {field.name.lower(): field for field in partitions.fields}
    kept = [by_name.pop(field.name.lower(), field) for field in data.fields]
    return StructType([*kept, *by_name.values()])
