"""WITH RECURSIVE: an anchor, and a recursion over what the step before gave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pyrite.sql.analysis.scope import Scope
from pyrite.sql.conf_entries import CTE_RECURSION_LEVEL_LIMIT
from pyrite.sql.errors import analysis_error
from pyrite.sql.plans.plan import (
    Aggregate,
    CteReference,
    Join,
    JoinType,
    LogicalPlan,
    RecursiveCte,
    subplans,
)
from pyrite.sql.plans.unresolved import (
    PlanId,
    RecursionLimit,
    UnresolvedRelation,
    UnresolvedSetOperation,
)

if TYPE_CHECKING:
    from pyrite.sql.analysis.analyzer import Analyzer

__all__ = ["refers_to", "resolve_recursion"]


def refers_to(plan: LogicalPlan, name: str) -> bool:
    """Whether an unresolved plan reads a relation of this name, in subqueries too."""
    return any(
        (isinstance(node, UnresolvedRelation) and node.name == (name,))
        or any(refers_to(inner, name) for inner in subplans(node))
        for node in plan.walk()
    )


def resolve_recursion(
    analyzer: Analyzer,
    folded: str,
    columns: Sequence[str],
    query: LogicalPlan,
    cte_id: int,
    outer: Scope | None,
) -> LogicalPlan:
    """Resolve ``anchor UNION ALL recursion``, the recursion reading the anchor's columns.

    Args:
        analyzer: The analyzer; its innermost WITH gets the definition.
        folded: The relation's name, as names are compared.
        columns: New names of its columns, if there are any.
        query: The union.
        cte_id: What references to it have.
        outer: The scope around the query.

    Raises:
        SparkError: If it is no such union, or the recursion reads itself where it cannot.
    """
    limit = analyzer.session.conf.read(CTE_RECURSION_LEVEL_LIMIT)
    while isinstance(query, (PlanId, RecursionLimit)):
        if isinstance(query, RecursionLimit):
            limit = query.level
        query = query.child
    if not isinstance(query, UnresolvedSetOperation) or query.operation != "union":
        raise analysis_error("INVALID_RECURSIVE_CTE")
    if not query.is_all:
        raise analysis_error("UNION_NOT_SUPPORTED_IN_RECURSIVE_CTE")
    anchor = analyzer.resolve(query.left, outer).plan
    names = columns or tuple(a.name for a in anchor.output)
    attributes = tuple(
        replace(a.new_instance(), name=new, nullable=True, qualifier=())
        for a, new in zip(anchor.output, names, strict=True)
    )
    analyzer.ctes[-1][folded] = analyzer.cte_definition(cte_id, attributes)
    recursion = analyzer.resolve(query.right, outer).plan
    _check_places(recursion, cte_id)
    if len(recursion.output) != len(attributes):
        raise analysis_error(
            "NUM_COLUMNS_MISMATCH",
            operator="UNION",
            firstNumColumns=str(len(attributes)),
            invalidOrdinalNum="second",
            invalidNumColumns=str(len(recursion.output)),
        )
    recursion = analyzer.cast_output(recursion, [a.data_type for a in attributes])
    return RecursiveCte(cte_id, anchor, recursion, limit, attributes)


def _reads(plan: LogicalPlan, cte_id: int) -> bool:
    return any(
        (isinstance(node, CteReference) and node.cte_id == cte_id)
        or any(_reads(inner, cte_id) for inner in subplans(node))
        for node in plan.walk()
    )


#: The sides of a join that the recursion cannot stand on, by the join's type.
_CLOSED_SIDES = {
    JoinType.LEFT_OUTER: (False, True),
    JoinType.RIGHT_OUTER: (True, False),
    JoinType.FULL_OUTER: (True, True),
    JoinType.LEFT_SEMI: (False, True),
    JoinType.LEFT_ANTI: (False, True),
}


def _check_places(plan: LogicalPlan, cte_id: int) -> None:
    """Refuse a recursion below aggregates, in subqueries and on the outer sides of joins."""
    closed: list[LogicalPlan] = list(subplans(plan))
    if isinstance(plan, Aggregate):
        closed.append(plan.child)
    elif isinstance(plan, Join):
        sides = _CLOSED_SIDES.get(plan.join_type, (False, False))
        closed += [side for side, shut in zip((plan.left, plan.right), sides, strict=True) if shut]
    if any(_reads(inner, cte_id) for inner in closed):
        raise analysis_error("INVALID_RECURSIVE_REFERENCE.PLACE")
    for child in plan.children:
        _check_places(child, cte_id)
