"""InlineCTE: common table expressions put in the place of their names.

Then rules see a tree, and each use is planned for itself: its conditions go into it, and its unread
columns are left out. What draws random numbers or is told to somebody stays defined once, if
it is used more than once; and so does what refers to itself.
"""

from __future__ import annotations

from collections import Counter

from pyrite.sql.expressions.expression import Alias, Expression, SubqueryExpression
from pyrite.sql.optimizer.conditions import with_plan
from pyrite.sql.optimizer.distribution.new_ids import with_new_ids
from pyrite.sql.plans.plan import (
    CollectMetrics,
    CteReference,
    LogicalPlan,
    Project,
    RecursiveCte,
    Sample,
    With,
    subplans,
)
from pyrite.sql.tree import TreeNode

__all__ = ["inline_ctes"]


def inline_ctes(plan: LogicalPlan) -> LogicalPlan:
    """Put definitions in the place of the names that refer to them.

    Example::

        With 1: Project a ...               Join
        +- Join                             :- Project a ...
           :- CteReference 1         =>     +- Project a AS b
           +- CteReference 1                   +- Project a ...
    """
    if not plan.contains(lambda node: isinstance(node, With)):
        return plan
    return _Inlining(plan).inlined(plan)


class _Inlining:
    """The rewriting of one plan.

    Attributes:
        uses: How often each definition is referred to.
        definitions: Those that are inlined, by their ids; what they refer to is inlined in them.
    """

    def __init__(self, plan: LogicalPlan) -> None:
        self.uses = _uses(plan)
        self.definitions: dict[int, LogicalPlan] = {}

    def inlined(self, plan: LogicalPlan) -> LogicalPlan:
        """Return a plan without the names of what can be inlined."""
        match plan:
            case CteReference() if plan.cte_id in self.definitions:
                return _used(self.definitions[plan.cte_id], plan)
            case With():
                return self._with(plan)
        return plan.map_children(self.inlined).map_expressions(self._expression)

    def _expression(self, expression: Expression) -> Expression:
        expression = expression.map_children(self._expression)
        if isinstance(expression, SubqueryExpression):
            return with_plan(expression, self.inlined(expression.plan))
        return expression

    def _with(self, plan: With) -> LogicalPlan:
        kept = []
        for cte_id, definition in plan.definitions:
            inlined = self.inlined(definition)
            if _can_be_inlined(inlined, self.uses[cte_id]):
                self.definitions[cte_id] = inlined
            else:
                kept.append((cte_id, inlined))
        child = self.inlined(plan.child)
        return With(tuple(kept), child) if kept else child


def _uses(plan: LogicalPlan) -> Counter[int]:
    uses: Counter[int] = Counter()
    for node in plan.walk():
        if isinstance(node, CteReference):
            uses[node.cte_id] += 1
        for inner in subplans(node):
            uses += _uses(inner)
    return uses


def _can_be_inlined(definition: LogicalPlan, uses: int) -> bool:
    return not isinstance(definition, RecursiveCte) and (
        uses < 2 or not definition.contains(_happens_once)
    )


def _happens_once(node: TreeNode) -> bool:
    if isinstance(node, Expression):
        return not node.deterministic
    return isinstance(node, (CollectMetrics, Sample))


def _used(definition: LogicalPlan, reference: CteReference) -> LogicalPlan:
    """Return a definition with the columns of one use of it."""
    own = with_new_ids(definition)
    columns = [
        Alias(column, name.name, name.expression_id, name.metadata)
        for column, name in zip(own.output, reference.attributes, strict=True)
    ]
    return Project(tuple(columns), own)
