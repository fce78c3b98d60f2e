"""Correlated subqueries of one row as joins with what they compute for all outer rows at once."""

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
    LateralJoin,
    LocalRelation,
    LogicalPlan,
    Project,
    Sort,
    SubqueryAlias,
)
from pyrite.sql.types import BOOLEAN, StructField, StructType, to_arrow_schema

__all__ = ["lateral_aggregate", "scalar_join"]

_TRUE = Literal(True, BOOLEAN)

#: Aggregates that are null when there are no rows.
_NULL_WITHOUT_ROWS = frozenset({"avg", "max", "mean", "min", "sum"})
#: Functions that are null when an argument is.
_PASSING_NULL = frozenset({"+", "-", "*", "/", "%"})


def scalar_join(
    subquery: ScalarSubquery, child: LogicalPlan
) -> tuple[LogicalPlan, Expression] | None:
    """Return a plan joined with a subquery that aggregates, and the subquery's value there.

    Args:
        subquery: The subquery.
        child: The plan whose columns it may read.

    Returns:
        None if it cannot be joined; such as when it might have several rows, which is an error.
    """
    if not outer_ids(subquery.plan):
        return None
    joined = _one_row_join(subquery.plan, child)
    return joined and (joined[0], joined[1][0])


def lateral_aggregate(plan: LateralJoin) -> LogicalPlan | None:
    """Return a lateral join with an aggregate of everything as a join; None if there is no way."""
    always = plan.condition in (None, _TRUE)
    if plan.join_type is JoinType.LEFT_OUTER and not always:
        return None
    if _of_nothing(plan.right) is None:  # there is not always a row
        return None
    joined = _one_row_join(plan.right, plan.left)
    if joined is None:
        return None
    below, values = joined
    columns = [
        value if isinstance(value, Attribute) else Alias(value, a.name, a.expression_id, a.metadata)
        for value, a in zip(values, plan.right.output, strict=True)
    ]
    result = Project((*plan.left.output, *columns), below)
    return result if always or plan.condition is None else Filter(plan.condition, result)


def _one_row_join(
    plan: LogicalPlan, child: LogicalPlan
) -> tuple[LogicalPlan, list[Expression]] | None:
    """Join a correlated plan of one row at most, which aggregates rows found by equality.

    An outer row without partner is one for which nothing is aggregated. That mostly gives null,
    which the outer join gives as well. Where it gives something else, such as the 0 of a
    count, that is a subquery without correlation, whose value takes its place.

    Args:
        plan: The plan.
        child: The plan whose columns it may read.

    Returns:
        The join, and what stands for the plan's columns there. None if it cannot be joined.
    """
    outer = output_ids(child)
    if outer_ids(plan) - outer or made_ids(plan) & outer:
        return None
    aggregate = _aggregate_of(plan)
    pulled = pull_up(plan, child, for_one_row=True)
    if aggregate is None or pulled is None or not _has_one_row(pulled, outer):
        return None
    condition = all_of(pulled.conditions)
    null = output_ids(plan) if aggregate.grouping else _null_columns(plan)
    if all(a.expression_id in null for a in plan.output):
        joined = Join(child, pulled.plan, JoinType.LEFT_OUTER, condition)
        return joined, [a.with_nullable() for a in plan.output]
    nothing = _of_nothing(plan)
    if nothing is None or outer_ids(nothing):
        return None
    values = [Alias(a, a.name) for a in plan.output]
    matched = Alias(_TRUE, "matched")
    own = [a for a in pulled.plan.output if a not in plan.output]
    right = Project((*own, *values, matched), pulled.plan)
    functions = builtin_functions()
    missing = Call(functions["isnull"], (matched.to_attribute().with_nullable(),), BOOLEAN, False)
    defaults = [_one_column(nothing, a) for a in plan.output]
    given = [
        Call(functions["if"], (missing, default, v.to_attribute()), v.data_type, True)
        for default, v in zip(defaults, values, strict=True)
    ]
    return Join(child, right, JoinType.LEFT_OUTER, condition), [*given]


def _one_column(plan: LogicalPlan, column: Attribute) -> Expression:
    return ScalarSubquery(with_new_ids(Project((column,), plan)))


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


def _of_nothing(plan: LogicalPlan) -> LogicalPlan | None:
    """Return a plan with its aggregate made of no rows; None if a condition stands above it.

    With a condition, a group that fails it and a group that is not there look the same.
    """
    match plan:
        case Aggregate() if not plan.grouping:
            attributes = plan.child.output
            fields = [StructField(f"c{a.expression_id}", a.data_type, True) for a in attributes]
            rows = to_arrow_schema(StructType(fields)).empty_table()
            return replace(plan, child=LocalRelation(attributes, rows))
        case Project() | SubqueryAlias() | Sort():
            below = _of_nothing(plan.child)
            return below and replace(plan, child=below)
    return None
