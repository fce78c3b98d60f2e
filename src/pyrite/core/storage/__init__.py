"""Cached partitions: what they are called, where they are kept, what is given up first.

block_id        names: ``rdd_3_1``
level           storage levels (PySpark's own class)
block_manager   the door: get, put, remove
unroll          an iterator of unknown length becomes a block that fits
memory_store    live and pickled blocks, least recently used first
disk_store      one checked file per block
block_mover     a worker's blocks, copied to one that stays
freshness       which records may stay live, and how they are handed out
size_estimator  bytes a value keeps alive
block_format    records to bytes and back
"""

from pyrite.core.storage.block_id import RDDBlockId
from pyrite.core.storage.block_manager import BlockManager, BlockUpdate
from pyrite.core.storage.block_mover import move_blocks
from pyrite.core.storage.level import StorageLevel

__all__ = ["BlockManager", "BlockUpdate", "RDDBlockId", "StorageLevel", "move_blocks"]
