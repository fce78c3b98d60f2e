"""Rule: subqueries that are computed for each row become joins, which can be distributed.

What Spark does in RewritePredicateSubquery and RewriteCorrelatedScalarSubquery::

    Filter exists(Filter a = o.a)      Join LeftSemi, a = o.a
    +- o                           =>  :- o
                                       +- inner

A subquery stays an expression if it reads nothing of the query around it and gives a value
(it is computed first, once), and if no join gives the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Attribute,
    Exists,
    Expression,
    InSubquery,
    LambdaFunction,
    Literal,
    NamedExpression,
    ScalarSubquery,
    SubqueryExpression,
)
from pyrite.sql.optimizer.conditions import (
    all_of,
    call_name,
    conjuncts,
    has_subquery,
    membership,
    with_plan,
)
from pyrite.sql.optimizer.distribution.outer_references import (
    made_ids,
    outer_ids,
    output_ids,
    read_ids,
)
from pyrite.sql.optimizer.distribution.predicate_subqueries import (
    as_scalar,
    join_mark,
    semi_join,
)
from pyrite.sql.optimizer.distribution.pullup_correlated import pull_up
from pyrite.sql.optimizer.distribution.scalar_subqueries import lateral_aggregate, scalar_join
from pyrite.sql.plans.plan import (
    Aggregate,
    Filter,
    Join,
    JoinType,
    LateralJoin,
    LogicalPlan,
    Project,
)
from pyrite.sql.types import BOOLEAN

__all__ = ["rewrite_subqueries"]


def rewrite_subqueries(plan: LogicalPlan) -> LogicalPlan:
    """Put joins in the place of subquery expressions and lateral joins where that can be."""
    return plan.transform_up(_rewritten)


def _rewritten(plan: LogicalPlan) -> LogicalPlan:
    if isinstance(plan, LateralJoin):
        return _lateral(plan)
    if not any(map(has_subquery, plan.expressions)):
        return plan
    plan = plan.map_expressions(lambda expression: expression.transform_up(_inside))
    handler = _HANDLERS.get(type(plan))
    return handler(plan) if handler is not None else plan


def _inside(expression: Expression) -> Expression:
    """Rewrite the plan of a subquery."""
    if not isinstance(expression, SubqueryExpression):
        return expression
    subquery = with_plan(expression, rewrite_subqueries(expression.plan))
    if isinstance(subquery, Exists) and not outer_ids(subquery.plan):
        return as_scalar(subquery)
    return subquery


@dataclass
class _Joined:
    """A plan that subqueries are joined to, one after the other.

    Attributes:
        plan: The plan so far; its rows are those it had at first, with more columns.
        values: What stands for the subqueries that were joined.
    """

    plan: LogicalPlan
    values: list[tuple[Expression, Expression]] = field(default_factory=list)

    def value(self, expression: Expression, condition: bool = False) -> Expression:
        """Return an expression with the subqueries in it joined.

        Args:
            expression: The expression.
            condition: Whether null may be taken for false.
        """
        for known, value in self.values:
            if known == expression:
                return value
        match _known_membership(expression, condition), expression:
            case (InSubquery() as subquery, bool() as negated), _:
                joined = join_mark(subquery, self.plan, negated)
            case None, Exists():
                joined = join_mark(expression, self.plan)
            case None, ScalarSubquery():
                joined = scalar_join(expression, self.plan)
            case _:
                joined = None
        if joined is not None:
            self.plan, value = joined
            self.values.append((expression, value))
            return value
        if isinstance(expression, LambdaFunction):
            return expression
        passed = condition and call_name(expression) in _LOGIC
        return expression.map_children(lambda child: self.value(child, passed))


def _known_membership(expression: Expression, condition: bool) -> tuple[InSubquery, bool] | None:
    """Return the subquery of an IN, and whether it is NOT IN, if null may be false for it."""
    if call_name(expression) == "coalesce" and len(expression.children) == 2:
        first, default = expression.children
        if default == Literal(False, BOOLEAN):
            return membership(first)
    found = membership(expression)
    return found if found is not None and (condition or not found[0].nullable) else None


_LOGIC = frozenset({"and", "or"})


def _filter(plan: Filter) -> LogicalPlan:
    parts = conjuncts(plan.condition)
    plain = all_of(part for part in parts if not has_subquery(part))
    joined = _Joined(plan.child if plain is None else Filter(plain, plan.child))
    start = joined.plan
    tests = []
    for part in filter(has_subquery, parts):
        semi = semi_join(part, joined.plan)
        if semi is not None:
            joined.plan = semi
        else:
            tests.append(joined.value(part, condition=True))
    if joined.plan is start:
        return plan
    test = all_of(tests)
    result = joined.plan if test is None else Filter(test, joined.plan)
    return _with_output(result, plan)


def _with_output(plan: LogicalPlan, old: LogicalPlan) -> LogicalPlan:
    """Return a plan without the columns that joins have added."""
    return plan if len(plan.output) == len(old.output) else Project(old.output, plan)


def _project(plan: Project) -> LogicalPlan:
    joined = _Joined(plan.child)
    items = tuple(_named(joined.value(item)) for item in plan.project_list)
    return plan if joined.plan is plan.child else Project(items, joined.plan)


def _named(expression: Expression) -> NamedExpression:
    assert isinstance(expression, NamedExpression)
    return expression


def _aggregate(plan: Aggregate) -> LogicalPlan:
    if plan.grouping_sets is not None:
        return plan
    joined = _Joined(plan.child)
    grouping = tuple(joined.value(key) for key in plan.grouping)
    aggregates = tuple(_named(joined.value(item)) for item in plan.aggregates)
    if joined.plan is plan.child:
        return plan
    # Beside aggregates a subquery reads grouping columns alone, so that its value is one of each
    # group, and can be a key.
    keys = {key.expression_id for key in plan.grouping if isinstance(key, Attribute)}
    beside = [n for item in plan.aggregates for n in _beside_aggregates(item, plan.grouping)]
    if not all(read_ids(n) <= keys for n in beside if isinstance(n, SubqueryExpression)):
        return plan
    added = output_ids(joined.plan) - output_ids(plan.child)
    values = [
        node
        for item in aggregates
        for node in _beside_aggregates(item, grouping)
        if isinstance(node, Attribute) and node.expression_id in added
    ]
    return Aggregate((*grouping, *dict.fromkeys(values)), aggregates, joined.plan)


def _beside_aggregates(
    expression: Expression, grouping: Sequence[Expression]
) -> Iterator[Expression]:
    """Yield what an item of an aggregate's list reads that is neither aggregated nor a key."""
    if isinstance(expression, AggregateExpression) or expression in grouping:
        return
    yield expression
    for child in expression.children:
        yield from _beside_aggregates(child, grouping)


