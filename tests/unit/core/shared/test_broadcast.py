"""Broadcasts in the driver, and in a process that knows them only from pickled closures."""

import gc
import io
import os
import pickle
import subprocess
import sys
import threading
import weakref

import cloudpickle
import numpy as np
import pytest

from pyrite.core.errors import PySparkRuntimeError, SparkException
from pyrite.core.shared import broadcast as module
from pyrite.core.shared.broadcast import Broadcast, collecting_broadcasts, drop_stale


class Owner:
    def __init__(self, local_dir):
        self.local_dir = str(local_dir)
        self.removed = []

    def remove_copies(self, path):
        self.removed.append(os.path.basename(path))


@pytest.fixture
def owner(tmp_path):
    return Owner(tmp_path)


@pytest.fixture
def on_worker(monkeypatch):
    """Unpickle as a worker does: it made no broadcast itself."""

    def unpickle(data):
        with monkeypatch.context() as patched:
            patched.setattr(module, "_driver_broadcasts", weakref.WeakValueDictionary())
            return pickle.loads(data)

    monkeypatch.setattr(module, "_worker_broadcasts", {})
    return unpickle


def files(owner):
    return os.listdir(os.path.join(owner.local_dir, "broadcasts"))


@pytest.mark.parametrize("value", [None, 0, "text", {"a": [1]}, b"x" * 3_000_000], ids=type)
def test_driver_and_worker_see_the_value(owner, on_worker, value):
    broadcast = Broadcast(owner, value)
    assert broadcast.value == value
    received = on_worker(cloudpickle.dumps(lambda: broadcast))()
    assert received.value == value
    assert received.value is received.value
    assert received.id == broadcast.id


def test_the_driver_has_a_copy(owner):
    original = [1]
    broadcast = Broadcast(owner, original)
    original.append(2)
    assert broadcast.value == [1]


def test_functions_can_be_broadcast(owner):
    three = 3
    assert Broadcast(owner, lambda x: x + three).value(4) == 7


def test_all_closures_of_a_worker_share_one_object(owner, on_worker):
    broadcast = Broadcast(owner, [1])
    first, second = (on_worker(pickle.dumps(broadcast)) for _ in range(2))
    assert first is second


def test_a_broadcast_that_comes_back_to_the_driver_is_the_same(owner):
    broadcast = Broadcast(owner, 1)
    assert pickle.loads(pickle.dumps(broadcast)) is broadcast


def test_worker_must_not_unpersist_or_destroy(owner, on_worker):
    broadcast = Broadcast(owner, 1)
    received = on_worker(pickle.dumps(broadcast))
    with pytest.raises(PySparkRuntimeError, match=r"can only be unpersisted in driver"):
        received.unpersist()
    with pytest.raises(PySparkRuntimeError, match=r"can only be destroyed in driver"):
        received.destroy()
    assert received.value == 1


@pytest.mark.parametrize("blocking", [False, True])
def test_unpersisted_values_are_loaded_again(owner, on_worker, blocking):
    broadcast = Broadcast(owner, [1])
    received = on_worker(pickle.dumps(broadcast))
    before = received.value
    drop_stale()
    assert received.value is before
    broadcast.unpersist(blocking)
    drop_stale()
    assert received.value is not before
    assert received.value == [1]
    assert broadcast.value == [1]


def test_destroyed_broadcasts_raise(owner, on_worker):
    broadcast, message = Broadcast(owner, [1]), "after it was destroyed"
    received = on_worker(pickle.dumps(broadcast))
    late = on_worker(pickle.dumps(broadcast))
    assert received.value == [1]
    broadcast.destroy()
    assert files(owner) == []
    for use in (
        broadcast.destroy,
        broadcast.unpersist,
        lambda: broadcast.value,
        lambda: pickle.dumps(broadcast),
    ):
        with pytest.raises(SparkException, match=message):
            use()
    drop_stale()
    with pytest.raises(SparkException, match=message):
        _ = late.value


def test_copies_of_other_machines_are_removed_when_nobody_wants_them(owner):
    first, second, third = (Broadcast(owner, n) for n in range(3))
    names = [f"broadcast_{each.id}" for each in (first, second, third)]
    first.unpersist()
    second.destroy()
    assert owner.removed == names[:2]
    del third
    assert owner.removed == names
    first.destroy()
    assert owner.removed == [*names, names[0]]


