"""Query stages: the exchanges of a plan run one by one, the rest is planned again after each.

    plan ──> ensure_requirements ──> the exchange that is ready and smallest ──> its tasks
      ^                                                                             │
      └──────────── a QueryStage in its place, whose size is known ─────────────────┘

until none is left; what remains is the driver's own fragment.
"""

from __future__ import annotations

import itertools
import os
import shutil
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import index
from typing import TYPE_CHECKING

from pyspark.resource import ResourceProfileBuilder, TaskResourceRequests

from pyrite.core.rdd.dependency import ShuffleDependency
from pyrite.core.rdd.shuffled import ShufflePart
from pyrite.core.shuffle import Partitioner, ShuffleHandle
from pyrite.sql.catalog.cache_manager import PARTITION_COLUMN, KeptStage
from pyrite.sql.errors import internal_error
from pyrite.sql.execution.cluster.assignments import Parts, Shuffled, assign
from pyrite.sql.execution.cluster.cluster_facts import cluster_facts, dealing_rules
from pyrite.sql.execution.cluster.cluster_plan import prepared
from pyrite.sql.execution.cluster.deliveries import Delivery, IntoBuckets, IntoFiles
from pyrite.sql.execution.cluster.fragment_rdd import FragmentRDD
from pyrite.sql.execution.cluster.kept_stages import kept_estimate, with_kept_stages
from pyrite.sql.execution.cluster.range_bounds import WANTED_KEYS, range_bounds
from pyrite.sql.execution.cluster.samples import Samples
from pyrite.sql.execution.cluster.stage_inputs import (
    ReadFile,
    ReadShuffle,
    stored,
    stored_schema,
)
from pyrite.sql.execution.cluster.stage_jobs import StageJobs
from pyrite.sql.execution.cluster.task_plans import bucketed, has_partitions, task_plans
from pyrite.sql.execution.expression_sql import column_name
from pyrite.sql.execution.fragment import Fragment, Input
from pyrite.sql.execution.fragment_writer import make_fragment
from pyrite.sql.execution.python.chunk import read_batches, write_batches
from pyrite.sql.expressions.expression import (
    Alias,
    Attribute,
    Expression,
    Literal,
    SubqueryExpression,
    new_expression_id,
)
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.optimizer.conditions import with_plan
from pyrite.sql.optimizer.distribution.cardinality import Cardinality
from pyrite.sql.optimizer.distribution.ensure_requirements import ensure_requirements
from pyrite.sql.optimizer.distribution.outer_references import outer_ids
from pyrite.sql.optimizer.distribution.splittable_stages import splittable_stages
from pyrite.sql.optimizer.join_strategy import hint_of
from pyrite.sql.plans.exchange import Exchange, Partitioning, QueryStage, SortKeys, SplitScan
from pyrite.sql.plans.plan import (
    CachedRelation,
    LocalRelation,
    LogicalPlan,
    Project,
)
from pyrite.sql.plans.semantics import semantic_key
from pyrite.sql.types import BINARY, INTEGER, to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.core.context import SparkContext
    from pyrite.core.shuffle import MapOutputStatistics
    from pyrite.sql.execution.stage import StageContext
    from pyrite.sql.optimizer.distribution.estimates import Estimate

__all__ = ["ClusterRun", "read_stage"]

_numbers = itertools.count()

#: How many more buckets there are than tasks, so that these can be dealt about the same.
_BUCKETS_PER_TASK = 4
#: With so many tasks there are no more: what a batch has for each of them becomes too little.
_MOST_BUCKETS = 64


@dataclass(frozen=True)
class _Written:
    """The rows of a stage.

    Attributes:
        schema: Their columns.
        dependency: The shuffle that holds them, if tasks do.
        sizes: For each map task of the shuffle, the bytes in each of its buckets.
        files: The driver's files that hold them otherwise, partition after partition.
        columns: Which of the columns are read, by position; None for all.
    """

    schema: pa.Schema
    dependency: ShuffleDependency | None = None
    sizes: Sequence[Sequence[int]] = ()
    files: tuple[str, ...] = ()
    columns: tuple[int, ...] | None = None


