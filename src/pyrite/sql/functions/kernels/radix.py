"""Numbers from one base to another, over Arrow arrays: Spark's ``conv``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyrite.sql.functions.kernels.characters import bytes_of, from_bytes, grid
from pyrite.sql.functions.raising import raised_text

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["convert_base"]

_DIGITS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NO_DIGIT = 255
_LARGEST = 2**64 - 1
_HALF = 2**63


def _read(digits: Any, bases: Any) -> tuple[Any, Any]:
    """Return the numbers that rows of digits begin with, and which are too large.

    Args:
        digits: A matrix of values of digits.
        bases: The base of each row.
    """
    import numpy as np

    values, overflow = np.zeros(len(digits), np.uint64), np.zeros(len(digits), np.bool_)
    going = np.ones(len(digits), np.bool_)
    most = np.uint64(_LARGEST) // bases
    for column in digits.T:
        going &= column < bases
        if not going.any():
            break
        digit = column.astype(np.uint64)
        overflow |= going & ((values > most) | (values * bases > np.uint64(_LARGEST) - digit))
        going &= ~overflow
        values = np.where(going, values * bases + digit, values)
    return np.where(overflow, np.uint64(_LARGEST), values), overflow


def _write(values: Any, bases: Any, signs: Any) -> tuple[Any, Any]:
    """Return the bytes of the numbers' digits, and where each number begins."""
    import numpy as np

    letters = np.frombuffer(_DIGITS, np.uint8)
    columns, going = [], np.ones(len(values), np.bool_)
    sizes = np.zeros(len(values), np.int64)
    while going.any():
        values, digit = np.divmod(values, bases)
        columns.append(letters[digit.astype(np.intp)])
        sizes += going
        going = values > 0
    columns.append(np.full(len(values), ord("-"), np.uint8))
    matrix = np.stack(columns[::-1], axis=1)
    width = matrix.shape[1]
    matrix[np.arange(len(values)), width - 1 - sizes] = ord("-")
    sizes += signs
    kept = np.arange(width) >= width - sizes[:, None]
    return matrix[kept], np.concatenate([[0], np.cumsum(sizes)])


def convert_base(texts: pa.Array, sources: pa.Array, targets: pa.Array, *, ansi: bool) -> pa.Array:
    """Write numbers of one base in another; negative results need a negative target base.

    Args:
        texts: The numbers, with no blanks around them; what follows the digits is not read.
        sources: The base of each text.
        targets: The base of each result.
        ansi: Whether a number of more than 64 bits raises; else it is the largest one.

    Returns:
        The texts; null for an empty text and a base beyond 2 to 36.

    Example:
        >>> import pyarrow as pa
        >>> convert_base(*map(pa.array, (["-10"], [16], [-10])), ansi=True).to_pylist()
        ['-16']
    """
    import numpy as np
    import pyarrow as pa

    data, starts = bytes_of(texts)
    from_base, to_base = (
        base.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        for base in (sources, targets)
    )
    absent = (
        texts.is_null().to_numpy(zero_copy_only=False)
        | (from_base < 2)
        | (from_base > 36)
        | (abs(to_base) < 2)
        | (abs(to_base) > 36)
        | (np.diff(starts) == 0)
    )
    from_base, to_base = np.where(absent, 10, from_base), np.where(absent, 10, to_base)
    table = np.full(256, _NO_DIGIT, np.uint8)
    for value, letter in enumerate(_DIGITS):
        table[[letter, ord(chr(letter).lower())]] = value
    digits = grid(table[data], starts, _NO_DIGIT)
    negative = np.zeros(len(texts), np.bool_)
    negative[np.diff(starts) > 0] = data[starts[:-1][np.diff(starts) > 0]] == ord("-")
    if negative.any():
        digits[negative, :-1] = digits[negative, 1:]
        digits[negative, -1] = _NO_DIGIT
    values, overflow = _read(digits, from_base.astype(np.uint64))
    if ansi and (overflow & ~absent).any():
        raise ValueError(
            raised_text(
                "ARITHMETIC_OVERFLOW",
                message="Overflow in function conv()",
                alternative="",
                config='"spark.sql.ansi.enabled"',
            )
        )
    signed = to_base < 0
    large = values >= np.uint64(_HALF)
    wrapped = np.where(large, np.uint64(_LARGEST), ~values + np.uint64(1))
    values = np.where(negative & ~signed, wrapped, values)
    turned = signed & ~negative & large
    values = np.where(turned, ~values + np.uint64(1), values)
    written = _write(values, abs(to_base).astype(np.uint64), (signed & (negative | turned)))
    present = pa.array(values, mask=absent)
    return from_bytes(*written, present, pa.string())
