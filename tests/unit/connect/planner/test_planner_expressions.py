"""The client's columns and constants, and the expressions they become."""

import datetime
import sys
from decimal import Decimal

import pytest
from pyspark import cloudpickle
from pyspark.errors import PySparkRuntimeError
from pyspark.sql.connect import functions as F
from pyspark.sql.connect import plan as client_plan
from pyspark.sql.connect import proto
from pyspark.sql.connect.window import Window
from pyspark.sql.types import ArrayType, DecimalType, LongType, StructType

from pyrite.sql.errors import Origin, SparkError
from pyrite.sql.expressions.expression import FrameBound, Literal, SortOrder
from pyrite.sql.expressions.unresolved import (
    ExpressionText,
    MergeAction,
    MultiAlias,
    NamedArgument,
    UnresolvedAlias,
    UnresolvedAttribute,
    UnresolvedCast,
    UnresolvedExtractValue,
    UnresolvedFunction,
    UnresolvedLambda,
    UnresolvedLambdaVariable,
    UnresolvedPythonUDF,
    UnresolvedRegex,
    UnresolvedStar,
    UnresolvedSubqueryReference,
    UnresolvedWindow,
    UpdateField,
)
from pyrite.sql.types import (
    BINARY,
    BOOLEAN,
    BYTE,
    DATE,
    DOUBLE,
    FLOAT,
    INTEGER,
    LONG,
    NULL,
    SHORT,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    CalendarIntervalType,
    DayTimeIntervalType,
    MapType,
    TimeType,
    YearMonthIntervalType,
)

A = UnresolvedAttribute(("a",))
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


def call(name, *arguments, **fields):
    return UnresolvedFunction((name,), arguments, **fields)


def number(value):
    return Literal(value, INTEGER)


COLUMNS = {
    "name": (F.col("a.`b.c`"), UnresolvedAttribute(("a", "b.c"))),
    "star": (F.col("*"), UnresolvedStar()),
    "star of a struct": (F.col("a.b.*"), UnresolvedStar(("a", "b"))),
    "operator": (F.col("a") / 2, call("/", A, number(2))),
    "not": (~F.col("a"), call("not", A)),
    "in": (F.col("a").isin(1, 2), call("in", A, number(1), number(2))),
    "when": (
        F.when(F.col("a"), 1).otherwise(2),
        call("when", A, number(1), number(2)),
    ),
    "count": (F.count("*"), call("count", UnresolvedStar())),
    "distinct": (F.count_distinct("a"), call("count", A, distinct=True)),
    "call_function": (
        F.call_function("my.`f.g`", "a"),
        UnresolvedFunction(("my", "f.g"), (A,)),
    ),
    "expr": (F.expr("a + 1"), ExpressionText("a + 1")),
    "alias": (F.col("a").alias("x"), UnresolvedAlias(A, "x")),
    "alias with metadata": (
        F.col("a").alias("x", metadata={"k": 1}),
        UnresolvedAlias(A, "x", '{"k": 1}'),
    ),
    "aliases": (F.col("a").alias("x", "y"), MultiAlias(A, ("x", "y"))),
    "cast": (F.col("a").cast(LongType()), UnresolvedCast(A, LONG)),
    "try_cast": (F.col("a").try_cast(LongType()), UnresolvedCast(A, LONG, "try")),
    "descending": (F.desc("a"), SortOrder(A, False, False)),
    "subscript": (F.col("a")[0], UnresolvedExtractValue(A, number(0))),
    "field": (F.col("a").getField("f"), UnresolvedExtractValue(A, Literal("f", STRING))),
    "withField": (F.col("a").withField("f", F.lit(1)), UpdateField(A, "f", number(1))),
    "dropFields": (F.col("a").dropFields("f"), UpdateField(A, "f", None)),
    "window": (
        F.sum("a").over(Window.partitionBy("a").orderBy("a")),
        UnresolvedWindow(call("sum", A), (A,), (SortOrder(A),)),
    ),
    "rows": (
        F.sum("a").over(Window.partitionBy("a").orderBy("a").rowsBetween(-1, Window.currentRow)),
        UnresolvedWindow(
            call("sum", A), (A,), (SortOrder(A),), True, number(-1), FrameBound.CURRENT_ROW
        ),
    ),
    "range": (
        F.sum("a").over(
            Window.partitionBy("a").orderBy("a").rangeBetween(Window.unboundedPreceding, 5)
        ),
        UnresolvedWindow(
            call("sum", A), (A,), (SortOrder(A),), False, FrameBound.UNBOUNDED, Literal(5, LONG)
        ),
    ),
}


