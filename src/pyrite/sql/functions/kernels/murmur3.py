"""Murmur3 of 32 bits as Spark computes it, over whole numpy arrays.

Spark differs from the published function for bytes: those beyond the last whole word are mixed
in one by one, as signed numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

__all__ = ["hash_bytes", "hash_int", "hash_long"]

_C1, _C2 = 0xCC9E2D51, 0x1B873593


def _rotate(values: Any, bits: int) -> Any:
    return (values << bits) | (values >> (32 - bits))


def _mix(seeds: Any, words: Any) -> Any:
    import numpy as np

    words = _rotate(words * np.uint32(_C1), 15) * np.uint32(_C2)
    return _rotate(seeds ^ words, 13) * np.uint32(5) + np.uint32(0xE6546B64)


def _finish(hashes: Any, lengths: Any) -> Any:
    import numpy as np

    hashes = hashes ^ lengths
    hashes = (hashes ^ (hashes >> 16)) * np.uint32(0x85EBCA6B)
    hashes = (hashes ^ (hashes >> 13)) * np.uint32(0xC2B2AE35)
    return hashes ^ (hashes >> 16)


def hash_int(values: np.ndarray[Any, Any], seeds: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Hash 32-bit numbers (uint32) with a seed each."""
    import numpy as np

    return np.asarray(_finish(_mix(seeds, values), np.uint32(4)))


def hash_long(values: np.ndarray[Any, Any], seeds: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Hash 64-bit numbers (uint64) with a seed each."""
    import numpy as np

    low = (values & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    high = (values >> np.uint64(32)).astype(np.uint32)
    return np.asarray(_finish(_mix(_mix(seeds, low), high), np.uint32(8)))


def hash_bytes(
    data: np.ndarray[Any, Any],
    starts: np.ndarray[Any, Any],
    lengths: np.ndarray[Any, Any],
    seeds: np.ndarray[Any, Any],
) -> np.ndarray[Any, Any]:
    """Hash byte strings with a seed each.

    Args:
        data: The bytes of all (uint8).
        starts: Where each begins.
        lengths: How long each is.
        seeds: uint32.
    """
    import numpy as np

    hashes = seeds.copy()
    words = lengths // 4
    active = np.flatnonzero(words > 0)
    place = 0
    while len(active):
        at = starts[active] + 4 * place
        word = data[at].astype(np.uint32)
        for byte in (1, 2, 3):
            word |= data[at + byte].astype(np.uint32) << np.uint32(8 * byte)
        hashes[active] = _mix(hashes[active], word)
        place += 1
        active = active[words[active] > place]
    rest = lengths % 4
    for byte in range(3):
        active = np.flatnonzero(rest > byte)
        if not len(active):
            break
        signed = data[starts[active] + words[active] * 4 + byte].view(np.int8).astype(np.int32)
        hashes[active] = _mix(hashes[active], signed.view(np.uint32))
    return np.asarray(_finish(hashes, lengths.astype(np.uint32)))
