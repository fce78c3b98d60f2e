"""Real processes: workers that run, die, hang, and leave nothing behind."""

import gc
import os
import pickle
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import cloudpickle
import psutil
import pytest

from pyrite.core.executor import messages
from pyrite.core.local_dirs import LocalDirs
from pyrite.core.rdd.partition import Partition
from pyrite.core.scheduler import local_backend
from pyrite.core.scheduler.backend import MessageReceived, WorkerLost, WorkerReady
from pyrite.core.scheduler.heartbeat_receiver import HeartbeatPolicy
from pyrite.core.scheduler.local_backend import ExecutorShape, LocalBackend

PATIENCE = 60.0  # only ever waited for when something is broken


class Cluster:
    """A started backend of one executor with two workers."""

    def __init__(self, directory):
        self.directory = directory
        directory.mkdir()
        self.backend = LocalBackend(
            ExecutorShape(("driver",), 2, 1 << 24, 1 << 24),
            application_id="app",
            conf={},
            local_dirs=LocalDirs([str(directory)]),
            environment={"FROM_SETTINGS": "yes"},
            heartbeat=HeartbeatPolicy(10, 120),
        )
        self.backend.start()
        self.stopped = False
        self.seen = []

    def stop(self):
        if not self.stopped:
            self.stopped = True
            self.backend.stop()

    def next(self, kind, where=lambda event: True):
        """Return the next event of a kind; the others are dropped."""
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            while self.seen:
                event = self.seen.pop(0)
                if isinstance(event, kind) and where(event):
                    return event
            self.seen += self.backend.poll(1.0)
        raise AssertionError(f"no {kind.__name__} came")

    def poll_until(self, condition):
        give_up = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < give_up, "it never came to be"
            self.seen += self.backend.poll(0.05)

    def launch(self, function, worker="driver/0", task_id=1, map_outputs=None):
        """Start ``function()`` on a worker, without waiting for anything."""
        task = SimpleNamespace(run=lambda partition, context: function())
        binary = messages.TaskBinary(
            task_id, cloudpickle.dumps(task), pickle.dumps(map_outputs or {})
        )
        description = messages.TaskDescription(
            task_id, 0, 0, 0, task_id, 0, pickle.dumps(Partition(0))
        )
        self.backend.launch(worker, description, binary)

    def result(self):
        message = self.next(MessageReceived).message
        assert isinstance(message, messages.TaskSucceeded), message
        return messages.read_result(message.result)

    def run(self, function, worker="driver/0", task_id=1):
        self.launch(function, worker, task_id)
        return self.result()


@pytest.fixture
def cluster(tmp_path):
    cluster = Cluster(tmp_path / "app")
    yield cluster
    cluster.stop()


def alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def gone(*pids):
    give_up = time.monotonic() + PATIENCE
    while any(alive(pid) for pid in pids):
        if time.monotonic() > give_up:
            return False
        time.sleep(0.02)
    return True


def test_every_slot_is_ready_at_once(cluster):
    ready = [cluster.next(WorkerReady).worker.worker_id for _ in range(2)]
    assert ready == ["driver/0", "driver/1"]


def test_each_worker_is_a_process_of_its_own(cluster):
    pids = {cluster.run(os.getpid, f"driver/{slot}") for slot in range(2)}
    assert len(pids | {os.getpid()}) == 3


def test_workers_have_the_environment_and_the_directory_they_were_given(cluster):
    seen = cluster.run(lambda: (os.environ["FROM_SETTINGS"], os.environ["PYTHONHASHSEED"]))
    assert seen == ("yes", "0")
    assert cluster.run(os.getcwd, task_id=2) == os.getcwd()


def test_a_failed_task_leaves_its_worker_in_service(cluster):
    cluster.launch(lambda: 1 / 0)
    failure = cluster.next(MessageReceived).message
    assert failure.class_name == "ZeroDivisionError"
    assert cluster.run(lambda: "fine", task_id=2) == "fine"


