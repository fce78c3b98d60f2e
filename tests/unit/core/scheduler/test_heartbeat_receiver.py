"""Processes that are stopped, and those that only seem to be."""

import signal
import subprocess
import threading

import psutil
import pytest

from pyrite.core.scheduler.heartbeat_receiver import HeartbeatPolicy, HeartbeatReceiver


@pytest.fixture
def sleeper():
    process = subprocess.Popen(["sleep", "600"])
    yield process
    process.kill()
    process.wait()


def stop(process):
    process.send_signal(signal.SIGSTOP)
    while psutil.Process(process.pid).status() != psutil.STATUS_STOPPED:
        pass


def resume(process):
    process.send_signal(signal.SIGCONT)
    while psutil.Process(process.pid).status() == psutil.STATUS_STOPPED:
        pass


def receiver_of(process, interval=10.0, timeout=30.0):
    expired = []
    policy = HeartbeatPolicy(interval, timeout)
    return HeartbeatReceiver(policy, lambda: [process.pid], expired.append), expired


def test_a_process_that_stays_stopped_expires_at_the_timeout(sleeper):
    receiver, expired = receiver_of(sleeper)
    stop(sleeper)
    receiver.look()
    receiver.look()
    assert expired == []
    receiver.look()
    assert expired == [sleeper.pid]


def test_a_process_that_was_let_go_on_starts_anew(sleeper):
    receiver, expired = receiver_of(sleeper, timeout=20.0)
    for _ in range(3):
        stop(sleeper)
        receiver.look()
        resume(sleeper)
        receiver.look()
    assert expired == []


def test_a_process_that_sleeps_or_has_ended_does_not_expire(sleeper):
    receiver, expired = receiver_of(sleeper, timeout=10.0)
    receiver.look()
    sleeper.kill()
    receiver.look()  # a zombie
    sleeper.wait()
    receiver.look()
    assert expired == []


def test_a_stopped_receiver_looks_no_more(sleeper):
    before = set(threading.enumerate())
    receiver, expired = receiver_of(sleeper, interval=0.01, timeout=0.02)
    receiver.start()
    receiver.stop()
    stop(sleeper)
    assert set(threading.enumerate()) <= before
    assert expired == []


def test_a_receiver_that_never_started_can_be_stopped(sleeper):
    receiver, expired = receiver_of(sleeper)
    receiver.stop()
    assert expired == []


def test_a_started_receiver_looks_by_itself(sleeper):
    found = threading.Event()
    policy = HeartbeatPolicy(0.01, 0.02)
    receiver = HeartbeatReceiver(policy, lambda: [sleeper.pid], lambda pid: found.set())
    stop(sleeper)
    receiver.start()
    assert found.wait(60)
    receiver.stop()
