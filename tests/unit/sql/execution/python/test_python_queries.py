"""Queries with users' Python in them, from the session to the workers and back."""

import datetime
import os
import signal
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyspark import SparkContext, TaskContext
from pyspark.errors import (
    AnalysisException,
    IllegalArgumentException,
    PySparkException,
    PythonException,
    SparkRuntimeException,
    UnsupportedOperationException,
)
from pyspark.sql import Row, SparkSession, Window
from pyspark.sql import functions as F
from pyspark.sql.functions import arrow_udf, pandas_udf, udf, udtf
from pyspark.sql.types import LongType
from pyspark.sql.udtf import AnalyzeArgument, AnalyzeResult


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.task.maxFailures", "3")
        .config("spark.sql.session.timeZone", "Asia/Tokyo")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture
def leftovers(spark: Any) -> Iterator[None]:
    """Check that a query leaves no files behind."""
    yield
    folder = Path(spark.sparkContext.local_dir)
    deadline = time.monotonic() + 60
    while list(folder.glob("python-*")) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert list(folder.glob("python-*")) == []


def values(frame: Any) -> list[Any]:
    return [row[0] for row in frame.collect()]


# Functions of single values


@pytest.mark.parametrize("arrow", [False, True])
@pytest.mark.usefixtures("leftovers")
def test_rows_in_order(spark: Any, arrow: bool) -> None:
    double = udf(lambda x: x * 2 + 1, "bigint", useArrow=arrow)
    frame = spark.range(250_000).select(double("id"))
    assert values(frame) == list(range(1, 500_000, 2))


@pytest.mark.usefixtures("leftovers")
def test_results_stay_with_their_rows_when_there_are_many(spark: Any) -> None:
    double = udf(lambda x: x * 2 + 1, "bigint", useArrow=True)
    frame = spark.range(1_900_000).select("id", double("id").alias("y"))
    wrong = frame.filter("y <> id * 2 + 1").count()
    assert (frame.count(), wrong) == (1_900_000, 0)


