"""Which task runs next on which worker, and what the end of a task leads to."""

import pickle

from pyrite.core import events
from pyrite.core.executor.messages import TaskFailed, TaskProgress, TaskSucceeded
from pyrite.core.scheduler import dag_events as dag
from pyrite.core.scheduler import task_scheduler as ts
from pyrite.core.scheduler.pool import PoolSettings, Scheduling
from pyrite.core.scheduler.task_set_manager import SpeculationPolicy


class Cluster:
    """A task scheduler and the words to drive it by."""

    def __init__(
        self,
        workers=2,
        *,
        max_failures=4,
        max_losses=4,
        mode="FIFO",
        pools=(),
        eager=False,
        barrier_patience=0.0,
    ):
        self.scheduler = ts.TaskScheduler(
            ts.TaskPolicy(
                max_failures,
                max_losses,
                3.0,
                Scheduling(mode, {pool.name: pool for pool in pools}),
                SpeculationPolicy(1.0, 0.0, 0.0) if eager else None,
                barrier_patience=barrier_patience,
            )
        )
        self.add(*(f"driver/{slot}" for slot in range(workers)))

    def add(self, *worker_ids):
        for worker_id in worker_ids:
            self.scheduler.worker_ready(ts.Worker(worker_id, "driver", "localhost"))

    def run(self, *task_sets, now=0.0):
        for task_set in task_sets:
            self.scheduler.submit(task_set)
        return self.assign(now)

    def assign(self, now=0.0):
        return of(self.scheduler.assign(now, 0), ts.LaunchTask)

    def succeed(self, launch, accumulators=None, now=1.0):
        message = TaskSucceeded(launch.task_id, b"r", accumulators or {}, (), events.TaskMetrics())
        return self.scheduler.succeeded(message, b"r", now, 1)

    def fail(self, launch, error=None, **facts):
        message = TaskFailed(
            launch.task_id,
            pickle.dumps(error) if error else b"",
            type(error).__name__,
            str(error),
            "the user's traceback",
            None,
            (),
            events.TaskMetrics(),
            **facts,
        )
        return self.scheduler.failed(message, 1)

    def lose(self, worker_id):
        return self.scheduler.worker_lost(worker_id, "killed by signal 9", 1)


def of(instructions, kind):
    return [do for do in instructions if isinstance(do, kind)]


def told(instructions):
    return [do.event for do in of(instructions, ts.Tell)]


def ends(instructions):
    return [
        do.event.reason
        for do in of(instructions, dag.Announce)
        if isinstance(do.event, events.SparkListenerTaskEnd)
    ]


def where(launches):
    return [(launch.worker_id, launch.task_set.stage_id, launch.spec.index) for launch in launches]


def test_free_workers_get_a_task_each(make_task_set):
    cluster = Cluster(2)
    first, second = cluster.run(make_task_set(3))
    assert where([first, second]) == [("driver/0", 0, 0), ("driver/1", 0, 1)]
    assert cluster.assign() == []
    assert cluster.scheduler.backlog() == 1
    cluster.succeed(second)
    assert where(cluster.assign()) == [("driver/1", 0, 2)]


def test_results_are_handed_on_with_their_accumulators(make_task_set):
    cluster = Cluster()
    (launch,) = cluster.run(make_task_set(1))
    assert told(cluster.succeed(launch, {3: 7})) == [dag.TaskCompleted(0, 0, 0, b"r", {3: 7})]
    assert cluster.scheduler.managers == {}
    assert cluster.scheduler.running == {}


def test_the_earlier_job_goes_first(make_task_set):
    cluster = Cluster(3)
    launches = cluster.run(make_task_set(2, stage=5, job=1), make_task_set(2, stage=9, job=0))
    assert [launch.task_set.stage_id for launch in launches] == [9, 9, 5]


def test_fair_pools_share_the_workers_by_weight(make_task_set):
    cluster = Cluster(6, mode="FAIR", pools=[PoolSettings("heavy", weight=2)])
    launches = cluster.run(
        make_task_set(9, stage=0, pool="light"), make_task_set(9, stage=1, job=1, pool="heavy")
    )
    assert sorted(launch.task_set.stage_id for launch in launches) == [0, 0, 1, 1, 1, 1]


