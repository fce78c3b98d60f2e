"""MapOutputStatistics: how large the output of a shuffle's map side has become.

It is what adaptive execution plans by: the size of a reduce partition says whether it may be read
together with its neighbours, and the map outputs it consists of, where it can be divided.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from functools import cached_property

__all__ = ["MapOutputStatistics"]


@dataclass(frozen=True)
class MapOutputStatistics:
    """The sizes of a shuffle's map outputs.

    Attributes:
        shuffle_id: The shuffle.
        num_partitions: How many reduce partitions it has.
        sizes: For each map task, in their order, the bytes per reduce partition.
        records: How many records all map tasks wrote.

    Example:
        >>> written = MapOutputStatistics(0, 2, (array("Q", [5, 1]), array("Q", [7, 0])), 9)
        >>> written.bytes_by_partition, written.bytes_by_map(0)
        ((12, 1), (5, 7))
    """

    shuffle_id: int
    num_partitions: int
    sizes: tuple[array[int], ...]
    records: int

    @cached_property
    def bytes_by_partition(self) -> tuple[int, ...]:
        """Bytes of each reduce partition."""
        if not self.sizes:
            return (0,) * self.num_partitions
        return tuple(map(sum, zip(*self.sizes, strict=True)))

    @property
    def total_bytes(self) -> int:
        """Bytes of all reduce partitions."""
        return sum(map(sum, self.sizes))

    def bytes_by_map(self, partition: int) -> tuple[int, ...]:
        """Return the bytes that each map task wrote for a reduce partition."""
        return tuple(sizes[partition] for sizes in self.sizes)
