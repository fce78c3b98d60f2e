"""The client's DataFrame methods, and the plans they become."""

import pyarrow as pa
import pytest
from pyspark.sql.connect import functions as F
from pyspark.sql.connect import plan as client_plan
from pyspark.sql.connect import proto
from pyspark.sql.types import LongType, StringType, StructType

from pyrite.sql.errors import SparkError
from pyrite.sql.expressions.expression import Literal, SortOrder
from pyrite.sql.expressions.unresolved import (
    UnresolvedAlias,
    UnresolvedAttribute,
    UnresolvedFunction,
    UnresolvedStar,
)
from pyrite.sql.plans.plan import JoinType, OneRowRelation
from pyrite.sql.plans.unresolved import (
    CachedRemoteRelation,
    CatalogCall,
    Describe,
    DropColumns,
    DropNa,
    FillNa,
    HtmlString,
    Observe,
    Parse,
    PlanId,
    ReplaceValues,
    ShowString,
    SqlText,
    StatFunction,
    Summary,
    ToDF,
    ToSchema,
    Transpose,
    UnresolvedAggregate,
    UnresolvedAsOfJoin,
    UnresolvedDataSource,
    UnresolvedDistinct,
    UnresolvedFilter,
    UnresolvedHint,
    UnresolvedJoin,
    UnresolvedLimit,
    UnresolvedNearestByJoin,
    UnresolvedOffset,
    UnresolvedPivot,
    UnresolvedProject,
    UnresolvedRange,
    UnresolvedRelation,
    UnresolvedRepartition,
    UnresolvedSample,
    UnresolvedSetOperation,
    UnresolvedSort,
    UnresolvedSubqueryAlias,
    UnresolvedTableFunction,
    UnresolvedTail,
    UnresolvedUnpivot,
    WithColumns,
    WithColumnsRenamed,
    WithRelations,
    WithWatermark,
)
from pyrite.sql.types import BOOLEAN, DOUBLE, INTEGER, LONG, STRING

T = UnresolvedRelation(("t",))
A = UnresolvedAttribute(("a",))
B = UnresolvedAttribute(("b",))


def call(name, *arguments):
    return UnresolvedFunction((name,), arguments)


def number(value):
    return Literal(value, INTEGER)


ID_PLUS_ONE = call("+", A, number(1))

