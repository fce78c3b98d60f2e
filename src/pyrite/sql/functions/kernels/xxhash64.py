"""XXH64 as Spark computes it, over whole numpy arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

__all__ = ["hash_bytes", "hash_int", "hash_long"]

_P1, _P2, _P3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
_P4, _P5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5


def _rotate(values: Any, bits: int) -> Any:
    import numpy as np

    return (values << np.uint64(bits)) | (values >> np.uint64(64 - bits))


def _finish(hashes: Any) -> Any:
    import numpy as np

    hashes = (hashes ^ (hashes >> np.uint64(33))) * np.uint64(_P2)
    hashes = (hashes ^ (hashes >> np.uint64(29))) * np.uint64(_P3)
    return hashes ^ (hashes >> np.uint64(32))


def _round(lane: Any, words: Any) -> Any:
    import numpy as np

    return _rotate(lane + words * np.uint64(_P2), 31) * np.uint64(_P1)


def _with_long(hashes: Any, words: Any) -> Any:
    import numpy as np

    hashes = hashes ^ _round(np.uint64(0), words)
    return _rotate(hashes, 27) * np.uint64(_P1) + np.uint64(_P4)


def _with_int(hashes: Any, words: Any) -> Any:
    import numpy as np

    hashes = hashes ^ (words * np.uint64(_P1))
    return _rotate(hashes, 23) * np.uint64(_P2) + np.uint64(_P3)


def hash_int(values: np.ndarray[Any, Any], seeds: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Hash 32-bit numbers (uint32) with a seed each."""
    import numpy as np

    hashes = seeds + np.uint64(_P5) + np.uint64(4)
    return np.asarray(_finish(_with_int(hashes, values.astype(np.uint64))))


def hash_long(values: np.ndarray[Any, Any], seeds: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Hash 64-bit numbers (uint64) with a seed each."""
    import numpy as np

    hashes = seeds + np.uint64(_P5) + np.uint64(8)
    return np.asarray(_finish(_with_long(hashes, values)))


def _words(data: Any, at: Any, width: int) -> Any:
    """Read little-endian words of a width at some places."""
    import numpy as np

    words = np.zeros(len(at), np.uint64)
    for byte in range(width):
        words |= data[at + byte].astype(np.uint64) << np.uint64(8 * byte)
    return words


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
        seeds: uint64.
    """
    import numpy as np

    hashes = seeds + np.uint64(_P5)
    long = np.flatnonzero(lengths >= 32)
    if len(long):
        hashes[long] = _stripes(data, starts[long], lengths[long] // 32, seeds[long])
    hashes += lengths.astype(np.uint64)
    done = lengths // 32 * 32
    for width, step in ((8, _with_long), (4, _with_int), (1, _with_byte)):
        active = np.flatnonzero(lengths - done >= width)
        while len(active):
            words = _words(data, starts[active] + done[active], width)
            hashes[active] = step(hashes[active], words)
            done[active] += width
            active = active[lengths[active] - done[active] >= width]
    return np.asarray(_finish(hashes))


def _with_byte(hashes: Any, words: Any) -> Any:
    import numpy as np

    hashes = hashes ^ (words * np.uint64(_P5))
    return _rotate(hashes, 11) * np.uint64(_P1)


def _stripes(data: Any, starts: Any, counts: Any, seeds: Any) -> Any:
    """Mix whole stripes of 32 bytes into four lanes, and the lanes into one."""
    import numpy as np

    offsets = ((_P1 + _P2) % 2**64, _P2, 0, -_P1 % 2**64)
    lanes = [seeds + np.uint64(offset) for offset in offsets]
    active = np.arange(len(starts))
    place = 0
    while len(active):
        for number, lane in enumerate(lanes):
            words = _words(data, starts[active] + 32 * place + 8 * number, 8)
            lane[active] = _round(lane[active], words)
        place += 1
        active = active[counts[active] > place]
    rotations = (1, 7, 12, 18)
    hashes = sum(_rotate(lane, bits) for lane, bits in zip(lanes, rotations, strict=True))
    for lane in lanes:
        hashes = (hashes ^ _round(np.uint64(0), lane)) * np.uint64(_P1) + np.uint64(_P4)
    return hashes
