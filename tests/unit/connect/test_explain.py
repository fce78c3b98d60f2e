"""What ``explain`` and EXPLAIN say of a query."""

import re
from pathlib import Path
from typing import Any

import pytest
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.window import Window


def explained(frame: DataFrame, mode: str = "simple") -> str:
    plan: Any = frame._plan  # type: ignore[attr-defined]
    client: Any = frame.sparkSession.client
    text = str(client.explain_string(plan.to_proto(client), mode))
    return re.sub(r"#\d+", "#", text)


@pytest.fixture
def files(spark: SparkSession, tmp_path: Path) -> DataFrame:
    path = str(tmp_path / "files")
    rows = spark.range(10).selectExpr("id", "cast(id as string) name", "id % 2 as part")
    rows.write.partitionBy("part").parquet(path)
    return spark.read.parquet(path)


@pytest.fixture
def people(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame([(1, "a"), (2, "b")], "age long, name string")


def test_a_plan_is_a_tree(spark: SparkSession) -> None:
    frame = spark.range(0, 5, 1, 3).filter("id > 1").select((F.col("id") + 1).alias("x"))
    assert explained(frame) == (
        "== Physical Plan ==\n"
        "Project [(id#L + 1) AS x#L]\n"
        "+- Filter (id#L > 1)\n"
        "   +- Range (0, 5, step=1, splits=3)\n"
    )


def test_filters_are_told_to_files(files: DataFrame) -> None:
    text = explained(files.filter("part = 1 AND id > 3 AND name LIKE 'a%'").select("id"))
    assert "PartitionFilters: [isnotnull(part#), (part# = 1)]" in text
    assert "PushedFilters: [IsNotNull(id), IsNotNull(name), GreaterThan(id,3), " in text
    assert "StringStartsWith(name,a)], " in text
    assert "ReadSchema: struct<id:bigint,name:string>" in text
    assert "Format: Parquet" in text


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("id < 3 OR name = 'x'", "Or(LessThan(id,3),EqualTo(name,x))"),
        ("id IN (1, 2)", "In(id, [1,2])"),
        ("NOT (id = 3)", "IsNotNull(id), Not(EqualTo(id,3))"),
        ("name LIKE '%a'", "IsNotNull(name), StringEndsWith(name,a)"),
        ("name LIKE '%a%'", "IsNotNull(name), StringContains(name,a)"),
        ("name LIKE 'a_'", "IsNotNull(name)"),
        ("id IS NULL", "IsNull(id)"),
        ("5 > id", "IsNotNull(id), LessThan(id,5)"),
        ("upper(name) = 'A'", ""),
    ],
)
def test_what_a_source_can_test(files: DataFrame, condition: str, told: str) -> None:
    assert f"PushedFilters: [{told}]" in explained(files.filter(condition))


def test_only_columns_that_are_read_are_scanned(files: DataFrame) -> None:
    assert "ReadSchema: struct<>" in explained(files.agg(F.count("*")))
    assert "ReadSchema: struct<name:string>" in explained(files.select("name"))


@pytest.mark.parametrize(
    ("hint", "join"),
    [
        ("broadcast", "BroadcastHashJoin [name#], [name#], Inner, BuildRight, false, false"),
        ("merge", "SortMergeJoin [name#], [name#], Inner"),
        ("shuffle_hash", "ShuffledHashJoin [name#], [name#], Inner, BuildRight"),
        ("shuffle_replicate_nl", "CartesianProduct (name# = name#)"),
    ],
)
def test_hints_choose_joins(people: DataFrame, hint: str, join: str) -> None:
    assert f"+- {join}\n" in explained(people.join(people.hint(hint), "name"))


def test_a_hint_names_a_relation(spark: SparkSession, people: DataFrame) -> None:
    people.createOrReplaceTempView("people")
    query = "SELECT /*+ {}({}) */ * FROM people a JOIN people b ON a.age = b.age"
    assert "SortMergeJoin" in explained(spark.sql(query.format("MERGE", "a")))
    assert "BuildLeft" in explained(spark.sql(query.format("BROADCAST", "a")))
    assert "BuildRight" in explained(spark.sql(query.format("BROADCAST", "b")))
    assert spark.sql(query.format("BROADCAST", "a")).count() == 2


