"""Structs with several fields of one name, which Spark allows and DuckDB does not."""

from typing import Any

import pytest
from pyspark.sql import Row, SparkSession

PAIR = Row("a", "a")


@pytest.mark.parametrize(
    ("text", "type_text", "value"),
    [
        ("arrays_zip(array(1, 2), array(1, 2)) AS z", "array<struct<0:int,1:int>>", None),
        ("arrays_zip(x, x)", "array<struct<x:int,x:int>>", [(1, 1), (2, 2)]),
        ("struct(1 AS a, 2 AS a, 3 AS A)", "struct<a:int,a:int,A:int>", (1, 2, 3)),
        ("struct(1 AS a, 2 AS a, 3 AS b).b", "int", 3),
        ("cast(struct(1, 2) AS struct<a:int,a:string>)", "struct<a:int,a:string>", (1, "2")),
        ("map('k', struct(1 AS a, 2 AS a))", "map<string,struct<a:int,a:int>>", {"k": (1, 2)}),
        ("struct(1 AS a, 2 AS a) = struct(1 AS a, 2 AS a)", "boolean", True),
    ],
)
def test_each_field_keeps_its_value(
    spark: SparkSession, text: str, type_text: str, value: Any
) -> None:
    frame = spark.sql(f"SELECT {text} FROM VALUES (array(1, 2)) AS t(x)")
    assert frame.schema[0].dataType.simpleString() == type_text
    (row,) = frame.collect()
    assert value is None or row[0] == value


def test_rows_of_a_program_may_have_them(spark: SparkSession) -> None:
    frame = spark.createDataFrame([((1, 2),)], "s struct<a:int,a:int>")
    assert frame.collect() == [Row(s=PAIR(1, 2))]
