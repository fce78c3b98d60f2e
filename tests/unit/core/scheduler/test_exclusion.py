"""Which executors and machines failed tasks keep away from."""

from dataclasses import replace

import pytest

from pyrite.core.scheduler.exclusion import (
    ExclusionPolicy,
    HealthTracker,
    NewlyExcluded,
    TaskSetExcludelist,
)

POLICY = ExclusionPolicy(timeout=100.0)


def excludes(*failures, **limits):
    """An exclude list after failures; executor ``a1`` is one of host ``a``."""
    found = TaskSetExcludelist(replace(POLICY, **limits))
    for index, executor_id in failures:
        found.task_failed(index, executor_id, executor_id[0], "boom")
    return found


def test_a_task_keeps_away_from_the_executor_where_it_failed():
    found = excludes((0, "a1"))
    assert found.is_barred(0, "a1", "a")
    assert not found.is_barred(0, "a2", "a")
    assert not found.is_barred(1, "a1", "a")


def test_a_task_may_be_let_to_try_again_on_the_same_executor():
    found = excludes((0, "a1"), task_attempts_per_executor=2)
    assert not found.is_barred(0, "a1", "a")
    found.task_failed(0, "a1", "a", "boom")
    assert found.is_barred(0, "a1", "a")


def test_a_task_keeps_away_from_a_machine_after_two_attempts_there():
    found = excludes((0, "a1"), (0, "a2"))
    assert found.is_barred(0, "a3", "a")
    assert not found.is_barred(0, "b1", "b")


def test_a_stage_keeps_away_from_an_executor_where_two_of_its_tasks_failed():
    found = excludes((0, "a1"), (1, "a1"))
    assert found.is_barred(7, "a1", "a")
    assert not found.is_barred(7, "a2", "a")


def test_a_stage_keeps_away_from_a_machine_with_two_such_executors():
    found = excludes((0, "a1"), (1, "a1"), (2, "a2"), (3, "a2"))
    assert found.is_barred(7, "a3", "a")
    assert not found.is_barred(7, "b1", "b")


@pytest.fixture
def health():
    return HealthTracker(POLICY)


def test_failures_in_stages_that_succeeded_add_up(health):
    assert health.stage_succeeded((0, 0), excludes((0, "a1")), 0.0) == []
    assert not health.is_barred("a1", "a")
    assert health.stage_succeeded((1, 0), excludes((0, "a1")), 1.0) == [NewlyExcluded("a1", 2)]
    assert health.is_barred("a1", "a")
    assert not health.is_barred("a2", "a")


def test_a_machine_with_two_excluded_executors_is_excluded(health):
    health.stage_succeeded((0, 0), excludes((0, "a1"), (1, "a1"), (2, "a2"), (3, "a2")), 0.0)
    assert health.is_barred("a3", "a")


def test_old_failures_do_not_count(health):
    health.stage_succeeded((0, 0), excludes((0, "a1")), 0.0)
    assert health.stage_succeeded((1, 0), excludes((0, "a1")), 101.0) == []


def test_an_executor_is_used_again_after_the_timeout(health):
    health.stage_succeeded((0, 0), excludes((0, "a1"), (1, "a1")), 5.0)
    assert health.wakes_at() == 105.0
    assert health.expire(104.0) == []
    assert health.expire(105.0) == ["a1"]
    assert not health.is_barred("a1", "a")
    assert health.wakes_at() is None


def test_an_executor_is_excluded_once(health):
    health.stage_succeeded((0, 0), excludes((0, "a1"), (1, "a1")), 0.0)
    assert health.stage_succeeded((1, 0), excludes((0, "a1")), 1.0) == []
    assert health.wakes_at() == 100.0
