"""A plan a second time in the same tree: its columns need ids of their own."""

from __future__ import annotations

from dataclasses import replace

from pyrite.sql.expressions.expression import (
    Alias,
    Attribute,
    Expression,
    SubqueryExpression,
    new_expression_id,
)
from pyrite.sql.optimizer.conditions import with_plan
from pyrite.sql.optimizer.distribution.outer_references import made_ids
from pyrite.sql.plans.plan import CteReference, LogicalPlan, RecursiveCte, With, subplans

__all__ = ["with_new_ids"]


def with_new_ids(plan: LogicalPlan) -> LogicalPlan:
    """Return a plan of the same rows whose columns have new ids, those of its subqueries too.

    Columns it reads of a query around it, and definitions above it, are the same.
    """
    return _Renumbering().plan(plan)


class _Renumbering:
    """One plan's new ids.

    Attributes:
        columns: The new id of each column that the plan makes.
        ctes: The new id of each common table expression that it defines.
    """

    def __init__(self) -> None:
        self.columns: dict[int, int] = {}
        self.ctes: dict[int, int] = {}

    def plan(self, plan: LogicalPlan) -> LogicalPlan:
        """Return a plan under new ids."""
        self._collect(plan)
        return self._plan(plan)

    def _collect(self, plan: LogicalPlan) -> None:
        self.columns.update((made, new_expression_id()) for made in made_ids(plan))
        for node in plan.walk():
            if isinstance(node, With):
                self.ctes.update((cte_id, new_expression_id()) for cte_id, _ in node.definitions)
            for inner in subplans(node):
                self._collect(inner)

    def _plan(self, plan: LogicalPlan) -> LogicalPlan:
        plan = plan.map_children(self._plan).map_expressions(self._expression)
        match plan:
            case With():
                definitions = tuple((self._cte(i), each) for i, each in plan.definitions)
                return replace(plan, definitions=definitions)
            case CteReference() | RecursiveCte():
                return replace(plan, cte_id=self._cte(plan.cte_id))
        return plan

    def _cte(self, cte_id: int) -> int:
        return self.ctes.get(cte_id, cte_id)

    def _expression(self, expression: Expression) -> Expression:
        expression = expression.map_children(self._expression)
        match expression:
            case Attribute() | Alias():
                new = self.columns.get(expression.expression_id)
                return expression if new is None else replace(expression, expression_id=new)
            case SubqueryExpression():
                return with_plan(expression, self._plan(expression.plan))
        return expression
