"""Plans before and after users' Python is taken out of their expressions."""

import re
from typing import Any

import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.execution.plan_text import tree_text
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


def after(plan: LogicalPlan) -> str:
    """Return the rewritten plan; ids are numbered as they appear."""
    text = tree_text(extract_python(plan, None))  # type: ignore[arg-type]
    text = re.sub(r" ROWS BETWEEN [^)]*", "", text)  # the default frame of row_number
    numbers: dict[str, str] = {}
    return re.sub(r"#(\d+)", lambda m: numbers.setdefault(m[1], f"#{len(numbers)}"), text)


SUM_OF_A = Alias(total(A), "s")

PLANS: dict[str, tuple[LogicalPlan, str]] = {
    "arguments are columns below": (
        Project((Alias(udf("f", plus_one(A)), "x"), A), X),
        """\
Project [f#0 AS x#1, a#2]
+- EvalPython [f((a + 1)) AS f#0]
   +- Project [a#2, (a + 1) AS (a + 1)#3]
      +- Range 0 9 1 [a#2]""",
    ),
    "equal calls are one": (
        Project((Alias(call("+", udf("f", A), udf("f", A)), "x"),), X),
        """\
Project [(f + f) AS x#0]
+- EvalPython [f(a) AS f#1]
   +- Range 0 9 1 [a#2]""",
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
Project [f#0 AS x#1, f#2 AS y#3]
+- EvalPython [f(a) AS f#0, f(a) AS f#2]
   +- Range 0 9 1 [a#4]""",
    ),
    "calls of calls are levels": (
        Project((Alias(udf("g", plus_one(udf("f", A))), "x"),), X),
        """\
Project [g#0 AS x#1]
+- EvalPython [g((f + 1)) AS g#0]
   +- Project [a#2, f#3, (f + 1) AS (f + 1)#4]
      +- EvalPython [f(a) AS f#3]
         +- Range 0 9 1 [a#2]""",
    ),
    "conditions without Python come first": (
        Filter(both(asks("p", A), call(">", A, Literal(3, LONG), data_type=BOOLEAN)), X),
        """\
Project [a#0]
+- Filter p#1
   +- EvalPython [p(a) AS p#1]
      +- Filter (a > 3)
         +- Range 0 9 1 [a#0]""",
    ),
    "a sort gives back what it got": (
        Sort((SortOrder(udf("f", A)),), True, X),
        """\
Project [a#0]
+- Sort [f ASC NULLS FIRST] True
   +- EvalPython [f(a) AS f#1]
      +- Range 0 9 1 [a#0]""",
    ),
    "a join's sides are computed below it": (
        Join(X, Y, JoinType.LEFT_OUTER, call("=", udf("f", A), B, data_type=BOOLEAN)),
        """\
Project [a#0, b#1]
+- Join LeftOuter (f = b)
   :- EvalPython [f(a) AS f#2]
   :  +- Range 0 9 1 [a#0]
   +- Range 0 9 1 [b#1]""",
    ),
    "what reads both sides is asked of the pairs": (
        Join(X, Y, JoinType.INNER, asks("p", A, B)),
        """\
Project [a#0, b#1]
+- Filter p#2
   +- EvalPython [p(a, b) AS p#2]
      +- Join Cross
         :- Range 0 9 1 [a#0]
         +- Range 0 9 1 [b#1]""",
    ),
    "keys and arguments of aggregates": (
        Aggregate((udf("f", A),), (Alias(udf("f", A), "k"), Alias(total(udf("g", A)), "s")), X),
        """\
Aggregate [f#0] [f#0 AS k#1, sum(g) AS s#2]
+- EvalPython [f(a) AS f#0, g(a) AS g#3]
   +- Range 0 9 1 [a#4]""",
    ),
    "a key that may differ is computed once": (
        Aggregate(
            (udf("f", A, deterministic=False),),
            (Alias(udf("f", A, deterministic=False), "k"),),
            X,
        ),
        """\
Aggregate [f#0] [f#0 AS k#1]
+- EvalPython [f(a) AS f#0]
   +- Range 0 9 1 [a#2]""",
    ),
    "functions of aggregates and keys": (
        Aggregate((A,), (A, Alias(udf("f", total(A), A), "x")), X),
        """\
Project [a#0, f#1 AS x#2]
+- EvalPython [f(sum(a), a) AS f#1]
   +- Aggregate [a#0] [a#0, sum(a) AS sum(a)#3]
      +- Range 0 9 1 [a#0]""",
    ),
    "aggregates in Python": (
        Aggregate((A,), (A, Alias(plus_one(mean(plus_one(A))), "m")), X),
        """\
Project [a#0, (mean + 1) AS m#1]
+- AggregateInPython [a#0] [mean((a + 1)) AS mean#2]
   +- Project [a#0, (a + 1) AS (a + 1)#3]
      +- Range 0 9 1 [a#0]""",
    ),
    "aggregates over windows": (
        Project((Alias(plus_one(WindowExpression(mean(A), (A,), ())), "m"),), X),
        """\
Project [(mean + 1) AS m#0]
+- WindowInPython [a#1] number#2 [mean(a) AS mean#3] []
   +- Project [a#1, row_number() OVER (PARTITION BY a) AS number#2]
      +- Range 0 9 1 [a#1]""",
    ),
    "computed keys of groups are columns": (
        GroupMap((plus_one(A),), udf("f", A, data_type=StructType()), (B,), X),
        """\
GroupMap [(a + 1)#0] f(a) [b#1]
+- Project [a#2, (a + 1) AS (a + 1)#0]
   +- Range 0 9 1 [a#2]""",
    ),
    "a table function called with the left side's rows": (
        LateralJoin(
            X,
            PythonTableFunction(udf("f", plus_one(A)), (B,), OneRowRelation()),
            JoinType.INNER,
        ),
        """\
PythonTableFunction f((a + 1)) [b#0] [a#1]
+- Project [a#1, (a + 1) AS (a + 1)#2]
   +- Range 0 9 1 [a#1]""",
    ),
    "nothing to do": (SUM := Aggregate((), (SUM_OF_A,), X), tree_text(SUM)),
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
