"""Columns of byte strings, as their offsets and bytes: cut, put together, found in.

An Arrow array of byte strings is one buffer of bytes and the offsets where the strings begin and
end. numpy works on the two directly, so that nothing here is done string by string.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Ints = NDArray[np.int64]

__all__ = [
    "ByteStrings",
    "bytes_of",
    "column",
    "cut",
    "find_all",
    "find_in_strings",
    "integers",
    "interleaved",
    "ints_of",
    "lengths_of",
    "offsets_of",
    "repeated",
    "strings",
]

ByteStrings = Any
"""An Arrow array of type ``large_binary`` without nulls; pyarrow has no types to check."""


_OFTEN = 20
"""A string repeated more often than this is faster repeated alone than copied with all others."""


def column(offsets: Ints, data: Any) -> ByteStrings:
    """Return the strings between neighbouring offsets of a buffer, without copying it.

    Args:
        offsets: One more than there are strings, ascending.
        data: What has the bytes: anything with the buffer protocol.

    Example:
        >>> import numpy as np
        >>> column(np.array([0, 2, 5]), b"abcde").to_pylist()
        [b'ab', b'cde']
    """
    import numpy as np
    import pyarrow as pa

    buffers = [None, pa.py_buffer(np.ascontiguousarray(offsets, np.int64)), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.large_binary(), len(offsets) - 1, buffers)


def strings(items: list[bytes]) -> ByteStrings:
    """Return a column of these strings."""
    import numpy as np

    offsets = np.zeros(len(items) + 1, np.int64)
    np.cumsum([len(item) for item in items], dtype=np.int64, out=offsets[1:])
    return column(offsets, b"".join(items))


def integers(numbers: Ints) -> Any:
    """Return an Arrow array of numbers, without copying them.

    ``pyarrow.array`` would import pandas at the first array of numpy's, for which every task that
    is the first of its process would wait.
    """
    import numpy as np
    import pyarrow as pa

    buffer = pa.py_buffer(np.ascontiguousarray(numbers, np.int64))
    return pa.Array.from_buffers(pa.int64(), len(numbers), [None, buffer])


def ints_of(array: Any) -> Ints:
    """Return the numbers of an Arrow array without nulls, without copying them."""
    import numpy as np

    if not len(array):
        return np.zeros(0, np.int64)
    width = array.type.bit_width // 8
    buffer = array.buffers()[1]
    return np.frombuffer(buffer, f"i{width}", len(array), array.offset * width)


def offsets_of(array: ByteStrings) -> Ints:
    """Return where each string starts in ``bytes_of(array)``, and at last where the last ends."""
    import numpy as np

    buffer = array.buffers()[1]
    if buffer is None or not len(array):
        return np.zeros(1, np.int64)
    return np.frombuffer(buffer, np.int64, len(array) + 1, array.offset * 8)


def bytes_of(array: ByteStrings) -> Bytes:
    """Return the bytes that the offsets count in; what is outside of them is not the array's."""
    import numpy as np

    buffer = array.buffers()[2]
    if buffer is None or not buffer.size:
        return np.empty(0, np.uint8)
    return np.frombuffer(buffer, np.uint8)


def lengths_of(array: ByteStrings) -> Ints:
    """Return how long each string is."""
    import numpy as np

    return np.diff(offsets_of(array))


def cut(data: Any, starts: Ints, ends: Ints) -> ByteStrings:
    """Return pieces of a buffer as strings of their own.

    Args:
        data: The buffer.
        starts: Where each piece begins: not before the end of the piece before it.
        ends: Where each ends.

    Example:
        >>> import numpy as np
        >>> cut(b"key=value", np.array([0, 4]), np.array([3, 9])).to_pylist()
        [b'key', b'value']
    """
    import numpy as np

    if not len(starts):
        return strings([])
    # A string for every piece and one for every gap behind a piece; the pieces are copied out
    offsets = np.empty(2 * len(starts), np.int64)
    offsets[0::2] = starts
    offsets[1::2] = ends
    return column(offsets, data).take(integers(np.arange(0, len(offsets), 2)))


def interleaved(*parts: ByteStrings | bytes) -> ByteStrings:
    r"""Return columns joined row by row, where a single string stands in every row.

    Example:
        >>> interleaved(strings([b"a", b"b"]), b"\t", strings([b"1", b"2"]), b"\n").to_pylist()
        [b'a\t1\n', b'b\t2\n']
    """
    import numpy as np
    import pyarrow as pa

    columns = [strings([part]) if isinstance(part, bytes) else part for part in parts]
    rows = max(len(column) for part, column in zip(parts, columns, strict=True) if part is column)
    places = np.empty((rows, len(parts)), np.int64)
    first = 0
    for number, (part, one) in enumerate(zip(parts, columns, strict=True)):
        places[:, number] = first if isinstance(part, bytes) else np.arange(first, first + rows)
        first += len(one)
    taken = pa.concat_arrays(columns).take(integers(places.ravel()))
    return column(offsets_of(taken)[:: len(parts)], taken.buffers()[2] or b"")


def repeated(array: ByteStrings, times: Ints) -> Any:
    """Return the bytes of each string so many times, one after the other.

    Args:
        array: The strings.
        times: How often each is repeated.

    Returns:
        An object with the buffer protocol.

    Example:
        >>> import numpy as np
        >>> bytes(repeated(strings([b"no", b"yes"]), np.array([2, 1])))
        b'nonoyes'
    """
    import numpy as np

    offsets, data = offsets_of(array), bytes_of(array)
    if times.sum() > _OFTEN * len(array):
        text, places = data.tobytes(), offsets.tolist()
        pieces = zip(places, places[1:], times.tolist(), strict=False)
        return b"".join([text[start:end] * count for start, end, count in pieces])
    rows = array.take(integers(np.repeat(np.arange(len(array)), times)))
    return bytes_of(rows)[: offsets_of(rows)[-1]]


def find_all(data: Bytes, wanted: bytes) -> Ints:
    """Return where a byte sequence begins, each time it occurs and does not overlap the last.

    Example:
        >>> import numpy as np
        >>> find_all(np.frombuffer(b"a::b:::c", np.uint8), b"::").tolist()
        [1, 4]
    """
    return _apart(_anywhere(data, wanted), len(wanted))


def find_in_strings(array: ByteStrings, wanted: bytes) -> Ints:
    """Return where a byte sequence begins in ``bytes_of(array)``, within one of the strings.

    Example:
        >>> find_in_strings(strings([b"a:", b":b::c"]), b"::").tolist()
        [4]
    """
    import numpy as np

    offsets = offsets_of(array)
    places = _anywhere(bytes_of(array)[offsets[0] : offsets[-1]], wanted) + offsets[0]
    if len(wanted) > 1:
        ends = offsets[np.searchsorted(offsets, places, "right")]
        places = places[places + len(wanted) <= ends]
    return _apart(places, len(wanted))


def _anywhere(data: Bytes, wanted: bytes) -> Ints:
    """Where a byte sequence begins, also within itself."""
    import numpy as np

    places = np.flatnonzero(data == wanted[0])
    if len(wanted) > 1:
        places = places[places <= len(data) - len(wanted)]
        for number, byte in enumerate(wanted[1:], 1):
            places = places[data[places + number] == byte]
    return places


def _apart(places: Ints, width: int) -> Ints:
    """The places, without those that the one before them reaches into."""
    import numpy as np

    if width == 1 or len(places) < 2 or int(np.diff(places).min()) >= width:
        return places
    kept = []
    free = 0
    for place in places.tolist():
        if place >= free:
            kept.append(place)
            free = place + width
    return np.array(kept, np.int64)
