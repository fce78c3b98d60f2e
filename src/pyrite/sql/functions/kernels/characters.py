"""The characters of a column of texts in one numpy array, and back.

Java's strings and Python's are characters, Arrow's are UTF-8: here all texts of an array become
one array of code points, decoded at once, and functions of characters become numpy over it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "BETWEEN",
    "bytes_of",
    "characters_of",
    "from_bytes",
    "from_characters",
    "grid",
    "map_joined",
    "row_numbers",
]

#: Stands between joined texts; a noncharacter, which no text is expected to have.
BETWEEN = "\ufffe"


def bytes_of(values: pa.Array) -> tuple[Any, Any]:
    """Return the bytes of all texts or binaries, and where each begins and the last one ends.

    Nulls are empty.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = pa.large_binary() if pa.types.is_binary(values.type) else pa.large_string()
    filled = pc.fill_null(values.cast(kind), b"" if kind == pa.large_binary() else "")
    _, places, data = filled.buffers()
    starts = np.frombuffer(places, np.int64)[filled.offset : filled.offset + len(filled) + 1]
    every = np.frombuffer(data or b"", np.uint8)[starts[0] : starts[-1]]
    return every, starts - starts[0]


def from_bytes(data: Any, starts: Any, like: pa.Array, kind: pa.DataType) -> pa.Array:
    """Return the array of texts or binaries whose bytes these are, null where another is."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    buffers = [None, pa.py_buffer(starts.astype(np.int32)), pa.py_buffer(data)]
    made = pa.Array.from_buffers(kind, len(starts) - 1, buffers)
    return pc.if_else(like.is_valid(), made, None) if like.null_count else made


def characters_of(texts: pa.Array) -> tuple[Any, Any]:
    """Return the code points of all texts, and where each text begins and the last one ends."""
    import numpy as np

    data, starts = bytes_of(texts)
    codes = np.frombuffer(data.tobytes().decode().encode("utf-32-le"), np.uint32)
    if len(codes) == len(data):
        return codes, starts
    characters = np.concatenate([[0], np.cumsum((data & 0xC0) != 0x80)])
    return codes, characters[starts]


def from_characters(codes: Any, starts: Any, like: pa.Array) -> pa.Array:
    """Return the array of texts whose code points these are, null where another is."""
    import numpy as np
    import pyarrow as pa

    data = codes.astype(np.uint32).tobytes().decode("utf-32-le").encode()
    if len(data) != len(codes):
        sizes = 1 + sum((codes >= limit).astype(np.int64) for limit in (0x80, 0x800, 0x10000))
        starts = np.concatenate([[0], np.cumsum(sizes)])[starts]
    return from_bytes(data, starts, like, pa.string())


def row_numbers(starts: Any) -> Any:
    """Return for each byte or character the number of its row.

    Example:
        >>> import numpy as np
        >>> row_numbers(np.array([0, 2, 2, 3])).tolist()
        [0, 0, 2]
    """
    import numpy as np

    return np.repeat(np.arange(len(starts) - 1), np.diff(starts))


def grid(values: Any, starts: Any, filler: int) -> Any:
    """Return a matrix with a row for each text; short rows end with fillers."""
    import numpy as np

    sizes = np.diff(starts)
    matrix = np.full((len(sizes), int(sizes.max(initial=0))), filler, values.dtype)
    matrix[np.arange(matrix.shape[1]) < sizes[:, None]] = values
    return matrix


def map_joined(texts: pa.Array, function: Callable[[str], str]) -> pa.Array:
    """Apply a function to all texts at once, joined by a character that no function changes.

    Example:
        >>> import pyarrow as pa
        >>> map_joined(pa.array(["straße", None]), str.upper).to_pylist()
        ['STRASSE', None]
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    known = texts.fill_null("").to_pylist()
    joined = BETWEEN.join(known)
    if joined.count(BETWEEN) >= max(len(known), 1):  # some text has the character itself
        changed = [function(text) for text in known]
    else:
        changed = function(joined).split(BETWEEN)[: len(known)]
    made = pa.array(changed, pa.string())
    return pc.if_else(texts.is_valid(), made, None) if texts.null_count else made
