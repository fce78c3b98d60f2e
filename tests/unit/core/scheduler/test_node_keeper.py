"""The machines of an application, with hosts of paper: no cluster, no processes."""

from collections import deque
from concurrent.futures import Future

import pytest

from pyrite.core.executor.messages import MoveBlocks
from pyrite.core.scheduler.backend import NodeLost, OutputsMoved
from pyrite.core.scheduler.executor_host import NodeReport
from pyrite.core.scheduler.map_output_mover import Refuge
from pyrite.core.scheduler.node_keeper import DriverPlace, NodeKeeper


class Host:
    """Notes what it is asked; the test answers."""

    def __init__(self):
        self.calls = deque()
        self.told = []
        self.killed = False

    def call(self, method, *arguments):
        self.calls.append((method, arguments, Future()))
        if method == "stop":
            self.answer("stop", None)
        return self.last[2]

    @property
    def last(self):
        return self.calls[-1]

    def tell(self, method, *arguments):
        self.told.append((method, *arguments))

    def kill(self):
        self.killed = True

    def answer(self, method, value):
        call = next(call for call in self.calls if call[0] == method and not call[2].done())
        call[2].set_result(value)

    def fails(self, method, error):
        call = next(call for call in self.calls if call[0] == method and not call[2].done())
        call[2].set_exception(error)

    def asked(self):
        return [method for method, _, answer in self.calls if not answer.done()]


class Cluster:
    """A keeper with its hosts, and the executors as it sees them."""

    def __init__(self, **settings):
        self.hosts = {}
        self.events = []
        self.ready = []
        self.lost = []
        self.orders = []
        self.workers = {}  # of executors that stay, by machine
        driver = DriverPlace("n0", "driver:1", "/driver", b"secret")
        self.keeper = NodeKeeper(
            self.start, driver, self, self.when, self.events.append, **settings
        )

    def start(self, node_id):
        assert node_id not in self.hosts
        return self.hosts.setdefault(node_id, Host())

    @staticmethod
    def when(call, then, failed):
        def done(future):
            error = future.exception()
            then(future.result()) if error is None else failed(error)

        call.add_done_callback(done)

    def settle(self, node_id):
        """An executor was placed on a machine."""
        self.workers.setdefault(node_id, []).append(f"{len(self.ready)}/0")
        self.keeper.settle(node_id, f"{node_id}.example", self.ready.append)

    def add(self, *node_ids):
        """Machines with an executor each, and ready."""
        for node_id in node_ids:
            self.settle(node_id)
            self.hosts[node_id].answer("place", (f"{node_id}:7", (f"/{node_id}",)))

    def reports(self, node_id, *, outputs=False, draining=False):
        self.hosts[node_id].answer("watch", NodeReport(outputs, draining))

    def are_on(self, node_id):
        return bool(self.workers.get(node_id))

    def staying(self):
        return [(worker, node_id) for node_id, ids in self.workers.items() for worker in ids]

    def leave(self, node_id):
        return self.workers.pop(node_id)

    def lose(self, node_id, reason):
        self.workers.pop(node_id, None)
        self.lost.append((node_id, reason))

    def tell(self, worker_id, message):
        self.orders.append((worker_id, message))


@pytest.fixture
def cluster():
    return Cluster()


@pytest.fixture
def careful():
    return Cluster(decommissions=True, moves_blocks=True)


def test_executors_wait_for_the_host_of_their_machine(cluster):
    cluster.settle("n1")
    cluster.settle("n1")
    assert cluster.ready == []
    cluster.hosts["n1"].answer("place", ("n1:7", ("/a", "/b")))
    first, second = cluster.ready
    assert first == second
    assert (first.host, first.local_dirs) == ("n1.example", ("/a", "/b"))
    assert (first.network.location, first.network.driver_location) == ("n1:7", "driver:1")
    assert not first.network.is_driver_machine
    cluster.settle("n1")
    assert len(cluster.ready) == 3


def test_executors_on_the_drivers_machine_are_told_so(cluster):
    cluster.add("n0")
    assert cluster.ready[0].network.is_driver_machine


