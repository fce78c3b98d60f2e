"""Where errors of DataFrames, views and EXECUTE IMMEDIATE say they come from.

The texts are those of a server of Spark 4.3.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from pyspark.errors import PySparkException, QueryContext, QueryContextType
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.connect.session import SparkSession

DIVIDE_BY_ZERO = (
    "[DIVIDE_BY_ZERO] Division by zero. Use `try_divide` to tolerate divisor being 0 and return "
    'NULL instead. If necessary set "spark.sql.ansi.enabled" to "false" to bypass this error. '
    "SQLSTATE: 22012\n"
)


@pytest.fixture(autouse=True)
def places_are_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever made columns without a session before has turned that off for the process."""
    monkeypatch.setattr("pyspark.errors.utils._enable_debugging_cache", True)


@pytest.fixture
def frame(spark: SparkSession) -> DataFrame:
    rows = [(1, 0, "x", [1, 2], 2147483647)]
    frame = spark.createDataFrame(rows, "a int, b int, s string, items array<int>, most int")
    frame.createOrReplaceTempView("t")
    return frame


def context_of(frame: DataFrame) -> QueryContext:
    """Run a query that fails and return its one context."""
    with pytest.raises(PySparkException) as caught:
        frame.collect()
    (context,) = caught.value.getQueryContext() or []
    assert str(caught.value).rstrip("\n").endswith(context.summary().rstrip("\n"))
    return context


@pytest.mark.parametrize(
    ("method", "query"),
    [
        ("__truediv__", lambda df: df.select(df.a / df.b)),
        ("__rtruediv__", lambda df: df.select(1 / df.b)),
        ("__mod__", lambda df: df.select(df.a % df.b)),
        ("__add__", lambda df: df.select(df.most + 1)),
        ("__add__", lambda df: df.select(df.s + 1)),
        ("__mul__", lambda df: df.withColumn("z", df.most * 3)),
        ("__eq__", lambda df: df.filter(df.s == 1)),
        ("__gt__", lambda df: df.filter(df.s > F.lit(1))),
        ("__getitem__", lambda df: df.select(df.items[5])),
        ("cast", lambda df: df.select(df.s.cast("int"))),
        ("cast", lambda df: df.select(F.lit("12345").cast("decimal(3,1)"))),
        ("__truediv__", lambda df: df.select(F.when(df.a > 0, df.a / df.b).otherwise(3))),
        ("__truediv__", lambda df: df.select(F.transform("items", lambda x: x / F.lit(0)))),
        ("__truediv__", lambda df: df.groupBy("a").agg((F.max("a") / F.max("b")).alias("q"))),
        ("__truediv__", lambda df: df.withColumn("q", df.a / df.b).groupBy("q").count()),
        ("__truediv__", lambda df: df.select(F.udf(lambda a: a + 1, "int")(df.a / df.b))),
        ("__truediv__", lambda df: df.select(F.udf(lambda a: a + 1, "int")(df.a) / df.b)),
    ],
)
def test_a_column_names_the_method_and_the_line(
    frame: DataFrame, method: str, query: Callable[[DataFrame], DataFrame]
) -> None:
    context = context_of(query(frame))

    assert context.contextType() == QueryContextType.DataFrame
    assert context.fragment() == method
    file, _, line = context.callSite().rpartition(":")
    assert Path(file).name == Path(__file__).name
    assert int(line) > 0
    assert context.summary() == f'== DataFrame ==\n"{method}" was called from\n{file}:{line}\n'


def test_a_function_without_a_place_has_no_context(frame: DataFrame) -> None:
    with pytest.raises(PySparkException) as caught:
        frame.select(F.pmod("a", "b")).collect()

    assert caught.value.getCondition() == "REMAINDER_BY_ZERO"
    assert caught.value.getQueryContext() == []


def test_text_in_a_dataframe_is_shown_as_sql(frame: DataFrame) -> None:
    context = context_of(frame.selectExpr("a / b as z").filter("z > 1"))

    assert context.contextType() == QueryContextType.SQL
    assert (context.fragment(), context.startIndex(), context.stopIndex()) == ("a / b", 0, 4)
    assert context.summary() == "== SQL (line 1, position 1) ==\na / b as z\n^^^^^\n"


