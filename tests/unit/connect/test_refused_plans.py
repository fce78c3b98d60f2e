"""Plans and texts that mean nothing get Spark's errors, and never Pyrite's own mistakes."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from pyspark.errors import ParseException, PySparkException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.connect import proto
from pyspark.sql.connect.session import SparkSession

from pyrite.connect.channel import InProcessError


def refused(do: Callable[[], object]) -> tuple[str | None, dict[str, str]]:
    with pytest.raises(PySparkException) as caught:
        do()
    return caught.value.getCondition(), caught.value.getMessageParameters() or {}


@pytest.mark.parametrize(
    "use",
    [
        lambda frame, two: frame.select(two),
        lambda frame, two: frame.filter(two),
        lambda frame, two: frame.groupBy(two).count(),
        lambda frame, two: frame.orderBy(two),
        lambda frame, two: frame.agg(two),
    ],
)
def test_only_generators_have_several_names(
    spark: SparkSession, use: Callable[[DataFrame, Any], DataFrame]
) -> None:
    frame = spark.range(3)
    condition, parameters = refused(use(frame, F.col("id").alias("a", "b")).collect)
    assert condition == "MULTI_ALIAS_WITHOUT_GENERATOR"
    assert parameters == {"expr": '"id"', "names": "a, b"}


@pytest.mark.parametrize(
    ("call", "parameters"),
    [
        (
            F.percentile_approx("id", 2.0),
            ("percentage", "percentile_approx(id, 2.0, 10000)", "2.0D"),
        ),
        (F.percentile("id", -0.5), ("percentage", "percentile(id, -0.5, 1)", "-0.5D")),
        (
            F.percentile_approx("id", [0.5, -1.0]),
            ("percentage", "percentile_approx(id, array(0.5, -1.0), 10000)", "0.5D,-1.0D"),
        ),
        (F.percentile_approx("id", 0.5, 0), ("accuracy", "percentile_approx(id, 0.5, 0)", "0L")),
        (
            F.expr("percentile_cont(2) WITHIN GROUP (ORDER BY id)"),
            ("percentage", "percentile_cont(id, 2)", "2.0D"),
        ),
        (
            F.expr("percentile_disc(-0.1) WITHIN GROUP (ORDER BY id)"),
            ("percentage", "percentile_disc(id, -0.1)", "-0.1D"),
        ),
    ],
)
def test_percentiles_are_shares(
    spark: SparkSession, call: Any, parameters: tuple[str, str, str]
) -> None:
    name, text, value = parameters
    assert refused(spark.range(3).select(call).collect) == (
        "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE",
        {
            "exprName": name,
            "sqlExpr": f'"{text}"',
            "currentValue": value,
            "valueRange": "[0.0, 1.0]" if name == "percentage" else "(0, 2147483647]",
        },
    )


@pytest.mark.parametrize("fraction", [-1.0, math.nan])
def test_fractions_of_a_sample_are_no_less_than_0(spark: SparkSession, fraction: float) -> None:
    _, parameters = refused(spark.range(3).sample(True, fraction).collect)
    assert "must be nonnegative with replacement" in parameters["message"]


def test_a_tail_has_no_negative_length(spark: SparkSession) -> None:
    condition, parameters = refused(lambda: spark.range(3).tail(-1))
    assert condition == "INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE"
    assert parameters["name"] == "tail"


def test_tables_have_names_as_sql_writes_them(spark: SparkSession) -> None:
    frame = spark.range(3)
    assert refused(lambda: frame.write.saveAsTable("bad name"))[0] == "PARSE_SYNTAX_ERROR"
    assert refused(frame.writeTo("bad name").create)[0] == "PARSE_SYNTAX_ERROR"
    assert refused(spark.table("bad name").collect)[0] == "PARSE_SYNTAX_ERROR"
    assert refused(spark.table("").collect)[0] == "PARSE_EMPTY_STATEMENT"
    condition, parameters = refused(lambda: frame.createTempView("bad name"))
    assert (condition, parameters) == ("_LEGACY_ERROR_TEMP_1321", {"viewName": "bad name"})
    frame.createTempView("`good name`")
    assert spark.table("`good name`").count() == 3


@pytest.mark.parametrize("text", ["", " \n"])
def test_a_text_of_nothing_is_no_statement(spark: SparkSession, text: str) -> None:
    assert refused(lambda: spark.sql(text))[0] == "PARSE_EMPTY_STATEMENT"
    assert refused(spark.range(1).filter(text).collect)[0] == "PARSE_EMPTY_STATEMENT"


def test_what_is_no_sql_has_its_place_in_the_message_alone(spark: SparkSession) -> None:
    with pytest.raises(ParseException, match=r"\(line 1, pos 0\)") as caught:
        spark.sql("selec 1")
    assert caught.value.getQueryContext() == []


def test_parameters_have_names_or_places(spark: SparkSession) -> None:
    mixed = refused(lambda: spark.sql("SELECT :a + ?", args={"a": 1}))
    assert mixed == ("INVALID_QUERY_MIXED_QUERY_PARAMETERS", {})
    assert refused(lambda: spark.sql("SELECT ?, ?", args=[1])) == (
        "UNBOUND_SQL_PARAMETER",
        {"name": "_10"},
    )


@pytest.mark.parametrize(
    "expression",
    [
        {"literal": {"decimal": {"value": "x"}}},
        {"alias": {"expr": {"literal": {"integer": 1}}, "name": ["a"], "metadata": "no JSON"}},
    ],
)
def test_a_malformed_message_is_named(
    raw: Any, numbers: proto.Plan, expression: dict[str, Any]
) -> None:
    project = proto.Project(input=numbers.root, expressions=[proto.Expression(**expression)])
    with pytest.raises(InProcessError, match=r"CONNECT_INVALID_PLAN.CANNOT_PARSE.*spark.connect"):
        list(raw.execute(proto.Plan(root=proto.Relation(project=project))))


def test_rows_that_are_no_arrow_data_are_refused(raw: Any) -> None:
    relation = proto.Relation(local_relation=proto.LocalRelation(data=b"abc"))
    with pytest.raises(InProcessError, match=r"CONNECT_INVALID_PLAN.CANNOT_PARSE.*LocalRelation"):
        list(raw.execute(proto.Plan(root=relation)))
