"""Cached blocks go from one worker to another one, which reads them as its own."""

import pytest
from pyspark.storagelevel import StorageLevel

from pyrite.core.network import BlockClient, BlockServer
from pyrite.core.storage import BlockManager, RDDBlockId, move_blocks

SECRET = b"secret"


@pytest.fixture
def staying(tmp_path):
    directory = tmp_path / "staying"
    directory.mkdir()
    server = BlockServer([str(directory)], SECRET, "127.0.0.1")
    yield server.location, str(directory / "blocks")
    server.stop()


@pytest.fixture
def client(tmp_path):
    client = BlockClient(SECRET, str(tmp_path))
    yield client
    client.close()


@pytest.fixture
def going(tmp_path):
    manager = BlockManager(1 << 20, str(tmp_path / "going"))
    levels = [StorageLevel.MEMORY_ONLY, StorageLevel.DISK_ONLY, StorageLevel.MEMORY_AND_DISK]
    for partition, level in enumerate(levels):
        records = [{"at": partition}, {"at": [partition] * 3}]
        list(manager.put(RDDBlockId(4, partition), iter(records), level))
    list(manager.put(RDDBlockId(4, 3), iter(()), StorageLevel.MEMORY_ONLY))
    return manager


def test_blocks_are_read_where_they_went(going, staying, client, tmp_path):
    location, directory = staying
    moved = move_blocks(going, client, location, [directory], str(tmp_path))
    assert [update.block_id.partition for update in moved] == [0, 1, 2]  # one was empty
    adopted = BlockManager(1 << 20, directory)
    adopted.adopt(moved)
    for partition in range(3):
        block_id = RDDBlockId(4, partition)
        assert list(adopted.get(block_id)) == list(going.get(block_id))
    assert adopted.levels() == {update.block_id: update.level for update in moved}
    assert adopted.remove_rdd(4) == 3


def test_a_block_that_is_there_already_stays(going, staying, client, tmp_path):
    location, directory = staying
    moved = move_blocks(going, client, location, [directory], str(tmp_path))
    other = BlockManager(1 << 20, str(tmp_path / "other"))
    own = RDDBlockId(4, 0)
    list(other.put(own, iter(["own"]), StorageLevel.MEMORY_ONLY))
    other.adopt(moved[:1])
    assert list(other.get(own)) == ["own"]


def test_nothing_is_promised_that_did_not_arrive(going, client, tmp_path):
    assert move_blocks(going, client, "127.0.0.1:1", ["/nowhere"], str(tmp_path)) == []
    assert not list(tmp_path.glob(".moving-*"))
