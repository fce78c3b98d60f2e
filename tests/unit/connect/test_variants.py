"""Variants between a program and its queries: as values, in files, in Python functions."""

from pathlib import Path
from typing import Any

from pyspark.sql import functions as sf
from pyspark.sql.connect.session import SparkSession
from pyspark.sql.types import VariantVal

TEXTS = ['{"a":[1,2.5,"x",null],"b":1000.0}', "5", None]


def variants(spark: SparkSession) -> Any:
    frame = spark.createDataFrame([(text,) for text in TEXTS], "j string")
    return frame.select(sf.parse_json("j").alias("v"))


def texts(frame: Any) -> list[str | None]:
    return [row[0] and row[0].toJson() for row in frame.collect()]


def test_variants_are_collected_and_given_back(spark: SparkSession) -> None:
    rows = variants(spark).collect()
    assert isinstance(rows[0].v, VariantVal)
    assert rows[0].v.toPython()["b"] == 1000.0
    assert texts(spark.createDataFrame(rows, "v variant")) == TEXTS


def test_variants_in_the_form_of_the_client(spark: SparkSession) -> None:
    frame = spark.createDataFrame([(VariantVal.parseJson('{"k":[1,{"z":"é"}]}'),)], ["v"])
    assert frame.select(sf.to_json("v"), sf.schema_of_variant("v")).first() == (
        '{"k":[1,{"z":"é"}]}',
        "OBJECT<k: ARRAY<VARIANT>>",
    )


def test_variants_are_shown_as_json(spark: SparkSession) -> None:
    assert variants(spark)._show_string(20, False).splitlines()[3:6] == [
        "|" + str(text or "NULL").ljust(33) + "|" for text in TEXTS
    ]


def test_variants_in_parquet(spark: SparkSession, tmp_path: Path) -> None:
    variants(spark).coalesce(1).write.parquet(str(tmp_path / "v"))
    read = spark.read.parquet(str(tmp_path / "v"))
    assert read.schema.simpleString() == "struct<v:variant>"
    assert texts(read) == TEXTS


def test_parquet_files_with_variants_in_columns_of_their_own(
    spark: SparkSession, tmp_path: Path
) -> None:
    import duckdb

    path = tmp_path / "shredded.parquet"
    duckdb.sql(
        "COPY (SELECT CAST(j AS JSON)::VARIANT AS v "
        f"FROM (VALUES ('{{\"a\":[1,null]}}'), (NULL)) t(j)) TO '{path}'"
    )
    read = spark.read.parquet(str(path))
    assert read.schema.simpleString() == "struct<v:variant>"
    assert texts(read) == ['{"a":[1,null]}', None]
    assert read.selectExpr("v:a[0]::int").first() == (1,)


def test_variants_in_python_functions(spark: SparkSession) -> None:
    shown = sf.udf(lambda v: v and v.toJson(), "string")
    parsed = sf.udf(lambda text: text and VariantVal.parseJson(text), "variant")
    frame = variants(spark)
    assert [row[0] for row in frame.select(shown("v")).collect()] == TEXTS
    # The client reads 1000.0 as a decimal.
    assert texts(frame.select(parsed(sf.to_json("v"))))[1:] == TEXTS[1:]
