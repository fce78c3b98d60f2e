"""Where cached partitions live: in memory while there is room, then on disk, or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pyrite.core.storage.block_format import decode, encode
from pyrite.core.storage.block_id import RDDBlockId
from pyrite.core.storage.disk_store import DiskStore
from pyrite.core.storage.level import StorageLevel, is_stored
from pyrite.core.storage.memory_store import MemoryStore, PickledBlock
from pyrite.core.storage.unroll import Overflow, chunks, unroll

__all__ = ["BlockManager", "BlockUpdate"]


@dataclass(frozen=True, slots=True)
class BlockUpdate:
    """What became of a block.

    Attributes:
        block_id: The block.
        level: The level it was stored at.
        memory_size: Bytes it takes in memory now.
        disk_size: Bytes it takes on disk now; both are 0 when it is gone.
    """

    block_id: RDDBlockId
    level: StorageLevel
    memory_size: int
    disk_size: int


class BlockManager:
    """The cached partitions of one worker process.

    Readers get records they may change freely: see `pyrite.core.storage.freshness`. Replicated
    levels (``*_2``, ``*_3``) keep one copy, since a machine is lost as a whole; off-heap levels
    keep their blocks like the others.

    Args:
        memory_limit: Bytes for blocks in memory.
        directories: Where blocks on disk go; this process's own. At least one.

    Example:
        >>> import tempfile
        >>> manager = BlockManager(1 << 20, tempfile.mkdtemp())
        >>> list(manager.put(RDDBlockId(0, 0), iter(range(3)), StorageLevel.MEMORY_ONLY))
        [0, 1, 2]
        >>> manager.get(RDDBlockId(0, 0))
        [0, 1, 2]
    """

    def __init__(self, memory_limit: int, *directories: str) -> None:
        self._memory = MemoryStore(memory_limit, self._push_out, self._report)
        self._disk = DiskStore(*directories)
        self._levels: dict[RDDBlockId, StorageLevel] = {}
        self._updates: dict[RDDBlockId, BlockUpdate] = {}

    @property
    def memory_used(self) -> int:
        """Bytes the blocks in memory take, by the manager's own count."""
        return self._memory.used

    def contains(self, block_id: RDDBlockId) -> bool:
        """Tell whether a block is stored; a file on disk may still turn out to be damaged."""
        return block_id in self._memory or block_id in self._disk

    def get(self, block_id: RDDBlockId) -> Iterable[Any] | None:
        """Return a block's records, or None when it is not stored, or lost.

        A list that comes back is the stored one: read it, never change it.
        """
        block = self._memory.get(block_id)
        if block is not None:
            return block.read()
        data = self._disk.get(block_id)
        if data is not None:
            return self._read_from_disk(block_id, data)
        if block_id in self._levels:
            self._report(block_id)
        return None

    def put(
        self, block_id: RDDBlockId, values: Iterable[Any], level: StorageLevel
    ) -> Iterable[Any]:
        """Store records as far as the level and the room allow; return them to go on reading.

        A MEMORY_ONLY partition that does not fit is not kept; what comes back then chains the
        part already read with the rest of ``values``.

        Raises:
            SparkException: The block belongs on disk and the disk is full.
        """
        if not is_stored(level):
            return values
        self._forget(block_id)
        if not level.useMemory:
            return self._write_to_disk(block_id, map(encode, chunks(values)), level)
        block = unroll(values, self._memory, block_id.rdd_id)
        if isinstance(block, Overflow):
            if level.useDisk:
                return self._write_to_disk(block_id, block.encoded(), level)
            return block.records()
        self._memory.put(block_id, block)
        self._levels[block_id] = level
        self._report(block_id)
        return block.read()

    def levels(self) -> dict[RDDBlockId, StorageLevel]:
        """Return the stored blocks and the levels they were asked to be kept at."""
        return dict(self._levels)

    def pieces(self, block_id: RDDBlockId) -> list[bytes]:
        """Return a stored block in pickled form; nothing if it is empty or lost."""
        block = self._memory.get(block_id)
        if block is not None:
            return (block if isinstance(block, PickledBlock) else block.pickled()).pieces
        data = self._disk.get(block_id)
        return [] if data is None else [bytes(data)]

    def adopt(self, updates: Iterable[BlockUpdate]) -> None:
        """Take over blocks that another process has written into this one's directories."""
        for update in updates:
            if not self.contains(update.block_id):
                self._disk.adopt(update.block_id, update.disk_size)
                self._levels[update.block_id] = update.level
                self._report(update.block_id)

    def remove_rdd(self, rdd_id: int) -> int:
        """Forget all blocks of an RDD; return how many there were."""
        gone = [block_id for block_id in self._levels if block_id.rdd_id == rdd_id]
        for block_id in gone:
            self._forget(block_id)
        return len(gone)

    def take_updates(self) -> list[BlockUpdate]:
        """Return what became of the blocks touched since the last call, the latest of each."""
        updates = list(self._updates.values())
        self._updates.clear()
        return updates

    def _read_from_disk(self, block_id: RDDBlockId, data: memoryview) -> Iterable[Any]:
        # A block pushed out earlier comes back when there is room without pushing others out.
        if self._levels[block_id].useMemory and len(data) <= self._memory.free:
            self._memory.put(block_id, PickledBlock([bytes(data)]))
            self._disk.remove(block_id)
            self._report(block_id)
        return decode(data)

    def _write_to_disk(
        self, block_id: RDDBlockId, pieces: Iterable[bytes], level: StorageLevel
    ) -> Iterable[Any]:
        self._disk.put(block_id, pieces)
        self._levels[block_id] = level
        self._report(block_id)
        data = self._disk.get(block_id)
        assert data is not None, f"{block_id} was damaged while it was written"
        return decode(data)

    def _push_out(self, block_id: RDDBlockId, block: PickledBlock) -> None:
        if self._levels[block_id].useDisk:
            self._disk.put(block_id, block.pieces)
        self._report(block_id)

    def _forget(self, block_id: RDDBlockId) -> None:
        if block_id in self._levels:
            self._memory.remove(block_id)
            self._disk.remove(block_id)
            self._report(block_id)

    def _report(self, block_id: RDDBlockId) -> None:
        """Note a block's new sizes; forget its level when it is gone."""
        memory_size = self._memory.size(block_id)
        disk_size = self._disk.size(block_id)
        level = self._levels[block_id]
        self._updates[block_id] = BlockUpdate(block_id, level, memory_size, disk_size)
        if not self.contains(block_id):
            del self._levels[block_id]