def test_everywhere_in_a_query(spark: Any) -> None:
    half, odd = udf(lambda x: x // 2, "bigint"), udf(lambda x: x % 2 == 1, "boolean")
    frame = spark.range(8)
    assert values(frame.filter(odd("id")).filter("id > 2")) == [3, 5, 7]
    assert values(frame.orderBy(half("id").desc(), "id").limit(3)) == [6, 7, 4]
    sums = frame.groupBy(half("id").alias("h")).agg(half(F.sum("id")).alias("s"))
    assert sorted(map(tuple, sums.collect())) == [(0, 0), (1, 2), (2, 4), (3, 6)]
    pairs = frame.alias("a").join(frame.alias("b"), odd(F.col("a.id") * F.col("b.id")))
    assert pairs.count() == 16
    assert values(frame.select(half(half("id")))) == [0, 0, 0, 0, 1, 1, 1, 1]


@pytest.mark.parametrize("arrow", [False, True])
def test_what_functions_get_and_give(spark: Any, arrow: bool) -> None:
    frame = spark.sql(
        "SELECT 1.50BD AS d, DATE'2020-01-02' AS day, X'6162' AS b, array(1, NULL) AS l, "
        "map('k', 1) AS m, named_struct('x', 1, 'y', 'z') AS s, CAST(NULL AS INT) AS n"
    )
    seen = udf(lambda *values: repr(values), "string", useArrow=arrow)
    assert values(frame.select(seen(*frame.columns))) == [
        repr(
            (
                Decimal("1.50"),
                datetime.date(2020, 1, 2),
                b"ab",
                [1, None],
                {"k": 1},
                Row(x=1, y="z"),
                None,
            )
        )
    ]
    for name, data_type in frame.dtypes:
        same = udf(lambda value: value, data_type, useArrow=arrow)
        assert frame.select(same(name)).collect() == frame.select(name).collect()


@pytest.mark.parametrize("arrow", [False, True])
def test_timestamps_are_the_same_instant(spark: Any, arrow: bool) -> None:
    frame = spark.sql("SELECT TIMESTAMP'2020-01-02 03:04:05.000006' AS t")
    later = udf(lambda t: t + datetime.timedelta(days=1), "timestamp", useArrow=arrow)
    shown = frame.select(later("t").cast("string"))
    assert values(shown) == ["2020-01-03 03:04:05.000006"]


def test_wrong_types(spark: Any) -> None:
    assert values(spark.range(1).select(udf(lambda _: "7", "int", useArrow=False)("id"))) == [None]
    assert values(spark.range(1).select(udf(lambda _: "7", "int", useArrow=True)("id"))) == [7]


def test_keywords_and_no_arguments(spark: Any) -> None:
    spark.udf.register("minus", lambda a, b: a - b, "bigint")
    rows = spark.sql("SELECT minus(b => 1, a => id), minus(id, b => 2) FROM range(2)")
    assert rows.collect() == [(-1, -2), (0, -1)]
    assert rows.columns == ["minus(b => 1, a => id)", "minus(id, b => 2)"]
    assert values(spark.range(3).select(udf(lambda: 7, "int")())) == [7, 7, 7]


def test_broadcasts_and_accumulators(spark: Any) -> None:
    context: SparkContext = spark.sparkContext
    table, count = context.broadcast({0: "a", 1: "b"}), context.accumulator(0)

    def look_up(key):
        count.add(1)
        return table.value[key]

    assert values(spark.range(2).select(udf(look_up, "string")("id"))) == ["a", "b"]
    assert count.value == 2


# Functions of columns


def test_columns(spark: Any) -> None:
    @pandas_udf("double")
    def half(v: pd.Series) -> pd.Series:
        return v / 2

    @pandas_udf("bigint")
    def doubled(parts: Iterator[pd.Series]) -> Iterator[pd.Series]:
        for part in parts:
            yield part * 2

    @arrow_udf("bigint")
    def next_one(v: pa.Array) -> pa.Array:
        return pc.add(v, 1)

    frame = spark.range(3).select(
        half("id"), udf(lambda x: -x, "bigint")("id"), next_one("id"), doubled("id")
    )
    assert [tuple(row) for row in frame.collect()] == [
        (0.0, 0, 1, 0),
        (0.5, -1, 2, 2),
        (1.0, -2, 3, 4),
    ]


def test_batches_have_the_wanted_size(spark: Any) -> None:
    @pandas_udf("bigint")
    def size(v: pd.Series) -> pd.Series:
        return pd.Series([len(v)] * len(v))

    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "10")
    try:
        assert max(values(spark.range(1000).select(size("id")))) == 10
    finally:
        spark.conf.unset("spark.sql.execution.arrow.maxRecordsPerBatch")


# Partitions and groups


