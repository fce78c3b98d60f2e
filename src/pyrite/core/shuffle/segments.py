"""One reduce task's segments out of many map files, on this machine and on others.

Files of this machine are read where they are. Each other machine is asked once, for the task's
part of all its map files, and sends ahead while the task works: so many reducers and map tasks
need no more than one conversation for each pair of a reducer and a machine.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

from pyrite.core.network import BlockClient, LostFile
from pyrite.core.shuffle.map_file import (
    CorruptMapFile,
    check_segments,
    read_segments,
    segment_spans,
)
from pyrite.core.shuffle.map_output_tracker import MapStatus

__all__ = ["Segments"]


class Segments:
    """The segments of reduce partitions ``start`` up to ``end`` in some map outputs.

    Args:
        statuses: Where each map output is, in the order of map tasks; None where unknown.
        start: First reduce partition.
        end: The partition after the last.
        maps: The map tasks whose outputs are read.
        location: This machine's block server.
        client: Reads from other machines; None if there are none.
    """

    def __init__(
        self,
        statuses: Sequence[MapStatus | None],
        start: int,
        end: int,
        maps: range,
        location: str,
        client: BlockClient | None,
    ) -> None:
        self._statuses = statuses
        self._start = start
        self._end = end
        self._maps = maps
        self._location = location
        self._client = client
        self._arriving: dict[str, Iterator[memoryview | LostFile]] = {}

    def bytes_of(self, status: MapStatus) -> int:
        """Return how many bytes a map output has for this task."""
        return sum(status.sizes[self._start : self._end])

    def is_remote(self, status: MapStatus) -> bool:
        """Tell whether a map output is on another machine."""
        return status.location != self._location

    def read(self, status: MapStatus) -> Iterator[memoryview]:
        """Read the non-empty segments of a map output; outputs are to be read in their order.

        Raises:
            CorruptMapFile: If a segment is not what was written, or is not there.
            OSError: If the file cannot be read, or its machine not be reached.
        """
        if not self.is_remote(status):
            return read_segments(status.path, status.sizes, self._start, self._end)
        if status.location not in self._arriving:
            self._arriving[status.location] = self._ask(status)
        arrived = next(self._arriving[status.location])
        if isinstance(arrived, LostFile):
            raise CorruptMapFile(str(arrived))
        return check_segments(arrived, status.path, status.sizes, self._start, self._end)

    def _ask(self, first: MapStatus) -> Iterator[memoryview | LostFile]:
        """Ask a machine for all this task wants of it, from the first output on."""
        assert self._client is not None
        wanted = [
            (status.path, segment_spans(status.sizes, self._start, self._end))
            for status in self._statuses[first.map_id : self._maps.stop]
            if status is not None and status.location == first.location and self.bytes_of(status)
        ]
        return self._client.read_ranges(first.location, wanted)

    def lost_after(self, map_id: int) -> tuple[int, ...]:
        """Return which outputs cannot be read either, but for those that were, before this one.

        Whatever took one file may have taken many; a stage cannot be tried again for each. So
        those that only other tasks read are among them.
        """
        seen = range(self._maps.start, map_id + 1)
        rest = [(other, s) for other, s in enumerate(self._statuses) if other not in seen]
        lost = [other for other, status in rest if status is None]
        for location in dict.fromkeys(status.location for _, status in rest if status):
            there = [(other, s) for other, s in rest if s is not None and s.location == location]
            lost += self._lost_at(location, there)
        return tuple(sorted(lost))

    def _lost_at(self, location: str, outputs: Sequence[tuple[int, MapStatus]]) -> list[int]:
        if location == self._location:
            return [map_id for map_id, status in outputs if not self._is_intact(status)]
        assert self._client is not None
        # Nothing but the end of each part: it is there or not, and no byte of it has to come.
        ends = [(status.path, ((_end_of(status.sizes, self._end), 0),)) for _, status in outputs]
        answers = self._client.read_ranges(location, ends)
        try:
            pairs = list(zip(outputs, answers, strict=True))
        except OSError:
            return [map_id for map_id, _ in outputs]
        return [map_id for (map_id, _), answer in pairs if isinstance(answer, LostFile)]

    def _is_intact(self, status: MapStatus) -> bool:
        try:
            for _ in read_segments(status.path, status.sizes, self._start, self._end):
                pass
        except (CorruptMapFile, OSError):
            return False
        return True


def _end_of(sizes: array[int], end: int) -> int:
    """Return where a task's part of a map file ends."""
    offset, length = segment_spans(sizes, 0, end)[-1]
    return offset + length
