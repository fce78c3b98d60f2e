"""The slice of an RDD that one task computes."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Partition"]


@dataclass(frozen=True, slots=True)
class Partition:
    """One slice of an RDD: whatever a task needs to compute it, and its position.

    Kinds of RDD extend it with what they need.

    Attributes:
        index: Position among the partitions of its RDD, from 0.
    """

    index: int