def test_sizes_choose_joins(spark: SparkSession) -> None:
    large = spark.range(100_000_000)
    assert "SortMergeJoin" in explained(large.join(large.toDF("other"), F.expr("id = other")))
    small = spark.range(10).toDF("other")
    assert "BroadcastHashJoin" in explained(large.join(small, F.expr("id = other")))
    spark.conf.set("spark.sql.autoBroadcastJoinThreshold", "-1")
    try:
        assert "SortMergeJoin" in explained(large.join(small, F.expr("id = other")))
    finally:
        spark.conf.unset("spark.sql.autoBroadcastJoinThreshold")


def test_groups_windows_and_order(people: DataFrame) -> None:
    text = explained(people.groupBy("name").agg(F.sum("age")))
    assert "HashAggregate(keys=[name#], functions=[sum(age#L)])" in text
    assert "Exchange hashpartitioning(name#, 200)" in text
    window = Window.partitionBy("name").orderBy("age")
    assert "Window [row_number() windowspecdefinition(name#, age#L ASC NULLS FIRST, " in explained(
        people.select(F.row_number().over(window))
    )
    assert "Sort [age#L DESC NULLS LAST], true, 0" in explained(people.orderBy(F.desc("age")))
    assert "TakeOrderedAndProject(limit=3" in explained(people.orderBy("age").limit(3))


def test_cached_rows_are_shown_with_their_plan(spark: SparkSession) -> None:
    frame = spark.range(3).filter("id > 0").cache()
    try:
        text = explained(frame.filter("id > 1"))
        assert "InMemoryTableScan [id#L], [(id#L > 1)]\n      +- InMemoryRelation [id#L], " in text
        assert "StorageLevel(disk, memory, deserialized, 1 replicas)" in text
        assert "         +- Filter (id#L > 0)" in text
        assert "(2) InMemoryRelation\nArguments: [id#L]" in explained(frame, "formatted")
    finally:
        frame.unpersist()


def test_cost_gives_sizes(spark: SparkSession, files: DataFrame) -> None:
    assert "Range (0, 5, step=1, splits=None), Statistics(sizeInBytes=40.0 B, rowCount=5)" in (
        explained(spark.range(5), "cost")
    )
    text = explained(files.select("id").limit(3), "cost")
    assert "GlobalLimit 3, Statistics(sizeInBytes=48.0 B, rowCount=3)" in text
    assert re.search(r"Relation .* parquet, Statistics\(sizeInBytes=[\d.]+ KiB\)", text)


def test_extended_has_all_plans(spark: SparkSession, people: DataFrame) -> None:
    people.createOrReplaceTempView("people")
    text = explained(spark.sql("SELECT upper(name) AS n FROM people WHERE age > 1"), "extended")
    parsed, analyzed, optimized, physical = re.split(r"\n*== [\w ]+ ==\n", text)[1:]
    assert parsed.splitlines() == [
        "'Project ['upper('name) AS n]",
        "+- 'Filter ('age > 1)",
        "   +- 'UnresolvedRelation [people]",
    ]
    assert analyzed.startswith("n: string\nProject [upper(name#) AS n#]\n+- Filter (age#L > 1)")
    assert "LocalRelation [age#L, name#]" in optimized
    assert "LocalTableScan [age#L, name#]" in physical


def test_formatted_numbers_operators(people: DataFrame) -> None:
    assert explained(people.filter("age > 1"), "formatted") == (
        "== Physical Plan ==\n"
        "Filter (2)\n"
        "+- LocalTableScan (1)\n\n\n"
        "(1) LocalTableScan\n"
        "Output [2]: [age#L, name#]\n"
        "Arguments: [age#L, name#]\n\n"
        "(2) Filter\n"
        "Input [2]: [age#L, name#]\n"
        "Condition : (isnotnull(age#L) AND (age#L > 1))\n"
    )


