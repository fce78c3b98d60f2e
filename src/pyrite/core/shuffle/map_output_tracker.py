"""Where every map task's output is. No input or output, only the table.

The driver's tracker hears of outputs as map tasks end and of losses as fetches fail; a worker's
holds what the driver sent along with its stage.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pyrite.core.errors import SparkException

__all__ = ["MapOutputTracker", "MapStatus"]


@dataclass(frozen=True)
class MapStatus:
    """One finished map output.

    Attributes:
        map_id: The map task's partition.
        executor_id: Who wrote it.
        path: The file, readable by every process of the machine.
        sizes: Bytes per reduce partition (array of type ``Q``).
        location: The block server of the machine; empty if there is one machine only.
        records: How many records were written.
    """

    map_id: int
    executor_id: str
    path: str
    sizes: array[int]
    location: str = ""
    records: int = 0


class MapOutputTracker:
    """The table of map outputs by shuffle and map task.

    Example:
        >>> tracker = MapOutputTracker()
        >>> tracker.register_shuffle(0, num_maps=2)
        >>> tracker.register_map_output(0, 1, MapStatus(1, "driver", "/tmp/x", array("Q", [5])))
        >>> tracker.missing_maps(0)
        [0]
    """

    def __init__(self) -> None:
        self._shuffles: dict[int, list[MapStatus | None]] = {}
        #: How often outputs were moved.
        self.moves = 0
        #: Which move took an output where it is, by shuffle and map task.
        self._moved_at: dict[tuple[int, int], int] = {}

    def register_shuffle(self, shuffle_id: int, num_maps: int) -> None:
        """Add a shuffle with nothing written yet; an already known one is left as it is."""
        self._shuffles.setdefault(shuffle_id, [None] * num_maps)

    def unregister_shuffle(self, shuffle_id: int) -> None:
        """Forget a shuffle; unknown ones are ignored."""
        self._shuffles.pop(shuffle_id, None)
        self._moved_at = {key: at for key, at in self._moved_at.items() if key[0] != shuffle_id}

    def contains(self, shuffle_id: int) -> bool:
        """Tell whether the shuffle is registered."""
        return shuffle_id in self._shuffles

    def register_map_output(self, shuffle_id: int, map_id: int, status: MapStatus) -> None:
        """Record where a map task's output is; a later attempt replaces an earlier one.

        Raises:
            SparkException: If the shuffle is not registered.
        """
        self._outputs(shuffle_id)[map_id] = status

    def unregister_map_output(self, shuffle_id: int, map_id: int) -> None:
        """Record that a map output is lost; unknown shuffles are ignored.

        A ``map_id`` of -1 means all outputs of the shuffle.
        """
        outputs = self._shuffles.get(shuffle_id)
        if outputs is None:
            return
        if map_id < 0:
            outputs[:] = [None] * len(outputs)
        else:
            outputs[map_id] = None

    def unregister_outputs_at(self, location: str) -> list[int]:
        """Record that everything on a machine is lost.

        Returns:
            The shuffles that lost something, in order of registration.
        """
        affected = []
        for shuffle_id, outputs in self._shuffles.items():
            lost = [
                map_id
                for map_id, status in enumerate(outputs)
                if status is not None and status.location == location
            ]
            for map_id in lost:
                outputs[map_id] = None
            if lost:
                affected.append(shuffle_id)
        return affected

    def move_outputs(self, location: str, moved: Mapping[str, tuple[str, str]]) -> None:
        """Record that outputs of a machine were copied to others.

        Args:
            location: The machine's block server.
            moved: For each path there, the new block server and path; unknown ones are ignored.
        """
        self.moves += 1
        for shuffle_id, outputs in self._shuffles.items():
            for map_id, status in enumerate(outputs):
                if status is not None and status.location == location and status.path in moved:
                    new_location, path = moved[status.path]
                    outputs[map_id] = replace(status, location=new_location, path=path)
                    self._moved_at[shuffle_id, map_id] = self.moves

    def moved_since(self, shuffle_id: int, map_id: int, moves: int) -> bool:
        """Tell whether an output was moved after the first ``moves`` moves."""
        return self._moved_at.get((shuffle_id, map_id), 0) > moves

    def missing_maps(self, shuffle_id: int) -> list[int]:
        """Return the map tasks whose output is not there, in order.

        Raises:
            SparkException: If the shuffle is not registered.
        """
        outputs = self._outputs(shuffle_id)
        return [map_id for map_id, status in enumerate(outputs) if status is None]

    def statuses(self, shuffle_id: int) -> list[MapStatus | None]:
        """Return the outputs by map task, None where there is none; a copy.

        Raises:
            SparkException: If the shuffle is not registered.
        """
        return list(self._outputs(shuffle_id))

    def set_statuses(self, shuffle_id: int, statuses: Sequence[MapStatus | None]) -> None:
        """Replace the whole list of a shuffle, as a worker does with what the driver sent."""
        self._shuffles[shuffle_id] = list(statuses)

    def _outputs(self, shuffle_id: int) -> list[MapStatus | None]:
        outputs = self._shuffles.get(shuffle_id)
        if outputs is None:
            raise SparkException(f"Shuffle {shuffle_id} is not registered.")
        return outputs
