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

    def reader(self, handle, statuses, reduces, name, metrics=None, maps=None):
        return ShuffleReader(
            handle,
            statuses,
            reduces.start,
            reduces.stop,
            UNLIMITED,
            str(self._path),
            metrics,
            self.servers[name].location,
            self.client,
            maps,
        )

    def read(self, handle, statuses, reduce_id, name, metrics=None):
        reduces = range(reduce_id, reduce_id + 1)
        return list(self.reader(handle, statuses, reduces, name, metrics).read())


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


def test_neighbouring_partitions_are_read_together(machines, written):
    handle, statuses = written
    both = machines.reader(handle, statuses, range(2), "m1")
    assert dict(both.read()) == {key: list(range(6)) for key in range(4)}


@pytest.mark.parametrize("maps", [range(2), range(1, 5), range(5, 6), range(3, 3)])
def test_some_map_outputs_are_read_and_no_others(machines, written, maps):
    handle, statuses = written
    metrics = TaskMetrics()
    part = machines.reader(handle, statuses, range(1), "m1", metrics, maps)
    assert dict(part.read()) == ({0: list(maps), 2: list(maps)} if maps else {})
    local = [m for m in maps if m % 3 == 0]
    assert metrics.shuffle_read_local_blocks == len(local)
    assert metrics.shuffle_read_remote_blocks == len(maps) - len(local)


def test_parts_of_a_partition_are_the_whole_together(machines, written):
    handle, statuses = written
    segments = [
        bytes(segment)
        for maps in (range(2), range(2, 5), range(5, 6))
        for segment in machines.reader(handle, statuses, range(1), "m2", maps=maps).segments()
    ]
    whole = machines.reader(handle, statuses, range(1), "m2").segments()
    assert segments == [bytes(segment) for segment in whole]


def test_outputs_that_a_part_does_not_read_may_be_lost(machines, written, tmp_path):
    handle, statuses = written
    for path in (tmp_path / "m2").iterdir():  # outputs 1 and 4
        path.unlink()
    part = machines.reader(handle, statuses, range(1), "m1", maps=range(2, 4))
    assert dict(part.read()) == {0: [2, 3], 2: [2, 3]}


@pytest.mark.parametrize("reader", ["m1", "m2"])
def test_a_part_names_all_lost_outputs_that_it_has_not_read(machines, written, tmp_path, reader):
    handle, statuses = written
    for path in (tmp_path / "m2").iterdir():
        path.unlink()
    statuses[0] = None
    part = machines.reader(handle, statuses, range(1), reader, maps=range(3, 5))
    with pytest.raises(FetchFailed) as failure:
        list(part.read())
    assert (failure.value.map_id, failure.value.also_lost) == (4, (0, 1))
