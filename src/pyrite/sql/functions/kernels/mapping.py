"""A function of single values, applied to Arrow arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["map_distinct", "map_rows"]


def map_distinct(values: pa.Array, function: Callable[[Any], Any], result: pa.DataType) -> pa.Array:
    """Apply a function once to each distinct value; null stays null.

    Columns of text repeat themselves, so this is where slow functions become fast enough.
    """
    import pyarrow as pa

    encoded = values.dictionary_encode()
    computed = [None if v is None else function(v) for v in encoded.dictionary.to_pylist()]
    return pa.array(computed, result).take(encoded.indices)


def map_rows(
    columns: tuple[pa.Array, ...], function: Callable[..., Any], result: pa.DataType
) -> pa.Array:
    """Apply a function to each row's values; a row with a null gives null."""
    import pyarrow as pa

    rows = zip(*(column.to_pylist() for column in columns), strict=True)
    return pa.array([None if None in row else function(*row) for row in rows], result)
