"""Where every map task's output is. No input or output, only the table.

The driver's tracker hears of outputs as map tasks end and of losses as fetches fail; a worker's
holds what the driver sent along with its stage.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

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
    """

    map_id: int
    executor_id: str
    path: str
    sizes: array[int]
    location: str = ""


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

    def register_shuffle(self, shuffle_id: int, num_maps: int) -> None:
        """Add a shuffle with nothing written yet; an already known one is left as it is."""
        self._shuffles.setdefault(shuffle_id, [None] * num_maps)

    def unregister_shuffle(self, shuffle_id: int) -> None:
        """Forget a shuffle; unknown ones are ignored."""
        self._shuffles.pop(shuffle_id, None)

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
