"""The loop around the state machines, with a backend of paper."""

import pickle

import pytest

from pyrite.core import events
from pyrite.core.errors import SparkException
from pyrite.core.executor.messages import AddedFiles, BlocksMoved, TaskSucceeded
from pyrite.core.scheduler.allocation import AllocationPolicy, ExecutorAllocationManager
from pyrite.core.scheduler.backend import (
    ExecutorsDecommissioned,
    MessageReceived,
    NoExecutors,
    WorkerLost,
    WorkerReady,
)
from pyrite.core.scheduler.job_loop import JobLoop
from pyrite.core.scheduler.pool import Scheduling
from pyrite.core.scheduler.task_scheduler import TaskPolicy, Worker
from pyrite.core.shuffle import MapOutputTracker
from pyrite.core.storage import BlockUpdate, RDDBlockId, StorageLevel


class Paper:
    """Notes what it is asked; ``answer`` makes the events of a launched task."""

    def __init__(self, *, starts=True):
        self.starts = starts
        self.events = []
        self.asked = []
        self.answer = lambda worker_id, task: []

    def start(self):
        if not self.starts:
            raise SparkException("no more processes")

    def stop(self):
        self.asked.append("stop")

    def launch(self, worker_id, task, binary):
        self.asked.append(("launch", worker_id))
        self.events += self.answer(worker_id, task)

    def tell(self, worker_id, message):
        self.asked.append(("tell", worker_id))

    def tell_all(self, message):
        self.asked.append(("tell_all", type(message).__name__))

    def kill_task(self, worker_id, task_id):
        self.asked.append(("kill", worker_id))

    def request_executors(self, total):
        self.asked.append(("request", total))

    def kill_executors(self, executor_ids):
        self.asked.append(("end", tuple(executor_ids)))

    def poll(self, timeout):
        self.asked.append(("poll", timeout))
        events, self.events = self.events, []
        return events

    def wake(self):
        pass

    def ready(self, *executor_ids):
        self.events += [WorkerReady(Worker(f"{name}/0", name, "h")) for name in executor_ids]

    @property
    def patience(self):
        return [timeout for what, timeout in self.asked if what == "poll"]


@pytest.fixture
def bus():
    bus = events.ListenerBus(100)
    yield bus
    bus.stop()


@pytest.fixture
def make_loop(bus):
    def make(backend, **options):
        return JobLoop(
            backend,
            policy=TaskPolicy(1, 4, 3.0, Scheduling("FIFO", {})),
            map_outputs=MapOutputTracker(),
            bus=bus,
            merge_accumulators=lambda updates: None,
            added_files=AddedFiles,
            **options,
        )

    return make


def allocation(**settings):
    policy = dict(
        min_executors=0,
        max_executors=4,
        initial_executors=0,
        idle_seconds=0.0,
        cached_idle_seconds=0.0,
        backlog_seconds=0.0,
        sustained_backlog_seconds=0.0,
        ratio=1.0,
        slots=1,
    )
    return ExecutorAllocationManager(AllocationPolicy(**{**policy, **settings}))


def success(worker_id, task):
    message = TaskSucceeded(task.task_id, pickle.dumps("done"), {}, (), events.TaskMetrics())
    return [MessageReceived(worker_id, message)]


def steps(loop, count):
    for _ in range(count):
        loop._step()


def test_an_idle_application_waits_without_a_deadline(make_loop):
    backend = Paper()
    backend.ready("driver")
    steps(make_loop(backend), 3)
    assert backend.patience == [None] * 3


def test_executors_at_their_minimum_do_not_keep_the_loop_busy(make_loop):
    backend = Paper()
    backend.ready("0", "1")
    loop = make_loop(backend, allocation=allocation(min_executors=2, initial_executors=2))
    steps(loop, 4)
    assert backend.patience[1:] == [None] * 3


def test_an_executor_is_ended_once_and_not_counted_while_it_leaves(make_loop):
    backend = Paper()
    backend.ready("0", "1")
    loop = make_loop(backend, allocation=allocation(min_executors=1, initial_executors=2))
    steps(loop, 4)
    assert [asked for asked in backend.asked if asked[0] == "end"] == [("end", ("0",))]
    assert backend.patience[-1] is None
    backend.events.append(WorkerLost("0/0", "it was idle", expected=True))
    steps(loop, 3)
    assert [asked for asked in backend.asked if asked[0] == "end"] == [("end", ("0",))]


