"""Parquet schemas: from a file's footer to Spark's types, and to what DuckDB reads there."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pyrite.sql.duckdb_text import identifier
from pyrite.sql.errors import analysis_error
from pyrite.sql.types import (
    BINARY,
    BOOLEAN,
    BYTE,
    DATE,
    DOUBLE,
    FLOAT,
    INTEGER,
    LONG,
    NULL,
    SHORT,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    ArrayType,
    DataType,
    DecimalType,
    MapType,
    StructField,
    StructType,
    TimeType,
    VariantType,
    as_nullable,
)

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

__all__ = ["SPARK_SCHEMA_KEY", "FileSchema", "StoredColumn", "read_schema", "type_of_arrow"]

#: Where Spark keeps the schema it wrote, as JSON.
SPARK_SCHEMA_KEY = b"org.apache.spark.sql.parquet.row.metadata"

#: Arrow's name of a stored type -> Spark's type, DuckDB's type.
_ATOMS: dict[str, tuple[DataType, str]] = {
    "null": (NULL, '"NULL"'),
    "bool": (BOOLEAN, "BOOLEAN"),
    "int8": (BYTE, "TINYINT"),
    "int16": (SHORT, "SMALLINT"),
    "int32": (INTEGER, "INTEGER"),
    "int64": (LONG, "BIGINT"),
    "uint8": (SHORT, "UTINYINT"),
    "uint16": (INTEGER, "USMALLINT"),
    "uint32": (LONG, "UINTEGER"),
    "uint64": (DecimalType(20, 0), "UBIGINT"),
    "halffloat": (FLOAT, "FLOAT"),
    "float": (FLOAT, "FLOAT"),
    "double": (DOUBLE, "DOUBLE"),
    "string": (STRING, "VARCHAR"),
    "large_string": (STRING, "VARCHAR"),
    "string_view": (STRING, "VARCHAR"),
    "binary": (BINARY, "BLOB"),
    "large_binary": (BINARY, "BLOB"),
    "binary_view": (BINARY, "BLOB"),
    "date32[day]": (DATE, "DATE"),
    "time32[ms]": (TimeType(), "TIME"),
    "time64[us]": (TimeType(), "TIME"),
    "time64[ns]": (TimeType(), "TIME_NS"),
    "extension<arrow.json>": (STRING, "JSON"),
    "extension<arrow.uuid>": (BINARY, "UUID"),
}


_VARIANT_TYPE: tuple[DataType, str] = (VariantType(), "VARIANT")
#: A column of the schema's text whose group is annotated as a variant; Arrow does not say so.
_VARIANT = re.compile(r"^  \w+ group (?:field_id=\S+ )?(.+) \(Variant\(\d+\)\) \{$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """A column as a file has it.

    Attributes:
        duckdb_type: The type in which DuckDB reads it.
    """

    name: str
    duckdb_type: str

    @property
    def has_no_zone(self) -> bool:
        """Whether its timestamps have no zone; as instants they are in UTC.

        Those in the old form of 96 bits are always instants.
        """
        return "TIMESTAMP" in self.duckdb_type and "WITH TIME ZONE" not in self.duckdb_type


@dataclass(frozen=True)
class FileSchema:
    """What a footer says.

    Attributes:
        schema: The columns in Spark's types, all nullable.
        columns: The columns as stored.
    """

    schema: StructType
    columns: tuple[StoredColumn, ...]

    @cached_property
    def _by_name(self) -> dict[str, StoredColumn]:
        return {c.name: c for c in reversed(self.columns)}

    @cached_property
    def _by_folded_name(self) -> dict[str, StoredColumn]:
        return {c.name.lower(): c for c in reversed(self.columns)}

    def column(self, name: str) -> StoredColumn | None:
        """Return the column of a name in any case; the same case goes first."""
        return self._by_name.get(name) or self._by_folded_name.get(name.lower())


def read_schema(
    file: pq.ParquetFile, binary_as_string: bool = False, infers_ntz: bool = True
) -> FileSchema:
    """Return the schema of an open file: the one Spark wrote into it, or Parquet's own.

    Args:
        file: The file.
        binary_as_string: Whether bytes without annotation are text.
        infers_ntz: Whether timestamps without zone are no instants, where Spark says nothing.
    """
    arrow = file.schema_arrow
    parquet = file.schema
    int96 = set()
    for index in range(len(parquet.names)):
        column = parquet.column(index)
        if column.physical_type == "INT96":
            int96.add(column.path.split(".")[0])
    columns = []
    fields = []
    variants = set(_VARIANT.findall(str(parquet)))
    for field in arrow:
        # INT96 is told from nanoseconds only by its physical type.
        are_instants = field.name in int96 or not infers_ntz
        if field.name in variants:
            data_type, duckdb_type = _VARIANT_TYPE
        else:
            data_type, duckdb_type = type_of_arrow(
                field.type, are_instants, field.name, binary_as_string
            )
        columns.append(StoredColumn(field.name, duckdb_type))
        fields.append(StructField(field.name, data_type, True))
    schema = StructType(fields)
    written = (file.metadata.metadata or {}).get(SPARK_SCHEMA_KEY)
    if written is not None:
        spark = as_nullable(StructType.fromJson(json.loads(written)))
        if isinstance(spark, StructType) and spark.names == schema.names:
            schema = spark
    return FileSchema(schema, tuple(columns))


def type_of_arrow(
    arrow: pa.DataType, are_instants: bool = False, name: str = "", binary_as_string: bool = False
) -> tuple[DataType, str]:
    """Return the Spark type of an Arrow type, and the DuckDB type of a Parquet column of it.

    Args:
        arrow: As pyarrow reads a file's schema.
        are_instants: Whether timestamps in it that have no zone are instants, in UTC.
        name: The column, for the message.
        binary_as_string: Whether bytes without annotation are text.

    Raises:
        SparkError: If Spark has no type for it.
    """
    import pyarrow.types as pat

    def inner(part: Any) -> tuple[DataType, str]:
        return type_of_arrow(part, are_instants, name, binary_as_string)

    if pat.is_dictionary(arrow):
        return inner(arrow.value_type)
    if pat.is_decimal(arrow):
        return (
            DecimalType(arrow.precision, arrow.scale),
            f"DECIMAL({arrow.precision},{arrow.scale})",
        )
    if pat.is_timestamp(arrow):
        if arrow.tz:
            return TIMESTAMP, "TIMESTAMP WITH TIME ZONE"
        if are_instants:
            return TIMESTAMP, "TIMESTAMP"
        if arrow.unit != "ns":
            return TIMESTAMP_NTZ, "TIMESTAMP"
    if pat.is_map(arrow):
        key, duckdb_key = inner(arrow.key_type)
        value, duckdb_value = inner(arrow.item_type)
        return MapType(key, value), f"MAP({duckdb_key}, {duckdb_value})"
    if pat.is_list(arrow) or pat.is_large_list(arrow) or pat.is_fixed_size_list(arrow):
        element, duckdb_element = inner(arrow.value_type)
        return ArrayType(element), f"{duckdb_element}[]"
    if pat.is_struct(arrow):
        parts = [(field.name, *inner(field.type)) for field in arrow]
        shown = ", ".join(f"{identifier(part)} {duckdb_type}" for part, _, duckdb_type in parts)
        return (
            StructType([StructField(part, data_type) for part, data_type, _ in parts]),
            f"STRUCT({shown})",
        )
    if binary_as_string and pat.is_binary(arrow):
        return STRING, "BLOB"
    if str(arrow).startswith("extension<arrow.json"):
        return _ATOMS["extension<arrow.json>"]
    if pat.is_fixed_size_binary(arrow):
        return BINARY, "BLOB"
    found = _ATOMS.get(str(arrow))
    if found is None:
        raise analysis_error("PARQUET_TYPE_NOT_SUPPORTED", columnName=name, parquetType=str(arrow))
    return found
