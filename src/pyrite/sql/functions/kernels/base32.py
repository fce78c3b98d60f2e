"""Base 32 over Arrow arrays: five bytes are eight digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrite.sql.functions.kernels.characters import bytes_of, from_bytes, row_numbers

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["from_base32", "to_base32"]

_DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_BYTES, _LETTERS, _BITS = 5, 8, 5


def to_base32(data: pa.Array) -> pa.Array:
    """Write bytes in base 32, with padding.

    Example:
        >>> import pyarrow as pa
        >>> to_base32(pa.array([b"spark", b"a", None])).to_pylist()
        ['ONYGC4TL', 'ME======', None]
    """
    import numpy as np
    import pyarrow as pa

    every, starts = bytes_of(data)
    groups = -(-np.diff(starts) // _BYTES)
    begins = np.concatenate([[0], np.cumsum(groups)])
    padded = np.zeros((int(begins[-1]), _BYTES), np.uint8)
    rows = row_numbers(starts)
    places = np.arange(len(every)) - starts[rows] + begins[rows] * _BYTES
    padded.reshape(-1)[places] = every
    bits = np.unpackbits(padded, axis=1).reshape(-1, _BITS)
    digits = np.frombuffer(_DIGITS, np.uint8)[bits @ (1 << np.arange(_BITS)[::-1])]
    used = -(-np.diff(starts) * 8 // _BITS)
    owner = np.repeat(np.arange(len(data)), groups * _LETTERS)
    beyond = np.arange(len(digits)) - begins[owner] * _LETTERS >= used[owner]
    digits[beyond] = ord("=")
    return from_bytes(digits, begins * _LETTERS, data, pa.string())


def from_base32(texts: pa.Array) -> pa.Array:
    """Read base 32.

    Raises:
        ValueError: If a text has another character, or the wrong length or padding.

    Example:
        >>> import pyarrow as pa
        >>> from_base32(pa.array(["ME======"])).to_pylist()
        [b'a']
    """
    import numpy as np
    import pyarrow as pa

    every, starts = bytes_of(texts)
    table = np.full(256, 255, np.uint8)
    table[np.frombuffer(_DIGITS, np.uint8)] = np.arange(len(_DIGITS))
    table[ord("=")] = 32
    values, rows = table[every], row_numbers(starts)
    missing = np.bincount(rows, values == 32, len(texts)).astype(np.int64)
    used = np.diff(starts) - missing
    within = np.arange(len(every)) - starts[rows] < used[rows]
    if (
        (values > 32).any()
        or (np.diff(starts) % _LETTERS).any()
        or not np.isin(missing, (0, 1, 3, 4, 6)).all()
        or (within == (values == 32)).any()
    ):
        raise ValueError("Incorrect base 32")
    digits = np.where(within, values, 0).astype(np.uint8)
    bits = np.unpackbits(digits[:, None], axis=1)[:, 8 - _BITS :]
    unpacked = np.packbits(bits.reshape(-1, 8), axis=1).reshape(-1)
    sizes = used * _BITS // 8
    owner = np.repeat(np.arange(len(texts)), np.diff(starts) // _LETTERS * _BYTES)
    first = starts[:-1] // _LETTERS * _BYTES
    kept = np.arange(len(unpacked)) - first[owner] < sizes[owner]
    return from_bytes(unpacked[kept], np.concatenate([[0], np.cumsum(sizes)]), texts, pa.binary())
