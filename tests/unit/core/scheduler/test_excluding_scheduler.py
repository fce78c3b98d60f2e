"""The task scheduler on a cluster where some executors fail tasks."""

import pickle

import pytest

from pyrite.core import events
from pyrite.core.executor.messages import TaskFailed, TaskSucceeded
from pyrite.core.scheduler import dag_events as dag
from pyrite.core.scheduler import task_scheduler as ts
from pyrite.core.scheduler.exclusion import ExclusionPolicy
from pyrite.core.scheduler.pool import Scheduling


class Cluster:
    """Executors of one worker each; ``a1`` is one of host ``a``."""

    def __init__(self, *executor_ids, **limits):
        policy = ExclusionPolicy(**{"timeout": 100.0, "unschedulable_timeout": 10.0, **limits})
        self.scheduler = ts.TaskScheduler(
            ts.TaskPolicy(4, 4, 3.0, Scheduling("FIFO", {}), exclusion=policy)
        )
        self.add(*executor_ids)

    def add(self, *executor_ids):
        for name in executor_ids:
            self.scheduler.worker_ready(ts.Worker(f"{name}/0", name, name[0]))

    def run(self, task_set):
        self.scheduler.submit(task_set)
        return self.assign()

    def assign(self, now=0.0):
        """Return where tasks start, by index, and all other instructions."""
        out = self.scheduler.assign(now, 0)
        launched = {do.spec.index: do for do in out if isinstance(do, ts.LaunchTask)}
        starts = events.SparkListenerTaskStart
        others = [
            do
            for do in out
            if not isinstance(do, ts.LaunchTask)
            and not (isinstance(do, dag.Announce) and isinstance(do.event, starts))
        ]
        return launched, others

    def fail(self, launch):
        self.scheduler.failed(
            TaskFailed(
                launch.task_id,
                pickle.dumps(None),
                "ValueError",
                "no",
                "the traceback",
                None,
                (),
                events.TaskMetrics(),
            ),
            1,
        )

    def succeed(self, launch, now=1.0):
        message = TaskSucceeded(launch.task_id, b"r", {}, (), events.TaskMetrics())
        return self.scheduler.succeeded(message, b"r", now, 1)


def worker(launched, index=0):
    return launched[index].worker_id


def test_a_failed_task_goes_elsewhere_and_its_executor_gets_others(make_task_set):
    cluster = Cluster("a1")
    launched, _ = cluster.run(make_task_set(2))
    cluster.fail(launched[0])
    cluster.add("b1")
    launched, _ = cluster.assign()
    assert worker(launched, 0) == "b1/0"
    assert worker(launched, 1) == "a1/0"


def test_a_task_does_not_wait_for_its_data_on_a_barred_executor(make_task_set):
    cluster = Cluster("a1", "b1")
    launched, _ = cluster.run(make_task_set(1, locations={0: ("a1/0",)}))
    assert worker(launched) == "a1/0"
    cluster.fail(launched[0])
    launched, _ = cluster.assign(now=5.0)
    assert worker(launched) == "b1/0"


def test_a_task_that_may_run_nowhere_gets_a_new_executor(make_task_set):
    cluster = Cluster("a1")
    launched, _ = cluster.run(make_task_set(1))
    cluster.fail(launched[0])
    assert cluster.assign(now=1.0) == ({}, [ts.ReplaceExecutors(("a1",))])
    assert cluster.assign(now=5.0) == ({}, [])
    assert cluster.scheduler.wakes_at() == 11.0
    cluster.scheduler.worker_lost("a1/0", "told to", 1, by_task=False)
    cluster.add("b2")
    launched, others = cluster.assign(now=6.0)
    assert (worker(launched), others) == ("b2/0", [])


@pytest.mark.parametrize(("replaces", "times"), [(True, [1.0, 11.0]), (False, [1.0])])
def test_a_task_that_may_run_nowhere_fails_its_job_in_the_end(make_task_set, replaces, times):
    cluster = Cluster("a1", replaces=replaces)
    launched, _ = cluster.run(make_task_set(1))
    cluster.fail(launched[0])
    for now in times:
        launched, others = cluster.assign(now)
    (failure,) = [do.event for do in others]
    assert failure.reason.startswith(
        "\nAborting TaskSet 0.0 because task 0 (partition 0)\n"
        "cannot run anywhere due to node and executor excludeOnFailure.\n"
        "Most recent failure:\nLost task 0.0 in stage 0.0 (TID 0) (a executor a1): the traceback"
    )


def test_an_executor_that_fails_what_others_can_do_is_excluded_for_a_while(make_task_set):
    cluster = Cluster("a1", "b1", kill=True)
    launched, _ = cluster.run(make_task_set(2))
    bad = worker(launched, 0)
    ok = "b1/0" if bad == "a1/0" else "a1/0"
    cluster.fail(launched[0])
    again, _ = cluster.assign()
    assert again == {}  # it waits for the other executor
    cluster.succeed(launched[1])
    launched, _ = cluster.assign()
    assert worker(launched) == ok
    cluster.succeed(launched[0])

    launched, _ = cluster.run(make_task_set(2, stage=1))
    failed = next(launch for launch in launched.values() if launch.worker_id == bad)
    other = next(launch for launch in launched.values() if launch.worker_id == ok)
    cluster.fail(failed)
    cluster.succeed(other)
    launched, _ = cluster.assign()
    (launch,) = launched.values()
    out = cluster.succeed(launch, now=50.0)
    name = bad.partition("/")[0]
    assert dag.Announce(events.SparkListenerExecutorExcluded(1, name, 2)) in out
    assert ts.ReplaceExecutors((name,)) in out

    launched, _ = cluster.run(make_task_set(2, stage=2))
    assert [launch.worker_id for launch in launched.values()] == [ok]
    launched, others = cluster.assign(now=150.0)
    assert [launch.worker_id for launch in launched.values()] == [bad]
    assert others == [dag.Announce(events.SparkListenerExecutorUnexcluded(0, name))]


def test_retired_executors_get_no_more_tasks(make_task_set):
    cluster = Cluster("a1", "b1")
    launched, _ = cluster.run(make_task_set(3))
    cluster.scheduler.retire("a1")
    for launch in launched.values():
        cluster.succeed(launch)
    launched, _ = cluster.assign()
    assert [launch.worker_id for launch in launched.values()] == ["b1/0"]


def test_a_loss_that_is_no_fault_of_the_task_does_not_count(make_task_set):
    cluster = Cluster("a1")
    cluster.run(make_task_set(1))
    for _ in range(9):
        out = cluster.scheduler.worker_lost("a1/0", "preempted", 1, by_task=False)
        assert not any(isinstance(do, ts.Tell) for do in out)
        cluster.add("a1")
        assert len(cluster.assign()[0]) == 1
