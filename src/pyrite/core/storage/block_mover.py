"""Moving cached blocks of a worker that will go into the directories of one that stays."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence

from pyrite.core.network import BlockClient, LostFile
from pyrite.core.storage.block_manager import BlockManager, BlockUpdate
from pyrite.core.storage.disk_store import DiskStore

__all__ = ["move_blocks"]


def move_blocks(
    manager: BlockManager,
    client: BlockClient,
    location: str,
    directories: Sequence[str],
    scratch: str,
) -> list[BlockUpdate]:
    """Write a worker's cached blocks as files of another worker, which is to adopt them.

    Args:
        manager: Holds the blocks; it keeps them.
        client: Reaches the other machine.
        location: Its block server.
        directories: Where the other worker keeps its blocks.
        scratch: A directory of this machine for files on their way.

    Returns:
        The blocks that are there now, as far as the other machine could take them.
    """
    moved = []
    theirs = DiskStore(*directories)
    with tempfile.TemporaryDirectory(prefix=".moving-", dir=scratch) as directory:
        ours = DiskStore(directory)
        for block_id, level in manager.levels().items():
            pieces = manager.pieces(block_id)
            if not pieces:
                continue
            try:
                size = ours.put(block_id, pieces)
                client.send_file(location, theirs.path(block_id), ours.path(block_id))
            except (OSError, LostFile):
                break
            moved.append(BlockUpdate(block_id, level, 0, size))
            ours.remove(block_id)
    return moved