METHODS = {
    "select": (
        lambda t: t.select("a", (F.col("b") + 1).alias("c"), "*"),
        UnresolvedProject((A, UnresolvedAlias(call("+", B, number(1)), "c"), UnresolvedStar()), T),
    ),
    "filter": (lambda t: t.filter(F.col("a") > 1), UnresolvedFilter(call(">", A, number(1)), T)),
    "limit": (lambda t: t.limit(3), UnresolvedLimit(number(3), T)),
    "offset": (lambda t: t.offset(3), UnresolvedOffset(number(3), T)),
    "orderBy": (
        lambda t: t.orderBy("a", F.desc("b")),
        UnresolvedSort((SortOrder(A, True, True), SortOrder(B, False, False)), True, T),
    ),
    "sortWithinPartitions": (
        lambda t: t.sortWithinPartitions(F.asc_nulls_last("a"), F.desc_nulls_first("b")),
        UnresolvedSort((SortOrder(A, True, False), SortOrder(B, False, True)), False, T),
    ),
    "groupBy": (
        lambda t: t.groupBy("a").agg(F.sum("b")),
        UnresolvedAggregate((A,), (call("sum", B),), T, "groupby", keep_grouping=True),
    ),
    "rollup": (
        lambda t: t.rollup("a").agg(F.sum("b")),
        UnresolvedAggregate((A,), (call("sum", B),), T, "rollup", keep_grouping=True),
    ),
    "cube": (
        lambda t: t.cube("a").agg(F.sum("b")),
        UnresolvedAggregate((A,), (call("sum", B),), T, "cube", keep_grouping=True),
    ),
    "groupingSets": (
        lambda t: t.groupingSets([[F.col("a")], []], F.col("a")).agg(F.sum("b")),
        UnresolvedAggregate(
            (A,), (call("sum", B),), T, "grouping_sets", ((A,), ()), keep_grouping=True
        ),
    ),
    "pivot": (
        lambda t: t.groupBy("a").pivot("b", [1, 2]).agg(F.sum("b")),
        UnresolvedPivot((A,), B, ((number(1), None), (number(2), None)), (call("sum", B),), T),
    ),
    "pivot without values": (
        lambda t: t.groupBy("a").pivot("b").agg(F.sum("b")),
        UnresolvedPivot((A,), B, (), (call("sum", B),), T),
    ),
    "join using": (
        lambda t: t.join(t, ["a", "b"], "left_anti"),
        UnresolvedJoin(T, T, JoinType.LEFT_ANTI, None, ("a", "b")),
    ),
    "join on": (
        lambda t: t.join(t, F.col("a") == F.col("b"), "outer"),
        UnresolvedJoin(T, T, JoinType.FULL_OUTER, call("==", A, B)),
    ),
    "join": (lambda t: t.join(t), UnresolvedJoin(T, T, JoinType.INNER)),
    "crossJoin": (lambda t: t.crossJoin(t), UnresolvedJoin(T, T, JoinType.CROSS)),
    "lateralJoin": (
        lambda t: t.lateralJoin(t, F.col("a") == 1, "left"),
        UnresolvedJoin(T, T, JoinType.LEFT_OUTER, call("==", A, number(1)), lateral=True),
    ),
    "union": (
        lambda t: t.union(t),
        UnresolvedSetOperation(T, T, "union", True),
    ),
    "unionByName": (
        lambda t: t.unionByName(t, allowMissingColumns=True),
        UnresolvedSetOperation(T, T, "union", True, True, True),
    ),
    "intersect": (lambda t: t.intersect(t), UnresolvedSetOperation(T, T, "intersect", False)),
    "exceptAll": (lambda t: t.exceptAll(t), UnresolvedSetOperation(T, T, "except", True)),
    "distinct": (lambda t: t.distinct(), UnresolvedDistinct(T)),
    "dropDuplicates": (lambda t: t.dropDuplicates(["a"]), UnresolvedDistinct(T, ("a",))),
    "dropDuplicatesWithinWatermark": (
        lambda t: t.dropDuplicatesWithinWatermark(["a"]),
        UnresolvedDistinct(T, ("a",), True),
    ),
    "sample": (
        lambda t: t.sample(True, 0.5, 7),
        UnresolvedSample(0.0, 0.5, True, 7, T, False),
    ),
    "randomSplit": (
        lambda t: t.randomSplit([1.0, 1.0], 7)[1],
        UnresolvedSample(0.5, 1.0, False, 7, T, True),
    ),
    "alias": (lambda t: t.alias("x"), UnresolvedSubqueryAlias("x", T)),
    "repartition": (lambda t: t.repartition(4), UnresolvedRepartition(4, True, (), T)),
    "coalesce": (lambda t: t.coalesce(4), UnresolvedRepartition(4, False, (), T)),
    "repartition by": (lambda t: t.repartition("a"), UnresolvedRepartition(None, True, (A,), T)),
    "repartitionByRange": (
        lambda t: t.repartitionByRange(4, "a"),
        UnresolvedRepartition(4, True, (SortOrder(A),), T),
    ),
    "repartitionById": (
        lambda t: t.repartitionById(4, F.col("a")),
        UnresolvedRepartition(4, True, (A,), T, True),
    ),
    "toDF": (lambda t: t.toDF("x", "y"), ToDF(("x", "y"), T)),
    "withColumnsRenamed": (
        lambda t: t.withColumnsRenamed({"b": "y", "a": "x"}),
        WithColumnsRenamed((("b", "y"), ("a", "x")), T),
    ),
    "withColumn": (
        lambda t: t.withColumn("c", F.lit(1)),
        WithColumns((UnresolvedAlias(number(1), "c"),), T),
    ),
    "withMetadata": (
        lambda t: t.withMetadata("a", {"k": 1}),
        WithColumns((UnresolvedAlias(A, "a", '{"k": 1}'),), T),
    ),
    "drop": (
        lambda t: t.drop("a", F.col("b")),
        DropColumns((B,), ("a",), T),
    ),
    "hint": (
        lambda t: t.hint("broadcast", "x", 1),
        UnresolvedHint("broadcast", (Literal("x", STRING), number(1)), T),
    ),
    "unpivot": (
        lambda t: t.unpivot("a", ["b"], "var", "val"),
        UnresolvedUnpivot((A,), (((B,), None),), "var", ("val",), T),
    ),
    "unpivot the rest": (
        lambda t: t.unpivot("a", None, "var", "val"),
        UnresolvedUnpivot((A,), None, "var", ("val",), T),
    ),
    "to": (
        lambda t: t.to(StructType().add("a", LongType())),
        ToSchema(StructType().add("a", LongType()), T),
    ),
    "transpose": (lambda t: t.transpose("a"), Transpose((A,), T)),
    "observe": (
        lambda t: t.observe("stats", F.sum("a").alias("s")),
        Observe("stats", (UnresolvedAlias(call("sum", A), "s"),), T),
    ),
    "withWatermark": (lambda t: t.withWatermark("a", "1 hour"), WithWatermark("a", "1 hour", T)),
    "na.fill": (
        lambda t: t.na.fill({"a": 1, "b": "x"}),
        FillNa(("a", "b"), (Literal(1, LONG), Literal("x", STRING)), T),
    ),
    "na.fill all": (lambda t: t.na.fill(False), FillNa((), (Literal(False, BOOLEAN),), T)),
    "na.drop": (lambda t: t.na.drop("all", subset=["a"]), DropNa(("a",), 1, T)),
    "na.drop any": (lambda t: t.na.drop(), DropNa((), None, T)),
    "na.replace": (
        lambda t: t.na.replace([1, 2], [3, 4], "a"),
        ReplaceValues(
            ("a",),
            (
                (Literal(1.0, DOUBLE), Literal(3.0, DOUBLE)),
                (Literal(2.0, DOUBLE), Literal(4.0, DOUBLE)),
            ),
            T,
        ),
    ),
    "describe": (lambda t: t.describe("a"), Describe(("a",), T)),
    "summary": (lambda t: t.summary("count", "25%"), Summary(("count", "25%"), T)),
    "crosstab": (lambda t: t.crosstab("a", "b"), StatFunction("crosstab", (A, B), (), T)),
    "freqItems": (
        lambda t: t.freqItems(["a"]),
        StatFunction("freq_items", (A,), (("support", 0.01),), T),
    ),
    "sampleBy": (
        lambda t: t.sampleBy("a", {1: 0.5}, 7),
        StatFunction("sample_by", (A,), (("fractions", ((number(1), 0.5),)), ("seed", 7)), T),
    ),
}


