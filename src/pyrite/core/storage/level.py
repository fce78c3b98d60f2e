"""Storage levels: where a cached partition may live. The class is PySpark's own."""

from __future__ import annotations

from pyspark.storagelevel import StorageLevel

__all__ = ["StorageLevel", "is_stored", "level_named"]


def is_stored(level: StorageLevel) -> bool:
    """Tell whether a level keeps anything at all (``StorageLevel.NONE`` does not).

    Example:
        >>> is_stored(StorageLevel.MEMORY_ONLY), is_stored(StorageLevel.NONE)
        (True, False)
    """
    return (level.useMemory or level.useDisk) and level.replication > 0


def level_named(name: str) -> StorageLevel:
    """Look a level up by its constant's name, in any case.

    Raises:
        ValueError: No level has that name.

    Example:
        >>> level_named("disk_only")
        StorageLevel(True, False, False, False, 1)
    """
    level = getattr(StorageLevel, name.upper(), None)
    if not isinstance(level, StorageLevel):
        names = sorted(n for n, v in vars(StorageLevel).items() if isinstance(v, StorageLevel))
        raise ValueError(f"Unknown storage level {name!r}; choose one of {', '.join(names)}")
    return level
