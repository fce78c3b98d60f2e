"""Which workers hold which cached partitions."""

from pyspark.storagelevel import StorageLevel

from pyrite.core.scheduler.cached_blocks import CachedBlocks
from pyrite.core.storage.block_id import RDDBlockId
from pyrite.core.storage.block_manager import BlockUpdate


def block(rdd_id, partition, memory=10, disk=0):
    return BlockUpdate(RDDBlockId(rdd_id, partition), StorageLevel.MEMORY_ONLY, memory, disk)


def test_blocks_are_found_where_they_were_stored_first_come_first():
    blocks = CachedBlocks()
    blocks.update("w1", [block(3, 0)])
    blocks.update("w0", [block(3, 0), block(3, 1, memory=0, disk=5)])
    assert blocks.locations(3, 0) == ("w1", "w0")
    assert blocks.locations(3, 1) == ("w0",)
    assert blocks.locations(3, 2) == blocks.locations(4, 0) == ()
    assert blocks.workers() == {"w0", "w1"}


def test_a_dropped_block_is_nowhere():
    blocks = CachedBlocks()
    blocks.update("w0", [block(3, 0)])
    blocks.update("w0", [block(3, 0, memory=0)])
    assert blocks.locations(3, 0) == ()
    assert blocks.workers() == set()


def test_a_lost_worker_holds_nothing():
    blocks = CachedBlocks()
    blocks.update("w0", [block(3, 0), block(4, 0)])
    blocks.update("w1", [block(3, 0)])
    blocks.worker_lost("w0")
    assert blocks.locations(3, 0) == ("w1",)
    assert blocks.locations(4, 0) == ()


def test_an_unpersisted_rdd_is_forgotten_whole():
    blocks = CachedBlocks()
    blocks.update("w0", [block(3, 0), block(3, 1), block(4, 0)])
    blocks.remove_rdd(3)
    blocks.remove_rdd(99)
    assert blocks.locations(3, 1) == ()
    assert blocks.locations(4, 0) == ("w0",)


def test_the_late_news_that_an_unpersisted_block_is_gone_leaves_nothing():
    blocks = CachedBlocks()
    blocks.update("w0", [block(3, 0)])
    blocks.remove_rdd(3)
    blocks.update("w0", [block(3, 0, memory=0)])
    assert blocks._blocks == {}
