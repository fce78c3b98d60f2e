r"""LineCounts: equal lines of many blocks found and counted.

    block --distinct lines--> (lines, counts) --+
    block --distinct lines--> (lines, counts) --+--distinct again--> (lines, counts)

What a word count writes has few distinct lines; the same ones are in each block. So many blocks
become about as many rows as one of them, and little is left to be shuffled and sorted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrite.mapreduce.hadoop_streaming.byte_columns import ByteStrings, ints_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["LineCounts"]

MOST_BYTES = 16 << 20
"""How much memory distinct lines of several blocks may take."""


class LineCounts:
    """Distinct lines, and how often each was there.

    Example:
        >>> from pyrite.mapreduce.hadoop_streaming.byte_columns import strings
        >>> counts = LineCounts()
        >>> counts.add(strings([b"the", b"a", b"the"])), counts.add(strings([b"a"]))
        (2, 1)
        >>> lines, times = counts.take()
        >>> lines.to_pylist(), times.tolist()
        ([b'the', b'a'], [2, 2])
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._lines: list[ByteStrings] = []
        self._counts: list[Ints] = []
        self._bytes = 0

    def __bool__(self) -> bool:
        return bool(self._lines)

    def add(self, lines: ByteStrings) -> int:
        """Count a block's lines, which are not kept themselves.

        Returns:
            How many of them are distinct.
        """
        import numpy as np

        encoded = lines.dictionary_encode()
        self._hold(encoded.dictionary, np.bincount(ints_of(encoded.indices)))
        return len(encoded.dictionary)

    def is_full(self) -> bool:
        """Whether the distinct lines are too many to wait for more of them."""
        if self._bytes <= self._most_bytes:
            return False
        self._hold(*self.take())
        return self._bytes > self._most_bytes // 2

    def take(self) -> tuple[ByteStrings, Ints]:
        """Return the distinct lines and their counts, and forget them."""
        import numpy as np
        import pyarrow as pa

        lines, counts = self._lines, self._counts
        self._lines, self._counts, self._bytes = [], [], 0
        if len(lines) == 1:
            return lines[0], counts[0]
        encoded = pa.concat_arrays(lines).dictionary_encode()
        # The sums are floats there, exact up to 2 ** 53
        sums = np.bincount(ints_of(encoded.indices), weights=np.concatenate(counts))
        return encoded.dictionary, sums.astype(np.int64)

    def _hold(self, lines: ByteStrings, counts: Ints) -> None:
        self._lines.append(lines)
        self._counts.append(counts)
        self._bytes += lines.nbytes + counts.nbytes
