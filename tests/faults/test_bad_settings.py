"""Settings that cannot be used are named in the error."""

import pytest

from pyrite.core.errors import PySparkException, SparkException

MASTERS = ["locale", "local[", "local[x]", "spark:/x", "yarn"]


@pytest.mark.parametrize("master", MASTERS)
def test_bad_masters(start, master):
    with pytest.raises((SparkException, PySparkException, ValueError)) as caught:
        start(master)
    assert master in str(caught.value)


MEMORY = {
    "spark.executor.memory": ["lots", "-1g", "1x"],
    "spark.python.worker.memory": ["many", ""],
    "spark.executor.pyspark.memory": ["big"],
}


@pytest.mark.parametrize(
    ("key", "value"), [(key, value) for key, values in MEMORY.items() for value in values]
)
def test_bad_memory_strings(start, key, value):
    with pytest.raises((SparkException, PySparkException, ValueError)) as caught:
        start(settings={key: value})
    assert key in str(caught.value)
    assert value in str(caught.value)


def test_no_threads_at_all(start):
    with pytest.raises(SparkException, match="Asked to run locally with 0 threads"):
        start("local[0]")


@pytest.mark.parametrize(
    "key",
    [
        "spark.ui.retainedJobs",
        "spark.scheduler.listenerbus.eventqueue.capacity",
        "spark.task.maxFailures",
        "spark.default.parallelism",
    ],
)
def test_bad_numbers_leave_nothing(start, key):
    with pytest.raises(PySparkException, match=f"{key}.*'many'"):
        start(settings={key: "many"})


def test_barriers_and_dynamic_allocation(start):
    sc = start("local-cluster[1,2,512]", {"spark.dynamicAllocation.enabled": "true"})
    together = sc.parallelize(range(4), 2).barrier().mapPartitions(lambda part: part)
    for _ in range(2):
        with pytest.raises(SparkException, match=r"SPARK-24942.*dynamic resource allocation"):
            together.map(lambda x: (x, x)).groupByKey().count()
    assert sc.parallelize(range(4), 2).sum() == 6
