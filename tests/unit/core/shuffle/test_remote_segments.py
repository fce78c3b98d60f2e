"""Map outputs on other machines, which are block servers of this process."""

from array import array

import pytest

from pyrite.core.errors import FetchFailed
from pyrite.core.events import TaskMetrics
from pyrite.core.network import BlockClient, BlockServer
from pyrite.core.shuffle import Aggregator, MapStatus, ShuffleReader, ShuffleWriter

SECRET = b"secret"
UNLIMITED = 1 << 40


class Machines:
    def __init__(self, tmp_path, shuffle):
        self._path = tmp_path
        self._shuffle = shuffle
        self.servers = {}
        self.client = BlockClient(SECRET, str(tmp_path))

    def add(self, name):
        root = self._path / name
        root.mkdir()
        self.servers[name] = BlockServer([str(root)], SECRET, "127.0.0.1")
        return name

    def write(self, handle, map_id, records, name):
        directory = str(self._path / name)
        location = self.servers[name].location
        return ShuffleWriter(
            handle, map_id, directory, name, UNLIMITED, directory, location=location
        ).write(records)

    def read(self, handle, statuses, reduce_id, name, metrics=None):
        reader = ShuffleReader(
            handle,
            statuses,
            reduce_id,
            reduce_id + 1,
            UNLIMITED,
            str(self._path),
            metrics,
            self.servers[name].location,
            self.client,
        )
        return list(reader.read())


@pytest.fixture
def machines(tmp_path, shuffle):
    machines = Machines(tmp_path, shuffle)
    for name in ("m1", "m2", "m3"):
        machines.add(name)
    yield machines
    machines.client.close()
    for server in machines.servers.values():
        server.stop()


@pytest.fixture
def written(machines, shuffle):
    """Six map outputs, two on each of three machines, in turns."""
    handle = shuffle.handle(6, 2, Aggregator.group())
    statuses = [
        machines.write(handle, m, [(key, m) for key in range(4)], f"m{m % 3 + 1}") for m in range(6)
    ]
    return handle, statuses


def test_values_come_in_the_order_of_map_tasks_wherever_those_ran(machines, written):
    handle, statuses = written
    metrics = TaskMetrics()
    assert machines.read(handle, statuses, 0, "m1", metrics) == [
        (0, list(range(6))),
        (2, list(range(6))),
    ]
    assert (metrics.shuffle_read_local_blocks, metrics.shuffle_read_remote_blocks) == (2, 4)
    assert metrics.shuffle_read_remote_bytes == 2 * metrics.shuffle_read_local_bytes


def test_outputs_without_anything_for_a_task_are_not_asked_for(machines, shuffle):
    handle = shuffle.handle(3, 2, Aggregator.group())
    records = [[(0, "a")], [(1, "b")], [(0, "c")]]
    statuses = [machines.write(handle, m, records[m], "m2") for m in range(3)]
    assert machines.read(handle, statuses, 0, "m1") == [(0, ["a", "c"])]
    assert machines.read(handle, statuses, 1, "m1") == [(1, ["b"])]


def test_a_lost_file_is_named_with_all_the_others_that_are_lost(machines, written, tmp_path):
    handle, statuses = written
    for path in (tmp_path / "m2").iterdir():
        path.unlink()
    with pytest.raises(FetchFailed) as failure:
        machines.read(handle, statuses, 0, "m1")
    assert (failure.value.map_id, failure.value.also_lost) == (1, (4,))
    assert failure.value.executor_id == "m2"


def test_a_machine_that_is_gone_has_lost_all_its_outputs(machines, written):
    handle, statuses = written
    machines.servers["m3"].stop()
    with pytest.raises(FetchFailed) as failure:
        machines.read(handle, statuses, 1, "m1")
    assert (failure.value.map_id, failure.value.also_lost) == (2, (5,))


def test_a_damaged_byte_is_noticed(machines, written):
    handle, statuses = written
    with open(statuses[1].path, "r+b") as file:
        file.seek(-3, 2)
        file.write(b"\x00\xff\x00")
    with pytest.raises(FetchFailed, match="checksum of partition 1 is wrong"):
        machines.read(handle, statuses, 1, "m1")


def test_a_file_that_was_cut_short_is_lost(machines, written):
    handle, statuses = written
    with open(statuses[2].path, "r+b") as file:
        file.truncate(30)
    with pytest.raises(FetchFailed, match="truncated at byte 30") as failure:
        machines.read(handle, statuses, 0, "m2")
    assert failure.value.map_id == 2


def test_an_output_nobody_knows_of_is_lost_too(machines, written):
    handle, statuses = written
    statuses[3] = None
    statuses[1] = MapStatus(1, "m2", "/nowhere", array("Q", [10, 10]), statuses[1].location)
    with pytest.raises(FetchFailed) as failure:
        machines.read(handle, statuses, 0, "m1")
    assert (failure.value.map_id, failure.value.also_lost) == (1, (3,))
