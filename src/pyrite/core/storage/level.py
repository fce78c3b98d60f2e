"""Storage levels: where a cached partition may live. The class is PySpark's own."""

from __future__ import annotations

from pyspark.storagelevel import StorageLevel

__all__ = ["StorageLevel", "is_stored"]


def is_stored(level: StorageLevel) -> bool:
    """Tell whether a level keeps anything at all (``StorageLevel.NONE`` does not).

    Example:
        >>> is_stored(StorageLevel.MEMORY_ONLY), is_stored(StorageLevel.NONE)
        (True, False)
    """
    return (level.useMemory or level.useDisk) and level.replication > 0
