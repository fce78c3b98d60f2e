"""Queries of SQL text are resolved once when they run at once, and anew when anything changed."""

from collections.abc import Iterator
from typing import Any

import pytest
from pyspark.sql import SparkSession

from pyrite.sql import query_execution


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    session = (
        SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture
def analyses(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What has been analyzed."""
    done: list[Any] = []
    analyze = query_execution.analyze

    def counted(session: Any, plan: Any) -> Any:
        done.append(plan)
        return analyze(session, plan)

    monkeypatch.setattr(query_execution, "analyze", counted)
    return done


def test_a_query_that_runs_at_once_is_resolved_once(spark: Any, analyses: list[Any]) -> None:
    assert spark.sql("SELECT 1 AS a").collect() == [(1,)]
    assert len(analyses) == 1


def test_each_further_run_resolves_it_anew(spark: Any, analyses: list[Any]) -> None:
    frame = spark.sql("SELECT 1 AS a")
    frame.collect()
    frame.collect()
    assert len(analyses) == 2


def test_changes_between_the_check_and_the_run_are_seen(spark: Any) -> None:
    spark.range(1).createOrReplaceTempView("v")
    frame = spark.sql("SELECT count(*) FROM v")
    spark.range(5).createOrReplaceTempView("v")
    assert frame.collect() == [(5,)]
    zone = spark.sql("SELECT current_timezone()")
    spark.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
    assert zone.collect() == [("Asia/Tokyo",)]
    spark.conf.unset("spark.sql.session.timeZone")


def test_another_query_in_between_does_not_matter(spark: Any) -> None:
    one, two = spark.sql("SELECT 1 AS a"), spark.sql("SELECT 2 AS b")
    assert one.collect() == [(1,)]
    assert two.collect() == [(2,)]