@pytest.mark.parametrize(("sent", "expected"), COLUMNS.values(), ids=COLUMNS.keys())
def test_columns(sent, expected, column):
    assert column(sent) == expected


def test_lambdas(column):
    expression = column(F.zip_with("a", "a", lambda x, y: x + y))
    assert isinstance(expression, UnresolvedFunction)
    function = expression.arguments[2]
    x, y = function.parameters
    assert x != y
    assert isinstance(x, UnresolvedLambdaVariable)
    assert function == UnresolvedLambda(call("+", x, y), (x, y))


def test_columns_of_dataframes_carry_their_plan_id(column, frame):
    plan = client_plan.Range(0, 1, 1)
    df = frame(plan)
    regex = df.colRegex("`a.*`")
    assert column(regex) == UnresolvedRegex("a.*", (), plan._plan_id)
    assert column(df["*"]) == UnresolvedStar((), plan._plan_id)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("`a.*`", UnresolvedRegex("a.*")),
        ("t.`a.*`", UnresolvedRegex("a.*", ("t",))),
        ("t.a", UnresolvedAttribute(("t", "a"))),
    ],
)
def test_names_by_regular_expression(name, expected, planner):
    assert planner.expression(proto.Expression(unresolved_regex={"col_name": name})) == expected


def literal(**fields):
    return proto.Expression(literal=fields)


ARRAY_OF_LONG = proto.DataType(array={"element_type": {"long": {}}, "contains_null": True})
ONE = {"integer": 1}
PAIR = StructType().add("x", "integer").add("y", "string")
PAIR_MESSAGE = proto.DataType(
    struct={
        "fields": [
            {"name": "x", "data_type": {"integer": {}}, "nullable": True},
            {"name": "y", "data_type": {"string": {}}, "nullable": True},
        ]
    }
)

LITERALS = {
    "null": (literal(null={"long": {}}), None, LONG),
    "binary": (literal(binary=b"ab"), b"ab", BINARY),
    "boolean": (literal(boolean=True), True, BOOLEAN),
    "byte": (literal(byte=1), 1, BYTE),
    "short": (literal(short=1), 1, SHORT),
    "integer": (literal(integer=1), 1, INTEGER),
    "long": (literal(long=1), 1, LONG),
    "float": (literal(float=0.5), 0.5, FLOAT),
    "double": (literal(double=0.5), 0.5, DOUBLE),
    "string": (literal(string="x"), "x", STRING),
    "date": (literal(date=-1), -1, DATE),
    "timestamp": (literal(timestamp=1), 1, TIMESTAMP),
    "timestamp_ntz": (literal(timestamp_ntz=1), 1, TIMESTAMP_NTZ),
    "year_month_interval": (literal(year_month_interval=13), 13, YearMonthIntervalType()),
    "day_time_interval": (literal(day_time_interval=5), 5, DayTimeIntervalType()),
    "calendar_interval": (
        literal(calendar_interval={"months": 1, "days": 2, "microseconds": 3}),
        (1, 2, 3),
        CalendarIntervalType(),
    ),
    "time": (literal(time={"nano": 1_000, "precision": 3}), 1_000, TimeType(3)),
    "time of the usual precision": (literal(time={"nano": 1_000}), 1_000, TimeType()),
    "decimal": (
        literal(decimal={"value": "1.50", "precision": 10, "scale": 0}),
        Decimal("1.50"),
        DecimalType(10, 2),
    ),
    "small decimal": (literal(decimal={"value": "0.001"}), Decimal("0.001"), DecimalType(3, 3)),
    "large decimal": (literal(decimal={"value": "1E+3"}), Decimal(1000), DecimalType(4, 0)),
    "array": (
        literal(array={"element_type": {"integer": {}}, "elements": [ONE, {"null": {"null": {}}}]}),
        [1, None],
        ArrayType(INTEGER),
    ),
    "array with its type beside it": (
        literal(array={"elements": []}, data_type=ARRAY_OF_LONG),
        [],
        ArrayType(LONG),
    ),
    "array of what it holds": (literal(array={"elements": [ONE]}), [1], ArrayType(INTEGER)),
    "packed array": (
        literal(specialized_array={"doubles": {"values": [0.5, 1.5]}}),
        [0.5, 1.5],
        ArrayType(DOUBLE, False),
    ),
    "map": (
        literal(
            map={
                "key_type": {"integer": {}},
                "value_type": {"string": {}},
                "keys": [ONE],
                "values": [{"string": "x"}],
            }
        ),
        [(1, "x")],
        MapType(INTEGER, STRING),
    ),
    "struct": (
        literal(struct={"struct_type": PAIR_MESSAGE, "elements": [ONE, {"string": "x"}]}),
        (1, "x"),
        PAIR,
    ),
    "struct with its type beside it": (
        literal(struct={"elements": [ONE, {"string": "x"}]}, data_type=PAIR_MESSAGE),
        (1, "x"),
        PAIR,
    ),
}


