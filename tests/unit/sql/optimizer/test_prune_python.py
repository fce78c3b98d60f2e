"""Columns that do not pass through Python."""

from typing import Any

import pytest

from pyrite.sql.expressions.expression import (
    Alias,
    Attribute,
    Call,
    Exists,
    PythonUDF,
    SortOrder,
    new_expression_id,
)
from pyrite.sql.functions.registry import builtin_functions
from pyrite.sql.optimizer.prune_python import prune_python
from pyrite.sql.plans.plan import (
    Distinct,
    EvalPython,
    Filter,
    LogicalPlan,
    OneRowRelation,
    Project,
    Range,
    Sort,
)
from pyrite.sql.types import BOOLEAN, LONG


def column(name: str) -> Attribute:
    return Attribute(name, LONG, False, new_expression_id())


A, B, C = column("a"), column("b"), column("c")
WIDE = Project((A, B, C), Range(0, 9, 1, None, (A,)))
F = Alias(PythonUDF("f", b"", (A,), LONG, 101), "f")
G = Alias(PythonUDF("g", b"", (), LONG, 101), "g")
PYTHON = EvalPython((F, G), WIDE)


def equal(left: Any, right: Any) -> Call:
    return Call(builtin_functions()["="], (left, right), BOOLEAN, False)


def names(plan: LogicalPlan) -> list[str]:
    return [a.name for a in plan.output]


def passed(plan: LogicalPlan) -> list[str]:
    """Return the columns that reach the Python of a plan after the rule."""
    pruned = prune_python(plan, None)  # type: ignore[arg-type]
    assert [a.expression_id for a in pruned.output] == [a.expression_id for a in plan.output]
    python = pruned.find(EvalPython)
    assert python is not None
    return names(python.child)


PLANS = {
    "only the argument": (Project((F.to_attribute(),), PYTHON), ["a"]),
    "what stands beside it": (Project((C, F.to_attribute()), PYTHON), ["a", "c"]),
    "some column for a function of none": (Project((G.to_attribute(),), PYTHON), ["a"]),
    "what a sort above reads": (
        Project((F.to_attribute(),), Sort((SortOrder(B),), True, PYTHON)),
        ["a", "b"],
    ),
    "what a condition above reads": (
        Project((F.to_attribute(),), Filter(equal(C, F.to_attribute()), PYTHON)),
        ["a", "c"],
    ),
    "what a subquery above reads": (
        Project((F.to_attribute(),), Filter(Exists(Filter(equal(B, B), OneRowRelation())), PYTHON)),
        ["a", "b"],
    ),
    "distinct rows are about all columns": (
        Project((F.to_attribute(),), Distinct(PYTHON)),
        ["a", "b", "c"],
    ),
}


@pytest.mark.parametrize("name", PLANS)
def test_what_reaches_python(name: str) -> None:
    plan, expected = PLANS[name]
    assert passed(plan) == expected


def test_a_call_nobody_reads_is_not_made() -> None:
    pruned = prune_python(Project((F.to_attribute(),), PYTHON), None)  # type: ignore[arg-type]
    python = pruned.find(EvalPython)
    assert python is not None
    assert [call.name for call in python.calls] == ["f"]
    assert prune_python(Project((B,), PYTHON), None).find(EvalPython) is None  # type: ignore[arg-type]


def test_plans_without_python_stay() -> None:
    plan = Project((A,), WIDE)
    assert prune_python(plan, None) == plan  # type: ignore[arg-type]


def test_a_call_that_another_reads_is_made() -> None:
    above = Alias(PythonUDF("h", b"", (F.to_attribute(),), LONG, 101), "h")
    python = EvalPython((F, G, above), WIDE)
    pruned = prune_python(Project((above.to_attribute(),), python), None)  # type: ignore[arg-type]
    kept = pruned.find(EvalPython)
    assert kept is not None
    assert [call.name for call in kept.calls] == ["f", "h"]
    assert names(kept.child) == ["a"]
