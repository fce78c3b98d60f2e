"""Shuffle more between two machines than their memory and object stores hold together.

    python -m tests.clusters.large_shuffle [TIMES]    four times as much by default

A hundred map tasks send bytes to a hundred reduce tasks, half of them to one; each reduce task
sorts what it gets and checks it.
"""

import logging
import os
import sys
import tempfile
import threading
import time
from random import Random

import psutil

from pyrite.core.conf import SparkConf
from pyrite.core.context import SparkContext
from tests.clusters.conftest import STORE_BYTES, RayNodes

TASKS = 100
VALUE_BYTES = 10_000
MEMORY_MIB = 512
NODES = 2


def make(task, records):
    """The records of a map task; every second one goes to the first reduce task."""
    chance = Random(task)
    for number in range(records):
        key = chance.randrange(1, 1 << 40)
        reducer = chance.randrange(TASKS) if number % 2 else 0
        yield (reducer, key), key.to_bytes(5, "big") * (VALUE_BYTES // 5)


def check(elements):
    """Count a reduce task's records; they must be in order and whole."""
    count, last = 0, -1
    for (_, key), value in elements:
        if key < last or value != key.to_bytes(5, "big") * (VALUE_BYTES // 5):
            raise ValueError(f"record {count} is wrong: {key} after {last}")
        count, last = count + 1, key
    yield count


class Watch(threading.Thread):
    """Notes how much memory the processes of the cluster take at most, shared pages once."""

    def __init__(self):
        super().__init__(daemon=True)
        self.most = 0
        self.over = threading.Event()

    def run(self):
        while not self.over.wait(1):
            taken = 0
            for process in psutil.Process().children(recursive=True):
                try:
                    taken += process.memory_full_info().uss
                except psutil.Error:
                    continue
            self.most = max(self.most, taken)


def main(times):
    """Shuffle ``times`` as much as there is room for; print what it took."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    room = NODES * (STORE_BYTES + (MEMORY_MIB << 20))
    records = int(times * room / VALUE_BYTES / TASKS)
    nodes, watch = RayNodes(), Watch()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            conf = SparkConf().setMaster(nodes.master).setAppName("large shuffle")
            conf.set("spark.ui.enabled", "false").set("spark.local.dir", scratch)
            conf.set("spark.executor.memory", f"{MEMORY_MIB}m")
            with SparkContext(conf=conf) as sc:
                watch.start()
                began = time.monotonic()
                made = sc.parallelize(range(TASKS), TASKS).flatMap(lambda task: make(task, records))
                sorted_there = made.repartitionAndSortWithinPartitions(TASKS, lambda key: key[0])
                counts = sorted_there.mapPartitions(check).collect()
                seconds = time.monotonic() - began
            left = os.listdir(scratch)
    finally:
        watch.over.set()
        nodes.stop()
    right = sum(counts) == records * TASKS and not left
    print(
        f"{'right' if right else 'WRONG'}: {sum(counts) * VALUE_BYTES / 1e9:.1f} GB in "
        f"{seconds:.0f} s, {max(counts) / sum(counts):.0%} of it in one task; room in memory "
        f"{room / 1e9:.1f} GB, all processes took at most {watch.most / 1e9:.1f} GB"
    )
    return 0 if right else 1


if __name__ == "__main__":
    logging.getLogger("pyrite").setLevel(logging.ERROR)
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 4))