@pytest.mark.parametrize(("method", "expected"), METHODS.values(), ids=METHODS.keys())
def test_methods_of_dataframes(method, expected, table, planned):
    assert planned(method(table)) == expected


INPUT = client_plan.Read("t")

PLANS = {
    "range": (client_plan.Range(1, 10, 2, 4), UnresolvedRange(1, 10, 2, 4)),
    "range by default": (client_plan.Range(0, 10, 1), UnresolvedRange(0, 10, 1, None)),
    "table": (
        client_plan.Read("`a.b`.t", {"k": "v"}),
        UnresolvedRelation(("a.b", "t"), (("k", "v"),)),
    ),
    "files": (
        client_plan.DataSource("csv", None, {"sep": ";", "header": "true"}, ["x", "y"]),
        UnresolvedDataSource(
            "csv",
            None,
            (("header", "true"), ("sep", ";")),
            ("x", "y"),
        ),
    ),
    "files of the default format": (
        client_plan.DataSource(paths=["x"]),
        UnresolvedDataSource("parquet", None, (), ("x",)),
    ),
    "schema as JSON": (
        client_plan.DataSource("json", StructType().add("a", "long").json(), {}, ["x"]),
        UnresolvedDataSource("json", StructType().add("a", "long"), (), ("x",)),
    ),
    "rows that the server keeps": (
        client_plan.CachedRemoteRelation("r1", None),
        CachedRemoteRelation("r1"),
    ),
    "sql": (client_plan.SQL("SELECT 1"), SqlText("SELECT 1")),
    "show": (client_plan.ShowString(INPUT, 20, 5, True), ShowString(20, 5, True, T)),
    "html": (client_plan.HtmlString(INPUT, 20, 5), HtmlString(20, 5, T)),
    "tail": (client_plan.Tail(INPUT, 5), UnresolvedTail(5, T)),
    "cov": (client_plan.StatCov(INPUT, "a", "b"), StatFunction("cov", (A, B), (), T)),
    "corr": (
        client_plan.StatCorr(INPUT, "a", "b", "pearson"),
        StatFunction("corr", (A, B), (("method", "pearson"),), T),
    ),
    "approxQuantile": (
        client_plan.StatApproxQuantile(INPUT, ["a"], [0.5], 0.1),
        StatFunction(
            "approx_quantile", (A,), (("probabilities", (0.5,)), ("relative_error", 0.1)), T
        ),
    ),
    "catalog": (
        client_plan.ListTables("db", "a*"),
        CatalogCall("list_tables", (("db_name", "db"), ("pattern", "a*"))),
    ),
    "catalog without arguments": (
        client_plan.ListTables(),
        CatalogCall("list_tables", (("db_name", None), ("pattern", None))),
    ),
    "catalog with a schema": (
        client_plan.CreateTable(
            "t", "p", "csv", "about t", StructType().add("a", "string"), {"sep": ";"}
        ),
        CatalogCall(
            "create_table",
            (
                ("table_name", "t"),
                ("path", "p"),
                ("source", "csv"),
                ("description", "about t"),
                ("schema", StructType().add("a", StringType())),
                ("options", (("sep", ";"),)),
            ),
        ),
    ),
}


