"""SQL text from the client: queries go back as relations, statements run at once."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyspark.errors import AnalysisException, ParseException, UnsupportedOperationException
from pyspark.sql.connect import proto
from pyspark.sql.connect.session import SparkSession

from pyrite.connect import commands
from pyrite.connect.server import SparkConnectService
from pyrite.sql.plans.commands import CreateView
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import SqlText, WithRelations


def test_a_query_is_run_when_its_rows_are_asked_for(spark: SparkSession) -> None:
    frame = spark.sql("SELECT id + 1 AS n FROM range(3)")
    assert frame._plan.to_proto(spark.client).root.HasField("sql")
    assert [row.n for row in frame.collect()] == [1, 2, 3]


def test_what_is_wrong_with_a_query_shows_at_once(spark: SparkSession) -> None:
    with pytest.raises(ParseException):
        spark.sql("SELEC 1")
    with pytest.raises(AnalysisException, match="UNRESOLVED_COLUMN"):
        spark.sql("SELECT nope FROM range(3)")


def test_queries_take_arguments_and_dataframes(spark: SparkSession) -> None:
    numbers = spark.range(5)
    query = "SELECT sum(id) AS s FROM {numbers} WHERE id > :low"
    assert spark.sql(query, {"low": 2}, numbers=numbers).collect()[0].s == 7
    assert spark.sql("SELECT ? AS a, ? AS b", [1, "x"]).collect()[0] == (1, "x")


def test_a_statement_is_run_at_once_and_its_rows_come_back(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse(text: str, settings: object) -> LogicalPlan:
        assert text == "a statement"
        return CreateView(("made",), SqlText("SELECT 7 AS n"), "local", replace=True)

    monkeypatch.setattr(commands, "parse_statement", parse)
    frame = spark.sql("a statement")
    assert spark.table("made").collect()[0].n == 7
    assert frame._plan.to_proto(spark.client).root.HasField("local_relation")
    assert frame.collect() == []


def test_the_queries_inside_a_statement_see_the_dataframes_it_names(
    spark: SparkSession, service: SparkConnectService, monkeypatch: pytest.MonkeyPatch
) -> None:
    query, references = SqlText("SELECT 1"), (SqlText("SELECT 2"),)
    view = CreateView(("made",), query, "local", replace=True)
    monkeypatch.setattr(commands, "parse_statement", lambda *_: view)
    state = service.sessions.session("tester", spark.client._session_id).state
    statement = commands._statement(state, WithRelations(references, SqlText("CREATE")))
    assert isinstance(statement, CreateView)
    assert statement.child == WithRelations(references, query)


def test_clients_that_send_bare_text_get_a_relation_of_it(raw: Any) -> None:
    command = proto.SqlCommand(sql="SELECT :x AS x")
    command.named_arguments["x"].literal.integer = 3
    answer, _ = raw.execute(proto.Plan(command=proto.Command(sql_command=command)))
    relation = answer.sql_command_result.relation
    assert relation.sql.query == "SELECT :x AS x"
    batches = [r.arrow_batch for r in raw.execute(proto.Plan(root=relation))]
    with pa.ipc.open_stream(batches[1].data) as reader:
        assert reader.read_all().to_pylist() == [{"x": 3}]


def test_there_is_no_jvm(spark: SparkSession) -> None:
    with pytest.raises(UnsupportedOperationException, match="no JVM"):
        spark.sql("SELECT reflect('java.util.UUID', 'randomUUID')").collect()


def test_tables_remember_what_they_are_clustered_by(spark: SparkSession, tmp_path: Path) -> None:
    rows = spark.createDataFrame([(1, "a")], "id int, name string")
    path = str(tmp_path / "rows")
    rows.write.clusterBy("name").parquet(path)
    assert spark.read.parquet(path).count() == 1
    rows.write.clusterBy("name").saveAsTable("clustered")
    described = [tuple(row) for row in spark.sql("DESCRIBE clustered").collect()]
    assert described[2:] == [
        ("# Clustering Information", "", ""),
        ("# col_name", "data_type", "comment"),
        ("name", "string", None),
    ]
    assert "CLUSTER BY (name)" in spark.sql("SHOW CREATE TABLE clustered").first()[0]
    spark.sql("ALTER TABLE clustered CLUSTER BY (id, name)")
    properties = spark.sql("SHOW TBLPROPERTIES clustered").collect()
    assert [tuple(row) for row in properties] == [("clusteringColumns", '[["id"],["name"]]')]
    spark.sql("ALTER TABLE clustered CLUSTER BY NONE")
    assert spark.sql("DESCRIBE clustered").count() == 2
    spark.sql("DROP TABLE clustered")
    spark.sql("CREATE TABLE clustered (id INT) USING parquet CLUSTER BY (id)")
    assert spark.sql("DESCRIBE clustered").count() == 4
    with pytest.raises(AnalysisException, match="COLUMN_NOT_FOUND"):
        rows.write.clusterBy("nothing").saveAsTable("other")
    with pytest.raises(AnalysisException, match="SPECIFY_CLUSTER_BY_WITH_PARTITIONED_BY"):
        rows.write.clusterBy("name").partitionBy("id").saveAsTable("other")
    with pytest.raises(AnalysisException, match="SPECIFY_CLUSTER_BY_WITH_BUCKETING"):
        rows.write.clusterBy("name").bucketBy(2, "id").saveAsTable("other")
    spark.sql("DROP TABLE clustered")


def test_the_empty_map_has_keys_of_no_type(spark: SparkSession) -> None:
    frame = spark.sql("SELECT map() AS m, array() AS a")
    assert frame.dtypes == [("m", "map<void,void>"), ("a", "array<void>")]
    assert frame.first() == ({}, [])
    assert frame._show_string() == "+---+---+\n|  m|  a|\n+---+---+\n| {}| []|\n+---+---+\n"


@pytest.mark.parametrize(
    ("call", "condition"),
    [("range(0, 5, 0)", "FAILED_FUNCTION_CALL"), ("range(1, NULL)", "UNEXPECTED_INPUT_TYPE")],
)
def test_ranges_have_an_end_and_a_step(spark: SparkSession, call: str, condition: str) -> None:
    with pytest.raises(AnalysisException) as raised:
        spark.sql(f"SELECT * FROM {call}").collect()
    assert raised.value.getCondition() == condition