@pytest.mark.parametrize(("sent", "value", "data_type"), LITERALS.values(), ids=LITERALS.keys())
def test_literals(sent, value, data_type, planner):
    result = planner.expression(sent)
    assert isinstance(result, Literal)
    assert (result.value, result.data_type) == (value, data_type)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, Literal(None, NULL)),
        (2**40, Literal(2**40, LONG)),
        (datetime.date(1970, 1, 3), Literal(2, DATE)),
        (datetime.timedelta(days=1), Literal(86_400_000_000, DayTimeIntervalType())),
        ([1, 2], call("array", number(1), number(2))),
        (Decimal("12.3"), Literal(Decimal("12.3"), DecimalType(10, 1))),
    ],
)
def test_values_of_python(value, expected, column):
    assert column(F.lit(value)) == expected


@pytest.mark.parametrize(
    ("sent", "condition"),
    [
        (literal(array={}), "ARRAY_LITERAL_MISSING_DATA_TYPE"),
        (literal(map={}), "MAP_LITERAL_MISSING_DATA_TYPE"),
        (literal(decimal={"value": "NaN"}), "UNSUPPORTED_LITERAL_TYPE"),
        (
            proto.Expression(alias={"expr": literal(integer=1), "name": "xy", "metadata": "{}"}),
            "ALIAS_WITH_MULTIPLE_IDENTIFIERS_AND_METADATA",
        ),
        (
            proto.Expression(unresolved_star={"unparsed_target": "a"}),
            "UNRESOLVED_STAR_TARGET_INVALID",
        ),
        (
            proto.Expression(unresolved_star={"unparsed_target": "a.*", "plan_id": 1}),
            "UNRESOLVED_STAR_WITH_BOTH_TARGET_AND_PLAN_ID",
        ),
        (
            proto.Expression(lambda_function={"function": literal(integer=1)}),
            "LAMBDA_FUNCTION_ARGUMENT_COUNT_INVALID",
        ),
        (
            proto.Expression(window={"window_function": literal(integer=1), "frame_spec": {}}),
            "LOWER_BOUND_REQUIRED_IN_WINDOW_FRAME",
        ),
        (proto.Expression(window={}), "WINDOW_FUNCTION_REQUIRED"),
        (proto.Expression(extension={}), "NO_HANDLER_FOR_EXTENSION"),
    ],
)
def test_wrong_expressions(sent, condition, planner):
    with pytest.raises(SparkError) as caught:
        planner.expression(sent)
    assert caught.value.error_class == f"CONNECT_INVALID_PLAN.{condition}"


