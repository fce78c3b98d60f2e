"""EXISTS and IN as joins: semi and anti joins for conditions, a mark where their value is used."""

from __future__ import annotations

from collections.abc import Sequence

from pyrite.sql.expressions.expression import (
    Alias,
    Call,
    Exists,
    Expression,
    InSubquery,
    Literal,
    ScalarSubquery,
    WindowExpression,
)
from pyrite.sql.functions.registry import builtin_functions
from pyrite.sql.optimizer.conditions import all_of, call_name, has_subquery
from pyrite.sql.optimizer.distribution.outer_references import (
    made_ids,
    outer_ids,
    output_ids,
    read_ids,
)
from pyrite.sql.optimizer.distribution.pullup_correlated import (
    Pulled,
    group_by_correlation,
    pull_up,
)
from pyrite.sql.plans.plan import (
    Aggregate,
    Distinct,
    Join,
    JoinType,
    Limit,
    LogicalPlan,
    Project,
    Sort,
    SubqueryAlias,
)
from pyrite.sql.types import BOOLEAN, INTEGER

__all__ = ["as_scalar", "join_mark", "semi_join"]

_TRUE = Literal(True, BOOLEAN)


def semi_join(part: Expression, child: LogicalPlan) -> LogicalPlan | None:
    """Return the rows of a plan for which EXISTS or IN holds, or does not.

    IN gives null where a row with nulls might be the one that is looked for, and then NOT IN
    must not let the row pass: its condition pairs such rows as well. That is a condition no
    hash join can test; without a correlation the subquery is better computed by itself, once.

    Args:
        part: The condition: the subquery, or its negation.
        child: The plan.

    Returns:
        None if the condition is another one, or cannot be that of a join.
    """
    negated = call_name(part) in ("not", "!")
    subquery = part.children[0] if negated else part
    if not isinstance(subquery, (Exists, InSubquery)):
        return None
    uncorrelated = not outer_ids(subquery.plan)
    if uncorrelated and (isinstance(subquery, Exists) or (negated and subquery.nullable)):
        return None
    pulled = _pulled(subquery, child, null_matches=negated)
    if pulled is None:
        return None
    join_type = JoinType.LEFT_ANTI if negated else JoinType.LEFT_SEMI
    return Join(child, pulled.plan, join_type, all_of(pulled.conditions))


def join_mark(
    subquery: Exists | InSubquery, child: LogicalPlan, negated: bool = False
) -> tuple[LogicalPlan, Expression] | None:
    """Return a plan with a column more, and the value of EXISTS or IN over it.

    The rows of the subquery are grouped by what they are found by, so that each row of the
    plan finds one at most.

    Args:
        subquery: The subquery.
        child: The plan whose columns it may read.
        negated: Whether the value is that of NOT IN.

    Returns:
        None if there is no way. The value is false where SQL does not know it.
    """
    if not outer_ids(subquery.plan):
        return None
    pulled = _pulled(subquery, child, null_matches=negated)
    mark = Alias(_TRUE, "exists")
    grouped = pulled and group_by_correlation(Aggregate((), (mark,), pulled.plan), pulled, child)
    if not grouped:
        return None
    found = mark.to_attribute().with_nullable()
    test = builtin_functions()["isnull" if negated else "isnotnull"]
    value = Call(test, (found,), BOOLEAN, False)
    return Join(child, grouped.plan, JoinType.LEFT_OUTER, all_of(grouped.conditions)), value


def as_scalar(subquery: Exists) -> Expression:
    """Return an EXISTS of its own as whether one value is there, which is computed first."""
    one = Limit(Literal(1, INTEGER), _rows(subquery.plan))
    found = ScalarSubquery(Project((Alias(_TRUE, "exists"),), one))
    return Call(builtin_functions()["isnotnull"], (found,), BOOLEAN, False)


def _pulled(subquery: Exists | InSubquery, child: LogicalPlan, null_matches: bool) -> Pulled | None:
    """Return the rows of a subquery and the conditions under which they are what is asked for."""
    outer = output_ids(child)
    if outer_ids(subquery.plan) - outer or made_ids(subquery.plan) & outer:
        return None
    if isinstance(subquery, Exists):
        return pull_up(_rows(subquery.plan), child)
    if any(has_subquery(value) for value in subquery.values):
        return None
    plan, columns = _columns(subquery.plan, outer)
    pulled = pull_up(plan, child)
    if pulled is None:
        return None
    pairs = zip(subquery.values, columns, strict=True)
    equal = [_equal(value, column, null_matches) for value, column in pairs]
    return Pulled(pulled.plan, (*equal, *pulled.conditions))


def _equal(value: Expression, column: Expression, null_matches: bool) -> Expression:
    """Return whether a value equals a column, or, if wanted, whether it is not known to differ."""
    functions = builtin_functions()
    nullable = value.nullable or column.nullable
    equal = Call(functions["="], (value, column), BOOLEAN, nullable)
    if not (null_matches and nullable):
        return equal
    return Call(functions["coalesce"], (equal, _TRUE), BOOLEAN, False)


def _rows(plan: LogicalPlan) -> LogicalPlan:
    """Return a plan that has a row when ``plan`` has one, without what matters not for that."""
    while isinstance(plan, (Distinct, Project, Sort, SubqueryAlias)) or (
        isinstance(plan, Limit)
        and isinstance(plan.limit, Literal)
        and isinstance(plan.limit.value, int)
        and plan.limit.value > 0
    ):
        plan = plan.child
    return plan


def _columns(plan: LogicalPlan, outer: set[int]) -> tuple[LogicalPlan, Sequence[Expression]]:
    """Return the rows IN compares with and what it compares; duplicates and order do not matter.

    A list that reads outer columns is not left to the subquery: the condition computes it.
    """
    while isinstance(plan, (Distinct, Sort, SubqueryAlias)) and not getattr(plan, "keys", ()):
        plan = plan.child
    if isinstance(plan, Project) and any(read_ids(item) & outer for item in plan.project_list):
        items = [item.child if isinstance(item, Alias) else item for item in plan.project_list]
        if not any(
            item.find(WindowExpression) or has_subquery(item) or not item.deterministic
            for item in items
        ):
            return plan.child, items
    return plan, plan.output
