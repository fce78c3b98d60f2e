"""An executor that is told and asked by calls, as on another machine; here the calls are plain."""

import contextlib
import os
import pickle
import subprocess
import sys
import textwrap
import time
from types import SimpleNamespace

import cloudpickle
import pytest

from pyrite.core.executor import messages
from pyrite.core.network import BlockClient, NetworkSettings
from pyrite.core.rdd.partition import Partition
from pyrite.core.scheduler import local_backend
from pyrite.core.scheduler.backend import MessageReceived, WorkerLost, WorkerReady
from pyrite.core.scheduler.executor_host import (
    ExecutorHost,
    ExecutorSettings,
    KillTask,
    NodeHost,
    NodePlace,
)
from pyrite.core.scheduler.heartbeat_receiver import HeartbeatPolicy
from pyrite.core.scheduler.local_backend import ExecutorShape

SECRET = b"secret"


class Remote:
    """A node with one executor of one slot, and the driver's side of talking to it."""

    def __init__(self, directory):
        self.node = NodeHost("app", {"spark.local.dir": str(directory)}, SECRET, "127.0.0.1")
        self.location, self.local_dirs = self.node.place()
        settings = ExecutorSettings(
            shape=ExecutorShape(("0",), 1, 1 << 24, 1 << 24),
            application_id="app",
            conf={},
            environment={},
            heartbeat=HeartbeatPolicy(1, 120),
            python_path=tuple(sys.path),
            working_directory="/there/is/no/such/directory",
        )
        network = NetworkSettings(SECRET, self.location, self.location, self.local_dirs[0], True)
        self.executor = ExecutorHost(settings)
        self.executor.start(NodePlace("there", self.local_dirs, network))
        self.seen = 0
        self.events = []
        self._sent = set()

    def stop(self):
        with contextlib.suppress(Exception):
            self.executor.stop()
        self.node.stop()

    def exchange(self, *orders):
        answer = self.executor.exchange(pickle.dumps((self.seen, list(orders))))
        self.seen, events = pickle.loads(answer)
        self.events += events

    def next(self, kind):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            for event in self.events:
                if isinstance(event, kind):
                    self.events.remove(event)
                    return event
            self.exchange()
        raise AssertionError(f"no {kind.__name__} came: {self.events}")

    def task(self, function, task_id):
        """Return the orders that run a function as a task."""
        work = SimpleNamespace(run=lambda partition, context: function())
        binary = messages.TaskBinary(task_id, cloudpickle.dumps(work), pickle.dumps({}))
        description = messages.TaskDescription(
            task_id, 0, 0, 0, task_id, 0, pickle.dumps(Partition(0))
        )
        return (None, binary), ("0/0", description)

    def result(self):
        """Return the next result; until the driver reads it, a report is only bytes."""
        report = self.next(MessageReceived).message
        assert type(report) is bytes
        return messages.read_result(pickle.loads(report).result)


@pytest.fixture
def remote(tmp_path):
    remote = Remote(tmp_path)
    yield remote
    remote.stop()
    assert list(tmp_path.iterdir()) == []


def test_tasks_run_there_and_their_reports_come_back_unread(remote):
    worker = remote.next(WorkerReady).worker
    assert (worker.worker_id, worker.executor_id, worker.host) == ("0/0", "0", "there")
    remote.exchange(*remote.task(lambda: 6 * 7, 1))
    assert remote.result() == 42


def test_a_binary_is_sent_once_and_forgotten_when_told(remote):
    binary, task = remote.task(lambda: "again", 1)
    for _ in range(2):
        remote.exchange(*([binary, task] if _ == 0 else [task]))
        assert remote.result() == "again"
    remote.exchange((None, messages.ForgetBinaries((1,))))
    remote.exchange(binary, task)
    assert remote.result() == "again"


def test_orders_reach_it_while_the_driver_waits_for_a_report(remote, tmp_path_factory, monkeypatch):
    monkeypatch.setattr(local_backend, "KILL_GRACE_SECONDS", 60.0)  # it gives way, but when?
    begun = tmp_path_factory.mktemp("task") / "begun"
    binary, task = remote.task(lambda: (begun.touch(), time.sleep(600)), 1)
    remote.exchange(binary, task)
    until = time.monotonic() + 60
    while not begun.exists() and time.monotonic() < until:
        time.sleep(0.01)
    remote.executor.send(pickle.dumps((remote.seen, [("0/0", KillTask(1))])))
    failure = pickle.loads(remote.next(MessageReceived).message)
    assert failure.killed


def test_nothing_to_say_is_said_after_a_heartbeat(remote):
    remote.next(WorkerReady)
    before = remote.seen
    remote.exchange()
    assert remote.events == []
    assert remote.seen == before + 1


def test_what_was_meant_for_a_lost_worker_does_not_reach_its_successor(remote):
    stale = remote.seen
    binary, task = remote.task(lambda: os.kill(os.getpid(), 9), 1)
    remote.exchange(binary, task)
    assert "SIGKILL" in remote.next(WorkerLost).reason
    now, remote.seen = remote.seen, stale  # the driver has not heard of it yet
    remote.exchange(*remote.task(lambda: "for the lost one", 2))
    remote.seen = max(now, remote.seen)
    remote.exchange(*remote.task(lambda: "for its successor", 3))
    assert remote.result() == "for its successor"


def test_a_large_result_is_left_with_the_driver(remote):
    remote.exchange(*remote.task(lambda: bytes(3_000_000), 9))
    assert remote.result() == bytes(3_000_000)


def test_a_node_serves_its_files_until_it_is_stopped(remote, tmp_path):
    path = os.path.join(remote.local_dirs[0], "shuffle", "shuffle_3_0_x.data")
    with open(path, "wb") as file:
        file.write(b"map output")
    client = BlockClient(SECRET, str(tmp_path))
    (piece,) = client.read_ranges(remote.location, [(path, ((0, 10),))])
    assert bytes(piece) == b"map output"
    client.close()
    remote.node.remove_shuffle(3)
    assert not os.path.exists(path)


def test_a_node_that_is_killed_leaves_no_files(tmp_path):
    program = textwrap.dedent(
        """
        import sys, time
        from pyrite.core.scheduler.executor_host import NodeHost
        node = NodeHost("app", {"spark.local.dir": sys.argv[1]}, b"secret", "127.0.0.1")
        print("ready", flush=True)
        time.sleep(600)
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as node:
        assert node.stdout.readline() == b"ready\n"
        assert len(list(tmp_path.iterdir())) == 1
        node.kill()
    until = time.monotonic() + 60
    while list(tmp_path.iterdir()) and time.monotonic() < until:
        time.sleep(0.05)
    assert list(tmp_path.iterdir()) == []
