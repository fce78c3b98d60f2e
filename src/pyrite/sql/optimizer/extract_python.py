"""Rule: take calls of users' Python functions out of expressions, into operators of their own.

    Project [f(a + 1) AS x, b]          Project [p1 AS x, b]
    +- child                      =>    +- EvalPython [f(arg) AS p1]
                                           +- Project [a, b, (a + 1) AS arg]
                                              +- child

Conditions without Python stay below the Python, so that fewer rows reach it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import (
    Call,
    Expression,
    PythonUDF,
    SubqueryExpression,
)
from pyrite.sql.optimizer.conditions import conjuncts
from pyrite.sql.optimizer.extraction import Extraction, from_child, has_python, trim, words
from pyrite.sql.optimizer.python_aggregates import aggregate
from pyrite.sql.optimizer.python_operators import (
    called_for_rows,
    co_group_map,
    for_each_row,
    group_map,
    table_function,
)
from pyrite.sql.optimizer.python_windows import has_python_window, windows
from pyrite.sql.plans.plan import (
    Aggregate,
    AggregateInPython,
    CoGroupMap,
    EvalPython,
    Filter,
    GroupMap,
    Join,
    JoinType,
    LateralJoin,
    LogicalPlan,
    MapPartitions,
    Project,
    PythonTableFunction,
    SubqueryAlias,
)
from pyrite.sql.session_state import SessionState

__all__ = ["extract_python"]

#: Operators that are Python themselves.
_PYTHON_OPERATORS = (
    AggregateInPython,
    CoGroupMap,
    EvalPython,
    GroupMap,
    MapPartitions,
    PythonTableFunction,
    SubqueryAlias,
)


def extract_python(plan: LogicalPlan, session: SessionState) -> LogicalPlan:
    """Rewrite a resolved plan so that Python functions stand only in Python operators."""
    return plan.transform_up(_extract) if PythonUDF in plan.marks else plan


def _extract(plan: LogicalPlan) -> LogicalPlan:
    plan = plan.map_expressions(_in_subqueries)
    match plan:
        case GroupMap():
            return group_map(plan)
        case CoGroupMap():
            return co_group_map(plan)
        case PythonTableFunction():
            return table_function(plan)
        case Project() if has_python_window(plan.project_list):
            return windows(plan)
        case LateralJoin() if called_for_rows(plan):
            return for_each_row(plan)
    if isinstance(plan, _PYTHON_OPERATORS) or not has_python(plan.expressions):
        return plan
    match plan:
        case Filter():
            return _filter(plan)
        case Join():
            return _join(plan)
        case Aggregate():
            return aggregate(plan)
        case _:
            return from_child(plan)


def _in_subqueries(expression: Expression) -> Expression:
    def visit(node: Expression) -> Expression:
        if isinstance(node, SubqueryExpression):
            subquery: Any = node
            rewritten: Expression = replace(subquery, plan=subquery.plan.transform_up(_extract))
            return rewritten
        return node

    return expression.transform_up(visit)


def _conjunction(conditions: Sequence[Expression], like: Expression) -> Expression:
    """Join conditions again by the AND that they came from."""
    result = conditions[0]
    for condition in conditions[1:]:
        assert isinstance(like, Call)
        result = replace(
            like,
            arguments=(result, condition),
            nullable=result.nullable or condition.nullable,
        )
    return result


def _filter(plan: Filter) -> LogicalPlan:
    parts = conjuncts(plan.condition)
    child = plan.child
    # A condition that differs from row to row by chance is asked in its place.
    plain = [p for p in parts if not has_python([p]) and p.deterministic]
    if plain:
        child = Filter(_conjunction(plain, plan.condition), child)
    python = [p for p in parts if p not in plain]
    extraction = Extraction(child)
    condition = extraction.rewrite(_conjunction(python, plan.condition))
    return trim(Filter(condition, extraction.plan()), plan.output)


def _join(plan: Join) -> LogicalPlan:
    assert plan.condition is not None
    sides = [Extraction(plan.left), Extraction(plan.right)]
    inside: list[Expression] = []
    above: list[Expression] = []
    for part in conjuncts(plan.condition):
        both = [udf for udf in part.walk() if isinstance(udf, PythonUDF)]
        if all(any(side.covers(udf) for side in sides) for udf in both):
            for side in sides:
                part = side.rewrite(part)
            inside.append(part)
        else:
            above.append(part)
    if above and plan.join_type not in (JoinType.INNER, JoinType.CROSS):
        raise analysis_error(
            "UNSUPPORTED_FEATURE.PYTHON_UDF_IN_ON_CLAUSE", joinType=words(plan.join_type)
        )
    join_type, condition = plan.join_type, None
    if inside:
        condition = _conjunction(inside, plan.condition)
    elif join_type is JoinType.INNER:
        join_type = JoinType.CROSS
    joined: LogicalPlan = Join(sides[0].plan(), sides[1].plan(), join_type, condition)
    if above:
        return trim(_filter_or_same(above, plan.condition, joined), plan.output)
    return trim(joined, plan.output)


def _filter_or_same(
    conditions: Sequence[Expression], like: Expression, child: LogicalPlan
) -> LogicalPlan:
    return _filter(Filter(_conjunction(conditions, like), child))
