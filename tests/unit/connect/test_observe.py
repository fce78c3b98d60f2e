"""``observe``: metrics of the rows that pass, in the one run that delivers them."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyspark.errors import AnalysisException, ArithmeticException
from pyspark.sql import Observation, Window
from pyspark.sql import functions as F
from pyspark.sql.connect.dataframe import DataFrame

Build = Callable[[DataFrame], Any]


def observed(frame: DataFrame, act: Build) -> dict[str, Any]:
    """What is observed of a DataFrame with a column ``id`` while something is done above."""
    observation = Observation()
    act(frame.observe(observation, F.count(F.lit(1)).alias("n"), F.max("id").alias("top")))
    return observation.get


def test_metrics_are_those_of_the_rows_that_are_delivered(local_spark: Any) -> None:
    seen = Observation()
    frame = local_spark.range(1000).select(F.rand().alias("r"))
    rows = frame.observe(seen, F.max("r").alias("top"), F.min("r").alias("least")).collect()
    values = [row.r for row in rows]
    assert seen.get == {"top": max(values), "least": min(values)}


def test_what_is_below_runs_once(local_spark: Any, tmp_path: Path) -> None:
    calls = tmp_path / "calls"

    def noted(value: int) -> int:
        with calls.open("a") as file:
            file.write(".")
        return value

    column = F.udf(noted, "long", useArrow=False)("id").alias("id")
    assert observed(local_spark.range(20).select(column), DataFrame.collect) == {"n": 20, "top": 19}
    assert calls.read_text() == "." * 20


@pytest.mark.parametrize(
    ("act", "metrics"),
    [
        (lambda d: d.limit(3).collect(), {"n": 3, "top": 2}),
        (lambda d: d.select(d.id + 1).limit(3).collect(), {"n": 3, "top": 2}),
        (lambda d: d.offset(2).limit(3).collect(), {"n": 5, "top": 4}),
        (lambda d: d.offset(2).collect(), {"n": 10, "top": 9}),
        (lambda d: d.take(2), {"n": 2, "top": 1}),
        (lambda d: d.first(), {"n": 1, "top": 0}),
        (lambda d: d.limit(3).count(), {"n": 3, "top": 2}),
        (lambda d: d.orderBy(F.desc("id")).limit(2).collect(), {"n": 10, "top": 9}),
        (lambda d: d.filter("id > 100").collect(), {"n": 10, "top": 9}),
        (lambda d: d.groupBy(d.id % 2).count().collect(), {"n": 10, "top": 9}),
        (lambda d: d.count(), {"n": 10, "top": 9}),
        (lambda d: d.toPandas(), {"n": 10, "top": 9}),
        (lambda d: list(d.toLocalIterator()), {"n": 10, "top": 9}),
        (lambda d: d.alias("a").join(d.alias("b"), "id").count(), {"n": 10, "top": 9}),
        (lambda d: d.union(d).count(), {"n": 10, "top": 9}),
        (lambda d: d.select(F.udf(lambda x: x, "long")("id")).collect(), {"n": 10, "top": 9}),
        (lambda d: d.cache().count(), {"n": 10, "top": 9}),
        (lambda d: d.write.format("noop").mode("overwrite").save(), {"n": 10, "top": 9}),
    ],
)
def test_rows_that_come_are_counted_as_spark_counts_them(
    local_spark: Any, act: Build, metrics: dict[str, Any]
) -> None:
    assert observed(local_spark.range(0, 10, 1, 1), act) == metrics


def test_show_lets_one_row_more_pass_than_it_draws(
    local_spark: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert observed(local_spark.range(50), DataFrame.show) == {"n": 21, "top": 20}
    assert "only showing top 20 rows" in capsys.readouterr().out


def test_what_is_below_an_observe_is_not_counted(local_spark: Any) -> None:
    assert observed(local_spark.range(10).limit(4), DataFrame.collect) == {"n": 4, "top": 3}
    assert observed(local_spark.range(10).filter("id > 20"), DataFrame.collect) == {
        "n": 0,
        "top": None,
    }


def test_several_observations_of_one_query(local_spark: Any) -> None:
    first, second, third = Observation("first"), Observation("second"), Observation("third")
    below = local_spark.range(10).observe(first, F.count("*").alias("n"))
    groups = below.groupBy((F.col("id") % 3).alias("id")).count()
    above = groups.observe(second, F.count("*").alias("n"), F.sum("count").alias("s"))
    joined = above.join(local_spark.range(2).observe(third, F.avg("id").alias("mean")), "id")
    assert len(joined.collect()) == 2
    assert (first.get, second.get, third.get) == ({"n": 10}, {"n": 3, "s": 10}, {"mean": 0.5})


def test_columns_may_come_twice_or_not_at_all(local_spark: Any) -> None:
    twice = local_spark.range(3).select("id", F.col("id").alias("x"), F.col("id").alias("y"), "id")
    seen = Observation()
    rows = twice.observe(seen, F.sum("x"), F.sum("y").alias("y")).collect()
    assert (tuple(rows[2]), seen.get) == ((2, 2, 2, 2), {"sum(x)": 3, "y": 3})
    nothing = Observation()
    assert local_spark.range(3).select().observe(nothing, F.count("*").alias("n")).count() == 3
    assert nothing.get == {"n": 3}


def test_metrics_of_any_type(local_spark: Any) -> None:
    seen = Observation()
    metrics = [
        F.max(F.struct("id")).alias("row"),
        F.collect_list("id").alias("list"),
        F.sum(F.col("id").cast("decimal(30,2)") * F.col("id")).alias("decimal"),
        F.max(F.lit("2020-01-01").cast("date")).alias("date"),
        (F.sum("id") / F.count("*") + 1).alias("mean"),
        F.max(F.lit(None).cast("int")).alias("none"),
        F.sum(F.udf(lambda x: x + 1, "long")("id")).alias("python"),
    ]
    local_spark.range(3).observe(seen, *metrics).collect()
    assert str(seen.get["row"]) == "Row(id=2)"
    assert {name: str(value) for name, value in seen.get.items() if name != "row"} == {
        "list": "[0, 1, 2]",
        "decimal": "5.00",
        "date": "2020-01-01",
        "mean": "2.0",
        "none": "None",
        "python": "6",
    }


def test_another_thread_can_wait_for_metrics(local_spark: Any) -> None:
    seen, got = Observation(), list[Any]()
    frame = local_spark.range(5).observe(seen, F.sum("id").alias("s"))
    thread = threading.Thread(target=lambda: got.append(seen.get))
    frame.collect()
    thread.start()
    thread.join()
    assert got == [{"s": 10}]


def test_what_is_kept_for_metrics_is_removed(local_spark: Any) -> None:
    scratch = Path(local_spark.sparkContext.local_dir)
    observed(local_spark.range(5), DataFrame.collect)
    with pytest.raises(ArithmeticException, match="DIVIDE_BY_ZERO"):
        observed(local_spark.range(5).withColumn("id", F.lit(1) / F.col("id")), DataFrame.collect)
    assert not list(scratch.glob("observed*"))


def test_metrics_that_fail_fail_the_query(local_spark: Any) -> None:
    metric = F.sum(F.lit(1) / F.col("id")).alias("x")
    with pytest.raises(ArithmeticException, match="DIVIDE_BY_ZERO"):
        local_spark.range(5).observe("a", metric).collect()


@pytest.mark.parametrize(
    ("metric", "condition"),
    [
        (F.col("id").alias("x"), "NON_AGGREGATE_FUNC_ARG_IS_ATTRIBUTE"),
        (F.col("id") + F.sum("id"), "NON_AGGREGATE_FUNC_ARG_IS_ATTRIBUTE"),
        (F.rand() + F.sum("id"), "NON_AGGREGATE_FUNC_ARG_IS_NON_DETERMINISTIC"),
        (F.count_distinct("id"), "AGGREGATE_EXPRESSION_WITH_DISTINCT_UNSUPPORTED"),
        (
            F.expr("sum(id) FILTER (WHERE id > 1)"),
            "AGGREGATE_EXPRESSION_WITH_FILTER_UNSUPPORTED",
        ),
        (F.sum(F.sum("id")), "NESTED_AGGREGATES_UNSUPPORTED"),
        (F.sum("id").over(Window.partitionBy("id")), "WINDOW_EXPRESSIONS_UNSUPPORTED"),
    ],
)
def test_metrics_have_to_be_aggregates(local_spark: Any, metric: Any, condition: str) -> None:
    with pytest.raises(AnalysisException) as raised:
        local_spark.range(3).observe("a", metric).collect()
    assert raised.value.getCondition() == f"INVALID_OBSERVED_METRICS.{condition}"


def test_a_name_stands_for_the_same_metrics_everywhere(local_spark: Any) -> None:
    frame = local_spark.range(3).observe("a", F.count("*"))
    with pytest.raises(AnalysisException, match="DUPLICATED_METRICS_NAME"):
        frame.observe("a", F.sum("id")).collect()
    with pytest.raises(AnalysisException, match="DUPLICATED_METRICS_NAME"):
        frame.join(local_spark.range(3).observe("a", F.count("*")), "id").collect()
    assert frame.join(frame.withColumnRenamed("id", "j"), F.expr("id = j")).count() == 3
