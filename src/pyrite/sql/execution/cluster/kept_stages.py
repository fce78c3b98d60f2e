"""Kept stages: rows that executors keep for later queries, in the place of cached relations."""

from __future__ import annotations

from collections.abc import Callable

from pyrite.sql.execution.cluster.cluster_facts import is_kept_in_tasks
from pyrite.sql.expressions.expression import Expression, SubqueryExpression
from pyrite.sql.optimizer.conditions import with_plan
from pyrite.sql.optimizer.distribution.cardinality import Cardinality
from pyrite.sql.optimizer.distribution.ensure_requirements import RUN_BELOW
from pyrite.sql.optimizer.distribution.estimates import Base, ColumnEstimate, Estimate
from pyrite.sql.optimizer.sizes import row_width
from pyrite.sql.plans.plan import CachedRelation, LogicalPlan, Numbered, Sample
from pyrite.sql.session_state import SessionState

__all__ = ["kept_estimate", "with_kept_stages"]

#: Of the operators that no exchange is put below, those that are no stages of their own.
_IN_ONE_PIECE = (Numbered, Sample)


def with_kept_stages(
    plan: LogicalPlan,
    session: SessionState,
    stage: Callable[[CachedRelation], LogicalPlan],
    gathered: Callable[[CachedRelation], LogicalPlan],
) -> LogicalPlan:
    """Put stages in the place of the relations whose rows are in executors.

    Args:
        plan: A plan that ``prepare`` has been over.
        session: Whose query it is.
        stage: Returns what reads the rows of a relation in tasks.
        gathered: Returns what reads them in the driver, for what runs there in one piece.

    Returns:
        The plan; what is below operators that run the plans below them is as it was.
    """

    def visit(node: LogicalPlan, read: Callable[[CachedRelation], LogicalPlan]) -> LogicalPlan:
        if isinstance(node, CachedRelation):
            return read(node) if is_kept_in_tasks(session, node) else node
        if isinstance(node, _IN_ONE_PIECE):
            read = gathered
        if isinstance(node, _IN_ONE_PIECE) or not isinstance(node, RUN_BELOW):
            node = node.map_children(lambda child: visit(child, read))
        return node.map_expressions(lambda e: e.transform_up(inner))

    def inner(node: Expression) -> Expression:
        if not isinstance(node, SubqueryExpression):
            return node
        return with_plan(node, visit(node.plan, gathered))

    return plan if CachedRelation not in plan.marks else visit(plan, stage)


def kept_estimate(
    relation: CachedRelation, session: SessionState, cardinality: Cardinality
) -> Estimate | None:
    """Return what is known of kept rows: their number, or what is thought of their plan.

    Args:
        relation: What reads them.
        session: Whose query it is.
        cardinality: What is thought of plans.
    """
    kept = session.shared.cache.kept(relation.key)
    if kept is None:
        return None
    made = cardinality.of(kept.plan) if kept.stage is None else kept.stage.estimate
    ids = {name: a.expression_id for name, a in zip(kept.columns, kept.plan.output, strict=False)}
    columns = {
        a.expression_id: made.columns.get(ids.get(name, -1)) or ColumnEstimate(Base(made.rows))
        for name, a in zip(relation.columns, relation.attributes, strict=True)
    }
    return Estimate(made.rows, row_width(relation.output), columns)