NAME = {"unresolved_attribute": {"unparsed_identifier": "a"}}

MESSAGES = {
    "metadata column": (
        {"unresolved_attribute": {"unparsed_identifier": "a", "is_metadata_column": True}},
        UnresolvedAttribute(("a",), is_metadata=True),
    ),
    "internal function": (
        {"unresolved_function": {"function_name": "f.g", "arguments": [NAME], "is_internal": True}},
        UnresolvedFunction(("f.g",), (A,), is_internal=True),
    ),
    "a user's function": (
        {"unresolved_function": {"function_name": "f.g", "is_user_defined_function": True}},
        UnresolvedFunction(("f", "g"), ()),
    ),
    "named argument": (
        {"named_argument_expression": {"key": "k", "value": NAME}},
        NamedArgument("k", A),
    ),
    "merge action": (
        {
            "merge_action": {
                "action_type": "ACTION_TYPE_UPDATE",
                "assignments": [{"key": NAME, "value": {"literal": ONE}}],
            }
        },
        MergeAction("update", None, ((A, number(1)),)),
    ),
    "table argument": (
        {
            "subquery_expression": {
                "plan_id": 7,
                "subquery_type": "SUBQUERY_TYPE_TABLE_ARG",
                "table_arg_options": {"partition_spec": [NAME], "order_spec": [{"child": NAME}]},
            }
        },
        UnresolvedSubqueryReference(7, "table", (), (A,), (SortOrder(A),)),
    ),
    "origin in Python": (
        {
            **NAME,
            "common": {"origin": {"python_origin": {"fragment": "col", "call_site": "app.py:3"}}},
        },
        UnresolvedAttribute(("a",), origin=Origin(call="col", call_site="app.py:3")),
    ),
    "origin in SQL text": (
        {
            **NAME,
            "common": {
                "origin": {"jvm_origin": {"sql_text": "f(a)", "start_index": 2, "stop_index": 2}}
            },
        },
        UnresolvedAttribute(("a",), origin=Origin("f(a)", 2, 2)),
    ),
}


@pytest.mark.parametrize(("fields", "expected"), MESSAGES.values(), ids=MESSAGES.keys())
def test_messages_of_other_clients(fields, expected, planner):
    result = planner.expression(proto.Expression(**fields))
    assert result == expected
    assert getattr(result, "origin", None) == getattr(expected, "origin", None)


def test_python_functions(column):
    result = column(F.udf(lambda x: x, LongType())("a"))
    assert isinstance(result, UnresolvedPythonUDF)
    function, return_type = cloudpickle.loads(result.payload)
    assert (function(3), return_type) == (3, LONG)
    assert result.arguments == (A,)
    assert (result.name, result.return_type, result.eval_type) == ("<lambda>", LONG, 100)
    assert (result.deterministic, result.distinct, result.python_version) == (True, False, HERE)


def python_udf(**fields):
    return proto.Expression(
        common_inline_user_defined_function={"function_name": "f", "python_udf": fields}
    )


def test_the_return_type_may_be_in_the_pickle_only(planner):
    result = planner.expression(python_udf(command=cloudpickle.dumps((len, STRING))))
    assert result.return_type == STRING


def test_another_pythons_pickle_is_refused_before_it_is_opened(planner):
    with pytest.raises(PySparkRuntimeError, match="PYTHON_VERSION_MISMATCH"):
        planner.expression(python_udf(command=b"not a pickle", python_ver="2.7"))


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("scalar_scala_udf", "ScalarScalaUDF: Scala functions"),
        ("java_udf", "JavaUDF: Java functions"),
    ],
)
def test_functions_of_other_languages_are_refused(kind, what, planner):
    sent = proto.Expression()
    getattr(sent.common_inline_user_defined_function, kind).SetInParent()
    with pytest.raises(SparkError) as caught:
        planner.expression(sent)
    assert caught.value.parameters == {"what": what}