def test_tasks_of_a_pool_count_when_their_task_set_has_no_more_to_start(make_task_set):
    cluster = Cluster(3, mode="FAIR")
    cluster.run(make_task_set(3, stage=0, pool="a"))
    cluster.add("driver/3", "driver/4")
    launches = cluster.run(
        make_task_set(5, stage=1, job=1, pool="a"), make_task_set(5, stage=2, job=2, pool="b")
    )
    assert [launch.task_set.stage_id for launch in launches] == [2, 2]


def test_a_task_that_fails_too_often_fails_its_stage(make_task_set):
    cluster = Cluster(1, max_failures=2)
    (launch,) = cluster.run(make_task_set(1))
    assert told(cluster.fail(launch, ValueError("bad"))) == []
    (retry,) = cluster.assign()
    assert retry.attempt == 1
    (failure,) = told(cluster.fail(retry, ValueError("bad")))
    assert failure.reason == (
        "Task 0 in stage 0.0 failed 2 times, most recent failure: Lost task 0.1 in stage 0.0 "
        "(TID 1) (localhost executor driver): the user's traceback\nin partition 0"
    )
    assert repr(failure.cause) == "ValueError('bad')"


def test_what_would_fail_again_is_not_tried_again(make_task_set):
    cluster = Cluster(1, max_failures=4)
    (launch,) = cluster.run(make_task_set(1))
    (failure,) = told(cluster.fail(launch, ValueError("bad"), certain=True))
    assert "failed 1 times" in failure.reason


def test_a_killed_task_runs_again_without_counting(make_task_set):
    cluster = Cluster(1, max_failures=1)
    (launch,) = cluster.run(make_task_set(1))
    instructions = cluster.fail(launch, killed=True)
    assert told(instructions) == []
    assert isinstance(ends(instructions)[0], events.TaskKilledReason)
    assert len(cluster.assign()) == 1


def test_a_failed_fetch_is_told_and_does_not_count(make_task_set):
    cluster = Cluster(1, max_failures=1)
    (launch,) = cluster.run(make_task_set(1))
    (event,) = told(cluster.fail(launch, fetch_failure=(7, 3, 0, "driver", "no such file")))
    assert event == dag.FetchFailure(0, 0, 7, 3, "no such file")


def test_the_task_of_a_lost_worker_goes_to_another(make_task_set):
    cluster = Cluster(2, max_failures=1)
    first, _ = cluster.run(make_task_set(2))
    assert told(cluster.lose("driver/0")) == []
    cluster.add("driver/0")
    assert where(cluster.assign()) == where([first])


def test_a_task_that_loses_worker_after_worker_fails_its_stage(make_task_set):
    cluster = Cluster(1, max_losses=2)
    cluster.run(make_task_set(1))
    assert told(cluster.lose("driver/0")) == []
    cluster.add("driver/0")
    cluster.assign()
    (failure,) = told(cluster.lose("driver/0"))
    assert "failed 2 times" in failure.reason
    assert "killed by signal 9" in failure.reason


def test_losing_an_idle_or_unknown_worker_costs_nothing():
    cluster = Cluster(1)
    assert cluster.lose("driver/0") == []
    assert cluster.lose("driver/0") == []
    assert cluster.scheduler.free == {}


def test_an_abandoned_task_set_starts_nothing_but_its_results_count(make_task_set):
    cluster = Cluster(1)
    (launch,) = cluster.run(make_task_set(2))
    cluster.scheduler.abandon(0, 0)
    assert len(told(cluster.succeed(launch))) == 1
    assert cluster.assign() == []
    assert cluster.scheduler.managers == {}


def test_a_failure_in_an_abandoned_task_set_fails_nothing(make_task_set):
    cluster = Cluster(1, max_failures=1)
    (launch,) = cluster.run(make_task_set(1))
    cluster.scheduler.abandon(0, 0)
    assert told(cluster.fail(launch, ValueError("bad"))) == []