@pytest.mark.parametrize(("plan", "expected"), PLANS.values(), ids=PLANS.keys())
def test_plans(plan, expected, frame, planned):
    assert planned(frame(plan)) == expected


def message(kind, **fields):
    return proto.Relation(**{kind: fields})


def table_message():
    return proto.Relation(read=proto.Read(named_table={"unparsed_identifier": "t"}))


def column_message(name):
    return proto.Expression(unresolved_attribute={"unparsed_identifier": name})


def literal_message(**value):
    return proto.Expression.Literal(**value)


MESSAGES = {
    "project without input": (
        message("project", expressions=[column_message("a")]),
        UnresolvedProject((A,), OneRowRelation()),
    ),
    "older renames": (
        message("with_columns_renamed", input=table_message(), rename_columns_map={"a": "x"}),
        WithColumnsRenamed((("a", "x"),), T),
    ),
    "older arguments of sql": (
        message(
            "sql",
            query="SELECT :x",
            args={"x": literal_message(integer=1)},
            pos_args=[literal_message(double=2.0)],
        ),
        SqlText("SELECT :x", (("x", number(1)),), (Literal(2.0, DOUBLE),)),
    ),
    "arguments of sql": (
        message(
            "sql",
            query="SELECT :x",
            named_arguments={"x": column_message("a")},
            pos_arguments=[column_message("b")],
        ),
        SqlText("SELECT :x", (("x", A),), (B,)),
    ),
    "parse": (
        message("parse", input=table_message(), format="PARSE_FORMAT_JSON", options={"k": "v"}),
        Parse("json", None, (("k", "v"),), T),
    ),
    "table function": (
        message(
            "unresolved_table_valued_function",
            function_name="explode",
            arguments=[column_message("a")],
        ),
        UnresolvedTableFunction(("explode",), (A,)),
    ),
    "as of join": (
        message(
            "as_of_join",
            left=table_message(),
            right=table_message(),
            left_as_of=column_message("a"),
            right_as_of=column_message("b"),
            using_columns=["k"],
            join_type="left_outer",
            tolerance=column_message("a"),
            allow_exact_matches=True,
            direction="backward",
        ),
        UnresolvedAsOfJoin(T, T, A, B, None, ("k",), JoinType.LEFT_OUTER, A, True, "backward"),
    ),
    "nearest by join": (
        message(
            "nearest_by_join",
            left=table_message(),
            right=table_message(),
            ranking_expression=column_message("a"),
            num_results=3,
            join_type="inner",
            mode="exact",
            direction="distance",
        ),
        UnresolvedNearestByJoin(T, T, A, 3, JoinType.INNER, "exact", "distance"),
    ),
}


@pytest.mark.parametrize(("sent", "expected"), MESSAGES.values(), ids=MESSAGES.keys())
def test_messages_of_other_clients(sent, expected, planner):
    assert planner.relation(sent) == expected


WRONG = {
    "JOIN": (
        message(
            "join",
            left=table_message(),
            right=table_message(),
            join_type="JOIN_TYPE_INNER",
            using_columns=["a"],
            join_condition=column_message("a"),
        ),
        "CONNECT_INVALID_PLAN.USING_COLUMNS_OR_JOIN_CONDITION_SET_IN_JOIN",
        {},
    ),
    "JOIN TYPE": (
        message("join", left=table_message(), right=table_message()),
        "CONNECT_INVALID_PLAN.INVALID_ENUM",
        {
            "fullName": "spark.connect.Join.JoinType",
            "name": "JOIN_TYPE_UNSPECIFIED",
            "number": "0",
        },
    ),
    "EXCEPT BY NAME": (
        message(
            "set_op",
            left_input=table_message(),
            right_input=table_message(),
            set_op_type="SET_OP_TYPE_EXCEPT",
            by_name=True,
        ),
        "CONNECT_INVALID_PLAN.EXCEPT_DOES_NOT_SUPPORT_UNION_BY_NAME",
        {},
    ),
    "DISTINCT": (
        message("deduplicate", input=table_message()),
        "CONNECT_INVALID_PLAN.DEDUPLICATE_REQUIRES_COLUMNS_OR_ALL",
        {},
    ),
    "AS OF": (
        message(
            "as_of_join",
            **dict.fromkeys(("left", "right"), table_message()),
            left_as_of=column_message("a"),
            right_as_of=column_message("a"),
            join_type="odd",
        ),
        "UNSUPPORTED_JOIN_TYPE",
        None,
    ),
    "NAME": (
        message("filter", input=table_message(), condition=column_message("a..b")),
        "INVALID_ATTRIBUTE_NAME_SYNTAX",
        {"name": "a..b"},
    ),
    "ROWS": (
        message("local_relation"),
        "CONNECT_INVALID_PLAN.SCHEMA_REQUIRED_FOR_LOCAL_RELATION",
        {},
    ),
    "QUALIFIER": (
        message("subquery_alias", input=table_message(), alias="x", qualifier=["q"]),
        "UNSUPPORTED_FEATURE.PYRITE",
        {"what": "qualifier of the message SubqueryAlias"},
    ),
    "STREAM": (
        message("read", named_table={"unparsed_identifier": "t"}, is_streaming=True),
        "UNSUPPORTED_FEATURE.PYRITE",
        {"what": "streaming: is_streaming of the message Read"},
    ),
}


