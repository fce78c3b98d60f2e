"""Which parts of its inputs each task reads."""

from dataclasses import replace
from itertools import chain

import pytest

from pyrite.sql.execution.cluster.assignments import DealingRules, Shuffled, assign
from pyrite.sql.plans.exchange import Partitioning

RULES = DealingRules(
    tasks=2,
    coalesces=True,
    smallest=10,
    advised=1000,
    splits=True,
    skew_factor=5.0,
    skew_bytes=100,
)


def hashed(*sizes, maps=1, partitioning=Partitioning.HASH):
    """What ``maps`` tasks wrote, each of them the same."""
    return Shuffled(partitioning, [[size // maps for size in sizes]] * maps)


def buckets(tasks, stage=0):
    return [*chain.from_iterable(reduces(tasks, stage))]


def reduces(tasks, stage=0):
    return [[*task[stage].reduces] for task in tasks]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([5] * 8, [[0, 1, 2, 3], [4, 5, 6, 7]]),
        ([1] * 8, [[*range(8)]]),  # too little for two tasks
        ([0] * 8, [[*range(8)]]),
        ([50, 1, 1, 1, 1, 1, 1, 50], [[0, 1, 2, 3], [4, 5, 6, 7]]),
        ([90, 10, 10, 10, 10, 10, 20, 20], [[0], [1, 2, 3, 4, 5, 6, 7]]),
        ([600] * 8, [[0, 1], [2, 3], [4, 5], [6, 7]]),  # more than is advised for two tasks
    ],
)
def test_neighbours_are_read_together(sizes, expected):
    assert reduces(assign({0: hashed(*sizes)}, RULES)) == expected


def test_inputs_of_a_join_are_read_alike():
    tasks = assign({0: hashed(90, 0, 0, 0), 1: hashed(0, 30, 30, 30)}, RULES)
    assert reduces(tasks, 0) == reduces(tasks, 1) == [[0], [1, 2, 3]]


def test_without_adaptive_execution_each_bucket_is_a_task():
    rules = replace(RULES, coalesces=False, splits=False)
    assert reduces(assign({0: hashed(1, 1000, 0)}, rules)) == [[0], [1], [2]]


def test_a_bucket_that_is_too_large_is_read_in_parts():
    rules = replace(RULES, advised=200)
    inputs = {0: hashed(40, 40, 800, 40, maps=4), 1: hashed(10, 10, 10, 10)}
    tasks = assign(inputs, rules, splittable=[0])
    shared = [task for task in tasks if task[0].maps is not None]
    assert [[*task[0].maps] for task in shared] == [[0], [1], [2], [3]]
    assert all([*task[0].reduces] == [*task[1].reduces] == [2] for task in shared)
    assert all(task[1].maps is None for task in tasks)
    others = [task for task in tasks if task[0].maps is None]
    assert buckets(others) == buckets(others, 1) == [0, 1, 3]
    # Only where its rows may be apart, and if that is switched on.
    for again in (assign(inputs, rules, [1]), assign(inputs, replace(rules, splits=False), [0])):
        assert buckets(again) == [0, 1, 2, 3]
        assert all(task[0].maps is None for task in again)


def test_what_stayed_with_its_task_is_dealt_by_tasks():
    kept = Shuffled(Partitioning.UNKNOWN, [[10], [20], [30]])
    tasks = assign({0: kept}, RULES)
    assert [[*task[0].maps] for task in tasks] == [[0, 1], [2]]
    assert reduces(tasks) == [[0], [0]]


def test_inputs_of_different_kinds_have_as_many_tasks():
    ranged = hashed(30, 30, partitioning=Partitioning.RANGE)
    tasks = assign({0: ranged, 1: hashed(1, 1, 1, 50)}, RULES)
    assert (reduces(tasks, 0), reduces(tasks, 1)) == ([[0], [1]], [[0, 1, 2], [3]])
    tasks = assign({0: hashed(0, 0)}, RULES, least=3)  # beside a scan, which three tasks read
    assert buckets(tasks) == [0, 1]
    assert len(tasks) == 3
    assert assign({}, RULES, least=2) == [{}, {}]
