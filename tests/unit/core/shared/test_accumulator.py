"""Accumulators in the driver, and in a process that knows them only from pickled closures."""

import gc
import pickle
import threading
import weakref

import pytest
from pyspark.accumulators import Accumulator as PySparkAccumulator

from pyrite.core.errors import PySparkRuntimeError
from pyrite.core.shared import accumulator as module
from pyrite.core.shared.accumulator import (
    AccumulatorParam,
    create_accumulator,
    merge_updates,
    start_task,
    take_updates,
)


class ListParam(AccumulatorParam):
    def zero(self, value):
        return []

    def addInPlace(self, value1, value2):
        value1 += value2
        return value1


class KeepingParam(AccumulatorParam):
    """Its zero is the initial value itself, as in many programs."""

    def zero(self, value):
        return value

    def addInPlace(self, value1, value2):
        return value1 + value2


@pytest.fixture
def on_worker(monkeypatch):
    def unpickle(data):
        with monkeypatch.context() as patched:
            patched.setattr(module, "_driver_accumulators", weakref.WeakValueDictionary())
            return pickle.loads(data)

    monkeypatch.setattr(module, "_task_accumulators", {})
    return unpickle


@pytest.mark.parametrize(
    ("start", "terms", "total"),
    [(0, [1, 2], 3), (1.5, [1, 2.5], 5.0), (1j, [1], 1 + 1j), (True, [1], 2)],
)
def test_numbers_need_no_param(start, terms, total):
    accumulator = create_accumulator(start)
    for term in terms:
        accumulator += term
    assert accumulator.value == total
    assert isinstance(accumulator, PySparkAccumulator)


@pytest.mark.parametrize("value", ["x", [1], None])
def test_other_types_need_one(value):
    with pytest.raises(TypeError, match="No default accumulator param for type <class"):
        create_accumulator(value)


def test_text_forms():
    accumulator = create_accumulator(4)
    assert repr(accumulator) == f"Accumulator<id={accumulator.aid}, value=4>"
    assert str(accumulator) == "4"


def test_a_task_adds_and_the_driver_merges(on_worker):
    accumulator = create_accumulator(10)
    worker = on_worker(pickle.dumps(accumulator))
    for partition in range(3):
        start_task()
        worker += partition
        worker.add(1)
        merge_updates(take_updates())
    assert accumulator.value == 16


def test_a_failed_attempt_leaves_nothing_for_the_next_task(on_worker):
    worker = on_worker(pickle.dumps(create_accumulator([], ListParam())))
    start_task()
    worker.add(["failed"])
    start_task()
    worker.add(["good"])
    assert take_updates() == {worker.aid: ["good"]}


def test_untouched_accumulators_are_not_sent(on_worker):
    on_worker(pickle.dumps(create_accumulator(0)))
    start_task()
    assert take_updates() == {}


def test_a_zero_that_is_the_initial_value_counts_in_each_task(on_worker):
    accumulator = create_accumulator([100], KeepingParam())
    worker = on_worker(pickle.dumps(accumulator))
    for partition in range(2):
        start_task()
        worker.add([partition])
        merge_updates(take_updates())
    assert accumulator.value == [100, 100, 0, 100, 1]


def test_one_failing_update_does_not_keep_others_back(caplog):
    broken, good = create_accumulator([1], KeepingParam()), create_accumulator(0)
    merge_updates({broken.aid: 1, good.aid: 2})
    assert (broken.value, good.value) == ([1], 2)
    assert f"Failed to update accumulator {broken.aid}" in caplog.text


def test_values_cannot_be_read_or_set_in_tasks(on_worker):
    worker = on_worker(pickle.dumps(create_accumulator(7)))
    message = r"`Accumulator.value` cannot be accessed inside tasks"
    with pytest.raises(PySparkRuntimeError, match=message):
        _ = worker.value
    with pytest.raises(PySparkRuntimeError, match=message):
        worker.value = 3
    assert str(worker) == "0"


def test_all_closures_of_a_worker_share_one_object(on_worker):
    accumulator = create_accumulator(0)
    first, second = (on_worker(pickle.dumps(accumulator)) for _ in range(2))
    assert first is second


def test_an_accumulator_that_comes_back_to_the_driver_is_the_same():
    accumulator = create_accumulator(0)
    assert pickle.loads(pickle.dumps(accumulator)) is accumulator


def test_updates_of_a_forgotten_accumulator_are_dropped():
    accumulator = create_accumulator(0)
    aid = accumulator.aid
    del accumulator
    gc.collect()
    merge_updates({aid: 1})
    assert create_accumulator(0).value == 0


def test_adding_from_several_threads_loses_nothing():
    accumulator = create_accumulator([], ListParam())
    threads = [
        threading.Thread(target=lambda: [accumulator.add([1]) for _ in range(2000)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(accumulator.value) == 8000
