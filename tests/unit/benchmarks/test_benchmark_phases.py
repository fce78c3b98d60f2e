from collections.abc import Iterator
from typing import Any

import pytest
from pyspark.sql import SparkSession

from benchmarks.tpch.phases import phases


@pytest.fixture
def spark() -> Iterator[Any]:
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.getOrCreate()
    yield session
    session.stop()


def test_every_phase_before_a_query_runs_is_measured(spark: Any) -> None:
    spent = phases(spark, "SELECT id % 2 AS odd, count(*) FROM range(5) GROUP BY 1")
    assert [phase.partition(":")[0] for phase in spent] == [
        "Parse",
        "Analyse",
        "Optimise",
        "Lower",
        "DuckDB",
    ]
    assert all(seconds >= 0 for seconds in spent.values())
