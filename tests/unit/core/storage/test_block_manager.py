"""Blocks through the door: every level, room for some, room for none."""

import errno
import os

import pytest

from pyrite.core.errors import SparkException
from pyrite.core.storage import disk_store
from pyrite.core.storage.block_id import RDDBlockId
from pyrite.core.storage.block_manager import BlockManager
from pyrite.core.storage.level import StorageLevel, is_stored

LEVELS = [
    name
    for name, value in vars(StorageLevel).items()
    if isinstance(value, StorageLevel) and is_stored(value)
]
MB = 1 << 20


@pytest.fixture
def manager(tmp_path):
    return BlockManager(MB, str(tmp_path / "blocks"))


def block(partition, rdd=1):
    return RDDBlockId(rdd, partition)


def texts(count, tag=""):
    """`count` records of about 1 kB that pickling does not shrink much."""
    return [f"{tag}{i:05d}" + "x" * 1000 for i in range(count)]


@pytest.mark.parametrize("name", LEVELS)
@pytest.mark.parametrize(
    "values",
    [[], [1, 2, 3], [(1, [2]), (3, [])], [{"a": [1]}, None], list(range(20_000))],
    ids=["empty", "flat", "pairs of lists", "opaque", "many"],
)
def test_every_level_gives_back_what_was_put(manager, name, values):
    assert manager.get(block(0)) is None
    assert list(manager.put(block(0), iter(values), getattr(StorageLevel, name))) == values
    assert list(manager.get(block(0))) == values
    assert list(manager.get(block(0))) == values
    assert manager.contains(block(0))


def test_level_none_stores_nothing(manager):
    assert list(manager.put(block(0), iter([1]), StorageLevel.NONE)) == [1]
    assert not manager.contains(block(0))


@pytest.mark.parametrize("name", LEVELS)
@pytest.mark.parametrize(
    "values",
    [
        [[1], [2]],
        [(1, [1]), (2, [2])],
        [("a", {"x": 1})],
        [("a", {1, 2}, bytearray(b"z"))],
        [(1, [[1], [2]])],
    ],
    ids=repr,
)
def test_changes_made_by_one_reader_are_not_seen_by_the_next(manager, name, values):
    expected = repr(values)
    first = manager.put(block(0), iter(values), getattr(StorageLevel, name))
    for reading in (first, manager.get(block(0)), manager.get(block(0))):
        records = list(reading)
        assert repr(records) == expected
        for record in records:
            for part in record if isinstance(record, tuple) else (record,):
                if hasattr(part, "clear"):
                    part.clear()
    assert repr(list(manager.get(block(0)))) == expected


def test_a_partition_that_never_fits_memory_only_is_read_through_and_not_kept(manager):
    values = texts(5000)
    source = iter(values)
    reading = manager.put(block(0), source, StorageLevel.MEMORY_ONLY)
    assert next(source)  # not all of it was read to find out
    assert len(list(reading)) == 4999
    assert not manager.contains(block(0))
    assert manager.memory_used == 0


def test_what_does_not_fit_in_memory_goes_to_disk(manager, tmp_path):
    values = texts(5000)
    reading = manager.put(block(0), iter(values), StorageLevel.MEMORY_AND_DISK)
    assert list(reading) == values
    (update,) = manager.take_updates()
    assert update.memory_size == 0
    assert update.disk_size > 5_000_000
    assert os.listdir(tmp_path / "blocks") == ["rdd_1_0"]
    assert list(manager.get(block(0))) == values


def test_live_blocks_are_pickled_before_any_is_dropped(manager):
    for partition in range(10):
        manager.put(block(partition), list(range(10_000)), StorageLevel.MEMORY_ONLY)
    assert all(manager.contains(block(p)) for p in range(10))
    assert manager.memory_used <= MB
    assert [list(manager.get(block(p))) for p in range(10)] == [list(range(10_000))] * 10


def test_the_least_recently_used_block_of_another_rdd_goes_first(manager):
    for partition in range(3):
        manager.put(block(partition), texts(250), StorageLevel.MEMORY_ONLY)
    assert manager.get(block(0)) is not None
    manager.take_updates()
    manager.put(block(0, rdd=2), texts(400), StorageLevel.MEMORY_ONLY)
    assert manager.contains(block(0, rdd=2))
    assert manager.contains(block(0))
    assert not manager.contains(block(1))
    gone = [u.block_id for u in manager.take_updates() if not u.memory_size]
    assert gone == [block(1)]


def test_blocks_of_the_same_rdd_are_never_pushed_out(manager):
    for partition in range(6):
        manager.put(block(partition), texts(300), StorageLevel.MEMORY_ONLY)
    kept = [manager.contains(block(p)) for p in range(6)]
    assert kept == [True] * 3 + [False] * 3


def test_a_pushed_out_block_moves_to_disk_when_its_level_says_so(manager, tmp_path):
    values = texts(600)
    manager.put(block(0), values, StorageLevel.MEMORY_AND_DISK)
    manager.put(block(0, rdd=2), texts(700), StorageLevel.MEMORY_ONLY)
    assert os.listdir(tmp_path / "blocks") == ["rdd_1_0"]
    assert list(manager.get(block(0))) == values
    manager.remove_rdd(2)
    assert list(manager.get(block(0))) == values
    assert os.listdir(tmp_path / "blocks") == []  # back in memory


