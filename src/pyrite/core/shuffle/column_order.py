"""Equal numbers found, numbered and brought together, without a dictionary.

Numbers are 64-bit integers in numpy arrays. numpy is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["first_rows_of_pairs", "first_seen_codes", "stable_order"]

_INT_BITS = 63  # without the sign


def first_seen_codes(keys: Ints) -> tuple[Ints, Ints]:
    """Number the distinct keys in order of first appearance.

    Returns:
        The number of each row's key, and the distinct keys by number.
    """
    import numpy as np

    lowest = int(np.min(keys))
    width = int(np.max(keys)) - lowest + 1
    if width > 4 * len(keys) + 1024:
        return _arrow_codes(keys)
    offsets = keys - lowest
    rows = np.arange(len(keys))
    slots = np.empty(width, np.int64)
    slots[offsets[::-1]] = rows[::-1]  # the last assignment stays: each key's first row
    distinct = keys[slots[offsets] == rows]
    slots[distinct - lowest] = np.arange(len(distinct))
    return slots[offsets], distinct


def _arrow_codes(keys: Ints) -> tuple[Ints, Ints]:
    import numpy as np
    import pyarrow as pa

    # From buffers, not pa.array: that one imports pandas.
    keys = np.require(keys, requirements=["C", "A"])
    array = pa.Array.from_buffers(pa.int64(), len(keys), [None, pa.py_buffer(keys)])
    encoded = array.dictionary_encode()
    codes, distinct = encoded.indices, encoded.dictionary
    return (
        np.frombuffer(codes.buffers()[1], np.int32, len(codes)).astype(np.int64),
        np.frombuffer(distinct.buffers()[1], np.int64, len(distinct)),
    )


def stable_order(numbers: Ints) -> Ints:
    """Return the rows ordered by number, equal numbers in row order."""
    import numpy as np

    lowest = int(np.min(numbers))
    row_bits = len(numbers).bit_length()
    if (int(np.max(numbers)) - lowest).bit_length() + row_bits > _INT_BITS:
        return np.argsort(numbers, kind="stable")
    # Number and row in one integer: sorting plain integers is ten times faster than argsort.
    packed = (numbers - lowest) << row_bits | np.arange(len(numbers))
    packed.sort()
    return packed & ((1 << row_bits) - 1)


def first_rows_of_pairs(firsts: Ints, seconds: Ints) -> Ints:
    """Return the rows where a pair appears for the first time, ascending."""
    import numpy as np

    lowest, low = int(np.min(firsts)), int(np.min(seconds))
    bits = (int(np.max(seconds)) - low).bit_length()
    if (int(np.max(firsts)) - lowest).bit_length() + bits <= _INT_BITS:
        packed = (firsts - lowest) << bits | (seconds - low)
        order = stable_order(packed)
        packed = packed[order]
        changes = packed[1:] != packed[:-1]
    else:
        order = np.lexsort((seconds, firsts))
        firsts, seconds = firsts[order], seconds[order]
        changes = (firsts[1:] != firsts[:-1]) | (seconds[1:] != seconds[:-1])
    rows = order[np.concatenate(([True], changes))]
    rows.sort()
    return rows
