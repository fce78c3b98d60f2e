"""How many executors a backlog deserves, over time."""

import math

import pytest

from pyrite.core.scheduler.allocation import AllocationPolicy, ExecutorAllocationManager


def manager(**settings):
    policy = {
        "min_executors": 0,
        "max_executors": 100,
        "initial_executors": 0,
        "idle_seconds": 60.0,
        "cached_idle_seconds": math.inf,
        "backlog_seconds": 1.0,
        "sustained_backlog_seconds": 2.0,
        "ratio": 1.0,
        "slots": 1,
    }
    return ExecutorAllocationManager(AllocationPolicy(**{**policy, **settings}))


def update(allocation, now, waiting=0, running=0, idle=(), cached=(), executors=0):
    return allocation.update(
        now, waiting=waiting, running=running, idle=idle, cached=cached, executors=executors
    )


def test_rounds_double_while_the_backlog_lasts():
    allocation = manager()
    wanted = []
    executors = 0
    for now in (0.0, 0.9, 1.0, 2.9, 3.0, 5.0, 7.0):
        executors, _ = update(allocation, now, waiting=100, executors=executors)
        wanted.append(executors)
    assert wanted == [0, 0, 1, 1, 3, 7, 15]


def test_a_pause_in_the_backlog_begins_the_rounds_anew():
    allocation = manager()
    for now in (0.0, 1.0, 3.0):
        update(allocation, now, waiting=100, executors=3)
    update(allocation, 4.0, executors=3)
    update(allocation, 5.0, waiting=100, executors=6)
    assert update(allocation, 6.0, waiting=100, executors=6)[0] == 7


def test_no_more_are_asked_for_than_the_tasks_can_use():
    allocation = manager(slots=4)
    update(allocation, 0.0, waiting=6, running=3)
    update(allocation, 1.0, waiting=6, running=3, executors=2)
    assert update(allocation, 3.0, waiting=6, running=3, executors=3)[0] == 3


def test_the_ratio_scales_what_the_tasks_can_use():
    allocation = manager(ratio=0.5, initial_executors=4)
    update(allocation, 0.0, waiting=10, executors=4)
    assert update(allocation, 1.0, waiting=10, executors=4)[0] == 5
    assert update(allocation, 3.0, waiting=10, executors=5)[0] == 5


def test_the_maximum_holds():
    allocation = manager(max_executors=2)
    wanted = [update(allocation, now, waiting=50, executors=2)[0] for now in range(0, 20, 2)]
    assert max(wanted) == 2


def test_after_a_time_at_the_maximum_rounds_begin_at_one_again():
    allocation = manager()
    for now in range(0, 2000, 2):
        update(allocation, now, waiting=1, executors=1)
    update(allocation, 2000.0, waiting=100, executors=1)
    assert allocation.target == 2


@pytest.mark.parametrize(("cached", "ended"), [((), ["1"]), (("1",), [])])
def test_idle_executors_end_unless_they_hold_cached_blocks(cached, ended):
    allocation = manager()
    assert update(allocation, 0.0, idle=["1"], cached=cached, executors=1)[1] == []
    assert update(allocation, 59.9, idle=["1"], cached=cached, executors=1)[1] == []
    assert update(allocation, 60.0, idle=["1"], cached=cached, executors=1)[1] == ended


def test_cached_blocks_can_have_their_own_timeout():
    allocation = manager(cached_idle_seconds=100.0)
    update(allocation, 0.0, idle=["1"], cached=["1"], executors=1)
    assert allocation.wakes_at(["1"]) == 100.0
    assert update(allocation, 100.0, idle=["1"], cached=["1"], executors=1)[1] == ["1"]


def test_work_in_between_begins_the_idle_time_anew():
    allocation = manager()
    update(allocation, 0.0, idle=["1"], executors=1)
    update(allocation, 30.0, running=1, executors=1)
    update(allocation, 31.0, idle=["1"], executors=1)
    assert update(allocation, 61.0, idle=["1"], executors=1)[1] == []


def test_the_minimum_stays_and_is_no_reason_to_wake_up():
    allocation = manager(min_executors=1, initial_executors=2)
    update(allocation, 0.0, idle=["1", "2"], executors=2)
    assert allocation.wakes_at(()) == 60.0
    assert update(allocation, 60.0, idle=["1", "2"], executors=2) == (1, ["1"])
    assert update(allocation, 60.1, idle=["2"], executors=1) == (1, [])
    assert allocation.wakes_at(()) is None


def test_nothing_is_to_be_decided_without_backlog_and_idle_executors():
    allocation = manager()
    update(allocation, 0.0, running=3, executors=3)
    assert allocation.wakes_at(()) is None


def test_executors_that_have_not_come_are_not_asked_for_when_the_tasks_are_done():
    allocation = manager(min_executors=1)
    for now in (0.0, 1.0, 3.0, 5.0):
        wanted, _ = update(allocation, now, waiting=9, running=1, executors=1)
    assert wanted == 8
    assert update(allocation, 6.0, waiting=2, running=1, executors=1)[0] == 3
    assert update(allocation, 7.0, running=1, executors=1)[0] == 1


def test_the_first_executors_stay_until_there_were_tasks():
    allocation = manager(initial_executors=3)
    assert update(allocation, 0.0)[0] == 3
    assert update(allocation, 1.0, waiting=2)[0] == 2
    assert update(allocation, 2.0)[0] == 0