def test_a_copy_removed_just_when_it_was_found_is_fetched_again(owner, on_worker, monkeypatch):
    broadcast = Broadcast(owner, [1])
    received = on_worker(pickle.dumps(broadcast))
    found = iter([f"{owner.local_dir}/removed", broadcast._path])
    monkeypatch.setattr(module, "driver_file", lambda path: next(found))
    assert received.value == [1]


def test_the_driver_keeps_a_value_it_read_before_destroying(owner):
    broadcast = Broadcast(owner, [1])
    assert broadcast.value == [1]
    broadcast.destroy()
    assert broadcast.value == [1]


@pytest.mark.parametrize("value", [threading.Lock(), (i for i in ())], ids=["lock", "generator"])
def test_what_cannot_be_pickled_is_named_and_leaves_no_file(owner, value):
    with pytest.raises(pickle.PicklingError, match="Could not serialize broadcast: TypeError"):
        Broadcast(owner, [1, value])
    assert files(owner) == []


def test_value_cannot_be_assigned(owner):
    with pytest.raises(AttributeError):
        Broadcast(owner, 1).value = 2


def test_dump_and_load(owner, tmp_path):
    broadcast = Broadcast(owner, None)
    path = tmp_path / "dumped"
    file = path.open("wb")
    broadcast.dump({"a": np.arange(10_000)}, file)
    assert file.closed
    assert broadcast.load_from_path(str(path))["a"].sum() == 49995000
    assert broadcast.load(io.BytesIO(path.read_bytes()))["a"].sum() == 49995000


@pytest.mark.parametrize("length", [10, 2_000, 1_000_000])
def test_arrays_come_back_writable_and_private(owner, on_worker, length):
    array = np.arange(length, dtype=np.float64)
    broadcast = Broadcast(owner, {"a": array, "b": array.astype("int32")})
    received = on_worker(pickle.dumps(broadcast)).value
    np.testing.assert_array_equal(received["a"], array)
    assert received["b"].dtype == np.int32
    received["a"][0] = -1
    assert broadcast.value["a"][0] == 0


def test_large_arrays_are_aligned_views_of_the_file(owner, on_worker):
    broadcast = Broadcast(owner, [np.ones(3), np.ones(300_001, "u1"), np.arange(1_000_000)])
    received = on_worker(pickle.dumps(broadcast)).value
    assert not received[2].flags.owndata
    assert received[2].ctypes.data % 64 == 0
    broadcast.destroy()
    assert received[2].sum() == 499999500000  # a mapping outlives its file's name


def test_a_truncated_file_is_an_error(owner):
    broadcast = Broadcast(owner, list(range(1000)))
    os.truncate(broadcast._path, 100)
    with pytest.raises(ValueError, match="not a complete broadcast"):
        _ = broadcast.value


def test_a_forgotten_broadcast_removes_its_file(owner):
    broadcast = Broadcast(owner, 1)
    assert len(files(owner)) == 1
    del broadcast
    gc.collect()
    assert files(owner) == []


def test_a_nested_broadcast_lives_as_long_as_the_outer_one(owner, on_worker):
    outer = Broadcast(owner, {"inner": Broadcast(owner, 7)})
    gc.collect()
    assert on_worker(pickle.dumps(outer)).value["inner"].value == 7


def test_the_broadcasts_of_a_closure_are_collected(owner):
    broadcast = Broadcast(owner, 1)
    with collecting_broadcasts() as outer:
        with collecting_broadcasts() as inner:
            cloudpickle.dumps(lambda: broadcast)
        assert inner == [broadcast]
        assert outer == [broadcast]
    cloudpickle.dumps(lambda: broadcast)
    assert outer == [broadcast]


def test_another_process_can_load_it(owner):
    broadcast = Broadcast(owner, {"a": np.arange(500_000)})
    program = (
        "import pickle, sys\n"
        "b = pickle.load(sys.stdin.buffer)\n"
        "print(b.value['a'].sum(), b.value['a'].flags.owndata)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=pickle.dumps(broadcast),
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout.split() == [b"124999750000", b"False"]


def test_a_full_disk_names_the_setting(owner, monkeypatch):
    def full(value, file):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "dump_value", full)
    with pytest.raises(SparkException, match=r"No space left.*spark\.local\.dir"):
        Broadcast(owner, 1)
    assert files(owner) == []
