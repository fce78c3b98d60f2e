"""CachedBlocks: which workers hold which cached partitions, as the driver knows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from pyrite.core.storage import BlockUpdate

__all__ = ["CachedBlocks"]

_NOWHERE: Mapping[str, BlockUpdate] = MappingProxyType({})


class CachedBlocks:
    """A table of cached blocks by RDD, partition and worker. Pure."""

    def __init__(self) -> None:
        self._blocks: dict[int, dict[int, dict[str, BlockUpdate]]] = {}

    def update(self, worker_id: str, updates: Iterable[BlockUpdate]) -> None:
        """Take what a worker reports of blocks it stored or dropped."""
        for update in updates:
            rdd_id, partition = update.block_id.rdd_id, update.block_id.partition
            if update.memory_size or update.disk_size:
                holders = self._blocks.setdefault(rdd_id, {}).setdefault(partition, {})
                holders[worker_id] = update
            else:  # often of an RDD that was forgotten: nothing may stay of it
                self._blocks.get(rdd_id, {}).get(partition, {}).pop(worker_id, None)

    def worker_lost(self, worker_id: str) -> None:
        """Forget a worker's blocks."""
        for partitions in self._blocks.values():
            for holders in partitions.values():
                holders.pop(worker_id, None)

    def remove_rdd(self, rdd_id: int) -> None:
        """Forget an RDD's blocks."""
        self._blocks.pop(rdd_id, None)

    def locations(self, rdd_id: int, partition: int) -> tuple[str, ...]:
        """Return the workers that hold a partition, first come first."""
        return tuple(self._blocks.get(rdd_id, {}).get(partition, _NOWHERE))

    def workers(self) -> set[str]:
        """Return the workers that hold any block."""
        return {
            worker_id
            for partitions in self._blocks.values()
            for holders in partitions.values()
            for worker_id in holders
        }
