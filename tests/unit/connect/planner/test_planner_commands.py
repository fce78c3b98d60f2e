"""What a client runs for its effect, and the commands it becomes."""

import pytest
from pyspark import cloudpickle
from pyspark.sql.connect import functions as F
from pyspark.sql.connect import plan as client_plan
from pyspark.sql.connect import proto
from pyspark.sql.types import LongType

from pyrite.sql.errors import SparkError
from pyrite.sql.expressions.expression import Literal
from pyrite.sql.expressions.unresolved import (
    MergeAction,
    UnresolvedAttribute,
    UnresolvedFunction,
)
from pyrite.sql.plans.commands import (
    CreateView,
    MergeIntoTable,
    RegisterDataSource,
    RegisterFunction,
    RegisterTableFunction,
    WriteFiles,
    WriteTable,
)
from pyrite.sql.plans.unresolved import SqlText, UnresolvedRelation, WithRelations
from pyrite.sql.types import INTEGER

T = UnresolvedRelation(("t",))
A = UnresolvedAttribute(("a",))
TABLE = {"read": {"named_table": {"unparsed_identifier": "t"}}}
NAME = {"unresolved_attribute": {"unparsed_identifier": "a"}}

MESSAGES = {
    "temporary view": (
        {"create_dataframe_view": {"input": TABLE, "name": "v", "replace": True}},
        CreateView(("v",), T, "local", True),
    ),
    "global view": (
        {"create_dataframe_view": {"input": TABLE, "name": "v", "is_global": True}},
        CreateView(("v",), T, "global", False),
    ),
    "save": (
        {
            "write_operation": {
                "input": TABLE,
                "source": "csv",
                "path": "p",
                "mode": "SAVE_MODE_OVERWRITE",
                "options": {"sep": ";", "header": "true"},
                "partitioning_columns": ["a"],
                "sort_column_names": ["b"],
                "bucket_by": {"bucket_column_names": ["c"], "num_buckets": 4},
            }
        },
        WriteFiles(
            T,
            "csv",
            "p",
            "overwrite",
            (("header", "true"), ("sep", ";")),
            ("a",),
            (4, ("c",), ("b",)),
        ),
    ),
    "save nowhere": (
        {"write_operation": {"input": TABLE, "source": "noop"}},
        WriteFiles(T, "noop", None, "error"),
    ),
    "saveAsTable": (
        {
            "write_operation": {
                "input": TABLE,
                "mode": "SAVE_MODE_APPEND",
                "partitioning_columns": ["a"],
                "table": {
                    "table_name": "db.`t.t`",
                    "save_method": "TABLE_SAVE_METHOD_SAVE_AS_TABLE",
                },
            }
        },
        WriteTable(("db", "t.t"), T, "save_as_table", "append", partition_columns=(A,)),
    ),
    "insertInto": (
        {
            "write_operation": {
                "input": TABLE,
                "table": {"table_name": "x", "save_method": "TABLE_SAVE_METHOD_INSERT_INTO"},
            }
        },
        WriteTable(("x",), T, "insert_into", "error"),
    ),
    "writeTo": (
        {
            "write_operation_v2": {
                "input": TABLE,
                "table_name": "x",
                "provider": "parquet",
                "mode": "MODE_OVERWRITE",
                "options": {"k": "v"},
                "table_properties": {"p": "q"},
                "partitioning_columns": [NAME],
                "overwrite_condition": NAME,
            }
        },
        WriteTable(
            ("x",),
            T,
            "overwrite",
            format="parquet",
            options=(("k", "v"),),
            properties=(("p", "q"),),
            partition_columns=(A,),
            by_name=True,
            overwrite_condition=A,
        ),
    ),
    "older sql": (
        {"sql_command": {"sql": "SELECT ?", "pos_args": [{"integer": 1}]}},
        SqlText("SELECT ?", (), (Literal(1, INTEGER),)),
    ),
    "sql": ({"sql_command": {"input": {"sql": {"query": "SELECT 1"}}}}, SqlText("SELECT 1")),
    "sql over DataFrames": (
        {
            "sql_command": {
                "input": {
                    "with_relations": {"root": {"sql": {"query": "q"}}, "references": [TABLE]}
                }
            }
        },
        WithRelations((T,), SqlText("q")),
    ),
    "data source": (
        {"register_data_source": {"name": "d", "python_data_source": {"command": b"pickle"}}},
        RegisterDataSource("d", b"pickle"),
    ),
    "merge": (
        {
            "merge_into_table_command": {
                "target_table_name": "x.y",
                "source_table_plan": TABLE,
                "merge_condition": NAME,
                "match_actions": [{"merge_action": {"action_type": "ACTION_TYPE_DELETE"}}],
                "not_matched_actions": [
                    {"merge_action": {"action_type": "ACTION_TYPE_INSERT_STAR", "condition": NAME}}
                ],
            }
        },
        MergeIntoTable(
            ("x", "y"), T, A, (MergeAction("delete"),), (MergeAction("insert_star", A),), ()
        ),
    ),
}


