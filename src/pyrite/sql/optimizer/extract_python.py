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

from pyrite.sql.errors import analysis_error, unsupported
from pyrite.sql.expressions.expression import (
    Alias,
    Call,
    Expression,
    PythonUDF,
    ScalarSubquery,
    SubqueryExpression,
)
from pyrite.sql.optimizer.conditions import conjuncts
from pyrite.sql.optimizer.distribution.inline_ctes import inline_ctes
from pyrite.sql.optimizer.distribution.outer_references import outer_ids
from pyrite.sql.optimizer.distribution.rewrite_subqueries import rewrite_subqueries
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
    OneRowRelation,
    Project,
    PythonTableFunction,
    SubqueryAlias,
)
from pyrite.sql.session_state import SessionState
from pyrite.sql.tree import TreeNode

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
    if PythonUDF not in plan.marks:
        return plan
    if plan.contains(_is_called_by_row):
        plan = plan.transform_up(lambda node: node.map_expressions(_without_one_row))
        # DuckDB cannot wait for Python in a subquery that it computes for each row; joins can.
        plan = rewrite_subqueries(inline_ctes(plan))
    extracted = plan.transform_up(_extract)
    if extracted.contains(_waits_for_row):
        raise unsupported("a Python function in a correlated subquery that no join can replace")
    return extracted


def _waits_for_row(node: TreeNode) -> bool:
    """Whether a subquery calls Python with rows that depend on the query around it."""
    if not isinstance(node, SubqueryExpression):
        return False
    calls = (inner for inner in node.plan.walk() if isinstance(inner, EvalPython))
    return any(outer_ids(call) for call in calls)


def _without_one_row(expression: Expression) -> Expression:
    """Put what a subquery without FROM selects in the subquery's place: ``(SELECT f(a))``."""

    def visit(node: Expression) -> Expression:
        match node:
            case ScalarSubquery(plan=Project(project_list=[Alias(child=value)], child=below)):
                return value if isinstance(below, OneRowRelation) else node
        return node

    return expression.transform_up(visit)


def _is_called_by_row(node: TreeNode) -> bool:
    """Whether a plan in a node is computed for each row around it, and calls Python."""
    match node:
        case SubqueryExpression():
            inner = node.plan
        case LateralJoin():
            inner = node.right
        case _:
            return False
    return PythonUDF in inner.marks and bool(outer_ids(inner))


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
