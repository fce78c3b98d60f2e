"""Binary files: one row for each file, with its path, time, size and bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyrite.core.hadoop.filesystem import FileStatus, file_system
from pyrite.sql.errors import analysis_error
from pyrite.sql.sources.arrow_scan import ArrowScan
from pyrite.sql.sources.file_format import FileFormat, FileScan, ReadRequest
from pyrite.sql.types import BINARY, LONG, STRING, TIMESTAMP, StructField, StructType, sql_name

__all__ = ["BINARY_FILE"]

_SCHEMA = StructType(
    [
        StructField("path", STRING),
        StructField("modificationTime", TIMESTAMP),
        StructField("length", LONG),
        StructField("content", BINARY),
    ]
)


def _infer(request: ReadRequest) -> StructType:
    return _SCHEMA


def _read(file: FileStatus, columns: Sequence[str], part: range | None) -> Any:
    import pyarrow as pa

    wanted = {name.lower() for name in columns}
    content = None
    if "content" in wanted:
        with file_system(file.path).open(file.path) as opened:
            content = opened.read()
    modified = int(file.modified * 1000) * 1000
    return pa.table(
        {
            "path": pa.array([file.path]),
            "modificationTime": pa.array([modified], pa.timestamp("us", "UTC")),
            "length": pa.array([file.length], pa.int64()),
            "content": pa.array([content], pa.binary()),
        }
    )


def _scan(request: ReadRequest, schema: StructType) -> FileScan:
    if request.user_schema is not None and request.user_schema != _SCHEMA:
        raise analysis_error(
            "BINARY_FILE_SCHEMA", expected=sql_name(_SCHEMA), actual=sql_name(request.user_schema)
        )
    return ArrowScan("binaryFile", request, schema, _read)


BINARY_FILE = FileFormat(
    "binaryfile",
    "BinaryFile",
    ("org.apache.spark.sql.execution.datasources.binaryfile.BinaryFileFormat",),
    _infer,
    _scan,
)