class ClusterRun:
    """The stages of one run of a query.

    Args:
        context: The run.
        run_in_driver: Runs a plan that needs no tasks, and yields its rows.
    """

    def __init__(
        self,
        context: StageContext,
        run_in_driver: Callable[[LogicalPlan], Iterator[pa.RecordBatch]],
    ) -> None:
        self._context = context
        self._spark: SparkContext = context.session.shared.context
        shape = self._spark.cluster_shape
        assert shape is not None
        self._tasks = shape.executors
        #: A task has all cores of its executor: DuckDB uses them.
        self._profile = (
            ResourceProfileBuilder().require(TaskResourceRequests().cpus(shape.cores)).build
        )
        self._rules = dealing_rules(context.session)
        #: Into how many buckets rows are hashed.
        self._buckets = self._tasks
        if self._rules.coalesces and self._tasks > 1:
            most = min(_BUCKETS_PER_TASK * self._tasks, _MOST_BUCKETS)
            self._buckets = max(self._tasks, most)
        self._run_in_driver = run_in_driver
        self._jobs = StageJobs(context)
        self._written: dict[int, _Written] = {}
        #: What is known of the rows of stages, as they are named in the plan.
        self._measured: dict[QueryStage, Estimate] = {}
        #: The stages by the form of their exchange.
        self._by_form: dict[str, QueryStage] = {}
        #: The ids of stages of kept rows, by the table and its columns that are read.
        self._kept: dict[tuple[str, tuple[str, ...]], int] = {}
        self._cardinality = Cardinality(self._known, Samples(run_in_driver).passing_share)
        self._directory = os.path.join(self._spark.local_dir, f"query-{next(_numbers)}")

    def close(self) -> None:
        """Let go of the rows of all stages."""
        self._written.clear()
        shutil.rmtree(self._directory, ignore_errors=True)

    def progress(self, last: float) -> float:
        """Return the share of the work that is done, from 0 to 1.

        Args:
            last: What share is done of what the driver does after all exchanges.
        """
        return self._jobs.progress(last)

    def run(self, plan: LogicalPlan) -> LogicalPlan:
        """Run all exchanges of a plan.

        Args:
            plan: A resolved, optimized plan.

        Returns:
            What is left for the driver: it reads the rows of stages.
        """
        return self._run_all(plan, stays=False)

    def run_in_tasks(self, plan: LogicalPlan) -> LogicalPlan:
        """Run all exchanges of a plan, and leave its rows in the tasks that compute them.

        Args:
            plan: A resolved, optimized plan.

        Returns:
            The stage, which ``keep`` takes; or what is left for the driver, if the rows come from
            there.
        """
        return self._run_all(plan, stays=True)

    def has_one_exchange(self, plan: LogicalPlan) -> bool:
        """Whether tasks compute all of a plan, without rows from each other."""
        facts = cluster_facts(self._context.session, self._bytes_of)
        planned = ensure_requirements(plan, facts)
        return isinstance(planned, Exchange) and not _has_exchange(planned)

    def keep(self, stage: QueryStage) -> KeptStage:
        """Return the rows of a stage for who keeps them longer than this run lasts.

        The run is not closed then: its files may be needed to compute the rows again, and go
        with them.
        """
        written = self._written.pop(stage.stage_id)
        assert written.dependency is not None
        weakref.finalize(written.dependency, shutil.rmtree, self._directory, ignore_errors=True)
        return KeptStage(written.dependency, written.schema, written.sizes, self._measured[stage])

    def _run_all(self, plan: LogicalPlan, stays: bool) -> LogicalPlan:
        facts = cluster_facts(self._context.session, self._bytes_of)
        plan = self._with_values(prepared(plan, self._cardinality, self._run_in_driver))
        plan = with_kept_stages(plan, self._context.session, self._kept_stage, self._kept_rows)
        while True:
            plan = ensure_requirements(plan, facts)
            if stays and isinstance(plan, Exchange):
                plan = replace(plan, partitioning=Partitioning.UNKNOWN)
            ready = [n for n in plan.walk() if isinstance(n, Exchange) and not _has_exchange(n)]
            if not ready:
                return plan
            self._jobs.expect(sum(isinstance(node, Exchange) for node in plan.walk()))
            chosen = ready[0]
            if len(ready) > 1:  # what is estimated may have to be tried
                chosen = min(ready, key=lambda exchange: facts.bytes_of(exchange.child))
            plan = _replaced(plan, chosen, self._stage_of(chosen))
            if stays and isinstance(plan, QueryStage):
                return plan

    def _with_values(self, plan: LogicalPlan) -> LogicalPlan:
        """Return a plan whose subqueries, as far as they are by themselves, are rows that came."""

        def computed(node: Expression) -> Expression:
            if not isinstance(node, SubqueryExpression) or outer_ids(node.plan):
                return node
            return with_plan(node, self._computed(node.plan))

        return plan.transform_up(
            lambda operator: operator.map_expressions(lambda e: e.transform_up(computed))
        )

    def _computed(self, plan: LogicalPlan) -> LogicalPlan:
        """Run a plan that is read by several tasks, and return its rows as a plan."""
        import pyarrow as pa

        batches = self._run_in_driver(self.run(plan))
        table = pa.Table.from_batches(batches, to_arrow_schema(plan.schema))
        return LocalRelation(plan.output, table)

    def _kept_stage(self, relation: CachedRelation) -> QueryStage:
        """Return what reads rows that executors keep."""
        kept = self._context.session.shared.cache.kept(relation.key)
        if kept is None or kept.stage is None:
            raise internal_error(
                f"The rows of {relation.key} were released while a query read them."
            )
        stage_id = self._kept.setdefault((relation.key, relation.columns), next(_numbers))
        rows = kept.stage
        names = [*kept.columns, PARTITION_COLUMN]
        columns = tuple(map(names.index, relation.columns))
        self._written[stage_id] = _Written(
            rows.schema, rows.dependency, rows.sizes, columns=columns or None
        )
        count, attributes = int(rows.estimate.rows), relation.attributes
        stage = QueryStage(stage_id, Partitioning.UNKNOWN, (), attributes, rows.bytes, count)
        estimate = self._known(relation)
        assert estimate is not None
        self._measured[stage] = estimate
        return stage

    def _kept_rows(self, relation: CachedRelation) -> QueryStage:
        """Return what reads rows that executors keep in the driver."""
        stage = self._kept_stage(relation)
        return self._stage_of(Exchange(Partitioning.SINGLE, (), stage))

    def _known(self, plan: LogicalPlan) -> Estimate | None:
        if isinstance(plan, CachedRelation):
            return kept_estimate(plan, self._context.session, self._cardinality)
        if not isinstance(plan, QueryStage):
            return None
        return self._measured.get(replace(plan, whole=False))

    def _bytes_of(self, plan: LogicalPlan) -> int:
        if isinstance(plan, QueryStage):
            return plan.bytes
        estimate = self._cardinality.of(plan)
        return int(estimate.bytes)

    # One exchange

    def _stage_of(self, exchange: Exchange) -> QueryStage:
        """Return the rows of an exchange: those of a like one, if it has run, else its own."""
        form = semantic_key(exchange)
        known = self._by_form.get(form)
        if known is None:
            stage = self._by_form[form] = self._run(exchange)
        else:
            hint = hint_of(exchange.child)
            stage = replace(known, keys=exchange.keys, attributes=exchange.output, hint=hint)
        if exchange.partitioning is not Partitioning.SINGLE:
            estimate = self._cardinality.of(exchange.child)
            self._measured[stage] = estimate.with_rows(stage.rows)
        return stage

    def _run(self, exchange: Exchange) -> QueryStage:
        child = exchange.child
        if not child.output:
            child = Project((Alias(Literal(1, INTEGER), "nothing"),), child)
        schema = to_arrow_schema(child.schema)
        parts = self._parts(child)
        stage_id = next(_numbers)
        size = rows = 0
        if exchange.partitioning is Partitioning.BROADCAST and not self._needs_tasks(child):
            path = self._file(f"{stage_id}.arrow")
            rows = write_batches(path, self._run_in_driver(child))
            size = os.path.getsize(path)
            written = _Written(schema, files=(path,))
        elif exchange.partitioning is Partitioning.SINGLE:
            written, rows = self._gathered(child, parts, exchange.text(pretty))
        else:
            written, statistics = self._shuffled(exchange, child, parts, schema)
            size, rows = sum(statistics.bytes_by_partition), statistics.records
        self._jobs.count_done()
        self._written[stage_id] = written
        return QueryStage(
            stage_id,
            exchange.partitioning,
            exchange.keys,
            exchange.child.output,
            size,
            rows,
            hint=hint_of(exchange.child),
        )

    def _needs_tasks(self, plan: LogicalPlan) -> bool:
        """Whether a plan reads what only tasks can, or should."""
        return any(
            isinstance(node, SplitScan)
            or (
                isinstance(node, QueryStage) and self._written[node.stage_id].dependency is not None
            )
            for node in plan.walk()
        )

    def _parts(self, plan: LogicalPlan) -> list[Parts]:
        """Return what each task reads of the stages in a plan that tasks read parts of."""
        if not has_partitions(plan):
            return [{}]
        inputs = {
            node.stage_id: Shuffled(node.partitioning, self._written[node.stage_id].sizes)
            for node in plan.walk()
            if isinstance(node, QueryStage) and not node.whole
        }
        least = 1 if plan.find(SplitScan) is None else self._tasks
        return assign(inputs, self._rules, splittable_stages(plan), least)

    def _gathered(self, plan: LogicalPlan, parts: list[Parts], name: str) -> tuple[_Written, int]:
        into = IntoFiles(self._file(f"rows-{next(_numbers)}"))
        rdd, fragment = self._rdd(plan, parts, into)
        rows = sum(self._jobs.counts(rdd, name, fragment))
        files = tuple(map(into.path, range(len(parts))))
        return _Written(to_arrow_schema(plan.schema), files=files), rows

    def _bounds(self, exchange: Exchange, parts: list[Parts]) -> tuple[bytes, ...]:
        """Look at some of an exchange's rows, and return where the ranges of its keys begin."""
        rows = max(1.0, self._cardinality.of(exchange.child).rows)
        share = min(1.0, WANTED_KEYS * self._tasks / rows)
        key = Attribute("key", BINARY, False, new_expression_id())
        keys_of = SortKeys(exchange.keys, share, key, exchange.child)
        written, _ = self._gathered(keys_of, parts, f"Sample of {exchange.text(pretty)}")
        batches = (batch for path in written.files for batch in read_batches(path))
        keys = (value for batch in batches for value in batch.column(0).to_pylist())
        return range_bounds(keys, self._buckets)

    def _shuffled(
        self, exchange: Exchange, child: LogicalPlan, parts: list[Parts], schema: pa.Schema
    ) -> tuple[_Written, MapOutputStatistics]:
        buckets, bounds = 1, None
        if exchange.partitioning is Partitioning.HASH:
            buckets = self._buckets
        elif exchange.partitioning is Partitioning.RANGE:
            bounds = self._bounds(exchange, parts)
            buckets = len(bounds) + 1
        rows = bucketed(exchange.keys, buckets, child, bounds)
        rdd, fragment = self._rdd(rows, parts, IntoBuckets(buckets))
        handle = ShuffleHandle(
            self._spark.next_shuffle_id(), len(parts), Partitioner(buckets, index), of_buffers=True
        )
        dependency = ShuffleDependency(rdd, handle)
        statistics = self._jobs.map_outputs(dependency, exchange.text(pretty), fragment)
        return _Written(schema, dependency, statistics.sizes), statistics

    def _file(self, name: str) -> str:
        os.makedirs(self._directory, exist_ok=True)
        return os.path.join(self._directory, name)

    def _rdd(
        self, plan: LogicalPlan, parts: list[Parts], delivery: Delivery
    ) -> tuple[FragmentRDD, Fragment]:
        """Return the tasks that compute a plan, and what one of them runs."""
        read = [self._written[n.stage_id] for n in plan.walk() if isinstance(n, QueryStage)]
        dependencies = [written.dependency for written in read if written.dependency is not None]
        fragments = [
            self._fragment(task_plan, part)
            for task_plan, part in zip(task_plans(plan, len(parts)), parts, strict=True)
        ]
        rdd = FragmentRDD(self._spark.next_rdd_id(), dependencies, fragments, delivery)
        rdd.resource_profile = self._profile
        return rdd, fragments[0]

    def _fragment(self, plan: LogicalPlan, parts: Parts) -> Fragment:
        return make_fragment(
            self._context.session,
            plan,
            partial(self._input, parts),
            self._context.wide_decimals,
            runs_again=True,
        )

    def _input(self, parts: Parts, stage: LogicalPlan) -> Input:
        """Return how a task reads the rows of a stage."""
        assert isinstance(stage, QueryStage)
        written = self._written[stage.stage_id]
        names = _names(stage, written)
        name = f"stage_{stage.stage_id}_{next(_numbers)}"  # each is read once
        if written.dependency is None:
            (path,) = written.files
            return Input(name, ReadFile(path, written.schema, names))
        handle = written.dependency.handle
        everything = ShufflePart(0, range(handle.partitioner.numPartitions))
        part = everything if stage.whole else parts[stage.stage_id]
        return Input(name, ReadShuffle(handle, part, written.schema, names, written.columns))

    # What the driver reads

    def rows(self, stage: QueryStage) -> pa.RecordBatchReader:
        """Return the rows of a stage for the driver."""
        import pyarrow as pa

        written = self._written[stage.stage_id]
        schema = stored_schema(written.schema, _names(stage, written))
        batches = (stored(b, schema) for path in written.files for b in read_batches(path))
        return pa.RecordBatchReader.from_batches(schema, batches)


def read_stage(context: StageContext, stage: QueryStage) -> pa.RecordBatchReader:
    """Return the rows of a stage for a fragment of the driver."""
    assert context.stages is not None
    return context.stages.rows(stage)


def _has_exchange(exchange: Exchange) -> bool:
    """Whether another exchange has to run before this one."""
    return exchange.child.find(Exchange) is not None


def _replaced(plan: LogicalPlan, old: LogicalPlan, new: LogicalPlan) -> LogicalPlan:
    if plan is old:
        return new
    return plan.map_children(lambda child: _replaced(child, old, new))


def _names(stage: QueryStage, written: _Written) -> list[str]:
    """Return what the columns of a stage are called in SQL; there is one at least."""
    return [column_name(a) for a in stage.attributes] or list(written.schema.names)
