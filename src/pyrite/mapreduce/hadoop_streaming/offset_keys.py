"""Keys that are offsets of lines: what reaches the reducers where no mapper changes the input.

Hadoop has them as whole numbers, so they are ordered and divided as such.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyrite.mapreduce.hadoop_streaming.byte_columns import ByteStrings, column
from pyrite.mapreduce.hadoop_streaming.comparators import Ordering
from pyrite.mapreduce.hadoop_streaming.partitioners import Partitioner
from pyrite.mapreduce.hadoop_streaming.row_order import SortColumn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pyrite.mapreduce.hadoop_streaming.records import Records

    Hashes = NDArray[np.uint32]
    Ints = NDArray[np.int64]

__all__ = ["OffsetOrdering", "OffsetPartitioner"]


@dataclass(frozen=True)
class OffsetOrdering(Ordering):
    """By the offset, then by the line."""

    def groups(self, records: Records) -> list[ByteStrings]:
        """Return the offsets."""
        return [records.keys]

    def columns(self, records: Records) -> list[SortColumn]:
        """Return the offsets as bytes in their order, and the values."""
        import numpy as np

        numbers = _numbers(records.keys).astype(">i8")
        ends = np.arange(len(numbers) + 1, dtype=np.int64) * numbers.itemsize
        return [SortColumn(column(ends, numbers.tobytes())), SortColumn(records.values)]


class OffsetPartitioner(Partitioner):
    """By the offset itself, as Hadoop hashes a ``LongWritable``."""

    def _hashes(self, keys: ByteStrings) -> Hashes:
        import numpy as np

        return _numbers(keys).astype(np.uint32)


def _numbers(keys: ByteStrings) -> Ints:
    import numpy as np

    return np.array([int(key) for key in keys.to_pylist()], np.int64)