def test_what_an_abandoned_attempt_finished_is_taken_out_of_its_successor(make_task_set):
    cluster = Cluster(2, max_failures=1)
    first, second = cluster.run(make_task_set(2))
    cluster.scheduler.abandon(0, 0)
    cluster.fail(second, fetch_failure=(7, 0, 0, "driver", "gone"))
    (copy,) = cluster.run(make_task_set(1, attempt=1))
    instructions = cluster.succeed(first)
    assert [do.task_id for do in of(instructions, ts.KillTask)] == [copy.task_id]
    assert told(cluster.fail(copy, ValueError("bad"))) == []
    assert cluster.scheduler.managers == {}


def test_a_task_finished_by_an_abandoned_attempt_is_not_started_again(make_task_set):
    cluster = Cluster(1)
    (launch,) = cluster.run(make_task_set(1))
    cluster.scheduler.abandon(0, 0)
    cluster.run(make_task_set(1, attempt=1))
    assert len(told(cluster.succeed(launch))) == 1
    assert cluster.assign() == []
    assert cluster.scheduler.managers == {}


def test_cancelling_kills_what_runs_and_starts_no_more(make_task_set):
    cluster = Cluster(1)
    (launch,) = cluster.run(make_task_set(3))
    (kill,) = cluster.scheduler.cancel(0, "its job is over")
    assert (kill.worker_id, kill.task_id) == (launch.worker_id, launch.task_id)
    (end,) = ends(cluster.lose("driver/0"))  # it did not give way, so its worker was ended
    assert end == events.TaskKilledReason("its job is over")
    assert cluster.scheduler.managers == {}


def test_cancelling_a_task_set_that_did_not_start_forgets_it(make_task_set):
    cluster = Cluster(0)
    cluster.run(make_task_set(3))
    assert cluster.scheduler.cancel(0, "no") == []
    assert cluster.scheduler.managers == {}
    assert cluster.scheduler.backlog() == 0


def test_a_task_waits_for_its_worker_while_others_go_ahead(make_task_set):
    cluster = Cluster(2)
    cluster.run(make_task_set(1, stage=0))  # takes driver/0
    launches = cluster.run(
        make_task_set(1, stage=1, job=1, locations={0: ("driver/0",)}),
        make_task_set(1, stage=2, job=2),
        now=10.0,
    )
    assert where(launches) == [("driver/1", 2, 0)]
    assert cluster.scheduler.wakes_at() is None  # no worker is free, so no time matters
    cluster.succeed(launches[0])
    assert cluster.scheduler.wakes_at() == 13.0
    assert where(cluster.assign(now=13.0)) == [("driver/1", 1, 0)]
    assert cluster.scheduler.wakes_at() is None


def test_of_two_copies_only_the_first_result_counts(make_task_set):
    cluster = Cluster(3, eager=True)
    first, other = cluster.run(make_task_set(2))
    cluster.succeed(other)
    cluster.scheduler.find_stragglers(5.0)
    (copy,) = cluster.assign(5.0)
    winning = cluster.succeed(copy, {1: 5}, now=6.0)
    assert len(told(winning)) == 1
    assert [do.task_id for do in of(winning, ts.KillTask)] == [first.task_id]
    assert told(cluster.succeed(first, {1: 5}, now=6.0)) == []
    assert cluster.scheduler.managers == {}


def test_news_of_unknown_tasks_is_ignored(make_task_set):
    cluster = Cluster(1)
    (launch,) = cluster.run(make_task_set(1))
    cluster.succeed(launch)
    assert cluster.succeed(launch) == []
    assert cluster.fail(launch) == []
    assert cluster.scheduler.arrived(launch.task_id, "") == []


# ------------------------------------------------------------------------------------- barriers


def test_a_barrier_stage_starts_all_its_tasks_or_none(make_task_set):
    cluster = Cluster(3)
    (busy,) = cluster.run(make_task_set(1, stage=0))
    assert cluster.run(make_task_set(3, stage=1, job=1, barrier=True)) == []
    assert cluster.scheduler.wakes_at() is None
    cluster.succeed(busy)
    launches = cluster.assign()
    assert [launch.spec.index for launch in launches] == [0, 1, 2]
    assert launches[0].barrier_addresses == ("localhost:0",) * 3


