"""One stage attempt's tasks: where they run, how often they may fail, when they run twice."""

import pytest

from pyrite.core import events
from pyrite.core.scheduler.task_set_manager import Attempt, SpeculationPolicy, TaskSetManager

EVERYONE = ("w0", "w1", "w2")


class Tasks:
    """A manager whose chosen tasks are launched under ids of the test's choice."""

    def __init__(self, task_set, wait=3.0, speculation=None):
        self.manager = TaskSetManager(task_set, wait, speculation)

    def offer(self, worker, now=0.0):
        return self.manager.choose(worker, EVERYONE.index(worker), EVERYONE, now)

    def launch(self, worker, task_id, now=0.0):
        choice = self.offer(worker, now)
        info = events.TaskInfo(
            task_id, choice.spec.index, choice.attempt, choice.spec.index, 0, "e", "h"
        )
        self.manager.launched(task_id, Attempt(choice, worker, now, info))
        return choice


@pytest.fixture
def tasks(make_task_set):
    def make(size, wait=3.0, speculation=None, **properties):
        return Tasks(make_task_set(size, **properties), wait, speculation)

    return make


def test_each_worker_prefers_partitions_of_its_own_number(tasks):
    spread = tasks(6)
    order = [spread.launch(worker, n).spec.index for n, worker in enumerate(EVERYONE * 2)]
    assert order == [0, 1, 2, 3, 4, 5]


def test_a_worker_without_partitions_of_its_own_takes_any(tasks):
    spread = tasks(2)
    assert spread.launch("w2", 0).spec.index == 0
    assert spread.launch("w2", 1).spec.index == 1
    assert spread.offer("w2") is None
    assert not spread.manager.has_work()


def test_a_task_goes_to_the_worker_that_holds_its_data(tasks):
    located = tasks(2, locations={0: ("w1",), 1: ("w0",)})
    assert located.launch("w0", 0).spec.index == 1
    assert located.launch("w1", 1).locality == "PROCESS_LOCAL"


def test_a_task_waits_for_its_worker_and_no_longer_than_told(tasks):
    located = tasks(1, wait=3.0, locations={0: ("w1",)})
    assert located.offer("w0", now=10.0) is None
    assert located.manager.wakes_at() == 13.0
    assert located.offer("w0", now=12.9) is None
    assert located.launch("w0", 0, now=13.0).locality == "ANY"
    assert located.manager.wakes_at() is None


def test_each_launch_begins_the_wait_anew(tasks):
    located = tasks(2, wait=3.0, locations={0: ("w1",), 1: ("w1",)})
    assert located.offer("w0", now=10.0) is None
    located.launch("w1", 0, now=12.0)
    assert located.offer("w0", now=14.0) is None
    assert located.launch("w0", 1, now=15.0).spec.index == 1


def test_nobody_waits_for_a_worker_that_is_gone(tasks):
    located = tasks(1, locations={0: ("dead",)})
    assert located.launch("w0", 0).locality == "NO_PREF"


def test_tasks_without_a_place_go_before_others_have_waited(tasks):
    mixed = tasks(2, locations={0: ("w1",)})
    assert mixed.launch("w0", 0).spec.index == 1


def test_a_failed_task_is_tried_again_and_counted(tasks):
    one = tasks(1)
    for attempt in range(3):
        assert one.launch("w0", attempt).attempt == attempt
        assert one.manager.failed(attempt, counts=True) == attempt + 1


def test_kills_do_not_count(tasks):
    one = tasks(1)
    one.launch("w0", 0)
    assert one.manager.failed(0, counts=False) == 0
    one.launch("w0", 1)
    assert one.manager.failed(1, counts=True) == 1


def test_lost_workers_are_counted_apart_from_failures(tasks):
    one = tasks(1)
    one.launch("w0", 0)
    assert one.manager.failed(0, counts=True) == 1
    one.launch("w0", 1)
    assert one.manager.failed(1, counts=True, worker_lost=True) == 1


def test_an_abandoned_attempt_starts_nothing_and_ends_with_its_last_task(tasks):
    two = tasks(2)
    two.launch("w0", 0)
    two.manager.zombie = True
    assert two.offer("w1") is None
    assert two.manager.backlog() == 0
    assert not two.manager.finished
    two.manager.failed(0, counts=True)
    assert two.manager.finished


# ------------------------------------------------------------------------------------ stragglers

EAGER = SpeculationPolicy(multiplier=2.0, quantile=0.75, min_seconds=0.5)


def straggling(tasks):
    """Four tasks: three took a second, the last one runs on w0 since 0 s."""
    race = tasks(4, speculation=EAGER)
    for task_id, worker in enumerate(("w0", "w1", "w2", "w0")):
        race.launch(worker, task_id)
    for task_id in (1, 2, 3):
        race.manager.succeeded(task_id, now=1.0)
    return race


def test_a_straggler_is_run_on_another_worker(tasks):
    race = straggling(tasks)
    assert race.manager.find_stragglers(2.0) == []
    assert race.manager.find_stragglers(2.1) == [0]
    assert race.manager.find_stragglers(9.9) == []
    assert race.offer("w0") is None
    copy = race.launch("w1", 9)
    assert (copy.spec.index, copy.attempt, copy.speculative) == (0, 1, True)


@pytest.mark.parametrize("winner", [0, 9])
def test_the_first_attempt_to_succeed_wins_and_stops_the_other(tasks, winner):
    race = straggling(tasks)
    race.manager.find_stragglers(5.0)
    race.launch("w1", 9)
    loser = 9 - winner
    assert race.manager.succeeded(winner, now=6.0) == (True, [loser])
    assert race.manager.succeeded(loser, now=6.1) == (False, [])
    assert race.manager.finished


def test_a_task_that_failed_with_a_copy_running_is_not_started_again(tasks):
    race = straggling(tasks)
    race.manager.find_stragglers(5.0)
    race.launch("w1", 9)
    race.manager.failed(0, counts=True)
    assert not race.manager.has_work()


def test_a_straggler_that_fails_before_its_copy_starts_runs_once_more_not_twice(tasks):
    race = straggling(tasks)
    race.manager.find_stragglers(5.0)
    race.manager.failed(0, counts=True)
    assert race.manager.backlog() == 1
    race.launch("w1", 9)
    assert race.offer("w2") is None


def test_too_few_finished_tasks_say_nothing_of_stragglers(tasks):
    race = tasks(4, speculation=EAGER)
    for task_id in range(4):
        race.launch("w0", task_id)
    race.manager.succeeded(0, now=1.0)
    race.manager.succeeded(1, now=1.0)
    assert race.manager.find_stragglers(99.0) == []


def test_the_share_of_finished_tasks_is_rounded_down(tasks):
    race = tasks(2, speculation=SpeculationPolicy(2.0, 0.9, 0.0))
    race.launch("w0", 0)
    race.launch("w1", 1)
    race.manager.succeeded(0, now=1.0)
    assert race.manager.find_stragglers(2.5) == [1]


def test_barrier_tasks_have_no_copies(tasks):
    race = tasks(2, speculation=SpeculationPolicy(1.0, 0.0, 0.0), barrier=True)
    race.launch("w0", 0)
    race.launch("w1", 1)
    race.manager.succeeded(0, now=1.0)
    assert race.manager.find_stragglers(99.0) == []
