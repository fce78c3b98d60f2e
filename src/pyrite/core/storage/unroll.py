"""Turning an iterator of unknown length into a block without running out of memory.

Records are taken a few at a time, and their estimated size is reserved before more are taken.
While everything fits and may be handed out live (see `freshness`), they stay live. From the
first doubt on they are kept pickled, which takes a fraction of the memory. When even that does
not fit, what there is comes back as an `Overflow` for the caller to stream on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from pyrite.core.storage.block_format import decode, encode
from pyrite.core.storage.freshness import IMMUTABLE, Freshness, freshness_of
from pyrite.core.storage.memory_store import LiveBlock, MemoryStore, PickledBlock
from pyrite.core.storage.size_estimator import estimate_size

__all__ = ["Overflow", "chunks", "unroll"]

_MOST_RECORDS = 4096
_CHUNK_BYTES = 4 << 20


@dataclass(slots=True)
class Overflow:
    """A partition that does not fit in memory: the pieces already pickled, and the rest."""

    pieces: list[bytes]
    rest: Iterator[list[Any]]

    def encoded(self) -> Iterator[bytes]:
        """Yield the whole partition as pickled pieces, dropping each as it goes."""
        yield from _drain(self.pieces)
        for chunk in self.rest:
            yield encode(chunk)

    def records(self) -> Iterator[Any]:
        """Yield the whole partition's records, dropping each piece as it goes."""
        pickled = chain.from_iterable(map(decode, _drain(self.pieces)))
        return chain(pickled, chain.from_iterable(self.rest))


def chunks(records: Iterable[Any], most_bytes: int = _CHUNK_BYTES) -> Iterator[list[Any]]:
    """Cut records into lists of roughly ``most_bytes`` bytes and at most 4096 records."""
    for chunk, _ in _sized_chunks(iter(records), most_bytes):
        yield chunk


def unroll(
    records: Iterable[Any], memory: MemoryStore, rdd_id: int
) -> LiveBlock | PickledBlock | Overflow:
    """Read records into a block that fits in the memory store, as far as it does.

    The memory reserved on the way is given back before returning: the caller puts the block
    into the store at once.
    """
    source = _sized_chunks(iter(records), min(_CHUNK_BYTES, max(1, memory.limit // 8)))
    room = _Room(memory, rdd_id)
    try:
        live, freshness, refused = _unroll_live(source, room)
        if refused is None:
            return LiveBlock(live, freshness or IMMUTABLE, room.held)
        room.give_back()
        return _unroll_pickled(chain(_consumed(live), [refused], (c for c, _ in source)), room)
    finally:
        room.give_back()


class _Room:
    """What one unrolling has reserved."""

    def __init__(self, memory: MemoryStore, rdd_id: int) -> None:
        self._memory = memory
        self._rdd_id = rdd_id
        self.held = 0

    def take(self, size: int) -> bool:
        if not self._memory.reserve(size, self._rdd_id):
            return False
        self.held += size
        return True

    def give_back(self) -> None:
        self._memory.release(self.held)
        self.held = 0


def _unroll_live(
    source: Iterator[tuple[list[Any], int]], room: _Room
) -> tuple[list[Any], Freshness | None, list[Any] | None]:
    """Return the live records, their freshness and the chunk that ended it, None at the end."""
    live: list[Any] = []
    shape: Freshness | None = None
    for chunk, size in source:
        found = freshness_of(chunk)
        if found is None or (live and found != shape) or not room.take(size):
            return live, shape, chunk
        live += chunk
        shape = found
    return live, shape, None


def _unroll_pickled(source: Iterator[list[Any]], room: _Room) -> PickledBlock | Overflow:
    pieces: list[bytes] = []
    for chunk in source:
        piece = encode(chunk)
        pieces.append(piece)
        if not room.take(len(piece)):
            return Overflow(pieces, source)
    return PickledBlock(pieces)


def _sized_chunks(source: Iterator[Any], most_bytes: int) -> Iterator[tuple[list[Any], int]]:
    """Yield chunks with their estimated sizes; chunks grow while their records stay small."""
    count = 1
    while chunk := list(islice(source, count)):
        size = estimate_size(chunk)
        yield chunk, size
        fitting = most_bytes * len(chunk) // max(1, size)
        count = max(1, min(_MOST_RECORDS, 4 * count, fitting))


def _consumed(records: list[Any]) -> Iterator[list[Any]]:
    """Yield slices of a list, letting go of the records already yielded."""
    step = _MOST_RECORDS // 4
    for start in range(0, len(records), step):
        part = records[start : start + step]
        records[start : start + step] = [None] * len(part)
        yield part


def _drain(pieces: list[bytes]) -> Iterator[bytes]:
    pieces.reverse()
    while pieces:
        yield pieces.pop()
