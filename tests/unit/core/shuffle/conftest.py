import os
from itertools import count

import pytest

from pyrite.core.events import TaskMetrics
from pyrite.core.shuffle import Partitioner, ShuffleHandle, ShuffleReader, ShuffleWriter, external
from pyrite.core.shuffle.memory import MemoryMeter

UNLIMITED = 1 << 40


class Shuffle:
    """Writes map partitions and reads reduce partitions, as tasks would."""

    def __init__(self, directory):
        self.directory = str(directory / "shuffle")
        self.spill_directory = str(directory / "spill")
        self.metrics = TaskMetrics()
        self._ids = count()

    def handle(self, maps, partitions, aggregator=None, combine=False, ordering=None):
        partitioner = partitions if isinstance(partitions, Partitioner) else Partitioner(partitions)
        return ShuffleHandle(next(self._ids), maps, partitioner, aggregator, combine, ordering)

    def write(self, handle, map_id, records, operators=()):
        return ShuffleWriter(
            handle, map_id, self.directory, "e1", UNLIMITED, self.spill_directory, self.metrics
        ).write(records, operators)

    def read(self, handle, statuses, reduce_id):
        return list(
            ShuffleReader(
                handle,
                statuses,
                reduce_id,
                reduce_id + 1,
                UNLIMITED,
                self.spill_directory,
                self.metrics,
            ).read()
        )

    def run(self, maps, partitions, aggregator=None, combine=False, ordering=None, operators=()):
        handle = self.handle(len(maps), partitions, aggregator, combine, ordering)
        statuses = [self.write(handle, i, records, operators) for i, records in enumerate(maps)]
        return [
            self.read(handle, statuses, reduce_id)
            for reduce_id in range(handle.partitioner.numPartitions)
        ]

    def files(self):
        return sorted(os.listdir(self.directory)) if os.path.isdir(self.directory) else []


@pytest.fixture
def shuffle(tmp_path):
    return Shuffle(tmp_path)


@pytest.fixture
def always_spilling(monkeypatch):
    """Every look at the memory finds the limit exceeded, and looks come often."""
    monkeypatch.setattr(MemoryMeter, "exceeded", lambda self: True)
    monkeypatch.setattr(external.slices, "__defaults__", (50,))