@pytest.mark.parametrize("damage", ["delete", "truncate", "flip", "empty"])
def test_a_lost_or_damaged_file_reads_as_absent(manager, tmp_path, damage):
    manager.put(block(0), texts(10), StorageLevel.DISK_ONLY)
    manager.take_updates()
    path = tmp_path / "blocks" / "rdd_1_0"
    data = bytearray(path.read_bytes())
    if damage == "delete":
        path.unlink()
    elif damage == "truncate":
        path.write_bytes(data[:-40])
    elif damage == "empty":
        path.write_bytes(b"")
    else:
        data[100] ^= 1
        path.write_bytes(data)
    assert manager.get(block(0)) is None
    assert not manager.contains(block(0))
    assert [(u.memory_size, u.disk_size) for u in manager.take_updates()] == [(0, 0)]
    assert list(manager.put(block(0), [1], StorageLevel.DISK_ONLY)) == [1]


@pytest.mark.parametrize("level", [StorageLevel.DISK_ONLY, StorageLevel.MEMORY_AND_DISK])
def test_a_full_disk_is_one_clear_error_and_no_half_file(manager, tmp_path, monkeypatch, level):
    def full(file, data, *names):
        try:
            if file.tell() > 100_000:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            file.write(data)
        except OSError as error:
            raise disk_store._cannot_write(*names, error) from error

    monkeypatch.setattr(disk_store, "_write", full)
    with pytest.raises(SparkException, match=r"rdd_1_0 in .*blocks.*No space.*spark\.local\.dir"):
        manager.put(block(0), texts(5000), level)
    assert os.listdir(tmp_path / "blocks") == []
    assert not manager.contains(block(0))
    assert manager.memory_used == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_device_that_is_full_is_reported(tmp_path):
    directory = tmp_path / "blocks"
    directory.mkdir()
    (directory / f"rdd_1_0.{os.getpid()}.tmp").symlink_to("/dev/full")
    manager = BlockManager(MB, str(directory))
    with pytest.raises(SparkException, match=r"No space left.*spark\.local\.dir"):
        manager.put(block(0), texts(500), StorageLevel.DISK_ONLY)
    assert os.listdir(directory) == []


def test_an_unwritable_directory_is_reported(tmp_path):
    (tmp_path / "file").write_text("in the way")
    manager = BlockManager(MB, str(tmp_path / "file" / "blocks"))
    with pytest.raises(SparkException, match=r"Cannot store block rdd_1_0.*spark\.local\.dir"):
        manager.put(block(0), [1], StorageLevel.DISK_ONLY)


@pytest.mark.parametrize("level", [StorageLevel.MEMORY_ONLY, StorageLevel.DISK_ONLY])
def test_a_failing_computation_leaves_nothing_behind(manager, tmp_path, level):
    def failing():
        yield from texts(200)
        raise KeyError("user's own")

    with pytest.raises(KeyError):
        manager.put(block(0), failing(), level)
    assert not manager.contains(block(0))
    assert not (tmp_path / "blocks").exists() or os.listdir(tmp_path / "blocks") == []
    # All memory is available again.
    manager.put(block(1), texts(800), StorageLevel.MEMORY_ONLY)
    assert manager.contains(block(1))


def test_a_put_inside_a_put_shares_the_limit(manager):
    def outer():
        yield from texts(300)
        manager.put(block(0, rdd=2), texts(300), StorageLevel.MEMORY_ONLY)
        yield from texts(300)

    manager.put(block(0), outer(), StorageLevel.MEMORY_ONLY)
    assert manager.memory_used <= MB
    assert manager.contains(block(0))


def test_removing_an_rdd_removes_its_files_and_reports_it(manager, tmp_path):
    manager.put(block(0), [1], StorageLevel.DISK_ONLY)
    manager.put(block(1), [1], StorageLevel.MEMORY_ONLY)
    manager.put(block(0, rdd=2), [1], StorageLevel.DISK_ONLY)
    manager.take_updates()
    assert manager.remove_rdd(1) == 2
    assert os.listdir(tmp_path / "blocks") == ["rdd_2_0"]
    gone = {u.block_id: (u.memory_size, u.disk_size) for u in manager.take_updates()}
    assert gone == {block(0): (0, 0), block(1): (0, 0)}
    manager.remove_rdd(2)
    assert os.listdir(tmp_path / "blocks") == []


def test_updates_are_reported_once_with_the_latest_sizes(manager):
    manager.put(block(0), texts(10), StorageLevel.MEMORY_ONLY)
    (update,) = manager.take_updates()
    assert update.level == StorageLevel.MEMORY_ONLY
    assert 10_000 < update.memory_size < 20_000
    assert update.disk_size == 0
    assert manager.take_updates() == []
    manager.get(block(0))
    assert manager.take_updates() == []


def test_instances_of_classes_without_a_module_can_be_cached(manager):
    local = type("Local", (), {"__eq__": lambda a, b: a.x == b.x, "__hash__": None})
    values = [local()]
    values[0].x = 5
    manager.put(block(0), values, StorageLevel.DISK_ONLY)
    (back,) = manager.get(block(0))
    assert back.x == 5