def _join(plan: Join) -> LogicalPlan:
    """Test conditions with subqueries above an inner join, where they can be joins themselves."""
    if plan.join_type is not JoinType.INNER:
        return plan
    parts = conjuncts(plan.condition)
    plain = all_of(part for part in parts if not has_subquery(part))
    rest = all_of(filter(has_subquery, parts))
    assert rest is not None
    above = Filter(rest, replace(plan, condition=plain))
    rewritten = _filter(above)
    return plan if rewritten is above else rewritten


def _lateral(plan: LateralJoin) -> LogicalPlan:
    """Make a lateral join one of all rows, if its right side reads the left one in conditions."""
    outer = output_ids(plan.left)
    if made_ids(plan.right) & outer or outer_ids(plan.right) - outer:
        return plan
    pulled = pull_up(plan.right, plan.left)
    if pulled is None:
        return lateral_aggregate(plan) or plan
    own = conjuncts(plan.condition)
    condition = all_of([*own, *pulled.conditions])
    join_type = plan.join_type
    if join_type is JoinType.CROSS and condition is not None:
        join_type = JoinType.INNER
    return _with_output(Join(plan.left, pulled.plan, join_type, condition), plan)


_HANDLERS: dict[type[LogicalPlan], Callable[[Any], LogicalPlan]] = {
    Aggregate: _aggregate,
    Filter: _filter,
    Join: _join,
    Project: _project,
}
