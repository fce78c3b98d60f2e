"""ORC, read by pyarrow."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from pyrite.core.hadoop.filesystem import FileStatus, file_system
from pyrite.sql.errors import runtime_error
from pyrite.sql.sources.arrow_scan import ArrowScan
from pyrite.sql.sources.columnar_writer import orc_output
from pyrite.sql.sources.file_format import FileFormat, FileScan, ReadRequest
from pyrite.sql.sources.file_index import Piece
from pyrite.sql.sources.parquet_schema import type_of_arrow
from pyrite.sql.sources.schema_merging import merge_schemas
from pyrite.sql.types import (
    TIMESTAMP,
    TIMESTAMP_NTZ,
    CalendarIntervalType,
    DataType,
    NullType,
    StructField,
    StructType,
    VariantType,
    to_arrow,
)

__all__ = ["ORC"]

#: Where Spark notes the type of a column that ORC has no like of.
_TYPE_KEY = b"spark.sql.catalyst.type"


def _open(file: FileStatus) -> Any:
    """Open a file; None if it is empty.

    Raises:
        SparkError: FAILED_READ_FILE.CANNOT_READ_FILE_FOOTER if it is no ORC file.
    """
    import pyarrow as pa
    from pyarrow import orc

    if not file.length:
        return None
    try:
        if file.path.startswith("file:"):
            return orc.ORCFile(file.path.removeprefix("file:"))
        with file_system(file.path).open(file.path) as opened:
            return orc.ORCFile(io.BytesIO(opened.read()))
    except (pa.ArrowInvalid, OSError) as error:
        raise runtime_error(
            "FAILED_READ_FILE.CANNOT_READ_FILE_FOOTER", None, path=file.path
        ) from error


def _type(field: Any) -> DataType:
    noted = (field.metadata or {}).get(_TYPE_KEY, b"")
    if noted == b"timestamp_ntz":
        return TIMESTAMP_NTZ
    if str(field.type).startswith("timestamp"):
        return TIMESTAMP
    return type_of_arrow(field.type, True, field.name)[0]


def _schema(opened: Any) -> StructType:
    return StructType([StructField(f.name, _type(f)) for f in opened.schema])


def _infer(request: ReadRequest) -> StructType | None:
    merges = request.options.flag("mergeSchema", False)
    schemas = []
    for file in request.index.files:
        opened = _open(file)
        if opened is not None:
            schemas.append(_schema(opened))
            if not merges:
                break
    return merge_schemas(schemas) if schemas else None


def _stripes(file: FileStatus) -> Sequence[Piece]:
    """Return a file's stripes; nothing tells how large each is."""
    opened = _open(file)
    count = 0 if opened is None else opened.nstripes
    return [Piece(range(number, number + 1), file.length // count) for number in range(count)]


def _read(file: FileStatus, columns: Sequence[str], part: range | None) -> Any:
    import pyarrow as pa

    opened = _open(file)
    if opened is None:
        return pa.table({"_": pa.nulls(0)})
    stored = {f.name.lower(): f for f in opened.schema}
    found = [stored[name.lower()] for name in columns if name.lower() in stored]
    names = [f.name for f in found]
    if part is not None:
        # A stripe without columns does not tell how many rows it has.
        some = names or opened.schema.names[:1]
        table = pa.Table.from_batches([opened.read_stripe(number, some) for number in part])
    elif names:
        table = opened.read(names)
    if not names:
        return pa.table({"_": pa.nulls(opened.nrows if part is None else table.num_rows)})
    arrays = [_value(table.column(f.name), _type(f)) for f in found]
    return pa.table(arrays, names=[f.name for f in found])


def _value(column: Any, data_type: DataType) -> Any:
    """Return a column in the form DuckDB casts rightly: instants with their zone."""
    import pyarrow as pa

    if data_type == TIMESTAMP_NTZ:
        return column.cast(pa.timestamp("us"))
    if "timestamp" in str(column.type):
        return column.cast(to_arrow(data_type), safe=False)
    return column


def _scan(request: ReadRequest, schema: StructType) -> FileScan:
    return ArrowScan("orc", request, schema, _read, _stripes)


def _supports(data_type: DataType) -> bool:
    return not isinstance(data_type, (CalendarIntervalType, NullType, VariantType))


ORC = FileFormat(
    "orc",
    "ORC",
    (
        "org.apache.spark.sql.hive.orc",
        "org.apache.spark.sql.execution.datasources.orc",
        "org.apache.spark.sql.execution.datasources.orc.OrcFileFormat",
    ),
    _infer,
    _scan,
    _supports,
    output=orc_output,
)
