"""How the thread that asked for a job waits for it."""

import gc
import pickle
import threading

import pytest

from pyrite.core.errors import SparkException
from pyrite.core.executor.messages import LargeResult
from pyrite.core.scheduler.job import JobWaiter


@pytest.fixture
def cancelled():
    return []


@pytest.fixture
def make_waiter(lineage, cancelled):
    def make(size=3, on_result=None):
        job = lineage.job(lineage.source(size))
        return JobWaiter(job, lambda: cancelled.append(job.job_id), on_result)

    return make


def deliver(waiter, *results):
    for position, value in results:
        waiter.deliver(position, pickle.dumps(value))


def test_results_come_in_the_order_of_partitions(make_waiter):
    waiter = make_waiter()
    deliver(waiter, (2, "c"), (0, "a"), (1, "b"))
    waiter.finish(None)
    assert waiter.result() == ["a", "b", "c"]


def test_each_result_is_handed_on_as_it_arrives(make_waiter):
    seen = []
    waiter = make_waiter(on_result=lambda position, value: seen.append((position, value)))
    deliver(waiter, (2, "c"), (0, "a"))
    with pytest.raises(TimeoutError):
        waiter.result(timeout=0.01)
    assert seen == [(2, "c"), (0, "a")]
    deliver(waiter, (1, "b"))
    waiter.finish(None)
    assert waiter.result() == ["a", "b", "c"]
    assert seen[2:] == [(1, "b")]


def test_a_result_wakes_the_waiting_thread(make_waiter):
    arrived = threading.Event()
    waiter = make_waiter(size=1, on_result=lambda position, value: arrived.set())
    thread = threading.Thread(target=waiter.result)
    thread.start()
    deliver(waiter, (0, "a"))
    assert arrived.wait(60)
    waiter.finish(None)
    thread.join(60)
    assert not thread.is_alive()


def test_a_large_result_is_read_from_its_file_which_is_deleted(make_waiter, tmp_path):
    path = tmp_path / "result"
    path.write_bytes(pickle.dumps([1, 2]))
    waiter = make_waiter(size=1)
    waiter.deliver(0, LargeResult(str(path), path.stat().st_size))
    waiter.finish(None)
    assert waiter.result() == [[1, 2]]
    assert not path.exists()


def test_the_jobs_error_is_raised(make_waiter):
    waiter = make_waiter()
    error = SparkException("Job aborted")
    waiter.finish(error)
    with pytest.raises(SparkException) as raised:
        waiter.result()
    assert raised.value is error


def test_a_timeout_leaves_the_job_running(make_waiter, cancelled):
    waiter = make_waiter()
    with pytest.raises(TimeoutError, match="job 0 is still running"):
        waiter.result(timeout=0)
    assert cancelled == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_a_job_whose_caller_gives_up_is_cancelled(make_waiter, cancelled, error):
    def give_up(position, value):
        raise error

    waiter = make_waiter(on_result=give_up)
    deliver(waiter, (0, "a"))
    with pytest.raises(error):
        waiter.result()
    assert cancelled == [waiter.job.job_id]


def test_reading_results_leaves_the_collector_as_it_was(make_waiter):
    waiter = make_waiter(size=1)
    deliver(waiter, (0, "a"))
    waiter.finish(None)
    assert gc.isenabled()
    waiter.result()
    assert gc.isenabled()


def test_cancel_asks_for_it(make_waiter, cancelled):
    waiter = make_waiter()
    waiter.cancel()
    assert cancelled == [waiter.job.job_id]
