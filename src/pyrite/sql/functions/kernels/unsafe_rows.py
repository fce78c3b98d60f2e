"""Hashes of whole rows as Spark lays them out in memory.

A row is 64-bit words: bits that tell the nulls, a word for each field, and then the bytes of
texts, each filled up to whole words; the field of a text holds where they begin and how many
they are. ``repartition`` puts the rows of a partition in the order of these hashes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pyrite.sql.functions.kernels.murmur3 import hash_bytes
from pyrite.sql.types import (
    BinaryType,
    BooleanType,
    ByteType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    NullType,
    ShortType,
    StringType,
    TimestampNTZType,
    TimestampType,
    YearMonthIntervalType,
)

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

__all__ = ["has_layout", "row_hashes"]

_SEED = 42

#: Types by the Arrow type whose bits fill their word; those of 32 bits leave its upper half 0.
_WORDS: dict[type[DataType], str] = {
    BooleanType: "int32",
    ByteType: "int32",
    ShortType: "int32",
    IntegerType: "int32",
    DateType: "int32",
    YearMonthIntervalType: "int32",
    FloatType: "float32",
    LongType: "int64",
    TimestampType: "int64",
    TimestampNTZType: "int64",
    DayTimeIntervalType: "int64",
    DoubleType: "float64",
}


def has_layout(data_type: DataType) -> bool:
    """Whether rows with such a column can be hashed here.

    Example:
        >>> from pyrite.sql.types import ArrayType, LongType
        >>> has_layout(LongType()), has_layout(ArrayType(LongType()))
        (True, False)
    """
    if isinstance(data_type, DecimalType):
        return data_type.precision <= 18
    return type(data_type) in _WORDS or isinstance(data_type, (StringType, BinaryType, NullType))


def row_hashes(columns: Sequence[pa.Array], types: Sequence[DataType]) -> np.ndarray[Any, Any]:
    """Return the hash of each row as int32.

    Args:
        columns: The columns, of one length; there is one at least.
        types: Their types, all of which have a layout.

    Example:
        >>> import pyarrow as pa
        >>> from pyrite.sql.types import LongType
        >>> row_hashes([pa.array([0, 1])], [LongType()]).tolist()
        [-300363099, 1465514398]
    """
    import numpy as np

    rows = len(columns[0])
    null_words = -(-len(columns) // 64)
    fixed = np.zeros((rows, null_words + len(columns)), np.uint64)
    sizes = np.full(rows, 8 * fixed.shape[1], np.int64)
    texts: list[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], Any]] = []
    for place, (column, data_type) in enumerate(zip(columns, types, strict=True)):
        missing = column.is_null().to_numpy(zero_copy_only=False)
        fixed[:, place // 64] |= missing.astype(np.uint64) << np.uint64(place % 64)
        if isinstance(data_type, NullType):
            continue
        if isinstance(data_type, (StringType, BinaryType)):
            data, starts, lengths = _bytes(column)
            words = sizes.astype(np.uint64) << np.uint64(32) | lengths.astype(np.uint64)
            texts.append((sizes.copy(), starts, (data, lengths)))
            sizes += -(-lengths // 8) * 8
        else:
            words = _words(column, data_type)
        fixed[:, null_words + place] = np.where(missing, np.uint64(0), words)
    begins = np.cumsum(sizes) - sizes
    flat = np.zeros(int(sizes.sum()), np.uint8)
    fixed_bytes = fixed.view(np.uint8)
    flat[begins[:, None] + np.arange(fixed_bytes.shape[1])] = fixed_bytes
    for offsets, starts, (data, lengths) in texts:
        inside = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        flat[np.repeat(begins + offsets, lengths) + inside] = data[
            np.repeat(starts, lengths) + inside
        ]
    with np.errstate(over="ignore"):
        hashes = hash_bytes(flat, begins, sizes, np.full(rows, _SEED, np.uint32))
    return hashes.view(np.int32)


def _words(column: pa.Array, data_type: DataType) -> np.ndarray[Any, Any]:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(data_type, DecimalType):
        words = np.frombuffer(column.buffers()[1], np.uint64)
        return words[2 * column.offset : 2 * (column.offset + len(column)) : 2].copy()
    name = _WORDS[type(data_type)]
    if pa.types.is_null(column.type):
        return np.zeros(len(column), np.uint64)
    values = column if str(column.type) == name else column.cast(name)
    plain = pc.fill_null(values, pa.scalar(0, values.type)).to_numpy(zero_copy_only=False)
    if plain.dtype.kind == "f":
        plain = np.where(np.isnan(plain), plain.dtype.type("nan"), plain)
    words = plain.view(np.uint32 if plain.dtype.itemsize == 4 else np.uint64)
    return np.asarray(words.astype(np.uint64))


def _bytes(
    column: pa.Array,
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return all bytes of a column, and where those of each value begin and how many they are."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    column = pc.fill_null(column.cast(pa.large_binary()), b"")
    _, offsets, data = column.buffers()
    bounds = np.frombuffer(offsets, np.int64)[column.offset : column.offset + len(column) + 1]
    content = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    return content, bounds[:-1], np.diff(bounds)
