"""Five times more data than memory: right answers, and memory that stays bounded."""

import os
import subprocess
import sys

import pytest

from pyrite.core.storage.block_id import RDDBlockId
from pyrite.core.storage.block_manager import BlockManager
from pyrite.core.storage.level import StorageLevel, is_stored

LIMIT = 512 << 10
PARTITIONS = 10

LEVELS = [
    name
    for name, value in vars(StorageLevel).items()
    if isinstance(value, StorageLevel) and is_stored(value)
]

SHAPES = {
    "texts": lambda p: (f"{p}:{i}" + "x" * 1000 for i in range(250)),
    "pairs": lambda p: ((i + p, i / 7) for i in range(2_500)),
    "lists": lambda p: ((i, [p + 1000, i + 1000, "text" * 10]) for i in range(1_250)),
    "nested": lambda p: ([[p, i], {"a": "text" * 20}] for i in range(800)),
    "opaque": lambda p: ([[f"{p}:{i}" + "x" * 1000]] for i in range(250)),
}


@pytest.mark.parametrize("name", LEVELS)
@pytest.mark.parametrize("shape", SHAPES)
def test_five_times_the_limit(tmp_path, name, shape):
    manager = BlockManager(LIMIT, str(tmp_path))
    level, make = getattr(StorageLevel, name), SHAPES[shape]
    for _ in range(2):
        for partition in range(PARTITIONS):
            block_id = RDDBlockId(0, partition)
            records = manager.get(block_id)
            if records is None:
                records = manager.put(block_id, make(partition), level)
            assert list(records) == list(make(partition))
            assert manager.memory_used <= LIMIT
    kept = sum(manager.contains(RDDBlockId(0, p)) for p in range(PARTITIONS))
    assert kept == PARTITIONS if level.useDisk else kept >= 1


def test_rdds_take_turns(tmp_path):
    manager = BlockManager(LIMIT, str(tmp_path))
    for rdd in range(8):
        level = StorageLevel.MEMORY_AND_DISK if rdd % 2 else StorageLevel.MEMORY_ONLY
        for partition in range(3):
            list(manager.put(RDDBlockId(rdd, partition), SHAPES["texts"](partition), level))
            assert manager.memory_used <= LIMIT
    for rdd in range(1, 8, 2):
        for partition in range(3):
            values = manager.get(RDDBlockId(rdd, partition))
            assert list(values) == list(SHAPES["texts"](partition))
    for rdd in range(8):
        manager.remove_rdd(rdd)
    assert os.listdir(tmp_path) == []
    assert manager.memory_used == 0


PROGRAM = """
import gc, sys
from pyrite.core.storage.block_id import RDDBlockId
from pyrite.core.storage.block_manager import BlockManager
from pyrite.core.storage.level import StorageLevel

directory, name, shape = sys.argv[1:]
limit = 32 << 20
makers = {
    # One partition of five times the limit, as Python objects and as pickles.
    "texts": lambda: ("x" * 1000 + str(i) for i in range(160_000)),
    "opaque": lambda: ([[i, "x" * 1000]] for i in range(140_000)),
    # Few, large records: one chunk of many would burst the limit.
    "bytes": lambda: (bytes([i % 256]) * (2 << 20) for i in range(80)),
}
manager = BlockManager(limit, directory)
gc.disable()  # as inside a task

def used():
    # Not counting pages of mapped files, which the system takes back when it needs them.
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("RssAnon"))

def watched(records):
    global peak
    for i, record in enumerate(records):
        if i % (5 if shape == "bytes" else 500) == 0:
            peak = max(peak, used())
        yield record

list(manager.put(RDDBlockId(0, 0), range(1000), getattr(StorageLevel, name)))
before = peak = used()
count = 0
for records in (
    manager.put(RDDBlockId(1, 0), watched(makers[shape]()), getattr(StorageLevel, name)),
    manager.get(RDDBlockId(1, 0)) or makers[shape](),
):
    for _ in watched(records):
        count += 1
print((peak - before) / limit, count)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("name", ["MEMORY_ONLY", "MEMORY_AND_DISK", "DISK_ONLY"])
@pytest.mark.parametrize(
    ("shape", "count"), [("texts", 160_000), ("opaque", 140_000), ("bytes", 80)]
)
def test_memory_is_really_bounded(tmp_path, name, shape, count):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), name, shape],
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    used, counted = done.stdout.split()
    assert int(counted) == 2 * count
    # The live form, its pickled form being made, and what allocators keep; keeping all of the
    # data would take more than five.
    assert float(used) < 2.5, f"{used} times the limit"
