"""describe, summary and ``df.stat``, with the answers Spark gives."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.expressions.expression import Literal
from pyrite.sql.expressions.unresolved import UnresolvedAttribute
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import Describe, StatFunction, Summary, UnresolvedInlineTable
from pyrite.sql.types import BOOLEAN, DOUBLE, INTEGER, NULL, STRING

Run = Callable[[LogicalPlan], list[tuple[Any, ...]]]

_TYPES = {int: INTEGER, str: STRING, float: DOUBLE, bool: BOOLEAN, type(None): NULL}


def table(names: str, *rows: tuple[Any, ...]) -> UnresolvedInlineTable:
    literals = tuple(tuple(Literal(v, _TYPES[type(v)]) for v in row) for row in rows)
    return UnresolvedInlineTable(literals, tuple(names.split()))


PEOPLE = table(
    "name age height member",
    ("Bob", 13, 150.5, True),
    ("Alice", 12, 142.3, None),
    ("Tom", 11, 142.2, False),
    ("7", None, 1e10, True),
)
PAIRS = table("c1 c2", (1, 11), (1, 11), (3, 10), (4, 8), (4, 8), (None, 8), (4, None))


def stat(function: str, data: LogicalPlan, *columns: str, **parameters: Any) -> StatFunction:
    attributes = tuple(UnresolvedAttribute((name,)) for name in columns)
    return StatFunction(function, attributes, tuple(parameters.items()), data)


def test_describe_takes_numbers_and_texts(run: Run) -> None:
    assert run(Describe((), PEOPLE)) == [
        ("count", "4", "3", "4"),
        ("mean", "7.0", "12.0", "2.50000010875E9"),
        ("stddev", None, "1.0", "4.9999999275E9"),
        ("min", "7", "11", "142.2"),
        ("max", "Tom", "13", "1.0E10"),
    ]


def test_describe_of_no_fitting_column_still_has_its_rows(run: Run) -> None:
    names = [row[0] for row in run(Describe(("member",), PEOPLE))]
    assert names == ["count", "mean", "stddev", "min", "max"]


def test_summary_by_names(run: Run) -> None:
    assert run(Summary(("count_distinct", "25%", "99.9%"), PEOPLE)) == [
        ("count_distinct", "4", "3", "4"),
        ("25%", "7.0", "11", "142.2"),
        ("99.9%", "7.0", "13", "1.0E10"),
    ]


@pytest.mark.parametrize(
    ("name", "condition"),
    [("median", "UNRECOGNIZED_STATISTIC"), ("150%", "_LEGACY_REQUIREMENT_FAILED")],
)
def test_summary_refuses(run: Run, name: str, condition: str) -> None:
    with pytest.raises(SparkError) as caught:
        run(Summary((name,), PEOPLE))
    assert caught.value.error_class == condition


def test_covariance_and_correlation_count_null_as_0(run: Run) -> None:
    ((covariance,),) = run(stat("cov", PEOPLE, "age", "height"))
    ((correlation,),) = run(stat("corr", PEOPLE, "age", "height", method="pearson"))
    assert covariance == pytest.approx(-29999999562.233337)
    assert correlation == pytest.approx(-0.9908673885223447)


def test_covariance_with_nan_is_nan(run: Run) -> None:
    ((covariance,),) = run(stat("cov", table("a b", (1, 1.0), (2, math.nan)), "a", "b"))
    assert math.isnan(covariance)


def test_crosstab(run: Run) -> None:
    assert set(run(stat("crosstab", PAIRS, "c1", "c2"))) == {
        ("3", 1, 0, 0, 0),
        ("1", 0, 2, 0, 0),
        ("4", 0, 0, 2, 1),
        ("null", 0, 0, 1, 0),
    }


def test_frequent_items(run: Run) -> None:
    few = stat("freq_items", PAIRS, "c1", "c2", support=0.01)
    assert run(few) == [([None, 1, 3, 4], [None, 8, 10, 11])]
    often = stat("freq_items", PAIRS, "c1", "c2", support=0.4)
    assert run(often) == [([4], [8])]


def test_quantiles_are_elements(run: Run) -> None:
    data = table("a b", (3, math.nan), (1, 2.0), (2, 1.0), (None, None))
    plan = stat("approx_quantile", data, "a", "b", probabilities=(0.0, 0.5, 1.0))
    assert run(plan) == [([[1.0, 2.0, 3.0], [1.0, 1.0, 2.0]],)]


@pytest.mark.parametrize(
    "plan",
    [
        stat("cov", PEOPLE, "age", "name"),
        stat("freq_items", PEOPLE, "age", support=1e-5),
        stat("approx_quantile", PEOPLE, "name", probabilities=(0.5,)),
    ],
)
def test_arguments_are_checked(run: Run, plan: LogicalPlan) -> None:
    with pytest.raises(SparkError) as caught:
        run(plan)
    assert caught.value.error_class == "_LEGACY_REQUIREMENT_FAILED"
