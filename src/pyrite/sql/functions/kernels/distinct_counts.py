"""Counting different hashes in little memory: HyperLogLog over Arrow arrays.

A hash's first bits choose a place, and of the other bits the run of zeros in front counts. The
longest run at each place tells how many different hashes there were.
"""

from __future__ import annotations

from math import ceil, log2
from typing import TYPE_CHECKING, Any

from pyrite.core.rdd.hyper_log_log import estimate

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["estimates", "places_and_runs", "precision_of"]

_RUN_BITS = 6


def precision_of(relative_sd: float) -> int:
    """Return the number of bits that choose a place for a wanted relative error.

    Example:
        >>> precision_of(0.05)
        9
    """
    return ceil(2 * log2(1.106 / relative_sd))


def places_and_runs(hashes: Any, precision: int) -> pa.Array:
    """Return each hash's place and run of zeros in one integer.

    Args:
        hashes: A numpy array of 64-bit integers.
        precision: The number of bits that choose a place.
    """
    import numpy as np
    import pyarrow as pa

    bits = np.asarray(hashes).view(np.uint64)
    rest = 64 - precision
    places = bits >> np.uint64(rest)
    low = bits & np.uint64((1 << rest) - 1)
    # The exponent of a double is the length of a number of up to 53 bits; of longer ones, the
    # upper bits are looked at first.
    upper = low >> np.uint64(32)
    lower = low & np.uint64(0xFFFFFFFF)
    length = np.where(
        upper > 0, np.frexp(upper.astype(np.float64))[1] + 32, np.frexp(lower.astype(np.float64))[1]
    )
    runs = (rest - length + 1).astype(np.int32)
    return pa.array((places.astype(np.int32) << _RUN_BITS) | runs, pa.int32())


def estimates(sketches: pa.Array, precision: int) -> pa.Array:
    """Return about how many different hashes the lists of ``places_and_runs`` stand for."""
    import numpy as np
    import pyarrow as pa

    def one(sketch: Any) -> int:
        if not sketch.is_valid:
            return 0
        codes = np.asarray(sketch.values)
        registers = np.zeros(1 << precision, np.uint8)
        np.maximum.at(registers, codes >> _RUN_BITS, (codes & ((1 << _RUN_BITS) - 1)).astype("u1"))
        return estimate(precision, registers.tobytes())

    return pa.array([one(sketch) for sketch in sketches], pa.int64())