def test_a_barrier_stage_that_can_never_start_fails(make_task_set):
    cluster = Cluster(2)
    cluster.scheduler.submit(make_task_set(3, barrier=True))
    (failure,) = told(cluster.scheduler.assign(0.0, 0))
    assert failure.reason.startswith("[SPARK-24819]: Barrier execution mode does not allow run")


def test_a_barrier_stage_waits_for_what_replaces_a_lost_worker(make_task_set):
    cluster = Cluster(2, barrier_patience=9.0)
    cluster.lose("driver/0")
    assert cluster.run(make_task_set(2, barrier=True), now=1.0) == []
    assert cluster.scheduler.wakes_at() == 10.0
    cluster.add("driver/2")
    assert [launch.worker_id for launch in cluster.assign(now=2.0)] == ["driver/1", "driver/2"]


def test_a_barrier_stage_waits_for_so_long_and_for_no_more_than_there_was(make_task_set):
    cluster = Cluster(2, barrier_patience=9.0)
    cluster.lose("driver/0")
    cluster.scheduler.submit(make_task_set(2, stage=1, barrier=True))
    cluster.scheduler.submit(make_task_set(3, stage=2, barrier=True))
    (failure,) = told(cluster.scheduler.assign(1.0, 0))
    assert failure.stage_id == 2
    (failure,) = told(cluster.scheduler.assign(10.0, 0))
    assert failure.stage_id == 1


def test_tasks_meet_at_their_barrier(make_task_set):
    cluster = Cluster(2)
    first, second = cluster.run(make_task_set(2, barrier=True))
    assert cluster.scheduler.arrived(second.task_id, "b") == []
    released = cluster.scheduler.arrived(first.task_id, "a")
    assert [(do.worker_id, do.messages) for do in released] == [
        ("driver/0", ("a", "b")),
        ("driver/1", ("a", "b")),
    ]


def test_one_failed_task_restarts_the_barrier_stage(make_task_set):
    cluster = Cluster(2, max_failures=2)
    first, second = cluster.run(make_task_set(2, barrier=True))
    (event,) = told(cluster.fail(second, ValueError("bad")))
    assert isinstance(event, dag.BarrierTaskFailed)
    assert [do.task_id for do in cluster.scheduler.cancel(0, event.reason)] == [first.task_id]


def test_a_killed_task_restarts_the_barrier_stage_too(make_task_set):
    cluster = Cluster(2, max_failures=2)
    _, second = cluster.run(make_task_set(2, barrier=True))
    (event,) = told(cluster.fail(second, killed=True))
    assert isinstance(event, dag.BarrierTaskFailed)


# --------------------------------------------------------------------------------- several slots


def test_a_task_of_several_slots_takes_a_block_of_one_executor(make_task_set):
    cluster = Cluster(0)
    for executor in "01":
        for slot in range(3):
            worker = ts.Worker(f"{executor}/{slot}", executor, "localhost")
            cluster.scheduler.worker_ready(worker)
    launches = cluster.run(make_task_set(4, slots=2))
    assert [(do.worker_id, do.beside) for do in launches] == [("0/0", ("0/1",)), ("1/0", ("1/1",))]
    assert cluster.scheduler.backlog() == 4
    assert cluster.scheduler.slots_taken() == 4
    cluster.succeed(launches[0])
    (third,) = cluster.assign()
    assert third.worker_id in ("0/0", "0/1")


def test_small_tasks_take_what_large_ones_leave(make_task_set):
    cluster = Cluster(3)
    launches = cluster.run(make_task_set(2, slots=2), make_task_set(2, stage=1, job=1))
    assert where(launches) == [("driver/0", 0, 0), ("driver/2", 1, 0)]
    cluster.succeed(launches[1])
    assert where(cluster.assign()) == [("driver/2", 1, 1)]
    cluster.succeed(launches[0])
    assert where(cluster.assign()) == [("driver/0", 0, 1)]


def test_a_worker_lost_beside_a_task_comes_back_when_that_ends(make_task_set):
    cluster = Cluster(2)
    (launch,) = cluster.run(make_task_set(1, slots=2), make_task_set(2, stage=1, job=1))
    assert told(cluster.lose("driver/1")) == []
    cluster.add("driver/1")
    assert cluster.assign() == []
    cluster.succeed(launch)
    assert len(cluster.assign()) == 2


