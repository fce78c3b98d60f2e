"""The order of rows that Spark does not promise, and has: as PySpark 4.3 does with ``local[2]``.

``golden_row_order.json`` maps expressions to their rows, not sorted.
"""

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import functions as F

HERE = Path(__file__).parent
GOLDEN = json.loads((HERE / "golden_row_order.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def tables(local_spark: Any) -> dict[str, Any]:
    spec = importlib.util.spec_from_file_location("row_order_tables", HERE / "row_order_tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {"spark": local_spark, **module.make(local_spark)}


@pytest.mark.parametrize("text", GOLDEN)
def test_rows_come_in_sparks_order(tables: dict[str, Any], text: str) -> None:
    rows = [list(row) for row in eval(text, {"F": F, **tables}).collect()]
    assert json.loads(json.dumps(rows, default=str)) == GOLDEN[text]


def test_an_rdd_has_that_order_too(tables: dict[str, Any]) -> None:
    groups = tables["t"].groupBy("k").count()
    assert groups.rdd.collect() == groups.collect()


def test_large_inputs_are_left_alone(tables: dict[str, Any]) -> None:
    large = tables["spark"].range(20_000).groupBy((F.col("id") % 3).alias("k")).count()
    text = large._explain_string(mode="codegen")
    assert "hash" not in text
    assert "ORDER BY" not in text


def test_plans_are_explained_without_what_orders_them(tables: dict[str, Any]) -> None:
    text = tables["t"].groupBy("k").count()._explain_string(extended=True)
    assert "place" not in text
    assert "reducer" not in text


def test_a_table_may_be_read_more_than_once(tables: dict[str, Any]) -> None:
    groups = tables["n"].groupBy("k").count()
    again = groups.alias("a").join(tables["n"], "k").join(groups.alias("b"), "k")
    assert again.count() == 12
    items = tables["staff"].freqItems(["name", "unit"]).first()
    assert sorted(items[1]) == [10, 20, 30]
