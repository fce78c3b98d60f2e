"""Blocks in memory: live lists or pickled pieces, least recently used first, counted in bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any

from pyrite.core.storage.block_format import decode, encode
from pyrite.core.storage.block_id import RDDBlockId
from pyrite.core.storage.freshness import Freshness

__all__ = ["LiveBlock", "MemoryStore", "PickledBlock"]

_SLICE = 1024
"""Records copied or pickled at a time."""


@dataclass(slots=True)
class LiveBlock:
    """Records as Python objects; ``freshness`` says how they may be handed out.

    Attributes:
        records: The records. Never changed once the block is made.
        freshness: See `pyrite.core.storage.freshness`.
        size: Estimated bytes.
    """

    records: list[Any]
    freshness: Freshness
    size: int

    def read(self) -> Iterable[Any]:
        """Return the records: the list itself when nothing in it can change, else fresh ones."""
        if self.freshness.shared:
            return self.records
        copier = self.freshness.copier()
        return chain.from_iterable(map(copier, _slices(self.records)))

    def pickled(self) -> PickledBlock:
        """Return the same block in pickled form."""
        return PickledBlock(list(map(encode, _slices(self.records))))


class PickledBlock:
    """Records as pickled pieces, unpickled anew by every reader."""

    __slots__ = ("pieces", "size")

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces
        self.size = sum(map(len, pieces))

    def read(self) -> Iterable[Any]:
        """Return the records, as new objects."""
        return chain.from_iterable(map(decode, self.pieces))


Block = LiveBlock | PickledBlock


class MemoryStore:
    """The blocks one process keeps in memory, never more than ``limit`` bytes by their own count.

    Not locked: a worker process runs one task at a time, and only that task touches the store.

    Args:
        limit: Bytes for blocks and for blocks being unrolled.
        dropped: Called with a block, and its pickled form, that was pushed out to make room.
        shrunk: Called with a live block that was pickled to make room.
    """

    def __init__(
        self,
        limit: int,
        dropped: Callable[[RDDBlockId, PickledBlock], None],
        shrunk: Callable[[RDDBlockId], None],
    ) -> None:
        self.limit = limit
        self._dropped = dropped
        self._shrunk = shrunk
        # In order of use: the first is the least recently used.
        self._blocks: OrderedDict[RDDBlockId, Block] = OrderedDict()
        self._used = 0
        self._reserved = 0

    @property
    def free(self) -> int:
        """Bytes left for new blocks."""
        return self.limit - self._used - self._reserved

    @property
    def used(self) -> int:
        """Bytes of the stored blocks."""
        return self._used

    def __contains__(self, block_id: RDDBlockId) -> bool:
        return block_id in self._blocks

    def size(self, block_id: RDDBlockId) -> int:
        """Bytes a block takes; 0 when it is not here."""
        block = self._blocks.get(block_id)
        return block.size if block is not None else 0

    def get(self, block_id: RDDBlockId) -> Block | None:
        """Return a block and mark it as just used."""
        block = self._blocks.get(block_id)
        if block is not None:
            # One step, so that a task killed in between cannot lose the block.
            self._blocks.move_to_end(block_id)
        return block

    def put(self, block_id: RDDBlockId, block: Block) -> None:
        """Keep a block for which room was reserved (and released just before) or is free."""
        self.remove(block_id)
        self._blocks[block_id] = block
        self._used += block.size

    def remove(self, block_id: RDDBlockId) -> bool:
        """Forget a block; tell whether it was there."""
        block = self._blocks.pop(block_id, None)
        if block is None:
            return False
        self._used -= block.size
        return True

    def reserve(self, size: int, rdd_id: int) -> bool:
        """Set bytes aside for a block of ``rdd_id`` being unrolled, making room if that helps.

        Room is made first by pickling live blocks, then by dropping the least recently used
        blocks of *other* RDDs: dropping a sibling to keep this block would gain nothing and,
        on the next pass over the RDD, lose every block just before it is needed.
        """
        if size > self.free and not self._make_room(size, rdd_id):
            return False
        self._reserved += size
        return True

    def release(self, size: int) -> None:
        """Give reserved bytes back."""
        self._reserved -= size

    def _make_room(self, size: int, rdd_id: int) -> bool:
        if size > self.limit - self._reserved:
            return False
        for block_id, block in tuple(self._blocks.items()):
            if isinstance(block, LiveBlock):
                self._shrink(block_id, block)
                if self.free >= size:
                    return True
        others = {i: b for i, b in self._blocks.items() if i.rdd_id != rdd_id}
        if self.free + sum(block.size for block in others.values()) < size:
            return False
        for block_id, block in others.items():
            self._drop(block_id, block)
            if self.free >= size:
                return True
        return False

    def _shrink(self, block_id: RDDBlockId, block: LiveBlock) -> None:
        """Replace a live block by its pickled form, at the same place in the order of use."""
        pickled = block.pickled()
        if pickled.size < block.size:
            self._blocks[block_id] = pickled
            self._used -= block.size - pickled.size
            self._shrunk(block_id)

    def _drop(self, block_id: RDDBlockId, block: Block) -> None:
        pickled = block.pickled() if isinstance(block, LiveBlock) else block
        self.remove(block_id)
        self._dropped(block_id, pickled)


def _slices(records: list[Any]) -> Iterable[list[Any]]:
    return (records[i : i + _SLICE] for i in range(0, len(records), _SLICE))
