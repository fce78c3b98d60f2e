"""Writing Parquet and ORC, by pyarrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from pyrite.sql.sources.file_output import FileOutput, WriteRequest, unknown_codec
from pyrite.sql.sources.parquet_schema import SPARK_SCHEMA_KEY
from pyrite.sql.types import DayTimeIntervalType, StructType, TimestampType, to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["orc_output", "parquet_output"]

#: Spark's name of a compression -> pyarrow's name, what it adds to a file's name.
_PARQUET_CODECS = {
    "none": ("none", ""), "uncompressed": ("none", ""), "snappy": ("snappy", ".snappy"),
    "gzip": ("gzip", ".gz"), "zstd": ("zstd", ".zstd"), "brotli": ("brotli", ".br"),
    "lz4": ("lz4", ".lz4hadoop"), "lz4_raw": ("lz4", ".lz4raw"),
}  # fmt: skip
_ORC_CODECS = {
    "none": ("uncompressed", ""), "uncompressed": ("uncompressed", ""),
    "snappy": ("snappy", ".snappy"), "zlib": ("zlib", ".zlib"), "zstd": ("zstd", ".zstd"),
    "lz4": ("lz4", ".lz4"),
}  # fmt: skip


def _codec(
    request: WriteRequest, codecs: dict[str, tuple[str, str]], keys: tuple[str, ...], setting: str
) -> tuple[str, str]:
    default = request.conf.get(setting) or next(iter(codecs))
    name = request.options.text(*keys, default=default).lower()
    if name not in codecs:
        raise unknown_codec(name, sorted(codecs))
    return codecs[name]


class _ParquetWriter:
    """One Parquet file, with Spark's schema in its footer."""

    def __init__(self, file: BinaryIO, schema: StructType, codec: str) -> None:
        import pyarrow.parquet as pq

        self._file = file
        arrow = _stored_schema(schema, orc=False).with_metadata(
            {SPARK_SCHEMA_KEY: schema.json().encode()}
        )
        self._schema = arrow
        self._writer: Any = pq.ParquetWriter(file, arrow, compression=codec)

    def write(self, table: pa.Table) -> None:
        """Add rows."""
        self._writer.write_table(_stored(table, self._schema))

    def close(self) -> None:
        """Write the footer."""
        self._writer.close()
        self._file.close()


class _OrcWriter:
    """One ORC file."""

    def __init__(self, file: BinaryIO, schema: StructType, codec: str) -> None:
        from pyarrow import orc

        self._file = file
        self._schema = _stored_schema(schema, orc=True)
        self._writer: Any = orc.ORCWriter(file, compression=codec)
        self._empty = True

    def write(self, table: pa.Table) -> None:
        """Add rows."""
        self._empty = False
        self._writer.write(_stored(table, self._schema))

    def close(self) -> None:
        """Write the footer; a file without rows still has a schema."""
        if self._empty:
            self._writer.write(self._schema.empty_table())
        self._writer.close()
        self._file.close()


def _stored_schema(schema: StructType, orc: bool) -> Any:
    """Return the Arrow schema of a file: intervals as numbers, as Spark stores them."""
    import pyarrow as pa

    fields = []
    for field, arrow in zip(schema.fields, to_arrow_schema(schema), strict=True):
        stored = arrow
        if isinstance(field.dataType, DayTimeIntervalType):
            stored = arrow.with_type(pa.int64())
        elif orc and isinstance(field.dataType, TimestampType):
            # ORC's own timestamp, in UTC, as Spark writes it.
            stored = arrow.with_type(pa.timestamp("us"))
        fields.append(stored)
    return pa.schema(fields)


def _stored(table: Any, schema: Any) -> Any:
    import pyarrow as pa

    columns = [
        column if column.type == field.type else column.cast(field.type)
        for column, field in zip(table.columns, schema, strict=True)
    ]
    return pa.table(columns, schema=schema)


def parquet_output(request: WriteRequest) -> FileOutput:
    """Return how Parquet files are written."""
    keys = ("compression", "parquet.compression")
    codec, name = _codec(
        request,
        {"snappy": _PARQUET_CODECS["snappy"], **_PARQUET_CODECS},
        keys,
        "spark.sql.parquet.compression.codec",
    )
    return FileOutput(f"{name}.parquet", lambda file: _ParquetWriter(file, request.schema, codec))


def orc_output(request: WriteRequest) -> FileOutput:
    """Return how ORC files are written."""
    codec, name = _codec(
        request,
        {"zstd": _ORC_CODECS["zstd"], **_ORC_CODECS},
        ("compression", "orc.compress"),
        "spark.sql.orc.compression.codec",
    )
    return FileOutput(f"{name}.orc", lambda file: _OrcWriter(file, request.schema, codec))
