"""Data several times the memory limits gives the same answers, in bounded processes."""

import json
import random

import pytest
from pyspark.storagelevel import StorageLevel

from pyrite.core.errors import SparkException

#: A record is about 1000 bytes, so this is 40 MB: five times the 8 MB that a worker may use.
COUNT = 40_000
LIMIT = "8m"


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return tmp_path_factory.mktemp("log")


@pytest.fixture
def small(start, log):
    return start(
        settings={
            "spark.python.worker.memory": LIMIT,
            "spark.executor.memory": "24m",
            "spark.eventLog.enabled": "true",
            "spark.eventLog.compress": "false",
            "spark.eventLog.dir": str(log),
        }
    )


@pytest.fixture
def records(small):
    """Records with 400 keys; their text is different for each, and incompressible."""
    return small.range(COUNT, numSlices=4).map(lambda x: (x * 7919 % 400, text(x)))


def text(x):
    return random.Random(x).randbytes(500).hex()


text.__module__ = "__main__"  # pickled by value: workers cannot import this module


def length(values):
    return sum(map(len, values))


length.__module__ = "__main__"


def resident_memory(process):
    return process.memory_info().rss


def spilled(log, application_id):
    """Bytes spilled by the tasks of an application, from its event log."""
    total = 0
    for path in log.glob(f"*{application_id}*/events_*"):
        for line in path.read_text().splitlines():
            event = json.loads(line)
            if event["Event"] == "SparkListenerTaskEnd":
                total += event["Task Metrics"]["Disk Bytes Spilled"]
    return total


HEAVY = {
    "groupByKey": (
        lambda rdd: rdd.groupByKey(2).mapValues(length).values().sum(),
        COUNT * 1000,
    ),
    "one huge group": (
        lambda rdd: rdd.map(lambda kv: (1, kv[1])).groupByKey(2).mapValues(length).collect(),
        [(1, COUNT * 1000)],
    ),
    "sortBy": (
        lambda rdd: (
            rdd.sortBy(lambda kv: kv[1], numPartitions=2)
            .map(lambda kv: kv[1][:4])
            .mapPartitions(lambda part: [(lambda keys: keys == sorted(keys))(list(part))])
            .collect()
        ),
        [True, True],
    ),
    "reduceByKey with many keys": (
        lambda rdd: rdd.map(lambda kv: (kv[1], 1)).reduceByKey(lambda a, b: a + b, 2).count(),
        COUNT,
    ),
    "distinct": (lambda rdd: rdd.values().distinct(2).count(), COUNT),
    "join": (
        lambda rdd: (
            rdd.join(rdd.keys().distinct().map(lambda k: (k, k)), 2)
            .map(lambda kv: kv[0] == kv[1][1] and len(kv[1][0]))
            .sum()
        ),
        COUNT * 1000,
    ),
    "cogroup": (
        lambda rdd: rdd.cogroup(rdd, 2).map(lambda kv: length(kv[1][0]) - length(kv[1][1])).sum(),
        0,
    ),
    "aggregateByKey": (
        lambda rdd: rdd.aggregateByKey("", lambda a, b: max(a, b), max, 2).count(),
        400,
    ),
    "repartition": (lambda rdd: rdd.repartition(3).map(lambda kv: len(kv[1])).sum(), COUNT * 1000),
    "persist(MEMORY_AND_DISK)": (
        lambda rdd: [
            cached.map(lambda kv: len(kv[1])).sum()
            for cached in [rdd.persist(StorageLevel.MEMORY_AND_DISK)]
            for _ in range(2)
        ],
        [COUNT * 1000] * 2,
    ),
    "persist(MEMORY_ONLY)": (
        lambda rdd: [
            cached.map(lambda kv: len(kv[1])).sum()
            for cached in [rdd.persist(StorageLevel.MEMORY_ONLY)]
            for _ in range(2)
        ],
        [COUNT * 1000] * 2,
    ),
}
SPILL = {"groupByKey", "one huge group", "sortBy", "reduceByKey with many keys", "distinct"}


@pytest.mark.parametrize("name", HEAVY)
def test_data_five_times_the_limit(small, records, scratch, log, name):
    action, expected = HEAVY[name]
    result, largest = scratch.watch(resident_memory, lambda: action(records))
    application_id = small.applicationId
    small.stop()
    assert result == expected
    # A worker starts with about 50 MB of interpreter and modules; the data has 80 MB as objects.
    assert largest < 150 << 20
    if name in SPILL:
        assert spilled(log, application_id) > COUNT * 300


def test_a_task_that_takes_more_memory_than_it_may(start):
    sc = start("local[1]", {"spark.executor.pyspark.memory": "600m"})
    with pytest.raises(SparkException) as caught:
        sc.parallelize([1], 1).map(lambda x: len(bytearray(800 << 20))).collect()
    assert "MemoryError" in str(caught.value)
    assert isinstance(caught.value.__cause__, MemoryError)
    assert sc.parallelize([1, 2]).count() == 2


def test_a_task_that_fills_its_memory_little_by_little(start):
    sc = start("local[1]", {"spark.executor.pyspark.memory": "400m"})

    def hoard(x):
        hoarded = []
        while True:
            hoarded.append(str(len(hoarded)) * 100)

    with pytest.raises(SparkException) as caught:
        sc.parallelize([1], 1).map(hoard).collect()
    assert "MemoryError" in str(caught.value)
    assert sc.parallelize([1, 2]).count() == 2
