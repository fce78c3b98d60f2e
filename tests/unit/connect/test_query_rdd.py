"""DataFrames as RDDs and RDDs as DataFrames."""

from typing import Any

import pytest
from pyspark import SparkContext
from pyspark.errors import (
    AnalysisException,
    PySparkTypeError,
    PySparkValueError,
    PythonException,
    SparkRuntimeException,
)
from pyspark.sql import Row
from pyspark.sql import functions as F
from pyspark.sql.types import (
    DoubleType,
    IntegerType,
    LongType,
    StructField,
    StructType,
)


@pytest.fixture(scope="module")
def sc(local_spark: Any) -> SparkContext:
    context: SparkContext = local_spark.sparkContext
    return context


def test_rows_come_in_order(local_spark: Any) -> None:
    rdd = local_spark.range(100).rdd
    assert rdd.collect() == [Row(id=i) for i in range(100)]
    assert rdd.map(lambda row: row.id).sum() == 4950


def test_the_rdd_is_one_and_the_query_runs_once(local_spark: Any, sc: SparkContext) -> None:
    runs = sc.accumulator(0)

    def count(x: int) -> tuple[int]:
        runs.add(1)
        return (x,)

    frame = sc.parallelize([1, 2]).map(count).toDF(["k"])
    before = runs.value
    assert frame.rdd is frame.rdd
    assert frame.rdd.collect() == frame.rdd.collect() == [Row(k=1), Row(k=2)]
    assert runs.value == before + 2


@pytest.mark.parametrize(
    ("change", "count"),
    [
        (lambda df: df, 2),
        (lambda df: df.repartition(5), 5),
        (lambda df: df.repartition(5).filter(F.col("id") > 3), 5),
        (lambda df: df.coalesce(1), 1),
        (lambda df: df.coalesce(9), 2),
        (lambda df: df.union(df), 4),
        (lambda df: df.limit(2), 1),
        (lambda df: df.groupBy("id").count(), 1),
    ],
)
def test_partitions_follow_the_plan(local_spark: Any, change: Any, count: int) -> None:
    assert change(local_spark.range(10)).rdd.getNumPartitions() == count


def test_partitions_are_even(local_spark: Any) -> None:
    assert local_spark.range(0, 10, 1, 3).rdd.glom().map(len).collect() == [3, 3, 4]
    assert local_spark.range(1).repartition(3).rdd.glom().map(len).collect() == [0, 1, 0]


def test_counting_partitions_runs_nothing(local_spark: Any) -> None:
    failing = local_spark.range(2).select(F.raise_error(F.lit("ran")))
    assert failing.rdd.getNumPartitions() == 2
    for _ in range(2):  # the second time as the first
        with pytest.raises(SparkRuntimeException, match="ran") as raised:
            failing.rdd.count()
        assert raised.value.getCondition() == "USER_RAISED_EXCEPTION"


