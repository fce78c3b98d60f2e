"""Names of stored blocks."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RDDBlockId"]


@dataclass(frozen=True, slots=True, order=True)
class RDDBlockId:
    """One cached partition of one RDD.

    Example:
        >>> RDDBlockId(3, 1).name
        'rdd_3_1'
    """

    rdd_id: int
    partition: int

    @property
    def name(self) -> str:
        """Spark's name of the block, as in event logs and in file names."""
        return f"rdd_{self.rdd_id}_{self.partition}"

    def __str__(self) -> str:
        return self.name
