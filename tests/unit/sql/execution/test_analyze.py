"""Catalog calls inside plans, and text from a query read as a file's lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.expressions.expression import Literal
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import CatalogCall, Parse, PlanId, UnresolvedInlineTable
from pyrite.sql.types import INTEGER, STRING, StructField, StructType

Run = Callable[[LogicalPlan], list[tuple[Any, ...]]]


def texts(*lines: str) -> LogicalPlan:
    return UnresolvedInlineTable(tuple((Literal(line, STRING),) for line in lines))


def test_a_catalog_call_below_other_operators(run: Run) -> None:
    call = CatalogCall("current_database", ())
    assert run(PlanId(1, call)) == [("default",)]
    assert run(Parse("csv", None, (), call)) == [("default",)]


def test_csv_from_a_query(run: Run) -> None:
    schema = StructType([StructField("a", INTEGER), StructField("b", STRING)])
    plan = texts("a,b", "1,x", "2,y")
    assert run(Parse("csv", schema, (("header", "true"),), plan)) == [(1, "x"), (2, "y")]
    assert run(Parse("csv", None, (("inferSchema", "true"),), texts("1,x"))) == [(1, "x")]


def test_json_from_a_query(run: Run) -> None:
    assert run(Parse("json", None, (), texts('{"b": 1, "a": "x"}', "bad"))) == [
        (None, "x", 1),
        ("bad", None, None),
    ]


def test_only_one_column_of_text_can_be_parsed(run: Run) -> None:
    numbers = UnresolvedInlineTable(((Literal(1, INTEGER),),))
    with pytest.raises(SparkError) as caught:
        run(Parse("json", None, (), numbers))
    assert caught.value.error_class == "PARSE_INPUT_NOT_STRING"
