import json
from typing import Any

import pytest
from pyspark import __version__
from pyspark.sql import functions as F
from pyspark.sql.connect import proto
from pyspark.sql.connect.session import SparkSession
from pyspark.sql.types import LongType, StructField, StructType

from pyrite.connect.channel import InProcessError


def test_a_plan_has_a_schema(spark: SparkSession) -> None:
    assert spark.range(1).schema == StructType([StructField("id", LongType(), False)])


def test_the_schema_is_drawn_as_a_tree(
    spark: SparkSession, capsys: pytest.CaptureFixture[str]
) -> None:
    spark.range(1).printSchema()
    assert capsys.readouterr().out == "root\n |-- id: long (nullable = false)\n\n"


@pytest.mark.parametrize("mode", ["simple", "extended", "codegen", "cost", "formatted"])
def test_a_plan_is_explained(spark: SparkSession, mode: str) -> None:
    assert spark.client.explain_string(spark.range(1)._plan.to_proto(spark.client), mode).strip()


def test_small_questions(spark: SparkSession) -> None:
    assert spark.version == __version__
    assert spark.range(1).isLocal() is False
    assert spark.range(1).isStreaming is False
    assert spark.range(1).inputFiles() == []


def test_plans_of_the_same_form_mean_the_same(spark: SparkSession) -> None:
    frame = spark.range(3)
    assert frame.sameSemantics(spark.range(3))
    assert frame.select("*").sameSemantics(frame)
    assert not frame.sameSemantics(spark.range(4))
    named = [frame.select((frame.id + 1).alias(name)) for name in "ab"]
    assert named[0].sameSemantics(named[1])
    assert not frame.filter(F.col("id") > 1).sameSemantics(frame.filter(F.col("id") > 2))


def test_rows_that_came_along_count_by_their_values(spark: SparkSession) -> None:
    one, same, other = (spark.createDataFrame([(n, "a")], ["x", "y"]) for n in (1, 1, 2))
    assert one.sameSemantics(same)
    assert not one.sameSemantics(other)
    assert one.semanticHash() == same.semanticHash() != other.semanticHash()
    assert -(2**31) <= one.semanticHash() < 2**31


def test_a_schema_as_json_becomes_ddl(spark: SparkSession) -> None:
    schema = StructType().add("a b", "integer", False, {"comment": "it's"}).add("c", "string")
    text = spark.client._analyze(method="json_to_ddl", json_string=json.dumps(schema.jsonValue()))
    assert text.ddl_string == "`a b` INT NOT NULL COMMENT 'it\\'s',c STRING"


def test_a_question_of_nothing_is_an_error(raw: Any) -> None:
    with pytest.raises(InProcessError, match=r"CONNECT_INVALID_PLAN.UNKNOWN_ANALYZE_METHOD"):
        raw.ask("AnalyzePlan", proto.AnalyzePlanRequest)
