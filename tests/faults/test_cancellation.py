"""Cancelling stops running tasks within seconds, and the context goes on."""

import hashlib
import threading
import time

import pytest

from pyrite.core.errors import SparkException
from tests.faults.conftest import PATIENCE, wait_until

LONG = 600  # more seconds than anybody waits for a task that is not stopped


def sleeps(x):
    time.sleep(LONG)


def computes(x):
    while True:
        x += 1


def calls_c(x):
    hashlib.pbkdf2_hmac("sha256", b"a", b"b", 2_000_000_000)


def shrugs(x):
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        try:
            time.sleep(LONG)
        except BaseException:
            continue


STUCK = {f.__name__: f for f in (sleeps, computes, calls_c, shrugs)}


class Waiting(threading.Thread):
    """Runs an action in a thread and keeps what came of it."""

    def __init__(self, action):
        super().__init__(daemon=True)
        self.action = action
        self.outcome = None
        self.start()

    def run(self):
        try:
            self.outcome = self.action()
        except BaseException as error:
            self.outcome = error

    def ends(self):
        self.join(PATIENCE)
        assert not self.is_alive()
        return self.outcome


def running_tasks(sc):
    tracker = sc.statusTracker()
    stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
    return sum(stage.numActiveTasks for stage in stages if stage)


def until_running(sc, count):
    assert wait_until(lambda: running_tasks(sc) == count)


def by_value(function):
    """Keep this module out of the pickle: workers cannot import it."""
    return lambda x: function(x)


@pytest.mark.parametrize("kind", STUCK)
def test_all_jobs(shared, kind):
    function = by_value(STUCK[kind])
    waiting = Waiting(lambda: shared.parallelize(range(4), 4).map(function).count())
    until_running(shared, 2)
    time.sleep(0.1)  # let the function begin
    shared.cancelAllJobs()
    error = waiting.ends()
    assert isinstance(error, SparkException)
    assert "as part of cancellation of all jobs" in str(error)
    assert shared.parallelize(range(10), 4).sum() == 45
    until_running(shared, 0)


def waits_for(path):
    """Return a function that returns its argument when a file is there."""

    def wait(x):
        while not path.exists():
            time.sleep(0.02)
        return x

    return wait


def test_a_job_group_and_nothing_else(shared, tmp_path):
    wait = waits_for(tmp_path / "cancelled")

    def job(group):
        shared.setJobGroup(group, "a description")
        return shared.parallelize([2, 5], 2).map(lambda x: wait(x)).collect()

    def stuck(group):
        shared.setJobGroup(group, "a description")
        return shared.parallelize([1], 1).map(lambda x: time.sleep(LONG)).collect()

    bad = Waiting(lambda: stuck("bad"))
    until_running(shared, 1)
    good = Waiting(lambda: job("good"))
    until_running(shared, 2)
    shared.cancelJobGroup("bad")
    error = bad.ends()
    assert "part of cancelled job group bad" in str(error)
    (tmp_path / "cancelled").touch()
    assert good.ends() == [2, 5]
    assert "a description" not in str(shared.getLocalProperty("spark.job.description"))


def test_a_tag(shared, tmp_path):
    def job(tag, name):
        wait = waits_for(tmp_path / name)
        shared.addJobTag(tag)
        return shared.parallelize([1], 1).map(lambda x: wait(x)).count()

    bad, good = Waiting(lambda: job("t1", "never")), Waiting(lambda: job("t2", "cancelled"))
    until_running(shared, 2)
    shared.cancelJobsWithTag("t1")
    assert "t1" in str(bad.ends())
    (tmp_path / "cancelled").touch()
    assert good.ends() == 1


def test_collect_with_job_group(shared):
    rdd = shared.parallelize(range(2), 2).map(lambda x: time.sleep(LONG))
    waiting = Waiting(lambda: rdd.collectWithJobGroup("group", "description"))
    until_running(shared, 2)
    shared.cancelJobGroup("group")
    assert "cancelled job group group" in str(waiting.ends())


def test_a_map_stage_is_stopped_too(shared):
    pairs = shared.parallelize(range(4), 4).map(lambda x: time.sleep(LONG) or (x, x)).groupByKey()
    waiting = Waiting(pairs.count)
    until_running(shared, 2)
    shared.cancelAllJobs()
    assert isinstance(waiting.ends(), SparkException)
    assert shared.parallelize([1]).count() == 1


def test_cancelling_at_once(shared):
    for _ in range(10):
        waiting = Waiting(shared.parallelize(range(2), 2).map(lambda x: time.sleep(LONG)).count)
        while not shared.statusTracker().getActiveJobsIds() and waiting.is_alive():
            time.sleep(0)
        shared.cancelAllJobs()
        assert isinstance(waiting.ends(), SparkException)
    assert shared.parallelize(range(4), 2).sum() == 6


def test_what_was_cached_by_another_worker_survives_a_cancelled_job(shared):
    cached = shared.parallelize(range(100), 2).cache()
    assert cached.sum() == 4950
    waiting = Waiting(shared.parallelize(range(2), 2).map(lambda x: time.sleep(LONG)).count)
    until_running(shared, 2)
    shared.cancelAllJobs()
    waiting.ends()
    assert cached.map(lambda x: x).sum() == 4950
    cached.unpersist()


def test_many_small_jobs_beside_a_long_task(shared):
    """A busy worker reads no messages: the scheduler must not wait for it to."""
    waiting = Waiting(shared.parallelize([1], 1).map(lambda x: time.sleep(LONG)).count)
    until_running(shared, 1)
    for _ in range(600):
        assert shared.parallelize([1, 2], 1).count() == 2
    shared.cancelAllJobs()
    assert isinstance(waiting.ends(), SparkException)


@pytest.fixture
def own(shared, start):
    """A context to be stopped, in place of the shared one."""
    shared.stop()
    return start()


def test_cancelling_what_has_just_started_forking(own):
    waiting = Waiting(own.parallelize(range(2), 2).map(lambda x: time.sleep(LONG)).count)
    deadline = time.monotonic() + PATIENCE
    while waiting.is_alive() and time.monotonic() < deadline:
        own.cancelAllJobs()
        time.sleep(0.001)
    assert isinstance(waiting.ends(), SparkException)
    assert own.parallelize(range(4), 2).sum() == 6


def test_stop_while_a_job_runs_in_another_thread(own):
    waiting = Waiting(own.parallelize(range(2), 2).map(lambda x: time.sleep(LONG)).count)
    until_running(own, 2)
    own.stop()
    assert "shut down" in str(waiting.ends())
