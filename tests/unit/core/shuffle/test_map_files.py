import errno
import os

import pytest

from pyrite.core.errors import FetchFailed
from pyrite.core.shuffle import map_file
from pyrite.core.shuffle.map_file import MapFileWriter, remove_map_files


@pytest.fixture
def written(shuffle):
    handle = shuffle.handle(2, 2)
    statuses = [shuffle.write(handle, i, [(k, "x" * 50) for k in range(20)]) for i in range(2)]
    return handle, statuses


def damage(path, position, data):
    with open(path, "r+b") as file:
        file.seek(position, os.SEEK_END if position < 0 else os.SEEK_SET)
        file.write(data)


def test_sizes_are_those_of_the_segments(shuffle, written):
    _, (status, _) = written
    header = 8 + 8 * 3 + 4 * 2
    assert os.path.getsize(status.path) == header + sum(status.sizes)


@pytest.mark.parametrize("mapped_above", [0, 1 << 30])
def test_a_flipped_byte_fails_the_fetch(shuffle, written, mapped_above, monkeypatch):
    monkeypatch.setattr(map_file, "_MAP_ABOVE", mapped_above)
    handle, statuses = written
    assert len(shuffle.read(handle, statuses, 1)) == 20
    damage(statuses[1].path, -3, b"?")
    with pytest.raises(FetchFailed, match="checksum of partition 1") as failure:
        shuffle.read(handle, statuses, 1)
    error = failure.value
    assert (error.shuffle_id, error.map_id, error.reduce_id) == (handle.shuffle_id, 1, 1)
    assert error.executor_id == "e1"
    assert len(shuffle.read(handle, statuses, 0)) == 20


@pytest.mark.parametrize("mapped_above", [0, 1 << 30])
@pytest.mark.parametrize("length", [0, 4, 20, 45])
def test_a_truncated_file_fails_the_fetch(shuffle, written, length, mapped_above, monkeypatch):
    monkeypatch.setattr(map_file, "_MAP_ABOVE", mapped_above)
    handle, statuses = written
    os.truncate(statuses[0].path, length)
    with pytest.raises(FetchFailed, match="truncated"):
        shuffle.read(handle, statuses, 0)


def test_a_damaged_header_fails_the_fetch(shuffle, written):
    handle, statuses = written
    damage(statuses[0].path, 0, b"NOTAFILE")
    with pytest.raises(FetchFailed, match="not a map file"):
        shuffle.read(handle, statuses, 0)
    damage(statuses[1].path, 16, (1 << 40).to_bytes(8, "little"))
    with pytest.raises(FetchFailed, match="instead of"):
        shuffle.read(handle, [statuses[1]], 0)


def test_a_missing_file_or_status_fails_the_fetch(shuffle, written):
    handle, statuses = written
    os.unlink(statuses[1].path)
    with pytest.raises(FetchFailed, match="No such file"):
        shuffle.read(handle, statuses, 0)
    with pytest.raises(FetchFailed, match="not registered") as failure:
        shuffle.read(handle, [None, statuses[1]], 0)
    assert failure.value.map_id == 0


def test_two_attempts_do_not_mix(shuffle):
    handle = shuffle.handle(1, 1)
    first = shuffle.write(handle, 0, [("a", 1)])
    second = shuffle.write(handle, 0, [("b", 2), ("c", 3)])
    assert first.path != second.path
    assert shuffle.read(handle, [first], 0) == [("a", 1)]
    assert shuffle.read(handle, [second], 0) == [("b", 2), ("c", 3)]


def test_an_uncommitted_file_disappears(tmp_path):
    with MapFileWriter(str(tmp_path), 0, 0, 2) as file:
        file.write(b"data")
        assert [name[0] for name in os.listdir(tmp_path)] == ["."]
        with pytest.raises(ValueError, match="0 of 2 segments"):
            file.commit()
    assert os.listdir(tmp_path) == []


def test_a_full_disk_names_the_file_and_the_remedy(shuffle, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(MapFileWriter, "write", full)
    with pytest.raises(OSError, match=r"No space left .*spark\.local\.dir") as failure:
        shuffle.write(shuffle.handle(1, 1), 0, [(1, 2)])
    assert failure.value.errno == errno.ENOSPC
    assert shuffle.directory in str(failure.value)
    assert shuffle.files() == []


def test_removing_a_shuffle_leaves_the_others(shuffle):
    kept = shuffle.handle(1, 1)
    kept.shuffle_id = 1
    removed = shuffle.handle(1, 1)
    removed.shuffle_id = 11
    shuffle.write(kept, 0, [(1, 1)])
    shuffle.write(removed, 0, [(1, 1)])
    assert remove_map_files(shuffle.directory, 11) == 1
    assert remove_map_files(shuffle.directory, 11) == 0
    assert len(shuffle.files()) == 1
