import sys
from functools import reduce
from operator import or_
from typing import Any

from pyspark.sql.functions import col, lit, rand, when

from pyrite.connect.deep_plans import room_for_deep_plans


def test_columns_can_be_added_in_a_long_loop(spark: Any) -> None:
    frame = spark.range(3)
    for n in range(600):
        frame = frame.withColumn(f"c{n % 5}", col("id") + n)
    assert frame.columns == ["id", "c0", "c1", "c2", "c3", "c4"]
    assert list(frame.collect()[2]) == [2, 597, 598, 599, 600, 601]


def test_many_frames_can_be_put_together(spark: Any) -> None:
    frame = reduce(lambda left, right: left.union(right), [spark.range(2)] * 500)
    assert frame.count() == 1000


def test_expressions_may_be_deep(spark: Any) -> None:
    frame = spark.range(1000)
    conditions = [col("id") == n for n in range(0, 1000, 5)]
    assert frame.filter(reduce(or_, conditions)).count() == 200
    value = lit(-1)
    for n in range(150):
        value = when(col("id") == n, n * n).otherwise(value)
    assert frame.select(value.alias("v")).agg({"v": "max"}).collect()[0][0] == 149 * 149


def test_the_limit_of_calls_is_as_before_after_the_last_block() -> None:
    usual = sys.getrecursionlimit()
    with room_for_deep_plans():
        with room_for_deep_plans():
            assert sys.getrecursionlimit() > usual
        assert sys.getrecursionlimit() > usual
    assert sys.getrecursionlimit() == usual


def test_columns_may_be_made_one_of_the_other(spark: Any) -> None:
    frame = spark.range(3)
    for n in range(40):
        frame = frame.withColumn(f"c{n}", col(f"c{n - 1}" if n else "id") + 1)
    assert list(frame.collect()[2]) == list(range(2, 43))
    rows = spark.range(3).withColumn("r", rand(7) + 1).withColumn("s", col("r") * 1)
    assert rows.filter("r <> s").count() == 0
