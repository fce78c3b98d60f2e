"""Plans before and after users' Python is taken out of their expressions."""

import re
from typing import Any

import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.execution.explain.logical import LogicalPicture
from pyrite.sql.execution.explain.plan_node import PlanNode, tree_text
from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Alias,
    Attribute,
    Call,
    Expression,
    LambdaFunction,
    LambdaVariable,
    Literal,
    PythonUDF,
    SortOrder,
    WindowExpression,
    new_expression_id,
)
from pyrite.sql.functions.registry import builtin_functions
from pyrite.sql.optimizer.extract_python import extract_python
from pyrite.sql.plans.plan import (
    Aggregate,
    Filter,
    GroupMap,
    Join,
    JoinType,
    LateralJoin,
    LogicalPlan,
    OneRowRelation,
    Project,
    PythonTableFunction,
    Range,
    Sort,
)
from pyrite.sql.types import BOOLEAN, DOUBLE, LONG, StructType


def column(name: str) -> Attribute:
    return Attribute(name, LONG, False, new_expression_id())


A, B = column("a"), column("b")
X = Range(0, 9, 1, None, (A,))
Y = Range(0, 9, 1, None, (B,))
BOTH = Join(X, Y, JoinType.CROSS)


def udf(name: str, *arguments: Expression, **fields: Any) -> PythonUDF:
    return PythonUDF(name, b"", arguments, fields.pop("data_type", LONG), 101, **fields)


def asks(name: str, *arguments: Expression) -> PythonUDF:
    return udf(name, *arguments, data_type=BOOLEAN)


def call(name: str, *arguments: Expression, data_type: Any = LONG) -> Call:
    return Call(builtin_functions()[name], arguments, data_type, False)


def both(left: Expression, right: Expression) -> Call:
    return call("and", left, right, data_type=BOOLEAN)


def plus_one(child: Expression) -> Call:
    return call("+", child, Literal(1, LONG))


def total(child: Expression) -> AggregateExpression:
    return AggregateExpression(call("sum", child))


def mean(child: Expression) -> AggregateExpression:
    return AggregateExpression(PythonUDF("mean", b"", (child,), DOUBLE, 202))


def _no_cache(plan: LogicalPlan) -> PlanNode:
    raise AssertionError("no rows are cached here")


PICTURE = LogicalPicture(_no_cache)


def after(plan: LogicalPlan) -> str:
    """Return the rewritten plan; ids are numbered as they appear."""
    text = tree_text(PICTURE.node(extract_python(plan, None)))  # type: ignore[arg-type]
    text = re.sub(
        r", specifiedwindowframe\(.*\$\(\)\)", "", text
    )  # the default frame of row_number
    numbers: dict[str, str] = {}
    return re.sub(r"#(\d+)", lambda m: numbers.setdefault(m[1], f"#{len(numbers)}"), text)


SUM_OF_A = Alias(total(A), "s")