@pytest.mark.parametrize(("sent", "condition", "parameters"), WRONG.values(), ids=WRONG.keys())
def test_wrong_messages(sent, condition, parameters, planner):
    sent = proto.Relation.FromString(sent.SerializeToString())
    with pytest.raises(SparkError) as caught:
        planner.relation(sent)
    assert caught.value.error_class == condition
    assert parameters is None or caught.value.parameters == parameters


def test_relations_keep_the_clients_plan_ids(planner, client, frame):
    df = frame(client_plan.Range(0, 3, 1)).limit(2)
    plan = planner.relation(df._plan.to_proto(client).root)
    assert plan == PlanId(
        df._plan._plan_id,
        UnresolvedLimit(number(2), PlanId(df._plan._child._plan_id, UnresolvedRange(0, 3, 1))),
    )


def test_references_of_subqueries(planner, client, frame):
    inner = frame(client_plan.Range(0, 3, 1))
    df = frame(client_plan.Read("t")).filter(F.col("a") == inner.scalar())
    plan = planner.relation(df._plan.to_proto(client).root)
    with_relations = plan.find(WithRelations)
    assert [r.plan_id for r in with_relations.references] == [inner._plan._plan_id]
    assert with_relations.find(UnresolvedFilter) is not None


def test_sql_with_dataframes_as_arguments(planned, frame, table):
    views = [client_plan.SubqueryAlias(table._plan, "x")]
    plan = planned(frame(client_plan.SQL("SELECT * FROM x", views=views)))
    assert plan == WithRelations((UnresolvedSubqueryAlias("x", T),), SqlText("SELECT * FROM x"))


ROWS = pa.table({"a": [1, 2], "b": ["x", None]})


def stream_of(rows):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return sink.getvalue().to_pybytes()


def test_rows_that_come_along(planned, frame):
    plan = planned(frame(client_plan.LocalRelation(ROWS, '{"type":"struct","fields":[]}')))
    assert plan.table.equals(ROWS)
    assert plan.user_schema == StructType()


def test_rows_without_a_schema(planned, frame):
    plan = planned(frame(client_plan.LocalRelation(ROWS)))
    assert plan.table.equals(ROWS)
    assert plan.user_schema is None


def test_a_schema_without_rows(planned, frame):
    plan = planned(frame(client_plan.LocalRelation(None, StructType().add("a", "long").json())))
    assert plan.table is None
    assert plan.user_schema == StructType().add("a", LongType())


def test_rows_uploaded_in_chunks(planned, frame, artifacts):
    schema = StructType().add("a", "long").add("b", "string")
    artifacts |= {"h1": stream_of(ROWS), "h2": stream_of(ROWS), "s": schema.json().encode()}
    plan = planned(frame(client_plan.ChunkedCachedLocalRelation(["h1", "h2"], "s")))
    assert plan.table.equals(pa.concat_tables([ROWS, ROWS]))
    assert plan.user_schema == schema


def test_rows_uploaded_in_one_piece(relation, artifacts):
    rows = proto.LocalRelation(data=stream_of(ROWS))
    artifacts["h"] = rows.SerializeToString()
    assert relation(cached_local_relation={"hash": "h"}).table.equals(ROWS)


def test_rows_that_were_not_uploaded(relation):
    with pytest.raises(SparkError) as caught:
        relation(chunked_cached_local_relation={"dataHashes": ["h"]})
    assert caught.value.error_class == "CONNECT_INVALID_PLAN.CANNOT_FIND_CACHED_LOCAL_RELATION"
    assert caught.value.parameters == {"hash": "h"}
