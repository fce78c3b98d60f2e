"""Partitions: where a row lies, and functions that the placement of rows is computed with.

The optimizer puts columns in the place of what depends on the partition; see
``optimizer.number_partitions``. What is written here holds for rows of one partition.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pyrite.sql.expressions.expression import Call, Literal
from pyrite.sql.expressions.function import LoweringContext
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.kernels.hash_columns import murmur3_rows
from pyrite.sql.functions.kernels.unsafe_rows import row_hashes

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FUNCTIONS", "REDUCER", "ROW_HASH", "ROW_POSITION", "SLICE"]


def _slice(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    position = arguments[0]
    count, rows = (n.value for n in call.arguments[1:] if isinstance(n, Literal))
    if count * rows >= 2**62:
        position = f"CAST({position} AS HUGEINT)"
    return f"CAST((({position} + 1) * {count} - 1) // {rows} AS INTEGER)"


def _row_hash(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    types = [argument.data_type for argument in call.arguments]

    def compute(*columns: pa.Array) -> pa.Array:
        import pyarrow as pa

        return pa.array(row_hashes(columns, types), pa.int32())

    return context.kernel(call, compute, arguments)


def _reducer(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    count, *keys = call.arguments
    assert isinstance(count, Literal)
    types = [key.data_type for key in keys]

    def compute(_: pa.Array, *columns: pa.Array) -> pa.Array:
        import pyarrow as pa

        return pa.array(murmur3_rows(columns, types) % count.value, pa.int32())

    return context.kernel(call, compute, arguments)


#: A row's place among the rows it is asked for, from 0.
(ROW_POSITION,) = scalar(
    "row_position() -> bigint",
    "(row_number() OVER () - 1)",
    nullable=False,
    deterministic=False,
)

#: The number of the slice that a place lies in, where so many rows are cut into so many slices.
(SLICE,) = scalar(
    "slice_number(position: bigint, count: bigint, rows: bigint) -> int", _slice, nullable=False
)

#: The partition, of so many, that a shuffle by keys brings a row to.
(REDUCER,) = scalar("reducer(count: int, keys...: any) -> int", _reducer, nullable=False)

#: The hash of a row in Spark's binary form.
(ROW_HASH,) = scalar("row_hash(exprs...: any) -> int", _row_hash, nullable=False)

FUNCTIONS = (
    scalar(
        "spark_partition_id() -> int",
        "CAST(0 AS INTEGER)",
        "The number of the row's partition.",
        nullable=False,
        deterministic=False,
        pretty=lambda _: "SPARK_PARTITION_ID()",
    ),
    scalar(
        "monotonically_increasing_id() -> bigint",
        "(row_number() OVER () - 1)",
        "A number that no other row has; the partition's number is in its upper bits.",
        nullable=False,
        deterministic=False,
    ),
)