def test_a_failing_task_is_shown_by_the_query_that_reads_its_rows(sc: SparkContext) -> None:
    frame = sc.parallelize([1, 0]).map(lambda x: (1 // x,)).toDF(["x"])
    with pytest.raises(PythonException, match=r"Job aborted.*(?s:.)*ZeroDivisionError"):
        frame.collect()


def test_a_wrong_column_is_the_users_error(local_spark: Any) -> None:
    with pytest.raises(AnalysisException, match="UNRESOLVED_COLUMN"):
        _ = local_spark.range(1).select("nothing").rdd


def test_rows_without_columns_are_rows(local_spark: Any) -> None:
    assert local_spark.range(3).select().rdd.collect() == [Row(), Row(), Row()]


def test_a_query_feeds_a_shuffle(local_spark: Any) -> None:
    pairs = local_spark.range(10).rdd.map(lambda row: (row.id % 2, row.id))
    assert dict(pairs.reduceByKey(lambda a, b: a + b).collect()) == {0: 20, 1: 25}


def test_the_debug_string_names_the_users_line(local_spark: Any) -> None:
    assert b"rdd at test_query_rdd.py" in local_spark.range(1).rdd.toDebugString()


def test_foreach_runs_in_tasks(local_spark: Any, sc: SparkContext) -> None:
    total, partitions = sc.accumulator(0), sc.accumulator(0)

    def add_all(rows: Any) -> None:
        partitions.add(1)
        for row in rows:
            total.add(row.id)

    local_spark.range(5).foreach(lambda row: total.add(row.id))
    local_spark.range(5).repartition(3).foreachPartition(add_all)
    assert (total.value, partitions.value) == (20, 3)


def test_to_json_is_an_rdd_of_texts(local_spark: Any) -> None:
    frame = local_spark.createDataFrame([(1, "a"), (2, None)], ["k", "v"])
    assert frame.toJSON().collect() == ['{"k":1,"v":"a"}', '{"k":2}']
    assert frame.toJSON(False).first() == b'{"k":1,"v":"a"}'


# ------------------------------------------------------------------------------------ from RDDs


def test_an_rdd_becomes_a_frame(sc: SparkContext) -> None:
    frame = sc.parallelize([(1, "a"), (2, None), (3, "c")], 3).toDF(["k", "v"])
    assert frame.schema.simpleString() == "struct<k:bigint,v:string>"
    assert frame.rdd.getNumPartitions() == 3
    assert frame.filter(F.col("k") > 1).collect() == [Row(k=2, v=None), Row(k=3, v="c")]
    assert frame.count() == 3


def test_names_are_numbers_by_default_and_may_repeat(local_spark: Any, sc: SparkContext) -> None:
    pairs = sc.parallelize([(1, 2)])
    assert local_spark.createDataFrame(pairs).columns == ["_1", "_2"]
    assert local_spark.createDataFrame(pairs, ["x", "x"]).collect()[0] == (1, 2)
    assert local_spark.createDataFrame(pairs, ["x"]).columns == ["x", "_2"]


def test_rows_bring_their_names(sc: SparkContext) -> None:
    frame = sc.parallelize([Row(a=None, b=[1]), Row(a="x", b=None)]).toDF()
    assert frame.dtypes == [("a", "string"), ("b", "array<bigint>")]
    assert frame.collect() == [Row(a=None, b=[1]), Row(a="x", b=None)]


def test_a_share_of_the_rows_decides_the_types(sc: SparkContext) -> None:
    rows = [Row(a=None)] * 200 + [Row(a=1)]
    with pytest.raises(PySparkValueError, match="CANNOT_DETERMINE_TYPE"):
        sc.parallelize(rows).toDF()
    assert sc.parallelize(rows).toDF(sampleRatio=1.0).dtypes == [("a", "bigint")]


def test_what_is_no_row_needs_a_type(local_spark: Any, sc: SparkContext) -> None:
    numbers = sc.parallelize([1, 2])
    assert local_spark.createDataFrame(numbers, IntegerType()).collect() == [
        Row(value=1),
        Row(value=2),
    ]
    with pytest.raises(PySparkTypeError, match="CANNOT_INFER_SCHEMA_FOR_TYPE"):
        local_spark.createDataFrame(numbers)
    with pytest.raises(PySparkTypeError, match="NOT_EXPECTED_TYPE"):
        local_spark.createDataFrame(numbers, 5)


def test_rows_are_checked_against_a_given_schema(local_spark: Any, sc: SparkContext) -> None:
    schema = StructType([StructField("k", LongType()), StructField("v", DoubleType())])
    wrong = sc.parallelize([(1, 2)])
    with pytest.raises(Exception, match="FIELD_DATA_TYPE_UNACCEPTABLE"):
        local_spark.createDataFrame(wrong, schema).collect()
    unchecked = local_spark.createDataFrame(wrong, schema, verifySchema=False)
    assert unchecked.collect() == [Row(k=1, v=2.0)]


def test_an_rdd_without_rows_has_the_given_columns(local_spark: Any, sc: SparkContext) -> None:
    schema = StructType([StructField("k", LongType())])
    assert local_spark.createDataFrame(sc.emptyRDD(), schema).collect() == []
    with pytest.raises(ValueError, match="empty"):
        sc.emptyRDD().toDF()


def test_the_rdd_is_computed_by_each_query(local_spark: Any, sc: SparkContext) -> None:
    runs = sc.accumulator(0)

    def count(x: int) -> tuple[int]:
        runs.add(1)
        return (x,)

    frame = local_spark.createDataFrame(
        sc.parallelize([1, 2]).map(count), StructType([StructField("k", LongType())])
    )
    assert runs.value == 0
    frame.explain()
    assert runs.value == 0
    assert frame.union(frame).count() == 4
    assert runs.value == 4


#: Where Spark puts the numbers 0 to 7 when it repartitions them by their value into three.
PLACES = [[3, 6, 7], [0], [1, 2, 4, 5]]


def test_rows_of_one_key_are_in_one_partition_where_spark_has_them(local_spark: Any) -> None:
    frame = local_spark.range(8).repartition(3, "id").select((F.col("id") * 10).alias("x"))
    parts = [[row.x // 10 for row in part] for part in frame.rdd.glom().collect()]
    assert parts == PLACES
    assert frame.filter(F.col("x") > 60).rdd.glom().map(len).collect() == [
        sum(n > 6 for n in part) for part in PLACES
    ]


def test_adaptive_partitions_keep_keys_together(local_spark: Any) -> None:
    local_spark.conf.set("spark.sql.adaptive.advisoryPartitionSizeInBytes", "20k")
    try:
        rdd = local_spark.range(10_000).select((F.col("id") % 10).alias("k")).repartition("k").rdd
        assert rdd.getNumPartitions() > 2
        keys = rdd.mapPartitions(lambda rows: {row.k for row in rows}).collect()
        assert sorted(keys) == list(range(10))
    finally:
        local_spark.conf.unset("spark.sql.adaptive.advisoryPartitionSizeInBytes")


def test_local_properties_reach_functions_in_queries(local_spark: Any, sc: SparkContext) -> None:
    from pyspark import TaskContext

    def of_task(_):  # type: ignore[no-untyped-def]
        return TaskContext.get().getLocalProperty("purpose")  # type: ignore[union-attr]

    purpose = F.udf(of_task, "string")
    sc.setLocalProperty("purpose", "billing")
    try:
        assert local_spark.range(1).select(purpose("id")).first()[0] == "billing"
    finally:
        sc.setLocalProperty("purpose", None)  # type: ignore[arg-type]
    assert local_spark.range(1).select(purpose("id")).first()[0] is None