PLANS: dict[str, tuple[LogicalPlan, str]] = {
    "arguments are columns below": (
        Project((Alias(udf("f", plus_one(A)), "x"), A), X),
        """\
Project [f#0L AS x#1L, a#2L]
+- ArrowEvalPython [f((a + 1)#3L)], [f#0L]
   +- Project [a#2L, (a#2L + 1) AS (a + 1)#3L]
      +- Range (0, 9, step=1, splits=None)""",
    ),
    "equal calls are one": (
        Project((Alias(call("+", udf("f", A), udf("f", A)), "x"),), X),
        """\
Project [(f#0L + f#0L) AS x#1L]
+- ArrowEvalPython [f(a#2L)], [f#0L]
   +- Range (0, 9, step=1, splits=None)""",
    ),
    "calls that may differ are not": (
        Project(
            (
                Alias(udf("f", A, deterministic=False), "x"),
                Alias(udf("f", A, deterministic=False), "y"),
            ),
            X,
        ),
        """\
Project [f#0L AS x#1L, f#2L AS y#3L]
+- ArrowEvalPython [f(a#4L), f(a#4L)], [f#0L, f#2L]
   +- Range (0, 9, step=1, splits=None)""",
    ),
    "calls of calls are levels": (
        Project((Alias(udf("g", plus_one(udf("f", A))), "x"),), X),
        """\
Project [g#0L AS x#1L]
+- ArrowEvalPython [g((f + 1)#2L)], [g#0L]
   +- Project [a#3L, f#4L, (f#4L + 1) AS (f + 1)#2L]
      +- ArrowEvalPython [f(a#3L)], [f#4L]
         +- Range (0, 9, step=1, splits=None)""",
    ),
    "conditions without Python come first": (
        Filter(both(asks("p", A), call(">", A, Literal(3, LONG), data_type=BOOLEAN)), X),
        """\
Project [a#0L]
+- Filter p#1
   +- ArrowEvalPython [p(a#0L)], [p#1]
      +- Filter (a#0L > 3)
         +- Range (0, 9, step=1, splits=None)""",
    ),
    "a sort gives back what it got": (
        Sort((SortOrder(udf("f", A)),), True, X),
        """\
Project [a#0L]
+- Sort [f#1L ASC NULLS FIRST], true
   +- ArrowEvalPython [f(a#0L)], [f#1L]
      +- Range (0, 9, step=1, splits=None)""",
    ),
    "a join's sides are computed below it": (
        Join(X, Y, JoinType.LEFT_OUTER, call("=", udf("f", A), B, data_type=BOOLEAN)),
        """\
Project [a#0L, b#1L]
+- Join LeftOuter, (f#2L = b#1L)
   :- ArrowEvalPython [f(a#0L)], [f#2L]
   :  +- Range (0, 9, step=1, splits=None)
   +- Range (0, 9, step=1, splits=None)""",
    ),
    "what reads both sides is asked of the pairs": (
        Join(X, Y, JoinType.INNER, asks("p", A, B)),
        """\
Project [a#0L, b#1L]
+- Filter p#2
   +- ArrowEvalPython [p(a#0L, b#1L)], [p#2]
      +- Join Cross
         :- Range (0, 9, step=1, splits=None)
         +- Range (0, 9, step=1, splits=None)""",
    ),
    "keys and arguments of aggregates": (
        Aggregate((udf("f", A),), (Alias(udf("f", A), "k"), Alias(total(udf("g", A)), "s")), X),
        """\
Aggregate [f#0L], [f#0L AS k#1L, sum(g#2L) AS s#3L]
+- ArrowEvalPython [f(a#4L), g(a#4L)], [f#0L, g#2L]
   +- Range (0, 9, step=1, splits=None)""",
    ),
    "a key that may differ is computed once": (
        Aggregate(
            (udf("f", A, deterministic=False),),
            (Alias(udf("f", A, deterministic=False), "k"),),
            X,
        ),
        """\
Aggregate [f#0L], [f#0L AS k#1L]
+- ArrowEvalPython [f(a#2L)], [f#0L]
   +- Range (0, 9, step=1, splits=None)""",
    ),
    "functions of aggregates and keys": (
        Aggregate((A,), (A, Alias(udf("f", total(A), A), "x")), X),
        """\
Project [a#0L, f#1L AS x#2L]
+- ArrowEvalPython [f(sum(a)#3L, a#0L)], [f#1L]
   +- Aggregate [a#0L], [a#0L, sum(a#0L) AS sum(a)#3L]
      +- Range (0, 9, step=1, splits=None)""",
    ),
    "aggregates in Python": (
        Aggregate((A,), (A, Alias(plus_one(mean(plus_one(A))), "m")), X),
        """\
Project [a#0L, (mean#1 + 1) AS m#2L]
+- AggregateInPython [a#0L], [mean((a + 1)#3L) AS mean#1]
   +- Project [a#0L, (a#0L + 1) AS (a + 1)#3L]
      +- Range (0, 9, step=1, splits=None)""",
    ),
    "aggregates over windows": (
        Project((Alias(plus_one(WindowExpression(mean(A), (A,), ())), "m"),), X),
        """\
Project [(mean#0 + 1) AS m#1L]
+- WindowInPython [a#2L], number#3, [mean(a#2L) AS mean#0], []
   +- Project [a#2L, row_number() windowspecdefinition(a#2L) AS number#3]
      +- Range (0, 9, step=1, splits=None)""",
    ),
    "computed keys of groups are columns": (
        GroupMap((plus_one(A),), udf("f", A, data_type=StructType()), (B,), X),
        """\
FlatMapGroupsInPandas [(a + 1)#0L], f(a#1L), [b#2L]
+- Project [a#1L, (a#1L + 1) AS (a + 1)#0L]
   +- Range (0, 9, step=1, splits=None)""",
    ),
    "a table function called with the left side's rows": (
        LateralJoin(
            X,
            PythonTableFunction(udf("f", plus_one(A)), (B,), OneRowRelation()),
            JoinType.INNER,
        ),
        """\
PythonTableFunction f((a + 1)#0L), [b#1L], [a#2L]
+- Project [a#2L, (a#2L + 1) AS (a + 1)#0L]
   +- Range (0, 9, step=1, splits=None)""",
    ),
    "nothing to do": (SUM := Aggregate((), (SUM_OF_A,), X), ""),
}


@pytest.mark.parametrize("name", PLANS)
def test_plans(name: str) -> None:
    plan, expected = PLANS[name]
    if name == "nothing to do":
        assert extract_python(plan, None) == plan  # type: ignore[arg-type]
    else:
        assert after(plan) == expected


@pytest.mark.parametrize("name", PLANS)
def test_the_columns_stay(name: str) -> None:
    plan, _ = PLANS[name]
    rewritten = extract_python(plan, None)  # type: ignore[arg-type]
    assert [a.expression_id for a in rewritten.output] == [a.expression_id for a in plan.output]


def variable() -> LambdaVariable:
    return LambdaVariable("x", LONG, False, new_expression_id())


REFUSED: dict[str, tuple[LogicalPlan, str]] = {
    "an outer join on both sides": (
        Join(X, Y, JoinType.LEFT_OUTER, asks("p", A, B)),
        "UNSUPPORTED_FEATURE.PYTHON_UDF_IN_ON_CLAUSE",
    ),
    "Python beside other aggregates": (
        Aggregate((), (Alias(mean(A), "m"), SUM_OF_A), X),
        "INVALID_PANDAS_UDF_PLACEMENT",
    ),
    "Python in a lambda": (
        Project(
            (
                Alias(
                    call("transform", A, LambdaFunction(udf("f", x := variable()), (x,))),
                    "t",
                ),
            ),
            X,
        ),
        "UNSUPPORTED_FEATURE.LAMBDA_FUNCTION_WITH_PYTHON_UDF",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    plan, condition = REFUSED[name]
    with pytest.raises(SparkError) as caught:
        extract_python(plan, None)  # type: ignore[arg-type]
    assert caught.value.error_class == condition