def test_an_executor_on_its_way_out_gets_no_task(make_loop, lineage):
    backend = Paper()
    backend.ready("0")
    loop = make_loop(backend, allocation=allocation(initial_executors=1, backlog_seconds=9.0))
    steps(loop, 2)
    loop.submit(lambda job_id: lineage.job(lineage.source(1)))
    steps(loop, 2)
    assert ("end", ("0",)) in backend.asked
    assert not [asked for asked in backend.asked if asked[0] == "launch"]


def test_a_backlog_asks_for_executors(make_loop, lineage):
    backend = Paper()
    loop = make_loop(backend, allocation=allocation())
    loop.submit(lambda job_id: lineage.job(lineage.source(3)))
    steps(loop, 3)
    assert ("request", 1) in backend.asked
    assert ("request", 3) in backend.asked


def test_a_job_runs_and_its_binary_is_forgotten(make_loop, lineage):
    backend = Paper()
    backend.answer = success
    backend.ready("driver")
    loop = make_loop(backend)
    waiter = loop.submit(lambda job_id: lineage.job(lineage.source(2)))
    steps(loop, 4)
    assert waiter.result(timeout=0) == ["done", "done"]
    assert backend.asked.count(("tell_all", "ForgetBinaries")) == 1
    assert backend.patience[-1] is None


def test_cancelling_a_job_without_workers_ends_it(make_loop, lineage):
    backend = Paper()
    loop = make_loop(backend)
    waiter = loop.submit(lambda job_id: lineage.job(lineage.source(2)))
    steps(loop, 1)
    waiter.cancel()
    steps(loop, 1)
    with pytest.raises(SparkException, match="Job 0 cancelled by its caller"):
        waiter.result(timeout=0)


def test_executors_of_a_machine_that_will_go_get_no_more_tasks(make_loop, lineage):
    backend = Paper()
    backend.ready("0", "1")
    backend.events.append(ExecutorsDecommissioned(("0",), "its machine will go"))
    loop = make_loop(backend)
    steps(loop, 1)
    backend.ready("0")  # a worker of it was replaced
    steps(loop, 1)
    loop.submit(lambda job_id: lineage.job(lineage.source(3)))
    steps(loop, 2)
    assert [asked for asked in backend.asked if asked[0] == "launch"] == [("launch", "1/0")]


def test_moved_blocks_are_adopted_and_found_where_they_are(make_loop):
    backend = Paper()
    backend.ready("0", "1")
    loop = make_loop(backend)
    blocks = (BlockUpdate(RDDBlockId(4, 2), StorageLevel.MEMORY_ONLY, 0, 9),)
    backend.events.append(MessageReceived("0/0", BlocksMoved("1/0", blocks)))
    backend.events.append(MessageReceived("0/0", BlocksMoved("gone/0", blocks)))
    steps(loop, 2)
    assert loop.cached_blocks.locations(4, 2) == ("1/0",)
    assert backend.asked.count(("tell", "1/0")) == 1


def test_jobs_end_when_no_executor_can_be_had(make_loop, lineage):
    backend = Paper()
    loop = make_loop(backend)
    waiter = loop.submit(lambda job_id: lineage.job(lineage.source(2)))
    backend.events.append(NoExecutors("no machine has 64 CPUs"))
    steps(loop, 2)
    with pytest.raises(SparkException, match="Job 0 cancelled because no machine has 64 CPUs"):
        waiter.result(timeout=0)


def test_stop_ends_waiting_jobs_and_the_backend_once(make_loop, lineage):
    backend = Paper()
    loop = make_loop(backend)
    loop.start()
    waiter = loop.submit(lambda job_id: lineage.job(lineage.source(2)))
    loop.stop()
    with pytest.raises(SparkException, match="because SparkContext was shut down"):
        waiter.result(timeout=60)
    assert backend.asked.count("stop") == 1
    with pytest.raises(SparkException, match="The scheduler has ended"):
        loop.submit(lambda job_id: lineage.job(lineage.source(2)))


def test_a_start_that_failed_is_undone_by_stop(make_loop):
    backend = Paper(starts=False)
    loop = make_loop(backend)
    with pytest.raises(SparkException, match="no more processes"):
        loop.start()
    loop.stop()
    assert backend.asked == ["stop"]


def test_a_scheduler_that_fails_ends_its_jobs(make_loop, lineage, caplog):
    backend = Paper()
    loop = make_loop(backend)
    waiter = loop.submit(lambda job_id: lineage.job(lineage.source(2)))
    backend.events.append("no event at all")
    loop.start()
    with pytest.raises(SparkException, match="The scheduler has ended"):
        waiter.result(timeout=60)
    loop.stop()
    assert "the scheduler failed" in caplog.text
