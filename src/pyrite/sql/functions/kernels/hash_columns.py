"""Hashes of rows, column after column, with Spark's exact values for every type.

Each column's hash is the seed of the next one's; a null leaves the seed as it is. Elements of
arrays and fields of structs follow each other in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pyrite.sql.functions.kernels import murmur3, xxhash64
from pyrite.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    DataType,
    DayTimeIntervalType,
    DecimalType,
    DoubleType,
    FloatType,
    LongType,
    NullType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    UserDefinedType,
)

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

__all__ = ["ROW_HASHES", "murmur3_rows", "xxhash64_rows"]

#: Types that are hashed as their 64 bits; all other fixed ones are as 32.
_LONGS = (LongType, TimestampType, TimestampNTZType, DayTimeIntervalType)


def murmur3_rows(columns: Sequence[pa.Array], types: Sequence[DataType], seed: int = 42) -> Any:
    """Return Spark's ``hash`` of each row as int32."""
    import numpy as np

    return _rows(murmur3, columns, types, np.uint32(seed)).view(np.int32)


def xxhash64_rows(columns: Sequence[pa.Array], types: Sequence[DataType], seed: int = 42) -> Any:
    """Return Spark's ``xxhash64`` of each row as int64."""
    import numpy as np

    return _rows(xxhash64, columns, types, np.uint64(seed)).view(np.int64)


def _rows(
    algorithm: ModuleType, columns: Sequence[pa.Array], types: Sequence[DataType], seed: Any
) -> np.ndarray[Any, Any]:
    import numpy as np

    seeds = np.full(len(columns[0]), seed)
    with np.errstate(over="ignore"):
        for column, data_type in zip(columns, types, strict=True):
            seeds = _fold(algorithm, column, data_type, seeds)
    return seeds


def _fold(
    algorithm: ModuleType, column: pa.Array, data_type: DataType, seeds: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Return the hash of each value with its seed; null gives the seed."""
    import numpy as np

    if isinstance(data_type, UserDefinedType):
        data_type = data_type.sqlType()
    if isinstance(data_type, NullType):
        return seeds
    valid = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
    if len(valid) < len(seeds):
        if not len(valid):
            return seeds
        hashes = seeds.copy()
        hashes[valid] = _fold(algorithm, column.take(_places(valid)), data_type, seeds[valid])
        return hashes
    match data_type:
        case ArrayType():
            return _fold_lists(algorithm, column, data_type, seeds)
        case StructType():
            for place, field in enumerate(data_type.fields):
                seeds = _fold(algorithm, column.field(place), field.dataType, seeds)
            return seeds
        case StringType() | BinaryType():
            return _bytes(algorithm, column, seeds)
        case DecimalType() if data_type.precision > 18:
            return _big_decimals(algorithm, column, seeds)
        case DecimalType():
            return np.asarray(algorithm.hash_long(_unscaled(column), seeds))
        case _ if isinstance(data_type, (*_LONGS, DoubleType)):
            return np.asarray(algorithm.hash_long(_longs(column, data_type), seeds))
        case _:
            return np.asarray(algorithm.hash_int(_ints(column, data_type), seeds))


def _places(indices: np.ndarray[Any, Any]) -> pa.Array:
    import pyarrow as pa

    return pa.array(indices)


def _longs(column: pa.Array, data_type: DataType) -> np.ndarray[Any, Any]:
    import numpy as np
    import pyarrow as pa

    if isinstance(data_type, DoubleType):
        values = column.to_numpy(zero_copy_only=False) + 0.0  # makes 0.0 of -0.0
        values = np.where(np.isnan(values), np.nan, values)
        return values.astype(np.float64).view(np.uint64)
    return np.asarray(column.cast(pa.int64()).to_numpy(zero_copy_only=False)).view(np.uint64)


def _ints(column: pa.Array, data_type: DataType) -> np.ndarray[Any, Any]:
    import numpy as np
    import pyarrow as pa

    if isinstance(data_type, FloatType):
        values = column.to_numpy(zero_copy_only=False) + np.float32(0)
        values = np.where(np.isnan(values), np.float32("nan"), values)
        return values.astype(np.float32).view(np.uint32)
    if isinstance(data_type, BooleanType):
        return np.asarray(column.to_numpy(zero_copy_only=False).astype(np.uint32))
    return np.asarray(column.cast(pa.int32()).to_numpy(zero_copy_only=False)).view(np.uint32)


def _unscaled(column: pa.Array) -> np.ndarray[Any, Any]:
    """Return the digits of decimals that fit into 64 bits."""
    import numpy as np

    words = np.frombuffer(column.buffers()[1], np.uint64)
    return words[2 * column.offset : 2 * (column.offset + len(column)) : 2].copy()


def _big_decimals(
    algorithm: ModuleType, column: pa.Array, seeds: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Hash the fewest bytes of the digits in two's complement, the highest first."""
    import pyarrow as pa

    texts = []
    for value in column.to_pylist():
        digits = int(value.scaleb(column.type.scale, _exact()))
        size = (digits + (digits < 0)).bit_length() // 8 + 1
        texts.append(digits.to_bytes(size, "big", signed=True))
    return _bytes(algorithm, pa.array(texts, pa.binary()), seeds)


def _exact() -> Any:
    from decimal import Context

    return Context(prec=80)


def _bytes(
    algorithm: ModuleType, column: pa.Array, seeds: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    import numpy as np
    import pyarrow as pa

    column = column.cast(pa.large_binary())
    _, offsets, data = column.buffers()
    bounds = np.frombuffer(offsets, np.int64)[column.offset : column.offset + len(column) + 1]
    content = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    starts = bounds[:-1]
    return np.asarray(algorithm.hash_bytes(content, starts, bounds[1:] - starts, seeds))


def _fold_lists(
    algorithm: ModuleType, column: pa.Array, data_type: ArrayType, seeds: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Hash the first elements of all lists, then the second ones, and so on."""
    import numpy as np

    lengths = column.value_lengths().to_numpy(zero_copy_only=False).astype(np.int64)
    items = column.flatten()
    starts = np.cumsum(lengths) - lengths
    hashes = seeds.copy()
    place = 0
    active = np.flatnonzero(lengths > 0)
    while len(active):
        found = items.take(_places(starts[active] + place))
        hashes[active] = _fold(algorithm, found, data_type.elementType, hashes[active])
        place += 1
        active = active[lengths[active] > place]
    return hashes


#: What computes the hash of rows, by the name of the SQL function.
ROW_HASHES: dict[str, Callable[..., Any]] = {"hash": murmur3_rows, "xxhash64": xxhash64_rows}
