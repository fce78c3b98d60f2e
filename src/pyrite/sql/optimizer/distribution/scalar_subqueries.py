"""Correlated scalar subqueries as joins with what they compute, for all outer rows at once."""

from __future__ import annotations

from dataclasses import replace

from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Alias,
    Attribute,
    Call,
    Cast,
    Expression,
    Literal,
    ScalarSubquery,
)
from pyrite.sql.functions.registry import builtin_functions
from pyrite.sql.optimizer.conditions import all_of
from pyrite.sql.optimizer.distribution.new_ids import with_new_ids
from pyrite.sql.optimizer.distribution.outer_references import made_ids, outer_ids, output_ids
from pyrite.sql.optimizer.distribution.pullup_correlated import Pulled, pull_up
from pyrite.sql.plans.plan import (
    Aggregate,
    Filter,
    Join,
    JoinType,
    LocalRelation,
    LogicalPlan,
    Project,
    Sort,
    SubqueryAlias,
)
from pyrite.sql.types import BOOLEAN, StructField, StructType, to_arrow_schema

__all__ = ["scalar_join"]

#: Aggregates that are null when there are no rows.
_NULL_WITHOUT_ROWS = frozenset({"avg", "max", "mean", "min", "sum"})
#: Functions that are null when an argument is.
_PASSING_NULL = frozenset({"+", "-", "*", "/", "%"})


def scalar_join(
    subquery: ScalarSubquery, child: LogicalPlan
) -> tuple[LogicalPlan, Expression] | None:
    """Return a plan joined with a subquery, an aggregate found by equality, and its value there.

    An outer row without partner is one for which the subquery aggregates nothing. That mostly
    gives null, which the outer join gives as well. Where it gives something else, such as
    the 0 of a count, that is a subquery without correlation, whose value takes its place.

    Args:
        subquery: The subquery.
        child: The plan whose columns it may read.

    Returns:
        None if it cannot; such as when it might have several rows, which is an error.
    """
    outer = output_ids(child)
    read = outer_ids(subquery.plan)
    if not read or read - outer or made_ids(subquery.plan) & outer:
        return None
    pulled = pull_up(subquery.plan, outer, for_one_row=True)
    aggregate = _aggregate_of(subquery.plan)
    if pulled is None or aggregate is None or not _has_one_row(pulled, outer):
        return None
    condition = all_of(pulled.conditions)
    column = subquery.plan.output[0].with_nullable()
    if aggregate.grouping or column.expression_id in _null_columns(subquery.plan):
        return Join(child, pulled.plan, JoinType.LEFT_OUTER, condition), column
    nothing = _of_nothing(subquery.plan, outer)
    if nothing is None:
        return None
    matched = Alias(Literal(True, BOOLEAN), "matched")
    right = Project((*pulled.plan.output, matched), pulled.plan)
    functions = builtin_functions()
    missing = Call(functions["isnull"], (matched.to_attribute().with_nullable(),), BOOLEAN, False)
    default = ScalarSubquery(with_new_ids(nothing))
    value = Call(functions["if"], (missing, default, column), column.data_type, True)
    return Join(child, right, JoinType.LEFT_OUTER, condition), value


def _gives_null(expression: Expression, null: set[int]) -> bool:
    """Whether an expression is surely null when the columns of these ids are."""
    match expression:
        case Attribute():
            return expression.expression_id in null
        case Alias() | Cast():
            return _gives_null(expression.child, null)
        case Literal():
            return expression.value is None
        case AggregateExpression(call=Call(function=function)):
            return function.name in _NULL_WITHOUT_ROWS
        case Call() if expression.function.name in _PASSING_NULL:
            return any(_gives_null(argument, null) for argument in expression.arguments)
    return False


def _aggregate_of(plan: LogicalPlan) -> Aggregate | None:
    """Return the aggregate that makes the rows of a plan, if operators of one row stand above."""
    while isinstance(plan, (Filter, Project, Sort, SubqueryAlias)):
        plan = plan.child
    return plan if isinstance(plan, Aggregate) and plan.grouping_sets is None else None


def _has_one_row(pulled: Pulled, outer: set[int]) -> bool:
    """Whether the conditions fix every key of the aggregate, so that one row is left at most."""
    aggregate = _aggregate_of(pulled.plan)
    own = output_ids(pulled.plan)
    fixed = set()
    for condition in pulled.conditions:
        sides = Pulled(pulled.plan, (condition,)).equalities(outer)
        fixed |= {key.expression_id for key, _ in sides or () if isinstance(key, Attribute)}
    if aggregate is None:
        return False
    shown = {
        item.child if isinstance(item, Alias) else item
        for item in aggregate.aggregates
        if item.expression_id in fixed & own
    }
    return all(key in shown or isinstance(key, Literal) for key in aggregate.grouping)


def _null_columns(plan: LogicalPlan) -> set[int]:
    """Return the columns that are null above an aggregate of nothing."""
    match plan:
        case Aggregate():
            items = [item for item in plan.aggregates if _gives_null(item, set())]
            return {item.expression_id for item in items}
        case Project():
            null = _null_columns(plan.child)
            return {item.expression_id for item in plan.project_list if _gives_null(item, null)}
        case Filter() | Sort() | SubqueryAlias():
            return _null_columns(plan.child)
    return set()


def _of_nothing(plan: LogicalPlan, outer: set[int]) -> LogicalPlan | None:
    """Return a plan with its aggregate made of no rows; None if a condition stands above it.

    With a condition, a group that fails it and a group that is not there look the same.
    """
    match plan:
        case Aggregate():
            attributes = plan.child.output
            fields = [StructField(f"c{a.expression_id}", a.data_type, True) for a in attributes]
            rows = to_arrow_schema(StructType(fields)).empty_table()
            emptied = replace(plan, child=LocalRelation(attributes, rows))
            return None if outer_ids(emptied) & outer else emptied
        case Project() | SubqueryAlias() | Sort():
            below = _of_nothing(plan.child, outer)
            return below and replace(plan, child=below)
    return None