def test_codegen_is_what_duckdb_runs(people: DataFrame) -> None:
    text = explained(people.filter("age > 1").orderBy("age"), "codegen")
    sql, plan = re.split(r"\n*== [\w ]+ ==\n", text)[1:]
    assert sql.startswith("SELECT ")
    words = [line.split()[0] for line in sql.splitlines()]
    assert [words.count(word) for word in ("FROM", "WHERE", "ORDER")] == [1, 1, 1]
    assert plan


@pytest.mark.parametrize("mode", ["", "EXTENDED", "CODEGEN", "COST", "FORMATTED"])
def test_the_statement_explains_too(spark: SparkSession, mode: str) -> None:
    ((text,),) = spark.sql(f"EXPLAIN {mode} SELECT 1").collect()
    assert text.startswith("== ")


def test_the_statement_answers_errors_and_commands(spark: SparkSession) -> None:
    ((text,),) = spark.sql("EXPLAIN SELECT nothing").collect()
    assert text.startswith("Error occurred during query planning: \n[UNRESOLVED_COLUMN")
    ((text,),) = spark.sql("EXPLAIN SHOW TABLES").collect()
    assert text == "== Physical Plan ==\nExecute ShowTablesCommand\n"
    ((text,),) = spark.sql("EXPLAIN CREATE TABLE made AS SELECT 1 AS one").collect()
    assert text.startswith("== Physical Plan ==\nExecute InsertInto")
    assert "+- Project [1 AS one#" in text
    assert not spark.catalog.tableExists("made")


def test_every_operator_has_a_picture(spark: SparkSession, people: DataFrame) -> None:
    people.createOrReplaceTempView("people")
    queries = [
        "SELECT explode(array(age, 2)) FROM people",
        "SELECT * FROM people UNION SELECT * FROM people",
        "SELECT * FROM people INTERSECT SELECT * FROM people",
        "SELECT * FROM people WHERE age > (SELECT avg(age) FROM people)",
        "SELECT * FROM people WHERE age IN (SELECT age FROM people)",
        "WITH x AS (SELECT * FROM people) SELECT * FROM x a JOIN x b USING (age)",
        "SELECT name, count(*) FROM people GROUP BY ROLLUP (name)",
        "SELECT * FROM people PIVOT (count(*) FOR age IN (1, 2))",
        "SELECT * FROM VALUES (1, 'a'), (2, 'b') AS t(a, b)",
        "SELECT transform(array(age), x -> x + 1) FROM people OFFSET 1",
        "SELECT * FROM people a, LATERAL (SELECT a.age + 1)",
        "SELECT * FROM people TABLESAMPLE (50 PERCENT)",
        "SELECT * FROM VALUES (1) AS t(a) WHERE a IS NOT NULL",
        "WITH RECURSIVE r AS (SELECT 1 n UNION ALL SELECT n + 1 FROM r WHERE n < 3) TABLE r",
    ]
    for query in queries:
        for mode in ("simple", "extended", "cost", "formatted", "codegen"):
            assert explained(spark.sql(query), mode).startswith("== "), query


@pytest.mark.parametrize(
    ("hint", "condition"),
    [
        ("COALESCE", "_LEGACY_ERROR_TEMP_1048"),
        ("COALESCE('a')", "_LEGACY_ERROR_TEMP_1048"),
        ("COALESCE(1, 2)", "_LEGACY_ERROR_TEMP_1048"),
        ("REPARTITION(col1, 3)", "_LEGACY_ERROR_TEMP_1047"),
        ("REPARTITION('a')", "UNRESOLVED_COLUMN.WITH_SUGGESTION"),
    ],
)
def test_hints_about_partitions_are_checked(spark: SparkSession, hint: str, condition: str) -> None:
    with pytest.raises(AnalysisException) as raised:
        spark.sql(f"SELECT /*+ {hint} */ * FROM VALUES (1)").collect()
    assert raised.value.getCondition() == condition


def test_try_cast_has_the_types_of_ansi(spark: SparkSession) -> None:
    with pytest.raises(AnalysisException, match="CAST_WITH_FUNC_SUGGESTION"):
        spark.sql("SELECT try_cast(DATE'2020-01-01' AS INT)").collect()
