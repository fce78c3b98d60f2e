"""Blocks of slots: the neighbouring slots of an executor that one task takes together.

An executor with five slots has two blocks of two, ``0 1`` and ``2 3``. Blocks do not overlap, so
as many tasks fit as there is room for, and slots that share a GPU are in one block.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

__all__ = ["block_of", "free_blocks"]


def block_of(worker_id: str, size: int) -> tuple[str, ...]:
    """Return the workers of the block that a worker belongs to, in the order of their slots.

    Example:
        >>> block_of("1/3", 2)
        ('1/2', '1/3')
    """
    if size == 1:
        return (worker_id,)
    executor_id, _, slot = worker_id.rpartition("/")
    first = int(slot) // size * size
    return tuple(f"{executor_id}/{number}" for number in range(first, first + size))


def free_blocks(worker_ids: Collection[str], size: int) -> list[tuple[str, ...]]:
    """Return the blocks all of whose workers are there.

    Args:
        worker_ids: The workers.
        size: How many make a block.

    Example:
        >>> free_blocks(["0/0", "0/1", "0/2", "1/1"], 2)
        [('0/0', '0/1')]
    """
    blocks: Iterable[tuple[str, ...]] = dict.fromkeys(block_of(name, size) for name in worker_ids)
    there = set(worker_ids)
    return [block for block in blocks if there.issuperset(block)]