def test_metrics_tell_what_a_task_spent_its_time_on(cluster):
    class Slow:
        """Takes time to be unpickled, and to be pickled again."""

        def __reduce__(self):
            time.sleep(0.03)
            return slow, ()

    def slow():
        time.sleep(0.05)
        return Slow()

    argument = Slow()

    def work():
        many = [[] for _ in range(300_000)]
        gc.collect()  # looks at all of them, for longer than a millisecond
        del many
        time.sleep(0.02)
        return argument

    cluster.launch(work)
    metrics = cluster.next(MessageReceived).message.metrics
    assert metrics.executor_deserialize_time >= 50
    assert metrics.result_serialization_time >= 30
    assert metrics.executor_run_time >= 20
    assert metrics.executor_deserialize_cpu_time_ns > 0
    assert metrics.executor_cpu_time_ns > 0
    assert metrics.gc_time > 0


def test_a_killed_worker_is_reported_and_replaced(cluster):
    pid = cluster.run(os.getpid)
    cluster.launch(lambda: time.sleep(600), task_id=2)
    os.kill(pid, signal.SIGKILL)
    lost = cluster.next(WorkerLost)
    assert (lost.worker_id, lost.expected) == ("driver/0", False)
    assert lost.reason.startswith("worker process killed by signal 9 SIGKILL")
    assert cluster.next(WorkerReady).worker.worker_id == "driver/0"
    assert cluster.run(os.getpid, task_id=3) != pid


def test_a_task_that_ends_its_process_is_reported_with_the_status(cluster):
    cluster.launch(lambda: os._exit(7))
    assert cluster.next(WorkerLost).reason == "worker process ended with exit status 7"


def test_a_signal_without_a_name_is_reported_too(cluster):
    cluster.launch(lambda: os.kill(os.getpid(), signal.SIGRTMIN + 1))
    number = signal.SIGRTMIN + 1
    assert cluster.next(WorkerLost).reason.startswith(f"worker process killed by signal {number}")


def test_a_worker_that_dies_before_it_is_known_to_run_is_replaced(cluster):
    cluster.launch(lambda: os._exit(3))  # nothing was polled yet: not even its process id
    assert cluster.next(WorkerLost).worker_id == "driver/0"
    assert cluster.run(lambda: "fine", task_id=2) == "fine"


def test_the_death_of_the_zygote_is_survived(cluster):
    pids = [cluster.run(os.getpid, f"driver/{slot}") for slot in range(2)]
    (cluster.directory / "shuffle").mkdir()
    zygote = psutil.Process(pids[0]).ppid()
    os.kill(zygote, signal.SIGKILL)
    lost = [cluster.next(WorkerLost) for _ in range(2)]
    assert {event.worker_id for event in lost} == {"driver/0", "driver/1"}
    assert cluster.run(os.getpid, task_id=2) not in pids
    assert gone(*pids)
    assert (cluster.directory / "shuffle").is_dir()


def test_an_error_in_the_zygote_does_not_take_the_shuffle_files_with_it(tmp_path):
    script = (
        "import socket, sys\n"
        "from pyrite.core.executor import zygote\n"
        "def fail(self): raise MemoryError\n"
        "zygote._Zygote.serve = fail\n"
        "ours, theirs = socket.socketpair()\n"
        "zygote.main(theirs.detach(), sys.argv[1])\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True
    )
    assert "MemoryError" in ended.stderr
    assert tmp_path.is_dir()


def test_a_task_is_interrupted_when_told_and_its_worker_stays(cluster, monkeypatch):
    monkeypatch.setattr(local_backend, "KILL_GRACE_SECONDS", PATIENCE)
    pid = cluster.run(os.getpid)
    started = cluster.directory / "started"
    cluster.launch(lambda: (started.touch(), time.sleep(600)), task_id=2)
    cluster.poll_until(started.exists)
    cluster.backend.kill_task("driver/0", 2)
    assert cluster.next(MessageReceived).message.killed
    assert cluster.run(os.getpid, task_id=3) == pid