def test_a_large_task_whose_worker_is_lost_gives_all_slots_back(make_task_set):
    cluster = Cluster(2)
    cluster.run(make_task_set(1, slots=2))
    cluster.lose("driver/0")
    assert cluster.assign() == []
    cluster.add("driver/0")
    (again,) = cluster.assign()
    assert (again.attempt, len(again.beside)) == (1, 1)
    cluster.succeed(again)
    assert sorted(cluster.scheduler.free) == ["driver/0", "driver/1"]
    assert cluster.scheduler.slots_taken() == 0


def test_large_barrier_tasks_need_their_slots_at_once(make_task_set):
    cluster = Cluster(5)
    launches = cluster.run(make_task_set(2, barrier=True, slots=2))
    assert [do.worker_id for do in launches] == ["driver/0", "driver/2"]
    other = Cluster(5)
    other.scheduler.submit(make_task_set(3, barrier=True, slots=2))
    (failure,) = told(other.scheduler.assign(0.0, 0))
    assert "needs 3 slots, the application has 2" in failure.reason


def test_a_job_may_have_its_own_limit_of_failures(make_task_set):
    cluster = Cluster(1, max_failures=1, max_losses=1)
    cluster.run(task_set := make_task_set(1, max_failures=3))
    assert told(cluster.fail(where_it_runs(cluster, task_set), ValueError("bad"))) == []
    cluster.assign()
    assert told(cluster.fail(where_it_runs(cluster, task_set), ValueError("bad"))) == []
    cluster.assign()
    (failure,) = told(cluster.fail(where_it_runs(cluster, task_set), ValueError("bad")))
    assert "failed 3 times" in failure.reason


def test_its_own_limit_is_for_lost_workers_too(make_task_set):
    cluster = Cluster(1, max_losses=1)
    cluster.run(make_task_set(1, max_failures=2))
    assert told(cluster.lose("driver/0")) == []
    cluster.add("driver/1")
    cluster.assign()
    assert len(told(cluster.lose("driver/1"))) == 1


def where_it_runs(cluster, task_set):
    ((task_id, _),) = cluster.scheduler.running.items()
    return ts.LaunchTask("driver/0", task_id, task_set, task_set.tasks[0], 0, None)


class TestProgress:
    def said(self, instructions):
        return [
            (update.task_id, {info.name: info.update for info in update.accumulables})
            for do in of(instructions, dag.Announce)
            if isinstance(do.event, events.SparkListenerExecutorMetricsUpdate)
            for update in do.event.task_updates
        ]

    def test_listeners_hear_what_a_running_task_says(self, make_task_set):
        cluster = Cluster(1)
        (launch,) = cluster.run(make_task_set(1))
        out = cluster.scheduler.progressed(TaskProgress(launch.task_id, {"lines": 3, "at": "b"}))
        assert self.said(out) == [(launch.task_id, {"lines": 3, "at": "b"})]

    def test_the_last_of_it_comes_with_the_end(self, make_task_set):
        cluster = Cluster(1)
        (launch,) = cluster.run(make_task_set(1))
        cluster.scheduler.progressed(TaskProgress(launch.task_id, {"lines": 3}))
        cluster.scheduler.progressed(TaskProgress(launch.task_id, {"lines": 9}))
        (end,) = of(cluster.succeed(launch), dag.Announce)
        assert [(i.name, i.update) for i in end.event.task_info.accumulables] == [("lines", 9)]

    def test_another_attempt_begins_anew(self, make_task_set):
        cluster = Cluster(1)
        (launch,) = cluster.run(make_task_set(1))
        cluster.scheduler.progressed(TaskProgress(launch.task_id, {"lines": 3}))
        cluster.fail(launch, ValueError("bad"))
        (retry,) = cluster.assign()
        (end,) = of(cluster.succeed(retry), dag.Announce)
        assert end.event.task_info.accumulables == ()

    def test_what_a_task_says_after_its_end_is_not_heard(self, make_task_set):
        cluster = Cluster(1)
        (launch,) = cluster.run(make_task_set(1))
        cluster.succeed(launch)
        assert cluster.scheduler.progressed(TaskProgress(launch.task_id, {"lines": 3})) == []
