r"""Numbers written as text, brought into an order of bytes.

A number is an optional minus, digits, and a point with more digits; what follows is not looked
at, and what does not begin like that is 0. However long it is, it is compared exactly:

    sign byte | how many digits are before the point | those digits | the digits after it | end

Zeros that say nothing are left out. Below zero all bytes are the other way round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrite.mapreduce.hadoop_streaming.byte_columns import (
    ByteStrings,
    bytes_of,
    column,
    cut,
    integers,
    interleaved,
    lengths_of,
    offsets_of,
    strings,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["ordered_numbers"]

ZERO, NINE, MINUS, POINT = b"09-."
NOT_NEGATIVE = b"\x80"
END = b"\0"
LONG = 255  # the length of a number with this many digits or more is written in full


def ordered_numbers(texts: ByteStrings) -> ByteStrings:
    """Return strings whose bytes are in the order of the numbers that these texts begin with.

    Example:
        >>> from pyrite.mapreduce.hadoop_streaming.byte_columns import strings
        >>> one, two, three = ordered_numbers(strings([b"-10", b"9.5", b"0010 m"])).to_pylist()
        >>> one < two < three
        True
    """
    import numpy as np

    if not len(texts):
        return texts
    data = bytes_of(texts)
    offsets = offsets_of(texts)
    starts, ends = offsets[:-1], offsets[1:]
    if not len(data):
        data = np.zeros(1, np.uint8)
    last = len(data) - 1
    negative = (starts < ends) & (data[starts.clip(max=last)] == MINUS)
    others = np.flatnonzero((data < ZERO) | (data > NINE))
    not_zeros = np.flatnonzero(data != ZERO)

    whole_end = _next(others, starts + negative, ends)
    whole_start = np.minimum(_next(not_zeros, starts + negative, ends), whole_end)
    pointed = (whole_end < ends) & (data[whole_end.clip(max=last)] == POINT)
    part_start = whole_end + pointed
    part_end = np.where(pointed, _next(others, part_start, ends), part_start)
    # Behind the last digit that is not zero
    before = np.searchsorted(not_zeros, part_end) - 1
    behind = not_zeros[before.clip(min=0)] + 1 if len(not_zeros) else part_start
    part_end = np.where(before < 0, part_start, np.maximum(part_start, behind))

    digits = whole_end - whole_start
    ordered = interleaved(
        NOT_NEGATIVE,
        _written_lengths(digits),
        cut(data, whole_start, whole_end),
        cut(data, part_start, part_end),
        END,
    )
    negative &= (digits > 0) | (part_end > part_start)
    if not negative.any():
        return ordered
    flipped = bytes_of(ordered)[: int(offsets_of(ordered)[-1])].copy()
    flipped[np.repeat(negative, lengths_of(ordered))] ^= 0xFF
    return column(offsets_of(ordered), flipped)


def _next(places: Ints, starts: Ints, ends: Ints) -> Ints:
    """The first place at or after each start, or its end if that is before it."""
    import numpy as np

    found = np.searchsorted(places, starts)
    beyond = found >= len(places)
    if not len(places):
        return ends
    return np.where(beyond, ends, np.minimum(places[found.clip(max=len(places) - 1)], ends))


def _written_lengths(lengths: Ints) -> ByteStrings:
    """Lengths as bytes in their order: one byte, or nine where they are large."""
    import numpy as np

    distinct, numbers = np.unique(lengths, return_inverse=True)
    written = [
        bytes([length]) if length < LONG else bytes([LONG]) + length.to_bytes(8, "big")
        for length in distinct.tolist()
    ]
    return strings(written).take(integers(numbers))
