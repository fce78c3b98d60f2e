"""Queries of SQL text are resolved once when they run at once, and anew when anything changed."""

from typing import Any

import pytest

from pyrite.sql import query_execution


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


def test_a_query_that_runs_at_once_is_resolved_once(local_spark: Any, analyses: list[Any]) -> None:
    assert local_spark.sql("SELECT 1 AS a").collect() == [(1,)]
    assert len(analyses) == 1


def test_each_further_run_resolves_it_anew(local_spark: Any, analyses: list[Any]) -> None:
    frame = local_spark.sql("SELECT 1 AS a")
    frame.collect()
    frame.collect()
    assert len(analyses) == 2


def test_changes_between_the_check_and_the_run_are_seen(local_spark: Any) -> None:
    local_spark.range(1).createOrReplaceTempView("v")
    frame = local_spark.sql("SELECT count(*) FROM v")
    local_spark.range(5).createOrReplaceTempView("v")
    assert frame.collect() == [(5,)]
    zone = local_spark.sql("SELECT current_timezone()")
    local_spark.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
    assert zone.collect() == [("Asia/Tokyo",)]
    local_spark.conf.unset("spark.sql.session.timeZone")


def test_another_query_in_between_does_not_matter(local_spark: Any) -> None:
    one, two = local_spark.sql("SELECT 1 AS a"), local_spark.sql("SELECT 2 AS b")
    assert one.collect() == [(1,)]
    assert two.collect() == [(2,)]


def test_a_schema_that_is_asked_for_first_is_not_found_twice(
    local_spark: Any, analyses: list[Any]
) -> None:
    assert local_spark.sql("SELECT 1 AS a").toArrow().to_pylist() == [{"a": 1}]
    assert len(analyses) == 1
    assert local_spark.range(2).toArrow().to_pylist() == [{"id": 0}, {"id": 1}]
    assert len(analyses) == 2


def test_what_changes_after_the_schema_was_asked_for_is_seen(local_spark: Any) -> None:
    local_spark.range(1).createOrReplaceTempView("w")
    frame = local_spark.table("w")
    assert frame.columns == ["id"]
    local_spark.range(5).createOrReplaceTempView("w")
    assert frame.collect() == [(each,) for each in range(5)]


def test_relations_that_hold_rows_are_not_kept(local_spark: Any, analyses: list[Any]) -> None:
    local_spark.createDataFrame([("x" * 100_000,)], ["a"]).toArrow()
    assert len(analyses) == 2