def test_partitions(spark: Any) -> None:
    def sizes(parts: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        rows = sum(len(part) for part in parts)
        context = TaskContext.get()
        assert context is not None
        yield pd.DataFrame({"partition": [context.partitionId()], "rows": [rows]})

    schema = "partition bigint, rows bigint"
    frame = spark.range(10).repartition(3).mapInPandas(sizes, schema)
    assert frame.collect() == [(0, 3), (1, 4), (2, 3)]

    def ids(parts: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for part in parts:
            yield part.filter(pc.greater(part.column("id"), 7))

    assert values(spark.range(10).mapInArrow(ids, "id bigint")) == [8, 9]


def test_a_partition_without_rows_has_no_batches(spark: Any) -> None:
    def lengths(parts: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for part in parts:
            yield pd.DataFrame({"rows": [len(part)]})

    def batches(parts: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield pa.RecordBatch.from_pydict({"batches": [len(list(parts))]})

    for rows in (spark.range(1), spark.range(9).filter("id = 4"), spark.range(3).limit(1)):
        assert values(rows.mapInPandas(lengths, "rows bigint")) == [1]
    assert values(spark.range(0).mapInPandas(lengths, "rows bigint")) == []
    counted = spark.range(0, 1, 1, 3).mapInArrow(batches, "batches bigint")
    assert sorted(values(counted)) == [0, 0, 1]


@pytest.fixture
def sales(spark: Any) -> Any:
    rows = [("a", 1.0), ("b", 3.0), ("a", 2.0), (None, 5.0), ("b", 10.0)]
    return spark.createDataFrame(rows, "k string, v double")


def test_groups(sales: Any) -> None:
    def centred(group: pd.DataFrame) -> pd.DataFrame:
        return group.assign(v=group.v - group.v.mean())

    assert sales.groupBy("k").applyInPandas(centred, "k string, v double").collect() == [
        (None, 0.0),
        ("a", -0.5),
        ("a", 0.5),
        ("b", -3.5),
        ("b", 3.5),
    ]

    def size(key: Any, group: pa.Table) -> pa.Table:
        return pa.table({"k": pa.array([key[0].as_py()], pa.int32()), "n": [group.num_rows]})

    lengths = sales.groupBy(F.length("k")).applyInArrow(size, "k int, n bigint")
    assert lengths.collect() == [(None, 1), (1, 4)]


def test_aggregates(sales: Any) -> None:
    @pandas_udf("double")
    def mean(v: pd.Series) -> float:
        return float(v.mean())

    @arrow_udf("double")
    def largest(v: pa.Array) -> float:
        return float(pc.max(v).as_py())

    grouped = sales.groupBy("k").agg((mean("v") + 1).alias("m"), largest(sales.v * 2).alias("x"))
    assert sorted(grouped.collect(), key=str) == [
        ("a", 2.5, 4.0),
        ("b", 7.5, 20.0),
        (None, 6.0, 10.0),
    ]
    assert values(sales.agg(mean("v"))) == [4.2]
    assert values(sales.filter("v > 99").agg(mean("v"))) == []


def test_windows(spark: Any) -> None:
    @pandas_udf("double")
    def mean(v: pd.Series) -> float:
        return float(v.mean()) if len(v) else -1.0

    @arrow_udf("bigint")
    def count(v: pa.Array) -> int:
        return len(v)

    rows = [(1, 1.0), (1, 2.0), (2, 3.0), (2, 5.0), (2, 10.0), (2, 5.0), (None, 7.0)]
    frame = spark.createDataFrame(rows, "k int, v double")
    by_key = Window.partitionBy("k")
    ordered = by_key.orderBy("v")
    result = frame.select(
        "v",
        mean("v").over(by_key),
        mean("v").over(ordered),
        mean(frame.v * 2).over(ordered.rangeBetween(0, 2)),
        count("v").over(ordered.rowsBetween(1, 2)),
    )
    # As Spark 4.3 answers.
    assert sorted(tuple(row) for row in result.collect()) == [
        (1.0, 1.5, 1.0, 3.0, 1),
        (2.0, 1.5, 1.5, 4.0, 0),
        (3.0, 5.75, 3.0, 26 / 3, 2),
        (5.0, 5.75, 13 / 3, 10.0, 1),
        (5.0, 5.75, 13 / 3, 10.0, 2),
        (7.0, 7.0, 7.0, 14.0, 0),
        (10.0, 5.75, 5.75, 20.0, 0),
    ]


def test_groups_side_by_side(spark: Any, sales: Any) -> None:
    other = spark.createDataFrame([("a", 7), ("z", 8)], "k string, w bigint")

    def sizes(key: Any, left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"k": [key[0]], "l": [len(left)], "r": [len(right)]})

    pairs = sales.groupBy("k").cogroup(other.groupBy("k"))
    assert pairs.applyInPandas(sizes, "k string, l bigint, r bigint").collect() == [
        (None, 1, 0),
        ("a", 2, 1),
        ("b", 2, 0),
        ("z", 0, 1),
    ]
    nobody = other.limit(0).groupBy("k")
    lonely = sales.groupBy("k").cogroup(nobody).applyInPandas(sizes, "k string, l int, r int")
    assert lonely.collect() == [(None, 1, 0), ("a", 2, 0), ("b", 2, 0)]
    with pytest.raises(IllegalArgumentException, match="same size: 1 != 0"):
        sales.groupBy("k").cogroup(other.groupBy()).applyInPandas(sizes, "k string").collect()


@pytest.mark.parametrize("columns", [{"a": ["x"]}, {"a": [1], "b": [2]}])
def test_columns_that_were_not_declared(spark: Any, columns: dict[str, Any]) -> None:
    batch = pa.record_batch(columns)
    with pytest.raises(SparkRuntimeException, match="ARROW_TYPE_MISMATCH"):
        spark.range(1).mapInArrow(lambda batches: (batch for _ in batches), "a int").collect()


def test_python_aggregates_have_no_grouping_sets(spark: Any) -> None:
    @pandas_udf("long")
    def largest(values: pd.Series) -> int:
        return int(values.max())

    with pytest.raises(UnsupportedOperationException, match="ROLLUP"):
        spark.range(3).rollup("id").agg(largest("id")).collect()


# Subqueries that are computed for each row


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT i FROM n a WHERE EXISTS (SELECT 1 FROM n b WHERE next(a.i) = b.i)", [1, 2]),
        ("SELECT i FROM n a WHERE NOT EXISTS (SELECT 1 FROM n b WHERE next(a.i) = b.i)", [3]),
        ("SELECT (SELECT max(next(b.i)) FROM n b WHERE b.i = a.i) FROM n a", [2, 3, 4]),
        ("SELECT (SELECT max(next(b.i)) FROM n b WHERE b.i <= a.i) FROM n a", [2, 3, 4]),
        ("SELECT (SELECT next(a.i)) FROM n a", [2, 3, 4]),
        ("SELECT i FROM n a WHERE i IN (SELECT next(b.i) FROM n b WHERE b.i < a.i)", [2, 3]),
        ("SELECT i FROM n a WHERE i NOT IN (SELECT next(b.i) FROM n b WHERE b.i < a.i)", [1]),
        ("SELECT z FROM n a, LATERAL (SELECT next(b.i) AS z FROM n b WHERE b.i = a.i)", [2, 3, 4]),
    ],
)
def test_functions_in_correlated_subqueries(spark: Any, text: str, expected: list[int]) -> None:
    spark.udf.register("next", lambda value: value + 1, "int")
    spark.sql("SELECT * FROM VALUES (1), (2), (3) AS v(i)").createOrReplaceTempView("n")
    assert sorted(row[0] for row in spark.sql(text).collect()) == expected


def test_a_correlated_subquery_that_cannot_wait_for_python(spark: Any) -> None:
    spark.udf.register("next", lambda value: value + 1, "int")
    spark.sql("SELECT explode(array(1, 2, 3)) AS i").createOrReplaceTempView("n")
    text = "SELECT (SELECT max(next(b.i)) FROM n b WHERE b.i <= a.i) FROM n a"
    with pytest.raises(UnsupportedOperationException, match="correlated subquery"):
        spark.sql(text).collect()


# Table functions


@pytest.mark.parametrize("arrow", [False, True])
def test_table_functions(spark: Any, arrow: bool) -> None:
    @udtf(returnType="n: int, total: bigint", useArrow=arrow)
    class Count:
        def __init__(self) -> None:
            self.n = self.total = 0

        def eval(self, row: Row) -> None:
            self.n += 1
            self.total += row["id"]

        def terminate(self) -> Iterator[Any]:
            yield self.n, self.total

    spark.udtf.register("count_rows", Count)
    rows = "TABLE(SELECT id, id % 2 AS k FROM range(6))"
    assert spark.sql(f"SELECT * FROM count_rows({rows})").collect() == [(6, 15)]
    parts = spark.sql(f"SELECT * FROM count_rows({rows} PARTITION BY k ORDER BY id DESC)")
    assert parts.collect() == [(3, 6), (3, 9)]
    assert Count(spark.range(4).asTable().withSinglePartition()).collect() == [(4, 6)]


@pytest.mark.parametrize("arrow", [False, True])
def test_table_functions_for_each_row(spark: Any, arrow: bool) -> None:
    @udtf(returnType="v: int", useArrow=arrow)
    class UpTo:
        def eval(self, n: int) -> Iterator[Any]:
            for value in range(n):
                yield (value,)

    spark.udtf.register("up_to", UpTo)
    rows = spark.sql("SELECT id, v FROM range(4), LATERAL up_to(CAST(id AS INT))")
    assert [tuple(row) for row in rows.collect()] == [
        (1, 0),
        (2, 0),
        (2, 1),
        (3, 0),
        (3, 1),
        (3, 2),
    ]


def test_analyze(spark: Any) -> None:
    @udtf
    class Words:
        @staticmethod
        def analyze(text: AnalyzeArgument) -> AnalyzeResult:
            from pyspark.sql.types import IntegerType, StructType

            schema = StructType()
            for word in sorted(set(text.value.split())):
                schema = schema.add(word, IntegerType())
            return AnalyzeResult(schema=schema)

        def __init__(self, analyzed: AnalyzeResult) -> None:
            self.names = analyzed.schema.names

        def eval(self, text: str) -> Iterator[Any]:
            yield tuple(text.split().count(name) for name in self.names)

    assert Words(F.lit("b a b")).collect() == [Row(a=1, b=2)]
    assert Words(F.concat(F.lit("b a"), F.lit(" b"))).collect() == [Row(a=1, b=2)]
    with pytest.raises(AnalysisException, match="'NoneType' object has no attribute 'split'"):
        Words(F.lit(None).cast("string")).collect()


# What goes wrong


@pytest.mark.usefixtures("leftovers")
def test_a_failure_shows_the_users_lines(spark: Any) -> None:
    def divide(x):
        return 1 // (x - 150_000)

    with pytest.raises(PythonException) as caught:
        spark.range(300_000).select(udf(divide, "bigint")("id")).collect()
    text = str(caught.value)
    assert "return 1 // (x - 150_000)" in text
    assert "ZeroDivisionError" in text
    assert "row_functions.py" not in text


@pytest.mark.parametrize("arrow", [False, True])
def test_stop_iteration_does_not_end_the_rows(spark: Any, arrow: bool) -> None:
    stop = udf(lambda x: next(iter([])), "int", useArrow=arrow)
    with pytest.raises(PythonException, match="STOP_ITERATION_OCCURRED"):
        spark.range(3).select(stop("id")).collect()


def test_a_failure_below_a_function_is_itself(spark: Any) -> None:
    frame = spark.range(3).selectExpr("1 div (id - 1) AS q")
    with pytest.raises(PySparkException, match="DIVIDE_BY_ZERO"):
        frame.select(udf(lambda q: q, "bigint")("q")).collect()


@pytest.mark.usefixtures("leftovers")
def test_a_dead_worker_is_replaced(spark: Any, tmp_path: Path) -> None:
    marker = str(tmp_path / "died")

    def die_once(x):
        if x == 70_000 and not os.path.exists(marker):
            with open(marker, "w"):
                pass
            os.kill(os.getpid(), signal.SIGKILL)
        return x

    frame = spark.range(200_000).select(udf(die_once, "bigint")("id").alias("x"))
    assert frame.agg(F.sum("x"), F.count("x")).collect() == [(19_999_900_000, 200_000)]
    assert os.path.exists(marker)


@pytest.mark.usefixtures("leftovers")
def test_a_limit_stops_the_rest(spark: Any) -> None:
    slow = udf(lambda x: x if x < 50_000 else time.sleep(600), LongType())
    started = time.monotonic()
    assert values(spark.range(10_000_000).select(slow("id")).limit(2)) == [0, 1]
    assert time.monotonic() - started < 300


@pytest.mark.parametrize("zone", ["PST", "UTC+3", "-03:30"])
def test_functions_get_times_in_any_zone(spark: Any, zone: str) -> None:
    usual = spark.conf.get("spark.sql.session.timeZone")
    spark.conf.set("spark.sql.session.timeZone", zone)
    try:
        moment = spark.sql("SELECT make_timestamp(2020, 1, 1, 5, 0, 0) AS t")
        shown = moment.select(pandas_udf(lambda s: s.dt.strftime("%F %T"), "string")("t"))
        assert values(shown) == ["2020-01-01 05:00:00"]
        assert values(moment.select(udf(lambda t: t, "timestamp")("t"))) == values(moment)
    finally:
        spark.conf.set("spark.sql.session.timeZone", usual)


@pytest.mark.usefixtures("leftovers")
def test_a_query_is_cancelled(spark: Any) -> None:
    forever = udf(lambda x: time.sleep(600), "int")
    spark.addTag("sleepers")
    ended = threading.Event()

    def interrupt() -> None:
        while not ended.wait(0.2):  # the query may not have begun
            spark.interruptTag("sleepers")

    interrupter = threading.Thread(target=interrupt)
    interrupter.start()
    try:
        with pytest.raises(PySparkException, match="OPERATION_CANCELED"):
            spark.range(10).select(forever("id")).collect()
    finally:
        ended.set()
        interrupter.join()
        spark.removeTag("sleepers")
