"""A function of single values, applied to Arrow arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["map_distinct", "map_rows", "map_settings"]


def map_distinct(values: pa.Array, function: Callable[[Any], Any], result: pa.DataType) -> pa.Array:
    """Apply a function once to each distinct value; null stays null.

    Columns of text repeat themselves, so this is where slow functions become fast enough.
    """
    import pyarrow as pa

    encoded = values.dictionary_encode()
    computed = [None if v is None else function(v) for v in encoded.dictionary.to_pylist()]
    return pa.array(computed, result).take(encoded.indices)


def map_rows(
    columns: Sequence[pa.Array],
    function: Callable[..., Any],
    result: pa.DataType,
    nulls: bool = False,
) -> pa.Array:
    """Apply a function to each row's values, once for each distinct row.

    Args:
        columns: The function's arguments.
        function: Takes the row's values.
        result: The type of what it returns.
        nulls: Whether it sees nulls; if not, a row with a null gives null.
    """
    import pyarrow as pa

    known: dict[Any, Any] = {}

    def answer(row: tuple[Any, ...]) -> Any:
        if None in row and not nulls:
            return None
        try:
            if row not in known:
                known[row] = function(*row)
            return known[row]
        except TypeError:  # a list or a struct cannot be looked up
            return function(*row)

    rows = zip(*(column.to_pylist() for column in columns), strict=True)
    return pa.array([answer(row) for row in rows], result)


def map_settings(
    values: pa.Array,
    settings: pa.Array,
    function: Callable[[pa.Array, Any], pa.Array],
    result: pa.DataType,
) -> pa.Array:
    """Apply a function of many values once for each different setting.

    Args:
        values: One value for each row.
        settings: What the function is told besides, one for each row and mostly the same; a
            row whose setting is null gives null.
        function: Takes the values of one setting, and the setting.
        result: The type of what it returns.

    Example:
        >>> import pyarrow as pa
        >>> import pyarrow.compute as pc
        >>> columns = pa.array(["a", "b", "c"]), pa.array([2, 3, 2])
        >>> map_settings(*columns, pc.binary_repeat, pa.string()).to_pylist()
        ['aa', 'bbb', 'cc']
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    encoded = settings.dictionary_encode()
    different = encoded.dictionary.to_pylist()
    if len(different) == 1 and not encoded.indices.null_count:
        return function(values, different[0])
    owner = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    rows = [np.flatnonzero(owner == number) for number in range(-1, len(different))]
    pieces = [pa.nulls(len(rows[0]), result)]
    for number, setting in enumerate(different):
        pieces.append(function(values.take(pa.array(rows[number + 1])), setting))
    order = pc.sort_indices(pa.array(np.concatenate(rows)))
    return pa.concat_arrays(pieces).take(order)
