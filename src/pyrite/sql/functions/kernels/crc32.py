"""CRC-32 of whole columns: byte by byte of all values at once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pyrite.sql.functions.kernels.buffers import slices_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["crc32_of"]

_POLYNOMIAL = 0xEDB88320


@lru_cache(1)
def _table() -> Any:
    """Return what each byte adds."""
    import numpy as np

    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, table >> 1 ^ np.uint32(_POLYNOMIAL), table >> 1)
    return table


def crc32_of(values: pa.Array) -> pa.Array:
    """Return the checksum of each value.

    Args:
        values: Binaries or texts.
    """
    import numpy as np
    import pyarrow as pa

    data, starts, lengths = slices_of(values)
    table, mask = _table(), np.uint32(0xFFFFFFFF)
    checksums = np.full(len(values), mask, np.uint32)
    longest_first = np.argsort(-lengths, kind="stable")
    counts = np.searchsorted(-lengths[longest_first], -np.arange(lengths.max(initial=0)), "left")
    for place, count in enumerate(counts.tolist()):  # those that have a byte at this place
        rows = longest_first[:count]
        old = checksums[rows]
        checksums[rows] = table[(old ^ data[starts[rows] + place]) & np.uint32(0xFF)] ^ old >> 8
    missing = None if not values.null_count else values.is_null().to_numpy(zero_copy_only=False)
    return pa.array((checksums ^ mask).astype(np.int64), pa.int64(), mask=missing)
