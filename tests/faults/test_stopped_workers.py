"""A worker that was stopped, and that nobody lets go on, is replaced; one that is busy is not."""

import contextlib
import os
import signal
import threading

import psutil
import pytest

QUICK = {"spark.network.timeout": "600ms", "spark.executor.heartbeatInterval": "150ms"}


@pytest.fixture
def sc(start):
    return start(settings=QUICK)


def test_a_worker_stopped_in_its_task(sc, tmp_path):
    def stop_once(element):
        try:
            os.close(os.open(tmp_path / "x", os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return element
        os.kill(os.getpid(), signal.SIGSTOP)
        return element

    assert sc.parallelize(range(10), 4).map(stop_once).sum() == 45
    assert os.path.exists(tmp_path / "x")


def test_a_task_that_always_stops_its_worker_ends_in_one_error(sc):
    with pytest.raises(Exception, match=r"failed 4 times.*heartbeat timed out after 600 ms"):
        sc.parallelize([1], 1).foreach(lambda x: os.kill(os.getpid(), signal.SIGSTOP))
    assert sc.parallelize([1, 2]).count() == 2


def test_an_idle_worker_that_was_stopped_gets_tasks_too_large_for_its_socket(sc, scratch):
    data = [bytes(1 << 20)] * 8
    assert sc.parallelize(range(4), 4).count() == 4  # the workers are there
    for worker in scratch.workers():
        with contextlib.suppress(psutil.NoSuchProcess):
            worker.suspend()
    assert sc.parallelize(data, 4).map(len).sum() == 8 << 20


def test_a_launcher_that_was_stopped(sc, scratch):
    assert sc.parallelize(range(4), 4).count() == 4
    (launcher,) = scratch.launchers()
    launcher.suspend()
    assert scratch.waits_until(lambda: launcher not in scratch.launchers())
    assert sc.parallelize(range(4), 4).count() == 4


def test_a_function_that_lets_no_other_thread_run_is_left_alone(sc):
    def compute(element):
        pid = os.getpid()
        sum(range(150_000_000))  # one call, which holds the interpreter's lock throughout
        return pid

    pids = sc.parallelize(range(2), 2).map(compute).collect()
    assert sc.parallelize(range(2), 2).map(lambda x: os.getpid()).collect() == pids


def test_no_thread_stays(start):
    before = set(threading.enumerate())
    start(settings=QUICK).stop()
    assert set(threading.enumerate()) <= before