def test_a_machine_is_watched_as_long_as_it_has_executors_or_outputs(cluster):
    cluster.add("n1")
    cluster.reports("n1")
    assert cluster.hosts["n1"].asked() == ["watch"]
    cluster.workers.clear()
    cluster.reports("n1", outputs=True)
    assert cluster.hosts["n1"].asked() == ["watch"]
    cluster.reports("n1")
    assert cluster.hosts["n1"].asked() == []
    assert cluster.hosts["n1"].killed
    assert cluster.events == []


def test_a_machine_that_was_left_can_be_used_again(cluster):
    cluster.add("n1")
    cluster.workers.clear()
    cluster.reports("n1")
    del cluster.hosts["n1"]
    cluster.add("n1")
    assert len(cluster.ready) == 2


def test_a_lost_machine_takes_its_executors_and_outputs_with_it(cluster):
    cluster.add("n1", "n2")
    cluster.hosts["n1"].fails("watch", OSError("gone\nand a long story"))
    assert cluster.lost == [("n1", "its machine was lost: gone")]
    assert cluster.events == [NodeLost("n1:7", "gone")]
    assert cluster.hosts["n1"].killed
    cluster.keeper.remove_shuffle(3)
    assert [host.told for host in cluster.hosts.values()] == [[], [("remove_shuffle", 3)]]


def test_a_host_that_cannot_start_has_no_outputs_to_lose(cluster):
    cluster.settle("n1")
    cluster.hosts["n1"].fails("place", OSError("disk full"))
    assert cluster.lost == [("n1", "its machine was lost: disk full")]
    assert (cluster.events, cluster.ready) == ([], [])


def test_without_decommissioning_a_machine_that_will_go_is_used_to_the_end(cluster):
    cluster.add("n1", "n2")
    cluster.reports("n1", outputs=True, draining=True)
    assert cluster.hosts["n1"].asked() == ["watch"]
    assert "n1" in cluster.workers


def test_what_is_on_a_machine_that_will_go_is_copied_to_those_that_stay(careful):
    careful.add("n1", "n2")
    going, staying = careful.workers["n1"], careful.workers["n2"]
    careful.reports("n1", outputs=True, draining=True)
    assert "n1" not in careful.workers
    ((worker, order),) = careful.orders
    assert [worker] == going
    assert isinstance(order, MoveBlocks)
    assert ([order.worker_id], order.location) == (staying, "n2:7")
    host = careful.hosts["n1"]
    assert sorted(host.asked()) == ["offload", "watch"]
    (refuges,) = next(arguments for method, arguments, _ in host.calls if method == "offload")
    assert refuges == [Refuge("n2:7", ("/n2",))]
    careful.reports("n1", outputs=True, draining=True)
    assert host.asked().count("offload") == 1  # one at a time
    host.answer("offload", {"/n1/x": ("n2:7", "/n2/x")})
    assert careful.events == [OutputsMoved("n1:7", {"/n1/x": ("n2:7", "/n2/x")})]
    assert host.asked().count("offload") == 1  # there may be more
    host.answer("offload", {})
    assert "offload" not in host.asked()
    assert len(careful.orders) == 1  # each worker is told once


def test_nothing_is_copied_until_there_is_a_machine_that_stays(careful):
    careful.add("n1")
    careful.reports("n1", outputs=True, draining=True)
    assert careful.hosts["n1"].asked() == ["watch"]
    assert careful.orders == []
    careful.add("n2")
    careful.reports("n1", outputs=True, draining=True)
    assert "offload" in careful.hosts["n1"].asked()
    assert len(careful.orders) == 1


def test_copies_of_the_drivers_files_are_removed_where_there_are_any(cluster):
    cluster.add("n0", "n1")
    cluster.keeper.remove_copies("/driver/broadcast/7")
    cluster.keeper.remove_leftovers("n1", "4/1")
    cluster.keeper.remove_leftovers("gone", "5/1")
    assert cluster.hosts["n0"].told == []
    assert cluster.hosts["n1"].told == [
        ("remove_copy", "broadcast/7"),
        ("remove_leftovers", "4/1"),
    ]


def test_at_the_end_every_machine_removes_its_files(cluster):
    cluster.add("n1", "n2")
    cluster.keeper.stop()
    for host in cluster.hosts.values():
        assert host.last[0] == "stop"
        assert host.killed
