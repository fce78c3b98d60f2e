"""Programs as people write them: SparkSession.builder, and sessions over one SparkContext."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyspark.sql
import pytest
from pyspark import SparkContext, SQLContext
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql.connect.session import SparkSession as ConnectSession


def builder() -> Any:
    return SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")


@pytest.fixture(scope="module", autouse=True)
def _stopped_in_the_end() -> Iterator[None]:
    yield
    if SparkContext._active_spark_context is not None:
        SparkContext._active_spark_context.stop()


@pytest.fixture
def spark() -> Any:
    return builder().getOrCreate()


def test_a_session_is_of_both_classes_of_the_package(spark: Any) -> None:
    assert isinstance(spark, SparkSession)
    assert isinstance(spark, ConnectSession)
    assert isinstance(spark.range(1), DataFrame)
    assert "pyspark.sql.session.SparkSession object" in repr(spark)


def test_get_or_create_returns_the_running_session(spark: Any) -> None:
    assert builder().getOrCreate() is spark
    assert SparkSession.active() is spark
    assert SparkSession.getActiveSession() is spark
    assert SparkSession(spark.sparkContext) is spark
    assert spark.sparkContext is SparkContext.getOrCreate()


def test_options_of_the_builder_reach_the_session(spark: Any) -> None:
    again = SparkSession.builder.config("spark.sql.shuffle.partitions", 7).getOrCreate()
    assert again is spark
    assert spark.conf.get("spark.sql.shuffle.partitions") == "7"
    spark.conf.unset("spark.sql.shuffle.partitions")


def test_a_static_setting_is_refused_in_one_warning(spark: Any, caplog: Any) -> None:
    with caplog.at_level(logging.WARNING, "pyrite"):
        SparkSession.builder.config("spark.sql.warehouse.dir", "/elsewhere").getOrCreate()
    assert "spark.sql.warehouse.dir" in caplog.text
    assert spark.conf.get("spark.sql.warehouse.dir") != "/elsewhere"


def test_new_sessions_share_the_context_and_nothing_else(spark: Any) -> None:
    other = spark.newSession()
    spark.conf.set("spark.sql.ansi.enabled", "false")
    spark.range(1).createOrReplaceTempView("mine")
    assert other.sparkContext is spark.sparkContext
    assert other.conf.get("spark.sql.ansi.enabled") == "true"
    with pytest.raises(AnalysisException, match="TABLE_OR_VIEW_NOT_FOUND"):
        other.table("mine").collect()
    spark.conf.unset("spark.sql.ansi.enabled")


def test_a_clone_starts_with_what_its_session_has(spark: Any) -> None:
    spark.range(2).createOrReplaceTempView("shared")
    clone = spark.cloneSession()
    spark.range(5).createOrReplaceTempView("shared")
    assert clone.table("shared").count() == 2
    assert clone.range(1).rdd.count() == 1


def test_create_makes_another_session(spark: Any) -> None:
    other = builder().create()
    assert other is not spark
    assert other.sparkContext is spark.sparkContext
    assert SparkSession.active() is spark


def test_stop_stops_the_context_and_the_next_session_starts_one(spark: Any) -> None:
    context = spark.sparkContext
    frame = spark.range(1)
    spark.stop()
    assert context.is_stopped
    with pytest.raises(pyspark.errors.PySparkException):
        frame.collect()
    again = builder().config("spark.app.name", "again").getOrCreate()
    assert again.sparkContext.appName == "again"
    again.sparkContext.stop()
    assert SparkSession.getActiveSession() is None
    assert builder().getOrCreate().range(3).count() == 3


def test_a_local_remote_is_this_engine(spark: Any) -> None:
    spark.stop()
    session = SparkSession.builder.remote("local[1]").getOrCreate()
    assert session.sparkContext.master == "local[1]"
    session.stop()


def test_a_server_elsewhere_is_left_to_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(
        ConnectSession.Builder, "getOrCreate", lambda self: asked.append(self._options)
    )
    SparkSession.builder.remote("sc://elsewhere:15002").getOrCreate()
    assert asked == [{"spark.remote": "sc://elsewhere:15002"}]


def test_sql_context_wraps_the_session(spark: Any) -> None:
    with pytest.warns(FutureWarning, match="SparkSession.builder"):
        context = SQLContext(spark.sparkContext)
    assert context.sparkSession is spark
    assert context.range(3).count() == 3
    with pytest.warns(FutureWarning):
        assert SQLContext.getOrCreate(spark.sparkContext).read is not None


def test_notebooks_show_the_context(spark: Any) -> None:
    assert "SparkSession - in-memory" in spark._repr_html_()
    assert "local[2]" in spark._repr_html_()


def test_rows_are_the_packages(spark: Any) -> None:
    assert spark.createDataFrame([(1, "a")], ["k", "v"]).collect() == [Row(k=1, v="a")]


def test_an_error_is_raised_and_not_logged_as_well(spark: Any, capfd: Any) -> None:
    with pytest.raises(AnalysisException):
        spark.range(1).select("nothing").collect()
    assert capfd.readouterr().err == ""


def test_notebooks_find_the_html_of_a_dataframe_and_nothing_else(spark):
    spark.conf.set("spark.sql.repl.eagerEval.enabled", "true")
    frame = spark.range(2).withColumnRenamed("id", "_repr_id")
    assert "<td>1</td>" in frame._repr_html_()
    # IPython asks for this first, and trusts no object that has it.
    assert not hasattr(frame, "_ipython_canary_method_should_not_exist_")
    assert not hasattr(frame, "_repr_mimebundle_")
    assert [row[0] for row in frame.select(frame._repr_id).collect()] == [0, 1]
    spark.conf.unset("spark.sql.repl.eagerEval.enabled")


@pytest.mark.parametrize("mode", ["error", "errorifexists", "ErrorIfExists", "default"])
def test_save_modes_that_refuse_what_is_there(spark: Any, tmp_path: Path, mode: str) -> None:
    spark.range(2).write.mode(mode).parquet(f"{tmp_path}/new")
    with pytest.raises(AnalysisException, match="PATH_ALREADY_EXISTS"):
        spark.range(1).write.parquet(f"{tmp_path}/new", mode=mode)
    assert spark.read.parquet(f"{tmp_path}/new").count() == 2
