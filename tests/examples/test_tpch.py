"""TPC-H: 22 of 22 queries give Spark's answers, over tables made here by tpchgen-cli."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: Gigabytes; the answers of other scales are recorded too, for those who have the time.
SCALE = os.environ.get("TPCH_SCALE", "0.01")
ANSWERS = json.loads((ROOT / "tests" / "data" / "tpch" / f"answers-{SCALE}.json").read_text())


@pytest.fixture(scope="module")
def tpch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session with the tables as views."""
    data = importlib.import_module("benchmarks.tpch.data")
    folder = data.prepare(tmp_path_factory.mktemp("tpch"), float(SCALE))
    from pyspark.sql import SparkSession

    builder: Any = SparkSession.builder
    spark = builder.master("local[2]").getOrCreate()
    for table in data.TABLES:
        spark.read.parquet(str(folder / f"{table}.parquet")).createOrReplaceTempView(table)
    yield spark
    spark.stop()


@pytest.mark.parametrize("number", [int(n) for n in ANSWERS])
def test_the_answer_is_sparks(tpch: Any, number: int) -> None:
    data = importlib.import_module("benchmarks.tpch.data")
    answers = importlib.import_module("tests.oracle.tpch_answers")
    found = answers.answer(tpch.sql(data.query(number, float(SCALE))).toArrow())
    assert found == ANSWERS[str(number)]
