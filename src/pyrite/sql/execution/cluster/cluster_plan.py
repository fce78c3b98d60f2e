"""ClusterPlan: the fragments of a query as they are planned before any of them has run.

When the query runs, what is left is planned again after each exchange, with the sizes that are
known by then; so exchanges may come out differently, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyrite.sql.execution.cluster.cluster_facts import cluster_facts, is_distributed
from pyrite.sql.execution.cluster.kept_stages import kept_estimate, with_kept_stages
from pyrite.sql.execution.cluster.samples import Samples
from pyrite.sql.execution.cluster.task_plans import has_partitions
from pyrite.sql.expressions.expression import Expression, SubqueryExpression
from pyrite.sql.optimizer.conditions import with_plan
from pyrite.sql.optimizer.distribution.cardinality import Cardinality
from pyrite.sql.optimizer.distribution.ensure_requirements import RUN_BELOW, ensure_requirements
from pyrite.sql.optimizer.distribution.outer_references import outer_ids
from pyrite.sql.optimizer.distribution.prepare import prepare
from pyrite.sql.optimizer.distribution.prune_partitions import prune_partitions
from pyrite.sql.optimizer.distribution.prune_row_groups import prune_row_groups
from pyrite.sql.plans.exchange import Exchange, Partitioning, QueryStage, SplitScan
from pyrite.sql.plans.plan import CachedRelation, LogicalPlan
from pyrite.sql.plans.semantics import semantic_key
from pyrite.sql.session_state import SessionState

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.sql.optimizer.distribution.estimates import Estimate

__all__ = ["ClusterPlan", "PlannedFragment", "prepared"]

#: Runs a small plan and yields its rows.
_Run = Callable[[LogicalPlan], Iterator["pa.RecordBatch"]]


def prepared(plan: LogicalPlan, cardinality: Cardinality, run: _Run) -> LogicalPlan:
    """Return a plan as exchanges are put into it, whose scans read no more than they have to.

    Args:
        plan: A resolved, optimized plan.
        cardinality: What is thought of sizes.
        run: Runs the small plans that choose among files and their parts.
    """
    return prune_row_groups(prune_partitions(prepare(plan, cardinality), run), run)


@dataclass(frozen=True)
class PlannedFragment:
    """A piece of a query that is one DuckDB query, in each of its tasks or in the driver.

    Attributes:
        number: From 1, in an order in which fragments can run.
        plan: What it computes; the rows of other fragments are ``QueryStage``s of their numbers.
        exchange: Where its rows go; None if the driver has use for them.
        tasks: How many tasks it has; None if it runs in the driver.
    """

    number: int
    plan: LogicalPlan
    exchange: Exchange | None
    tasks: int | None


class ClusterPlan:
    """The plan of a query that runs in tasks.

    Args:
        session: Whose query it is.
        plan: A resolved, optimized plan; ``is_distributed`` is true of it.
        run: Runs the small plans that planning asks for.

    Attributes:
        fragments: The pieces; one of them only if nothing is worth a task.
        tasks: How many tasks an exchange by keys is for.
    """

    def __init__(self, session: SessionState, plan: LogicalPlan, run: _Run) -> None:
        self._session = session
        self._run = run
        self._cardinality = Cardinality(self._known, Samples(run).passing_share)
        self._facts = cluster_facts(session, self.bytes_of)
        self._wholes: dict[int, LogicalPlan] = {}
        #: Their fragments' numbers, by their identity; and by their form, for those that are alike.
        self._exchanges: dict[int, int] = {}
        self._by_form: dict[str, int] = {}
        self.tasks = self._facts.tasks
        self.fragments: list[PlannedFragment] = []
        self.root = self.whole(self._planned(plan))

    def whole(self, stage: QueryStage) -> LogicalPlan:
        """Return what stands behind a ``QueryStage`` of the driver, with all its exchanges."""
        return self._wholes[stage.stage_id]

    def kept(self, stage: QueryStage) -> CachedRelation | None:
        """Return the kept rows that stand behind a ``QueryStage``, if they do."""
        whole = self._wholes.get(stage.stage_id)
        return whole if isinstance(whole, CachedRelation) else None

    def number(self, exchange: Exchange) -> int:
        """Return the number of the fragment below an exchange."""
        return self._exchanges[id(exchange)]

    def bytes_of(self, plan: LogicalPlan) -> int:
        """Return how large the rows of a plan are thought to be."""
        return int(self._cardinality.of(plan).bytes)

    def _known(self, plan: LogicalPlan) -> Estimate | None:
        if isinstance(plan, CachedRelation):
            return kept_estimate(plan, self._session, self._cardinality)
        if not isinstance(plan, QueryStage):
            return None
        return self._cardinality.of(self.whole(plan))

    def _kept_stage(self, relation: CachedRelation) -> QueryStage:
        """Return what stands for rows that executors keep; its number is none of a fragment."""
        estimate = self._cardinality.of(relation)
        number = -1 - len(self._wholes)
        self._wholes[number] = relation
        size, rows = int(estimate.bytes), int(estimate.rows)
        return QueryStage(number, Partitioning.UNKNOWN, (), relation.output, size, rows)

    def _planned(self, plan: LogicalPlan) -> QueryStage:
        """Plan what the driver runs by itself, and return what stands for its rows."""
        plan = prepared(plan, self._cardinality, self._run)
        apart = self._apart(with_kept_stages(plan, self._session, self._kept_stage, _as_it_is))
        whole = ensure_requirements(apart, self._facts)
        number = self._cut(whole, None)
        self._wholes[number] = whole
        return QueryStage(number, Partitioning.BROADCAST, (), plan.output, 0, 0, whole=True)

    def _apart(self, plan: LogicalPlan) -> LogicalPlan:
        """Put those parts of a plan aside that have run when the rest is planned."""

        def subquery(node: Expression) -> Expression:
            if not isinstance(node, SubqueryExpression) or outer_ids(node.plan):
                return node
            return with_plan(node, self._planned(node.plan))

        def below(child: LogicalPlan) -> LogicalPlan:
            if isinstance(plan, RUN_BELOW) and is_distributed(self._session, child):
                return self._planned(child)
            return self._apart(child)

        return plan.map_children(below).map_expressions(lambda e: e.transform_up(subquery))

    def _cut(self, plan: LogicalPlan, exchange: Exchange | None) -> int:
        """Note the fragments of a plan, and return the number of the topmost."""

        def stage(node: LogicalPlan) -> LogicalPlan:
            if not isinstance(node, Exchange):
                return node.map_children(stage)
            number = self._exchanges.get(id(node)) or self._cut(node.child, node)
            is_whole = node.partitioning is Partitioning.BROADCAST
            return QueryStage(
                number, node.partitioning, node.keys, node.output, 0, 0, whole=is_whole
            )

        piece = stage(plan)
        if exchange is None:
            return self._add(piece, None)
        form = semantic_key(replace(exchange, child=piece))
        number = self._by_form.get(form) or self._add(piece, exchange)
        self._by_form[form] = self._exchanges[id(exchange)] = number
        return number

    def _add(self, piece: LogicalPlan, exchange: Exchange | None) -> int:
        tasks = None
        if exchange is not None and (
            exchange.partitioning is not Partitioning.BROADCAST or _needs_tasks(piece)
        ):
            tasks = self.tasks if has_partitions(piece) else 1
        self.fragments.append(PlannedFragment(len(self.fragments) + 1, piece, exchange, tasks))
        return len(self.fragments)


def _as_it_is(plan: LogicalPlan) -> LogicalPlan:
    return plan


def _needs_tasks(plan: LogicalPlan) -> bool:
    """Whether a plan reads what only tasks can, or should."""
    return any(
        isinstance(node, SplitScan)
        or (isinstance(node, QueryStage) and node.partitioning.is_spread)
        for node in plan.walk()
    )