def test_a_task_that_does_not_give_way_loses_its_worker(cluster, monkeypatch):
    monkeypatch.setattr(local_backend, "KILL_GRACE_SECONDS", 0.2)
    started = cluster.directory / "started"

    def stubborn():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        started.touch()
        time.sleep(600)

    cluster.launch(stubborn)
    cluster.poll_until(started.exists)
    cluster.backend.kill_task("driver/0", 1)
    assert cluster.next(WorkerLost).reason == "its task did not stop when it was told to"


def test_a_task_is_killed_even_before_its_worker_is_known_to_run(cluster, monkeypatch):
    monkeypatch.setattr(local_backend, "KILL_GRACE_SECONDS", 0.2)
    cluster.launch(lambda: time.sleep(600))
    cluster.backend.kill_task("driver/0", 1)
    ended = cluster.next((MessageReceived, WorkerLost), lambda event: event.worker_id == "driver/0")
    assert isinstance(ended, WorkerLost) or ended.message.killed
    assert cluster.run(lambda: "fine", task_id=2) == "fine"


def test_a_kill_that_comes_too_late_hits_no_other_task(cluster, monkeypatch):
    monkeypatch.setattr(local_backend, "KILL_GRACE_SECONDS", 0.0)
    pid = cluster.run(os.getpid)
    cluster.launch(lambda: (time.sleep(0.3), os.getpid())[1], task_id=2)
    cluster.backend.kill_task("driver/0", 1)
    assert cluster.result() == pid


def test_news_for_a_busy_worker_never_blocks_the_driver(cluster):
    go = cluster.directory / "go"

    def wait():
        while not go.exists():
            time.sleep(0.01)
        return "done"

    cluster.launch(wait)
    for number in range(20_000):  # far more than a socket holds
        cluster.backend.tell_all(messages.ForgetBinaries((1000 + number,)))
    go.touch()
    assert cluster.result() == "done"
    assert cluster.run(lambda: "fine", task_id=2) == "fine"


def test_the_newest_stage_knows_best_where_map_outputs_are(cluster):
    def known():
        from pyrite.core.env import SparkEnv

        tracker = SparkEnv.get().map_output_tracker
        return tracker.statuses(0) if tracker.contains(0) else None

    told = []
    for task_id, outputs in [(5, {0: ["new"]}), (3, {0: ["old"]}), (6, None)]:
        cluster.launch(known, task_id=task_id, map_outputs=outputs)
        told.append(cluster.result())
    cluster.backend.tell_all(messages.ForgetBinaries((5, 3)))
    assert [*told, cluster.run(known, task_id=7)] == [["new"], ["new"], ["new"], None]


def test_a_large_result_travels_by_file_and_the_file_is_deleted(cluster):
    assert len(cluster.run(lambda: b"x" * (4 << 20))) == 4 << 20
    assert list((cluster.directory / "results").iterdir()) == []


def test_what_the_driver_cannot_read_costs_the_worker_and_not_the_driver(cluster):
    def poison():
        from pyrite.core.shared import accumulator

        class Poison:
            def __reduce__(self):
                return (eval, (f"1 / (__import__('os').getpid() != {driver})",))

        accumulator.take_updates = lambda: {1: Poison()}

    driver = os.getpid()
    cluster.launch(poison)
    lost = cluster.next(WorkerLost)
    assert "cannot be read: ZeroDivisionError" in lost.reason


def test_accumulated_values_that_cannot_be_sent_fail_the_task(cluster):
    def unsendable():
        import threading

        from pyrite.core.shared import accumulator

        take = accumulator.take_updates
        values = [{1: threading.Lock()}]
        accumulator.take_updates = lambda: values.pop() if values else take()

    cluster.launch(unsendable)
    failure = cluster.next(MessageReceived).message
    assert isinstance(failure, messages.TaskFailed)
    assert "lock" in failure.description


