"""Files: which file a row was read from.

The optimizer puts what is known of a row's file in the place of these calls; see
``optimizer.tell_files``. What is written here holds for rows that are of no file.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pyrite.sql.expressions.expression import Call, Expression
from pyrite.sql.expressions.function import LoweringContext
from pyrite.sql.functions.define import scalar
from pyrite.sql.types import (
    LONG,
    STRING,
    DataType,
    StructField,
    StructType,
    TimestampType,
    to_arrow,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "FUNCTIONS",
    "METADATA",
    "METADATA_TYPE",
    "PARQUET_METADATA_TYPE",
    "of_file",
    "with_row_index",
]

FUNCTIONS = (
    scalar(
        "input_file_name() -> string",
        "''",
        "The file a row was read from; empty where there is none.",
        nullable=False,
        deterministic=False,
    ),
    scalar(
        "input_file_block_start() -> bigint",
        "CAST(-1 AS BIGINT)",
        "Where the piece of the file begins; -1 where there is none.",
        nullable=False,
        deterministic=False,
    ),
    scalar(
        "input_file_block_length() -> bigint",
        "CAST(-1 AS BIGINT)",
        "How long the piece of the file is; -1 where there is none.",
        nullable=False,
        deterministic=False,
    ),
)

#: The type of the column ``_metadata`` that files have.
METADATA_TYPE = StructType(
    [
        StructField("file_path", STRING, False),
        StructField("file_name", STRING, False),
        StructField("file_size", LONG, False),
        StructField("file_block_start", LONG, False),
        StructField("file_block_length", LONG, False),
        StructField("file_modification_time", TimestampType(), False),
    ]
)

#: The same of Parquet files, which also tell where in the file a row is.
PARQUET_METADATA_TYPE = StructType([*METADATA_TYPE.fields, StructField("row_index", LONG, False)])

#: What a query's ``_metadata`` stands for.
(METADATA,) = scalar(
    "_metadata() -> any",
    "NULL",
    result=lambda _: METADATA_TYPE,
    nullable=False,
    deterministic=False,
    pretty=lambda _: "_metadata",
)


(_WITH_ROW_INDEX,) = scalar(
    "_with_row_index(metadata: any, row: bigint) -> any",
    "struct_insert({metadata}, row_index := {row})",
    result=lambda _: PARQUET_METADATA_TYPE,
    nullable=False,
)


def with_row_index(metadata: Expression, row: Expression) -> Call:
    """Return the metadata of a row of Parquet, from that of its file and its place there."""
    return Call(_WITH_ROW_INDEX, (metadata, row), PARQUET_METADATA_TYPE, False)


_numbers = itertools.count()


def of_file(path: Expression, values: Mapping[str, Any], data_type: DataType) -> Call:
    """Return a call that gives each row what is known of its file.

    Args:
        path: The path of the row's file.
        values: By path: the value.
        data_type: The type of the values.
    """

    def compute(paths: pa.Array) -> pa.Array:
        import pyarrow as pa

        encoded = paths.dictionary_encode()
        found = [values[path] for path in encoded.dictionary.to_pylist()]
        return pa.array(found, to_arrow(data_type)).take(encoded.indices)

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        return context.kernel(call, compute, arguments[:1])

    # A name of its own, since the function holds the values.
    (function,) = scalar(f"of_file_{next(_numbers)}(path: string) -> any", lower, nullable=False)
    return Call(function, (path,), data_type, False)
