"""Buffers through a shuffle: as they were written, however little memory there is."""

import os
import random

import pytest

from pyrite.core.errors import FetchFailed
from pyrite.core.events import TaskMetrics
from pyrite.core.shuffle import BufferWriter, Partitioner, ShuffleHandle, ShuffleReader


def write(tmp_path, handle, map_id, buffers, limit=1 << 20, metrics=None):
    writer = BufferWriter(
        handle,
        map_id,
        str(tmp_path / "shuffle"),
        "0",
        limit,
        str(tmp_path / "spill"),
        metrics or TaskMetrics(),
    )
    return writer.write(buffers)


def read(tmp_path, handle, statuses, start, end):
    reader = ShuffleReader(handle, statuses, start, end, 1 << 20, str(tmp_path / "spill"))
    return [bytes(view) for view in reader.buffers()]


@pytest.mark.parametrize("limit", [1 << 20, 500, 1])
def test_buffers_come_back_by_partition_in_the_order_of_map_tasks(tmp_path, limit):
    draw = random.Random(3)
    handle = ShuffleHandle(0, 2, Partitioner(3, int), of_buffers=True)
    written = [
        [(draw.randrange(3), draw.randbytes(draw.randrange(200)), 7) for _ in range(20)]
        for _ in range(2)
    ]
    metrics = TaskMetrics()
    statuses = [
        write(tmp_path, handle, map_id, buffers, limit, metrics)
        for map_id, buffers in enumerate(written)
    ]
    for start, end in [(0, 1), (1, 2), (2, 3), (0, 3)]:
        wanted = [
            buffer
            for buffers in written
            for partition in range(start, end)
            for place, buffer, _ in buffers
            if place == partition
        ]
        assert read(tmp_path, handle, statuses, start, end) == wanted
    assert [status.records for status in statuses] == [140, 140]
    assert metrics.shuffle_write_records == 280
    assert bool(metrics.disk_bytes_spilled) == (limit < 1 << 20)
    assert not os.path.exists(tmp_path / "spill") or not os.listdir(tmp_path / "spill")


def test_a_lost_file_is_a_failed_fetch(tmp_path):
    handle = ShuffleHandle(4, 1, Partitioner(1, int), of_buffers=True)
    status = write(tmp_path, handle, 0, [(0, b"abc", 1)])
    os.unlink(status.path)
    with pytest.raises(FetchFailed) as caught:
        read(tmp_path, handle, [status], 0, 1)
    assert (caught.value.shuffle_id, caught.value.map_id) == (4, 0)


def test_nothing_is_left_of_a_writer_that_fails(tmp_path):
    handle = ShuffleHandle(0, 1, Partitioner(1, int), of_buffers=True)

    def failing():
        yield 0, b"x" * 100, 1
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        write(tmp_path, handle, 0, failing(), limit=10)
    left = [file for _, _, files in os.walk(tmp_path) for file in files]
    assert left == []