def test_the_whole_of_an_error(spark: SparkSession, frame: DataFrame) -> None:
    with pytest.raises(PySparkException) as caught:
        spark.sql("select a,\n a/b as q from t").collect()

    error = caught.value
    assert error.getCondition() == "DIVIDE_BY_ZERO"
    assert error.getSqlState() == "22012"
    assert error.getMessageParameters() == {"config": '"spark.sql.ansi.enabled"'}
    place = "== SQL (line 2, position 2) ==\n a/b as q from t\n ^^^\n"
    assert str(error).rstrip("\n") == (DIVIDE_BY_ZERO + place).rstrip("\n")


@pytest.mark.parametrize(
    ("create", "name", "query"),
    [
        ("temp view v", "v", "select q from v"),
        ("temp view v", "v", "select a, q + 1 from v where a > 0"),
        ("global temp view gv", "global_temp.gv", "select q from global_temp.gv"),
        ("view sv", "spark_catalog.default.sv", "select * from (select q from sv)"),
    ],
)
def test_a_views_text_is_shown(
    spark: SparkSession, frame: DataFrame, create: str, name: str, query: str
) -> None:
    source = "t"
    if create == "view sv":
        source = "numbers"
        spark.sql("create table if not exists numbers using parquet as select 1 a, 0 b")
    spark.sql(f"create or replace {create} as select a, a/b as q from {source}")

    context = context_of(spark.sql(query))

    assert (context.objectType(), context.objectName()) == ("VIEW", name)
    assert (context.fragment(), context.startIndex(), context.stopIndex()) == ("a/b", 10, 12)
    assert context.summary() == (
        f"== SQL of VIEW {name} (line 1, position 11) ==\n"
        f"select a, a/b as q from {source}\n          ^^^\n"
    )


def test_a_view_of_a_dataframe_names_the_dataframes_line(
    spark: SparkSession, frame: DataFrame
) -> None:
    frame.select((frame.a / frame.b).alias("q")).createOrReplaceTempView("dv")

    assert context_of(spark.sql("select q from dv")).fragment() == "__truediv__"


def test_execute_immediate_is_named(spark: SparkSession, frame: DataFrame) -> None:
    with pytest.raises(PySparkException) as caught:
        spark.sql("execute immediate 'select ?/b from t' using 5").collect()

    (context,) = caught.value.getQueryContext() or []
    assert (context.objectType(), context.objectName()) == ("EXECUTE IMMEDIATE", "")
    assert context.fragment() == "?/b"
    assert context.summary() == "== SQL (line 1, position 8) ==\nselect ?/b from t\n       ^^^\n"


def test_a_function_in_sql_shows_its_body(spark: SparkSession, frame: DataFrame) -> None:
    spark.sql("create or replace temporary function f(x int) returns double return 1/x")

    assert context_of(spark.sql("select f(b) from t")).summary() == (
        "== SQL (line 1, position 1) ==\n1/x\n^^^\n"
    )


def test_a_subquery_of_several_rows_is_shown(spark: SparkSession, frame: DataFrame) -> None:
    query = "select (select a from values (1),(2) u(a)) as x from t"

    with pytest.raises(PySparkException) as caught:
        spark.sql(query).collect()

    assert type(caught.value).__name__ == "SparkException"
    assert caught.value.getCondition() == "SCALAR_SUBQUERY_TOO_MANY_ROWS"
    (context,) = caught.value.getQueryContext() or []
    assert context.fragment() == "(select a from values (1),(2) u(a))"


def test_a_limit_that_is_no_number_is_shown(spark: SparkSession, frame: DataFrame) -> None:
    with pytest.raises(PySparkException) as caught:
        spark.sql("select 1 from t limit 1/0").collect()

    (context,) = caught.value.getQueryContext() or []
    assert context.fragment() == "1/0"