@pytest.mark.parametrize(("fields", "expected"), MESSAGES.values(), ids=MESSAGES.keys())
def test_commands(fields, expected, planner):
    assert planner.command(proto.Command(**fields)) == expected


WRONG = {
    "view in a database": (
        {"create_dataframe_view": {"input": TABLE, "name": "db.v"}},
        "TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS",
        {"actualName": "`db`.`v`"},
    ),
    "sortBy without bucketBy": (
        {"write_operation": {"input": TABLE, "sort_column_names": ["a"]}},
        "SORT_BY_WITHOUT_BUCKETING",
        {},
    ),
    "clusterBy with partitionBy": (
        {
            "write_operation": {
                "input": TABLE,
                "clustering_columns": ["a"],
                "partitioning_columns": ["b"],
            }
        },
        "SPECIFY_CLUSTER_BY_WITH_PARTITIONED_BY_IS_NOT_ALLOWED",
        {},
    ),
    "no mode": (
        {"write_operation_v2": {"input": TABLE, "table_name": "x"}},
        "CONNECT_INVALID_PLAN.INVALID_ENUM",
        {
            "fullName": "spark.connect.WriteOperationV2.Mode",
            "name": "MODE_UNSPECIFIED",
            "number": "0",
        },
    ),
    "not sql": (
        {"sql_command": {"input": TABLE}},
        "CONNECT_INVALID_PLAN.SQL_COMMAND_EXPECTS_SQL_OR_WITH_RELATIONS",
        {"other": "read"},
    ),
}


@pytest.mark.parametrize(("fields", "condition", "parameters"), WRONG.values(), ids=WRONG.keys())
def test_wrong_commands(fields, condition, parameters, planner):
    with pytest.raises(SparkError) as caught:
        planner.command(proto.Command(**fields))
    assert (caught.value.error_class, caught.value.parameters) == (condition, parameters)


def test_registering_a_function(planner, client):
    function = F.udf(lambda x: x, LongType())
    sent = proto.Command()
    expression = function("a")._expr.to_plan(client)
    sent.register_function.CopyFrom(expression.common_inline_user_defined_function)
    sent.register_function.function_name = "f"
    result = planner.command(sent)
    assert isinstance(result, RegisterFunction)
    assert (result.name, result.function.return_type) == ("f", LongType())


def test_registering_a_table_function(planner):
    class Twice:
        def eval(self, x):
            yield x, x

    sent = proto.Command()
    udtf = sent.register_table_function
    udtf.function_name = "twice"
    udtf.python_udtf.command = cloudpickle.dumps(Twice)
    udtf.python_udtf.eval_type = 300
    result = planner.command(sent)
    assert isinstance(result, RegisterTableFunction)
    assert (result.name, result.function.return_type, result.function.eval_type) == (
        "twice",
        None,
        300,
    )


def test_writing_with_the_client(command, frame):
    write = client_plan.WriteOperation(client_plan.Read("t"))
    write.source = "parquet"
    write.path = "p"
    write.mode = "append"
    assert isinstance(result := command(write), WriteFiles)
    assert (result.format, result.path, result.mode) == ("parquet", "p", "append")
    assert result.child.child == T  # below its PlanId


def test_conditions_of_the_client_reach_the_table(command):
    write = client_plan.WriteOperationV2(client_plan.Read("t"), "x")
    write.mode = "overwrite"
    write.overwrite_condition = F.col("a") == 1
    assert command(write).overwrite_condition == UnresolvedFunction(
        ("==",), (A, Literal(1, INTEGER))
    )
