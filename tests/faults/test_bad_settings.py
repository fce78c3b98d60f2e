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