def test_executors_come_and_go(cluster):
    cluster.backend.request_executors(2)
    ready = [cluster.next(WorkerReady).worker for _ in range(4)]
    assert {worker.executor_id for worker in ready} == {"driver", "1"}
    pid = cluster.run(os.getpid, "1/0")
    cluster.backend.kill_executors(["1"])
    lost = [cluster.next(WorkerLost) for _ in range(2)]
    assert {event.worker_id for event in lost} == {"1/0", "1/1"}
    assert all(event.expected for event in lost)
    assert gone(pid)


def test_an_executor_may_be_ended_before_it_has_started(cluster):
    for _ in range(3):  # file descriptors are used again, as the selector must know
        cluster.backend.request_executors(2)
        name = max(cluster.backend._executors.keys() - {"driver"})
        cluster.backend.kill_executors([name])
    lost = [cluster.next(WorkerLost) for _ in range(6)]
    assert all(event.expected for event in lost)
    assert cluster.run(lambda: "fine") == "fine"


def test_stop_leaves_nothing(cluster):
    pids = [cluster.run(os.getpid, f"driver/{slot}") for slot in range(2)]
    zygote = psutil.Process(pids[0]).ppid()
    cluster.launch(lambda: time.sleep(600), task_id=2)
    cluster.stop()
    assert gone(*pids, zygote)
    assert not cluster.directory.exists()


def test_stop_right_after_start_leaves_nothing(cluster):
    zygote = cluster.backend._zygote.pid
    cluster.stop()
    assert gone(zygote)
    assert not cluster.directory.exists()


@pytest.mark.parametrize("sent", [signal.SIGSTOP, signal.SIGKILL])
def test_stop_leaves_nothing_though_the_zygote_cannot_clean_up(cluster, monkeypatch, sent):
    monkeypatch.setattr(local_backend, "STOP_SECONDS", 0.2)
    pids = [cluster.run(os.getpid, f"driver/{slot}") for slot in range(2)]
    os.kill(psutil.Process(pids[0]).ppid(), sent)
    cluster.stop()
    assert gone(*pids)
    assert not cluster.directory.exists()


def test_stop_takes_along_what_a_users_function_started(cluster):
    started = cluster.run(lambda: subprocess.Popen(["sleep", "600"]).pid)
    cluster.stop()
    assert gone(started)


def test_a_driver_that_is_killed_leaves_no_process_and_no_directory(tmp_path):
    directory = tmp_path / "app"
    script = (
        "import sys, pathlib\n"
        "from pyrite.core.local_dirs import LocalDirs\n"
        "from pyrite.core.scheduler.heartbeat_receiver import HeartbeatPolicy\n"
        "from pyrite.core.scheduler.local_backend import ExecutorShape, LocalBackend\n"
        "directory = pathlib.Path(sys.argv[1]); directory.mkdir()\n"
        "backend = LocalBackend(ExecutorShape(('driver',), 2, 1, 1), application_id='a',\n"
        "    host='h', conf={}, local_dirs=LocalDirs([str(directory)]), environment={},\n"
        "    heartbeat=HeartbeatPolicy(10, 120))\n"
        "backend.start()\n"
        "while not all(p.pid for p in backend._processes.values()): backend.poll(0.1)\n"
        "print(backend._zygote.pid, *[p.pid for p in backend._processes.values()], flush=True)\n"
        "backend.poll(None); backend.poll(None)\n"
    )
    driver = subprocess.Popen(
        [sys.executable, "-c", script, str(directory)], stdout=subprocess.PIPE, text=True
    )
    with driver:
        pids = [int(word) for word in driver.stdout.readline().split()]
        assert len(pids) == 3
        assert directory.is_dir()
        driver.kill()
    assert gone(*pids)
    assert not directory.exists()
