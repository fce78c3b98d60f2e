"""Spark's data types: the client's own classes, their SQL names, and their Arrow forms.

The type classes are PySpark's, so a user's ``StructType`` needs no translation. Inside the
engine a *value* of a type is: int for dates (days since 1970), timestamps (microseconds since
1970, UTC or without zone), day-time intervals (microseconds) and year-month intervals (months);
(months, days, microseconds) for a calendar interval; a tuple for a struct; a list for an array;
a list of (key, value) pairs for a map; Decimal, str, bytes, bool, float and int as they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pyspark.sql.types import (
    ArrayType,
    AtomicType,
    BinaryType,
    BooleanType,
    ByteType,
    CalendarIntervalType,
    CharType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DecimalType,
    DoubleType,
    FloatType,
    FractionalType,
    IntegerType,
    IntegralType,
    LongType,
    MapType,
    NullType,
    NumericType,
    ShortType,
    StringType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    UserDefinedType,
    VarcharType,
    VariantType,
    YearMonthIntervalType,
)

from pyrite.sql.duckdb_text import identifier

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "BINARY",
    "BOOLEAN",
    "BYTE",
    "DATE",
    "DOUBLE",
    "FLOAT",
    "INTEGER",
    "LONG",
    "NULL",
    "SHORT",
    "STRING",
    "TIMESTAMP",
    "TIMESTAMP_NTZ",
    "ArrayType",
    "AtomicType",
    "BinaryType",
    "BooleanType",
    "ByteType",
    "CalendarIntervalType",
    "CharType",
    "DataType",
    "DateType",
    "DayTimeIntervalType",
    "DecimalType",
    "DoubleType",
    "FloatType",
    "FractionalType",
    "IntegerType",
    "IntegralType",
    "LongType",
    "MapType",
    "NullType",
    "NumericType",
    "ShortType",
    "StringType",
    "StructField",
    "StructType",
    "TimeType",
    "TimestampNTZType",
    "TimestampType",
    "UserDefinedType",
    "VarcharType",
    "VariantType",
    "YearMonthIntervalType",
    "as_nullable",
    "duckdb_names",
    "from_arrow_schema",
    "schema_to_ddl",
    "sql_name",
    "to_arrow",
    "to_arrow_schema",
    "to_duckdb",
]

NULL = NullType()
BOOLEAN = BooleanType()
BYTE = ByteType()
SHORT = ShortType()
INTEGER = IntegerType()
LONG = LongType()
FLOAT = FloatType()
DOUBLE = DoubleType()
STRING = StringType()
BINARY = BinaryType()
DATE = DateType()
TIMESTAMP = TimestampType()
TIMESTAMP_NTZ = TimestampNTZType()

_SQL_NAMES: dict[type[DataType], str] = {
    NullType: "VOID",
    BooleanType: "BOOLEAN",
    ByteType: "TINYINT",
    ShortType: "SMALLINT",
    IntegerType: "INT",
    LongType: "BIGINT",
    FloatType: "FLOAT",
    DoubleType: "DOUBLE",
    StringType: "STRING",
    BinaryType: "BINARY",
    DateType: "DATE",
    TimestampType: "TIMESTAMP",
    TimestampNTZType: "TIMESTAMP_NTZ",
    CalendarIntervalType: "INTERVAL",
    VariantType: "VARIANT",
}


def sql_name(data_type: DataType) -> str:
    """Return the name Spark's SQL and error messages give a type.

    Example:
        >>> sql_name(ArrayType(DecimalType(10, 2)))
        'ARRAY<DECIMAL(10,2)>'
    """
    match data_type:
        case ArrayType():
            return f"ARRAY<{sql_name(data_type.elementType)}>"
        case MapType():
            return f"MAP<{sql_name(data_type.keyType)}, {sql_name(data_type.valueType)}>"
        case StructType():
            inner = ", ".join(
                f"{field.name}: {sql_name(field.dataType)}"
                + ("" if field.nullable else " NOT NULL")
                for field in data_type.fields
            )
            return f"STRUCT<{inner}>"
        case UserDefinedType():
            return sql_name(data_type.sqlType())
        case _ if type(data_type) in _SQL_NAMES:
            return _SQL_NAMES[type(data_type)]
        case _:
            return data_type.simpleString().upper()


_DUCKDB_NAMES: dict[type[DataType], str] = {
    NullType: "INTEGER",
    BooleanType: "BOOLEAN",
    ByteType: "TINYINT",
    ShortType: "SMALLINT",
    IntegerType: "INTEGER",
    LongType: "BIGINT",
    FloatType: "FLOAT",
    DoubleType: "DOUBLE",
    StringType: "VARCHAR",
    CharType: "VARCHAR",
    VarcharType: "VARCHAR",
    BinaryType: "BLOB",
    DateType: "DATE",
    TimeType: "TIME",
    TimestampType: "TIMESTAMP WITH TIME ZONE",
    TimestampNTZType: "TIMESTAMP",
    DayTimeIntervalType: "BIGINT",
    YearMonthIntervalType: "INTEGER",
    CalendarIntervalType: "INTERVAL",
    VariantType: 'STRUCT("value" BLOB, "metadata" BLOB)',
}


def to_duckdb(data_type: DataType) -> str:
    """Return the DuckDB type that holds values of a Spark type.

    Example:
        >>> to_duckdb(ArrayType(TIMESTAMP))
        'TIMESTAMP WITH TIME ZONE[]'
    """
    match data_type:
        case DecimalType():
            return f"DECIMAL({data_type.precision},{data_type.scale})"
        case ArrayType():
            return f"{to_duckdb(data_type.elementType)}[]"
        case MapType():
            return f"MAP({to_duckdb(data_type.keyType)}, {to_duckdb(data_type.valueType)})"
        case StructType():
            pairs = zip(duckdb_names(data_type), data_type.fields, strict=True)
            fields = [f"{name} {to_duckdb(field.dataType)}" for name, field in pairs]
            return f"STRUCT({', '.join(fields)})"
        case UserDefinedType():
            return to_duckdb(data_type.sqlType())
        case _:
            return _DUCKDB_NAMES[type(data_type)]


def duckdb_names(struct: StructType) -> list[str]:
    """Return the quoted names of a struct's fields in DuckDB, which takes no name twice.

    The first field of a name keeps it; on the way out fields are known by their places.

    Example:
        >>> duckdb_names(StructType().add("a", "integer").add("A", "string"))
        ['"a"', '"A_2"']
    """
    names: dict[str, str] = {}
    for place, field in enumerate(struct.fields, 1):
        name = field.name
        while name.lower() in names:
            name = f"{name}_{place}"
        names[name.lower()] = identifier(name)
    return [*names.values()]


def schema_to_ddl(schema: StructType) -> str:
    """Return a schema as the column list of CREATE TABLE.

    Example:
        >>> schema_to_ddl(StructType().add("a b", "integer", False).add("c", "string"))
        '`a b` INT NOT NULL,c STRING'
    """
    return ",".join(_column_ddl(field) for field in schema.fields)


def _column_ddl(field: StructField) -> str:
    plain = re.fullmatch(r"[A-Za-z_]\w*", field.name, re.ASCII)
    name = field.name if plain else "`" + field.name.replace("`", "``") + "`"
    text = f"{name} {sql_name(field.dataType)}"
    if not field.nullable:
        text += " NOT NULL"
    comment = (field.metadata or {}).get("comment")
    if comment is not None:
        quoted = str(comment).replace("\\", "\\\\").replace("'", "\\'")
        text += f" COMMENT '{quoted}'"
    return text


def as_nullable(data_type: DataType) -> DataType:
    """Return the type with every field, element and value allowed to be null.

    Example:
        >>> as_nullable(ArrayType(LONG, containsNull=False))
        ArrayType(LongType(), True)
    """
    match data_type:
        case ArrayType():
            return ArrayType(as_nullable(data_type.elementType), True)
        case MapType():
            return MapType(as_nullable(data_type.keyType), as_nullable(data_type.valueType), True)
        case StructType():
            return StructType(
                [
                    StructField(field.name, as_nullable(field.dataType), True, field.metadata)
                    for field in data_type.fields
                ]
            )
        case _:
            return data_type


def to_arrow(data_type: DataType) -> pa.DataType:
    """Return the Arrow type in which values of a Spark type cross to the client."""
    import pyarrow as pa

    match data_type:
        case ArrayType():
            return pa.list_(_arrow_field("element", data_type.elementType, data_type.containsNull))
        case MapType():
            # Only the empty map has keys of the null type, which Arrow does not have.
            has_no_keys = isinstance(data_type.keyType, NullType)
            key = pa.field("key", pa.int32() if has_no_keys else to_arrow(data_type.keyType), False)
            return pa.map_(
                key, _arrow_field("value", data_type.valueType, data_type.valueContainsNull)
            )
        case StructType():
            pairs = zip(_arrow_names(data_type), _arrow_fields(data_type), strict=True)
            return pa.struct([field.with_name(name) for name, field in pairs])
        case DecimalType():
            return pa.decimal128(data_type.precision, data_type.scale)
        case UserDefinedType():
            return to_arrow(data_type.sqlType())
        case VariantType():
            return pa.struct(
                [
                    pa.field("value", pa.binary(), nullable=False),
                    pa.field("metadata", pa.binary(), False, metadata={"variant": "true"}),
                ]
            )
        case _:
            return _arrow_atoms()[type(data_type)]


def _arrow_names(struct: StructType) -> list[str]:
    """Return the names of a struct's fields on the way to a client.

    As in Spark, a name that several have is numbered, for Python cannot tell them apart.
    """
    names: list[str] = struct.names
    return [
        name if names.count(name) == 1 else f"{name}_{names[:place].count(name)}"
        for place, name in enumerate(names)
    ]


def _arrow_atoms() -> dict[type[DataType], pa.DataType]:
    import pyarrow as pa

    if not _ARROW_ATOMS:
        _ARROW_ATOMS.update(
            {
                NullType: pa.null(),
                BooleanType: pa.bool_(),
                ByteType: pa.int8(),
                ShortType: pa.int16(),
                IntegerType: pa.int32(),
                LongType: pa.int64(),
                FloatType: pa.float32(),
                DoubleType: pa.float64(),
                StringType: pa.string(),
                CharType: pa.string(),
                VarcharType: pa.string(),
                BinaryType: pa.binary(),
                DateType: pa.date32(),
                TimeType: pa.time64("ns"),
                TimestampType: pa.timestamp("us", tz="UTC"),
                TimestampNTZType: pa.timestamp("us"),
                DayTimeIntervalType: pa.duration("us"),
                YearMonthIntervalType: pa.int32(),
                CalendarIntervalType: pa.month_day_nano_interval(),
            }
        )
    return _ARROW_ATOMS


_ARROW_ATOMS: dict[type[DataType], Any] = {}


def _arrow_field(name: str, data_type: DataType, nullable: bool) -> pa.Field:
    """Return an Arrow field; one of the null type has to be nullable there."""
    import pyarrow as pa

    return pa.field(name, to_arrow(data_type), nullable or isinstance(data_type, NullType))


def _arrow_fields(schema: StructType) -> list[pa.Field]:
    return [_arrow_field(field.name, field.dataType, field.nullable) for field in schema.fields]


def to_arrow_schema(schema: StructType) -> pa.Schema:
    """Return the Arrow schema in which rows of ``schema`` cross to the client."""
    import pyarrow as pa

    return pa.schema(_arrow_fields(schema))


def from_arrow_schema(schema: pa.Schema) -> StructType:
    """Return the Spark schema of Arrow data, as the client maps the types."""
    from pyspark.sql.pandas.types import from_arrow_type

    return StructType(
        [
            StructField(field.name, from_arrow_type(field.type, True), field.nullable)
            for field in schema
        ]
    )
